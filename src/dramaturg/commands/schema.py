"""``dramaturg schema``: the JSON Schema of a scenario file, for editors."""

from __future__ import annotations

from typing import Literal

import click


@click.command(short_help="Print the JSON Schema of scenario files.")
@click.option("--scenario", "kind", flag_value="scenario", help="Of scenarios alone.")
@click.option("--module", "kind", flag_value="module", help="Of modules alone.")
def schema(kind: Literal["scenario", "module"] | None) -> None:
    """Print the JSON Schema (2020-12) of scenario files and modules.

    Editors complete and explain with it: save it, and begin a file with `# yaml-language-server: $schema=FILE`. The messages
    of `check` are better, and it sees far more.
    """
    from dramaturg.commands.screen import write
    from dramaturg.dsl.format import jsonschema

    write(jsonschema.text(kind or "any"))

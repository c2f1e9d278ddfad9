"""``dramaturg schema``: the JSON Schema of a scenario file, for editors."""

from __future__ import annotations

import click


@click.command(short_help="Print the JSON Schema of scenario files.")
def schema() -> None:
    """Print the JSON Schema of scenario files and modules.

    Editors complete and check with it; the messages of `check` are better, and it sees far more.
    """
    from dramaturg.commands.screen import write
    from dramaturg.dsl import jsonschema

    write(jsonschema.text())

"""``dramaturg import``: other people's data as a module that a scenario can use. One subcommand per importer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dramaturg.commands.outcome import FINDINGS, REFUSED, Outcome

if TYPE_CHECKING:
    from dramaturg.dsl.importers import Importer


class Importers(click.Group):
    """The registry of importers as a group, asked only when somebody imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from dramaturg.dsl.importers import IMPORTERS

        return sorted(IMPORTERS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from dramaturg.dsl.importers import IMPORTERS

        importer = IMPORTERS.get(cmd_name)
        return None if importer is None else _command(importer)


@click.group("import", cls=Importers)
def importing() -> None:
    """Bring in other people's data as a module of this language."""


def _command(importer: Importer) -> click.Command:
    def run(path: Path, out: Path | None, **given: str | None) -> None:
        if not path.exists():
            raise Outcome(REFUSED, f"there is no {path}")
        bring(importer, path, out, {name: value for name, value in given.items() if value is not None})

    return click.Command(
        importer.name,
        params=[
            click.Argument(["path"], type=click.Path(path_type=Path)),
            click.Option(["-o", "--out"], type=click.Path(path_type=Path), help="The file to write; else stdout."),
            *(
                click.Option([f"--{option.name}", option.name], help=option.about, required=option.required)
                for option in importer.options
            ),
        ],
        callback=run,
        help=f"{importer.about}\n\nPATH is {importer.reads}.",
    )


def bring(importer: Importer, path: Path, out: Path | None, options: dict[str, str]) -> None:
    """Run one importer, say on stderr what it had to decide, and write the module."""
    from dramaturg.commands.screen import colour, write
    from dramaturg.dsl.messages.present import present, summary
    from dramaturg.runtime.journal import atomic_write

    imported = importer.run(path, options)
    sys.stderr.write(present(imported.diagnostics, colour=colour(sys.stderr)))
    if imported.text is None:
        raise Outcome(FINDINGS, f"{path} was not imported: {summary(imported.diagnostics)}")
    if out is None:
        write(imported.text)
    else:
        atomic_write(out, imported.text)

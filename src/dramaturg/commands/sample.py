"""``dramaturg sample``: count the persons of a scenario and draw some."""

from __future__ import annotations

from pathlib import Path

import click

from dramaturg.commands.outcome import REFUSED, Outcome


@click.command(short_help="Count the persons of a scenario, and draw some.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(0, 100_000), default=3, show_default=True, help="How many to draw.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="What the draws depend on.")
@click.option("--person", "who", default="", metavar="NAME", help="Of which member of the cast to tell.")
@click.option("--distinct", is_flag=True, help="Draw nobody twice.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
def sample(file: Path, count: int, seed: int, who: str, distinct: bool, form: str) -> None:
    """Count the persons that the scenario in FILE allows, and draw some of them.

    A person is a value of each parameter and of each trait that varies, and the concerns that she has. Counts and probabilities
    are exact, however many there are. The draws depend on the scenario's name and the seed alone.
    """
    from dramaturg.commands.library import peopled
    from dramaturg.commands.screen import write
    from dramaturg.compiler.roster import roster
    from dramaturg.runtime.record import canonical

    try:
        found = roster(peopled(file), count, seed, distinct=distinct, who=who)
    except ValueError as error:
        raise Outcome(REFUSED, str(error)) from error
    match form:
        case "json":
            write(canonical(found.record()))
        case "csv":
            write(found.table())
        case _:
            write(found.text())

"""``dramaturg check``: everything that is wrong with scenarios, from the bytes of a file to the proofs on its graph."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dramaturg.commands.outcome import FINDINGS, Outcome

if TYPE_CHECKING:
    from dramaturg.dsl.diagnostics import Diagnostic

FORMS = ("full", "concise", "json", "sarif", "github")


@click.command(short_help="Say what is wrong with scenarios, and prove what they claim.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMS), default="full", show_default=True, help="How to print it.")
@click.option("--strict", is_flag=True, help="Warnings count as findings too.")
@click.option("--max-states", type=click.IntRange(min=1), metavar="N", help="How many states a graph may have.")
@click.option("--no-cache", is_flag=True, help="Check anew, whatever was found before.")
def check(paths: tuple[Path, ...], form: str, strict: bool, max_states: int | None, no_cache: bool) -> None:
    """Say what is wrong with the scenarios in PATHS, and prove what they claim.

    Findings go to stdout; exit 1 means that there are errors. `dramaturg explain CODE` says more about each.
    """
    from dramaturg.commands import library
    from dramaturg.commands.screen import colour
    from dramaturg.dsl.present import in_order, present, summary

    files = library.find(paths)
    found: list[Diagnostic] = []
    wrong = 0
    for path in files:
        said = library.check(path, max_states=max_states, cached=not no_cache)
        bad = [item for item in said if item.severity == "error" or (strict and item.severity == "warning")]
        wrong += bool(bad)
        found += said
    # What several scenarios bring in with ``uses`` is said once.
    unique = list({(item.code, item.span, item.message): item for item in in_order(found)}.values())
    sys.stdout.write(present(unique, form, colour=form == "full" and colour(sys.stdout)))
    count = f"{len(files)} scenario{'' if len(files) == 1 else 's'}"
    if wrong:
        raise Outcome(FINDINGS, f"{summary(unique)} in {count}")
    print(f"{count} checked: {summary(unique) or 'nothing to say'}", file=sys.stderr)

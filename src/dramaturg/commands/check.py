"""``dramaturg check``: everything that is wrong with scenarios, from the bytes of a file to the proofs on its graph."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dramaturg.commands.outcome import FINDINGS, REFUSED, Outcome

if TYPE_CHECKING:
    from dramaturg.dsl.diagnostics import Diagnostic

FORMS = ("full", "concise", "json", "sarif", "github")


@click.command(short_help="Say what is wrong with scenarios, and prove what they claim.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMS), default="full", show_default=True, help="How to print it.")
@click.option("--strict", is_flag=True, help="Warnings count as findings too.")
@click.option("--fix", is_flag=True, help="Repair what can be repaired beyond doubt, and say what is left.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and write nothing.")
@click.option("--unsafe-fixes", "unsafe", is_flag=True, help="Repair also where something is taken away or guessed.")
@click.option("--max-states", type=click.IntRange(min=1), metavar="N", help="How many states a graph may have.")
@click.option("--no-cache", is_flag=True, help="Check anew, whatever was found before.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes at once.  [default: one per core]")
def check(
    paths: tuple[Path, ...],
    form: str,
    strict: bool,
    fix: bool,
    diff: bool,
    unsafe: bool,
    max_states: int | None,
    no_cache: bool,
    jobs: int | None,
) -> None:
    """Say what is wrong with the scenarios in PATHS, and prove what they claim.

    Findings go to stdout; exit 1 means that there are errors. `dramaturg explain CODE` says more about each.
    """
    from dramaturg.commands import library
    from dramaturg.commands.remembered import open_memory
    from dramaturg.commands.screen import colour
    from dramaturg.dsl.messages.present import in_order, present, summary

    if unsafe and not (fix or diff):
        raise Outcome(REFUSED, "--unsafe-fixes goes with --fix or --diff")
    gc.freeze()  # what is imported stays: no collection need look through it again
    memory = open_memory(cached=not (no_cache or fix or diff))
    files = library.find(paths, memory)
    found: list[Diagnostic] = []
    if fix or diff:
        from dramaturg.commands import mending

        changed, found, done = mending.mend(files, max_states=max_states, unsafe=unsafe)
        if diff:
            mending.show(changed)
        else:
            mending.write(changed, done)
    else:
        try:
            for said in library.check(files, memory, max_states=max_states, processes=jobs or os.cpu_count() or 1):
                found += said
        finally:
            memory.save()
    # What several scenarios bring in with ``uses`` is said once.
    unique = list({(item.code, item.span, item.message): item for item in in_order(found)}.values())
    wrong = any(item.severity == "error" or (strict and item.severity == "warning") for item in unique)
    count = f"{len(files)} scenario{'' if len(files) == 1 else 's'}"
    if diff:
        # Stdout is the diff, here an empty one: findings are for a run without --diff.
        if wrong:
            raise Outcome(FINDINGS, f"there is nothing to repair; {summary(unique)} left in {count}")
        print(f"{count} checked: nothing to repair", file=sys.stderr)
        return
    sys.stdout.write(present(unique, form, colour=form == "full" and colour(sys.stdout)))
    if wrong:
        offered = 0 if fix else sum(any(one.safe for one in item.fixes) for item in unique)
        hint = f"; --fix repairs {offered}" if offered else ""
        raise Outcome(FINDINGS, f"{summary(unique)} {'left ' if fix else ''}in {count}{hint}")
    print(f"{count} checked: {summary(unique) or 'nothing to say'}", file=sys.stderr)

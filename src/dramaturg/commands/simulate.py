"""``dramaturg simulate``: play one episode, with an agent or by hand, and print it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dramaturg.commands.outcome import NOTHING, REFUSED, Outcome

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled
    from dramaturg.runtime.trace import Trace


DRAWN = "drawn"


@click.command(short_help="Play one episode, with an agent or by hand.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--agent",
    "name",
    default="oracle",
    show_default=True,
    help="oracle, silent, eager, random, script:FILE, local:PATH or chat:MODEL.",
)
@click.option(
    "--binding",
    "wanted",
    multiple=True,
    metavar="N|NAME=VALUE|drawn",
    help="The person: the number of a binding, from 0, some of its values, or whom the seed draws.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="What chance depends on.")
@click.option("-i", "--interactive", is_flag=True, help="You play the agent.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A transcript, or the trace as JSON.",
)
def simulate(file: Path, name: str, wanted: tuple[str, ...], seed: int, interactive: bool, form: str) -> None:
    """Play one episode of the scenario in FILE on its virtual clock.

    The transcript goes to stdout. Chance depends on the scenario, the binding and the seed alone, so the same command
    prints the same episode.
    """
    from dramaturg.commands.library import compiled
    from dramaturg.commands.screen import write
    from dramaturg.runtime.agents import agent
    from dramaturg.runtime.episode import AgentFailure, play
    from dramaturg.runtime.narration import narrate
    from dramaturg.runtime.record import to_json

    made = compiled(file)
    binding = choose(made, wanted, seed)
    trace: Trace | None
    if interactive:
        from dramaturg.runtime.interactive import perform

        # The scene goes where the person looks; with --format json stdout is for the trace alone.
        trace = perform(made, binding, seed, sys.stdin, sys.stderr if form == "json" else sys.stdout)
        if trace is None:
            raise Outcome(NOTHING, "the episode was left before its end")
    else:
        try:
            trace = play(made, binding, agent(name), seed)
        except ValueError as error:
            raise Outcome(REFUSED, str(error)) from error
        except AgentFailure as error:
            raise Outcome(REFUSED, str(error)) from error
        if form == "text":
            write(narrate(trace, made.scenario))
    if form == "json":
        write(to_json(trace))


def choose(made: Compiled, wanted: tuple[str, ...], seed: int = 0) -> int:
    """The first binding that has the values asked for: a number, or ``NAME=VALUE`` as the scenario would write the
    value. With ``drawn`` one of those that have them, by how likely each is."""
    from dramaturg.dsl.expressions.amounts import show

    bindings, chances = made.semantics.bindings, made.semantics.chances
    drawn, wanted = DRAWN in wanted, tuple(item for item in wanted if item != DRAWN)
    if not wanted:
        return _drawn(made, range(len(bindings)), chances, seed) if drawn else 0
    if len(wanted) == 1 and wanted[0].isdigit():
        if int(wanted[0]) < len(bindings):
            return int(wanted[0])
        raise Outcome(REFUSED, f"there is no binding {wanted[0]}: {made.scenario.name} has {len(bindings)}, from 0")
    variables = made.scenario.variables
    asked: dict[str, str] = {}
    for item in wanted:
        parameter, equals, value = item.partition("=")
        if not equals or parameter not in bindings[0]:
            known = ", ".join(bindings[0]) or "none"
            raise Outcome(
                REFUSED, f"{item!r} is no binding; write a number or NAME=VALUE, with a parameter of these: {known}"
            )
        asked[parameter] = value.strip()
    those = [
        index
        for index, binding in enumerate(bindings)
        if all(
            show(binding[name], variables[name].type).casefold() == value.casefold() for name, value in asked.items()
        )
    ]
    if those:
        return _drawn(made, those, chances, seed) if drawn else those[0]
    name, value = next(iter(asked.items()))
    allowed = dict.fromkeys(show(binding[name], variables[name].type) for binding in bindings)
    raise Outcome(REFUSED, f"no binding has {', '.join(wanted)}; {name} may be {', '.join(allowed)}")


def _drawn(made: Compiled, those: Sequence[int], chances: Sequence[float], seed: int) -> int:
    """One of these bindings, each as likely as its share of them all."""
    from dramaturg.compiler.chance import Stream, key

    chance = Stream(key(made.scenario.name, "binding", seed))
    return those[chance.pick(0, [chances[index] for index in those])]

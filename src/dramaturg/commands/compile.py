"""``dramaturg compile``: what becomes of a scenario, in figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled

LEVELS = (
    "no good end",
    "a good end after a violation",
    "a clean good end with help",
    "safe, and a clean good end with help",
)


@click.command("compile", short_help="Print how large the solved graphs of scenarios are.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def compiling(paths: tuple[Path, ...], form: str) -> None:
    """Compile the scenarios in PATHS and print how large their solved graphs are.

    Nothing is written: `graph` prints a graph, `build` writes everything.
    """
    from dramaturg.commands.library import compiled, find
    from dramaturg.commands.screen import write
    from dramaturg.runtime.record import canonical

    for path in find(paths):
        figures = measure(compiled(path))
        if form == "json":
            write(canonical(figures))
        else:
            write("\n".join(f"{name:<44} {value}" for name, value in figures.items()) + "\n")


def measure(made: Compiled) -> dict[str, str | int | float | bool]:
    """The figures of one compiled scenario, by what they are called."""
    from dramaturg.compiler.graph import AGENT

    graph, solution = made.graph, made.solution
    agent = graph.owner == AGENT
    figures: dict[str, str | int | float | bool] = {
        "scenario": graph.scenario.name,
        "bindings": len(graph.bindings),
        "states": len(graph),
        "moves": len(graph.edges),
        "turns of the agent": int(agent.sum()),
        "acceptable acts": int(solution.acceptable.sum()),
        "moves that are violations": int(graph.violating.sum()),
        "tick (ms)": graph.tick,
        "probabilities are exact": graph.exact,
        "chance of a clean good end": round(float(solution.value[0]), 6),
    }
    for level, name in enumerate(LEVELS):
        figures[f"agent turns with {name}"] = int((solution.level[agent] == level).sum())
    return figures

"""``dramaturg graph``: the state graph of a scenario, as a picture or as data."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Print the state graph of a scenario.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot", "graphml"]),
    default="mermaid",
    show_default=True,
    help="How to write it.",
)
def graph(file: Path, form: str) -> None:
    """Print the state graph of the scenario in FILE.

    Mermaid and DOT are for looking at, GraphML carries every annotation: actor, event, guard, effect, delay, chance,
    violations and place of each move, and the labels of the agent's turns.
    """
    from dramaturg.commands.library import compiled
    from dramaturg.commands.screen import write
    from dramaturg.compiler import render

    made = compiled(file)
    write(render.RENDERERS[form](made.graph, made.solution))

"""Grids: fixed amounts that lie between the steps of the name that they are meant for.

Nothing is wrong with such an amount, but nothing that is drawn or walks in steps ever comes to it, so it is told. What is only
compared by order may lie anywhere.
"""

from __future__ import annotations

from dramaturg.dsl.elaboration.place import Place
from dramaturg.dsl.expressions import amounts
from dramaturg.dsl.expressions.surface import Surface
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Number


def off_step(value: int, tree: Surface, kind: Number, place: Place, declared: Span | None = None) -> None:
    """Warn of an amount that lies between two values of the grid that was declared."""
    near = amounts.neighbours(value, kind)
    if not near:
        return
    said = [amounts.show(one, kind) for one in near]
    assert kind.step is not None, "an amount off the step has one"
    place.say(
        "off-step",
        tree.at,
        f"`{place.text(tree.at)}` lies between the steps of {amounts.show(kind.step, kind)}; there is {' and '.join(said)}",
        labels=[(declared, "declared here")],
        fixes=[(f"write `{text}`", ((tree.at, text),)) for text in said],
        safe=False,
    )

"""Braces in texts that show nothing: only wordings are templates, and whatever else is read by somebody is read as it stands.

`says: It may cost {{ limit | money }}.` would be said with its braces, and an agent would read those in its role. In a
module such a text may show what the module was given; what is left here stands for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dramaturg.dsl.declarations.inventory import Inventory, entries, scalar
from dramaturg.dsl.diagnostics import Diagnostic, diagnose
from dramaturg.dsl.tree import Map, Node, Scalar

_BRACES = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")


def check(found: Inventory) -> Iterator[Diagnostic]:
    """One warning for each text that holds a placeholder and shows none."""
    for text, shift in _texts(found):
        match = _BRACES.search(text.text)
        if match is not None:
            note = "leave `says` out and write it under `words`, for the move that tells the shift"
            yield diagnose(
                "unshown-placeholder",
                text.part(*match.span()),
                "only wordings show what stands between braces; this text is read out as it stands",
                notes=[note] if shift else [],
            )


def _texts(found: Inventory) -> Iterator[tuple[Scalar, bool]]:
    """The texts that somebody reads and that are no wordings; with each, whether a shift says it."""
    plain: list[Node | None] = [found.tree.get("about"), *_under(found.tree.get("agent"), "role")]
    for act in entries(next(iter(_under(found.tree.get("agent"), "acts")), None)):
        plain += _under(act.value, "about")
    plain += [body.get("needs") for _, body in found.people()]
    for entry in found.section("concerns"):
        plain += [*_under(entry.value, "story"), *_under(entry.value, "says")]
    for entry in found.section("personas"):
        for background in _under(entry.value, "background"):
            if not isinstance(background, Map):
                plain.append(background)
            for one in entries(background):
                plain += [one.value, *_under(one.value, "text")]
    yield from ((text, False) for node in plain if (text := scalar(node)) is not None)
    for entry in found.section("shifts"):
        yield from ((text, True) for node in _under(entry.value, "says") if (text := scalar(node)) is not None)


def _under(node: Node | None, key: str) -> list[Node]:
    return [entry.value for entry in entries(node) if entry.key.text == key]

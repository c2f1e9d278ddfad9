"""Exchanged values: two keys of one map that each have what the other one takes.

``{after: FAILED, go: 10m}`` is complained of twice, and is one slip. It is looked for where values of a map are complained of;
what a value can be is told by its looks alone (a time, a state, an event, a share), never by what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq

_TIME = r"-?\d+(\.\d+)? ?(ms|s|m|h|d|w|turns?)"
_STATE = r"[A-Z][A-Z0-9_]*"
_EVENT = r"[a-z]\w*(\.\w+)*(\(.*\))?"
_SHARE = r"\d+(\.\d+)? ?%"
_ELSE = rf"(?!{_TIME}$|{_STATE}$|{_SHARE}$).+"
LOOKS = {
    **dict.fromkeys(("within", "after", "takes", "horizon", "pace", "at", "lasts"), _TIME),
    **dict.fromkeys(("when", "if", "until", "surfaces", "eased", "hardens"), _ELSE),
    **dict.fromkeys(("expect", "otherwise", "allow", "to", "as", "emit", "do"), _EVENT),
    "go": _STATE,
    "chance": _SHARE,
    "turns": r"\d+",
    "kind": r"says|does|silent",
    "about": r".+",
}
"""What the values of some keys look like."""


def exchanged(said: Sequence[Diagnostic], tree: Node) -> list[Diagnostic]:
    """What is said, with one diagnostic for two values that stand in each other's place."""
    out = list(said)
    lines = {(it.span.path, it.span.line) for it in said if it.severity == "error"}
    for body in _maps(tree):
        leaves = [it for it in body.entries if isinstance(it.value, Scalar) and it.key.text in LOOKS]
        hit = [it for it in leaves if (it.value.span.path, it.value.span.line) in lines]
        if not hit:
            continue
        for one, two in combinations(leaves, 2):
            about = [it for it in out if _within(it, one) or _within(it, two)]
            if about and _swapped(one, two):
                out = [_told(one, two), *(it for it in out if it not in about)]
    return out


def _maps(tree: Node) -> Iterator[Map]:
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, Map):
            yield node
            todo.extend(entry.value for entry in node.entries if not isinstance(entry.value, Scalar))
        elif isinstance(node, Seq):
            todo.extend(item for item in node.items if not isinstance(item, Scalar))


def _within(said: Diagnostic, entry: Entry) -> bool:
    at = entry.value.span
    return said.span.path == at.path and at.start <= said.span.start and said.span.end <= at.end


def _swapped(one: Entry, two: Entry) -> bool:
    first, second = (re.compile(LOOKS[it.key.text], re.DOTALL).fullmatch for it in (one, two))
    left, right = (it.value.text if isinstance(it.value, Scalar) else "" for it in (one, two))
    # Any text may be what something is about; every other value has to be wrong where it stands.
    wrong = [it for it, fits in ((one, first(left)), (two, second(right))) if fits is None]
    texts = [it for it in (one, two) if it.key.text == "about"]
    return len(wrong) + len(texts) == 2 and first(right) is not None and second(left) is not None


def _told(one: Entry, two: Entry) -> Diagnostic:
    message = f"`{one.key.text}` and `{two.key.text}` have each other's values"
    edits = ((one.value.span, two.value.span.text), (two.value.span, one.value.span.text))
    labels = [Label(two.value.span, "this one belongs there")]
    return diagnose("exchanged-values", one.value.span, message, labels=labels, fixes=[Fix("exchange them", edits)])

"""Manners: what a persona brings to the person who has it, beside who she is: moves, moods, and what she answers.

A shopper who haggles does so in every scenario, so what she may do and says to what may be written where she is. The result is the
tree of a scenario in which all of that stands with the person. What the scenario says of her itself comes first: it adds moves and
moods name by name and wins where both have one, and its own replies are asked before those of the persona.
"""

from __future__ import annotations

from collections.abc import Iterator

from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq

BY_NAME = ("moves", "stance")
LINES = ("feels", "replies")
ONE = ("needs", "opens")


def worn(tree: Map) -> Map:
    """The scenario with what its personas bring written into the people who have them."""
    personas = tree.get("personas")
    known = {entry.key.text: entry.value for entry in personas.entries} if isinstance(personas, Map) else {}
    if not any(_brings(body) for body in _bodies(tree, known)):
        return tree
    entries = []
    for entry in tree.entries:
        value = entry.value
        if entry.key.text == "user":
            value = _dressed(value, known)
        elif entry.key.text == "cast" and isinstance(value, Map):
            cast = tuple(Entry(person.key, _dressed(person.value, known)) for person in value.entries)
            value = Map(cast, value.span, value.flow, value.damaged)
        entries.append(Entry(entry.key, value))
    return Map(tuple(entries), tree.span, tree.flow, tree.damaged)


def _bodies(tree: Map, known: dict[str, Node]) -> Iterator[Node | None]:
    cast = tree.get("cast")
    for person in (tree.get("user"), *(entry.value for entry in (cast.entries if isinstance(cast, Map) else ()))):
        yield _persona(person, known)


def _persona(person: Node | None, known: dict[str, Node]) -> Node | None:
    """The body of the persona that a person has: under its name, or written there."""
    named = person.get("persona") if isinstance(person, Map) else None
    return known.get(named.text) if isinstance(named, Scalar) else named


def _brings(body: Node | None) -> bool:
    return isinstance(body, Map) and any(body.get(key) is not None for key in (*BY_NAME, *LINES, *ONE))


def _dressed(person: Node, known: dict[str, Node]) -> Node:
    body = _persona(person, known)
    if not isinstance(person, Map) or not isinstance(body, Map) or not _brings(body):
        return person
    mine = {entry.key.text: entry for entry in person.entries}
    for brought in body.entries:
        name, own = brought.key.text, mine.get(brought.key.text)
        if name not in (*BY_NAME, *LINES, *ONE):
            continue
        if own is None:
            mine[name] = brought
        elif name not in ONE:
            mine[name] = Entry(own.key, _joined(own.value, brought.value))
    return Map(tuple(mine.values()), person.span, person.flow, person.damaged)


def _joined(own: Node, brought: Node) -> Node:
    match own, brought:
        case Map(), Map():
            names = {entry.key.text for entry in own.entries}
            others = tuple(entry for entry in brought.entries if entry.key.text not in names)
            return Map((*own.entries, *others), own.span, own.flow, own.damaged)
        case Seq(), Seq():
            return Seq((*own.items, *brought.items), _first(own, brought))
    return own


def _first(own: Seq, brought: Seq) -> Span:
    return own.span if own.items else brought.span

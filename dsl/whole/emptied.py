"""Emptied sections: ``moves: {}``, or no moves at all, and every line that speaks of a move finds none.

Where a section stands there with nothing in it, or a person without moves, and names of the kind are missing, that is what is told,
once, and the lines that miss something are its labels. A name that is nearly another one is misspelt all the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from dramaturg.dsl.declarations.inventory import PREFIXES
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.tree import Entry, Map, Scalar

SECTIONS = ("acts", "events", "moves", "parameters", "personas", "slots", "tasks", "world")
SHOWN = 6
_NAME = re.compile(r"[^\W\d]\w*(\.\w+)?")


def emptied(said: Sequence[Diagnostic], trees: Sequence[Map], idle: Collection[str] = ()) -> list[Diagnostic]:
    """What is said, with one diagnostic for each empty section in place of the names that are missing from it. ``idle``: the
    persons who have no move."""
    out = list(said)
    for person in (it for tree in trees for it in _people(tree) if it.key.text in idle):
        gone = [it for it in out if it.severity == "error" and _asks(it, "moves", person.key.text)]
        if isinstance(person.value, Map) and person.value.get("moves") is None and len({_word(it) for it in gone}) > 1:
            out = [_told(person, "moves", gone), *(it for it in out if it not in gone)]
    for entry, owner in (it for tree in trees for it in _empty(tree, "")):
        gone = [it for it in out if it.severity == "error" and _asks(it, entry.key.text, owner)]
        heads = {_word(it).partition(".")[0] for it in gone} - {"", *PREFIXES}
        gone += [it for it in out if it not in gone and _named(it) and not it.fixes and it.span.text in heads]
        if any(_word(it) for it in gone):
            out = [_told(entry, entry.key.text, gone), *(it for it in out if it not in gone)]
    return out


def _people(tree: Map) -> Iterator[Entry]:
    """The entries of the persons, each under its name."""
    for entry in tree.entries:
        if entry.key.text == "user":
            yield entry
        elif entry.key.text == "cast" and isinstance(entry.value, Map):
            yield from entry.value.entries


def _empty(node: Map, owner: str) -> Iterator[tuple[Entry, str]]:
    """Sections without an entry, and under which name each stands."""
    for entry in node.entries:
        if isinstance(entry.value, Map) and not entry.value.entries and not entry.value.damaged:
            if entry.key.text in SECTIONS and entry.value.span.text.strip() in ("{}", ""):
                yield entry, owner
        elif isinstance(entry.value, Map) and not isinstance(entry.value, Scalar):
            yield from _empty(entry.value, entry.key.text)


def _word(diagnostic: Diagnostic) -> str:
    """What is missing."""
    return diagnostic.span.text if _named(diagnostic) or diagnostic.name == "missing-key" else ""


def _named(diagnostic: Diagnostic) -> bool:
    return diagnostic.name.startswith("unknown-")


def _asks(it: Diagnostic, section: str, owner: str) -> bool:
    """Whether what a diagnostic misses would stand in the section."""
    text, head = it.span.text, it.span.text.partition(".")[0]
    if it.fixes or (_named(it) and _NAME.fullmatch(text) is None and text.count(".") != 2):
        return False
    value = (
        it.name == "unknown-name"
        and (head not in PREFIXES or head == "result")
        and (head != owner or section == "slots")
    )
    match section:
        case "acts":
            missing = it.name == "missing-key" and it.message.startswith("an act ")
            return it.name == "no-acts" or missing or (_named(it) and head == "agent")
        case "moves":
            return it.name == "unknown-move" or (_named(it) and head == owner)
        case "events":
            return (it.name == "unknown-event" or (it.name == "unknown-name" and "." in text)) and head not in PREFIXES
        case "personas":
            return it.name == "unknown-persona"
        case "tasks":
            return it.name in ("no-task", "unknown-state") or (_named(it) and (head == "task" or value))
    return value


def _told(entry: Entry, section: str, gone: Sequence[Diagnostic]) -> Diagnostic:
    names = list(dict.fromkeys(_word(it) for it in gone if _word(it)))
    listed = ", ".join(f"`{name}`" for name in names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    labels = [Label(it.span, "here") for it in gone if _word(it)][:SHOWN]
    if entry.key.text == section:
        message = f"nothing stands in `{section}`, and what is missing there is spoken of: {listed}"
    else:
        message = f"`{entry.key.text}` has no `{section}`, and what is missing there is spoken of: {listed}"
    return diagnose("empty-value", entry.key.span, message, labels=labels)

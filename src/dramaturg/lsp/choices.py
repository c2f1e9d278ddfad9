"""What is offered to somebody who is typing, and how it is told from the names and types of a scenario."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dramaturg.dsl.elaboration.kinds import bare
from dramaturg.dsl.expressions.amounts import show_type
from dramaturg.dsl.scenario import EventType
from dramaturg.dsl.types import FAMILIES, Bool, Enum, Number, TimeOfDay, Type

MOST = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may stand there."""

    label: str
    kind: str
    """A kind of symbol, or ``key``, ``word``, ``unit``, ``value``, ``filter``, ``file``."""
    detail: str = ""
    about: str = ""
    insert: str = ""
    """What is written, where that is not the label."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What may stand at the cursor, and how many characters before it are replaced."""

    choices: tuple[Choice, ...]
    replaces: int = 0


NOTHING = Offer(())


def last_word(text: str, pattern: str = r"[\w-]*$") -> str:
    found = re.search(pattern, text)
    return found.group() if found is not None else ""


def values_of(type: Type | None) -> list[Choice]:
    plain = bare(type) if type is not None else None
    match plain:
        case Enum(members):
            return [Choice(member, "choice", show_type(plain)) for member in members]
        case Bool():
            return [Choice("yes", "value"), Choice("no", "value")]
    return []


def units_of(type: Type | None) -> Iterator[Choice]:
    plain = bare(type) if type is not None else None
    if isinstance(plain, Number) and plain.family.startswith("money("):
        yield Choice(plain.family[6:-1], "unit", show_type(plain), insert=f" {plain.family[6:-1]}")
    elif isinstance(plain, Number) and plain.family in FAMILIES:
        yield from (Choice(unit, "unit", plain.family) for unit, _ in FAMILIES[plain.family].units)
    elif isinstance(plain, TimeOfDay):
        yield Choice(":00", "unit", "time of day")


def kind_of(event: EventType) -> str:
    return {"world": "event", "agent": "act", "result": "act"}.get(event.actor, "move")


def signature_of(event: EventType) -> str:
    return ", ".join(f"{field.name}: {show_type(field.type)}" for field in event.fields)


def event_choice(label: str, event: EventType) -> Choice:
    return Choice(label, kind_of(event), signature_of(event))


def starting(choices: Iterable[Choice], typed: str) -> Iterator[Choice]:
    """Those that begin with what was typed; all that hold it where none does. The editor sorts and filters further."""
    listed = list({choice.label: choice for choice in reversed(list(choices))}.values())[::-1]
    lowered = typed.casefold()
    begins = [choice for choice in listed if choice.label.casefold().startswith(lowered)]
    yield from (begins or [choice for choice in listed if lowered in choice.label.casefold()])[:MOST]


def offer(choices: Iterable[Choice], text: str, pattern: str = r"[\w]*$") -> Offer:
    typed = last_word(text, pattern)
    return Offer(tuple(starting(choices, typed)), len(typed))

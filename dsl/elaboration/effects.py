"""Effects: what an expression depends on, what a line changes, and how far from now either looks.

The one place that answers this: the compiler's footprints, the check that a start reads nothing declared later and the editor's
hover all ask here. An effect is read off the core expression, in which every name is resolved; nothing is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.expressions.amounts import show_amount, show_type
from dramaturg.dsl.scenario import Guard
from dramaturg.dsl.types import Bool, Type, Wait


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far from the present moment something looks: virtual time, agent turns, or without an end."""

    ms: int = 0
    turns: int = 0
    ever: bool = False

    def __add__(self, other: Horizon) -> Horizon:
        """As far as one looks from where the other ends."""
        return Horizon(self.ms + other.ms, self.turns + other.turns, self.ever or other.ever)

    def __or__(self, other: Horizon) -> Horizon:
        """As far as either looks."""
        return Horizon(max(self.ms, other.ms), max(self.turns, other.turns), self.ever or other.ever)

    def __bool__(self) -> bool:
        return self.ever or self.ms > 0 or self.turns > 0

    def __str__(self) -> str:
        if self.ever:
            return "to the start"
        parts = [show_amount(self.ms, "duration")] if self.ms else []
        parts += [show_amount(self.turns, "turns")] if self.turns else []
        return " and ".join(parts) or "nowhere"


NOW, EVER = Horizon(), Horizon(ever=True)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an expression or a line does. Names are full, each once, in reading order."""

    reads: tuple[str, ...] = ()
    """Variables."""
    fields: tuple[str, ...] = ()
    """Fields of the event at hand."""
    events: tuple[str, ...] = ()
    """Events that are spoken of, now or in the past."""
    machines: tuple[str, ...] = ()
    """Machines whose states are asked for."""
    people: tuple[str, ...] = ()
    """People whose resistance is asked for."""
    triggers: tuple[str, ...] = ()
    """Triggers that a condition is held against."""
    writes: tuple[str, ...] = ()
    """Variables that are set."""
    back: Horizon = NOW
    fires: tuple[str, ...] = ()
    """The events on whose occurrences alone it can hold; empty where it may hold at any moment."""

    def __or__(self, other: Effect) -> Effect:
        """Both effects."""

        def both(mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(dict.fromkeys((*mine, *theirs)))

        return Effect(
            both(self.reads, other.reads),
            both(self.fields, other.fields),
            both(self.events, other.events),
            both(self.machines, other.machines),
            both(self.people, other.people),
            both(self.triggers, other.triggers),
            both(self.writes, other.writes),
            self.back | other.back,
            both(self.fires, other.fires),
        )


def effect(expr: Expr) -> Effect:
    """The effect of an expression. O(its size)."""
    found: dict[str, dict[str, None]] = {
        name: {} for name in ("reads", "fields", "events", "machines", "people", "triggers")
    }
    for part in core.walk(expr):
        match part:
            case core.Var(name):
                found["reads"].setdefault(name)
            case core.Field(name):
                found["fields"].setdefault(name)
            case core.Happened(events):
                found["events"].update(dict.fromkeys(events))
            case core.Latest(event):
                found["events"].setdefault(event)
            case core.InState(machine):
                found["machines"].setdefault(machine)
            case core.Resistance(person):
                found["people"].setdefault(person)
            case core.Matches(_, trigger):
                found["triggers"].setdefault(trigger)
    return Effect(**{name: tuple(names) for name, names in found.items()}, back=back(expr), fires=fires(expr))


def back(expr: Expr) -> Horizon:
    """How far into the past an expression looks."""
    inner = NOW
    for child in core.children(expr):
        inner |= back(child)
    match expr:
        case core.Held(_, wait) | core.InLast(_, wait) | core.Earlier(_, Wait() as wait):
            return inner + waiting(wait)
        case core.Since() | core.Once() | core.Earlier() | core.Count() | core.Latest():
            return EVER
    return inner


def waiting(wait: Wait) -> Horizon:
    return Horizon(wait.ms or 0, wait.turns or 0)


def fires(expr: Expr) -> tuple[str, ...]:
    """The events without one of which the expression cannot hold; empty where it may hold without any."""
    match expr:
        case core.Happened(events):
            return events
        case core.And(items):
            return next((found for item in items if (found := fires(item))), ())
        case core.Or(items):
            each = [fires(item) for item in items]
            return tuple(dict.fromkeys(event for found in each for event in found)) if all(each) else ()
    return ()


def of_line(conditions: Iterable[Guard | None], sets: Iterable[tuple[str, Guard]] = ()) -> Effect:
    """The effect of a line: what its conditions and its new values read, and what it sets."""
    out = Effect()
    for guard in conditions:
        if guard is not None:
            out |= effect(guard.expr)
    for name, guard in sets:
        read = effect(guard.expr)
        out |= Effect(
            read.reads, read.fields, read.events, read.machines, read.people, read.triggers, (name,), read.back
        )
    return out


MOST = 6
"""Names of one kind that a description lists."""


def described(found: Effect, kind: Type | None = None, ahead: Wait | None = None) -> str:
    """An effect in one line: ``yes/no · reads fare, max_price · looks back 10m · fires on agent.follow_up``."""
    parts = [] if kind is None else [show_type(kind)]
    if names := (*found.fields, *found.reads):
        parts.append(f"reads {_listed(names)}")
    if found.machines:
        parts.append(f"asks {_listed(found.machines)}")
    if found.people:
        parts.append(f"weighs the concerns of {_listed(found.people)}")
    if found.triggers:
        parts.append(f"is held against {_listed(found.triggers)}")
    if past := tuple(event for event in found.events if event not in found.fires):
        parts.append(f"remembers {_listed(past)}")
    if found.back:
        parts.append(f"looks back {found.back}")
    if ahead is not None:
        parts.append(f"looks ahead {waiting(ahead)}")
    if found.fires:
        parts.append(f"fires on each {_listed(found.fires, ' or ')}")
    if found.writes:
        parts.append(f"sets {_listed(found.writes)}")
    return " · ".join(parts)


def describe(expr: Expr, kind: Type | None = None) -> str:
    """An expression in one line; without ``kind`` it is a condition."""
    return described(effect(expr), Bool() if kind is None else kind)


def _listed(names: Iterable[str], joint: str = ", ") -> str:
    names = tuple(names)
    if len(names) <= MOST:
        return joint.join(names)
    return f"{joint.join(names[:MOST])} and {len(names) - MOST} more"

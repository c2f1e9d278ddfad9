"""Scope: the names that an expression may use where it stands.

One frozen value per place in a file. The loader builds the scenario's scope once, after it has collected every name, and
narrows it where it goes inside: ``scope.within("trip")`` in a task (its slots first), ``scope.during(fields)`` where an event
is at hand (its fields before all). Short names resolve in this order: pattern field, event field, own slot or stance, any slot or
stance by its short name, world, parameter, enum literal of the expected type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from dramaturg.dsl.core import Expr
from dramaturg.dsl.immutable import changer, immutable
from dramaturg.dsl.scenario import EventType, Variable
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Enum, Type, Value

CONCERN_STATES = ("hidden", "voiced", "eased", "hardened")
TRIGGER_STATES = ("idle", "open", "served", "missed")
ABSENT = "absent"
"""The state of a concern that this person does not have; only concerns that are drawn know it."""
SHIFT_STATES = ("waiting", "done")
UNDONE = "undone"
"""The state of a shift that another took back; only shifts that another may take back know it."""


@immutable
class Scope:
    """Everything that has a name, by full name. Nothing is copied when a scope is narrowed."""

    variables: Mapping[str, Variable] = field(default_factory=dict)
    """Parameters and world variables plain, slots ``TASK.SLOT``, stance ``PERSON.NAME``, sampled traits ``persona.NAME``."""
    events: Mapping[str, EventType] = field(default_factory=dict)
    """Every event type: the environment's, ``PERSON.MOVE`` (``PERSON.voice`` included), ``agent.ACT``, ``result.ACT``."""
    machines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """``task.NAME``, ``concern.NAME``, ``trigger.NAME``, ``shift.NAME`` to their states."""
    concern_fields: Mapping[str, str] = field(default_factory=dict)
    """Further constants of concerns, ``concern.NAME.KEY`` to the text written there; read by the type it is used as."""
    persons: Mapping[str, str] = field(default_factory=dict)
    """Name of a member of the cast to her role (``user``, ``colleague``)."""
    constants: Mapping[str, tuple[Type, Value]] = field(default_factory=dict)
    """Names with one value: fixed traits of the persona, as ``persona.NAME``."""
    types: Mapping[str, Enum] = field(default_factory=dict)
    """Named types, and the enums that they stand for."""
    own: tuple[str, ...] = ()
    """Prefixes tried first for a short name: the task or person inside which the expression stands."""
    fields: Mapping[str, Type] = field(default_factory=dict)
    """Fields of the event at hand (the one replied to, the one emitted, the one a transition waits for)."""
    known: frozenset[Expr] = frozenset()
    """Optional values that cannot be unknown here, because a condition beside the place says so."""
    places: Mapping[str, Span] = field(default_factory=dict)
    """Where machines, persons and other names without a span of their own were declared, for labels."""

    def within(self, *prefixes: str) -> Scope:
        """The scope inside a task or a person, whose slots or stance come first."""
        return _changed(self, own=prefixes + self.own)

    def outside(self) -> Scope:
        """The scope without a task, a person or an event at hand."""
        return _changed(self, own=(), fields={})

    def knowing(self, exprs: Iterable[Expr]) -> Scope:
        """The scope where these optional values are known."""
        more = frozenset(exprs)
        return _changed(self, known=self.known | more) if more else self

    def during(self, fields: Mapping[str, Type]) -> Scope:
        """The scope in which the fields of an event may be read (see ``elaborate.fields_of``)."""
        return _changed(self, fields={**self.fields, **fields}) if fields else self


_changed = changer(Scope)

"""The typed scenario: what a scenario file means, with every name resolved and every expression elaborated.

This is the seam between the language and everything after it. Values are immutable, keep the author's order, and carry a
span each; nothing here behaves. ``Guard`` pairs a core expression with the text that the author wrote, so that whoever
shows it shows her own words.

Event names are full names. Of the environment: as declared (``fare.changed``). Of a person: ``PERSON.MOVE``
(``user.accept``, ``rep.bye``); every person also has the implied move ``PERSON.voice`` with which a concern that has no
``as`` is voiced (field ``concern``, view ``user``). Of the agent: ``agent.ACT``. Of a result: ``result.ACT``, raised ``takes``
after the act, whose fields are the names in ``returns``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from dramaturg.dsl.core import Expr
from dramaturg.dsl.immutable import immutable
from dramaturg.dsl.spans import NOWHERE, Span
from dramaturg.dsl.types import Type, Value, Wait


@immutable
class Guard:
    """An elaborated expression and its source text."""

    expr: Expr
    text: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Variable:
    """A parameter, world variable, task slot or stance variable. ``name`` is unique in the scenario (see ``core.Var``)."""

    name: str
    type: Type
    kind: str
    """parameter | world | slot | stance | trait | concerns (the set of concerns that a person has, ``persona.concerns``)"""
    start: Guard | None = None
    """None for a parameter: it takes every value of its type, one per binding. Read in order of declaration."""
    view: str = "world"
    span: Span = NOWHERE
    likely: tuple[tuple[Value, Fraction], ...] = ()
    """Of a trait: how often each value that occurs, out of 1; empty where all are equally likely."""


@dataclass(frozen=True, slots=True)
class EventField:
    name: str
    type: Type
    view: str = "public"
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event that may occur in a step."""

    name: str
    actor: str
    """world | agent | result | a person's name"""
    fields: tuple[EventField, ...] = ()
    view: str = "public"
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded trace that a stream can play: rows at offsets (ms from the start) with field values."""

    name: str
    rows: tuple[tuple[int, Mapping[str, Value]], ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One line of ``stream``.

    ``kind`` is ``every`` (gap drawn uniformly from ``gap_lo..gap_hi`` ms), ``at`` (once, at ``gap_lo`` ms), ``when`` (each time
    ``when`` fires) or ``play`` (the rows of ``recording``, event ``emit``). ``condition`` is the entry's ``if``.
    """

    kind: str
    gap_lo: int = 0
    gap_hi: int = 0
    when: Guard | None = None
    recording: Recording | None = None
    condition: Guard | None = None
    chance: float = 1.0
    emit: str | None = None
    fields: tuple[tuple[str, Guard], ...] = ()
    """``with``: field name and value; draws allowed."""
    sets: tuple[tuple[str, Guard], ...] = ()
    """``set``: variable name and value, read before the step, event fields in scope."""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Act:
    """What the agent may do. Its event is ``agent.NAME``."""

    name: str
    kind: str
    """says | does | silent"""
    fields: tuple[EventField, ...] = ()
    proactive: bool = False
    returns: tuple[str, ...] = ()
    """Variables whose values the result carries."""
    takes: int = 0
    staged: bool = False
    about: str = ""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Agent:
    opens: bool = False
    wakes: tuple[str, ...] = ("user",)
    """``result``, ``reminder``, ``update``, a person's name (any move), or a full event name."""
    per_turn: int = 1
    acts: tuple[Act, ...] = ()
    role: str = ""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class MoveSpec:
    """A move to make: the full event name and its arguments (draws allowed)."""

    event: str
    fields: tuple[tuple[str, Guard], ...] = ()
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Reply:
    """The person's line: if the event replied to matches ``to`` and ``condition`` holds and the draw succeeds, do the move."""

    to: Guard
    condition: Guard | None = None
    chance: float = 1.0
    do: MoveSpec | None = None
    """None: silence."""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Feel:
    """``feels``: an event that matches ``when`` sets stance variables."""

    when: Guard
    sets: tuple[tuple[str, Guard], ...] = ()
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Persona:
    name: str
    background: str = ""
    traits: Mapping[str, Value] = field(default_factory=dict)
    """Trait name to value. A trait that has no fixed value is a variable ``persona.TRAIT`` of kind ``trait`` instead."""
    backgrounds: Mapping[str, str] = field(default_factory=dict)
    """Where there are several: name to text. Which one it is, is the trait ``persona.background``; ``background`` is empty."""
    span: Span = NOWHERE
    varies: tuple[str, ...] = ()
    """The names of the traits that vary."""
    kinds: Mapping[str, Type] = field(default_factory=dict)
    """The type of each fixed trait."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the cast."""

    name: str
    role: str = "user"
    persona: Persona | None = None
    needs: str = ""
    moves: tuple[str, ...] = ()
    """Full event names."""
    opens: MoveSpec | None = None
    replies: tuple[Reply, ...] = ()
    feels: tuple[Feel, ...] = ()
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Tie:
    """Another concern that a concern names (a shift that a shift names), and where."""

    name: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Draw:
    """How many of these concerns a person has."""

    person: str
    concerns: tuple[str, ...]
    least: int
    most: int
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Concern:
    """A hidden reason. hidden → voiced (``surfaces``) → eased (``eased``) | hardened (``hardens``, also from hidden)."""

    name: str
    person: str
    story: str = ""
    says: str = ""
    weight: int = 1
    surfaces: Guard | None = None
    eased: Guard | None = None
    hardens: Guard | None = None
    voiced_as: MoveSpec | None = None
    lasts: int | None = None
    """Agent turns after which a voiced concern goes back to hidden."""
    fields: Mapping[str, Value] = field(default_factory=dict)
    """Further constants, readable as ``concern.NAME.KEY``."""
    drawn: bool = False
    """Whether only some people have it. Whoever does not, has it in the state ``absent``."""
    likely: Fraction | None = None
    """How often it is drawn, before draws, ties and constraints are looked at; None: as often as not."""
    needs: tuple[Tie, ...] = ()
    """Concerns that must have left ``hidden`` before it surfaces or hardens (already part of those guards), and without which
    nobody has it."""
    excludes: tuple[Tie, ...] = ()
    """Concerns that nobody has beside it."""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Emission:
    """An event of the environment that a task raises: it happens at the same instant, as a step of its own."""

    event: str
    """Full event name."""
    fields: tuple[tuple[str, Guard], ...] = ()
    """Values for its fields, read in the state before the step; no draws."""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of a task state: on an event or state condition (``when``), on a timer (``after`` ms in the state), or, where it
    has neither, as soon as its ``condition`` holds."""

    when: Guard | None = None
    condition: Guard | None = None
    after: int | None = None
    chance: float = 1.0
    go: str | None = None
    """None: internal, the state is kept."""
    sets: tuple[tuple[str, Guard], ...] = ()
    first: bool = False
    span: Span = NOWHERE
    emit: Emission | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """What entering or leaving a state does."""

    sets: tuple[tuple[str, Guard], ...] = ()
    emit: Emission | None = None
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class TaskState:
    """A state of a task. Names are unique within the task, however deep a state lies (``nesting``)."""

    name: str
    transitions: tuple[Transition, ...] = ()
    end: str | None = None
    """good | bad: the task ends; done: the machine or region that the state stands in"""
    if_over: str | None = None
    """quiet | good"""
    span: Span = NOWHERE
    parent: str = ""
    """The state that it lies in; empty at the top of the task."""
    region: str = ""
    """The region of its parent; empty where that is not divided."""
    history: str | None = None
    """shallow | deep: entering the state again resumes what was left"""
    on_entry: Action | None = None
    on_exit: Action | None = None

    @property
    def actions(self) -> tuple[Action, ...]:
        """What entering and leaving it does, where it does something."""
        return tuple(action for action in (self.on_entry, self.on_exit) if action is not None)

    @property
    def assignments(self) -> tuple[tuple[str, Guard], ...]:
        """Every assignment of the state: those of its lines, then those of its actions."""
        effects: tuple[Transition | Action, ...] = (*self.transitions, *self.actions)
        return tuple(pair for effect in effects for pair in effect.sets)

    @property
    def emissions(self) -> tuple[Emission, ...]:
        """Every event that the state raises, in the same order."""
        effects: tuple[Transition | Action, ...] = (*self.transitions, *self.actions)
        return tuple(effect.emit for effect in effects if effect.emit is not None)


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    states: tuple[TaskState, ...]
    """Every state, however deep, in document order: a state comes before those that lie in it. The first is initial."""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Trigger:
    """An opportunity: when it opens, until when it is open, and the act that serves it."""

    name: str
    when: Guard
    until: Guard | None = None
    within: Wait | None = None
    expect: Guard | None = None
    """A ``Happened`` of agent acts."""
    otherwise: str | None = None
    """Full name of the act that is right while the window is closed."""
    allow: Guard | None = None
    again: bool = False
    recorded: bool = False
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of the person's intent. When it fires, her next move is ``move``. waiting → done (it stands) → undone."""

    name: str
    person: str
    when: Guard
    chance: float = 1.0
    times: int = 1
    move: MoveSpec | None = None
    says: str = ""
    span: Span = NOWHERE
    after: tuple[Tie, ...] = ()
    """Shifts that must have happened before (already part of ``when``)."""
    undoes: tuple[Tie, ...] = ()
    """Shifts that stand before it (already part of ``when``), and no longer once it is told."""
    instead_of: tuple[Tie, ...] = ()
    """Shifts that no longer stand once it is told, if they did."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A norm on the agent: ``never``/``always`` of a guard over the past. Judged at each step on the state before it."""

    name: str
    kind: str
    """never | always"""
    guard: Guard
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Check:
    """A theorem. ``left`` is the operand; ``right`` that of ``leads to`` and ``until``. Judged on the state after each step."""

    name: str
    kind: str
    """always | never | eventually | possible | winnable | leads_to | until"""
    left: Guard
    right: Guard | None = None
    deadline: Wait | None = None
    text: str = ""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to word a move: a Jinja text that passed the allow-list, and the names that it reads."""

    text: str
    names: tuple[str, ...] = ()
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    about: str
    domain: str
    family: str
    horizon: int
    """ms of virtual time"""
    turns: int
    """agent turns at most, silence included"""
    pace: int
    """ms that a spoken move takes; shapes timestamps only"""
    variables: Mapping[str, Variable]
    """Every variable by name, in order of declaration (parameters first)."""
    events: Mapping[str, EventType]
    """Every event type by full name, acts, moves and results included."""
    stream: tuple[StreamEntry, ...]
    agent: Agent
    cast: tuple[Person, ...]
    concerns: tuple[Concern, ...]
    tasks: tuple[Task, ...]
    triggers: tuple[Trigger, ...]
    shifts: tuple[Shift, ...]
    words: Mapping[str, tuple[Wording, ...]]
    """Full event name to wordings."""
    rules: tuple[Rule, ...]
    checks: tuple[Check, ...]
    files: tuple[str, ...] = ()
    """Every file that was read, the scenario's own first, as paths relative to the root."""
    digest: str = ""
    """sha256 over the bytes of ``files``."""
    span: Span = NOWHERE
    draws: tuple[Draw, ...] = ()
    constraints: tuple[Guard, ...] = ()
    """What holds of every person: guards over parameters, traits and ``concern.NAME is absent``."""
    sample: int | None = None
    """How many bindings are drawn from all; None: all are taken."""

    @property
    def parameters(self) -> tuple[Variable, ...]:
        """Those whose value makes a binding: parameters, sampled traits, and the set of drawn concerns."""
        return tuple(v for v in self.variables.values() if v.kind in ("parameter", "trait", "concerns"))

"""The stage: what every part of the step semantics shares, and how a finished step becomes a move.

It holds the lowered tables, the regions (where a graph is explored), the conditions that the agent may arm, and what is
derived from them once. ``compose`` settles the instant, puts the agenda in order and says what the agent gets to see.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import reduce
from math import gcd
from typing import NamedTuple, Protocol

from dramaturg.compiler.arguments import Arguments
from dramaturg.compiler.clocks import over
from dramaturg.compiler.configuration import (
    URGENT,
    AgentTurn,
    Args,
    Config,
    Duty,
    Forced,
    Kept,
    Move,
    Over,
    Owed,
    ResultDue,
    ShiftDraw,
    StreamDue,
    TaskDraw,
)
from dramaturg.compiler.draft import Draft
from dramaturg.compiler.draws import Drawer, drawers
from dramaturg.compiler.evaluate import footprint
from dramaturg.compiler.growth import Budget
from dramaturg.compiler.lowering import all_guards, lower, reads
from dramaturg.compiler.occasions import occasion
from dramaturg.compiler.recalled import read_by, recall
from dramaturg.compiler.settle import settle
from dramaturg.compiler.suppositions import Bench
from dramaturg.compiler.tables import LoweredEntry, Tables
from dramaturg.compiler.taking import pending
from dramaturg.compiler.watching import Conditions
from dramaturg.dsl import core
from dramaturg.dsl.scenario import Scenario, StreamEntry
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Value, visible_to_agent


class Regions(Protocol):
    """What a graph's engine needs to know of regions (``regions.Partition``)."""

    @property
    def version(self) -> int:
        """How often regions were divided."""
        ...

    def canon(self, binding: int, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """The values with each regional variable replaced by its region's representative."""
        ...

    def representative(self, binding: int, index: int, value: Value) -> Value:
        """The representative of one variable's value."""
        ...

    def members(self, binding: int, index: int, value: Value) -> tuple[Value, ...]:
        """The values of the region that a representative stands for."""
        ...


class Stage:
    """What the parts of one scenario's semantics share. See ``Semantics`` for ``exact`` and ``regions``."""

    def __init__(self, scenario: Scenario, *, exact: bool, regions: Regions | None, bench: Bench | None = None) -> None:
        self.scenario = scenario
        self.exact = exact
        self.regions = regions
        self.conditions = Conditions(scenario)
        self.bench = bench
        """Who answers questions of judgement; None where their ``else`` does."""
        self.tables: Tables = lower(scenario, self.conditions.matches, bench.decide if bench is not None else None)
        self.conditions.tables = self.tables
        self.arguments = Arguments(
            scenario, self.tables.layout, self.conditions.representatives, self.conditions.classify
        )
        self.drawn = tuple(
            entry.source.kind == "every" and entry.source.gap_lo < entry.source.gap_hi for entry in self.tables.stream
        )
        """Per stream entry: whether it comes again after gaps that are drawn. A graph lets it come at any tick."""
        gaps = [entry.source.gap_lo for entry in self.tables.stream if entry.source.kind == "every"]
        self.repeats = any(self.drawn) or sum(scenario.horizon // gap for gap in gaps) > OFTEN
        """Whether there is so much of the stream that a graph does not keep how late it is."""
        self.tick = tick(entry.source for entry, drawn in zip(self.tables.stream, self.drawn, strict=True) if drawn)
        self.entry_drawers = tuple(
            drawers(entry.source.fields, scenario.events.get(entry.source.emit or ""), self.tables.layout)
            for entry in self.tables.stream
        )
        self.carried: tuple[Mapping[str, int], ...] = tuple(
            {
                guard.expr.name: self.tables.layout.variables[name]
                for name, guard in entry.source.sets
                if isinstance(guard.expr, core.Field)
            }
            for entry in self.tables.stream
        )
        """Per stream entry: fields that only carry a variable's next value, and the variable."""
        self.unread = tuple(self._fields_unread(entry) for entry in self.tables.stream)
        self.entry_reads = tuple(footprint(expressions(entry), self.tables.layout) for entry in self.tables.stream)
        self.entry_variables = tuple(
            tuple(sorted({self.tables.layout.variables[name] for expr in expressions(entry) for name in reads(expr)}))
            for entry in self.tables.stream
        )
        """Per stream entry: the variables that it reads."""
        self.recalled = tuple(read_by(task.source, self.tables.layout) for task in self.tables.tasks)
        """Per task: what a draw of its lines may have to keep."""
        self.falls: dict[Hashable, tuple[Fall, ...]] = {}
        """How stream entries may fall, remembered by all that this depends on (``world.falls``)."""
        self.move_drawers: dict[int, tuple[Drawer, ...]] = {}
        self.budget: Budget | None = None
        """How large the graph may become that is explored; None in an episode."""

    def _fields_unread(self, entry: LoweredEntry) -> frozenset[str]:
        """Drawn fields of a repeated entry that nothing but its own ``set`` reads: a regional graph does not keep them."""
        if self.regions is None or entry.source.kind != "every":
            return frozenset()
        own = {id(guard) for _, guard in (*entry.source.fields, *entry.source.sets)}
        read = {
            part.name if isinstance(part, core.Field) else part.field
            for guard in all_guards(self.scenario)
            if id(guard) not in own
            for part in core.walk(guard.expr)
            if isinstance(part, core.Field | core.Latest)
        }
        carried = {guard.expr.name for _, guard in entry.source.sets if isinstance(guard.expr, core.Field)}
        return frozenset(name for name, _ in entry.source.fields if name not in read and name not in carried)

    def wakes_on(self, event: str, person: int | None) -> bool:
        """Whether an event (of this person) gives the agent a turn."""
        wakes = self.scenario.agent.wakes
        if event in wakes:
            return True
        if person is None:
            return False
        who = self.tables.people[person]
        return who.name in wakes or (who.role == "user" and "user" in wakes)

    def finished(self, draft: Draft, rest: tuple[Duty, ...]) -> Config:
        """The configuration that a draft comes to, with what arose first on its agenda."""
        end = None if pending(draft) else over(draft)
        return self.canonical(draft.config((end,) if end is not None else (*draft.duties, *rest)))

    def canonical(self, config: Config) -> Config:
        """The configuration by region, and without what no longer matters once the episode is over."""
        if self.regions is not None and config.values:
            config = config._replace(values=self.regions.canon(config.binding, config.values))
            if config.agenda and isinstance(config.agenda[0], TaskDraw):
                config = self._recalled_by_region(config)
        if config.agenda and isinstance(config.agenda[0], Over):
            config = config._replace(armed=None, stream=(), memory=(), edges=(), clocks=())
            if not self.exact:
                config = config._replace(values=(), states=self.tables.places(config.states), now=-1)
        return config

    def recalling(self, before: Config, after: Config) -> Config:
        """A configuration whose draws keep what they need of the one before the step."""
        return after._replace(
            agenda=tuple(
                recall(duty, self.recalled[duty.task], before, after) if isinstance(duty, TaskDraw) else duty
                for duty in after.agenda
            )
        )

    def _recalled_by_region(self, config: Config) -> Config:
        regions = self.regions
        assert regions is not None, "there are regions where something is kept by region"

        def by_region(kept: Kept) -> Kept:
            part, place, value = kept
            return (part, place, regions.representative(config.binding, place, value)) if part == "value" else kept

        kept = tuple(
            duty._replace(kept=tuple(map(by_region, duty.kept))) if isinstance(duty, TaskDraw) else duty
            for duty in config.agenda
        )
        # What differs within a region only is no difference here.
        return self.recalling(config, config._replace(agenda=kept))

    def compose(
        self,
        config: Config,
        draft: Draft,
        event: str,
        args: Args,
        actor: str,
        *,
        first: Iterable[Duty] = (),
        owed: Iterable[Duty] = (),
        then: Iterable[Duty] = (),
        rest: tuple[Duty, ...] = (),
        name: str = "",
        settled: bool | None = None,
        voice: str = "",
        chance: float | None = None,
        guard: str = "",
        spans: tuple[Span, ...] = (),
    ) -> Move:
        """The move, once its step is done: the instant settles unless more of it is due, and the agenda is put in order.

        ``first`` comes before the answers that people owe, ``then`` after them, ``rest`` last. ``guard`` and ``spans`` are those
        of the move itself, before what it caused.
        """
        if settled is None:
            settled = not any(isinstance(duty, StreamDue) for duty in rest)
        # What a task left to be drawn, or raised, belongs to the same instant, and so does what comes of it. It leads the agenda.
        unsettled = pending(draft) or (bool(rest) and isinstance(rest[0], URGENT))
        if settled and not unsettled:
            settle(draft, self.conditions.level)
            unsettled = pending(draft)
        end = None if unsettled else over(draft)
        agenda = (end,) if end is not None else in_order(draft, first, owed, then, rest)
        target = self.canonical(draft.config(agenda))
        if agenda and isinstance(agenda[0], TaskDraw):
            target = self.recalling(config, target._replace(agenda=agenda))
        seen = self.observation(event, args, voice) if actor != "agent" else None
        observation: Hashable = None
        if seen is not None or draft.seen:
            observation = (seen, tuple(draft.seen), config.now if draft.now < 0 else draft.now)
        because = "; ".join(dict.fromkeys(draft.guards)) if draft.guards else ""
        return Move(
            actor,
            event or name,
            target,
            args,
            guard=f"{guard}; {because}" if guard and because else guard or because,
            chance=chance,
            violations=tuple(draft.violations),
            warnings=tuple(draft.warnings),
            served=tuple(draft.served),
            observation=observation,
            facts=self.facts(draft, config, event, args),
            spans=(*spans, *dict.fromkeys(draft.spans)),
        )

    def observation(self, event: str, args: Args, voice: str) -> Hashable:
        """What the agent sees of an event: its name, the fields whose view admits it, what a concern said."""
        kind = self.scenario.events.get(event)
        if kind is None or not visible_to_agent(kind.view):
            return None
        views = {field.name: field.view for field in kind.fields}
        shown = tuple((name, value) for name, value in args if visible_to_agent(views.get(name, "public")))
        return (event, shown, voice)

    def facts(self, draft: Draft, config: Config, event: str, args: Args) -> int:
        """Which operands of the checks hold after the step, as bits."""
        concerned = occasion(self.tables, event)
        bits = concerned.certain
        if concerned.facts:
            ctx = draft.context(event, args, config.memory)
            for bit, holds in concerned.facts:
                if holds(ctx):
                    bits |= bit
        return bits


class Fall(NamedTuple):
    """One way in which a stream entry may fall, alike outcomes merged."""

    shown: Args
    """Its fields as the graph shows them."""
    values: tuple[tuple[int, Value], ...]
    """Variables and the values, of those that their regions stand for, with which it falls so."""
    args: Args
    weight: float
    quiet: bool
    """It stays quiet, for its condition does not hold."""


def expressions(entry: LoweredEntry) -> list[core.Expr]:
    """What decides how a stream entry falls: its fields, what it writes, its condition."""
    guards = [guard for _, guard in (*entry.source.fields, *entry.source.sets)]
    if entry.source.condition is not None:
        guards.append(entry.source.condition)
    return [guard.expr for guard in guards]


def in_order(
    draft: Draft, first: Iterable[Duty], owed: Iterable[Duty], then: Iterable[Duty], rest: Iterable[Duty]
) -> tuple[Duty, ...]:
    """The agenda: results, what the step raised, turns, answers, the rest. Who is forced to a move owes no answer beside it."""
    owed, rest = latest(owed, rest)
    if not draft.duties and not draft.wake:
        results = [duty for duty in first if isinstance(duty, ResultDue)]
        turns = [duty for duty in first if not isinstance(duty, ResultDue)]
        return one_turn([*results, *turns, *owed, *then, *rest])
    forced = {duty.person for duty in draft.duties if isinstance(duty, Forced)}
    answers, later = (*owed,), (*rest,)
    agenda: list[Duty] = []
    if pending(draft):
        # Draws come first, then events in the order in which they were raised.
        for kind in URGENT:
            agenda += [duty for duty in (*later, *draft.duties) if isinstance(duty, kind)]
        later = tuple(duty for duty in later if not isinstance(duty, URGENT))
    others = [duty for duty in draft.duties if not isinstance(duty, URGENT)]
    agenda += [duty for duty in first if isinstance(duty, ResultDue)]
    agenda += [duty for duty in others if isinstance(duty, StreamDue)]
    agenda += [duty for duty in others if not isinstance(duty, StreamDue)]
    agenda += [duty for duty in first if not isinstance(duty, ResultDue)]
    if forced:
        answers = tuple(d for d in answers if not (isinstance(d, Owed) and d.person in forced))
        later = tuple(d for d in later if not (isinstance(d, Owed) and d.person in forced))
    agenda += (*answers, *then, *later)
    if draft.wake:
        agenda.append(AgentTurn(False, 0))
    return one_turn(agenda)


def latest(owed: Iterable[Duty], rest: Iterable[Duty]) -> tuple[tuple[Duty, ...], tuple[Duty, ...]]:
    """What people owe now, and the rest of the agenda. Who still owed an answer answers what was said last instead, and before
    the others: an agent that speaks between two people's moves would else pile answers up without end, or keep one waiting."""
    answers, later = tuple(owed), tuple(rest)
    asked = {duty.person for duty in answers if isinstance(duty, Owed)}
    waiting = {duty.person for duty in later if isinstance(duty, Owed)} & asked
    if not waiting:
        return answers, later
    first = [duty for duty in answers if isinstance(duty, Owed) and duty.person in waiting]
    return (
        (*first, *(duty for duty in answers if duty not in first)),
        tuple(duty for duty in later if not (isinstance(duty, Owed) and duty.person in waiting)),
    )


OFTEN = 40
"""Entries of the stream that repeat at fixed times, in all of an episode, up to which a graph keeps how late it is."""
SETTLED = (ShiftDraw, Forced)
"""What people do next whatever anybody says: it comes before the agent has the floor."""


def one_turn(agenda: list[Duty]) -> tuple[Duty, ...]:
    """The agenda with one agent turn only, which counts as asked if any of them was. It comes where the first of them stood,
    but after what people do whatever anybody says: else an agent that never yields would pile that up without end."""
    turns = [(at, duty) for at, duty in enumerate(agenda) if isinstance(duty, AgentTurn)]
    if not turns:
        return tuple(agenda)
    at, first = turns[0]
    settled = [place for place, duty in enumerate(agenda) if isinstance(duty, SETTLED)]
    if len(turns) == 1 and (not settled or settled[-1] < at):
        return tuple(agenda)
    kept = first._replace(asked=any(turn.asked for _, turn in turns))
    place = max([at, *(last + 1 for last in settled[-1:])])
    before = [duty for duty in agenda[:place] if not isinstance(duty, AgentTurn)]
    return (*before, kept, *(duty for duty in agenda[place:] if not isinstance(duty, AgentTurn)))


def tick(entries: Iterable[StreamEntry]) -> int:
    """How finely the gaps of stream entries are drawn, ms: the greatest common divisor of the least gap, the greatest, and the
    way from each to the middle (``1h +- 20m`` is 40, 60 or 80 minutes). 0 where no gap is drawn."""
    gaps = [gap for entry in entries for gap in (entry.gap_lo, entry.gap_hi, (entry.gap_hi - entry.gap_lo) // 2)]
    return reduce(gcd, gaps, 0)

"""The stage: what every part of the step semantics shares, and how a finished step becomes a move.

It holds the lowered tables, the regions (where a graph is explored), the conditions that the agent may arm, and what is
derived from them once. ``compose`` settles the instant, puts the agenda in order and says what the agent gets to see.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import reduce
from math import gcd
from typing import Protocol

from dramaturg.compiler.arguments import Arguments
from dramaturg.compiler.configuration import (
    AgentTurn,
    Args,
    Config,
    Duty,
    Forced,
    Move,
    Over,
    Owed,
    ResultDue,
    StreamDue,
)
from dramaturg.compiler.draws import Drawer, drawers
from dramaturg.compiler.lowering import LoweredEntry, Tables, all_guards, lower
from dramaturg.compiler.occasions import occasion
from dramaturg.compiler.step import Draft, over, settle
from dramaturg.compiler.watching import Conditions
from dramaturg.dsl import core
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.types import Value, visible_to_agent


class Regions(Protocol):
    """What a graph's engine needs to know of regions (``regions.Partition``)."""

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

    def __init__(self, scenario: Scenario, *, exact: bool, regions: Regions | None) -> None:
        self.scenario = scenario
        self.exact = exact
        self.regions = regions
        self.conditions = Conditions(scenario)
        self.tables: Tables = lower(scenario, self.conditions.matches)
        self.conditions.tables = self.tables
        self.arguments = Arguments(
            scenario, self.tables.layout, self.conditions.representatives, self.conditions.classify
        )
        self.repeats = any(entry.source.kind == "every" for entry in self.tables.stream)
        self.tick = tick(self.tables) if self.repeats else 0
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
        self.move_drawers: dict[int, tuple[Drawer, ...]] = {}

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
        end = over(draft)
        return self.canonical(draft.config((end,) if end is not None else (*draft.duties, *rest)))

    def canonical(self, config: Config) -> Config:
        """The configuration by region, and without what no longer matters once the episode is over."""
        if self.regions is not None and config.values:
            config = config._replace(values=self.regions.canon(config.binding, config.values))
        if config.agenda and isinstance(config.agenda[0], Over):
            config = config._replace(armed=None, stream=(), memory=(), edges=(), clocks=())
            if not self.exact:
                config = config._replace(values=(), states=config.states[: self.tables.first_concern], now=-1)
        return config

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
    ) -> Move:
        """The move, once its step is done: the instant settles unless more of it is due, and the agenda is put in order.

        ``first`` comes before the answers that people owe, ``then`` after them, ``rest`` last.
        """
        if settled is None:
            settled = not any(isinstance(duty, StreamDue) for duty in rest)
        if settled:
            settle(draft, self.conditions.level)
        arisen = list(draft.duties)
        forced = {d.person for d in arisen if isinstance(d, Forced)}
        raised = [d for d in arisen if not isinstance(d, StreamDue)]
        emitted = [d for d in arisen if isinstance(d, StreamDue)]
        results = [d for d in first if isinstance(d, ResultDue)]
        turns = [d for d in first if not isinstance(d, ResultDue)]
        agenda: list[Duty] = [*results, *emitted, *raised, *turns]
        agenda += [d for d in owed if not (isinstance(d, Owed) and d.person in forced)]
        agenda += then
        agenda += [d for d in rest if not (isinstance(d, Owed) and d.person in forced)]
        if draft.wake:
            agenda.append(AgentTurn(False, 0))
        agenda = one_turn(agenda)
        end = over(draft)
        if end is not None:
            agenda = [end]
        target = self.canonical(draft.config(tuple(agenda)))
        seen = self.observation(event, args, voice) if actor != "agent" else None
        observation: Hashable = None
        if seen is not None or draft.seen:
            observation = (seen, tuple(draft.seen), config.now if draft.now < 0 else draft.now)
        return Move(
            actor,
            event or name,
            target,
            args,
            guard="; ".join(dict.fromkeys(draft.guards)),
            violations=tuple(draft.violations),
            warnings=tuple(draft.warnings),
            served=tuple(draft.served),
            observation=observation,
            facts=self.facts(draft, config, event, args),
            spans=tuple(dict.fromkeys(draft.spans)),
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


def one_turn(agenda: list[Duty]) -> list[Duty]:
    """The agenda with one agent turn only: the first, which counts as asked if any of them was."""
    turns = [d for d in agenda if isinstance(d, AgentTurn)]
    if len(turns) <= 1:
        return agenda
    asked = any(t.asked for t in turns)
    out: list[Duty] = []
    done = False
    for duty in agenda:
        if isinstance(duty, AgentTurn):
            if not done:
                out.append(duty._replace(asked=asked))
                done = True
        else:
            out.append(duty)
    return out


def tick(tables: Tables) -> int:
    """The greatest common divisor of the declared durations, ms: what one tick of the clock is."""
    amounts: list[int] = []
    for entry in tables.stream:
        if entry.source.kind == "every":
            amounts += [entry.source.gap_lo, entry.source.gap_hi]
    for operator in tables.operators:
        if isinstance(operator, core.Held | core.InLast) and operator.wait.ms is not None:
            amounts.append(operator.wait.ms)
    for trigger in tables.triggers:
        if trigger.source.within is not None and trigger.source.within.ms is not None:
            amounts.append(trigger.source.within.ms)
    for task in tables.tasks:
        for lines in task.lines.values():
            amounts += [line.source.after for line in lines if line.source.after is not None]
    return reduce(gcd, (a for a in amounts if a > 0), 0) or 1

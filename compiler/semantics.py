"""The one semantics: from a configuration to the moves that are possible in it.

The same code steps an episode and explores the state graph. Two things differ, both behind ``exact``: an exact engine draws the
gaps of stream entries that repeat irregularly, and keeps every value and the clock as they are; a graph's engine lets such an
entry come at any tick and keeps, of each world variable that draws drive, only the region that it lies in (``regions``).
``abstracted`` takes a configuration of the first kind to one of the second. What people may do is in ``people``, what the
environment does in ``world``; this module has the agent's acts and the face that everyone else uses.
"""

from __future__ import annotations

from collections.abc import Mapping

from dramaturg.compiler import monitors, people, world
from dramaturg.compiler.alike import classes, unread
from dramaturg.compiler.configuration import (
    AgentTurn,
    Args,
    Armed,
    Config,
    Duty,
    Forced,
    GapDraw,
    Move,
    Opening,
    Over,
    Owed,
    Raised,
    ResultDue,
    ShiftDraw,
    StreamDue,
    TaskDraw,
)
from dramaturg.compiler.draft import Draft
from dramaturg.compiler.evaluate import Context, compiled
from dramaturg.compiler.graph import AGENT, CHANCE, END, PERSON, WORLD
from dramaturg.compiler.legible import Reader
from dramaturg.compiler.lowering import saturated
from dramaturg.compiler.occasions import occasion
from dramaturg.compiler.persons import Persons
from dramaturg.compiler.settle import settle
from dramaturg.compiler.stage import Regions, Stage
from dramaturg.compiler.step import end_turn, happen, open_on_event
from dramaturg.compiler.suppositions import Bench, ways
from dramaturg.compiler.tables import Tables
from dramaturg.compiler.taking import begin, pending
from dramaturg.dsl.declarations.personas import CONCERNS
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.scope import ABSENT
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Condition, Value

KNOWN = 20_000
"""Configurations whose moves an exact engine remembers."""


class Semantics:
    """The step semantics of one scenario."""

    def __init__(
        self, scenario: Scenario, *, exact: bool = True, regions: Regions | None = None, supposing: bool = False
    ) -> None:
        """Without ``regions`` every value is its own region. ``supposing``: moves are those of either judgement."""
        self.scenario = scenario
        self.exact = exact
        self.stage = Stage(scenario, exact=exact, regions=regions, bench=Bench() if supposing else None)
        self.tables: Tables = self.stage.tables
        self.arguments = self.stage.arguments
        self.repeats, self.tick = self.stage.repeats, self.stage.tick
        bound = Persons(scenario).bindings()
        self.bindings: tuple[Mapping[str, Value], ...] = tuple(binding for binding, _ in bound)
        self.chances = tuple(chance for _, chance in bound)
        """Of each binding its probability."""
        self.unread = () if exact else unread(scenario)
        self.alike = classes(self.bindings, self.unread)
        """Of each binding the one whose nodes it shares in a graph: itself where it is exact."""
        self._known: dict[Config, tuple[Move, ...]] = {}
        self._reader = Reader(self.tables)

    def initial(self, binding: int) -> Config:
        """The configuration in which the episode starts."""
        return self.beginning(binding)[0]

    def beginning(self, binding: int) -> tuple[Config, tuple[Span, ...]]:
        """The configuration in which the episode starts, and where what happened before its first move was written."""
        tables, bound = self.tables, self.bindings[binding]
        values: list[Value] = []
        for variable in tables.variables:
            if variable.start is None:
                values.append(bound.get(variable.name))
                continue
            ctx = Context((*values, *([None] * (len(tables.variables) - len(values)))), (), (), ())
            values.append(saturated(compiled(variable.start.expr, tables.layout)(ctx), variable.type))
        had = bound.get(CONCERNS, ())
        assert isinstance(had, tuple)
        states = (
            *(t.source.states[0].name if t.chart is None else t.chart.start().key for t in tables.tasks),
            *(ABSENT if c.source.drawn and c.source.name not in had else "hidden" for c in tables.concerns),
            *("idle" for _ in tables.triggers),
            *("waiting" for _ in tables.shifts),
        )
        clocks = (
            *(0 for _ in tables.tasks),
            *(0 for _ in tables.concerns),
            *(-1 for _ in tables.triggers),
            *(0 for _ in tables.shifts),
            *(0 for _ in range(tables.clocks)),
        )
        agenda: list[Duty] = []
        stream: list[tuple[int, int]] = []
        for index, entry in enumerate(tables.stream):
            match entry.source.kind:
                case "at":
                    stream.append((0, max(entry.source.gap_lo, 1)))
                case "play":
                    rows = entry.source.recording.rows if entry.source.recording is not None else ()
                    stream.append((0, max(rows[0][0], 1)) if rows else (0, -1))
                case "every" if self.exact and self.stage.drawn[index]:
                    stream.append((0, -1))
                    agenda.append(GapDraw(index))
                case "every":
                    stream.append((0, self.tick if self.stage.drawn[index] else entry.source.gap_lo))
                case _:
                    stream.append((0, -1))
        if self.scenario.agent.opens:
            agenda.append(AgentTurn(True, 0))
        agenda += [Opening(i) for i, person in enumerate(tables.people) if person.opens is not None]
        now = 0 if self.exact or not self.repeats else -1
        draft = Draft(
            tables,
            binding,
            tuple(values),
            states,
            clocks,
            (False,) * (len(states) + tables.levels),
            monitors.initial(tables.operators),
            None,
            tuple(stream),
            now,
        )
        ctx = draft.context()
        for task in range(len(tables.tasks)):
            begin(draft, task, ctx)
        if not pending(draft):
            settle(draft, self.stage.conditions.level)
        return self.stage.finished(draft, tuple(agenda)), tuple(dict.fromkeys(draft.spans))

    def owner(self, config: Config) -> int:
        """Who moves next: AGENT, PERSON, WORLD, CHANCE or END."""
        match config.agenda[0] if config.agenda else None:
            case AgentTurn():
                return AGENT
            case Opening() | Owed() | Forced():
                return PERSON
            case ShiftDraw() | TaskDraw() | GapDraw():
                return CHANCE
            case Over():
                return END
            case _:
                return WORLD

    def moves(self, config: Config) -> tuple[Move, ...]:
        """Every alternative at this configuration, in the order in which the scenario considers them."""
        if self.stage.bench is not None:
            return ways(self.stage.bench, lambda: self._moves(config))
        if not self.exact:
            return self._moves(config)
        # Episodes of one scenario come by the same places again and again; exploration never does.
        found = self._known.get(config)
        if found is None:
            if len(self._known) >= KNOWN:
                self._known.clear()
            found = self._known[config] = self._moves(config)
        return found

    def _moves(self, config: Config) -> tuple[Move, ...]:
        stage = self.stage
        if not config.agenda:
            return world.dormancy(stage, config)
        duty, rest = config.agenda[0], config.agenda[1:]
        match duty:
            case Over():
                return ()
            case AgentTurn():
                ctx = Draft.of(self.tables, config).context()
                return tuple(
                    self.act(config, act.name, args)
                    for act in self.scenario.agent.acts
                    for args in self.arguments.options(f"agent.{act.name}", ctx)
                )
            case Opening(person):
                spec = self.tables.people[person].opens
                assert spec is not None
                return people.spoken(stage, config, rest, person, [(1.0, spec, "", (spec.span,))])
            case Forced(person, machine):
                return people.forced(stage, config, rest, person, machine)
            case Owed():
                return people.reply(stage, config, rest, duty)
            case ShiftDraw(number):
                return people.shift(stage, config, rest, number)
            case TaskDraw():
                return world.task_draw(stage, config, rest, duty)
            case ResultDue(act):
                return (world.result(stage, config, rest, act),)
            case Raised():
                return (world.raised(stage, config, rest, duty),)
            case StreamDue():
                return world.stream(stage, config, rest, duty)
            case GapDraw(entry):
                return world.draw_gap(stage, config, rest, entry)
        raise AssertionError(f"unknown duty {duty!r}")

    def act(self, config: Config, name: str, args: Args) -> Move:
        """The move that an act of the agent is. Raises ValueError where the scenario has no such act."""
        event = f"agent.{name}"
        act = self.tables.acts.get(event)
        turn = config.agenda[0] if config.agenda else None
        if act is None or not isinstance(turn, AgentTurn):
            raise ValueError(f"the agent cannot {name} here")
        per_turn = self.scenario.agent.per_turn
        arms = self.tables.arming.get(event)
        draft = Draft.of(self.tables, config)
        open_before = config.states
        if act.proactive and not turn.asked:
            self._invented(draft, event)
        happen(draft, event, args, sets=(), by_agent=True, by_person=False)
        if arms is not None:
            self._arm(draft, config, event, args, arms)
        keeps_floor = act.kind == "does" and arms is None
        continues = keeps_floor and turn.used + 1 < per_turn
        if not continues:
            end_turn(draft, open_before)
        open_on_event(draft, event, args, config.memory)
        duties: list[Duty] = []
        if act.returns:
            duties.append(ResultDue(name))
        later: list[Duty] = []
        if continues:
            later.append(AgentTurn(turn.asked, turn.used + 1))
        elif keeps_floor and per_turn == 1:
            later.append(AgentTurn(turn.asked, 0))
        replies: list[Duty] = []
        if not keeps_floor:
            after = draft.context(event, args, config.memory)
            replies = people.owed(self.stage, after, args, speech=act.kind == "says", by=-1)
        rest = config.agenda[1:]
        return self.stage.compose(
            config, draft, event, args, "agent", first=duties, owed=replies, then=later, rest=rest, spans=(act.span,)
        )

    def _invented(self, draft: Draft, event: str) -> None:
        """A proactive act where nobody asks and no window is open is out of place, if some trigger says what is right then."""
        named = occasion(self.tables, event).guarding
        if named is not None and "open" not in draft.states[self.tables.first_trigger : self.tables.first_shift]:
            draft.violate(f"invented:{named.source.name}")
            draft.spans.append(named.source.span)

    def _arm(self, draft: Draft, config: Config, event: str, args: Args, field: str) -> None:
        text = dict(args).get(field)
        kind = next(f.type for f in self.tables.acts[event].fields if f.name == field)
        assert isinstance(kind, Condition)
        if not isinstance(text, str):
            return
        try:
            self.stage.conditions.parse(text, kind)
        except ValueError:
            return
        known_as = self.stage.conditions.classify(text, kind, Draft.of(self.tables, config).context())
        if "reminder" not in self.scenario.agent.wakes:
            known_as = self.stage.conditions.watching(text)
        known_as = str(known_as) if known_as is not None else text
        draft.armed = Armed(text if self.exact else known_as, known_as, False, -1)

    def abstracted(self, config: Config) -> Config:
        """The graph's configuration that an exact one belongs to. Only an engine that is not exact can tell."""
        stream = tuple(
            (row, self.tick - config.now % self.tick) if self.stage.drawn[i] else (row, left)
            for i, (row, left) in enumerate(config.stream)
        )
        agenda = tuple(d for d in config.agenda if not isinstance(d, GapDraw))
        armed = config.armed
        if armed is not None:
            armed = armed._replace(text=armed.known_as)
        now = -1 if self.repeats else config.now
        binding, values = self.alike[config.binding], config.values
        if binding != config.binding and values:
            shared, of = self.bindings[binding], self.tables.layout.variables
            there = {of[name]: shared[name] for name in self.unread}
            values = tuple(there.get(index, value) for index, value in enumerate(values))
        config = config._replace(binding=binding, values=values, stream=stream, agenda=agenda, armed=armed, now=now)
        return self.stage.canonical(config)

    def context(self, config: Config) -> Context:
        """What expressions are evaluated in at this configuration, no event in scope."""
        return Draft.of(self.tables, config).context()

    def valuation(self, config: Config) -> Mapping[str, Value]:
        """Every variable's value by name."""
        return {v.name: value for v, value in zip(self.tables.variables, config.values, strict=True)}

    def tasks(self, config: Config) -> Mapping[str, str]:
        """Each task's state by name."""
        places = self.tables.places(config.states)
        return {task.source.name: place for task, place in zip(self.tables.tasks, places, strict=True)}

    def machine_states(self, config: Config) -> Mapping[str, str]:
        """Every machine's state by full name (``trigger.cheap_seat``)."""
        # Once a graph's episode is over, only its tasks are kept.
        return dict(zip(self.tables.machines, config.states, strict=False))

    def open_triggers(self, config: Config) -> tuple[str, ...]:
        first = self.tables.first_trigger
        return tuple(t.source.name for i, t in enumerate(self.tables.triggers) if config.states[first + i] == "open")

    def elapsed(self, config: Config) -> int:
        """ms of virtual time since the start; 0 where the graph does not keep it."""
        return max(config.now, 0)

    def readable(self, config: Config) -> Mapping[str, str]:
        """The configuration as a reader sees it."""
        return self._reader.readable(config)

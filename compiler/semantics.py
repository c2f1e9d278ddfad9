"""The one semantics: from a configuration to the moves that are possible in it.

The same code steps an episode and explores the state graph. Two things differ, both behind ``exact``: an exact engine draws the
gaps of repeated stream entries and keeps every value and the clock as they are; a graph's engine lets such an entry come at
any tick and keeps, of each world variable that draws drive, only the region that it lies in (``regions``). ``abstracted`` takes
a configuration of the first kind to one of the second.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import reduce
from itertools import product
from math import gcd
from typing import Protocol

from dramaturg.compiler import conditions, monitors
from dramaturg.compiler.arguments import Arguments
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
    ResultDue,
    ShiftDraw,
    StreamDue,
    TaskDraw,
)
from dramaturg.compiler.draws import Drawer, drawers, outcomes
from dramaturg.compiler.evaluate import Context, compiled
from dramaturg.compiler.graph import AGENT, CHANCE, END, PERSON, WORLD
from dramaturg.compiler.lowering import LoweredEntry, Tables, all_guards, lower, reads, saturated
from dramaturg.compiler.step import (
    Draft,
    end_turn,
    fire,
    happen,
    next_deadline,
    open_on_event,
    over,
    pass_time,
    settle,
    verdict,
)
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.scenario import MoveSpec, Scenario
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Bool, Condition, Enum, Number, Optional, Type, Value, visible_to_agent


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


def domain(kind: Type) -> list[Value]:
    """Every value of a bounded type, in order. Raises ValueError for an unbounded one."""
    match kind:
        case Bool():
            return [False, True]
        case Enum(members):
            return list(members)
        case Number():
            return list(kind.grid())
        case Optional(inner):
            return [None, *domain(inner)]
        case _:
            raise ValueError(f"{kind} cannot be enumerated")


class Semantics:
    """The step semantics of one scenario."""

    def __init__(self, scenario: Scenario, *, exact: bool = True, regions: Regions | None = None):
        """Without ``regions`` every value is its own region."""
        self.scenario = scenario
        self.exact = exact
        self._regions = regions
        self._conditions: dict[str, Expr] = {}
        self._condition_memo: dict[tuple[Hashable, ...], tuple[str, ...]] = {}
        self._class_memo: dict[tuple[Hashable, ...], Value] = {}
        self.tables: Tables = lower(scenario, self._matches)
        self.arguments = Arguments(scenario, self.tables.layout, self._representatives, self._class)
        self.bindings = self._bindings()
        self.repeats = any(entry.source.kind == "every" for entry in self.tables.stream)
        self.tick = self._tick() if self.repeats else 0
        self._entry_drawers = tuple(
            drawers(entry.source.fields, scenario.events.get(entry.source.emit or ""), self.tables.layout)
            for entry in self.tables.stream
        )
        self._carried: tuple[Mapping[str, int], ...] = tuple(
            {
                guard.expr.name: self.tables.layout.variables[name]
                for name, guard in entry.source.sets
                if isinstance(guard.expr, core.Field)
            }
            for entry in self.tables.stream
        )
        self._unread = tuple(self._fields_unread(entry) for entry in self.tables.stream)
        self._move_drawers: dict[int, tuple[Drawer, ...]] = {}

    # Bindings and the start -------------------------------------------------------------------------------------------

    def _bindings(self) -> tuple[Mapping[str, Value], ...]:
        parameters = self.scenario.parameters
        return tuple(
            {p.name: value for p, value in zip(parameters, choice, strict=True)}
            for choice in product(*(domain(p.type) for p in parameters))
        )

    def _tick(self) -> int:
        amounts: list[int] = []
        for entry in self.tables.stream:
            if entry.source.kind == "every":
                amounts += [entry.source.gap_lo, entry.source.gap_hi]
        for operator in self.tables.operators:
            if isinstance(operator, core.Held | core.InLast) and operator.wait.ms is not None:
                amounts.append(operator.wait.ms)
        for trigger in self.tables.triggers:
            if trigger.source.within is not None and trigger.source.within.ms is not None:
                amounts.append(trigger.source.within.ms)
        for task in self.tables.tasks:
            for lines in task.lines.values():
                amounts += [line.source.after for line in lines if line.source.after is not None]
        return reduce(gcd, (a for a in amounts if a > 0), 0) or 1

    def initial(self, binding: int) -> Config:
        """The configuration in which the episode starts."""
        tables, bound = self.tables, self.bindings[binding]
        values: list[Value] = []
        for variable in tables.variables:
            if variable.start is None:
                values.append(bound.get(variable.name))
                continue
            ctx = Context((*values, *([None] * (len(tables.variables) - len(values)))), (), (), ())
            values.append(saturated(compiled(variable.start.expr, tables.layout)(ctx), variable.type))
        states = (
            *(task.source.initial for task in tables.tasks),
            *("hidden" for _ in tables.concerns),
            *("idle" for _ in tables.triggers),
            *("waiting" for _ in tables.shifts),
        )
        clocks = (
            *(0 for _ in tables.tasks),
            *(0 for _ in tables.concerns),
            *(-1 for _ in tables.triggers),
            *(0 for _ in tables.shifts),
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
                case "every":
                    stream.append((0, -1))
                    if self.exact:
                        agenda.append(GapDraw(index))
                case _:
                    stream.append((0, -1))
        if self.scenario.agent.opens:
            agenda.append(AgentTurn(True, 0))
        agenda += [Opening(i) for i, person in enumerate(tables.people) if person.opens is not None]
        now = 0 if self.exact or not self.repeats else -1
        draft = Draft(
            tables,
            binding,
            values,
            list(states),
            list(clocks),
            [False] * len(states),
            monitors.initial(tables.operators),
            None,
            stream,
            now,
        )
        settle(draft, self._armed_level)
        return self._finished(draft, tuple(agenda))

    # Conditions that the agent arms -----------------------------------------------------------------------------------

    def condition(self, text: str, kind: Condition) -> Expr:
        """An agent-written condition, parsed and typed. Raises ValueError in the author's words where it is none."""
        if text not in self._conditions:
            from dramaturg.compiler.reading import agent_condition

            self._conditions[text] = agent_condition(text, kind, self.scenario)
        return self._conditions[text]

    def _holds(self, expr: Expr, valuation: Mapping[str, Value]) -> bool:
        values = tuple(valuation.get(v.name) for v in self.tables.variables)
        return bool(compiled(expr, self.tables.layout)(Context(values, (), (), ())))

    def _targets(self, kind: Condition) -> list[int]:
        """The triggers that a condition of this kind can be meant for."""
        return [
            i
            for i, trigger in enumerate(self.tables.triggers)
            if not trigger.when.on_event and reads(trigger.source.when.expr) & set(kind.names)
        ]

    def _meant(self, trigger: int, kind: Condition, values: tuple[Value, ...]) -> Expr:
        valuation = {v.name: value for v, value in zip(self.tables.variables, values, strict=True)}
        return conditions.of_trigger(self.tables.triggers[trigger].source, kind.names, valuation)

    def _representatives(self, kind: Condition, ctx: Context) -> tuple[str, ...]:
        """One condition per class that the graph knows, for each trigger that it can be meant for, the exact one first."""
        out: list[str] = []
        for trigger in self._targets(kind):
            exact = self._meant(trigger, kind, ctx.values)
            memo = (exact, kind)
            if memo not in self._condition_memo:
                self._condition_memo[memo] = tuple(self._classes(exact, kind))
            out += [text for text in self._condition_memo[memo] if text not in out]
        return tuple(out)

    def _classes(self, exact: Expr, kind: Condition) -> Iterable[str]:
        variables = self.scenario.variables
        state, _ = conditions.strip_held(exact)
        proposals: list[Expr] = []
        if isinstance(state, core.And):
            proposals += list(state.items)
        number = next((n for n in kind.names if isinstance(variables[n].type, Number)), None)
        if number is not None:
            bounds = variables[number].type
            assert isinstance(bounds, Number)
            if bounds.lo is not None and bounds.hi is not None:
                proposals += [
                    core.Compare(">=", core.Var(number), core.Const(bounds.lo)),
                    core.Compare("<=", core.Var(number), core.Const(bounds.lo)),
                    core.And((state, core.Compare("<=", core.Var(number), core.Const(bounds.lo)))),
                    core.Compare(">=", core.Var(number), core.Const(bounds.hi)),
                ]
        found: dict[str, Expr] = {conditions.EXACT: exact}
        for proposal in proposals:
            expr = core.Held(proposal, exact.wait) if isinstance(exact, core.Held) else proposal
            found.setdefault(conditions.relation(expr, exact, variables, self._holds), expr)
        for expr in found.values():
            text = conditions.write(expr, variables)
            self._conditions.setdefault(text, expr)
            yield text

    def _class(self, text: Value, kind: Condition, ctx: Context) -> Value:
        """The representative that a condition text falls to; None where it falls to none."""
        if not isinstance(text, str):
            return None
        representatives = self._representatives(kind, ctx)
        if text in representatives:
            return text
        memo = (text, representatives)
        if memo not in self._class_memo:
            self._class_memo[memo] = self._nearest(text, kind, representatives)
        return self._class_memo[memo]

    def _nearest(self, text: str, kind: Condition, representatives: tuple[str, ...]) -> Value:
        try:
            mine = self.condition(text, kind)
        except ValueError:
            return None
        variables = self.scenario.variables
        exact = self._conditions[representatives[0]] if representatives else None
        if exact is None:
            return None
        wanted = conditions.relation(mine, exact, variables, self._holds)
        for candidate in representatives:
            if conditions.relation(self._conditions[candidate], exact, variables, self._holds) == wanted:
                return candidate
        return None

    def _matches(self, text: Value, trigger: str, values: tuple[Value, ...]) -> bool:
        if not isinstance(text, str):
            return False
        index = next(i for i, t in enumerate(self.tables.triggers) if t.source.name == trigger)
        kind = next(
            (f.type for act in self.scenario.agent.acts for f in act.fields if isinstance(f.type, Condition)), None
        )
        if kind is None:
            return False
        theirs = self._meant(index, kind, values)
        memo = ("matches", text, theirs)
        if memo not in self._class_memo:
            try:
                mine = self.condition(text, kind)
            except ValueError:
                self._class_memo[memo] = False
            else:
                self._class_memo[memo] = (
                    conditions.relation(mine, theirs, self.scenario.variables, self._holds) == conditions.EXACT
                )
        return bool(self._class_memo[memo])

    def _armed_level(self, armed: Armed, values: tuple[Value, ...]) -> tuple[bool, int]:
        state, wait = conditions.strip_held(self._conditions[armed.text])
        return bool(compiled(state, self.tables.layout)(Context(values, (), (), ()))), wait

    def _armed_wait(self, armed: Armed | None) -> int:
        return 0 if armed is None else conditions.strip_held(self._conditions[armed.text])[1]

    # What everyone may do ---------------------------------------------------------------------------------------------

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
        if not config.agenda:
            return self._time(config)
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
                return self._person(config, rest, person, [(1.0, spec, "", (spec.span,))])
            case Forced(person, machine):
                return self._forced(config, rest, person, machine)
            case Owed():
                return self._reply(config, rest, duty)
            case ShiftDraw(number):
                return self._shift(config, rest, number)
            case TaskDraw():
                return self._task_draw(config, rest, duty)
            case ResultDue(act):
                return (self._result(config, rest, act),)
            case StreamDue():
                return self._stream(config, rest, duty)
            case GapDraw(entry):
                return self._gaps(config, rest, entry)
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
        after = draft.context(event, args, config.memory)
        replies = [] if keeps_floor else self._owed(after, args, speech=act.kind == "says", by=-1)
        move = self._compose(
            config, draft, event, args, "agent", first=duties, owed=replies, then=later, rest=config.agenda[1:]
        )
        return _with(move, spans=(act.span, *move.spans))

    def _invented(self, draft: Draft, event: str) -> None:
        """A proactive act where nobody asks and no window is open is out of place, if some trigger says what is right then."""
        triggers = self.tables.triggers
        first = self.tables.first_trigger
        if any(draft.states[first + i] == "open" for i in range(len(triggers))):
            return
        guarding = [t for t in triggers if t.source.otherwise is not None and t.source.otherwise != event]
        named = next((t for t in guarding if event in t.expects), guarding[0] if guarding else None)
        if named is not None:
            draft.violate(f"invented:{named.source.name}")
            draft.spans.append(named.source.span)

    def _arm(self, draft: Draft, config: Config, event: str, args: Args, field: str) -> None:
        text = dict(args).get(field)
        kind = next(f.type for f in self.tables.acts[event].fields if f.name == field)
        assert isinstance(kind, Condition)
        if not isinstance(text, str):
            return
        try:
            self.condition(text, kind)
        except ValueError:
            return
        known_as = self._class(text, kind, Draft.of(self.tables, config).context())
        if "reminder" not in self.scenario.agent.wakes:
            known_as = self._watching(text)
        known_as = str(known_as) if known_as is not None else text
        draft.armed = Armed(text if self.exact else known_as, known_as, False, -1)

    def _watching(self, text: str) -> str:
        """Where updates wake the agent rather than the condition itself, only the names that it reads matter."""
        read = sorted(conditions.names(self._conditions[text]))
        name = f"watching {', '.join(read)}"
        self._conditions.setdefault(name, core.And(tuple(core.Known(core.Var(each)) for each in read)))
        return name

    def _owed(self, after: Context, args: Args, *, speech: bool, by: int) -> list[Duty]:
        """Who may answer the event at hand: the persons with a line for it. What is not spoken must be named by the line.

        Whether a line's pattern matches is judged here, on the state after the event; its ``if`` when she answers.
        """
        out: list[Duty] = []
        agent_acts = len(self.scenario.agent.acts)
        for index, lines in enumerate(self.tables.replies):
            if index == by:
                continue
            named = [
                n
                for n, line in enumerate(lines)
                if after.event in line.events and (speech or len(line.events) < agent_acts)
            ]
            if named:
                kept = tuple((name, value) for name, value in args if name in self.tables.recalled[index])
                out.append(Owed(index, after.event, kept, tuple(n for n in named if lines[n].to(after))))
        return out

    def _person(
        self,
        config: Config,
        rest: tuple[Duty, ...],
        person: int,
        lines: list[tuple[float, MoveSpec | None, str, tuple[Span, ...]]],
        event: str = "",
        args: Args = (),
        shift: int | None = None,
        voice: str = "",
    ) -> tuple[Move, ...]:
        """A person's moves, each line with its probability; a line without a move is silence."""
        who = self.tables.people[person].name
        out: list[Move] = []
        for weight, spec, guard, spans in lines:
            if spec is None:
                draft = Draft.of(self.tables, config)
                move = self._compose(config, draft, "", (), who, rest=rest, name="nothing")
                guards = "; ".join(part for part in (guard, move.guard) if part)
                out.append(_with(move, chance=weight, guard=guards, spans=(*spans, *move.spans)))
                continue
            before = Draft.of(self.tables, config).context(event, args)
            drawer = self._drawers(spec)
            for fields, share in outcomes(drawer, before):
                draft = Draft.of(self.tables, config)
                if shift is not None:
                    machine = self.tables.first_shift + shift
                    draft.clocks[machine] += 1
                    draft.states[machine] = "done"
                happen(draft, spec.event, fields, sets=(), by_agent=False, by_person=True)
                open_on_event(draft, spec.event, fields, config.memory)
                after = draft.context(spec.event, fields, config.memory)
                owed = self._owed(after, fields, speech=True, by=person)
                wakes = self._wakes_on(spec.event, person)
                move = self._compose(
                    config,
                    draft,
                    spec.event,
                    fields,
                    who,
                    first=[AgentTurn(not owed, 0)] if wakes else [],
                    owed=owed,
                    rest=rest,
                    voice=voice,
                )
                guards = "; ".join(part for part in (guard, move.guard) if part)
                out.append(_with(move, chance=weight * share, guard=guards, spans=(*spans, *move.spans)))
        return tuple(out)

    def _drawers(self, spec: MoveSpec) -> tuple[Drawer, ...]:
        key = id(spec)
        if key not in self._move_drawers:
            self._move_drawers[key] = drawers(spec.fields, self.scenario.events.get(spec.event), self.tables.layout)
        return self._move_drawers[key]

    def _wakes_on(self, event: str, person: int | None) -> bool:
        wakes = self.scenario.agent.wakes
        if event in wakes:
            return True
        if person is None:
            return False
        who = self.tables.people[person]
        return who.name in wakes or (who.role == "user" and "user" in wakes)

    def _forced(self, config: Config, rest: tuple[Duty, ...], person: int, machine: str) -> tuple[Move, ...]:
        kind, name = machine.split(".", 1)
        who = self.tables.people[person].name
        if kind == "shift":
            number = next(i for i, s in enumerate(self.tables.shifts) if s.source.name == name)
            shift = self.tables.shifts[number].source
            spec = shift.move
            assert spec is not None
            return self._person(config, rest, person, [(1.0, spec, "", (shift.span,))], shift=number)
        concern = next(c.source for c in self.tables.concerns if c.source.name == name)
        if concern.voiced_as is not None:
            lines = [(1.0, concern.voiced_as, "", (concern.span,))]
            return self._person(config, rest, person, list(lines), voice=concern.says)
        draft = Draft.of(self.tables, config)
        event, args = f"{who}.voice", (("concern", name),)
        happen(draft, event, args, sets=(), by_agent=False, by_person=True)
        open_on_event(draft, event, args, config.memory)
        first: list[Duty] = [AgentTurn(True, 0)] if self._wakes_on(event, person) else []
        move = self._compose(config, draft, event, args, who, first=first, rest=rest, voice=concern.says)
        return (_with(move, chance=1.0, spans=(concern.span, *move.spans)),)

    def _reply(self, config: Config, rest: tuple[Duty, ...], duty: Owed) -> tuple[Move, ...]:
        ctx = Draft.of(self.tables, config).context(duty.event, duty.args)
        lines: list[tuple[float, MoveSpec | None, str, tuple[Span, ...]]] = []
        left = 1.0
        for number in duty.lines:
            line = self.tables.replies[duty.person][number]
            if left <= 0 or (line.condition is not None and not line.condition(ctx)):
                continue
            source = line.source
            text = source.to.text if source.condition is None else f"{source.to.text}, if {source.condition.text}"
            if source.chance > 0:
                lines.append((left * source.chance, source.do, text, (source.span,)))
            left *= 1 - source.chance
        if left > 1e-12:
            lines.append((left, None, "", ()))
        return self._person(config, rest, duty.person, lines, duty.event, duty.args)

    def _shift(self, config: Config, rest: tuple[Duty, ...], number: int) -> tuple[Move, ...]:
        shift = self.tables.shifts[number]
        person = shift.person
        rest = tuple(d for d in rest if not (isinstance(d, Owed) and d.person == person))
        forced = Forced(person, f"shift.{shift.source.name}")
        out = []
        if shift.source.chance > 0:
            move = self._compose(
                config, Draft.of(self.tables, config), "", (), "chance", first=[forced], rest=rest, name="draw"
            )
            out.append(_with(move, chance=shift.source.chance, spans=(shift.source.span, *move.spans)))
        if shift.source.chance < 1:
            move = self._compose(
                config, Draft.of(self.tables, config), "", (), "chance", rest=config.agenda[1:], name="draw"
            )
            out.append(_with(move, chance=1 - shift.source.chance, spans=(shift.source.span, *move.spans)))
        return tuple(out)

    def _task_draw(self, config: Config, rest: tuple[Duty, ...], duty: TaskDraw) -> tuple[Move, ...]:
        line = self.tables.tasks[duty.task].lines[duty.state][duty.transition]
        taken, passed = Draft.of(self.tables, config), Draft.of(self.tables, config)
        if taken.states[duty.task] == duty.state:
            fire(taken, duty.task, line, taken.context(duty.event, duty.args))
        yes = self._compose(config, taken, "", (), "chance", rest=rest, name="draw")
        no = self._compose(config, passed, "", (), "chance", rest=rest, name="draw")
        span = line.source.span
        return (
            _with(yes, chance=line.source.chance, spans=(span, *yes.spans)),
            _with(no, chance=1 - line.source.chance, spans=(span, *no.spans)),
        )

    def _result(self, config: Config, rest: tuple[Duty, ...], act: str) -> Move:
        event = f"result.{act}"
        index = self.tables.layout.variables
        source = self.tables.acts[f"agent.{act}"]
        args = tuple((name, config.values[index[name]]) for name in source.returns)
        draft = Draft.of(self.tables, config)
        happen(draft, event, args, sets=(), by_agent=False, by_person=False)
        open_on_event(draft, event, args, config.memory)
        first: list[Duty] = []
        if not any(isinstance(d, AgentTurn) for d in rest) and "result" in self.scenario.agent.wakes:
            first.append(AgentTurn(False, 0))
        move = self._compose(config, draft, event, args, "world", first=first, rest=rest)
        return _with(move, chance=1.0, spans=(source.span, *move.spans))

    # The environment --------------------------------------------------------------------------------------------------

    def _gaps(self, config: Config, rest: tuple[Duty, ...], index: int) -> tuple[Move, ...]:
        gaps = self._gap_options(self.tables.stream[index])
        out = []
        for gap in gaps:
            stream = list(config.stream)
            stream[index] = (0, gap)
            target = config._replace(agenda=rest, stream=tuple(stream))
            out.append(Move("world", "draw", target, chance=1 / len(gaps), visible=False))
        return tuple(out)

    def _gap_options(self, entry: LoweredEntry) -> list[int]:
        lo, hi = entry.source.gap_lo, entry.source.gap_hi
        return list(range(lo, hi + 1, self.tick)) or [lo]

    def _stream(self, config: Config, rest: tuple[Duty, ...], duty: StreamDue) -> tuple[Move, ...]:
        index, source = duty.entry, self.tables.stream[duty.entry].source
        stream = list(config.stream)
        row: Mapping[str, Value] | None = None
        if source.kind == "play":
            assert source.recording is not None
            number = config.stream[index][0]
            offset, row = source.recording.rows[number]
            if number + 1 < len(source.recording.rows):
                wait = source.recording.rows[number + 1][0] - offset
                stream[index] = (number + 1, wait)
            else:
                stream[index] = (number + 1, -1)
        elif source.kind == "at":
            stream[index] = (1, -1)
        config = config._replace(stream=tuple(stream))
        gaps: list[int] = [-1]
        if source.kind == "every" and self.exact:
            if config.stream[index][1] > 0:
                return (_with(self._quiet(config, rest, duty), chance=1.0),)
            gaps = self._gap_options(self.tables.stream[index])
        out: list[Move] = []
        may = source.kind == "every" and not self.exact
        occurs = source.chance
        if may:
            mean = (source.gap_lo + source.gap_hi) / 2
            occurs = min(1.0, source.chance * self.tick / mean)
        for gap in gaps:
            at = config
            if gap >= 0:
                after = list(config.stream)
                after[index] = (0, gap)
                at = config._replace(stream=tuple(after))
            if occurs > 0:
                out += [
                    _with(move, chance=(move.chance or 0.0) * occurs / len(gaps), may=may)
                    for move in self._emissions(at, rest, duty, row)
                ]
            if occurs < 1:
                out.append(_with(self._quiet(at, rest, duty), chance=(1 - occurs) / len(gaps), may=may))
        return tuple(out)

    def _quiet(self, config: Config, rest: tuple[Duty, ...], duty: StreamDue) -> Move:
        draft = Draft.of(self.tables, config)
        move = self._compose(config, draft, "", (), "world", rest=rest, name="skip", settled=duty.last)
        return _with(move, spans=(self.tables.stream[duty.entry].source.span, *move.spans))

    def _emissions(
        self, config: Config, rest: tuple[Duty, ...], duty: StreamDue, row: Mapping[str, Value] | None
    ) -> list[Move]:
        """What the entry may do now: for every value that its regional variables may have, every draw; like outcomes merged."""
        entry = self.tables.stream[duty.entry]
        source = entry.source
        event = source.emit or ""
        falls: dict[tuple[Hashable, ...], tuple[tuple[Value, ...], Args, float]] = {}
        quiet = 0.0
        choices = self._concretions(config, entry)
        for values in choices:
            ctx = Context(values, config.states, config.memory, config.memory)
            if entry.condition is not None and not entry.condition(ctx):
                quiet += 1 / len(choices)
                continue
            if row is not None:
                options = [(tuple((f.name, row.get(f.name)) for f in self.scenario.events[event].fields), 1.0)]
            else:
                options = outcomes(self._entry_drawers[duty.entry], ctx)
            for drawn, weight in options:
                args = self._by_region(config, duty.entry, drawn)
                shown = tuple((n, None if n in self._unread[duty.entry] else v) for n, v in args)
                key = (shown, *self._written(values, config, entry, event, args))
                old = falls.get(key, (values, args, 0.0))
                falls[key] = (old[0], old[1], old[2] + weight / len(choices))
        out = [_with(self._quiet(config, rest, duty), chance=quiet)] if quiet > 0 else []
        for (shown, *_), (values, args, weight) in falls.items():
            concrete = config._replace(values=values)
            draft = Draft.of(self.tables, concrete)
            happen(draft, event, args, sets=entry.sets, by_agent=False, by_person=False)
            if event:
                open_on_event(draft, event, args, concrete.memory)
            if (event and self._wakes_on(event, None)) or self._updates(draft):
                draft.wake = True
            assert isinstance(shown, tuple)
            move = self._compose(concrete, draft, event, shown, "world", rest=rest, settled=duty.last, name="set")
            texts = (source.condition.text if source.condition is not None else "", move.guard)
            guards = "; ".join(text for text in texts if text)
            out.append(_with(move, chance=weight, guard=guards, spans=(source.span, *move.spans)))
        return out

    def _written(
        self, values: tuple[Value, ...], config: Config, entry: LoweredEntry, event: str, args: Args
    ) -> Iterable[Value]:
        """What the entry's ``set`` writes, each value by its region: outcomes that agree in it are one move."""
        ctx = Context(values, config.states, config.memory, config.memory, event, dict(args))
        for index, evaluate, kind in entry.sets:
            value = saturated(evaluate(ctx), kind)
            yield value if self._regions is None else self._regions.representative(config.binding, index, value)

    def _concretions(self, config: Config, entry: LoweredEntry) -> list[tuple[Value, ...]]:
        if self._regions is None:
            return [config.values]
        read: set[str] = set()
        for _, guard in (*entry.source.fields, *entry.source.sets):
            read |= reads(guard.expr)
        if entry.source.condition is not None:
            read |= reads(entry.source.condition.expr)
        indices = sorted(self.tables.layout.variables[name] for name in read)
        options = [self._regions.members(config.binding, i, config.values[i]) for i in indices]
        out = []
        for choice in product(*options):
            values = list(config.values)
            for i, value in zip(indices, choice, strict=True):
                values[i] = value
            out.append(tuple(values))
        return out

    def _by_region(self, config: Config, index: int, args: Args) -> Args:
        """The fields with those that only carry a regional variable's next value replaced by its region's representative."""
        if self._regions is None:
            return args
        carried = self._carried[index]
        return tuple(
            (n, self._regions.representative(config.binding, carried[n], v) if n in carried else v) for n, v in args
        )

    def _fields_unread(self, entry: LoweredEntry) -> frozenset[str]:
        """Drawn fields of a repeated entry that nothing but its own ``set`` reads: a regional graph does not keep them."""
        if self._regions is None or entry.source.kind != "every":
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

    def _updates(self, draft: Draft) -> bool:
        """Whether a name that the armed condition reads was written, and the agent wakes for that."""
        if draft.armed is None or "update" not in self.scenario.agent.wakes:
            return False
        names = conditions.names(self._conditions[draft.armed.text])
        return any(self.tables.variables[i].name in names for i in draft.written)

    def _time(self, config: Config) -> tuple[Move, ...]:
        """Dormancy: time moves to the next deadline."""
        tables = self.tables
        wait = next_deadline(config, tables, self._armed_wait(config.armed))
        if self.repeats:
            wait = self.tick if wait is None else min(wait, self.tick)
        left = self.scenario.horizon - config.now if config.now >= 0 else None
        if wait is None or (left is not None and wait >= left):
            return (self._over(config, max(left or 0, 0)),)
        draft = Draft.of(tables, config)
        pass_time(draft, wait, self._armed_wait(config.armed))
        due = [
            i
            for i, (_, remaining) in enumerate(draft.stream)
            if (config.stream[i][1] > 0 and remaining == 0) or tables.stream[i].source.kind == "every"
        ]
        duties: tuple[Duty, ...] = tuple(StreamDue(i, n == len(due) - 1) for n, i in enumerate(due))
        move = self._compose(config, draft, "", (), "clock", rest=duties, name="tick", settled=not due)
        out = [_with(move, delay=wait, chance=1.0)]
        if left is None:
            # The horizon is not kept in such a graph: the episode may be cut off at any instant.
            horizon_chance = min(1.0, self.tick / max(self.scenario.horizon, 1))
            out[0] = _with(out[0], chance=1 - horizon_chance)
            out.append(_with(self._over(config, 0), chance=horizon_chance, may=True))
        return tuple(out)

    def _over(self, config: Config, left: int) -> Move:
        draft = Draft.of(self.tables, config)
        if left and not self.repeats:
            pass_time(draft, left, self._armed_wait(config.armed))
        end = verdict(config.states, self.tables, truncated=True)
        assert end is not None
        target = draft.config((Over(end),))
        return Move(
            "clock",
            "over",
            self._canonical(target),
            delay=left,
            chance=1.0,
            violations=tuple(draft.violations),
            facts=self._facts(draft, config, "", ()),
            spans=tuple(draft.spans),
        )

    # Putting a move together ------------------------------------------------------------------------------------------

    def _finished(self, draft: Draft, rest: tuple[Duty, ...]) -> Config:
        end = over(draft)
        return self._canonical(draft.config((end,) if end is not None else (*draft.duties, *rest)))

    def _canonical(self, config: Config) -> Config:
        if self._regions is not None:
            config = config._replace(values=self._regions.canon(config.binding, config.values))
        if config.agenda and isinstance(config.agenda[0], Over):
            config = config._replace(
                armed=None, stream=(), memory=(), edges=(), now=-1 if not self.exact else config.now
            )
        return config

    def _compose(
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
            settle(draft, self._armed_level)
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
        agenda = _one_turn(agenda)
        end = over(draft)
        if end is not None:
            agenda = [end]
        target = self._canonical(draft.config(tuple(agenda)))
        seen = self._observation(event, args, voice) if actor != "agent" else None
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
            facts=self._facts(draft, config, event, args),
            spans=tuple(dict.fromkeys(draft.spans)),
        )

    def _observation(self, event: str, args: Args, voice: str) -> Hashable:
        kind = self.scenario.events.get(event)
        if kind is None or not visible_to_agent(kind.view):
            return None
        views = {field.name: field.view for field in kind.fields}
        shown = tuple((name, value) for name, value in args if visible_to_agent(views.get(name, "public")))
        return (event, shown, voice)

    def _facts(self, draft: Draft, config: Config, event: str, args: Args) -> int:
        if not self.tables.facts:
            return 0
        ctx = draft.context(event, args, config.memory)
        bits = 0
        for index, fact in enumerate(self.tables.facts):
            if fact.evaluate(ctx):
                bits |= 1 << index
        return bits

    # Reading a configuration ------------------------------------------------------------------------------------------

    def abstracted(self, config: Config) -> Config:
        """The graph's configuration that an exact one belongs to. Only an engine that is not exact can tell."""
        stream = tuple(
            (row, -1) if self.tables.stream[i].source.kind == "every" else (row, left)
            for i, (row, left) in enumerate(config.stream)
        )
        agenda = tuple(d for d in config.agenda if not isinstance(d, GapDraw))
        armed = config.armed
        if armed is not None:
            armed = armed._replace(text=armed.known_as)
        now = -1 if self.repeats else config.now
        return self._canonical(config._replace(stream=stream, agenda=agenda, armed=armed, now=now))

    def context(self, config: Config) -> Context:
        """What expressions are evaluated in at this configuration, no event in scope."""
        return Draft.of(self.tables, config).context()

    def valuation(self, config: Config) -> Mapping[str, Value]:
        """Every variable's value by name."""
        return {v.name: value for v, value in zip(self.tables.variables, config.values, strict=True)}

    def tasks(self, config: Config) -> Mapping[str, str]:
        """Each task's state by name."""
        return {task.source.name: config.states[i] for i, task in enumerate(self.tables.tasks)}

    def machine_states(self, config: Config) -> Mapping[str, str]:
        """Every machine's state by full name (``trigger.cheap_seat``)."""
        return dict(zip(self.tables.machines, config.states, strict=True))

    def open_triggers(self, config: Config) -> tuple[str, ...]:
        first = self.tables.first_trigger
        return tuple(t.source.name for i, t in enumerate(self.tables.triggers) if config.states[first + i] == "open")

    def elapsed(self, config: Config) -> int:
        """ms of virtual time since the start; 0 where the graph does not keep it."""
        return max(config.now, 0)

    def readable(self, config: Config) -> Mapping[str, str]:
        """The configuration as a reader sees it."""
        from dramaturg.dsl.amounts import show

        out = dict(self.machine_states(config))
        for variable, value in zip(self.tables.variables, config.values, strict=True):
            out[variable.name] = "unknown" if value is None else show(value, variable.type)
        if config.armed is not None:
            out["armed"] = config.armed.known_as
        out["next"] = _duty_text(config.agenda[0], self.tables) if config.agenda else "time passes"
        return out


def _with(move: Move, **changes: object) -> Move:
    from dataclasses import replace

    return replace(move, **changes)  # type: ignore[arg-type]  # the callers name fields of Move with their types


def _one_turn(agenda: list[Duty]) -> list[Duty]:
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


def _duty_text(duty: Duty, tables: Tables) -> str:
    match duty:
        case AgentTurn(asked, _):
            return "the agent answers" if asked else "the agent may act"
        case Opening(person):
            return f"{tables.people[person].name} opens"
        case Owed(person=person, event=event):
            return f"{tables.people[person].name} may answer {event}"
        case Forced(person, machine):
            return f"{tables.people[person].name} speaks ({machine})"
        case ShiftDraw(shift):
            return f"chance: {tables.shifts[shift].source.name}"
        case TaskDraw(task, _, _, _, _):
            return f"chance: {tables.tasks[task].source.name}"
        case ResultDue(act):
            return f"the result of {act}"
        case StreamDue(entry, _):
            source = tables.stream[entry].source
            return f"the world: {source.emit or source.kind}"
        case GapDraw(entry):
            return f"chance: when {tables.stream[entry].source.emit or 'it'} comes next"
        case Over(end):
            return f"over: {end}"
    raise AssertionError(f"unknown duty {duty!r}")

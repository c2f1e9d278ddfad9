"""Lowering: a typed scenario as tables of compiled guards and effects.

Tasks, concerns, triggers and shifts all become machines with numbered states; every expression becomes a closure; every past
operator gets one memory cell. The step semantics reads these tables and nothing else of the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from dramaturg.compiler import monitors
from dramaturg.compiler.evaluate import Eval, Layout, compiled
from dramaturg.compiler.statecharts import Statechart
from dramaturg.compiler.tables import (
    Effect,
    Fact,
    Line,
    LoweredConcern,
    LoweredEntry,
    LoweredFeel,
    LoweredReply,
    LoweredShift,
    LoweredTask,
    LoweredTrigger,
    Norm,
    Raises,
    Sets,
    Tables,
    Test,
)
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.elaboration import effects
from dramaturg.dsl.scenario import (
    Action,
    Check,
    Emission,
    Guard,
    MoveSpec,
    Scenario,
    Task,
    TaskState,
    Transition,
)
from dramaturg.dsl.types import Condition, Number, Type, Value


def _move_guards(move: MoveSpec | None) -> Iterator[Guard]:
    if move is not None:
        for _, guard in move.fields:
            yield guard


def all_guards(scenario: Scenario) -> Iterator[Guard]:
    """Every expression of a scenario, starts left out, in document order by section."""
    for entry in scenario.stream:
        yield from (g for g in (entry.when, entry.condition) if g is not None)
        yield from (g for _, g in (*entry.fields, *entry.sets))
    for person in scenario.cast:
        yield from _move_guards(person.opens)
        for reply in person.replies:
            yield reply.to
            if reply.condition is not None:
                yield reply.condition
            yield from _move_guards(reply.do)
        for feel in person.feels:
            yield feel.when
            yield from (g for _, g in feel.sets)
    for concern in scenario.concerns:
        yield from (g for g in (concern.surfaces, concern.eased, concern.hardens) if g is not None)
        yield from _move_guards(concern.voiced_as)
    for task in scenario.tasks:
        for state in task.states:
            for line in state.transitions:
                yield from (g for g in (line.when, line.condition) if g is not None)
            yield from (g for _, g in state.assignments)
            yield from (g for emission in state.emissions for _, g in emission.fields)
    for trigger in scenario.triggers:
        yield from (g for g in (trigger.when, trigger.until, trigger.expect, trigger.allow) if g is not None)
    for shift in scenario.shifts:
        yield shift.when
        yield from _move_guards(shift.move)
    for rule in scenario.rules:
        yield rule.guard
    for check in scenario.checks:
        yield check.left
        if check.right is not None:
            yield check.right


def lower(
    scenario: Scenario,
    matcher: Callable[[Value, str, tuple[Value, ...]], bool],
    decide: Callable[[str, bool], bool] | None = None,
) -> Tables:
    """The tables of a scenario. ``matcher`` decides ``condition matches TRIGGER``, ``decide`` questions of judgement."""
    variables = tuple(scenario.variables.values())
    index = {variable.name: i for i, variable in enumerate(variables)}
    machines = (
        *(f"task.{t.name}" for t in scenario.tasks),
        *(f"concern.{c.name}" for c in scenario.concerns),
        *(f"trigger.{t.name}" for t in scenario.triggers),
        *(f"shift.{s.name}" for s in scenario.shifts),
    )
    operators = monitors.past_operators(guard.expr for guard in all_guards(scenario))
    charts = {task.name: Statechart.of(task) for task in scenario.tasks if any(state.parent for state in task.states)}
    layout = Layout(
        variables=index,
        machines={name: i for i, name in enumerate(machines)},
        weights=tuple((c.person, f"concern.{c.name}", c.weight) for c in scenario.concerns),
        cells={operator: i for i, operator in enumerate(operators)},
        matcher=matcher,
        charts={f"task.{name}": chart for name, chart in charts.items()},
        decide=decide,
    )
    people = {person.name: i for i, person in enumerate(scenario.cast)}

    def evaluator(guard: Guard) -> Eval:
        return compiled(guard.expr, layout)

    def maybe(guard: Guard | None) -> Eval | None:
        return None if guard is None else evaluator(guard)

    def test(guard: Guard) -> Test:
        return Test(evaluator(guard), core.is_event(guard.expr), guard)

    def maybe_test(guard: Guard | None) -> Test | None:
        return None if guard is None else test(guard)

    def sets(pairs: tuple[tuple[str, Guard], ...]) -> Sets:
        return tuple((index[name], evaluator(g), scenario.variables[name].type) for name, g in pairs)

    def events_of(guard: Guard | None) -> frozenset[str]:
        if guard is None:
            return frozenset()
        return frozenset(e for part in core.walk(guard.expr) if isinstance(part, core.Happened) for e in part.events)

    def raises(emission: Emission | None) -> Raises | None:
        if emission is None:
            return None
        types = {field.name: field.type for field in scenario.events[emission.event].fields}
        fields = tuple((name, evaluator(g), types[name]) for name, g in emission.fields)
        return Raises(emission.event, fields, emission.span)

    def effect(action: Action) -> Effect:
        return Effect(sets(action.sets), raises(action.emit))

    clocks, levels = count(len(machines)), count(len(machines))

    def line(transition: Transition, state: TaskState, chart: Statechart | None) -> Line:
        return Line(
            maybe_test(transition.when),
            maybe(transition.condition),
            sets(transition.sets),
            transition,
            raises(transition.emit),
            next(levels) if _on_becoming_true(transition, state, chart) else None,
        )

    def task_of(task: Task) -> LoweredTask:
        chart = charts.get(task.name)
        lines = {state.name: tuple(line(t, state, chart) for t in state.transitions) for state in task.states}
        longest = {name: max((one.source.after or 0 for one in own), default=0) for name, own in lines.items()}
        return LoweredTask(
            task,
            lines,
            {state.name: state.end for state in task.states},
            {state.name: state.if_over for state in task.states},
            chart,
            {state.name: effect(state.on_entry) for state in task.states if state.on_entry is not None},
            {state.name: effect(state.on_exit) for state in task.states if state.on_exit is not None},
            {name: (next(clocks), most) for name, most in longest.items() if most} if chart is not None else {},
            {
                name: tuple(one.level for one in own if one.level is not None)
                for name, own in lines.items()
                if any(one.level is not None for one in own)
            },
        )

    tasks = tuple(task_of(task) for task in scenario.tasks)

    def facts(check: Check) -> Iterator[Fact]:
        yield Fact(check.name, "left", check.left.expr)
        if check.right is not None:
            yield Fact(check.name, "right", check.right.expr)

    acts = {f"agent.{act.name}": act for act in scenario.agent.acts}
    asked = {
        part.machine
        for guard in all_guards(scenario)
        for part in core.walk(guard.expr)
        if isinstance(part, core.InState) and {"served", "missed"} & set(part.states)
    }
    return Tables(
        scenario=scenario,
        variables=variables,
        layout=layout,
        machines=machines,
        operators=operators,
        tasks=tasks,
        concerns=tuple(
            LoweredConcern(
                c,
                people[c.person],
                maybe_test(c.surfaces),
                maybe_test(c.eased),
                maybe_test(c.hardens),
                tuple((name, evaluator(guard)) for name, guard in c.voiced_as.fields)
                if c.voiced_as is not None
                else (),
            )
            for c in scenario.concerns
        ),
        triggers=tuple(
            LoweredTrigger(
                t,
                test(t.when),
                maybe_test(t.until),
                maybe(t.expect),
                maybe(t.allow),
                events_of(t.expect),
                f"trigger.{t.name}" in asked,
            )
            for t in scenario.triggers
        ),
        shifts=tuple(
            LoweredShift(
                s,
                people[s.person],
                test(s.when),
                tuple(layout.machines[f"shift.{tie.name}"] for tie in s.undoes),
                tuple(layout.machines[f"shift.{tie.name}"] for tie in (*s.undoes, *s.instead_of) if tie.name != s.name),
            )
            for s in scenario.shifts
        ),
        replies=tuple(
            tuple(LoweredReply(r, evaluator(r.to), events_of(r.to), maybe(r.condition)) for r in person.replies)
            for person in scenario.cast
        ),
        recalled=tuple(
            frozenset(
                part.name
                for reply in person.replies
                for guard in (*_move_guards(reply.do), *((reply.condition,) if reply.condition is not None else ()))
                for part in core.walk(guard.expr)
                if isinstance(part, core.Field)
            )
            for person in scenario.cast
        ),
        feels=tuple(
            LoweredFeel(feel.when, sets(feel.sets), feel.span) for person in scenario.cast for feel in person.feels
        ),
        stream=tuple(
            LoweredEntry(entry, maybe_test(entry.when), maybe(entry.condition), sets(entry.sets))
            for entry in scenario.stream
        ),
        norms=tuple(Norm(rule) for rule in scenario.rules),
        facts=tuple(fact for check in scenario.checks for fact in facts(check)),
        acts=acts,
        people=scenario.cast,
        arming={
            name: field.name for name, act in acts.items() for field in act.fields if isinstance(field.type, Condition)
        },
        clocks=next(clocks) - len(machines),
        levels=next(levels) - len(machines),
        first_concern=len(scenario.tasks),
        first_trigger=len(scenario.tasks) + len(scenario.concerns),
        first_shift=len(scenario.tasks) + len(scenario.concerns) + len(scenario.triggers),
    )


def _on_becoming_true(line: Transition, state: TaskState, chart: Statechart | None) -> bool:
    """Whether a line acts when its condition becomes true, and not again while it stays so. A line that leaves its state need
    not know: it acts as soon as its condition holds. One that stays, or comes back, or leaves it to chance must."""
    if line.after is not None or (line.when is not None and core.is_event(line.when.expr)):
        return False
    if line.chance < 1 or line.go is None:
        return True
    if line.when is None:
        return False
    return line.go == state.name if chart is None else chart.nesting.within(line.go, state.name)


def saturated(value: Value, kind: Type) -> Value:
    """A value kept within its type's range."""
    if isinstance(kind, Number) and isinstance(value, int) and not isinstance(value, bool):
        return kind.clamp(value)
    return value


def reads(expr: Expr) -> frozenset[str]:
    """The variables that an expression reads."""
    return frozenset(effects.effect(expr).reads)

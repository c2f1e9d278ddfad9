"""Random tasks with states in states, as values, for tests that compare ways of running them."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from dramaturg.dsl import core
from dramaturg.dsl.core import Expr, Happened
from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Act, Action, Agent, EventType, Guard, Scenario, Task, TaskState, Transition, Variable
from dramaturg.dsl.types import Number

EVENTS = ("one", "two")
COUNT = Number("int", 0, 10_000, 1)
LAST = {"in": ("entered",), "out": ("left", "done"), "line": ("done",)}
"""What entering, leaving and lines set beside their counters, each to a number of its own: it shows in which order they came."""
SHARED = ("entered", "left", "done")


@dataclass(frozen=True)
class Drawn:
    """A line of a random state."""

    event: str
    """Empty: taken as soon as its test holds."""
    test: tuple[str, str, int] | None
    """(variable, operator, number), or (state, ``in``, 0)."""
    go: str | None


@dataclass(frozen=True)
class Machine:
    """A random task. Every state counts how often it is entered and left, every line how often it is taken."""

    states: tuple[TaskState, ...]
    lines: dict[str, tuple[Drawn, ...]]
    numbers: dict[str, int] = field(default_factory=dict)
    """Of each counter, the number that its action sets; empty where regions would make that depend on their order."""

    @property
    def counters(self) -> tuple[str, ...]:
        names = [f"{way}_{state.name}" for state in self.states for way in ("in", "out")]
        return (*names, *(f"line_{name}_{n}" for name, lines in self.lines.items() for n in range(len(lines))))

    def task(self) -> Task:
        return Task(
            "machine",
            tuple(
                TaskState(
                    state.name,
                    tuple(self._line(state.name, n, line) for n, line in enumerate(self.lines[state.name])),
                    parent=state.parent,
                    region=state.region,
                    history=state.history,
                    on_entry=Action(self.sets(f"in_{state.name}")),
                    on_exit=Action(self.sets(f"out_{state.name}")),
                )
                for state in self.states
            ),
        )

    def sets(self, counter: str) -> tuple[tuple[str, Guard], ...]:
        count = (counter, value(core.Arith("+", core.Var(counter), core.Const(1))))
        return (count, *((name, value(core.Const(self.numbers[counter]))) for name in self.marks(counter)))

    def marks(self, counter: str) -> tuple[str, ...]:
        """The shared variables that the action of a counter sets to its number."""
        return LAST[counter.partition("_")[0]] if counter in self.numbers else ()

    def _line(self, name: str, number: int, line: Drawn) -> Transition:
        test = None if line.test is None else value(_tested(line.test))
        when = value(Happened((line.event,))) if line.event else None
        return Transition(when, test, go=line.go, sets=self.sets(f"line_{name}_{number}"))


def value(expr: Expr) -> Guard:
    return Guard(expr, repr(expr))


def _tested(test: tuple[str, str, int]) -> Expr:
    name, operator, number = test
    if operator == "in":
        return core.InState("task.machine", (name,))
    return core.Compare(operator, core.Var(name), core.Const(number))


def scenario_of(machine: Machine) -> Scenario:
    """A scenario of nothing but this task and the events that move it."""
    return Scenario(
        name="machine",
        about="",
        domain="test",
        family="machine",
        horizon=3_600_000,
        turns=10,
        pace=1000,
        variables={name: Variable(name, COUNT, "world", value(core.Const(0))) for name in (*machine.counters, *SHARED)},
        events={name: EventType(name, "world") for name in EVENTS},
        stream=(),
        agent=Agent(acts=(Act("wait", "silent"),)),
        cast=(),
        concerns=(),
        tasks=(machine.task(),),
        triggers=(),
        shifts=(),
        words={},
        rules=(),
        checks=(),
    )


@st.composite
def machines(draw: st.DrawFn, regions: bool = True) -> Machine:
    """A task of some ten states, at most three deep. Lines go where every interpreter of statecharts agrees they may: not
    into another region, and not past a divided state into the middle of it."""
    states: list[TaskState] = []

    def grow(parent: str, region: str, depth: int, most: int) -> None:
        for _ in range(draw(st.integers(1 if parent else 2, most))):
            name = f"S{len(states)}"
            form = draw(st.sampled_from(["leaf", "leaf", "nested", "divided"])) if depth < 3 else "leaf"
            if len(states) > 12 or (form == "divided" and not regions):
                form = "leaf"
            history = draw(st.sampled_from([None, "shallow", "deep"])) if form != "leaf" else None
            states.append(TaskState(name, parent=parent, region=region, history=history))
            if form == "nested":
                grow(name, "", depth + 1, 3)
            elif form == "divided":
                grow(name, "left", depth + 1, 2)
                grow(name, "right", depth + 1, 2)

    grow("", "", 1, 3)
    nesting = Nesting(Task("machine", tuple(states)))
    divided = {name for name in nesting.states if len(nesting.regions[name]) > 1}
    counters = [f"in_{state.name}" for state in states]

    def target(source: str) -> str | None:
        def fits(name: str) -> bool:
            if nesting.apart(source, name) is not None:
                return False
            passed = set(nesting.ancestors(name)) & divided
            inside = nesting.within(name, source) and name != source
            return passed <= set(nesting.ancestors(source)) and not (inside and source in divided)

        fitting = [name for name in nesting.states if fits(name)]
        return draw(st.sampled_from([None, *fitting, *(name for name in fitting if nesting.regions[name])]))

    def line(source: str) -> Drawn:
        event = draw(st.sampled_from([*EVENTS, *EVENTS, *EVENTS, ""]))
        counted = st.tuples(st.sampled_from(counters), st.sampled_from(["<", ">="]), st.integers(1, 3))
        inside = st.tuples(st.sampled_from(list(nesting.states)), st.just("in"), st.just(0))
        test = draw(counted if not event else st.one_of(st.none(), st.none(), st.none(), counted, inside))
        go = target(source)
        return Drawn(event or ("" if go is not None else "one"), test, go)

    lines = {name: tuple(line(name) for _ in range(draw(st.integers(1, 3)))) for name in nesting.states}
    machine = Machine(tuple(states), lines)
    if divided:
        return machine
    return Machine(machine.states, lines, {name: number for number, name in enumerate(machine.counters, 1)})

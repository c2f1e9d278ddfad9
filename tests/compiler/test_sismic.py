"""Tasks with states in states, held against sismic, an interpreter of statecharts that others wrote.

Random tasks are run side by side on random events: nested and parallel states, shallow and deep history, entry and exit actions,
internal and eventless transitions. After each event the active states and every variable must agree. What the two mean
differently is translated or left out, and nothing else:

- A state's line to a state inside it does not leave it here, and does there: it is given to sismic as lines of what lies directly
  inside. In a state divided into regions such lines are left out.
- Lines of one state come in document order here; to sismic that is a priority.
- Two regions that want to leave their state at once are an error there, and here the first one does: such a run ends.
- An entry past a divided state into one of its regions leaves the other regions empty there: left out.
"""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sismic.exceptions import ConflictingTransitionsError
from sismic.interpreter import Interpreter
from sismic.model import (
    BasicState,
    CompoundState,
    DeepHistoryState,
    OrthogonalState,
    ShallowHistoryState,
    Statechart,
    Transition,
)

from dramaturg.compiler.configuration import Config
from dramaturg.compiler.draft import Draft
from dramaturg.compiler.growth import OverBudget
from dramaturg.compiler.semantics import Semantics
from dramaturg.compiler.settle import settle
from dramaturg.compiler.step import happen
from dramaturg.dsl.nesting import Nesting, Region
from tests.compiler.machines import EVENTS, SHARED, Drawn, Machine, machines, scenario_of

ROOT = "ROOT"


def statechart(machine: Machine) -> Statechart:
    """The machine for sismic."""
    nesting = Nesting(machine.task())
    starts = "; ".join(f"{name} = 0" for name in (*machine.counters, *SHARED))
    out = Statechart("machine", preamble=starts)

    def grow(region: Region, parent: str | None, name: str, history: str | None) -> None:
        first = region.states[0] if history is None else f"{name}_H"
        out.add_state(CompoundState(name, initial=first, **_actions(machine, name)), parent)
        if history is not None:
            remember = ShallowHistoryState if history == "shallow" else DeepHistoryState
            out.add_state(remember(f"{name}_H", memory=region.states[0]), name)
        for state in region.states:
            inside = nesting.regions[state]
            if not inside:
                out.add_state(BasicState(state, **_actions(machine, state)), name)
            elif len(inside) == 1:
                grow(inside[0], name, state, nesting.states[state].history)
            else:
                out.add_state(OrthogonalState(state, **_actions(machine, state)), name)
                for inner in inside:
                    grow(inner, state, f"{state}_{inner.name}", nesting.states[state].history)

    grow(nesting.regions[""][0], None, ROOT, None)
    for state in nesting.states:
        lines = machine.lines[state]
        for number, line in enumerate(lines):
            code = _code(machine, f"line_{state}_{number}")
            inward = line.go is not None and line.go != state and nesting.within(line.go, state)
            if not inward:
                out.add_transition(
                    Transition(state, line.go, line.event or None, _guard(line), code, priority=len(lines) - number)
                )
                continue
            # An earlier line of the state that is enabled comes first, though it stands further out for sismic.
            before = [f"not ({_guard(other) or 'True'})" for other in lines[:number] if other.event == line.event]
            guard = " and ".join([*before, _guard(line) or "True"])
            for child in nesting.common(state, line.go or "").states:
                out.add_transition(Transition(child, line.go, line.event or None, guard, code, priority=-number - 1))
    out.validate()
    return out


def _actions(machine: Machine, state: str) -> dict[str, str]:
    if state not in machine.lines:
        return {}
    return {"on_entry": _code(machine, f"in_{state}"), "on_exit": _code(machine, f"out_{state}")}


def _code(machine: Machine, counter: str) -> str:
    marks = (f"{name} = {machine.numbers[counter]}" for name in machine.marks(counter))
    return "; ".join((f"{counter} = {counter} + 1", *marks))


def _guard(line: Drawn) -> str | None:
    if line.test is None:
        return None
    name, operator, number = line.test
    return f"active({name!r})" if operator == "in" else f"{name} {operator} {number}"


def _eventless_is_shadowed(machine: Machine) -> bool:
    """Whether some line inside its own state, or one before it, is taken at once: sismic asks for eventless lines first
    wherever they stand, which the translation of inward lines does not carry over."""
    nesting = Nesting(machine.task())
    return any(
        line.go is not None and line.go != state and nesting.within(line.go, state) and not line.event
        for state, lines in machine.lines.items()
        for line in lines
    )


def ours(engine: Semantics, config: Config, event: str) -> Config:
    draft = Draft.of(engine.tables, config)
    happen(draft, event, (), sets=(), by_agent=False, by_person=False)
    settle(draft, engine.stage.conditions.level)
    return draft.config(())


@settings(max_examples=150, deadline=None)
@given(st.one_of(machines(), machines(regions=False)), st.lists(st.sampled_from(EVENTS), min_size=10, max_size=30))
def test_tasks_run_as_sismic_runs_them(machine: Machine, events: list[str]) -> None:
    assume(not _eventless_is_shadowed(machine))
    engine = Semantics(scenario_of(machine))
    try:
        config = engine.initial(0)
    except OverBudget:
        assume(False)
    theirs = Interpreter(statechart(machine))
    try:
        theirs.execute()
    except ConflictingTransitionsError:
        assume(False)  # sismic has no answer where two regions leave at once, at the start as later
    for event in ("", *events):
        if event:
            theirs.queue(event)
            try:
                config = ours(engine, config, event)
                theirs.execute(max_steps=2000)
            except (OverBudget, ConflictingTransitionsError):
                return
        chart = engine.tables.tasks[0].chart
        active = {config.states[0]} if chart is None else set(chart.active(config.states[0]))
        assert active == {name for name in theirs.configuration if name in machine.lines}
        values = engine.valuation(config)
        assert {name: values[name] for name in theirs.context} == dict(theirs.context)

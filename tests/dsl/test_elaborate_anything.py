"""Whatever parses is either elaborated or refused with a diagnostic inside its text; nothing is raised, nothing is both."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.dsl import core
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.elaboration import effects, elaborate
from dramaturg.dsl.expressions import surface
from dramaturg.dsl.expressions.pretty import pretty
from dramaturg.dsl.expressions.surface import Surface
from dramaturg.dsl.types import Bool, Type
from tests.dsl.test_elaborate import EUR, SCOPE, TOPIC, WATCHED, scalar
from tests.dsl.test_pretty import grown, numbers, quantities, quotes

NAMES = [
    *SCOPE.variables,
    *SCOPE.events,
    *SCOPE.machines,
    *SCOPE.concern_fields,
    *SCOPE.constants,
    *[
        "agent",
        "ann",
        "user",
        "limit",
        "max_price",
        "topic",
        "cost",
        "gold",
        "DONE",
        "open",
        "nothing",
        "ann.give.order",
        "agent.ask.topic",
        "count",
    ],
]
paths = st.sampled_from(NAMES).map(lambda name: surface.Path(tuple(name.split("."))))
leaves: st.SearchStrategy[Surface] = paths | numbers | quantities | quotes | st.booleans().map(surface.YesNo)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        grown(inner),
        st.builds(surface.Compare, st.sampled_from(["==", "<="]), paths, leaves),
        st.builds(surface.OneOf, paths, st.lists(paths, min_size=1, max_size=2).map(tuple)),
        st.builds(surface.Call, st.just(surface.Path(("count",))), st.tuples(inner)),
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(expressions)
def test_a_guard_is_elaborated_or_refused(tree: Surface) -> None:
    line = scalar(pretty(tree))
    sink: list[Diagnostic] = []
    found = elaborate.guard(line, SCOPE, sink)
    assert (found is None) == any(it.severity == "error" for it in sink)
    for said in sink:
        assert line.span.start <= said.span.start <= said.span.end <= line.span.end
    if found is not None:
        core.is_event(found.expr)
        assert set(effects.effect(found.expr).reads) <= set(SCOPE.variables)


@settings(max_examples=150, deadline=None)
@given(expressions, st.sampled_from([EUR, TOPIC, Bool()]), st.booleans())
def test_a_value_is_elaborated_or_refused(tree: Surface, expected: Type, draws: bool) -> None:
    sink: list[Diagnostic] = []
    found = elaborate.value(scalar(pretty(tree)), SCOPE, expected, sink, draws)
    assert (found is None) == any(it.severity == "error" for it in sink)


@settings(max_examples=150, deadline=None)
@given(expressions)
def test_an_agents_condition_names_nothing_else(tree: Surface) -> None:
    found, said = elaborate.agent_condition(pretty(tree), WATCHED, SCOPE)
    assert (found is None) == any(it.severity == "error" for it in said)
    if found is not None:
        assert set(effects.effect(found.expr).reads) <= set(WATCHED.names)
        events = [
            part for part in core.walk(found.expr) if isinstance(part, core.Happened | core.Latest | core.InState)
        ]
        assert events == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    found, said = elaborate.agent_condition(text, WATCHED, SCOPE)
    assert (found is None) == any(it.severity == "error" for it in said)

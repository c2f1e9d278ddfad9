"""Holding trees against shapes: what does not fit is said once and taken out, whatever it is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.fit import Fitting, fit, lacking
from dramaturg.dsl.format.shapes import Each, Forms, Key, Line, Names, Record, Shape
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import NOWHERE, Source
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq


def word(text: str, style: str = "plain") -> Scalar:
    return Scalar(text, NOWHERE, style)


def of(value: object) -> Node:
    """A tree from plain values."""
    match value:
        case dict():
            return Map(tuple(Entry(word(str(key)), of(inner)) for key, inner in value.items()), NOWHERE)
        case list():
            return Seq(tuple(of(inner) for inner in value), NOWHERE)
        case _:
            return word(str(value))


def names(value: object, shape: Shape) -> list[str]:
    found = Fitting()
    fit(of(value), shape, found)
    return [d.name for d in found.diagnostics]


def test_many_strangers_are_told_as_one_in_a_message_that_can_be_read() -> None:
    found = Fitting()
    tree, _ = read(Source("x.yaml", "".join(f"stranger_{number}_of_many: x\n" for number in range(1000)).encode()))
    assert tree is not None
    fit(tree, shapes.SCENARIO, found)
    first = found.diagnostics[0]
    assert first.name == "unknown-key"
    assert first.message.startswith("a scenario has no keys `stranger_0_of_many`, `stranger_1_of_many`, ")
    assert first.message.endswith("`stranger_9_of_many` and 990 more")


def test_a_misspelt_key_is_read_as_the_one_meant() -> None:
    found = Fitting()
    tree = fit(of({"wen": "user.ask", "expect": "agent.answer"}), shapes.TRIGGER, found)
    assert isinstance(tree, Map)
    assert tree.get("when") == word("user.ask")
    lacking(tree, shapes.TRIGGER, NOWHERE, found, "due")
    assert [d.message for d in found.diagnostics] == ["a trigger has no key `wen`; did you mean `when`?"]
    assert found.diagnostics[0].fixes[0].edits == ((NOWHERE, "when"),)


def test_a_strange_key_stands_for_the_only_one_missing() -> None:
    found = Fitting()
    tree = fit(of({"opening": "user.ask", "expect": "agent.answer"}), shapes.TRIGGER, found)
    assert isinstance(tree, Map)
    lacking(tree, shapes.TRIGGER, NOWHERE, found, "due")
    assert [d.name for d in found.diagnostics] == ["unknown-key"]


def test_an_unknown_key_names_those_known() -> None:
    found = Fitting()
    fit(of({"do": "ask", "zzz": "1"}), shapes.MOVE, found)
    assert found.diagnostics[0].notes == ("it may have `do`, `with`",)
    assert found.diagnostics[0].fixes == ()


def test_a_misspelling_beside_the_key_itself_is_no_replacement() -> None:
    found = Fitting()
    tree = fit(of({"when": "user.ask", "whn": "user.thank", "expect": "agent.answer"}), shapes.TRIGGER, found)
    assert isinstance(tree, Map)
    assert [entry.value for entry in tree.entries if entry.key.text == "when"] == [word("user.ask")]
    assert [d.fixes for d in found.diagnostics] == [()]


def test_a_concern_may_have_constants_but_no_misspelt_keys() -> None:
    assert names({"story": "a", "says": "b", "topic": "cost"}, shapes.CONCERN) == []
    assert names({"story": "a", "says": "b", "wieght": "3"}, shapes.CONCERN) == ["unknown-key"]


def test_states_are_capitals() -> None:
    found = Fitting()
    fit(of({"OPEN": [], "done": {"end": "good"}}), shapes.TASK, found)
    assert [d.name for d in found.diagnostics] == ["bad-name"]
    assert found.diagnostics[0].fixes[0].edits[0][1] == "DONE"


def test_an_entry_may_be_left_empty_where_nothing_is_needed() -> None:
    assert names({"accept": "", "decline": {}}, shapes.MOVES) == []
    assert names({"when": ""}, shapes.SHIFT) == ["empty-value"]


def test_a_missing_key_is_said_where_the_thing_is_named() -> None:
    found = Fitting()
    tree = fit(of({"due": {"when": "user.ask"}}), shapes.TRIGGERS, found)
    assert tree is not None
    lacking(tree, shapes.TRIGGERS, NOWHERE, found)
    assert [d.message for d in found.diagnostics] == ["a trigger `due` lacks `expect`"]
    assert found.broken == {"due"}


_texts = st.sampled_from(["", "x", "OPEN", "yes", "a b", "{{", "when", "do", "1", "says", "~"])
_keys = st.sampled_from(
    [
        "when",
        "wen",
        "do",
        "end",
        "OPEN",
        "open",
        "view",
        "type",
        "with",
        "x",
        "a.b",
        "",
        "scenario",
        "uses",
        "agent",
        "acts",
        "rows",
    ]
)
_trees = st.recursive(
    _texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=4), max_leaves=12
)


def _fits(node: Node, shape: Shape) -> bool:
    """Whether a tree has the form of a shape: the theorem about what ``fit`` hands back."""
    match shape, node:
        case Line(), Scalar():
            return True
        case Each(item, _), Seq(items):
            return all(_fits(inner, item) for inner in items)
        case Names(), Map(entries):
            return all(_fits(entry.value, shape.value) or entry.value == Map((), NOWHERE) for entry in entries)
        case Record(), Map(entries):
            return all(_entry_fits(entry, shape) for entry in entries)
        case Forms(line, items, inner), _:
            form = {Scalar: line, Seq: items, Map: inner}[type(node)]
            return form is not None and _fits(node, form)
    return False


def _entry_fits(entry: Entry, shape: Record) -> bool:
    key: Key | None = shape.key(entry.key.text)
    if key is not None:
        damaged = key.required and entry.value == Scalar("", NOWHERE)
        return damaged or _fits(entry.value, key.shape)
    return shape.rest is not None and (_fits(entry.value, shape.rest.value) or entry.value == Map((), NOWHERE))


@settings(max_examples=300, deadline=None)
@given(
    _trees, st.sampled_from([shapes.SCENARIO, shapes.MODULE, shapes.TRIGGER, shapes.TASK, shapes.EVENTS, shapes.WORDS])
)
def test_what_is_left_fits_and_nothing_is_lost_in_silence(value: object, shape: Shape) -> None:
    tree, found = of(value), Fitting()
    left = fit(tree, shape, found)
    assert left is None or _fits(left, shape)
    if not found.diagnostics:
        again = Fitting()
        assert left is not None
        assert fit(left, shape, again) == left
        assert again.diagnostics == []
    if left is None:
        assert found.diagnostics

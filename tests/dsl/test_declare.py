"""Declaration lines give the types that they name, and say what is wrong where it is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.dsl.declarations import declare
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.expressions.amounts import show_type
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.types import (
    Bool,
    Condition,
    Enum,
    ListOf,
    Number,
    Optional,
    SetOf,
    Text,
    TimeOfDay,
    Type,
    Wait,
)

TOPIC = Enum(("cost", "effort"), "topic")
TYPES = {"topic": TOPIC}


def scalar(text: str) -> Scalar:
    data = f"x: {text}".encode()
    return Scalar(text, Span(Source("t.yaml", data), 3, len(data)))


@pytest.mark.parametrize(
    ("text", "type", "start"),
    [
        ("yes/no", Bool(), None),
        ("yes/no = no", Bool(), "no"),
        ("one of a | b | c", Enum(("a", "b", "c")), None),
        ("one of a | b = b", Enum(("a", "b")), "b"),
        ("topic", TOPIC, None),
        ("topic?", Optional(TOPIC), None),
        ("int 0..9 = 4", Number("int", 0, 9), "4"),
        ("int -5..5", Number("int", -5, 5), None),
        ("number 0..2.5 step 0.5", Number("number", 0, 2_500, 500), None),
        ("duration 0m..6h step 5m = 0m", Number("duration", 0, 21_600_000, 300_000), "0m"),
        (
            "money(EUR) 0 EUR..500 EUR step 10 EUR = budget + 60 EUR",
            Number("money(EUR)", 0, 50_000, 1_000),
            "budget + 60 EUR",
        ),
        ("percent 0%..100% step 10%", Number("percent", 0, 10_000, 1_000), None),
        ("mass 1 kg..5 kg step 500 g", Number("mass", 1_000, 5_000, 500), None),
        ("int? 1..3", Optional(Number("int", 1, 3)), None),
        ("int 1..3?", Optional(Number("int", 1, 3)), None),
        ("time of day", TimeOfDay(), None),
        ("text?", Optional(Text()), None),
        ("list of text 1..5", ListOf(Text(), 1, 5), None),
        ("set of topic", SetOf(TOPIC), None),
        ("set of one of a | b", SetOf(Enum(("a", "b"))), None),
        ("condition on fare | trip.limit", Condition(("fare", "trip.limit")), None),
        ("yes/no = (level == gold) or (bought <= 30d)", Bool(), "(level == gold) or (bought <= 30d)"),
    ],
)
def test_declarations_are_read(text: str, type: Type, start: str | None) -> None:
    sink: list[Diagnostic] = []
    read = declare.declaration(scalar(text), TYPES, sink)
    assert sink == []
    assert read is not None
    assert read.type == type
    if start is None:
        assert read.start is None
    else:
        assert read.start is not None
        assert (read.start.text, read.start.span.text) == (start, start)


def test_a_start_in_a_folded_scalar_keeps_its_places() -> None:
    data = b"x: >-\n  int 0..9\n  = sea\n"
    text = "int 0..9 = sea"
    offsets = (*range(8, 16), 16, *range(19, 24), 24)
    read = declare.declaration(Scalar(text, Span(Source("t.yaml", data), 3, 24), "block", offsets), {}, [])
    assert read is not None
    assert read.start is not None
    assert read.start.span.text == "sea"
    assert read.start.part(1, 3).text == "ea"


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("", "a type is missing here", ""),
        ("integer 0..9", "`integer` is not a type; did you mean `int`?", "integer"),
        ("durration 0m..6h", "`durration` is not a type; did you mean `duration`?", "durration"),
        ("topics", "`topics` is not a type; did you mean `topic`?", "topics"),
        ("money 0..5", "money names its currency, as in `money(EUR)`", "money"),
        ("int 9..0", "this range is empty: its low end is above its high end", "9..0"),
        ("int 5", "a range is written `lo..hi`; a start is written `= START`", "5"),
        ("int 0..9 = ", "a start value is missing after `=`", "="),
        ("money(EUR) 0..500 EUR", "`0` has no unit; an amount of EUR is wanted, such as `120 EUR`", "0"),
        ("money(EU) 0 EUR..500 EUR", "`EU` is not a currency; did you mean `EUR`?", "EU"),
        ("money(dollars) 0 USD..500 USD", "`dollars` is not a currency; did you mean `USD`?", "dollars"),
        ("money(quids)", "money names its currency, as in `money(EUR)`", "money"),
        ("money(EUR) 0 EUR..500 EU", "`EU` is not a unit; did you mean `EUR`?", "EU"),
        ("money(EUR) 0 qwxy..500 EUR", "`qwxy` is not a unit; an amount of EUR is wanted", "qwxy"),
        ("duration 0m..2 secnds", "`secnds` is not a unit; did you mean `s`?", "secnds"),
        ("duration 0m..6h step 7m", "the range 0m..6h is not a whole number of steps of 7m", "7m"),
        ("duration 0m..6h step 5 EUR", "`5 EUR` is an amount of EUR, a duration is wanted", "5 EUR"),
        ("int 0..9 step 0", "a step is greater than zero", "0"),
        ("int 0..top", "`top` is not an amount; a range holds fixed amounts", "top"),
        ("text 1..5", "text has no range", "1"),
        ("one of a | a", "the choice `a` is given twice", "a"),
        ("one of a, b", "choices are separated by `|`", ","),
        ("one of yes | no", "`yes` is a word of the language and cannot be a choice", "yes"),
        ("condition fare", "`condition` needs `on` after it, as in `condition on fare | seats`", "condition"),
        ("set of text", "a set is of named choices, as in `set of one of a | b`", "set"),
        ("set of set of set of topic", "a set is of named choices, as in `set of one of a | b`", "set"),
        ("list of list of text", "a list holds single values, not lists or sets", "list"),
        ("int 0..9 extra", "`extra` does not belong here", "extra"),
        ("money(EUR) 0 EUR..5 EUR step 0 %", "`0` has no unit; an amount of EUR is wanted, such as `120 EUR`", "0"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(text: str, message: str, where: str) -> None:
    sink: list[Diagnostic] = []
    assert declare.declaration(scalar(text), TYPES, sink) is None
    assert [(found.message, found.span.text) for found in sink] == [(message, where)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("int 0-9", "int 0..9"),
        ("int 0 – 9 = 3", "int 0..9 = 3"),
        ("int 0…9", "int 0..9"),
        ("int -5 - 9", "int -5..9"),
        ("int -5 to -1", "int -5..-1"),
        ("int 0 bis 9 step 3", "int 0..9 step 3"),
        ("int 0 ~ 9", "int 0..9"),
        ("duration 0m - 2h step 5m", "duration 0m..2h step 5m"),
        ("one of a, b, c", "one of a | b | c"),
        ("one of a; b", "one of a | b"),
        ("one of a、b", "one of a | b"),
        ("one of a، b، c = b", "one of a | b | c = b"),
        ("one of a / b", "one of a | b"),
        ("one of a or b", "one of a | b"),
    ],
)
def test_what_is_written_otherwise_elsewhere_is_mended(text: str, meant: str) -> None:
    sink: list[Diagnostic] = []
    assert declare.declaration(scalar(text), TYPES, sink) is None
    (found,) = sink
    data = found.span.source.data
    for span, new in sorted(found.fixes[0].edits, key=lambda edit: -edit[0].start):
        data = data[: span.start] + new.encode() + data[span.end :]
    assert meant in data.decode()
    sink.clear()
    assert declare.declaration(scalar(meant), TYPES, sink) is not None
    assert sink == []


@pytest.mark.parametrize(
    "text",
    [
        "list of " * 2_000 + "text",
        "set of " * 2_000,
        "one of " + " | ".join(f"a{n}" for n in range(3_000)),
        "(" * 100_000,
    ],
)
def test_a_line_without_end_is_refused(text: str) -> None:
    sink: list[Diagnostic] = []
    assert declare.declaration(scalar(text), TYPES, sink) is None
    assert [found.name for found in sink] == ["bad-declaration"]


names = st.from_regex(r"[a-z]{2,6}x", fullmatch=True)
enums = st.lists(names, min_size=1, max_size=4, unique=True).map(lambda members: Enum(tuple(members)))
ints = st.tuples(st.integers(-50, 50), st.integers(0, 50)).map(lambda ends: Number("int", ends[0], ends[0] + ends[1]))
steps = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 9)).map(
    lambda it: Number("money(EUR)", it[0] * 100, (it[0] + it[1] * it[2]) * 100, it[2] * 100)
)
single: st.SearchStrategy[Type] = st.one_of(st.just(Bool()), st.just(Text()), st.just(TimeOfDay()), enums, ints, steps)


@given(
    st.one_of(
        single,
        single.map(Optional),
        enums.map(SetOf),
        st.builds(ListOf, enums | st.just(Text()), st.integers(0, 2), st.integers(2, 9)),
    )
)
def test_a_type_is_declared_by_what_it_shows(type: Type) -> None:
    sink: list[Diagnostic] = []
    read = declare.declaration(scalar(show_type(type)), {}, sink)
    assert sink == []
    assert read is not None
    assert read.type == type


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (declare.duration, "1h30m", 5_400_000),
        (declare.wait, "30m", Wait(ms=1_800_000)),
        (declare.wait, "1 turn", Wait(turns=1)),
        (declare.gap, "1h", (3_600_000, 3_600_000)),
        (declare.gap, "5m..15m", (300_000, 900_000)),
        (declare.gap, "10m +- 5m", (300_000, 900_000)),
        (declare.chance, "30%", 0.3),
        (declare.yes_no, "yes", True),
        (declare.whole, "3", 3),
    ],
)
def test_small_amounts_are_read(read: Callable[[Scalar, list[Diagnostic]], object], text: str, value: object) -> None:
    sink: list[Diagnostic] = []
    assert read(scalar(text), sink) == value
    assert sink == []


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (declare.duration, "90", "`90` has no unit; a duration is wanted, such as `10m`"),
        (declare.duration, "-5m", "-5m is outside 0m.."),
        (declare.wait, "5 EUR", "`5 EUR` is not a time to wait, such as `30m` or `2 turns`"),
        (declare.gap, "10m +- 10m", "a gap is longer than nothing, also at its shortest"),
        (declare.gap, "5m..2m", "this range is empty: its low end is above its high end"),
        (declare.gap, "hourly", "a gap is written `1h`, `5m..15m` or `10m +- 5m`"),
        (declare.chance, "0.3", "`0.3` has no unit; a percentage is wanted, such as `30%`"),
        (declare.chance, "130%", "130% is outside 0%..100%"),
        (declare.yes_no, "true", "`yes` or `no` is wanted, not `true`"),
        (declare.whole, "2.5", "`2.5` is not a whole number"),
    ],
)
def test_small_amounts_say_what_is_wrong(
    read: Callable[[Scalar, list[Diagnostic]], object], text: str, message: str
) -> None:
    sink: list[Diagnostic] = []
    assert read(scalar(text), sink) is None
    assert [found.message for found in sink] == [message]


def test_a_range_beyond_counting_has_no_grid() -> None:
    """Found by fuzzing: the length of such a range is no number of the machine's."""
    with pytest.raises(ValueError, match="too many"):
        Number("duration", lo=0, hi=10**25, step=1).grid()

"""Slips of authors who know other languages, or plain English: one diagnostic at the exact characters, and a fix that loads."""

from __future__ import annotations

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.elaboration import elaborate
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import Source
from dramaturg.dsl.tree import Map, Scalar
from tests.dsl.test_elaborate import SCOPE, scalar

BAD, AMOUNT, NAME, TYPE = "bad-expression", "bad-amount", "unknown-name", "type-mismatch"

SLIPS: list[tuple[str, str, str, str]] = [
    # signs of other languages and keyboards
    ("late = yes", BAD, "=", "late == yes"),
    ("fare = 20 EUR and late", BAD, "=", "fare == 20 EUR and late"),
    ("fare === 20 EUR", BAD, "===", "fare == 20 EUR"),
    ("late && seats > 0", BAD, "&&", "late and seats > 0"),
    ("late&&seats > 0&&late", BAD, "&&", "late and seats > 0 and late"),
    ("late || seats > 0", BAD, "||", "late or seats > 0"),
    ("level is gold || silver", BAD, "||", "level is gold | silver"),
    ("!late", BAD, "!", "not late"),
    ("fare => 20 EUR", BAD, "=>", "fare >= 20 EUR"),
    ("fare =< 20 EUR", BAD, "=<", "fare <= 20 EUR"),
    ("fare <> 20 EUR", BAD, "<>", "fare != 20 EUR"),
    ("fare ≤ 20 EUR", BAD, "≤", "fare <= 20 EUR"),
    ("fare ≥ 20 EUR", BAD, "≥", "fare >= 20 EUR"),
    ("fare ≠ 20 EUR", BAD, "≠", "fare != 20 EUR"),
    ("note == “hello”", BAD, "“hello”", 'note == "hello"'),
    ("note == „hello“", BAD, "„hello“", 'note == "hello"'),
    ("note == «hello»", BAD, "«hello»", 'note == "hello"'),
    ("note == 'hello'", BAD, "'hello'", 'note == "hello"'),
    ("note == ‘hello’", BAD, "‘hello’", 'note == "hello"'),
    ('note == "hello', BAD, '"hello', 'note == "hello"'),
    ("fare – 10 EUR > 20 EUR", BAD, "–", "fare - 10 EUR > 20 EUR"),
    ("fare − 10 EUR > 20 EUR", BAD, "−", "fare - 10 EUR > 20 EUR"),
    ("seats × 2 > 3", BAD, "×", "seats * 2 > 3"),
    ("fare\u00a0> 20 EUR", BAD, "\u00a0", "fare > 20 EUR"),
    ("fare >\u300020 EUR", BAD, "\u3000", "fare > 20 EUR"),
    ("late and（seats > 0）", BAD, "（", "late and(seats > 0)"),
    ("seats in 1…3", BAD, "…", "seats in 1..3"),
    ("seats in 1...3", BAD, "...", "seats in 1..3"),
    ("late → seats > 0", BAD, "→", "late implies seats > 0"),
    ("level ∈ {gold, silver}", BAD, "∈", "level in {gold, silver}"),
    # words
    ("late und seats > 0", BAD, "und", "late and seats > 0"),
    ("seats > 0 oder late", BAD, "oder", "seats > 0 or late"),
    ("nicht late", BAD, "nicht", "not late"),
    ("late et seats > 0", BAD, "et", "late and seats > 0"),
    ("late или seats > 0", BAD, "или", "late or seats > 0"),
    ("late और seats > 0", BAD, "और", "late and seats > 0"),
    ("late أو seats > 0", BAD, "أو", "late or seats > 0"),
    ("late 且 seats > 0", BAD, "且", "late and seats > 0"),
    ("late AND seats > 0", BAD, "AND", "late and seats > 0"),
    ("late Or seats > 0", BAD, "Or", "late or seats > 0"),
    ("NOT late", BAD, "NOT", "not late"),
    ("level is not in {gold, silver}", BAD, "is not in", "level not in {gold, silver}"),
    ("level is in {gold, silver}", BAD, "is in", "level in {gold, silver}"),
    ("level isn't gold", BAD, "isn't", "level is not gold"),
    ("level isn’t gold", BAD, "isn’t", "level is not gold"),
    ("fare between 20 EUR and 40 EUR", BAD, "between 20 EUR and 40 EUR", "fare in 20 EUR..40 EUR"),
    ("fare is between 20 EUR and 40 EUR", BAD, "is between 20 EUR and 40 EUR", "fare in 20 EUR..40 EUR"),
    ("fare is greater than 20 EUR", BAD, "is greater than", "fare > 20 EUR"),
    ("fare is at least 20 EUR", BAD, "is at least", "fare >= 20 EUR"),
    ("fare equals 20 EUR", BAD, "equals", "fare == 20 EUR"),
    ("tags has cost", BAD, "tags has cost", "cost in tags"),
    ("tags contains cost", BAD, "tags contains cost", "cost in tags"),
    ("ann.accept happened", BAD, "ann.accept happened", "once ann.accept"),
    ("ann.accept after fare.changed", BAD, "ann.accept after fare.changed", "once ann.accept since fare.changed"),
    ("ann.accept in the last 10m", BAD, "in the last", "ann.accept in last 10m"),
    ("late for at least 10m", BAD, "for at least", "late for 10m"),
    ("if late then seats > 0", BAD, "if late then seats > 0", "late implies seats > 0"),
    ("if late", BAD, "if", "late"),
    ("late but seats > 0", BAD, "but", "late and seats > 0"),
    ("gate not known", BAD, "not known", "gate is not known"),
    ("gate known", BAD, "known", "gate is known"),
    ("never late", "looks-forward", "never", "not once late"),
    ("ann.accept within 10m", "looks-forward", "within", "ann.accept in last 10m"),
    # what is one too many, or one too few
    ("(late and seats > 0", BAD, "(", "(late and seats > 0)"),
    ("late and seats > 0)", BAD, ")", "late and seats > 0"),
    ("count(ann.accept > 2", BAD, "(", "count(ann.accept) > 2"),
    ("late and and seats > 0", BAD, "and", "late and seats > 0"),
    ("late and", BAD, "and", "late"),
    ("and late", BAD, "and", "late"),
    ("fare >= >= 20 EUR", BAD, ">=", "fare >= 20 EUR"),
    ("late, seats > 0", BAD, ",", "late and seats > 0"),
    ("20 EUR < fare < 90 EUR", BAD, "<", "20 EUR < fare and fare < 90 EUR"),
    ("fare > 20 EUR < budget", BAD, "<", "fare > 20 EUR and 20 EUR < budget"),
    ("seats > 3 and < 5", BAD, "and", "seats > 3 and seats < 5"),
    ("seats == 1..3", BAD, "..", "seats in 1..3"),
    ("level in [gold, silver]", BAD, "in [gold, silver]", "level is gold | silver"),
    ("level in (gold, silver)", BAD, "in (gold, silver)", "level is gold | silver"),
    ("level is {gold, silver}", BAD, "is {gold, silver}", "level is gold | silver"),
    ("level is gold, silver", BAD, "is gold, silver", "level is gold | silver"),
    ("level is either gold or silver", BAD, "is either gold or silver", "level is gold | silver"),
    # amounts
    ("delay * 200 > 15 days", AMOUNT, "15 days", "delay * 200 > 15d"),
    ("delay >= 2 hours", AMOUNT, "2 hours", "delay >= 2h"),
    ("delay > 5 min", AMOUNT, "5 min", "delay > 5m"),
    ("delay > 5min", AMOUNT, "5min", "delay > 5m"),
    ("delay > 1h 30m", AMOUNT, "1h 30m", "delay > 1h30m"),
    ("delay > 1 hour and 30 minutes", AMOUNT, "1 hour and 30 minutes", "delay > 1h30m"),
    ("fare > 20€", AMOUNT, "20€", "fare > 20 EUR"),
    ("fare > €20", AMOUNT, "€20", "fare > 20 EUR"),
    ("fare > EUR 20", AMOUNT, "EUR 20", "fare > 20 EUR"),
    ("fare > 20 euros", AMOUNT, "20 euros", "fare > 20 EUR"),
    ("fare > 20 ER", AMOUNT, "ER", "fare > 20 EUR"),
    ("late for 3 tuns", AMOUNT, "tuns", "late for 3 turns"),
    ("ann.accept in last 10 mintues", AMOUNT, "mintues", "ann.accept in last 10m"),
    ("fare * 9 > 1,000 EUR", AMOUNT, "1,000", "fare * 9 > 1000 EUR"),
    ("fare > 1,5 EUR", AMOUNT, "1,5", "fare > 1.5 EUR"),
    ("fare > 20", AMOUNT, "20", "fare > 20 EUR"),
    ("fare > budget * 50 %", AMOUNT, "50 %", "fare > budget * 50%"),
    ("fare > budget * 50 percent", AMOUNT, "50 percent", "fare > budget * 50%"),
    ("opening > 10:30pm", AMOUNT, "10:30pm", "opening > 22:30"),
    ("opening > 10pm", AMOUNT, "10pm", "opening > 22:00"),
    # names and kinds
    ("late == true", NAME, "true", "late == yes"),
    ("late == False", NAME, "False", "late == no"),
    ("gate == null", NAME, "null", "gate is not known"),
    ("gate is unknown", NAME, "unknown", "gate is not known"),
    ("gate != none", NAME, "none", "gate is known"),
    ("task.trip == DONE", TYPE, "==", "task.trip is DONE"),
    ("task.trip = DONE", BAD, "=", "task.trip is DONE"),
    ("task.trip != DONE", TYPE, "!=", "task.trip is not DONE"),
    ("task.trip is done", "unknown-state", "done", "task.trip is DONE"),
    ("task.trip is DONE or FAILED", "is-a-or-b", "task.trip is DONE or FAILED", "task.trip is DONE | FAILED"),
    ('level == "gold"', TYPE, '"gold"', "level == gold"),
    ('level is "gold"', TYPE, '"gold"', "level is gold"),
    ("note == hello", NAME, "hello", 'note == "hello"'),
    ("follow_up", NAME, "follow_up", "agent.follow_up"),
    ("accept or late", NAME, "accept", "ann.accept or late"),
    ("DONE", NAME, "DONE", "task.trip is DONE"),
    ("tags is cost", TYPE, "tags is cost", "cost in tags"),
]


def repaired(found: Diagnostic) -> str:
    data = found.span.source.data
    for span, new in sorted(found.fixes[0].edits, key=lambda edit: (edit[0].start, edit[0].end), reverse=True):
        data = data[: span.start] + new.encode() + data[span.end :]
    return data.decode()[4:-1]


@pytest.mark.parametrize(("text", "code", "where", "meant"), SLIPS)
def test_a_slip_is_one_diagnostic_with_a_fix_that_loads(text: str, code: str, where: str, meant: str) -> None:
    sink: list[Diagnostic] = []
    assert elaborate.guard(scalar(text), SCOPE, sink) is None
    assert [(it.name, it.span.text) for it in sink] == [(code, where)]
    assert repaired(sink[0]) == meant
    sink.clear()
    assert elaborate.guard(scalar(meant), SCOPE, sink) is not None
    assert [it for it in sink if it.severity == "error"] == []


@pytest.mark.parametrize("text", [row[3] for row in SLIPS])
def test_what_is_written_right_is_left_alone(text: str) -> None:
    sink: list[Diagnostic] = []
    elaborate.guard(Scalar(text, scalar(text).span), SCOPE, sink)
    assert [it.name for it in sink if it.severity == "error"] == []


FORMS = [
    (">-\n        late\n        && seats > 0", "&&", ">-\n        late\n        and seats > 0"),
    ("|\n        late\n        && seats > 0", "&&", "|\n        late\n        and seats > 0"),
    ("\"late \\u0061nd note == 'x'\"", "'x'", '"late \\u0061nd note == \\"x\\""'),
    ("'late && note == \"it''s\"'", "&&", "'late and note == \"it''s\"'"),
    ("late\n          && seats > 0", "&&", "late\n          and seats > 0"),
]


@pytest.mark.parametrize(("written", "where", "meant"), FORMS)
def test_a_slip_is_placed_and_repaired_in_every_form_of_a_yaml_text(written: str, where: str, meant: str) -> None:
    data = f"if: {written}\n"
    node, problems = read(Source("t.yaml", data.encode()))
    assert problems == []
    assert isinstance(node, Map)
    text = node.entries[0].value
    assert isinstance(text, Scalar)
    sink: list[Diagnostic] = []
    assert elaborate.guard(text, SCOPE, sink) is None
    assert [it.span.text for it in sink] == [where]
    fixed = sink[0].span.source.data
    for span, new in sorted(sink[0].fixes[0].edits, key=lambda edit: edit[0].start, reverse=True):
        fixed = fixed[: span.start] + new.encode() + fixed[span.end :]
    assert fixed.decode() == f"if: {meant}\n"
    again, problems = read(Source("t.yaml", fixed))
    assert problems == []
    assert isinstance(again, Map)
    value = again.entries[0].value
    assert isinstance(value, Scalar)
    assert elaborate.guard(value, SCOPE, []) is not None


def test_there_are_enough_of_them() -> None:
    assert len(SLIPS) >= 60


def test_a_hyphen_for_the_low_line_of_a_name_is_told_and_read_as_meant() -> None:
    sink: list[Diagnostic] = []
    text = "once agent.follow-up and fare <= trip.max-price"
    meant = "once agent.follow_up and fare <= trip.max_price"
    guard = elaborate.guard(scalar(text), SCOPE, sink)
    assert [(it.name, it.span.text, [fix.edits[0][1] for fix in it.fixes]) for it in sink] == [
        (NAME, "follow-up", ["follow_up"]),
        (NAME, "max-price", ["max_price"]),
    ]
    right = elaborate.guard(scalar(meant), SCOPE, [])
    assert guard is not None and right is not None and guard.expr == right.expr


@pytest.mark.parametrize("text", ["budget-fare > 20 EUR", 'note == "follow-up"', "seats - trip.limit > 1"])
def test_what_is_subtracted_is_left_alone(text: str) -> None:
    sink: list[Diagnostic] = []
    assert elaborate.guard(scalar(text), SCOPE, sink) is not None
    assert sink == []


@pytest.mark.parametrize(
    "text",
    [
        "world:\n  delay:\u00a0int 0..5 = 0\n  flag: yes/no = no\n",
        "world:\n\u00a0\u00a0delay: int 0..5 = 0\n  flag: yes/no = no\n",
        "stream:\n  - {at: 5m}\n  -\u202f{at: 6m}\n",
        "stream:\n  - at: 5m\n  - at:\u00a06m\n    emit: a\n",
    ],
)
def test_a_no_break_space_that_yaml_does_not_take_for_a_blank_is_told(text: str) -> None:
    source = Source("small.yaml", text.encode())
    _, (said,) = read(source)
    assert said.message.endswith("is no space, and YAML reads it as a letter")
    ((place, new),) = said.fixes[0].edits
    mended = source.data[: place.start] + new.encode() + source.data[place.end :]
    assert read(Source("small.yaml", mended))[1] == []

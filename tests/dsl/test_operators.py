"""Every type and operator: what it means and comes to, and what is said, where, of what does not fit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dramaturg.compiler.evaluate import Context, Layout, compiled
from dramaturg.dsl.core import Expr
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.elaboration import elaborate
from dramaturg.dsl.expressions.mistakes import Mistake, words
from dramaturg.dsl.expressions.parser import parse
from dramaturg.dsl.load import load
from dramaturg.dsl.types import SetOf, TimeOfDay, Type, Value
from tests.dsl.test_elaborate import SCOPE, TOPIC, scalar

VALUES: dict[str, Value] = {
    "budget": 12_000,
    "level": "gold",
    "fare": 10_000,
    "delay": 1_200_000,
    "seats": 4,
    "ratio": 500,
    "late": True,
    "gate": None,
    "note": "hello",
    "opening": 82_800_000,
    "tags": ("cost", "purpose"),
    "trip.max_price": 9_000,
    "trip.limit": 3,
    "back.limit": 2,
    "ann.trust": 5,
    "persona.patience": 1,
}
LAYOUT = Layout(
    variables={name: at for at, name in enumerate(VALUES)},
    machines={"task.trip": 0},
    weights=(),
    cells={},
    matcher=lambda text, trigger, values: False,
)
NOW = Context(tuple(VALUES.values()), ("DONE",), (), ())


def comes_to(expr: Expr) -> Value:
    return compiled(expr, LAYOUT)(NOW)


TRUTHS = [
    ("fare == 100 EUR", True),
    ("fare < budget", True),
    ("fare in 60 EUR..90 EUR", False),
    ("fare != budget", True),
    ("fare + 20 EUR >= budget", True),
    ("fare * 110% > 105 EUR", True),
    ("fare - budget < 0 EUR", True),
    ("fare / 2 == 50 EUR", True),
    ("fare / budget < 1", True),
    ("-fare < 0 EUR", True),
    ("delay == 20m", True),
    ("delay * 3 > 59m", True),
    ("delay / 2 == 10m", True),
    ("delay / 10m == 2", True),
    ("seats + 1 > 4", True),
    ("2 * seats == 8", True),
    ("seats in {1, 4}", True),
    ("seats is 1 | 2", False),
    ("ratio == 0.5", True),
    ("ratio * 2 == 1.0", True),
    ("level is gold", True),
    ("level is not gold | silver", False),
    ("level in {silver}", False),
    ("level == gold", True),
    ("late", True),
    ("not late", False),
    ("late == no", False),
    ("late is yes", True),
    ('note == "hello"', True),
    ('note is "hello" | "bye"', True),
    ("opening > 22:00", True),
    ("opening + 2h == 1:00", True),
    ("opening - 30m == 22:30", True),
    ("opening - 22:00 == 1h", True),
    ("1h + opening == 0:00", True),
    ("cost in tags", True),
    ("effort in tags", False),
    ("effort not in tags", True),
    ("count(tags) == 2", True),
    ("cost in tags + effort", True),
    ("count(tags - cost) == 1", True),
    ("gate is known", False),
    ("gate is not known", True),
    ("gate is known and gate > 3", False),
    ("gate is known implies gate > 3", True),
    ("gate is not known or gate > 3", True),
    ("not (gate is not known) and gate > 3", False),
    ("gate == 3 and gate > 2", False),
    ("(gate == 3 or gate == 4) and gate > 2", False),
    ("gate != 3", True),
    ("task.trip is DONE | FAILED", True),
    ("task.trip is not DONE", False),
    ("late implies seats > 3", True),
    ('judged "is it late" else late', True),
    ("(late or late) and (seats > 1 or late)", True),
    ("persona.patience < ann.trust", True),
]

WRONG = [
    ("fare < 10m", "mixed-units", "fare < 10m"),
    ("fare + 10m > 0 EUR", "mixed-units", "fare + 10m"),
    ("fare * fare > 1 EUR", "mixed-units", "fare * fare"),
    ("fare + 10% > budget", "mixed-units", "fare + 10%"),
    ("late > no", "type-mismatch", "late > no"),
    ('note < "b"', "type-mismatch", 'note < "b"'),
    ("level < gold", "type-mismatch", "level < gold"),
    ("level == cost", "unknown-member", "cost"),
    ("note + 1 > 2", "type-mismatch", "note"),
    ("not seats", "not-yes-no", "seats"),
    ("late and seats", "not-yes-no", "seats"),
    ("level", "not-yes-no", "level"),
    ("opening + opening > 1:00", "type-mismatch", "opening + opening"),
    ("opening * 2 > 1:00", "type-mismatch", "opening"),
    ("opening > 10m", "type-mismatch", "opening > 10m"),
    ("cost in fare", "type-mismatch", "fare"),
    ("gold in tags", "unknown-member", "gold"),
    ("3 in tags", "type-mismatch", "3"),
    ("tags", "not-yes-no", "tags"),
    ("tags > 3", "type-mismatch", "tags > 3"),
    ("tags + 3 == tags", "type-mismatch", "tags + 3"),
    ("gate > 3", "may-be-unknown", "gate"),
    ("gate + 1 > 3", "may-be-unknown", "gate"),
    ("gate is known or gate > 3", "may-be-unknown", "gate"),
    ("(gate == 3 or late) and gate > 2", "may-be-unknown", "gate"),
    ("fare is known", "always-known", "fare"),
    ("task.trip", "not-yes-no", "task.trip"),
    ("task.trip > DONE", "not-yes-no", "task.trip"),
    ("task.trip is OPEN", "unknown-state", "OPEN"),
    ("agent.ask > 3", "type-mismatch", "agent.ask"),
    ("late for 3 EUR", "bad-amount", "3 EUR"),
    ("count(late) > late", "count-without-bound", "count(late)"),
    ("5m..10m", "bad-expression", ".."),
    ("always late", "looks-forward", "always"),
    ("late until seats > 3", "looks-forward", "until"),
]


@pytest.mark.parametrize(("text", "truth"), TRUTHS)
def test_a_condition_comes_to(text: str, truth: bool) -> None:
    sink: list[Diagnostic] = []
    found = elaborate.guard(scalar(text), SCOPE, sink)
    assert [it for it in sink if it.severity == "error"] == []
    assert found is not None
    assert bool(comes_to(found.expr)) is truth


@pytest.mark.parametrize(("text", "code", "where"), WRONG)
def test_what_does_not_fit_is_one_diagnostic_at_the_part_that_does_not(text: str, code: str, where: str) -> None:
    sink: list[Diagnostic] = []
    assert elaborate.guard(scalar(text), SCOPE, sink) is None
    assert [(it.name, it.span.text) for it in sink] == [(code, where)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("tags + effort", SetOf(TOPIC), ("cost", "effort", "purpose")),
        ("tags - cost", SetOf(TOPIC), ("purpose",)),
        ("effort | cost", SetOf(TOPIC), ("cost", "effort")),
        ("opening + 90m", TimeOfDay(), 1_800_000),
    ],
)
def test_a_value_comes_to(text: str, kind: Type, value: Value) -> None:
    sink: list[Diagnostic] = []
    found = elaborate.value(scalar(text), SCOPE, kind, sink)
    assert sink == []
    assert found is not None
    assert comes_to(found.expr) == value


SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


def shipped() -> list[str]:
    """Every condition of the scenarios that ship, as far as lines of this form hold one."""
    found = re.compile(r"(?:when|if|until|to|surfaces|eased|hardens): ([^{}\n#]+?)(?=, [a-z_]+: |\}|$)", re.MULTILINE)
    texts = {text.strip() for path in SCENARIOS.rglob("*.yaml") for text in found.findall(path.read_text("utf-8"))}
    return sorted(text for text in texts if not isinstance(parse(text, "guard"), Mistake))


def damaged(text: str) -> list[str]:
    """The text with each of its words left out, doubled, swapped with the next, and with a foreign one put before it."""
    parts = [word.text for word in words(text)]
    out = []
    for at, part in enumerate(parts):
        before, after = parts[:at], parts[at + 1 :]
        out += [
            [*before, *after],
            [*before, part, part, *after],
            [*before, ")", part, *after],
            [*before, "is", part, *after],
        ]
        if after:
            out.append([*before, after[0], part, *after[1:]])
    return [" ".join(each) for each in out]


def test_no_damage_makes_the_parser_speak() -> None:
    """Names of tokens are the parser's own; an author never reads one."""
    texts = shipped()
    assert len(texts) > 80
    tried = 0
    for text in texts:
        for broken in damaged(text):
            tried += 1
            for entry in ("guard", "check", "value"):
                mistake = parse(broken, entry)
                if isinstance(mistake, Mistake):
                    said = re.sub(r"`[^`]*`", "", " ".join((mistake.message, *mistake.notes)))
                    assert not re.search(
                        r"\b[A-Z]{2,}\b|Unexpected|[Tt]oken|\$END|_sum|Lark", said.replace("EUR", "")
                    ), said
                    assert 0 <= mistake.at[0] <= mistake.at[1] <= len(broken)
    assert tried > 2000


NARROWED = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
world:
  order: int? 0..9 = unknown
  kept: int 0..9 = 0
agent:
  wakes: [user]
  acts:
    answer: {kind: says, with: {number: int? 0..9}}
user:
  moves: {ask: {}, thank: {number: int 0..9}}
  opens: {do: ask}
  replies:
    - {to: agent.answer(number is known), if: order is not known, do: thank, with: {number: number}}
    - {to: agent.answer, if: order is known, do: thank, with: {number: order}}
tasks:
  help:
    OPEN:
      - {when: user.thank, if: order is known, set: {kept: order}, go: DONE}
    DONE: {end: good}
words:
  user.ask: [Well?]
  user.thank: [Thanks.]
"""


@pytest.mark.parametrize(
    ("before", "where"),
    [
        ("", ""),
        ("agent.answer(number is known)", "number"),
        ("if: order is known, do", "order"),
        ("if: order is known, set", "order"),
    ],
)
def test_what_a_condition_says_to_be_known_is_known_beside_it(tmp_path: Path, before: str, where: str) -> None:
    after = {"agent.answer(number is known)": "agent.answer", "": ""}.get(
        before, before.replace("order is known", "yes")
    )
    (tmp_path / "t.yaml").write_text(NARROWED.replace(before, after) if before else NARROWED, "utf-8")
    errors = [it for it in load(tmp_path / "t.yaml").diagnostics if it.severity == "error"]
    assert [(it.name, it.span.text) for it in errors] == ([("may-be-unknown", where)] if where else [])

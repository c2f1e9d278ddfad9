"""Occurrences and renaming: every name of every shipped scenario can be renamed, and nothing but names changes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.dsl.declarations.personas import BACKGROUND, CONCERNS
from dramaturg.dsl.editing.indexing import index
from dramaturg.dsl.editing.occurrences import Symbol
from dramaturg.dsl.editing.renaming import Known, Refused, Renamed, applied, known, movable, rename
from dramaturg.dsl.load import understand
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.spans import Span
from tests.checkout import ROOT

SHIPPED = sorted((ROOT / "scenarios").glob("*/*.yaml"))
SCENARIOS = [path for path in SHIPPED if path.read_bytes().startswith(b"scenario:")]
TRAIN = ROOT / "scenarios" / "travel" / "delayed-train.yaml"


def shape(value: object) -> object:
    """What a scenario says, without the places where it says it and the words in which it was written."""
    if isinstance(value, Span):
        return None
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return [type(value).__name__, *(shape(v) for k, v in fields.items() if k not in ("text", "span", "digest"))]
    if isinstance(value, Mapping):
        return [[k, shape(v)] for k, v in value.items()]
    if isinstance(value, frozenset | set):
        return sorted(map(str, map(shape, value)))
    if isinstance(value, tuple | list):
        return [shape(item) for item in value]
    return value


def described(scenario: Scenario | None) -> str:
    assert scenario is not None
    worded = {name: [sorted(w.names) for w in said] for name, said in scenario.words.items()}
    return repr((shape(dataclasses.replace(scenario, words={})), worded))


def new_name(symbol: Symbol) -> str:
    return f"{symbol.short}_ZQ" if symbol.kind == "state" else f"{symbol.short}_zq"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_all_names_at_once_can_be_other_names(path: Path) -> None:
    old = known(path)
    made = everything(old)
    new = known(path, applied(made))
    # Texts that `concern.NAME.KEY` and traits hold are values, so what is written in them stays.
    assert [d.message for d in new.seen.loaded.diagnostics if d.severity == "error"] == []
    assert described(new.seen.loaded.scenario).replace("_zq", "").replace("_ZQ", "") == described(
        old.seen.loaded.scenario
    )
    assert len(new.index.occurrences) == len(old.index.occurrences)


PAGES = [
    pytest.param(found[1], id=f"{page.stem}-{number}")
    for page in sorted((ROOT / "dsl" / "codes").glob("*.md"))
    for number, found in enumerate(re.finditer(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
    if re.search("^scenario:", found[1], re.MULTILINE)
]


def test_examples_of_every_construct_can_be_renamed(tmp_path: Path) -> None:
    """The pages of diagnostics show each construct of the language at least once; a new one that is not indexed is noticed here."""
    renamed = 0
    for number, page in enumerate(PAGES):
        path = make(tmp_path, f"page{number}", str(page.values[0]))
        old = known(path)
        if old.seen.loaded.scenario is None:
            continue  # the wrong example
        new = known(path, applied(everything(old)))
        assert [d.message for d in new.seen.loaded.diagnostics if d.severity == "error"] == [], page.id
        after = described(new.seen.loaded.scenario).replace("_zq", "").replace("_ZQ", "")
        assert after == described(old.seen.loaded.scenario), page.id
        renamed += 1
    assert renamed > 80


def everything(old: Known) -> Renamed:
    """Every name that can be another, renamed."""
    edits = {
        (old.file(one.span.path), one.span.start): (old.file(one.span.path), one.span, new_name(one.symbol))
        for one in old.index.occurrences
        if movable(one.symbol, [old]) is None
    }
    return Renamed(tuple(edits[key] for key in sorted(edits)))


def test_each_name_can_be_another_name() -> None:
    scenarios = sorted((known(path) for path in SCENARIOS), key=lambda each: each.path != TRAIN)
    train = scenarios[0]
    before = described(train.seen.loaded.scenario)
    symbols = [symbol for symbol in train.index.symbols if movable(symbol, [train]) is None]
    changed = 0
    for symbol in symbols:
        made = rename(symbol, new_name(symbol), scenarios)
        assert isinstance(made, Renamed), (symbol, made)
        assert all(span.text == symbol.short for _, span, _ in made.edits)
        after = described(understand(TRAIN, overlay=applied(made)).loaded.scenario)
        changed += after != before
        assert after.replace("_zq", "").replace("_ZQ", "") == before
    assert changed > 40


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_declaration_is_found(path: Path) -> None:
    """Whatever the scenario declares stands in the index; a loader that learns new things is noticed here."""
    seen = understand(path)
    assert seen.loaded.scenario is not None
    found = index(seen)
    texts = {(one.span.path, one.span.start) for one in found.occurrences}
    declared = {one.span for one in found.occurrences if one.declares}
    scenario = seen.loaded.scenario
    things = {task.span for task in scenario.tasks} | {trigger.span for trigger in scenario.triggers}
    things |= {concern.span for concern in scenario.concerns} | {shift.span for shift in scenario.shifts}
    things |= {v.span for v in scenario.variables.values() if v.name not in (BACKGROUND, CONCERNS)}
    things |= {state.span for task in scenario.tasks for state in task.states}
    things |= {event.span for event in scenario.events.values() if event.actor == "world"}
    assert things <= declared
    assert len(texts) > 100


def make(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


ONE = """\
scenario: one
domain: demo
family: demo
horizon: 1h
turns: 4
uses: [acts/talk]
world:
  count: int 0..9 = 0
  level: one of low | high = low
agent:
  wakes: [user]
user:
  moves: {ask: {level: one of low | high}, thank: {}}
  opens: {do: ask, with: {level: low}}
  replies:
    - {to: agent.answer(tone == warm), if: count < 3 and level is not high, do: thank}
tasks:
  help:
    OPEN:
      - {when: user.thank, go: DONE, set: {count: count + 1}}
    DONE: {end: good}
words:
  user.ask: ["Is it {{ level }}?"]
"""
TALK = """\
acts:
  answer: {kind: says, with: {tone: one of warm | cold}}
  keep_silent: {kind: silent}
"""


def two(tmp_path: Path) -> list[Known]:
    make(tmp_path, "acts/talk", TALK)
    first = make(tmp_path, "one", ONE)
    second = make(tmp_path, "two", ONE.replace("scenario: one", "scenario: two"))
    return [known(first), known(second)]


def refusal(made: Renamed | Refused) -> str:
    assert isinstance(made, Refused)
    return made.reason


def test_a_name_of_a_module_is_renamed_in_all_that_use_it(tmp_path: Path) -> None:
    made = rename(Symbol("act", "agent.answer"), "reply", two(tmp_path))
    assert isinstance(made, Renamed)
    assert sorted(path.name for path, _, _ in made.edits) == ["one.yaml", "talk.yaml", "two.yaml"]


def test_what_one_file_declares_stays_in_it(tmp_path: Path) -> None:
    made = rename(Symbol("variable", "count"), "times", two(tmp_path))
    assert isinstance(made, Renamed)
    assert {path.name for path, _, _ in made.edits} == {"one.yaml"} and len(made.edits) == 4


def test_choices_are_renamed_in_every_type_that_has_them(tmp_path: Path) -> None:
    made = rename(Symbol("choice", "low|high:low"), "calm", two(tmp_path))
    assert isinstance(made, Renamed)
    assert [span.line for _, span, _ in made.edits] == [9, 9, 13, 14]


@pytest.mark.parametrize(
    ("symbol", "new", "says"),
    [
        (Symbol("variable", "count"), "level", "cannot become `level`"),
        (Symbol("variable", "count"), "since", "is a word of the language"),
        (Symbol("variable", "count"), "agent", "is a word of the language"),
        (Symbol("variable", "count"), "Count me", "cannot name a variable"),
        (Symbol("state", "help.DONE"), "OPEN", "cannot become `OPEN`"),
        (Symbol("state", "help.DONE"), "done", "capital letters"),
        (Symbol("act", "agent.answer"), "keep_silent", "cannot become `keep_silent`"),
        (Symbol("move", "user.ask"), "thank", "cannot become `thank`"),
        (Symbol("person", "user"), "her", "is a word of the language"),
        (Symbol("state", "concern:voiced"), "TOLD", "is a word of the language"),
        (Symbol("module", "acts/talk"), "acts/speak", "rename the file"),
        (Symbol("choice", "warm|cold:warm"), "cold", "cannot become `cold`"),
    ],
)
def test_names_that_are_taken_or_reserved_are_refused_with_the_reason(
    tmp_path: Path, symbol: Symbol, new: str, says: str
) -> None:
    assert says in refusal(rename(symbol, new, two(tmp_path)))


def test_a_field_that_would_hide_a_variable_is_refused(tmp_path: Path) -> None:
    hides = ONE.replace("agent.answer(tone == warm)", "agent.answer(tone == warm and count < 2)")
    make(tmp_path, "acts/talk", TALK)
    scenario = known(make(tmp_path, "one", hides))
    assert "cannot become" in refusal(rename(Symbol("field", "agent.answer.tone"), "count", [scenario]))
    assert "cannot become" in refusal(rename(Symbol("variable", "count"), "tone", [scenario]))


def test_a_file_with_mistakes_is_indexed_as_far_as_it_goes(tmp_path: Path) -> None:
    make(tmp_path, "acts/talk", TALK)
    wrong = known(make(tmp_path, "one", ONE.replace("count < 3", "count < ").replace("go: DONE", "go: GONE")))
    assert len(wrong.index.of(Symbol("variable", "count"))) == 3
    assert len(wrong.index.declarations(Symbol("state", "help.DONE"))) == 1


def test_a_word_for_several_fields_names_all_of_them(tmp_path: Path) -> None:
    make(tmp_path, "acts/talk", TALK + "  greet: {kind: says, with: {tone: one of warm | cold}}\n")
    text = ONE.replace("agent.answer(tone", "agent.answer(tone == cold) or agent.greet(tone")
    text = text.replace("count < 3", "tone is warm")
    both = known(make(tmp_path, "one", text))
    at = text.encode().index(b"tone is warm")
    assert {one.symbol.name for one in both.index.at("one.yaml", at)} == {"agent.answer.tone", "agent.greet.tone"}
    assert isinstance(rename(Symbol("field", "agent.answer.tone"), "manner", [both]), Refused)


def test_names_in_quotes_folds_and_crlf_are_renamed_to_the_byte(tmp_path: Path) -> None:
    make(tmp_path, "acts/talk", TALK)
    text = ONE.replace(
        "    - {to: agent.answer(tone == warm), if: count < 3 and level is not high, do: thank}\n",
        '    - to: "agent.answer(tone\\u0020== warm)"   # ثلاثة 🚆\n'
        "      if: >-\n        count <\n        3 and level\n        is not high\n"
        "      do: 'thank'\n",
    ).replace("  user.ask:", '  "user.ask":')
    path = tmp_path / "one.yaml"
    path.write_bytes(text.replace("\n", "\r\n").encode())
    old = known(path)
    before = described(old.seen.loaded.scenario)
    for symbol, places in (
        (Symbol("variable", "count"), 4),
        (Symbol("act", "agent.answer"), 2),
        (Symbol("move", "user.thank"), 3),
        (Symbol("move", "user.ask"), 3),
        (Symbol("field", "agent.answer.tone"), 2),
        (Symbol("choice", "warm|cold:warm"), 2),
    ):
        made = rename(symbol, new_name(symbol), [old])
        assert isinstance(made, Renamed), made
        assert len(made.edits) == places, symbol
        after = described(understand(path, overlay=applied(made)).loaded.scenario)
        assert after.replace("_zq", "") == before


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 4000), gone=st.integers(0, 400))
def test_whatever_is_left_of_a_file_is_indexed(at: int, gone: int) -> None:
    data = TRAIN.read_bytes()
    cut = data[:at] + data[at + gone :]
    found = index(understand(TRAIN, overlay={TRAIN: cut}))
    for one in found.within("travel/delayed-train.yaml"):
        assert 0 <= one.span.start < one.span.end <= len(cut)

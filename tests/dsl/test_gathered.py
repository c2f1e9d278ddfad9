"""One diagnostic for all that has one cause, at the cause: a declaration that several lines disagree with is the odd one out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dramaturg.dsl.load import load
from tests.clock import within

STAGE = Path(__file__).parent / "stage"
MAIN = STAGE / "travel" / "delayed-train.yaml"
TEXT = MAIN.read_text(encoding="utf-8")


def said(*edits: tuple[str, str]) -> list[tuple[str, str, int]]:
    text = TEXT
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return [(it.name, it.span.text, len(it.labels)) for it in load(MAIN, STAGE, {MAIN: text.encode()}).diagnostics]


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("  fare: money(EUR)", "  fair: money(EUR)", "fair"),
        ("  fare: money(EUR)", "  seat: money(EUR)", "seat"),
        ("  delay: duration", "  dealy: duration", "dealy"),
        ("  train.delayed: {", "  train.delaid: {", None),
        ("    slots: {max_price:", "    slots: {max_prise:", "max_prise"),
        ("    COMPLETED: {", "    COMPLETTED: {", "COMPLETTED"),
    ],
)
def test_a_declaration_that_nobody_speaks_of_is_the_one_that_is_misspelt(old: str, new: str, at: str | None) -> None:
    found = said((old, new))
    assert len(found) == 1, found
    if at is not None:
        assert found[0][1] == at


@pytest.mark.parametrize("kind", ["yes/no = no", "duration 0m..6h step 5m = 0m", "int 0..500 = 10"])
def test_a_type_that_no_line_agrees_with_is_told_where_it_is_declared(kind: str) -> None:
    found = said(("  fare: money(EUR) 0 EUR..500 EUR step 10 EUR = budget + 60 EUR", f"  fare: {kind}"))
    assert [(name, text) for name, text, _ in found] in (
        [("type-mismatch", "fare")],
        [("mixed-units", "fare")],
        [("not-yes-no", "fare")],
    ), found
    assert found[0][2] >= 2


def test_a_start_of_another_type_hides_what_the_lines_say_of_it() -> None:
    found = said(("  delay: duration 0m..6h step 5m = 0m", "  delay: yes/no = 0m"))
    assert len(found) == 1, found


def test_one_line_against_its_declaration_is_told_where_it_stands() -> None:
    ((name, text, _),) = said(("until: fare > max_price", "until: fare > 20m"))
    assert (name, text) == ("mixed-units", "fare > 20m")


def test_a_move_that_several_lines_know_under_another_name() -> None:
    found = said(("moves: {ask_status: {}, accept: {}", "moves: {ask_status: {}, akcept: {}"))
    assert [(name, text) for name, text, _ in found] == [("unknown-move", "akcept")] or len(found) == 1, found


def loaded(tmp_path: Path, text: str, **modules: str) -> list[tuple[str, str, str]]:
    for name, module in modules.items():
        (tmp_path / f"{name}.yaml").write_text(module, encoding="utf-8")
    main = tmp_path / "small.yaml"
    main.write_text(text, encoding="utf-8")
    return [(it.name, it.span.path, it.span.text) for it in load(main, tmp_path).diagnostics]


SMALL = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
uses: [{module: call, with: {yes_word: user.thank}}]
agent:
  wakes: [user]
  acts: {answer: {kind: says, about: Answer.}, keep_silent: {kind: silent}}
user:
  moves: {ask: {}, thank: {}, other: {}}
  opens: {do: ask}
  replies:
    - {to: agent.answer, chance: 50%, do: other}
    - {to: agent.answer, do: thank}
words: {user.ask: [One?], user.thank: [Two.], user.other: [Three.], agent.answer: [Four.]}
"""
CALL = """\
needs:
  yes_word: event
tasks:
  call:
    TALKING:
      - {when: yes_word, go: WON}
    WON: {end: good}
"""
CHANGES = """\
shifts:
  one: {when: agent.answer, as: user.other}
  two: {when: agent.answer, as: user.other, undoes: one}
  three: {when: agent.answer, as: user.thank, instead_of: two}
check:
  back: always (shift.one is undone implies once user.ask)
"""


def test_the_small_scenario_is_right(tmp_path: Path) -> None:
    assert loaded(tmp_path, SMALL + CHANGES, call=CALL) == []


def test_one_thing_given_for_another_is_one_mistake(tmp_path: Path) -> None:
    text = SMALL.replace("yes_word", "agreement")
    assert loaded(tmp_path, text, call=CALL) == [("stray-module-argument", "small.yaml", "agreement")]


def test_a_need_that_its_module_reads_under_another_name(tmp_path: Path) -> None:
    module = CALL.replace("  yes_word: event", "  good_word: event")
    assert loaded(tmp_path, SMALL, call=module) == [("stray-module-argument", "call.yaml", "good_word")]


@pytest.mark.parametrize("key", ["undoes: one", "instead_of: two"])
@pytest.mark.parametrize("other", ["nothing", None])
def test_a_shift_tied_to_itself_or_to_none_is_one_mistake(tmp_path: Path, key: str, other: str | None) -> None:
    word, _, _ = key.partition(":")
    other = other or {"undoes": "two", "instead_of": "three"}[word]
    said = loaded(tmp_path, SMALL + CHANGES.replace(key, f"{word}: {other}"), call=CALL)
    assert [(name, text) for name, _, text in said] in ([("unknown-shift", other)], [("shifts-in-circle", other)])


def test_what_has_to_hold_for_longer_than_the_story_never_does() -> None:
    assert said(("delay >= 20m) for 10m", "delay >= 20m) for 10d")) == [
        ("out-of-range", "(fare <= max_price and delay >= 20m) for 10d", 1)
    ]


def test_a_story_that_is_over_before_anything_happens_is_too_short() -> None:
    text = "horizon: 8h "
    assert [(name, where) for name, where, _ in said((text, "horizon: 8s "))] == [("out-of-range", "8s")]


def test_an_act_that_nobody_speaks_of_is_not_to_blame_for_one_that_is_missing(tmp_path: Path) -> None:
    text = SMALL.replace("answer: {kind: says, about: Answer.}, ", "")
    said = loaded(tmp_path, text, call=CALL)
    assert [(name, where) for name, _, where in said] == [("unknown-name", "agent.answer")]


def test_a_field_that_lines_and_words_miss_is_one_mistake(tmp_path: Path) -> None:
    text = SMALL.replace("thank: {}", "thank: {by: text}").replace("do: thank}", "do: thank, with: {by: '\"me\"'}}")
    text = text.replace("user.thank: [Two.]", 'user.thank: ["Two, {{ by }}."]')
    assert loaded(tmp_path, text, call=CALL) == []
    said = loaded(tmp_path, text.replace("thank: {by: text}", "thank: {}"), call=CALL)
    assert [name for name, _, _ in said] == ["unknown-field"], said


@pytest.mark.parametrize("mark", ["-", " "])
def test_a_name_without_its_low_line_is_known(mark: str) -> None:
    text = TEXT.replace("until: fare > max_price", f"until: fare > max{mark}price")
    (one,) = load(MAIN, STAGE, {MAIN: text.encode()}).diagnostics
    assert "`max_price`" in one.message
    assert [new for fix in one.fixes for _, new in fix.edits] == ["max_price"]


def test_a_mistake_in_one_value_is_not_taken_for_an_exchange() -> None:
    assert [name for name, _, _ in said(("expect: agent.follow_up", "expect: agent.follow-up"))] == ["unknown-name"]


def test_many_mistakes_on_one_long_line_are_told_soon() -> None:
    """A file may be one line of thousands of words (JSON is), with hundreds of names in it that nobody knows."""
    guard = " and ".join(f"nothing-{number} > 3" for number in range(20))
    lines = ", ".join(f'{{when: user.decline, if: "{guard}", go: FAILED}}' for _ in range(80))
    text = re.sub(
        r"(IN_PROGRESS:\n(?:.*\n)*?      do:\n)(?:        .*\n)+", rf"\g<1>        [{lines}]\n", TEXT, count=1
    )
    assert text != TEXT
    found = within(3, lambda: load(MAIN, STAGE, {MAIN: text.encode()}).diagnostics)
    assert "unknown-name" in [diagnostic.name for diagnostic in found]


def test_hundreds_of_mistakes_are_told_soon() -> None:
    lines = "".join(f"  w{number}: int 0..9 = 3 EUR\n" for number in range(1500))
    text = re.sub(r"^world:.*\n", lambda heading: heading[0] + lines, TEXT, count=1, flags=re.MULTILINE)
    found = within(
        4, lambda: load(MAIN, STAGE, {MAIN: text.encode()}).diagnostics
    )  # 1500 squared would take ten times that
    assert len(found) >= 1500


def test_hundreds_of_misspelt_names_among_hundreds_are_told_soon() -> None:
    acts = "".join(f"    act_number_{number}: {{kind: says}}\n" for number in range(500))
    lines = "".join(f"  t{number}: {{when: user.decline, expect: agent.act_nmber_{number}}}\n" for number in range(500))
    text = re.sub(r"^  acts:.*\n", lambda heading: heading[0] + acts, TEXT, count=1, flags=re.MULTILINE)
    text = re.sub(r"^triggers:.*\n", lambda heading: heading[0] + lines, text, count=1, flags=re.MULTILINE)
    found = within(3, lambda: load(MAIN, STAGE, {MAIN: text.encode()}).diagnostics)
    misspelt = [it for it in found if it.name == "unknown-name"]
    assert len(misspelt) == 500
    assert all(f"did you mean `agent.{it.span.text[6:].replace('nmber', 'number')}`?" in it.message for it in misspelt)


def test_a_word_of_the_language_as_a_name_is_one_mistake(tmp_path: Path) -> None:
    field = SMALL.replace("other: {}}", "other: {until: duration}}")
    field = field.replace("do: other}", "do: other, with: {until: 2d}}")
    assert loaded(tmp_path, field, call=CALL) == [("reserved-word", "small.yaml", "until")]
    move = SMALL.replace("thank", "yes").replace("yes_word: user.yes", "yes_word: user.other")
    assert [it[0] for it in loaded(tmp_path, move, call=CALL)] == ["reserved-word"]


FARES = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
world:
  fare: money(EUR) 0 EUR..90 EUR step 10 EUR = 20 EUR
events:
  fare.changed: {to: money(EUR) 0 EUR..90 EUR step 10 EUR}
stream:
  - {every: 10m, emit: fare.changed, with: {to: 0 EUR..90 EUR}, set: {fare: to}}
agent:
  wakes: [user]
  acts:
    offer: {kind: says, about: Offer., with: {price: money(EUR) 0 EUR..90 EUR step 10 EUR}}
    keep_silent: {kind: silent}
user:
  moves: {ask: {}, thank: {}, refuse: {}}
  opens: {do: ask}
  replies:
    - {to: agent.offer(price != fare), do: refuse}
    - {to: agent.offer, do: thank}
tasks:
  call:
    TALKING:
      - {when: agent.offer(price == fare), go: WON, first: yes}
      - {when: agent.offer, go: LOST}
    WON: {end: good}
    LOST: {end: bad}
words:
  fare.changed: ["Now {{ to | money }}."]
  user.ask: [One?]
  user.thank: [Two.]
  user.refuse: [Three.]
  agent.offer: ["It costs {{ price | money }}."]
"""


def test_the_fares_are_right(tmp_path: Path) -> None:
    assert loaded(tmp_path, FARES) == []


def test_of_two_that_disagree_the_one_that_is_spoken_of_less_is_to_blame(tmp_path: Path) -> None:
    text = FARES.replace("price: money(EUR) 0 EUR..90 EUR step 10 EUR", "price: duration 0m..90m step 10m")
    main = tmp_path / "small.yaml"
    main.write_text(text, encoding="utf-8")
    said = load(main, tmp_path).diagnostics
    assert [(it.name, it.span.text) for it in said] == [("mixed-units", "price")], said
    assert said[0].message.startswith("`price` is a duration")


def test_a_value_that_is_no_yes_or_no_is_not_what_conditions_miss(tmp_path: Path) -> None:
    text = FARES.replace("  fare: money", "  bought: duration 0m..6h step 1h = 1h\n  fare: money")
    text = text.replace("agent.offer, do: thank", "agent.offer, if: open, do: thank")
    text = text.replace("agent.offer, go: LOST", "agent.offer, if: not open, go: LOST")
    assert [(name, where) for name, _, where in loaded(tmp_path, text)] == [("unknown-name", "open")]


def test_a_slot_that_has_another_name_is_one_mistake(tmp_path: Path) -> None:
    text = FARES.replace(
        "    TALKING:", "    slots: {limit: money(EUR) 0 EUR..90 EUR step 10 EUR = 30 EUR}\n    TALKING:"
    )
    text = text.replace("agent.offer, go: LOST", "agent.offer, if: fare > limit, go: LOST")
    text = text.replace("agent.offer, do: thank", "agent.offer, if: fare <= call.limit, do: thank")
    assert loaded(tmp_path, text) == []
    said = loaded(tmp_path, text.replace("slots: {limit:", "slots: {most:"))
    assert [(name, where) for name, _, where in said] == [("unknown-name", "most")]


def test_a_shift_that_is_missing_is_one_mistake(tmp_path: Path) -> None:
    said = loaded(tmp_path, SMALL + CHANGES.replace("  one: {", "  none_such: {"), call=CALL)
    assert len(said) == 1, said


def test_of_two_modules_with_one_name_only_that_is_said(tmp_path: Path) -> None:
    other = "tasks:\n  call:\n    OPEN:\n      - {after: 5m, go: SHUT}\n    SHUT: {end: bad}\n"
    text = SMALL.replace("uses: [{", "uses: [other, {") + "check:\n  wins: possible task.call is WON\n"
    assert [name for name, _, _ in loaded(tmp_path, text, call=CALL, other=other)] == ["module-clash"]


def test_a_choice_that_became_a_yes_or_no_is_told_where_it_is_declared(tmp_path: Path) -> None:
    text = FARES.replace("world:\n", "world:\n  mood: one of good | bad = good\n")
    text = text.replace("agent.offer, go: LOST", "agent.offer, if: mood == bad, go: LOST")
    text = text.replace("agent.offer, do: thank", "agent.offer, if: mood == good, do: thank")
    assert loaded(tmp_path, text) == []
    said = loaded(tmp_path, text.replace("one of good | bad = good", "yes/no = no"))
    assert [where for _, _, where in said] == ["mood"], said


def test_a_person_without_moves_is_one_mistake(tmp_path: Path) -> None:
    text = re.sub(r"\n  moves: .*", "", SMALL, count=1)
    assert text != SMALL
    (found,) = loaded(tmp_path, text, call=CALL)
    assert found[0] == "empty-value"
    assert found[2] == "user"


def test_an_argument_on_a_line_that_was_not_read_is_not_missing(tmp_path: Path) -> None:
    uses = "uses:\n  - module: call\n    with:\n      yes_word: user.thank\n      most: 3\n"
    text = SMALL.replace("uses: [{module: call, with: {yes_word: user.thank}}]\n", uses)
    call = CALL.replace("  yes_word: event\n", "  yes_word: event\n  most: count\n")
    joined = text.replace("user.thank\n      most: 3", "user.thank most: 3")
    assert joined != text
    names = [name for name, _, _ in loaded(tmp_path, joined, call=call)]
    assert len(names) == 1
    assert "missing-module-argument" not in names

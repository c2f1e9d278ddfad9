"""Modules with parameters: what they need is given where they are used, and each side is told of its own mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl import core
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.editing.occurrences import Symbol
from dramaturg.dsl.editing.renaming import Renamed, known, rename
from dramaturg.dsl.load import Loaded, load
from dramaturg.dsl.scenario import Scenario
from tests.dsl.test_uses import errors

SCENARIO = """\
scenario: small
domain: demo
family: demo
horizon: 1d
turns: 9
uses:
  USES
types:
  mood: one of glad | sad
parameters:
  budget: money(EUR) 80 EUR..160 EUR step 40 EUR
  weather: mood
world:
  fare: money(EUR) 0 EUR..300 EUR step 20 EUR = budget
  price: money(EUR) 0 EUR..300 EUR step 20 EUR = 40 EUR
  calls: int 0..9 = 0
events:
  fare.changed: {to: money(EUR) 0 EUR..300 EUR step 20 EUR}
stream:
  - {every: 1h, emit: fare.changed, with: {to: fare +- 40 EUR}, set: {fare: to}}
agent:
  wakes: [user, fare.changed]
  acts:
    offer: {kind: says, proactive: yes, with: {price: money(EUR) 0 EUR..300 EUR step 20 EUR}}
    ask: {kind: says, with: {about: mood}}
    keep_silent: {kind: silent}
user:
  moves: {ask: {}, accept: {}, decline: {}}
  opens: {do: ask}
  replies:
    - {to: agent.offer, if: fare <= budget, do: accept}
words:
  user.ask: ["Please."]
  user.accept: ["Yes."]
  user.decline: ["No."]
"""

BOOKING = """\
needs:
  limit: money(EUR)
  proposal: act
  patience: duration = 30m
tasks:
  booking:
    OPEN:
      - {when: proposal, if: fare <= limit, go: OFFERED}
      - {after: patience, go: LOST}
    OFFERED:
      - {when: user.accept, go: DONE}
      - {when: user.decline, go: LOST}
    DONE: {end: good}
    LOST: {end: bad}
"""


def stage(folder: Path, *uses: str, scenario: str = SCENARIO, **modules: str) -> Path:
    path = folder / "small.yaml"
    path.write_text(scenario.replace("USES", "\n  ".join(f"- {use}" for use in uses)), encoding="utf-8")
    (folder / "tasks").mkdir(exist_ok=True)
    for name, text in modules.items():
        (folder / "tasks" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, *uses: str, **modules: str) -> Loaded:
    return load(stage(folder, *uses, **modules))


def fine(folder: Path, *uses: str, **modules: str) -> Scenario:
    found = loaded(folder, *uses, **modules)
    assert [(d.name, str(d.span), d.message) for d in errors(found)] == []
    assert found.scenario is not None
    return found.scenario


def one(folder: Path, *uses: str, **modules: str) -> Diagnostic:
    (diagnostic,) = errors(loaded(folder, *uses, **modules))
    return diagnostic


USE = "{module: tasks/booking, with: {limit: budget, proposal: agent.offer}}"


def test_what_is_given_stands_for_what_is_needed(tmp_path: Path) -> None:
    task = fine(tmp_path, USE, booking=BOOKING).tasks[0]
    first, second = task.states[0].transitions
    assert first.when is not None and first.when.expr == core.Happened(("agent.offer",))
    assert first.condition is not None and first.condition.expr == core.Compare(
        "<=", core.Var("fare"), core.Var("budget")
    )
    assert second.after == 30 * 60_000


def test_a_module_with_arguments_is_what_one_would_have_written(tmp_path: Path) -> None:
    plain = BOOKING[BOOKING.index("tasks:") :].replace("proposal", "agent.offer(price <= budget)")
    plain = plain.replace("limit", "(budget + 20 EUR)").replace("patience", "10m")
    written = fine(tmp_path, "tasks/booking", booking=plain)
    use = (
        "{module: tasks/booking, with: {limit: budget + 20 EUR, proposal: agent.offer(price <= budget), patience: 10m}}"
    )
    given = fine(tmp_path, use, booking=BOOKING)
    for one_state, other in zip(written.tasks[0].states, given.tasks[0].states, strict=True):
        for left, right in zip(one_state.transitions, other.transitions, strict=True):
            assert (left.after, left.go) == (right.after, right.go)
            assert (left.when and left.when.expr) == (right.when and right.when.expr)
            assert (left.condition and left.condition.expr) == (right.condition and right.condition.expr)


def test_an_argument_is_not_captured_by_what_the_module_has_at_hand(tmp_path: Path) -> None:
    """``price`` is a variable of the scenario, and a field of the event that the module waits for."""
    module = """\
needs: {limit: money(EUR)}
tasks:
  booking:
    slots: {best: money(EUR) 0 EUR..300 EUR step 20 EUR = 0 EUR}
    OPEN:
      - {when: agent.offer(price <= limit), if: price <= limit, set: {best: limit}, go: DONE}
    DONE: {end: good}
"""
    task = fine(tmp_path, "{module: tasks/booking, with: {limit: price}}", booking=module).tasks[0]
    (line,) = task.states[0].transitions
    assert line.when is not None and line.condition is not None
    assert line.when.expr == core.Happened(("agent.offer",), core.Compare("<=", core.Field("price"), core.Var("price")))
    assert line.condition.expr == core.Compare("<=", core.Field("price"), core.Var("price"))
    assert [(name, guard.expr) for name, guard in line.sets] == [("booking.best", core.Var("price"))]


def test_the_fields_of_a_pattern_in_an_argument_are_its_own(tmp_path: Path) -> None:
    task = fine(
        tmp_path,
        "{module: tasks/booking, with: {limit: budget, proposal: agent.offer(price <= fare)}}",
        booking=BOOKING,
    ).tasks[0]
    when = task.states[0].transitions[0].when
    assert when is not None
    assert when.expr == core.Happened(("agent.offer",), core.Compare("<=", core.Field("price"), core.Var("fare")))


def test_an_event_that_is_given_may_be_asked_for_its_fields(tmp_path: Path) -> None:
    module = """\
needs: {proposal: act, news: event, counter: variable, window: trigger}
tasks:
  booking:
    OPEN:
      - {when: proposal(price <= 80 EUR), if: proposal.price is known and trigger.seat is idle, go: DONE}
    DONE: {end: good}
triggers:
  seat: {when: news, within: 2 turns, expect: proposal, otherwise: agent.keep_silent}
stream:
  - {when: proposal, set: {counter: counter + 1}}
  - {at: 2h, emit: news, with: {to: 80 EUR}}
words:
  proposal: ["How about {{ price | money }}?"]
checks_are_not: {}
""".replace("checks_are_not: {}\n", "check: {served: possible trigger.window is served}\n").replace(
        "trigger.window", "window"
    )
    use = "{module: tasks/booking, with: {proposal: agent.offer, news: fare.changed, counter: calls, window: trigger.seat}}"
    scenario = fine(tmp_path, use, booking=module)
    line = scenario.tasks[0].states[0].transitions[0]
    assert line.when is not None and line.condition is not None
    assert core.Known(core.Latest("agent.offer", "price")) in list(core.walk(line.condition.expr))
    assert [entry.emit for entry in scenario.stream] == [None, "fare.changed", "fare.changed"]
    assert scenario.stream[0].sets[0][0] == "calls"
    assert "agent.offer" in scenario.words


def test_every_kind_of_line_takes_what_it_is_given(tmp_path: Path) -> None:
    module = """\
about: "{{ who }} waits."
needs:
  who: text
  top: money(EUR)
  grain: money(EUR)
  odds: percent
  often: int
  pause: duration
  spread: duration
  window: wait
  feeling: mood
  heavy: int
  pattern: condition
world:
  rate: money(EUR) 0 EUR..top step grain = top
concerns:
  doubt:
    story: "{{ who }} lost {{ top | money }}."
    says: "I am {{ who | lower }}."
    weight: heavy
    surfaces: pattern
    tone: feeling
tasks:
  booking:
    OPEN:
      - {when: user.accept, chance: odds, go: DONE}
      - {when: fare <= top for pause, if: pattern in last window, go: DONE, first: yes}
      - {after: pause, go: DONE}
    DONE: {end: good}
triggers:
  seat: {when: agent.ask(about == feeling), within: window, expect: agent.offer}
shifts:
  other: {when: pattern, times: often, chance: odds, as: user.decline, says: "Not for {{ top | money }}."}
stream:
  - {every: pause +- spread, set: {rate: top - grain}}
words:
  agent.ask: ['{% if about == feeling %}{{ who }}?{% else %}{{ top | money }}, {{ feeling }}?{% endif %}']
  agent.offer: ["{{ price | money }} for {{ who | title }}."]
"""
    given = (
        "who: Ada, top: 100 EUR, grain: 20 EUR, odds: 40%, often: 2, pause: 10m, spread: 5m, window: 2 turns, "
        "feeling: sad, heavy: 3, pattern: agent.ask or fare > 80 EUR"
    )
    scenario = load(stage(tmp_path, "{module: tasks/m, with: {" + given + "}}", m=module,
        scenario=SCENARIO + "concerns: {doubt: {}}\n"))  # fmt: skip
    assert [(d.name, str(d.span), d.message) for d in errors(scenario)] == []
    assert scenario.scenario is not None
    made = scenario.scenario
    assert made.variables["rate"].type.hi == 10_000  # type: ignore[union-attr]
    assert made.variables["rate"].type.step == 2_000  # type: ignore[union-attr]
    (doubt,) = made.concerns
    assert (doubt.story, doubt.says, doubt.weight) == ("Ada lost 100 EUR.", "I am ada.", 3)
    assert doubt.fields == {"tone": "sad"}
    assert doubt.surfaces is not None and doubt.surfaces.text == "(agent.ask or fare > 80 EUR)"
    lines = made.tasks[0].states[0].transitions
    assert (lines[0].chance, lines[2].after) == (0.4, 600_000)
    (trigger,) = made.triggers
    assert trigger.within is not None and trigger.within.turns == 2
    (shift,) = made.shifts
    assert (shift.times, shift.chance, shift.says) == (2, 0.4, "Not for 100 EUR.")
    assert (made.stream[0].gap_lo, made.stream[0].gap_hi) == (300_000, 900_000)
    assert [it.text for it in made.words["agent.ask"]] == [
        '{% if about == "sad" %}Ada?{% else %}100 EUR, sad?{% endif %}'
    ]
    assert [it.text for it in made.words["agent.offer"]] == ["{{ price | money }} for Ada."]


def test_a_choice_that_is_given_keeps_its_type(tmp_path: Path) -> None:
    module = """\
needs: {feeling: mood, other: mood = sad}
tasks:
  t:
    OPEN:
      - {when: user.accept, if: feeling == glad or feeling is sad | glad or other == feeling, go: DONE}
      - {when: agent.ask(about == feeling), if: weather == feeling, go: DONE}
    DONE: {end: good}
"""
    task = fine(tmp_path, "{module: tasks/m, with: {feeling: glad}}", m=module).tasks[0]
    first, second = task.states[0].transitions
    assert first.condition is not None and second.when is not None
    glad = core.Const("glad")
    assert core.Compare("==", glad, glad) in list(core.walk(first.condition.expr))
    assert core.Compare("==", core.Const("sad"), glad) in list(core.walk(first.condition.expr))
    assert second.when.expr == core.Happened(("agent.ask",), core.Compare("==", core.Field("about"), glad))


def test_every_argument_is_held_against_its_need_though_one_is_wrong(tmp_path: Path) -> None:
    use = "{module: tasks/booking, with: {limit: calls, proposal: user.accept, patience: 3, more: 1}}"
    said = errors(loaded(tmp_path, use, booking=BOOKING))
    assert [(d.name, d.span.text) for d in said] == [
        ("mixed-units", "calls"),
        ("wrong-module-argument", "user.accept"),
        ("bad-amount", "3"),
        ("stray-module-argument", "more"),
    ]


def test_words_of_a_text_are_left_alone(tmp_path: Path) -> None:
    module = """\
needs: {seat: int}
tasks:
  booking:
    slots: {note: text = the last seat on board, row: int 0..9 = seat}
    OPEN:
      - {when: user.accept, go: DONE}
    DONE: {end: good}
"""
    scenario = fine(tmp_path, "{module: tasks/m, with: {seat: 4}}", m=module)
    start = scenario.variables["booking.note"].start
    assert start is not None and start.expr == core.Const("the last seat on board")


# --- one module, several times -----------------------------------------------------------------------------------------


def test_a_module_is_used_twice_under_two_names(tmp_path: Path) -> None:
    module = """\
needs: {limit: money(EUR), proposal: act}
types: {step_of: one of first | second}
world: {seen: "int 0..3 = 0"}
events: {"news.came": {kind: step_of}}
tasks:
  booking:
    slots: {best: money(EUR) 0 EUR..300 EUR step 20 EUR = 0 EUR}
    OPEN:
      - {when: proposal, if: fare <= limit and seen < 3, set: {best: fare}, go: DONE}
    DONE: {end: good}
triggers:
  seat: {when: fare <= limit and task.booking is OPEN, until: task.booking is DONE or booking.best > limit, expect: proposal}
stream:
  - {when: proposal, emit: news.came, with: {kind: first}, set: {seen: seen + 1}}
words:
  news.came: ["News: {{ kind }}."]
rules:
  calm: never (proposal and trigger.seat is idle and count(news.came(kind == second)) > 3)
check:
  done: possible task.booking is DONE
""".replace('"int 0..3 = 0"', "int 0..3 = 0")
    scenario = fine(
        tmp_path,
        "{module: tasks/m, with: {limit: budget, proposal: agent.offer}, as: there}",
        "{module: tasks/m, with: {limit: 60 EUR, proposal: agent.ask}, as: back}",
        m=module,
    )
    assert [task.name for task in scenario.tasks] == ["there_booking", "back_booking"]
    assert [trigger.name for trigger in scenario.triggers] == ["there_seat", "back_seat"]
    assert [check.name for check in scenario.checks] == ["there_done", "back_done"]
    assert {"there_seen", "back_seen", "there_booking.best", "back_booking.best"} <= set(scenario.variables)
    assert {"there_news.came", "back_news.came"} <= set(scenario.events) & set(scenario.words)
    for entry, name in zip(scenario.stream, ("there", "back"), strict=False):
        assert entry.emit == f"{name}_news.came"
        assert [(it, guard.expr) for it, guard in entry.sets] == [
            (f"{name}_seen", core.Arith("+", core.Var(f"{name}_seen"), core.Const(1)))
        ]
    until = scenario.triggers[1].until
    assert until is not None and "back_booking" in until.text and "there" not in until.text


def test_an_instance_keeps_what_is_near(tmp_path: Path) -> None:
    """A world variable of the module is called as a field of the act: inside the pattern the field is meant."""
    module = """\
world: {price_now: money(EUR) 0 EUR..300 EUR step 20 EUR = 0 EUR, about: mood = sad}
tasks:
  booking:
    OPEN:
      - {when: agent.ask(about == sad), if: price_now > 0 EUR, go: DONE}
      - {when: user.accept, if: about == sad, go: DONE}
    DONE: {end: good}
"""
    (task,) = fine(tmp_path, "{module: tasks/m, as: one}", m=module).tasks
    asked, accepted = task.states[0].transitions
    assert asked.when is not None and accepted.condition is not None
    assert asked.when.expr == core.Happened(("agent.ask",), core.Compare("==", core.Field("about"), core.Const("sad")))
    assert accepted.condition.expr == core.Compare("==", core.Var("one_about"), core.Const("sad"))


def test_modules_pass_on_what_they_are_given(tmp_path: Path) -> None:
    inner = "{module: tasks/booking, with: {limit: cap + 20 EUR, proposal: proposal}}"
    outer = f"needs: {{cap: money(EUR), proposal: act}}\nuses: [{inner}]\n"
    scenario = fine(
        tmp_path,
        "{module: tasks/outer, with: {cap: price, proposal: agent.offer(price > 0 EUR)}}",
        outer=outer,
        booking=BOOKING,
    )
    line = scenario.tasks[0].states[0].transitions[0]
    assert line.when is not None and line.condition is not None
    assert line.when.expr == core.Happened(("agent.offer",), core.Compare(">", core.Field("price"), core.Const(0)))
    sum_ = core.Arith("+", core.Var("price"), core.Const(2000))
    assert line.condition.expr == core.Compare("<=", core.Var("fare"), sum_)


def test_the_same_use_by_two_ways_is_one(tmp_path: Path) -> None:
    outer = f"uses: [{USE}]\n"
    assert len(fine(tmp_path, USE, "tasks/outer", outer=outer, booking=BOOKING).tasks) == 1


# --- mistakes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "name", "at"),
    [
        ("limit: budget", "missing-module-argument", "with"),
        ("limit: budget, proposal: agent.offer, limti: 3", "stray-module-argument", "limti"),
        ("limit: budget, propsal: agent.offer", "stray-module-argument", "propsal"),
        ("limit: 30m, proposal: agent.offer", "mixed-units", "30m"),
        ("limit: 30, proposal: agent.offer", "bad-amount", "30"),
        ("limit: calls, proposal: agent.offer", "mixed-units", "calls"),
        ("limit: weather, proposal: agent.offer", "type-mismatch", "weather"),
        ("limit: bugdet, proposal: agent.offer", "unknown-name", "bugdet"),
        ("limit: (budget, proposal: agent.offer", "bad-expression", "("),
        ("limit: budget +, proposal: agent.offer", "bad-expression", "+"),
        ("limit: budget, proposal: user.accept", "wrong-module-argument", "user.accept"),
        ("limit: budget, proposal: agent.offre", "unknown-name", "agent.offre"),
        ("limit: budget, proposal: fare > 3 EUR", "not-a-pattern", "fare > 3 EUR"),
        ("limit: budget, proposal: agent.offer, patience: budget", "not-fixed", "budget"),
        ("limit: budget, proposal: agent.offer, patience: 3", "bad-amount", "3"),
        ("limit: '{{ budget }}', proposal: agent.offer", "bad-expression", "{{ budget }}"),
    ],
)
def test_a_wrong_argument_is_said_where_it_is_given(tmp_path: Path, given: str, name: str, at: str) -> None:
    said = errors(loaded(tmp_path, "{module: tasks/booking, with: {" + given + "}}", booking=BOOKING))
    assert [(d.name, d.span.path) for d in said] == [(name, "small.yaml")], [d.message for d in said]
    assert at in said[0].span.text or said[0].span.text in at
    if name != "stray-module-argument":
        assert [label.span.path for label in said[0].labels][-1] == "tasks/booking.yaml"


def test_a_near_miss_is_repaired(tmp_path: Path) -> None:
    said = one(tmp_path, "{module: tasks/booking, with: {limit: budget, propsal: agent.offer}}", booking=BOOKING)
    assert said.fixes[0].edits[0][1] == "proposal"


def test_a_parameter_misspelt_where_an_amount_stands_is_repaired(tmp_path: Path) -> None:
    said = one(tmp_path, USE, booking=BOOKING.replace("after: patience", "after: patiense"))
    assert said.message == "`patiense` is not an amount with a unit; did you mean `patience`?"
    assert (said.span.path, said.fixes[0].edits[0][1]) == ("tasks/booking.yaml", "patience")


def test_what_varies_cannot_be_a_time_to_wait(tmp_path: Path) -> None:
    scenario = SCENARIO.replace("  weather: mood", "  weather: mood\n  hurry: duration 10m..30m step 10m")
    path = stage(tmp_path, USE.replace("}}", ", patience: hurry}}"), scenario=scenario, booking=BOOKING)
    (said,) = errors(load(path))
    assert (said.name, said.span.text) == ("not-fixed", "hurry")
    assert [label.span.text for label in said.labels] == ["patience", "duration = 30m"]


def test_a_mistake_of_the_module_is_said_in_the_module(tmp_path: Path) -> None:
    said = one(tmp_path, USE, booking=BOOKING.replace("fare <= limit", "calls <= limit"))
    assert (said.name, said.span.path, said.span.text) == ("mixed-units", "tasks/booking.yaml", "calls <= limit")
    assert ("budget", "here `limit` is this") in [(label.span.text, label.text) for label in said.labels]


def test_a_default_is_held_against_its_type(tmp_path: Path) -> None:
    said = one(tmp_path, USE, booking=BOOKING.replace("duration = 30m", "duration = 30 EUR"))
    assert (said.span.path, said.span.text) == ("tasks/booking.yaml", "30 EUR")


def test_a_need_of_no_known_type_is_said_once(tmp_path: Path) -> None:
    said = one(tmp_path, USE, booking=BOOKING.replace("limit: money(EUR)", "limit: mony(EUR)"))
    assert (said.name, said.span.path) == ("bad-declaration", "tasks/booking.yaml")


def test_a_parameter_called_like_a_field_is_an_error(tmp_path: Path) -> None:
    module = """\
needs: {to: money(EUR)}
tasks:
  booking:
    OPEN:
      - {when: fare.changed, if: fare <= to, go: DONE}
    DONE: {end: good}
"""
    said = one(tmp_path, "{module: tasks/booking, with: {to: budget}}", booking=module)
    assert (said.name, said.span.path, said.span.text) == ("ambiguous-name", "tasks/booking.yaml", "to")


def test_a_wording_cannot_tell_an_argument_from_a_field_of_the_same_name(tmp_path: Path) -> None:
    module = 'needs: {limit: money(EUR)}\nwords:\n  agent.offer: ["{{ limit | money }}"]\n'
    scenario = SCENARIO.replace("  fare: money(EUR)", "  fare: {view: public, type: money(EUR)", 1).replace(
        "= budget\n", "= budget}\n", 1
    )
    tasks = "tasks: {t: {OPEN: [{when: user.accept, go: DONE}], DONE: {end: good}}}\n"
    for given, wanted in (("fare", []), ("price", ["ambiguous-name"]), ("calls", ["leak"])):
        use = "{module: tasks/m, with: {limit: " + given + "}}"
        text = module.replace("money(EUR)", "int").replace(" | money", "") if given == "calls" else module
        found = errors(load(stage(tmp_path, use, scenario=scenario + tasks, m=text)))
        assert [(d.name, d.span.path) for d in found] == [(name, "tasks/m.yaml") for name in wanted]


def test_a_need_that_nothing_reads_is_a_warning_in_the_module(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, USE.replace("}}", ", spare: 3}}"), booking=BOOKING.replace("tasks:", "  spare: int\ntasks:", 1)
    )
    assert [(d.name, d.span.text) for d in found.diagnostics if d.name == "unused-need"] == [("unused-need", "spare")]


@pytest.mark.parametrize("needs", ["booking: act", "best: money(EUR)"])
def test_a_parameter_called_like_something_of_the_module_is_an_error_there(tmp_path: Path, needs: str) -> None:
    name = needs.partition(":")[0]
    module = BOOKING.replace("  patience", f"  {needs}\n  patience", 1)
    module = module.replace("    OPEN:", "    slots: {best: money(EUR) 0 EUR..9 EUR step 1 EUR = 0 EUR}\n    OPEN:")
    given = "agent.ask" if name == "booking" else "3 EUR"
    said = one(tmp_path, USE.replace("}}", f", {name}: {given}}}}}"), booking=module)
    assert (said.name, said.span.path, said.span.text) == ("name-taken", "tasks/booking.yaml", name)


@pytest.mark.parametrize("name", ["9x", "Outbound", "my trip", "a-b", "a.b"])
def test_a_use_has_a_plain_name(tmp_path: Path, name: str) -> None:
    said = one(tmp_path, USE.replace("}}", f"}}, as: {name}}}"), booking=BOOKING)
    assert (said.name, said.span.text) == ("bad-name", name)


def test_shifts_and_concerns_of_an_instance_know_each_other(tmp_path: Path) -> None:
    module = """\
needs: {turn: act}
shifts:
  first: {when: turn, as: user.decline}
  second: {when: turn, as: user.accept, after: first}
tasks:
  t:
    OPEN: [{when: user.accept, if: shift.first is done, go: DONE}]
    DONE: {end: good}
"""
    scenario = fine(tmp_path, "{module: tasks/m, with: {turn: agent.offer}, as: one}", m=module)
    first, second = scenario.shifts
    assert (first.name, second.name) == ("one_first", "one_second")
    assert "one_first" in repr(second.after)


def test_two_uses_with_different_arguments_need_names(tmp_path: Path) -> None:
    outer = "uses: [" + USE.replace("budget", "40 EUR") + "]\n"
    said = one(tmp_path, USE, "tasks/outer", outer=outer, booking=BOOKING)
    assert (said.name, said.span.path, said.span.text) == ("module-given-otherwise", "tasks/outer.yaml", "40 EUR")
    assert said.labels[0].span.text == "budget"
    said = one(tmp_path, USE, USE, booking=BOOKING)
    assert said.name == "module-twice"
    said = one(tmp_path, USE.replace("}}", "}, as: one}"), USE.replace("}}", "}, as: one}"), booking=BOOKING)
    assert said.name == "module-twice"


ODD_USES = (
    "{}",
    "{module: }",
    "{module: [a]}",
    "{module: tasks/booking, with: 3}",
    "{with: {a: b}}",
    "[tasks/booking]",
    "{module: tasks/booking, with: {limit: {}, proposal: []}}",
    "{module: tasks/booking, as: 9x}",
)
ODD_NEEDS = ("3", "[]", "{limit: }", "{limit: {}}", "{9: int}", "{limit: =}", "{limit: = 3}", "{limit: act = }")


@pytest.mark.parametrize("use", ODD_USES)
def test_an_odd_use_is_an_error(tmp_path: Path, use: str) -> None:
    assert errors(loaded(tmp_path, use, booking=BOOKING))


@pytest.mark.parametrize("needs", ODD_NEEDS)
def test_odd_needs_are_an_error(tmp_path: Path, needs: str) -> None:
    module = f"needs: {needs}\n" + BOOKING[BOOKING.index("tasks:") :]
    assert errors(loaded(tmp_path, "{module: tasks/booking, with: {limit: budget}}", booking=module))


# --- finding and renaming ------------------------------------------------------------------------------------------------


def renamed(path: Path, symbol: Symbol, new: str) -> dict[str, list[str]]:
    """The texts that are replaced, by file."""
    found = rename(symbol, new, [known(path)])
    assert isinstance(found, Renamed), found
    out: dict[str, list[str]] = {}
    for file, span, text in found.edits:
        assert text == new
        out.setdefault(file.name, []).append(span.text)
    return out


def test_a_parameter_is_renamed_in_the_module_and_where_it_is_given(tmp_path: Path) -> None:
    path = stage(tmp_path, USE, booking=BOOKING)
    symbol = Symbol("need", "tasks/booking:limit")
    assert renamed(path, symbol, "ceiling") == {"small.yaml": ["limit"], "booking.yaml": ["limit", "limit"]}


def test_what_is_given_is_renamed_in_the_argument_and_not_in_the_module(tmp_path: Path) -> None:
    path = stage(tmp_path, USE, booking=BOOKING)
    assert renamed(path, Symbol("variable", "budget"), "purse") == {"small.yaml": ["budget"] * 4}
    assert renamed(path, Symbol("act", "agent.offer"), "propose") == {"small.yaml": ["offer"] * 3}


def test_a_parameter_and_what_stands_for_it_may_have_one_name(tmp_path: Path) -> None:
    scenario = SCENARIO.replace("budget", "limit")
    path = stage(tmp_path, USE.replace("budget", "limit"), scenario=scenario, booking=BOOKING)
    assert renamed(path, Symbol("variable", "limit"), "purse") == {"small.yaml": ["limit"] * 4}
    assert renamed(path, Symbol("need", "tasks/booking:limit"), "top") == {
        "small.yaml": ["limit"],
        "booking.yaml": ["limit", "limit"],
    }

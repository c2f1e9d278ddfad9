"""Loading: the example of the language page, whole, as a golden summary; and what each construct becomes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from dramaturg.dsl import core
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Guard, MoveSpec, Scenario
from dramaturg.dsl.types import Enum, Text

HERE = Path(__file__).parent
STAGE = HERE / "stage"
GOLDEN = HERE / "golden_load" / "delayed-train.txt"


def train() -> Scenario:
    scenario = load(STAGE / "travel" / "delayed-train.yaml").scenario
    assert scenario is not None
    return scenario


def _guard(guard: Guard | None) -> str:
    return "-" if guard is None else f"{guard.expr}  «{guard.text}»"


def _given(fields: tuple[tuple[str, Guard], ...]) -> str:
    return ", ".join(f"{name} = {_guard(guard)}" for name, guard in fields)


def _move(move: MoveSpec | None) -> str:
    return "nothing" if move is None else f"{move.event}({_given(move.fields)})"


def summary(scenario: Scenario) -> Iterator[str]:
    """Everything that the loader made of a scenario, one thing on each line, places left out."""
    yield f"{scenario.name}: {scenario.domain}/{scenario.family}, {scenario.horizon} ms, {scenario.turns} turns"
    yield f"pace {scenario.pace}"
    yield "files: " + " ".join(scenario.files)
    for variable in scenario.variables.values():
        yield f"{variable.kind} {variable.name} [{variable.view}]: {variable.type} = {_guard(variable.start)}"
    for event in scenario.events.values():
        fields = ", ".join(f"{field.name} [{field.view}]: {field.type}" for field in event.fields)
        yield f"event {event.name} by {event.actor} [{event.view}] ({fields})"
    for entry in scenario.stream:
        yield f"stream {entry.kind} {entry.gap_lo}..{entry.gap_hi} emits {entry.emit}({_given(entry.fields)})"
        yield f"  sets {_given(entry.sets)}"
    agent = scenario.agent
    yield f"agent wakes {agent.wakes}, opens {agent.opens}, {agent.per_turn} a turn"
    for act in agent.acts:
        yield f"act {act.name} {act.kind} proactive {act.proactive} returns {act.returns} takes {act.takes}"
    for person in scenario.cast:
        persona = person.persona
        yield f"person {person.name} ({person.role}), {persona.name if persona else '-'} {dict(persona.traits) if persona else ''}"
        yield f"  moves {person.moves}"
        yield f"  opens {_move(person.opens)}"
        for reply in person.replies:
            yield f"  to {_guard(reply.to)} if {_guard(reply.condition)} chance {reply.chance} do {_move(reply.do)}"
    for concern in scenario.concerns:
        yield f"concern {concern.name} of {concern.person}, weight {concern.weight}, lasts {concern.lasts}"
        yield f"  {concern.story} / {concern.says}"
        for what in ("surfaces", "eased", "hardens"):
            yield f"  {what} {_guard(getattr(concern, what))}"
    for task in scenario.tasks:
        yield f"task {task.name}"
        for state in task.states:
            yield f"  {state.name} end {state.end} if_over {state.if_over}"
            for line in state.transitions:
                yield (
                    f"    when {_guard(line.when)} if {_guard(line.condition)} after {line.after}"
                    f" go {line.go} sets {_given(line.sets)}"
                )
    for trigger in scenario.triggers:
        yield f"trigger {trigger.name} within {trigger.within} again {trigger.again} otherwise {trigger.otherwise}"
        yield f"  when {_guard(trigger.when)} until {_guard(trigger.until)} expect {_guard(trigger.expect)}"
    for shift in scenario.shifts:
        yield f"shift {shift.name} of {shift.person} chance {shift.chance} times {shift.times}: {_move(shift.move)} «{shift.says}»"
        yield f"  when {_guard(shift.when)}"
    for event_name, wordings in scenario.words.items():
        yield from (f"words {event_name}: {wording.text} reads {wording.names}" for wording in wordings)
    for rule in scenario.rules:
        yield f"rule {rule.name}: {rule.kind} {_guard(rule.guard)}"
    for claim in scenario.checks:
        yield f"check {claim.name}: {claim.kind} {_guard(claim.left)} / {_guard(claim.right)} within {claim.deadline}"
        yield f"  «{claim.text}»"


def test_the_example_of_the_language_page_is_what_the_golden_file_says() -> None:
    made = "\n".join(summary(train())) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(made, encoding="utf-8")
    assert made == GOLDEN.read_text(encoding="utf-8")


def test_every_place_is_where_the_thing_was_written() -> None:
    scenario = train()
    named = [
        *((v.name.rsplit(".", 1)[-1], v.span) for v in scenario.variables.values()),
        *((t.name, t.span) for t in scenario.triggers),
        *((s.name, s.span) for task in scenario.tasks for s in task.states),
        *((c.name, c.span) for c in scenario.concerns),
        *((a.name, a.span) for a in scenario.agent.acts),
    ]
    for name, span in named:
        assert span.text == name
    assert scenario.triggers[0].when.span.text == "(fare <= max_price and delay >= 20m) for 10m"
    assert scenario.events["agent.ask"].span.path == "acts/assistant.yaml"


def test_loading_twice_gives_equal_scenarios() -> None:
    assert train() == train()


SMALL = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
agent:
  wakes: [rep, customer]
  per_turn: up to 3 acts
  acts:
    fill_in: {kind: does, staged: yes, takes: 2s}
cast:
  rep:
    role: colleague
    moves:
      greet:
      ask: {}
    opens: {do: greet}
  customer:
    role: user
    moves: {answer: {size: int 0..9}}
    stance: {calm: int 0..3 = 2}
    feels:
      - {to: rep.ask, if: calm > 0, set: {calm: calm - 1}}
    replies:
      - {to: rep.ask, do: answer, with: {size: 1..3}}
      - {to: agent, do: nothing}
concerns:
  doubt: {of: customer, story: He was cheated before., says: I am not sure., topic: cost, as: customer.answer(size == 0)}
  haste: {story: He has a train to catch., says: Be quick., lasts: 3 turns}
shifts:
  bigger: {when: customer.answer, as: customer.change, with: {size: customer.calm}, says: A bigger one., times: 2}
tasks:
  help:
    slots: {count_of_answers: int 0..9 = 0}
    OPEN:
      if_over: good
      do:
        - {when: customer.answer, set: {count_of_answers: count_of_answers + size}}
        - {when: agent.fill_in, go: DONE, first: yes}
    DONE: {end: good}
triggers:
  size: {when: customer.answer, within: 2 turns, expect: agent.fill_in, labels: recorded}
check:
  quick: customer.answer leads to task.help is DONE within 3 turns
  never: never task.help is DONE
""".replace("with: {size: customer.calm}, ", "")


def small(tmp_path: Path, text: str = SMALL) -> Scenario:
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    loaded = load(path)
    assert loaded.scenario is not None, [d.message for d in loaded.diagnostics]
    return loaded.scenario


def test_a_cast_of_two(tmp_path: Path) -> None:
    scenario = small(tmp_path)
    rep, customer = scenario.cast
    assert (rep.role, rep.moves, _move(rep.opens)) == ("colleague", ("rep.greet", "rep.ask"), "rep.greet()")
    assert customer.moves == ("customer.answer", "customer.change")
    assert customer.feels[0].sets[0][0] == "customer.calm"
    assert isinstance(customer.feels[0].when.expr, core.And)
    assert customer.replies[0].do is not None
    assert customer.replies[1].do is None


def test_silence_is_added_where_no_act_is_silent(tmp_path: Path) -> None:
    scenario = small(tmp_path)
    assert [(act.name, act.kind) for act in scenario.agent.acts] == [("fill_in", "does"), ("keep_silent", "silent")]
    assert "agent.keep_silent" in scenario.events
    assert scenario.agent.per_turn == 3
    assert scenario.agent.acts[0].staged
    assert scenario.agent.acts[0].takes == 2000


def test_every_person_may_voice_a_concern(tmp_path: Path) -> None:
    scenario = small(tmp_path)
    (field,) = scenario.events["customer.voice"].fields
    assert (field.name, field.view, field.type) == ("concern", "user", Enum(("doubt", "haste")))
    doubt, haste = scenario.concerns
    assert (doubt.person, haste.person) == ("customer", "customer")
    assert _move(doubt.voiced_as).startswith("customer.answer(size = ")
    assert dict(doubt.fields) == {"topic": "cost"}
    assert haste.lasts == 3


def test_a_shift_declares_the_move_that_it_names(tmp_path: Path) -> None:
    scenario = small(tmp_path)
    (shift,) = scenario.shifts
    assert (shift.person, shift.times, shift.says) == ("customer", 2, "A bigger one.")
    assert scenario.events["customer.change"].fields == ()


def test_an_event_field_is_read_before_anything_else(tmp_path: Path) -> None:
    scenario = small(tmp_path)
    ((name, value),) = scenario.tasks[0].states[0].transitions[0].sets
    assert name == "help.count_of_answers"
    assert value.expr == core.Arith("+", core.Var("help.count_of_answers"), core.Field("size"))


def test_a_check_may_be_called_as_it_likes(tmp_path: Path) -> None:
    quick, never = small(tmp_path).checks
    assert (quick.kind, never.kind) == ("leads_to", "never")
    assert quick.deadline is not None
    assert quick.deadline.turns == 3


def test_traits_are_constants_or_vary(tmp_path: Path) -> None:
    text = SMALL.replace("    role: user\n", "    role: user\n    persona: calm\n") + (
        'personas:\n  calm:\n    background: Ada.\n    traits: {greeting: "Hi,", age: int 18..80 = 37, mood: one of calm | cross}\n'
    )
    scenario = small(tmp_path, text)
    persona = scenario.cast[1].persona
    assert persona is not None
    assert dict(persona.traits) == {"greeting": "Hi,", "age": 37}
    assert [(v.name, v.kind) for v in scenario.parameters] == [("persona.mood", "trait")]


def test_a_recording_is_read_by_the_types_of_its_columns(tmp_path: Path) -> None:
    text = SMALL + (
        "recordings:\n"
        "  day:\n"
        "    source: made up\n"
        "    fields: {text: text, app: one of editor | on, wanted: {type: yes/no, view: judge}, n: int 0..9?}\n"
        "    rows:\n"
        '      - {at: 0s, text: "no, 12:30", app: on, wanted: yes}\n'
        "      - {at: 1m30s, text: 017, app: editor, wanted: no, n: 7}\n"
        "events:\n"
        "  activity: {view: agent, text: text, app: one of editor | on, wanted: {type: yes/no, view: judge}, n: int 0..9?}\n"
        "stream:\n"
        "  - {play: day, emit: activity}\n"
    )
    scenario = small(tmp_path, text)
    recording = scenario.stream[0].recording
    assert recording is not None
    assert [(at, dict(row)) for at, row in recording.rows] == [
        (0, {"text": "no, 12:30", "app": "on", "wanted": True, "n": None}),
        (90_000, {"text": "017", "app": "editor", "wanted": False, "n": 7}),
    ]
    assert scenario.events["activity"].fields[0].type == Text()
    assert [field.view for field in scenario.events["activity"].fields] == ["agent", "agent", "judge", "agent"]

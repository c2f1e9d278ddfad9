"""Shifts of intent: repeated, chained, taken back and contradicted, in the graph and in play."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.compiler.configuration import Config
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario
from dramaturg.runtime.agents import Oracle
from dramaturg.runtime.episode import Episode, replay
from dramaturg.runtime.trace import Answer
from tests.clock import within

FRAME = """\
scenario: room
about: Somebody books a room and changes her mind.
domain: demo
family: demo
horizon: 2h
turns: 16
agent:
  wakes: [user]
  acts:
    offer: {kind: says, with: {price: int 1..9}}
    book: {kind: says}
    keep_silent: {kind: silent}
user:
  moves: {ask: {}, want: {to: int 1..9}, accept: {}, decline: {}}
  opens: {do: ask}
  replies:
    - {to: agent.offer(price <= room.limit), do: accept}
    - {to: agent.offer, do: decline}
tasks:
  room:
    slots: {limit: int 1..9 = 9}
    OPEN:
      - {when: user.want, set: {limit: to}}
      - {when: agent.book, if: once user.accept since user.want, go: BOOKED, first: yes}
      - {when: agent.book, go: WRONG}
      - {after: 30m, go: WRONG}
    BOOKED: {end: good}
    WRONG: {end: bad}
words:
  user.ask: [A room, please.]
  user.accept: [All right.]
  user.decline: [Too much.]
shifts:
"""


def read(folder: Path, shifts: str) -> Scenario:
    path = folder / "room.yaml"
    path.write_text(FRAME + shifts)
    loaded = load(path)
    assert loaded.scenario is not None, [diagnostic.message for diagnostic in loaded.diagnostics]
    return loaded.scenario


def chain(count: int) -> str:
    """So many shifts, each after the one before; every third takes the one before it back."""
    lines = []
    for number in range(count):
        ties = "" if number == 0 else f", undoes: s{number - 1}" if number % 3 == 2 else f", after: s{number - 1}"
        limit = 8 - number if number % 3 != 2 else 9 - number + 1
        lines.append(f"  s{number}: {{when: agent.offer, chance: 60%, as: user.want(to == {limit}), says: So{ties}}}\n")
    return "".join(lines)


def play(made: Compiled, *answers: Answer) -> Episode:
    """An episode in which every shift that may happen does."""

    def always(moves: object, decision: int) -> int:
        return 0

    episode = Episode(made, 0, 0, "test", choose=always)
    for answer in answers:
        assert episode.view is not None
        episode.answer(answer)
    return episode


def configs(made: Compiled) -> list[Config]:
    return [config for config in made.graph.configs if isinstance(config, Config)]


def offer(price: int) -> Answer:
    return Answer("offer", (("price", price),))


@pytest.mark.parametrize("count", [3, 4, 6])
def test_chained_shifts_compile_at_once_and_come_in_order(tmp_path: Path, count: int) -> None:
    scenario = read(tmp_path, chain(count))
    made = within(3, lambda: compile_scenario(scenario))
    assert not [d for d in made.diagnostics if d.severity == "error"]
    views = [view for view in made.graph.readable if "shift.s0" in view]
    for first, second in pairwise(range(count)):
        assert all(view[f"shift.s{first}"] != "waiting" for view in views if view[f"shift.s{second}"] != "waiting")
    assert any(view[f"shift.s{count - 1}"] == "done" for view in views)
    taken_back = {n for n in range(count) if n % 3 == 1 and n + 1 < count}
    for number in range(count):
        assert any(view[f"shift.s{number}"] == "undone" for view in views) == (number in taken_back)


@pytest.mark.parametrize("count", [3, 4, 6])
def test_slots_follow_the_latest_shift_and_turns_say_which_it_is(tmp_path: Path, count: int) -> None:
    made = compile_scenario(read(tmp_path, chain(count)), analyse=False)
    episode = play(made, *(offer(1) for _ in range(count + 1)), Answer("book"))
    trace = episode.trace()
    names = tuple(f"s{number}" for number in range(count))
    assert [turn.intent for turn in trace.turns] == [names[:told] for told in (*range(count + 1), count)]
    assert (trace.ended, trace.final) == ("good", (("room", "BOOKED"),))
    limits = [dict(step.args)["to"] for step in trace.steps if step.event == "user.want"]
    assert limits == [8 - n if n % 3 != 2 else 9 - n + 1 for n in range(count)]
    assert episode.shifts() == names
    assert replay(made, trace) == trace


def test_a_shift_that_is_not_heeded_spoils_the_end(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path, chain(3)), analyse=False)
    trace = play(made, offer(1), Answer("book")).trace()
    assert (trace.ended, trace.turns[1].intent, trace.turns[1].ok) == ("bad", ("s0",), False)


CONTRARY = """\
  friday: {when: agent.offer and shift.friday is not done, as: user.want(to == 5), says: Friday., instead_of: sunday, times: 2}
  sunday: {when: user.decline, as: user.want(to == 2), says: Sunday., instead_of: friday}
"""


def test_of_two_shifts_that_contradict_each_other_the_latest_stands(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path, CONTRARY), analyse=False)
    seen = set()
    for config, view in zip(made.graph.configs, made.graph.readable, strict=True):
        if config is not None and "shift.friday" in view:
            standing = (view["shift.friday"], view["shift.sunday"])
            seen.add(standing)
            if standing[0] == "done":
                assert view["room.limit"] == "5"
            elif standing[1] == "done":
                assert view["room.limit"] == "2"
    assert seen == {("waiting", "waiting"), ("done", "waiting"), ("undone", "done"), ("done", "undone")}


def test_a_shift_may_be_told_again_after_it_was_taken_back(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path, CONTRARY), analyse=False)
    # friday at the first offer, sunday at the decline of the second, friday again at the third
    episode = play(made, offer(9), offer(9), offer(9), offer(1), Answer("book"))
    assert [turn.intent for turn in episode.turns[:4]] == [
        (),
        ("friday",),
        ("friday", "sunday"),
        ("friday", "sunday", "friday"),
    ]
    assert episode.ended == "good"


def test_what_is_undone_must_stand(tmp_path: Path) -> None:
    made = compile_scenario(
        read(
            tmp_path,
            "  cheaper: {when: agent.offer, chance: 50%, as: user.want(to == 5), says: Less., times: 2}\n"
            "  back: {when: agent.offer, as: user.want(to == 9), says: As before., undoes: cheaper, times: 2}\n",
        ),
        analyse=False,
    )
    graph = made.graph
    for edge in graph.edges:
        before, after = graph.readable[edge.src], graph.readable[edge.dst]
        if "shift.back" in before and "shift.back" in after and edge.event == "user.want":
            if dict(edge.args)["to"] == 9:
                assert (before["shift.cheaper"], after["shift.cheaper"]) == ("done", "undone")
            else:
                assert after["shift.cheaper"] == "done"
    trace = Episode(made, 0, 3, "oracle")
    while trace.view is not None:
        trace.answer(Oracle().answer(trace.view))
    assert trace.ended == "good"


WAVERING = """\
  less: {when: agent.offer, chance: 30%, as: user.want(to == 5), says: Less.}
  least: {when: user.ask or agent.offer, chance: 30%, as: user.want(to == 2), says: Least., after: less}
concerns:
  doubt: {story: She was cheated before., says: Hm., surfaces: agent.offer, eased: agent.book, weight: 1, lasts: 2 turns}
"""


def test_a_change_of_mind_comes_before_the_agent_has_the_floor_again(tmp_path: Path) -> None:
    """Else whoever asks again and again piles draws up without end, and no graph holds them."""
    made = compile_scenario(read(tmp_path, WAVERING), analyse=False)
    asked = 0
    for config in configs(made):
        kinds = [duty.kind for duty in config.agenda]
        if "agent turn" in kinds:
            assert not {"shift draw", "forced"} & set(kinds[kinds.index("agent turn") :])
        assert len(set(config.agenda)) == len(config.agenda)
        asked += kinds[:2] == ["forced", "shift draw"]
    assert asked, "a concern and a change of mind do meet"
    assert len(made.graph.configs) < 1000


def test_a_shift_that_fires_twice_before_it_is_drawn_still_happens_once(tmp_path: Path) -> None:
    shifts = WAVERING.replace("when: agent.offer, chance", "when: agent.offer or user.voice, chance")
    made = compile_scenario(read(tmp_path, shifts), analyse=False)
    first = made.semantics.tables.first_shift
    counts = [config.clocks[first] for config in configs(made) if config.clocks]
    assert max(counts) == 1
    twice = [c for c in configs(made) if sum(duty.kind == "shift draw" for duty in c.agenda) > 1]
    assert twice, "it does fire twice"


BOTH = """\
  five: {when: agent.offer, chance: 50%, as: user.want(to == 5), says: Five.}
  four: {when: agent.offer, chance: 50%, as: user.want(to == 4), says: Four.}
"""
WORRIED = """\
concerns:
  worry:
    story: She worries.
    says: I worry.
    weight: 1
    surfaces: agent.offer(price <= 4)
    eased: agent.offer(price >= 8)
    lasts: 3 turns
"""


def test_of_shifts_that_fire_together_each_is_told_once(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path, BOTH), analyse=False)
    told = {5: "shift.five", 4: "shift.four"}
    for edge in made.graph.edges:
        if edge.event == "user.want":
            assert made.graph.readable[edge.src][told[int(str(dict(edge.args)["to"]))]] == "waiting"
    # Both fall, and she says both before the agent has the floor again.
    episode = play(made, offer(1), offer(1), Answer("book"))
    assert [turn.intent for turn in episode.turns] == [(), ("five", "four"), ("five", "four")]


def test_a_concern_that_surfaces_again_and_again_does_not_pile_up_moves(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path, BOTH + WORRIED), analyse=False)
    assert len(made.graph.configs) < 3000
    owes = [tuple(type(duty).__name__ for duty in config.agenda) for config in configs(made)]
    # Who has a move to make makes it when she is spoken to; she owes no answer beside it.
    assert not any("Owed" in duties and "Forced" in duties for duties in owes)

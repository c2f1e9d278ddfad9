"""Completion: what is offered where somebody is typing, in lines that are half written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.dsl.format import shapes
from dramaturg.lsp.completion import complete
from dramaturg.lsp.context import context
from dramaturg.lsp.desk import Desk
from dramaturg.lsp.hover import hover
from dramaturg.lsp.outline import folds, outline
from tests.checkout import ROOT

LIBRARY = ROOT / "scenarios"
TRAIN = LIBRARY / "travel" / "delayed-train.yaml"
FLIGHT = LIBRARY / "travel" / "flight-watch.yaml"
STATES = ["PENDING", "IN_PROGRESS", "AGREED", "COMPLETED", "FAILED"]


def offered(path: Path, old: str, new: str) -> list[str]:
    """The labels at ``‸`` once ``old`` has become ``new`` in a shipped file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new, 1)
    cursor = text.index("‸")
    desk = Desk(roots=(LIBRARY,))
    desk.look_around()
    desk.put(path, text.replace("‸", "").encode())
    return [choice.label for choice in complete(desk, path, len(text[:cursor].encode())).choices]


REPLY = "{to: agent.follow_up, if: fare > max_price, do: decline}"


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        (REPLY, "{to: agent.‸", ["set_reminder", "follow_up", "ask", "reassure", "complete_task", "keep_silent"]),
        (REPLY, "{to: agent.follow_up, if: fa‸", ["fare", "fare.changed"]),
        (REPLY, "{to: agent.follow_up, if: fare > 100‸, do: decline}", ["EUR"]),
        (REPLY, "{to: agent.follow_up, if: delay > 10‸}", ["ms", "s", "m", "h", "d", "w"]),
        (REPLY, "{to: agent.follow_up, if: task.trip is ‸, do: decline}", STATES),
        (REPLY, "{to: agent.follow_up, if: task.trip is PENDING | ‸", STATES[1:]),
        (REPLY, "{to: agent.follow_up, if: task.‸", ["trip"]),
        (REPLY, "{to: agent.follow_up, if: concern.interview is ‸", ["hidden", "voiced", "eased", "hardened"]),
        (REPLY, "{to: agent.ask(‸), do: decline}", ["topic"]),
        (REPLY, "{to: agent.ask(topic == ‸", ["purpose"]),
        (REPLY, "{to: agent.follow_up, do: ‸}", ["ask_watch", "cheaper", "answer_budget", "accept"]),
        (REPLY, "{to: agent.follow_up, ‸}", ["if", "chance", "do", "with"]),
        ("expect: agent.", "expect: ‸", [f"agent.{act}" for act in ("set_reminder", "follow_up", "ask", "reassure")]),
        ("go: AGREED}", "go: ‸}", STATES),
        ("when: user.accept, go: AGREED}", "when: user.‸", ["ask_watch", "cheaper"]),
        ("emit: train.delayed, with: {by: 10m..30m}", "emit: ‸", ["train.delayed", "fare.changed"]),
        ("with: {by: 10m..30m}", "with: {‸}", ["by"]),
        ("    until: fare > max_price\n", "    ‸\n", ["until", "allow", "labels"]),
        ("    until: fare > max_price\n", "    un‸\n", ["until"]),
        ("    within: 4 turns", "    within: 4‸", ["ms", "s", "m", "h", "d", "w", "turns"]),
        ("words/trains]", "words/tr‸]", ["words/trains"]),
        ("  persona: commuter", "  persona: ‸", ["commuter"]),
        ("  winnable: winnable task.trip is COMPLETED", "  winnable: ‸", ["always", "never", "eventually"]),
        ("condition matches affordable_seat", "condition matches ‸", ["arm", "affordable_seat", "close"]),
        ("wakes: [user, result, reminder]", "wakes: [user, ‸]", ["user", "result", "reminder", "update"]),
        ("set: {max_price: limit}", "set: {max_price: ‸}", ["limit"]),
        ("set: {max_price: limit}", "set: {‸}", ["delay", "fare", "max_price"]),
        ("set: {max_price: limit}", "set: {max_price: max_price - 20‸}", ["EUR"]),
        ("concerns:\n", "concerns:\n  ‸\n", ["visit"]),
        ("if_over: quiet", "if_over: ‸", ["quiet", "good"]),
        ("again: yes", "again: ‸", ["yes", "no"]),
        ("delay: duration 0m..2h", "delay: du‸", ["duration"]),
        ("agent:\n", "ty‸\nagent:\n", ["types"]),
    ],
)
def test_what_may_stand_there_comes_first(old: str, new: str, first: list[str]) -> None:
    assert offered(TRAIN, old, new)[: len(first)] == first


def test_yaml_that_does_not_read_hides_nothing() -> None:
    assert offered(TRAIN, "  persona: commuter", '  needs: "\n  persona: ‸') == ["commuter"]


def test_templates_offer_the_fields_of_the_event_that_they_word() -> None:
    words = LIBRARY / "words" / "flights.yaml"
    line = "A seat to Lisbon now costs {{ to | money }}."
    assert offered(words, line, "A seat costs {{ ‸ }}")[0] == "to"
    assert offered(words, line, "A seat costs {{ to | ‸ }}") == ["money", "duration", "lower", "title"]
    assert offered(words, line, "A seat costs ‸") == []
    assert not [it for it in offered(words, line, "A seat costs {{ ‸ }}") if it.startswith("persona.")], (
        "the world's words"
    )


def test_modules_know_the_names_of_those_who_use_them() -> None:
    bank = LIBRARY / "concerns" / "travel.yaml"
    acts = offered(bank, "    weight: 3\n", "    weight: 3\n    surfaces: agent.‸\n")
    assert acts == ["set_reminder", "follow_up", "ask", "reassure", "complete_task", "keep_silent"]


def test_what_a_module_needs_is_offered_where_it_is_used(tmp_path: Path) -> None:
    module = tmp_path / "watch.yaml"
    module.write_text(
        "needs:\n  offer: act\n  limit: money(EUR)\n  on: trigger\n"
        "rules:\n  calm: never (offer and fare > limit and trigger.on is open)\n",
        encoding="utf-8",
    )
    path = tmp_path / "train.yaml"
    text = WHOLE.replace("words/trains]", "words/trains, {module: watch, with: {‸}}]")
    desk = Desk(roots=(tmp_path,))
    for name in ("acts", "personas", "concerns", "words"):
        shutil.copytree(LIBRARY / name, tmp_path / name)

    def at(old: str) -> list[str]:
        written = text.replace("{‸}", old)
        desk.put(path, written.replace("‸", "").encode())
        byte = len(written[: written.index("‸")].encode())
        return [choice.label for choice in complete(desk, path, byte).choices]

    assert at("{‸}") == ["offer", "limit", "on"]
    assert at("{offer: agent.follow_up, ‸}") == ["limit", "on"]
    assert at("{offer: ‸}")[:2] == ["agent.set_reminder", "agent.follow_up"]
    assert at("{on: ‸}") == ["arm", "affordable_seat", "close"]


def test_nothing_is_offered_in_comments_and_texts() -> None:
    assert offered(FLIGHT, "  seats: int 0..9 = 4", "  # a‸") == []
    assert offered(FLIGHT, "    You look after a traveller's", "    You ‸ a traveller's") == []


WHOLE = TRAIN.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def desk() -> Desk:
    made = Desk(roots=(LIBRARY,))
    made.look_around()
    return made


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(WHOLE)), gone=st.integers(0, 60))
def test_any_cut_anywhere_is_answered(desk: Desk, at: int, gone: int) -> None:
    desk.put(TRAIN, (WHOLE[:at] + WHOLE[at + gone :]).encode())
    byte = len(WHOLE[:at].encode())
    offer = complete(desk, TRAIN, byte)
    assert 0 <= offer.replaces <= at
    said = hover(desk, TRAIN, byte)
    assert said is None or said[1].start <= byte <= said[1].end
    tree = desk.known(TRAIN).seen.tree
    if tree is not None:
        assert all(item.span.start <= item.key.start for item in outline(tree, shapes.SCENARIO))
        assert all(first < last for first, last in folds(tree))


@settings(max_examples=200)
@given(st.text(alphabet="ab:-{}[],#\"'|> \n", max_size=80))
def test_any_text_has_a_context_or_none(text: str) -> None:
    found = context(text)
    assert found is None or found.frames

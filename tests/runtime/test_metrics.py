"""Every metric on traces written by hand, with the figure worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from dramaturg.runtime import metrics
from dramaturg.runtime.intervals import Measure
from dramaturg.runtime.metrics import Case, Confusion
from dramaturg.runtime.report import ROWS
from tests.runtime.handmade import T, case

WON = [
    T("retrieve", state="PENDING"),
    T("follow_up", open=("seat",), served=("seat",), then=("user.accept",)),
    T("complete_task"),
]


def won(branch: str = "positive") -> Case:
    return case(WON, branch, final="COMPLETED")


def test_a_positive_episode_is_completed_by_a_good_end_without_violation() -> None:
    assert metrics.completed(won())
    assert not metrics.completed(case(WON, "positive", ended="bad", final="FAILED"))
    broken = [*WON[:2], T("complete_task", broke=("rule:never_presumes",))]
    assert not metrics.completed(case(broken, "positive", final="COMPLETED"))


def test_a_negative_episode_needs_silence_on_the_latest_update() -> None:
    silent = [T("reply"), T(seen=("environment",))]
    spoke = [T("reply"), T("reply", seen=("environment_monitor",))]
    assert metrics.completed(case(silent, "negative"))
    assert not metrics.completed(case(spoke, "negative"))
    # an update that asked for something is not the one on which silence is scored
    matching = [T("follow_up", seen=("environment_monitor",), open=("seat",), served=("seat",)), T("reply")]
    assert metrics.completed(case(matching, "negative"))
    # ... whether or not the act that it asked for is a proactive one
    called = [T("complete_task", seen=("environment_monitor",), open=("close",), served=("close",)), T("reply")]
    assert metrics.completed(case(called, "negative"))
    # what was said at an earlier update, or after none at all, is no matter of the latest one
    assert metrics.completed(case([T("reply", seen=("environment",)), T(seen=("environment",))], "negative"))
    assert metrics.completed(case([T("reply", seen=("user",))], "negative"))
    assert not metrics.completed(case([T(seen=("environment",), later=("missed:seat",))], "negative"))


def test_reaching_the_turn_cap_is_a_failure_wherever_the_tasks_stand() -> None:
    assert not metrics.completed(case([T()], "negative", ended="turns", final="IN_PROGRESS"))
    assert metrics.completed(case([T()], "negative", final="IN_PROGRESS"))


def test_completion_leaves_lost_items_out() -> None:
    lost = case([T()], "lost", ended="bad", final="FAILED")
    found = metrics.completion([won(), case([T()], "positive", ended="bad"), lost])
    assert (found.hits, found.count, found.value) == (1, 2, 0.5)
    assert metrics.completion([lost]) == Measure(None)


def test_overall_is_given_both_ways() -> None:
    lost = case([T("reply", ok=False)], "negative", ended="bad")
    equal, pooled = metrics.overall([won(), won(), won(), lost])
    assert equal.value == pytest.approx(0.5)
    assert pooled.value == pytest.approx(0.75)


def test_action_accuracy_is_the_share_of_acceptable_acts() -> None:
    assert metrics.action_accuracy([case([T(), T(ok=False)]), case([T(), T()])]).value == 0.75


def test_status_accuracy_counts_turns_that_claim_nothing_as_not_right() -> None:
    turns = [T(claims="PENDING", state="PENDING"), T(claims="PENDING"), T(), T(claims="IN_PROGRESS")]
    found = metrics.status_accuracy([case(turns)])
    assert (found.hits, found.count) == (2, 4)
    assert found.note == "1 of 4 turns claim nothing"


def test_an_agent_that_never_claims_has_no_status_accuracy() -> None:
    assert metrics.status_accuracy([case([T(), T()])]) == Measure(None, note="not claimed")


def test_failure_signatures() -> None:
    turns = [
        T("retrieve", claims="PENDING", state="PENDING"),
        T("retrieve", seen=("tool_call",), state="PENDING"),
        T("set_reminder", seen=("tool_call",), claims="PENDING", state="IN_PROGRESS"),
        T("follow_up", ok=False, broke=("invented:seat",)),
        T(ok=False, open=("seat",), seen=("environment_monitor",)),
        T("retrieve", seen=("user",)),
        T("complete_task", ok=False, broke=("rule:never_presumes",)),
        T("reply", ok=False, broke=("rule:no_nagging",)),
        T("follow_up", ok=False, broke=("wrong:seat",)),
    ]
    assert metrics.signatures([case(turns)]) == {
        "completed without acknowledgement": 1,
        "silence in the positive branch": 1,
        "follow-up in the negative branch": 1,
        "status not advanced": 1,
        "wrong arguments": 1,
        "another rule broken": 1,
        "redundant retrieval": 1,
    }


PROPOSALS = [
    T("follow_up", open=("seat",), served=("seat",), then=("user.accept",)),  # tp
    T("follow_up", open=("seat",), served=("seat",), then=("user.decline",)),  # fp: the user's verdict counts
    T("follow_up", open=("seat",), served=("seat",)),  # tp: nobody says, the window does
    T("follow_up"),  # fp
    T(),  # tn
    T(open=("close",)),  # tn: that window is for an act which is not proactive
    T(open=("seat",), later=("missed:seat",)),  # fn
    T("reply", open=("seat",), later=("missed:seat",)),  # fn
    T("reply", open=("seat",)),  # the window stays open: nothing is decided
    T(open=("seat",)),  # the same
    T("reply"),  # not a matter of proposing
]


def test_proposals_by_the_users_verdict() -> None:
    cases = [case(PROPOSALS)]
    assert metrics.confusion(cases) == Confusion(tp=2, fp=2, tn=2, fn=2)
    assert metrics.precision(cases).value == metrics.recall(cases).value == 0.5
    assert metrics.accuracy(cases).value == 0.5
    assert metrics.f1(cases).value == 0.5
    assert metrics.false_alarm(cases).value == 0.5


@pytest.mark.parametrize(
    "figure",
    [row.figure for row in ROWS],
    ids=[row.key for row in ROWS],
)
def test_nothing_of_nothing_is_undefined_and_never_zero(figure: Callable[[Sequence[Case]], Measure]) -> None:
    assert figure([]).value is None


def test_a_silent_agent_has_no_precision_and_no_false_alarms() -> None:
    cases = [case([T(), T(open=("seat",), later=("missed:seat",))])]
    assert metrics.precision(cases).value is None
    assert metrics.false_alarm(cases).value is None
    assert metrics.recall(cases).value == 0
    assert metrics.f1(cases).value == 0


def test_acceptance_within_turns() -> None:
    cases = [won(), case([T()], final="IN_PROGRESS"), case(WON, ended="bad", final="FAILED")]
    assert metrics.acceptance(cases).hits == 1
    assert metrics.acceptance(cases, turns=2).hits == 0


def test_stance_changes_per_turn() -> None:
    cases = [case([T(), T()], trust=[3, 4, 5]), case([T()], trust=[3, 1])]
    found = metrics.stance_change(cases)
    assert found["user.trust"].value == pytest.approx((2 - 2) / 3)
    assert metrics.stance_change(cases[:1])["user.trust"].value == 1


def test_concerns_at_the_end() -> None:
    found = metrics.concerns([case([T()], trust=[3])])
    assert found["hidden"].value == 1
    assert found["eased"].value == 0
    assert metrics.concerns([case([T()])]) == {}


WINDOWS = [
    T(),
    T("reply", open=("seat",)),
    T("follow_up", open=("seat",), ok=False),  # wrong arguments
    T("follow_up", open=("seat",), served=("seat",), then=("user.accept",)),
    T(open=("close",), later=("missed:close",)),
    T("follow_up", later=("missed:close",)),  # outside any window; close opened and closed between two turns
    T(open=("seat",)),
]


def test_windows_instance_by_instance() -> None:
    found = {(i.trigger, i.opened): i for i in metrics.instances(case(WINDOWS))}
    assert len(found) == 4
    assert found["seat", 1].served == 3
    assert found["seat", 1].matched is False
    assert found["close", 4].missed
    assert found["close", None].missed
    cut = found["seat", 6]
    assert (cut.served, cut.missed) == (None, False)


def test_window_figures() -> None:
    cases = [case(WINDOWS)]
    assert metrics.served_in_window(cases).value == pytest.approx(1 / 3)
    assert metrics.turns_from_opening(cases).value == 2
    assert metrics.argument_match(cases).value == 0
    assert metrics.outside_rate(cases).value == pytest.approx(1 / 3)


def test_a_window_may_open_again() -> None:
    turns = [T("follow_up", open=("seat",), served=("seat",)), T(), T("follow_up", open=("seat",), served=("seat",))]
    assert [(i.opened, i.served) for i in metrics.instances(case(turns))] == [(0, 0), (2, 2)]


def test_a_window_missed_at_one_turn_and_open_again_at_the_next_is_two_windows() -> None:
    turns = [T(open=("seat",), later=("missed:seat",)), T("follow_up", open=("seat",), served=("seat",))]
    assert [(i.opened, i.served, i.missed) for i in metrics.instances(case(turns))] == [(0, None, True), (1, 1, False)]


def test_regret_is_value_lost_per_turn() -> None:
    turns = [T(value=(0.8, 0.5)), T(value=(0.5, 0.9)), T(value=(0.9, 0.9))]
    assert metrics.regret([case(turns)]).value == pytest.approx(0.1)


def test_answers_that_could_not_be_used_are_silence() -> None:
    cases = [case([T(invalid="no JSON", open=("seat",), later=("missed:seat",)), T("reply")])]
    assert metrics.invalid_rate(cases).value == 0.5
    assert metrics.confusion(cases) == Confusion(fn=1)

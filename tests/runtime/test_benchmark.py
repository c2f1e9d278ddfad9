"""The benchmark: what its items are, splits, runs that were interrupted, counts."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.dsl.spans import Span
from dramaturg.runtime import benchmark
from dramaturg.runtime.agents import Oracle, agent
from dramaturg.runtime.benchmark import (
    HELDOUT,
    TRAIN,
    Benchmark,
    Item,
    build,
    from_json,
    read_run,
    run,
    splits,
    to_json,
)
from dramaturg.runtime.policy import TurnView
from dramaturg.runtime.record import BadRecord
from dramaturg.runtime.trace import Answer, Args
from tests.runtime.scene import compiled, scenario

ROOT = Path(__file__).parents[2]


@cache
def built() -> Benchmark:
    return build(compiled())


def test_every_binding_has_every_class_that_play_can_reach() -> None:
    for binding, values in enumerate(compiled().semantics.bindings):
        classes = {item.branch for item in built().items if item.binding == binding}
        # 30 % of users decline what is right: such an item is lost, and no agent is blamed for it
        assert classes == ({"positive", "lost"} if values["comes"] else {"negative"})


def test_items_are_what_their_witness_showed() -> None:
    for item in built().items:
        trace = benchmark.run(replace(built(), items=(item,)), compiled(), Oracle()).traces[0]
        assert (trace.ended == "good") == (item.branch != "lost")
        assert (dict(trace.final)["buy"] == "DONE") == (item.branch == "positive")


def test_ids_are_distinct() -> None:
    assert len({item.id for item in built().items}) == len(built().items)


def lines_of(*spans: Span) -> set[str]:
    return {str(span) for span in spans}


def test_the_lines_that_reference_play_can_reach_are_all_shown() -> None:
    scene = scenario()
    person, task = scene.cast[0], scene.tasks[0]
    lines = lines_of(
        *(entry.span for entry in scene.stream),
        person.replies[0].span,
        person.replies[1].span,
        *(transition.span for transition in task.states[0].transitions),
        *(trigger.span for trigger in scene.triggers),
    )
    assert lines <= set(built().shown)


def test_the_text_is_read_back_and_the_same_everywhere() -> None:
    assert from_json(to_json(built())) == built()
    code = "from tests.runtime.scene import compiled; from dramaturg.runtime.benchmark import build, to_json; "
    code += "print(to_json(build(compiled())), end='')"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        printed = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, check=True
        )
        assert printed.stdout.decode() == to_json(built())


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format":"x"}', to_json(Benchmark("a", "b", "c", (), (), (), (), 0))[:-5]]
)
def test_what_is_no_benchmark_is_refused(text: str) -> None:
    with pytest.raises(BadRecord):
        from_json(text)


# Splits


def item(number: int, branch: str) -> Item:
    values: Args = (("n", number),)
    return Item(f"{number}{branch}", number, values, 0, (), branch, ())


@given(st.lists(st.sampled_from(("p", "n", "pn", "pl", "l")), min_size=1, max_size=40), st.text(max_size=4))
def test_splits_divide_no_binding_and_leave_both_branches_on_both_sides(kinds: list[str], family: str) -> None:
    names = {"p": "positive", "n": "negative", "l": "lost"}
    items = [item(n, names[letter]) for n, kind in enumerate(kinds) for letter in kind]
    split = splits(family, items)
    assert set(split) == {i.values for i in items}
    assert splits(family, list(reversed(items))) == split
    for branch in ("positive", "negative"):
        sides = [split[i.values] for i in items if i.branch == branch]
        if len(sides) > 1:
            assert set(sides) == {TRAIN, HELDOUT}
    if len(kinds) == 1:
        assert set(split.values()) == {TRAIN}


def test_about_a_quarter_is_held_out() -> None:
    for family in ("a", "b", "c"):
        split = splits(family, [item(n, branch) for n in range(40) for branch in ("positive", "negative")])
        assert list(split.values()).count(HELDOUT) == 10


def test_a_whole_family_can_be_held_out() -> None:
    assert set(splits("coffee", [item(0, "positive"), item(1, "negative")], ["coffee"]).values()) == {HELDOUT}


# Runs


def test_the_oracle_completes_what_is_winnable() -> None:
    done = run(built(), compiled(), Oracle())
    assert done.counts == {"n_in": len(built().items), "n_ok": len(built().items), "n_invalid": 0, "n_error": 0}
    assert [case.branch for case in done.cases()] == [i.branch for i in built().items]
    heldout = run(built(), compiled(), Oracle(), split=HELDOUT)
    assert 0 < len(heldout.traces) < len(done.traces)
    assert len(done.cases(HELDOUT)) == len(heldout.traces)


def test_an_interrupted_run_ends_with_the_same_bytes(tmp_path: Path) -> None:
    policy = agent("random")
    whole = run(built(), compiled(), policy, journal=tmp_path / "whole.jsonl")
    data = (tmp_path / "whole.jsonl").read_bytes()
    for cut in (0, 10, len(data) // 3, len(data) // 2, len(data) - 1):
        path = tmp_path / f"{cut}.jsonl"
        path.write_bytes(data[:cut])
        assert run(built(), compiled(), policy, journal=path) == whole
        assert path.read_bytes() == data
    assert read_run(built(), compiled(), tmp_path / "whole.jsonl") == whole


def test_a_journal_of_another_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run(built(), compiled(), Oracle(), journal=path)
    with pytest.raises(ValueError, match="another run"):
        run(built(), compiled(), agent("silent"), journal=path)
    with pytest.raises(ValueError, match="no run of this benchmark"):
        read_run(replace(built(), shown=()), compiled(), path)


def test_a_benchmark_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="another version"):
        run(replace(built(), digest="old"), compiled(), Oracle())


@dataclass(frozen=True)
class Flaky:
    """Cannot be asked in every second binding, and talks nonsense in others."""

    name: str = "flaky"

    def answer(self, view: TurnView) -> Answer:
        if "Coffee" in view.history[0].text:
            raise TimeoutError("no answer")
        return Answer("dance")


def test_every_item_is_counted_once(tmp_path: Path) -> None:
    done = run(built(), compiled(), Flaky(), journal=tmp_path / "run.jsonl")
    counts = done.counts
    assert counts["n_in"] == counts["n_ok"] + counts["n_invalid"] + counts["n_error"] == len(built().items)
    assert counts["n_error"] > 0
    assert counts["n_invalid"] > 0
    assert all("TimeoutError" in result.error for result in done.results if result.trace is None)
    assert read_run(built(), compiled(), tmp_path / "run.jsonl") == done


def test_the_items_exercise_every_line_that_the_reference_policy_can_meet() -> None:
    made = built()
    assert made.met
    assert set(made.met) <= set(made.shown)
    assert set(made.met) <= set(made.coverable)
    assert len(made.coverable) <= made.lines

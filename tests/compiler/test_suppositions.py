"""What is asked of judgement: labels go by its `else`, and a claim has to hold whichever way it comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.compiler.compiled import Budget, Compiled, OverBudget, compile_scenario
from dramaturg.compiler.configuration import Config, Move
from dramaturg.compiler.explore import explore
from dramaturg.compiler.suppositions import MOST, Bench, ways
from dramaturg.dsl.load import load

TEXT = """
scenario: tone
domain: demo
family: demo
horizon: 1h
turns: 3
world:
  told: yes/no = no
agent:
  wakes: [user]
  acts:
    answer: {kind: says}
user:
  moves: {ask: {}, thank: {}, leave: {}}
  opens: {do: ask}
  replies:
    - {to: agent.answer, chance: 50%, do: leave}
    - {to: agent.answer, do: thank}
tasks:
  talk:
    OPEN:
      - {when: user.thank, if: judged "Was the answer friendly?" else no, go: PLEASED}
      - {when: user.thank, if: not judged "Was the answer friendly?" else no, go: SERVED}
      - {when: user.leave, go: LOST}
    PLEASED: {end: good}
    SERVED: {end: good}
    LOST: {end: bad}
check:
  CLAIM
words:
  user.ask: [What time is it?]
  user.thank: [Thanks.]
  user.leave: [Bye.]
  agent.answer: [Noon.]
"""


def made(folder: Path, claim: str, text: str = TEXT) -> Compiled:
    path = folder / "tone.yaml"
    path.write_text(text.replace("CLAIM", f"claim: {claim}"), "utf-8")
    loaded = load(path)
    assert loaded.scenario is not None, [it.message for it in loaded.diagnostics]
    return compile_scenario(loaded.scenario)


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ("never task.talk is PLEASED", False),
        ("always task.talk is OPEN | SERVED | LOST", False),
        ("user.thank leads to task.talk is SERVED", False),
        ("never task.talk is SERVED", False),
        ("user.thank leads to task.talk is SERVED | PLEASED", True),
        ("possible task.talk is SERVED", True),
        ("possible task.talk is PLEASED", False),  # nobody may count on a judgement
        ("winnable task.talk is SERVED", True),
        ("winnable task.talk is PLEASED", False),
    ],
)
def test_a_claim_holds_whichever_way_judgements_come_out(claim: str, holds: bool, tmp_path: Path) -> None:
    broken = [it for it in made(tmp_path, claim).diagnostics if it.name == "broken-check"]
    assert bool(broken) != holds


def test_the_counterexample_says_what_is_supposed(tmp_path: Path) -> None:
    (broken,) = [it for it in made(tmp_path, "never task.talk is PLEASED").diagnostics if it.name == "broken-check"]
    assert (
        "user.thank [task.talk: OPEN → PLEASED] (supposing that “Was the answer friendly?” is yes)" in broken.notes[0]
    )


def test_what_only_a_judgement_leads_to_is_not_called_dead(tmp_path: Path) -> None:
    found = made(tmp_path, "possible task.talk is SERVED").diagnostics
    assert [it.name for it in found] == []
    never = made(
        tmp_path, "possible task.talk is SERVED", TEXT.replace('judged "Was the answer friendly?" else no', "told")
    )
    assert [it.name for it in never.diagnostics] == ["dead-line"]


def test_labels_go_by_what_stands_behind_else(tmp_path: Path) -> None:
    asked = made(tmp_path, "possible task.talk is SERVED")
    assert asked.supposed is not None
    assert len(asked.supposed) > len(asked.graph)
    settled = made(
        tmp_path, "possible task.talk is SERVED", TEXT.replace('judged "Was the answer friendly?" else no', "told")
    )
    assert settled.supposed is None
    assert len(asked.graph) == len(settled.graph)
    assert (asked.solution.level == settled.solution.level).all()
    assert asked.solution.value == pytest.approx(settled.solution.value)
    assert [edge.supposed for edge in asked.graph.edges if edge.supposed] == []


def test_one_question_has_one_answer_at_a_step(tmp_path: Path) -> None:
    """Both lines ask the same: never both are taken, and never neither."""
    graph = explore(made(tmp_path, "possible task.talk is SERVED").scenario, supposing=True).graph
    after = {tasks["talk"] for edge in graph.edges if edge.event == "user.thank" for tasks in (graph.tasks[edge.dst],)}
    assert after == {"PLEASED", "SERVED"}


def test_many_questions_at_once_come_to_an_end() -> None:
    bench = Bench()
    nowhere = Config(0, (), (), (), (), (), (), None, (), 0)

    def moves() -> list[Move]:
        answers = [bench.decide(f"q{number}", False) for number in range(50)]
        return [Move("world", f"e{answers}", nowhere)]

    found = ways(bench, moves)
    assert len(found) == 2**MOST
    assert found[0].supposed == ""
    assert bench.answers == {}


def test_a_graph_that_is_too_large_for_proofs_alone_says_so(tmp_path: Path) -> None:
    asked = made(tmp_path, "possible task.talk is SERVED")
    with pytest.raises(OverBudget) as caught:
        compile_scenario(asked.scenario, Budget(len(asked.graph), 400_000))
    assert "in which what is judged comes out either way" in caught.value.diagnostic.notes[0]

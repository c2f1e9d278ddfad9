"""Pictures: golden texts, the same under any hash seed, and the limits that folding keeps."""

import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import networkx as nx
import pytest

from dramaturg.compiler.render import CHARTS
from dramaturg.compiler.render.charts import charts
from dramaturg.compiler.render.dot import dot
from dramaturg.compiler.render.drawing import drawing
from dramaturg.compiler.render.graphml import graphml
from dramaturg.compiler.render.mermaid import mermaid
from tests.compiler.graphs import graph
from tests.compiler.seat import seat

GOLDEN = Path(__file__).parent / "golden"

TINY = """
    r -> a1 bind
    a1 -> p1 agent.follow_up
    a1 -> w1 agent.keep_silent !missed:seat
    p1 -> g1 user.accept 0.5
    p1 -> b1 user.decline 0.5
    w1 -> b1 over
    a1: task.trip=OPEN fare=80
    p1: task.trip=OPEN fare=80
    w1: task.trip=OPEN fare=80
    g1: task.trip=DONE fare=80
    b1: task.trip=LOST fare=80
"""


def same_as_golden(name: str, text: str) -> None:
    """Compare with a file; with GOLDEN=write in the environment, write it."""
    file = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize(("form", "ending"), [("mermaid", "mmd"), ("dot", "dot")])
def test_machines(form: str, ending: str) -> None:
    same_as_golden(f"seat-machines.{ending}", CHARTS[form](seat().scenario))


def test_every_configuration_of_a_small_graph() -> None:
    item = graph(TINY)
    same_as_golden("tiny.mmd", mermaid(item))
    same_as_golden("tiny.dot", dot(item))


def test_a_folded_graph() -> None:
    item = graph(TINY)
    same_as_golden("tiny-folded.mmd", mermaid(item, budget=5))
    same_as_golden("tiny-folded.dot", dot(item, budget=5))


def test_graphml_reads_back_with_every_attribute() -> None:
    made = seat()
    item = made.graph
    read = nx.read_graphml(BytesIO(graphml(item, made.solution).encode()), node_type=int, force_multigraph=True)
    assert len(read) == len(item)
    assert read.number_of_edges() == len(item.edges)
    for node, attributes in read.nodes(data=True):
        assert attributes["value"] == pytest.approx(float(made.solution.value[node]), abs=1e-8)
        assert attributes.get("verdict", "") == item.verdict.get(node, "")
    for _, _, key, attributes in read.edges(keys=True, data=True):
        edge = item.edges[int(key)]
        assert attributes["event"] == edge.event
        assert attributes.get("violations", "").split("; ") == (list(edge.violations) or [""])
        assert attributes.get("chance") == edge.chance


def test_folding_keeps_to_the_budget_and_loses_nobody() -> None:
    item = seat().graph
    for budget in (len(item), 60, 3):
        shown = drawing(item, budget)
        counts = [int(m[1]) if (m := re.match(r"(\d+) configurations", box.label[-1])) else 1 for box in shown.boxes]
        assert sum(counts) == len(item)
        assert shown.folded == (len(shown.boxes) < len(item))
        assert any(arrow.violating for arrow in shown.arrows)
    assert len(drawing(item, 60).boxes) <= 60
    assert not drawing(item, len(item)).folded


def test_every_machine_is_drawn_with_its_own_states() -> None:
    drawn = {f"{chart.kind}.{chart.name}": set(chart.states) for chart in charts(seat().scenario)}
    assert drawn == {
        "task.trip": {"WANTED", "FOUND", "LOST"},
        "concern.short_of_money": {"hidden", "voiced", "eased"},
        "trigger.cheap": {"idle", "open", "served", "missed"},
        "shift.mind": {"waiting", "done"},
    }


def test_text_is_never_syntax() -> None:
    from dataclasses import replace

    item = graph(TINY)
    nasty = 'a"]; style x --> y: {"%%#'
    edges = (item.edges[0]._replace(event=nasty), *item.edges[1:])
    text = mermaid(replace(item, edges=edges))
    line = next(line for line in text.splitlines() if line.startswith("  n0 -->"))
    assert re.fullmatch(r'  n0 -->\|"[^"`]*"\| n1', line)
    assert '\\"]; style' in dot(replace(item, edges=edges))


def test_the_same_under_any_hash_seed() -> None:
    """The whole way from text to pictures and tour, in interpreters of their own."""
    script = (
        "from tests.compiler.seat import seat\n"
        "from dramaturg.compiler.render import CHARTS, RENDERERS\n"
        "from dramaturg.compiler.coverage import tour\n"
        "made = seat()\n"
        "for form in sorted(RENDERERS): print(RENDERERS[form](made.graph, made.solution))\n"
        "for form in sorted(CHARTS): print(CHARTS[form](made.scenario))\n"
        "print(tour(made.graph, made.solution, made.resolve), made.diagnostics)\n"
    )
    root = Path(__file__).parents[2]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "4242")
    }
    assert len(outputs) == 1

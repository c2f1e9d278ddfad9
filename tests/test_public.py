"""The package's own face: load, compile, graph."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

import dramaturg

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def test_a_file_becomes_a_multidigraph_in_two_calls() -> None:
    graph = dramaturg.graph(dramaturg.compile(SCENARIOS / "work" / "coding-session.yaml"))
    assert isinstance(graph, nx.MultiDiGraph)
    assert any(attributes.get("reference") for _, attributes in graph.nodes(data=True))


def test_a_file_that_does_not_load_says_why(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("scenario: broken\nworlds: {}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"broken\.yaml:\d+:\d+: E\d{3} "):
        dramaturg.compile(path)
    assert dramaturg.load(path).scenario is None

"""The networkx view of a solved scenario."""

from __future__ import annotations

from dramaturg.compiler.annotated import annotated
from dramaturg.compiler.compiled import compile_scenario
from dramaturg.compiler.graph import AGENT
from tests.compiler.stage import watch


def test_agent_turns_carry_their_labels() -> None:
    compiled = compile_scenario(watch(), analyse=False)
    graph = annotated(compiled)
    assert graph.number_of_nodes() == len(compiled.graph)
    assert graph.number_of_edges() == len(compiled.graph.edges)
    turns = [node for node in graph if int(compiled.graph.owner[node]) == AGENT]
    assert turns
    labelled = [node for node in turns if graph.nodes[node]["reference"] is not None]
    assert labelled
    for node in labelled:
        assert graph.nodes[node]["reference"] in graph.nodes[node]["acceptable"]
    first = graph.nodes[labelled[0]]
    assert first["level"] == 3
    assert first["value"] == 1.0


def test_edges_say_everything_that_was_promised() -> None:
    graph = annotated(compile_scenario(watch(), analyse=False))
    wanted = {"actor", "event", "guard", "effect", "delay", "chance", "span", "acceptable"}
    assert all(wanted <= set(attributes) for _, _, attributes in graph.edges(data=True))
    assert any(attributes["guard"] for _, _, attributes in graph.edges(data=True))
    assert any(attributes["effect"] for _, _, attributes in graph.edges(data=True))

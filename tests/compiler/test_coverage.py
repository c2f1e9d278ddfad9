"""Coverage: what paths exercise, and the tour of the reference agent."""

from collections.abc import Hashable

import numpy as np

from dramaturg.compiler.authored import authored
from dramaturg.compiler.coverage import covered, opportunities, tour
from dramaturg.compiler.graph import AGENT, END
from tests.compiler.seat import SEAT, compiled, seat


def test_a_tour_meets_every_binding_with_and_without_its_opportunity() -> None:
    made = seat()
    items = tour(made.graph, made.solution, made.resolve)
    assert {(item.binding, item.branch, item.ended) for item in items} >= {
        (binding, branch, "good") for binding in (0, 1) for branch in ("positive", "negative")
    }


def test_a_path_is_a_run_of_the_reference_agent() -> None:
    """Each path follows edges from the root to an end, and every act on it is the oracle's from what it has seen."""
    made = seat()
    graph, beliefs = made.graph, made.beliefs
    for item in tour(graph, made.solution, made.resolve):
        assert graph.edges[item.path[0]].src == 0
        assert item.path[0] == item.binding
        assert all(graph.dst[a] == graph.src[b] for a, b in zip(item.path, item.path[1:], strict=False))
        assert graph.owner[graph.dst[item.path[-1]]] == END
        assert item.ended == graph.verdict[int(graph.dst[item.path[-1]])]
        assert item.script == tuple(e for e in item.path[1:] if graph.owner[graph.src[e]] != AGENT)
        belief, act = None, None
        seen: list[Hashable] = []
        for index in item.path:
            edge = graph.edges[index]
            if graph.owner[edge.src] == AGENT:
                belief = (
                    beliefs.initial(tuple(seen))
                    if belief is None or act is None
                    else beliefs.update(belief, *act, tuple(seen))
                )
                act, seen = beliefs.reference(belief), []
                assert act is not None
                assert made.resolve(edge.src, *act) == index
            elif edge.observation is not None:
                seen.append(edge.observation)


def test_branches_are_what_the_path_shows() -> None:
    made = seat()
    graph = made.graph
    for item in tour(graph, made.solution, made.resolve):
        served = any("cheap" in graph.edges[e].served for e in item.path)
        opened = any(graph.readable[int(graph.dst[e])].get("trigger.cheap") == "open" for e in item.path)
        assert (item.branch == "positive") == served
        if item.branch == "negative":
            assert not opened


def test_lines_that_only_another_agent_exercises_stay_uncovered() -> None:
    """The reference never asks and offers nothing dear, so nobody shifts or declines."""
    made = seat()
    items = tour(made.graph, made.solution, made.resolve)
    done, missing = covered(made.graph, [item.path for item in items])
    assert {line.kind for line in missing} == {"reply", "transition", "shift"}
    assert {line.kind for line in done} == {"reply", "transition", "trigger", "stream", "concern"}
    assert len(done) + len(missing) == len(authored(made.scenario))


def test_a_detour_covers_a_line_that_no_class_needs() -> None:
    """Where the user may decline a cheap seat too, some path shows it, though it ends badly."""
    made = compiled(SEAT.replace("if: fare < 100 EUR, do: accept", "if: fare < 100 EUR, chance: 50%, do: accept"))
    items = tour(made.graph, made.solution, made.resolve)
    declined = [i for i in items if any(made.graph.edges[e].event == "user.decline" for e in i.path)]
    assert declined
    assert {item.ended for item in declined} == {"bad"}


def test_all_edges_cover_what_any_path_covers() -> None:
    made = seat()
    _, dead = covered(made.graph, [range(len(made.graph.edges))])
    assert dead == ()
    nothing, everything = covered(made.graph, [])
    assert nothing == ()
    assert everything == authored(made.scenario)


def test_opportunities_expect_a_proactive_act() -> None:
    assert opportunities(seat().scenario) == ("cheap",)
    assert opportunities(compiled(SEAT.replace(", proactive: yes", "")).scenario) == ()


def test_a_tour_without_argument_classes_takes_acts_literally() -> None:
    made = seat()
    paths = {item.path for item in tour(made.graph, made.solution)}
    assert paths == {item.path for item in tour(made.graph, made.solution, made.resolve)}
    assert not any(made.graph.violating[np.array(path)].any() for path in paths)

"""Theorems: the scenario's own ``check`` section, decided on the state graph.

A theorem speaks of all worlds, people and draws, and of every agent that keeps the rules: runs with a ``rule:`` violation do
not count. ``possible`` asks for some such run, ``winnable`` for one inside safe play in at least one binding. The graph
carries, on each edge, which operands hold at that step (``Edge.facts``), so a theorem is a question about paths.

Endings. An episode lasts ``turns`` turns of the agent and ``horizon`` of virtual time at most; a path that needs more is no run.
Running out of either breaks no deadline that has not expired. ``eventually`` (and the right side of ``until``) is broken by any
end without it. ``A leads to B`` without a deadline is broken where B can be avoided up to an end that the tasks
reach, or for as long as an episode lasts; with a deadline, only by the deadline.

Deadlines. ``within 30m`` allows B on any step up to and including 30 minutes after the step of A; ``within 3 turns`` allows the
third turn of the agent after A, and what others do before its fourth. The binding of the parameters is no step. Where the
graph holds may-edges, ``always`` and ``never`` stay sound, and a witness or counterexample that uses one says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from dramaturg.compiler.graph import IntArray, StateGraph
from dramaturg.compiler.reach import FAR, Allowance, Mask, affordable, edges_of, tree
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.solve import ROOT, turn_costs
from dramaturg.compiler.witness import moment, trace
from dramaturg.dsl.diagnostics import Diagnostic, diagnose
from dramaturg.dsl.scenario import Check
from dramaturg.dsl.types import Wait


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found about one theorem."""

    check: Check
    holds: bool
    reason: str
    """One sentence."""
    path: tuple[int, ...] | None = None
    """Edges: the witness of a ``possible`` or ``winnable`` that holds, the counterexample of a theorem that does not."""
    attempt: tuple[int, ...] | None = None
    """Edges: of a ``winnable`` that does not hold, the shortest run that comes to what it claims, violations and all."""
    rests_on_may: bool = False
    """Whether that path uses a move that the abstraction only knows the world may make."""
    graph: StateGraph | None = None
    """The graph whose edges these are."""


def proofs(graph: StateGraph, solution: Solution, supposed: StateGraph | None = None) -> list[Proof]:
    """Every theorem of the scenario, in document order. What has to hold in every run is looked for in ``supposed``, where there
    is one; what only has to be possible is to be so without supposing anything."""
    out = []
    for check in graph.scenario.checks:
        ground = graph if supposed is None or check.kind in ("possible", "winnable") else supposed
        kept = np.fromiter(
            (not any(v.startswith("rule:") for v in e.violations) for e in ground.edges), bool, len(ground.edges)
        )
        out.append(replace(_proof(ground, solution, check, kept), graph=ground))
    return out


def diagnostics(graph: StateGraph, solution: Solution, supposed: StateGraph | None = None) -> Iterator[Diagnostic]:
    """An error for each theorem that does not hold, with a shortest counterexample."""
    for proof in proofs(graph, solution, supposed):
        if proof.holds:
            continue
        ground = proof.graph or graph
        notes = [] if proof.path is None else [trace(ground, proof.path, "shortest counterexample")]
        if proof.attempt is not None:
            notes.append(trace(ground, proof.attempt, "the shortest run that comes to it all the same"))
        if proof.rests_on_may:
            notes.append("the world may do this as far as the abstraction knows; no concrete run has been replayed")
        yield diagnose(
            "broken-check",
            proof.check.span,
            f"the check {proof.check.name} does not hold: {proof.reason}",
            notes=notes,
        )


def operand(graph: StateGraph, check: Check, side: str) -> Mask:
    """(edges,): the steps at which this operand of the check holds."""
    bit = graph.facts.index((check.name, side))
    return np.fromiter((bool(e.facts >> bit & 1) for e in graph.edges), dtype=bool, count=len(graph.edges))


def _proof(graph: StateGraph, solution: Solution, check: Check, kept: Mask) -> Proof:
    left = operand(graph, check, "left")
    step = graph.src != ROOT
    match check.kind:
        case "always":
            path = _reach(graph, kept, kept & step & ~left)
            return _verdict(graph, check, path, "it is false at a step that can be reached", "it holds at every step")
        case "never":
            path = _reach(graph, kept, kept & left)
            return _verdict(graph, check, path, "it happens", "no run comes to such a step")
        case "possible":
            path = _reach(graph, kept, kept & left, check.deadline)
            return _existence(graph, check, path, "no run that keeps the rules comes to such a step")
        case "winnable":
            safe, src, dst = solution.safe, graph.src, graph.dst
            play = ~graph.violating & (safe[src] | (src == ROOT)) & safe[dst]
            path = _reach(graph, play, play & left, check.deadline)
            if path is None:
                anyhow = _reach(graph, kept, kept & left, check.deadline)
                return Proof(check, False, _unwinnable(graph, left), attempt=anyhow)
            return _existence(graph, check, path, "")
        case "eventually":
            path = _promise(graph, check, kept, kept & ~left)
            return _verdict(graph, check, path, "a run can go by without it", "every run comes to it")
        case "until":
            right = operand(graph, check, "right")
            waiting = kept & ~right & (left | ~step)
            path = _reach(graph, waiting, kept & step & ~left & ~right)
            if path is not None:
                return _verdict(graph, check, path, "the left side stops before the right side comes", "")
            path = _promise(graph, check, kept, waiting)
            proved = "the left side holds until the right side comes"
            return _verdict(graph, check, path, "the right side may never come", proved)
        case "leads_to":
            right = operand(graph, check, "right")
            path = _response(graph, check, kept, left, right)
            return _verdict(graph, check, path, _late(check), "the right side always follows")
    raise AssertionError(f"unknown kind of check {check.kind}")


def _late(check: Check) -> str:
    if check.deadline is None:
        return "the right side can be avoided from there on"
    wait = check.deadline
    amount = moment(wait.ms) if wait.ms is not None else f"{wait.turns} turns"
    return f"the right side can stay away for longer than {amount}"


def _unwinnable(graph: StateGraph, left: Mask) -> str:
    if _reach(graph, ~graph.violating, left & ~graph.violating) is not None:
        return "it can be reached without a violation, but the others can force one on every way there"
    return "the agent cannot bring it about without a violation"


def _verdict(graph: StateGraph, check: Check, path: tuple[int, ...] | None, broken: str, proved: str) -> Proof:
    if path is None:
        return Proof(check, True, proved)
    return Proof(check, False, broken, path, rests_on_may=_may(graph, path))


def _existence(graph: StateGraph, check: Check, path: tuple[int, ...] | None, missing: str) -> Proof:
    if path is None:
        return Proof(check, False, missing)
    return Proof(check, True, "a run comes to it", path, rests_on_may=_may(graph, path))


def _may(graph: StateGraph, path: tuple[int, ...]) -> bool:
    return any(graph.edges[index].may for index in path)


def _milliseconds(graph: StateGraph) -> IntArray:
    return np.fromiter((e.delay for e in graph.edges), dtype=np.int64, count=len(graph.edges))


def _spent(graph: StateGraph, wait: Wait) -> IntArray:
    """(edges,): what a move costs in the unit of the deadline: milliseconds, or turns of the agent."""
    return _milliseconds(graph) if wait.turns is None else turn_costs(graph).astype(np.int64)


def _amount(wait: Wait) -> int:
    amount = wait.ms if wait.turns is None else wait.turns
    assert amount is not None
    return amount


def _reach(graph: StateGraph, allowed: Mask, wanted: Mask, wait: Wait | None = None) -> tuple[int, ...] | None:
    """A path from the root over ``allowed`` edges to a ``wanted`` one, within an episode and the deadline.

    The one with the fewest moves where that fits, else the one with the fewest turns. The last edge need not be allowed.
    """
    path = tree(graph, allowed=allowed).nearest(wanted)
    if path is None:
        return None
    turns, ms = turn_costs(graph).astype(np.int64), _milliseconds(graph)
    allowance = Allowance(
        min(graph.scenario.turns, wait.turns if wait is not None and wait.turns is not None else graph.scenario.turns),
        min(graph.scenario.horizon, wait.ms if wait is not None and wait.ms is not None else graph.scenario.horizon),
    )
    if turns[list(path)].sum() <= allowance.turns and ms[list(path)].sum() <= allowance.ms:
        return path
    return affordable(graph, allowed, wanted, turns, ms, allowance)


def _response(graph: StateGraph, check: Check, kept: Mask, left: Mask, right: Mask) -> tuple[int, ...] | None:
    """A path to a step of the left side and on, without the right side in time; None where there is none."""
    wait = check.deadline or Wait(ms=graph.scenario.horizon)
    spent = _spent(graph, wait)
    asked = kept & left & ~right
    if check.deadline is None:
        # The left side at the very step that ends the episode.
        ended = asked & _final(graph)
        if (path := _reach(graph, kept, ended)) is not None:
            return path
    else:
        # A deadline that lies past the end of every episode never expires.
        asked &= _least(graph, kept, spent)[graph.src] + spent + _amount(wait) < _limit(graph, wait)
    asked &= tree(graph, allowed=kept).depth[graph.src] < FAR
    if not asked.any():
        return None
    starts = np.unique(graph.dst[asked])
    final = _final(graph) if check.deadline is None else np.zeros(len(graph.edges), dtype=bool)
    tail = _avoidance(graph, starts, kept & ~right, kept, spent, _amount(wait), final)
    if tail is None:
        return None
    head = _reach(graph, kept, asked & (graph.dst == graph.src[tail[0]]))
    return None if head is None else (*head, *tail)


def _promise(graph: StateGraph, check: Check, kept: Mask, waiting: Mask) -> tuple[int, ...] | None:
    """A run on which the promised step does not come: ``waiting`` edges up to an end, the deadline, or a truncation."""
    starts = np.zeros(1, dtype=np.int64)
    stuck = _stuck(graph)[graph.dst]
    if check.deadline is not None:
        return _avoidance(graph, starts, waiting, kept, _spent(graph, check.deadline), _amount(check.deadline), stuck)
    for wait in (Wait(ms=graph.scenario.horizon), Wait(turns=graph.scenario.turns)):
        path = _avoidance(graph, starts, waiting, kept, _spent(graph, wait), _amount(wait), stuck)
        if path is not None:
            return path
    return None


def _stuck(graph: StateGraph) -> Mask:
    """(nodes,): where nothing can happen any more."""
    stuck: Mask = np.bincount(graph.src, minlength=len(graph)) == 0
    return stuck


def _final(graph: StateGraph) -> Mask:
    """(edges,): moves after which nothing can happen any more, other than running out of time or of things to do."""
    over = np.fromiter((e.event == "over" for e in graph.edges), dtype=bool, count=len(graph.edges))
    final: Mask = _stuck(graph)[graph.dst] & ~over
    return final


def _limit(graph: StateGraph, wait: Wait) -> int:
    """What an episode lasts in the unit of the deadline."""
    return graph.scenario.turns if wait.turns is not None else graph.scenario.horizon


def _least(graph: StateGraph, allowed: Mask, spent: IntArray) -> IntArray:
    """(nodes,): the least that is spent on a way there from the root, ``FAR`` where there is none."""
    least = np.full(len(graph), FAR, dtype=np.int64)
    least[ROOT] = 0
    frontier = np.array([ROOT], dtype=np.int64)
    while frontier.size:
        out = edges_of(graph.out_ptr, frontier)
        out = out[allowed[out]]
        total = least[graph.src[out]] + spent[out]
        better = total < least[graph.dst[out]]
        np.minimum.at(least, graph.dst[out[better]], total[better])
        frontier = np.unique(graph.dst[out[better]])
    return least


def _avoidance(
    graph: StateGraph, starts: IntArray, avoiding: Mask, kept: Mask, spent: IntArray, allowance: int, final: Mask
) -> tuple[int, ...] | None:
    """A path from ``starts`` along ``avoiding`` edges on which more than the allowance is spent, whatever its last move
    brings, or that ends with a ``final`` edge; of those one with the fewest moves. None where there is none.

    The longest walks are found layer by layer: a node is visited again only when it is reached with more spent than
    before, so a circle that spends nothing is walked once and one that spends something until the allowance is gone.
    """
    most = np.full(len(graph), -1, dtype=np.int64)
    frontier = starts
    most[frontier] = 0
    history: list[tuple[IntArray, IntArray]] = []
    while frontier.size:
        out = edges_of(graph.out_ptr, frontier)
        out = out[kept[out]]
        total = most[graph.src[out]] + spent[out]
        broken = out[(total > allowance) | (avoiding & final)[out]]
        if broken.size:
            path = [int(broken[0])]
            for nodes, edges in reversed(history):
                path.append(int(edges[np.searchsorted(nodes, graph.src[path[-1]])]))
            return tuple(reversed(path))
        better = avoiding[out] & (total > most[graph.dst[out]])
        out, total = out[better], total[better]
        order = np.lexsort((out, -total, graph.dst[out]))
        frontier, first = np.unique(graph.dst[out[order]], return_index=True)
        most[frontier] = total[order[first]]
        history.append((frontier, out[order[first]]))
    return None

"""Consequences: what a change of a scenario does to its state graph and to what is read off it.

The graphs of both versions are compared binding by binding, up to the numbering of their nodes: the moves that are possible, the
acts that are acceptable at the agent's turns, and the value of every node. So it can be said which bindings a change leaves
exactly as they were, and whether it touches labels or only what stands around them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from dramaturg.compiler.compiled import Compiled
from dramaturg.compiler.graph import AGENT
from dramaturg.dsl.expressions.amounts import in_words
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.types import Value


@dataclass(frozen=True, slots=True)
class Signature:
    """The part of a graph that one binding reaches, as three digests."""

    moves: str
    """Which moves are possible where, with their chances, delays and violations."""
    labels: str
    """Which of the agent's acts are acceptable, and how episodes end."""
    values: str
    """The value of every node, to nine digits."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number or word that the graph gives, before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from a change."""

    figures: tuple[Figure, ...]
    """Those that differ."""
    appeared: tuple[str, ...]
    """What the analyses say of the new version and did not say of the old one."""
    gone: tuple[str, ...]
    bindings: int
    """Bindings that both versions have."""
    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...] = ()
    """Bindings of both whose possible moves have changed."""
    relabelled: tuple[str, ...] = ()
    """Bindings of both whose acceptable acts or endings have changed."""
    revalued: tuple[str, ...] = ()
    """Bindings of both in which some value has changed."""

    @property
    def none(self) -> bool:
        return not (self.figures or self.appeared or self.gone or self.touched or self.added or self.removed)

    @property
    def touched(self) -> tuple[str, ...]:
        """Bindings of both versions that are not as they were."""
        return tuple(dict.fromkeys((*self.moved, *self.relabelled, *self.revalued)))


def consequences(old: Compiled, new: Compiled) -> Consequences:
    """What the graph of ``new`` has that the graph of ``old`` had not, and the other way round."""
    before, after = signatures(old), signatures(new)
    both = [name for name in after if name in before]
    figures = zip(_figures(old).items(), _figures(new).values())
    acts = _acts(old), _acts(new)
    turns = [
        Figure(f"turns at which `{name}` is acceptable", acts[0].get(name, "none"), acts[1].get(name, "none"))
        for name in sorted(acts[0].keys() | acts[1].keys())
    ]
    said = [{f"{d.code} {d.name}: {d.message}": None for d in made.diagnostics} for made in (old, new)]
    return Consequences(
        figures=tuple(
            figure
            for figure in (*(Figure(name, was, now) for (name, was), now in figures), *turns)
            if figure.before != figure.after
        ),
        appeared=tuple(text for text in said[1] if text not in said[0]),
        gone=tuple(text for text in said[0] if text not in said[1]),
        bindings=len(both),
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        moved=tuple(name for name in both if before[name].moves != after[name].moves),
        relabelled=tuple(name for name in both if before[name].labels != after[name].labels),
        revalued=tuple(name for name in both if before[name].values != after[name].values),
    )


def _figures(made: Compiled) -> dict[str, str]:
    graph, solution = made.graph, made.solution
    starts = [edge.dst for edge in graph.out(0)]
    won = sum(float(solution.value[node]) for node in starts) / len(starts) if starts else 0.0
    agent = int((graph.owner == AGENT).sum())
    return {
        "states": f"{len(graph):,}",
        "moves": f"{len(graph.edges):,}",
        "turns of the agent": f"{agent:,}",
        "bindings": f"{len(graph.bindings):,}",
        "bindings that can be won": f"{sum(int(solution.level[node]) == 3 for node in starts):,}",
        "probability of a good end, best play": f"{won:.4f}",
        "good endings": f"{sum(verdict == 'good' for verdict in graph.verdict.values()):,}",
        "moves that break something": f"{int(graph.violating.sum()):,}",
    }


def _acts(made: Compiled) -> dict[str, str]:
    """Of each act, at how many of the agent's turns it is acceptable."""
    graph, acceptable = made.graph, made.solution.acceptable
    turns: dict[str, set[int]] = {}
    for index, edge in enumerate(graph.edges):
        if acceptable[index]:
            turns.setdefault(edge.event, set()).add(edge.src)
    return {name: f"{len(nodes):,}" for name, nodes in turns.items()}


def signatures(made: Compiled) -> dict[str, Signature]:
    """The signature of each binding, by how the binding is written."""
    graph = made.graph
    return {
        binding_text(made.scenario, binding): _signature(made, edge.dst)
        for binding, edge in zip(graph.bindings, graph.out(0))
    }


def binding_text(scenario: Scenario, binding: Mapping[str, Value]) -> str:
    """A binding in words: ``budget = 80 EUR, shifted = no``; by name, whatever the order of declaration."""
    parts = [f"{name} = {in_words(value, scenario.variables[name].type)}" for name, value in sorted(binding.items())]
    return ", ".join(parts) or "the only one"


def _signature(made: Compiled, start: int) -> Signature:
    graph, solution = made.graph, made.solution
    number = {start: 0}
    order = [start]
    digests = [hashlib.sha256() for _ in range(3)]
    for node in order:
        first = int(graph.out_ptr[node])
        edges = sorted(
            enumerate(graph.out(node), first),
            key=lambda it: (
                it[1].actor,
                it[1].event,
                repr(it[1].args),
                it[1].delay,
                it[1].chance or 0.0,
                it[1].violations,
            ),
        )
        moves, labels = [], []
        for index, edge in edges:
            if edge.dst not in number:
                number[edge.dst] = len(order)
                order.append(edge.dst)
            what = (edge.actor, edge.event, edge.args, edge.delay, edge.chance, edge.may)
            moves.append((*what, sorted(edge.violations), sorted(edge.warnings), sorted(edge.served), number[edge.dst]))
            labels.append((edge.event, edge.args, bool(solution.acceptable[index])))
        parts = (
            (int(graph.owner[node]), moves),
            (graph.verdict.get(node, ""), sorted(graph.tasks[node].items()) if graph.tasks else (), labels),
            round(float(solution.value[node]), 9),
        )
        for digest, part in zip(digests, parts):
            digest.update(repr(part).encode())
    return Signature(*(digest.hexdigest() for digest in digests))

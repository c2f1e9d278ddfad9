"""Exploration: every configuration that a scenario can reach, as a state graph.

Each binding is explored breadth first on the abstract engine, then the parts are joined under one root. A budget on
configurations and moves ends in a diagnostic that names what multiplied them, never in a hang (``growth``). The explorer
is a plain one; whoever builds a faster one replaces this module and keeps ``Explored``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dramaturg.compiler import factors, growth
from dramaturg.compiler.configuration import Config, Move, Over
from dramaturg.compiler.graph import END, WORLD, Edge, StateGraph
from dramaturg.compiler.growth import Budget, OverBudget
from dramaturg.compiler.legible import Reader
from dramaturg.compiler.regions import Grown, Partition
from dramaturg.compiler.semantics import Semantics
from dramaturg.dsl.limits import from_environment
from dramaturg.dsl.memory.collector import held_off
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.spans import Span


@dataclass(frozen=True, eq=False)
class Explored:
    """A state graph and the engine that it was explored with."""

    graph: StateGraph
    engine: Semantics
    nodes: Mapping[Config, int]

    def locate(self, config: Config) -> int:
        """The node of an exact configuration; -1 where the graph has none (an armed condition of no class that it knows)."""
        try:
            wanted = self.engine.abstracted(config)
        except Grown:
            return -1
        found = self.nodes.get(wanted, -1)
        return self._nearby.get(_forgetful(wanted), -1) if found < 0 and config.armed is not None else found

    @cached_property
    def _nearby(self) -> Mapping[Config, int]:
        """Nodes by configuration without how long the armed condition has held: a condition that is no representative may
        hold at other moments than the one of its class."""
        out: dict[Config, int] = {}
        for config, node in self.nodes.items():
            out.setdefault(_forgetful(config), node)
        return out


def _forgetful(config: Config) -> Config:
    armed = config.armed
    return config if armed is None else config._replace(armed=armed._replace(level=False, held=-1))


def explore(scenario: Scenario, budget: Budget | None = None, *, supposing: bool = False) -> Explored:
    """The state graph of a scenario. Raises OverBudget. ``supposing``: for proofs, with both answers of every judgement."""
    budget = budget or Budget.of(from_environment(os.environ).states)
    growth.bindings(scenario, budget)
    partition = Partition(Semantics(scenario, exact=False).tables, budget)
    engine = Semantics(scenario, exact=False, regions=partition if partition.names else None, supposing=supposing)
    engine.stage.budget = engine.stage.conditions.budget = engine.arguments.budget = budget
    with held_off():
        return _explored(engine, partition, budget)


def unexplored(scenario: Scenario) -> Explored:
    """A graph of nothing but its root, in which no configuration is found."""
    engine = Semantics(scenario, exact=False)
    return Explored(_graph(engine, [None], [()], []), engine, {})


def _explored(engine: Semantics, partition: Partition, budget: Budget) -> Explored:
    configs: list[Config | None] = [None]
    nodes: dict[Config, int] = {}
    moves: list[Steps] = [()]
    roots: list[Root] = []
    watched = factors.parts(engine.tables)
    made = total = 0
    different = len(set(engine.alike))
    for binding, alike in enumerate(engine.alike):
        if alike != binding:
            roots.append(roots[alike])
            continue
        offset = len(configs)
        while True:
            try:
                start, spans = engine.beginning(binding)
                found, steps = _from(engine, partition, watched, start, budget, offset, total)
                break
            except Grown:
                continue
        roots.append((offset, spans))
        configs += found
        moves += steps
        nodes.update(found)
        total += sum(len(outgoing) for outgoing in steps)
        made += 1
        problem = growth.too_many_bindings(engine.scenario, made, different, len(configs), budget)
        if problem is not None:
            raise problem
    return Explored(_graph(engine, configs, moves, roots), engine, nodes)


Steps = tuple[tuple[Move, int], ...]
"""The moves of a configuration, each with the node that it leads to."""

Root = tuple[int, tuple[Span, ...]]
"""The node that a binding starts at, and where what happened before its first move was written."""


def _from(
    engine: Semantics,
    partition: Partition,
    watched: Sequence[factors.Part],
    start: Config,
    budget: Budget,
    offset: int,
    edges: int,
) -> tuple[dict[Config, int], list[Steps]]:
    """What is reachable from where one binding starts, nodes numbered from ``offset`` on in the order in which they are found."""
    nodes: dict[Config, int] = {start: offset}
    todo = [start]
    steps: list[Steps] = []
    made, states, moves = 0, growth.STATES, growth.MOVES
    front = growth.Front(watched, budget)
    for config in todo:
        outgoing: list[tuple[Move, int]] = []
        for move in engine.moves(config):
            fresh = offset + len(todo)
            node = nodes.setdefault(move.target, fresh)
            if node == fresh:
                todo.append(move.target)
            outgoing.append((move, node))
        steps.append(tuple(outgoing))
        made += len(outgoing)
        if offset + len(todo) > budget.states or edges + made > budget.edges:
            raise growth.spent(watched, todo, budget)
        if len(todo) >= states or made >= moves:
            states, moves = max(states, 2 * len(todo)), max(moves, 2 * made)
            problem = growth.foreseen(watched, todo, made / len(steps), budget, partition.causes)
            problem = problem or growth.too_many_moves(watched, todo, made, len(steps), budget)
            if problem is not None:
                raise problem
        if len(todo) >= front.next and (problem := front.refusal(todo, len(steps))) is not None:
            raise problem
    return nodes, steps


def _graph(engine: Semantics, configs: list[Config | None], moves: list[Steps], roots: list[Root]) -> StateGraph:
    reader = Reader(engine.tables, aside=engine.unread)
    edges = [
        Edge(0, root, "world", "bind", tuple(bound.items()), chance=chance, spans=spans)
        for (root, spans), bound, chance in zip(roots, engine.bindings, engine.chances)
    ]
    for src, outgoing in enumerate(moves):
        for move, dst in outgoing:
            before = configs[src]
            assert before is not None
            edges.append(
                Edge(
                    src,
                    dst,
                    move.actor,
                    move.event,
                    move.args,
                    move.guard,
                    reader.effect(before, move.target),
                    move.delay,
                    move.chance,
                    move.may,
                    move.violations,
                    move.warnings,
                    move.served,
                    move.observation,
                    move.facts,
                    move.spans,
                    move.supposed,
                )
            )
    owner = np.fromiter((WORLD if c is None else engine.owner(c) for c in configs), dtype=np.int64, count=len(configs))
    verdict = {
        i: duty.verdict
        for i, c in enumerate(configs)
        if c is not None and int(owner[i]) == END and isinstance(duty := c.agenda[0], Over)
    }
    return StateGraph(
        scenario=engine.scenario,
        configs=tuple(configs),
        owner=owner,
        edges=tuple(edges),
        verdict=verdict,
        readable=tuple({} if c is None else reader.readable(c) for c in configs),
        facts=tuple((fact.check, fact.side) for fact in engine.tables.facts),
        bindings=engine.bindings,
        exact=not engine.repeats,
        tick=engine.tick,
        tasks=tuple({} if c is None else engine.tasks(c) for c in configs),
    )


__all__ = ["Budget", "Explored", "OverBudget", "explore", "unexplored"]

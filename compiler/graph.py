"""The state graph: the frozen truth as integer arrays, and the networkx view of it.

Node 0 is the root: its edges bind the parameters. A node is a configuration (``compiler.semantics``), owned by whoever
moves next. An edge is one move. Violations (a window missed, an act invented, a rule broken) are labels on edges, not
sinks. The integer arrays are what solvers read; ``to_networkx`` builds the annotated ``MultiDiGraph`` for whoever wants it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Value

if TYPE_CHECKING:
    import networkx as nx

IntArray = npt.NDArray[np.int64]

AGENT, PERSON, WORLD, CHANCE, END = range(5)
OWNERS = ("agent", "person", "world", "chance", "end")


class Edge(NamedTuple):
    """One move from one configuration to another."""

    src: int
    dst: int
    actor: str
    """agent | a person's name | world | clock | chance"""
    event: str
    """Full event name (``agent.follow_up``), or ``bind``, ``tick`` (time passes), ``skip`` (a stream entry stays quiet), ``draw``
    (a chance falls), ``nothing`` (a person stays silent), ``over`` (horizon or nobody has anything left to do)."""
    args: tuple[tuple[str, Value], ...] = ()
    """The event's fields, by name in order of declaration. For an agent's act: one representative of its argument class."""
    guard: str = ""
    """The author's text of the condition under which this move was possible; empty where there is none."""
    effect: str = ""
    """What changed, for a reader: ``task.trip: PENDING → IN_PROGRESS; fare = 120 EUR``."""
    delay: int = 0
    """Virtual milliseconds that pass on this move."""
    chance: float | None = None
    """Probability among the moves of a ``chance``/``world``/``person`` node; None at agent nodes and the root."""
    may: bool = False
    """True where the abstraction only knows that the world *may* do this; ``chance`` is then an estimate."""
    violations: tuple[str, ...] = ()
    """``missed:TRIGGER``, ``wrong:TRIGGER`` (the act that an open window expects, with other arguments), ``invented:TRIGGER``,
    ``rule:RULE``."""
    warnings: tuple[str, ...] = ()
    """``allowed:TRIGGER``: tolerated, not expected."""
    served: tuple[str, ...] = ()
    """Triggers that this move serves."""
    observation: Hashable = None
    """What the agent gets to see of this move, None where it sees nothing."""
    facts: int = 0
    """Bit i: ``StateGraph.facts[i]`` holds at this step (on the state after it, its event in scope)."""
    spans: tuple[Span, ...] = ()
    """Where the move and what it caused were written, the move's own first."""
    supposed: str = ""
    """How judgements come out on this move, in words; empty where each is decided by its ``else``."""


@dataclass(frozen=True, eq=False)
class StateGraph:
    """A scenario's state graph."""

    scenario: Scenario
    configs: tuple[Hashable, ...]
    """Node i's configuration; the root's is None."""
    owner: IntArray
    """(nodes,) AGENT, PERSON, WORLD, CHANCE or END."""
    edges: tuple[Edge, ...]
    """Sorted by ``src``; at one node in the order in which the moves are considered (document order)."""
    verdict: Mapping[int, str]
    """END node to ``good`` | ``bad``."""
    readable: tuple[Mapping[str, str], ...]
    """Node i as a reader sees it: name to value text, such as ``task.trip: PENDING``. The root's is empty."""
    facts: tuple[tuple[str, str], ...]
    """(check name, ``left`` | ``right``) per bit of ``Edge.facts``."""
    bindings: tuple[Mapping[str, Value], ...]
    """Parameter values per root edge, in the same order."""
    exact: bool = True
    """False where some edge is ``may``: probabilities are then estimates."""
    tick: int = 0
    """ms of one tick of the clock; 0 where time plays no part."""
    tasks: tuple[Mapping[str, str], ...] = field(default=())
    """Node i's task states by task name. The root's is empty."""

    @cached_property
    def src(self) -> IntArray:
        return np.fromiter((e.src for e in self.edges), dtype=np.int64, count=len(self.edges))

    @cached_property
    def dst(self) -> IntArray:
        return np.fromiter((e.dst for e in self.edges), dtype=np.int64, count=len(self.edges))

    @cached_property
    def out_ptr(self) -> IntArray:
        """(nodes + 1,): the edges of node i are ``edges[out_ptr[i]:out_ptr[i + 1]]``."""
        counts = np.bincount(self.src, minlength=len(self.configs))
        return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts)))

    @cached_property
    def _in(self) -> tuple[IntArray, IntArray]:
        order = np.argsort(self.dst, kind="stable")
        counts = np.bincount(self.dst, minlength=len(self.configs))
        return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts))), order

    @property
    def in_ptr(self) -> IntArray:
        """(nodes + 1,): the edges into node i are ``in_edge[in_ptr[i]:in_ptr[i + 1]]``."""
        return self._in[0]

    @property
    def in_edge(self) -> IntArray:
        """(edges,): edge indices ordered by destination."""
        return self._in[1]

    def within(self, task: str, state: str) -> npt.NDArray[np.bool_]:
        """(nodes,): whether the task is in the state, or somewhere inside it."""
        nesting = next(Nesting(each) for each in self.scenario.tasks if each.name == task)
        places = {tasks[task] for tasks in self.tasks if task in tasks}
        inside = {place for place in places if state in nesting.active(place)}
        return np.fromiter((tasks.get(task) in inside for tasks in self.tasks), dtype=bool, count=len(self.tasks))

    @cached_property
    def violating(self) -> npt.NDArray[np.bool_]:
        """(edges,): whether the move is, or brings about, a violation."""
        return np.fromiter((bool(e.violations) for e in self.edges), dtype=bool, count=len(self.edges))

    def out(self, node: int) -> tuple[Edge, ...]:
        return self.edges[int(self.out_ptr[node]) : int(self.out_ptr[node + 1])]

    def __len__(self) -> int:
        return len(self.configs)

    def to_networkx(self) -> nx.MultiDiGraph:
        """The annotated graph: node attributes ``owner``, ``verdict`` and the readable view; edge attributes as in ``Edge``."""
        import networkx as nx  # a third of a second, and only whoever asks for this view needs it

        graph = nx.MultiDiGraph(name=self.scenario.name)
        for node in range(len(self.configs)):
            graph.add_node(
                node,
                owner=OWNERS[int(self.owner[node])],
                verdict=self.verdict.get(node),
                view=dict(self.readable[node]),
            )
        for key, edge in enumerate(self.edges):
            graph.add_edge(
                edge.src,
                edge.dst,
                key=key,
                actor=edge.actor,
                event=edge.event,
                args=dict(edge.args),
                guard=edge.guard,
                effect=edge.effect,
                delay=edge.delay,
                chance=edge.chance,
                may=edge.may,
                violations=edge.violations,
                served=edge.served,
                span=edge.spans[0] if edge.spans else None,
                spans=edge.spans,
            )
        return graph

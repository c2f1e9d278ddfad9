"""What solving adds to a state graph (ARCHITECTURE, "Acceptable acts", "Value"): the frozen result, apart from the solver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dramaturg.compiler.graph import StateGraph

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Solution:
    """Labels of a graph's nodes and edges."""

    graph: StateGraph
    safe: BoolArray
    """(nodes,): the agent can avoid every violation from here, whatever the others do."""
    help: BoolArray
    """(nodes,): a good end is reachable inside ``safe`` with everyone's help."""
    level: npt.NDArray[np.int8]
    """(nodes,): 3 safe and help, 2 a good end without violation exists, 1 a good end exists, 0 none."""
    acceptable: BoolArray
    """(edges,): agent moves without a violation whose successor has the best level available. False at other nodes."""
    value: npt.NDArray[np.float64]
    """(nodes,): probability of a good end with no violation, the agent playing best with full sight, ``Scenario.turns`` turns
    left. Exact where ``graph.exact``, else an estimate on the abstraction."""

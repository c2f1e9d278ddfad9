"""Dramaturg: a scenario language and compiler for proactive agents.

Text becomes machines, machines become one annotated state graph, and every artefact (episodes, benchmark, proofs,
corpora) is a pure function of that graph or of a trace through it. The folders ``dsl``, ``compiler``, ``runtime`` and
``training`` hold the code; imports point downward only, in that order reversed.

    >>> import dramaturg
    >>> compiled = dramaturg.compile("scenarios/travel/flight-watch.yaml")
    >>> graph = dramaturg.graph(compiled)          # a networkx.MultiDiGraph
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

    from dramaturg.compiler.compiled import Compiled
    from dramaturg.dsl.load import Loaded

__version__ = "0.1.0"
__all__ = ["compile", "graph", "load"]


def load(path: str | Path) -> Loaded:
    """A scenario file as a typed scenario, with the diagnostics of reading it. Never raises for an author's mistake."""
    from dramaturg.dsl.load import load as load_file

    return load_file(Path(path))


def compile(path: str | Path) -> Compiled:
    """A scenario file compiled to its solved state graph.

    Raises ValueError with the first error where it does not load, and ``compiler.compiled.OverBudget`` where its graph grows
    too large.
    """
    from dramaturg.compiler.compiled import compile_scenario

    loaded = load(path)
    if loaded.scenario is None:
        first = next(d for d in loaded.diagnostics if d.severity == "error")
        raise ValueError(f"{first.span}: {first.code} {first.message}")
    return compile_scenario(loaded.scenario)


def graph(compiled: Compiled) -> nx.MultiDiGraph:
    """The annotated state graph, for whoever wants networkx."""
    from dramaturg.compiler.annotated import annotated

    return annotated(compiled)

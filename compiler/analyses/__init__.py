"""Analyses of a solved graph: one file each, every one a function from graph and solution to diagnostics.

To add one, write its file with a function ``diagnostics(graph, solution)`` and name it in ``ANALYSES``. Where a scenario asks
something of judgement there is a second graph, in which it comes out either way (``suppositions``): what may happen at all is
looked for there, what the agent can bring about in the graph of the labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dramaturg.compiler.analyses import (
    guards,
    lines,
    population,
    restless,
    states,
    theorems,
    traps,
    windows,
    winnability,
)
from dramaturg.compiler.analyses.roots import roots
from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.solution import Solution
from dramaturg.dsl.diagnostics import Diagnostic

Analysis = Callable[[StateGraph, Solution], Iterator[Diagnostic]]

ANALYSES: tuple[Analysis, ...] = (
    guards.diagnostics,
    restless.diagnostics,
    states.diagnostics,
    traps.diagnostics,
    lines.diagnostics,
    windows.diagnostics,
    population.diagnostics,
)
"""What may happen, whichever way judgements come out."""


def analyse(graph: StateGraph, solution: Solution, supposed: StateGraph | None = None) -> tuple[Diagnostic, ...]:
    """What the analyses find and what does not follow from another finding, in order of file, place and code."""
    free = graph if supposed is None else supposed
    said = [item for analysis in ANALYSES for item in analysis(free, solution)]
    said += [*winnability.diagnostics(graph, solution), *theorems.diagnostics(graph, solution, supposed)]
    found = roots(free, said)
    return tuple(sorted(found, key=lambda item: (item.span.path, item.span.start, item.code, item.message)))

"""Analyses of a solved graph: one file each, every one a function from graph and solution to diagnostics.

To add one, write its file with a function ``diagnostics(graph, solution)`` and name it in ``ANALYSES``.
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
    winnability.diagnostics,
    theorems.diagnostics,
)


def analyse(graph: StateGraph, solution: Solution) -> tuple[Diagnostic, ...]:
    """What the analyses find and what does not follow from another finding, in order of file, place and code."""
    found = roots(graph, [item for analysis in ANALYSES for item in analysis(graph, solution)])
    return tuple(sorted(found, key=lambda item: (item.span.path, item.span.start, item.code, item.message)))

"""Graphs of scenarios that are wrong: what is wrong with them is said, whatever the graph looks like.

Each was found by planting a mistake in a shipped scenario.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dramaturg.compiler.compiled import compile_scenario
from dramaturg.dsl.load import load
from tests.checkout import ROOT

SCENARIOS = ROOT / "scenarios"
TRAIN = SCENARIOS / "travel" / "delayed-train.yaml"


def found(old: str, new: str) -> set[str]:
    text = TRAIN.read_text(encoding="utf-8")
    assert text.count(old) == 1
    loaded = load(TRAIN, SCENARIOS, {Path(os.path.abspath(TRAIN)): text.replace(old, new).encode()})
    assert loaded.scenario is not None
    return {diagnostic.name for diagnostic in compile_scenario(loaded.scenario).diagnostics}


def test_a_field_that_nothing_reads_has_no_value_to_show() -> None:
    """A witness that ran over a drawn field outside of every region raised ValueError."""
    assert found("she_may_give_up: possible", "she_may_give_up: never") == {"broken-check"}


def test_a_sketch_that_comes_out_singular_is_not_the_system() -> None:
    """An incomplete factorisation may lose a pivot: RuntimeError from SuperLU."""
    assert "broken-check" not in found(
        "    until: fare > max_price", "    until: (fare > max_price and fare <= max_price)"
    )


@pytest.mark.parametrize("state", ["COMPLETED"])
def test_an_end_that_is_none_is_told(state: str) -> None:
    assert found(f"    {state}: {{end: good}}", f"    {state}: {{}}") & {"trap-state", "unwinnable"}

"""How an agent is told of a task whose states lie in each other, and how it says where such a task is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario, TaskState
from dramaturg.runtime.answers import MOST_PLACES, answer_schema, read_answer
from dramaturg.runtime.prompt import system

LIBRARY = Path(__file__).resolve().parents[2] / "scenarios"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    loaded = load(LIBRARY / "travel" / "two-legs.yaml", LIBRARY)
    assert loaded.scenario is not None
    return loaded.scenario


def answer(status: str) -> str:
    return json.dumps({"act": "keep_silent", "status": {"trip": status}})


@pytest.mark.parametrize(
    "claimed", ["TRAIN_HELD & FERRY_WANTED", "FERRY_WANTED & TRAIN_HELD", "FERRY_WANTED&TRAIN_HELD"]
)
def test_a_place_may_be_claimed_in_any_order(claimed: str, scenario: Scenario) -> None:
    read = read_answer(answer(claimed), scenario)
    assert not read.invalid
    assert read.status == (("trip", "TRAIN_HELD & FERRY_WANTED"),)


@pytest.mark.parametrize("claimed", ["PREPARING", "TRAIN_HELD", "TRAIN_HELD & READY", "TRAIN_HELD & TRAIN_WANTED", ""])
def test_half_a_place_is_none(claimed: str, scenario: Scenario) -> None:
    assert "has no state" in read_answer(answer(claimed), scenario).invalid


def test_the_schema_and_the_prompt_list_the_places(scenario: Scenario) -> None:
    validator = jsonschema.Draft202012Validator(answer_schema(scenario))
    assert validator.is_valid(json.loads(answer("TRAIN_HELD & FERRY_WANTED")))
    assert validator.is_valid(json.loads(answer("INTERRUPTED")))
    assert not validator.is_valid(json.loads(answer("PREPARING")))
    assert "TRAIN_WANTED & FERRY_WANTED | TRAIN_WANTED & FERRY_OFFERED" in system(scenario)


def test_of_very_many_places_only_the_parts_are_listed(scenario: Scenario) -> None:
    states = [TaskState("ALL")]
    states += [TaskState(f"S{r}{n}", parent="ALL", region=f"r{r}") for r in range(3) for n in range(6)]
    many = replace(scenario, tasks=(replace(scenario.tasks[0], states=tuple(states)),))
    assert MOST_PLACES < 6**3
    validator = jsonschema.Draft202012Validator(answer_schema(many))
    assert validator.is_valid(json.loads(answer("S00 & S15 & S23")))
    assert not validator.is_valid(json.loads(answer("ALL")))
    assert read_answer(answer("S15 & S00 & S23"), many).status == (("trip", "S00 & S15 & S23"),)
    assert "S00 | S01" in system(many)

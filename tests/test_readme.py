"""The README's two commands: present, one line each, and doing what it says, as they stand."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.checkout import ROOT, copy

COMMAND = re.compile(r"<!-- command: (?P<name>.+?) -->\n```sh\n(?P<line>.+?)\n```", re.DOTALL)

SHORT = {"DRAMATURG_TRAIN_STEPS": "3", "DRAMATURG_HELDOUT_ITEMS": "1"}
"""Enough to go through every stage of training and measuring, far too little to learn or to know anything."""


def commands() -> dict[str, str]:
    return {m["name"]: m["line"] for m in COMMAND.finditer((ROOT / "README.md").read_text(encoding="utf-8"))}


def run_main_job(checkout: Path, **environment: str) -> str:
    """Run the first command as it stands, in the environment of somebody who has activated nothing. Gives stdout."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")}
    ran = subprocess.run(
        ["bash", "-c", commands()["main job"]],
        cwd=checkout,
        env={**inherited, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    return ran.stdout


def scenarios(checkout: Path) -> set[str]:
    """The names of the scenarios that the manifest lists."""
    manifest = json.loads((checkout / "build" / "manifest.json").read_text(encoding="utf-8"))
    return {row["scenario"] for row in manifest["scenarios"]}


def test_there_are_exactly_two_commands_of_one_line_each() -> None:
    found = commands()
    assert list(found) == ["main job", "tests"]
    assert all("\n" not in line for line in found.values())


def test_the_continuous_integration_takes_the_test_command_from_the_readme() -> None:
    """``.ci/run`` finds the very line that this module finds."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    extract = next(line for line in script.splitlines() if line.startswith("command=$("))
    ran = subprocess.run(
        ["bash", "-c", f'here="$1"\n{extract}\nprintf %s "$command"', "bash", str(ROOT)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == commands()["tests"]


@pytest.mark.train
def test_the_main_job_runs_as_it_stands(tmp_path: Path) -> None:
    """In a clean copy, with a virtual environment of its own, but training cut short."""
    checkout = copy(tmp_path / "checkout")
    out = run_main_job(checkout, **SHORT)
    names = scenarios(checkout)
    assert {"flight-watch", "delayed-train", "coding-session", "merchant-recruitment", "return-item"} <= names
    assert all(name in out for name in names)


@pytest.mark.slow
@pytest.mark.train
def test_the_tiny_model_beats_the_trivial_agents(tmp_path: Path) -> None:
    """The whole main job: on held-out bindings the trained model is at least 30 points above silent, eager and random."""
    checkout = copy(tmp_path / "checkout")
    run_main_job(checkout)
    manifest = json.loads((checkout / "build" / "manifest.json").read_text(encoding="utf-8"))
    completion = manifest["training"]["completion"]
    best = max(completion[name]["value"] for name in ("silent", "eager", "random"))
    assert completion["tiny"]["value"] >= best + 0.30

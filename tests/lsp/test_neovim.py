"""Neovim with our server, set up as ``docs/editors.md`` says, letter for letter: what an author sees who presses its usual keys.

It is skipped where there is no Neovim that can do so (0.11 or newer, on the path or named by ``DRAMATURG_NVIM``).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any  # what the editor notes is JSON

import pytest

from tests.checkout import ROOT

SCRIPT = Path(__file__).parent / "neovim.lua"
OLDEST = (0, 11)
PATIENCE = 300


def lacking() -> str:
    """Why there is no conversation; empty where there is one."""
    program = os.environ.get("DRAMATURG_NVIM") or shutil.which("nvim")
    if program is None:
        return "neovim is not installed"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"NVIM v(\d+)\.(\d+)", said)
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        return f"neovim 0.11 or newer is needed, and this is {said.splitlines()[0]}"
    return ""


pytestmark = pytest.mark.skipif(bool(lacking()), reason=lacking() or "neovim is there")


def train() -> str:
    return (ROOT / "scenarios" / "travel" / "delayed-train.yaml").read_text(encoding="utf-8")


def documented() -> str:
    """The block that the page of editors gives for Neovim."""
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```lua\n(.*?)```", page, re.DOTALL)
    return str(block)


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """All that was seen in one session."""
    here = tmp_path_factory.mktemp("neovim")
    project = here / "project"
    shutil.copytree(ROOT / "scenarios", project / "scenarios", ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    (project / ".git").mkdir()
    path = project / "scenarios" / "travel" / "delayed-train.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("go: AGREED}", "go: AGREE}"), encoding="utf-8")
    (here / "init.lua").write_text(documented(), encoding="utf-8")
    command = here / "bin" / "dramaturg"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dramaturg "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "NVIM"))},
        "HOME": str(here),
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")])),
        "DRAMATURG_CACHE": "off",
        "NOTED": str(here / "noted.json"),
    }
    program = os.environ.get("DRAMATURG_NVIM") or "nvim"
    ended = subprocess.run(
        [program, "--headless", "-n", "-u", str(here / "init.lua"), str(path), "-c", f"luafile {SCRIPT}"],
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (here / "noted.json").exists(), ended.stderr
    held: dict[str, Any] = json.loads((here / "noted.json").read_text(encoding="utf-8"))
    assert "error" not in held, f"{held['error']}\n{ended.stderr}"
    return held


def test_the_server_is_started_for_the_folder(noted: Mapping[str, Any]) -> None:
    assert noted["client"]["name"] == "dramaturg"
    assert noted["client"]["root"].endswith("/project")


def test_a_mistake_is_shown_and_repaired(noted: Mapping[str, Any]) -> None:
    (wrong,) = noted["wrong"]
    assert wrong["code"] == "E403" and wrong["source"] == "dramaturg"
    assert wrong["message"] == "there is no state `AGREE`; did you mean `AGREED`?"
    assert noted["offered"] == ["Replace it with `AGREED`", "Fix all that can be fixed safely"]


def test_hover_tells_the_type_and_who_sees_it(noted: Mapping[str, Any]) -> None:
    told = "\n".join(noted["hover"])
    assert "fare: money(EUR) 0 EUR..300 EUR" in told
    assert "View `world`" in told


def test_names_lead_to_their_declarations(noted: Mapping[str, Any]) -> None:
    assert noted["module"][0] == "commuters.yaml"
    assert noted["declaration"][0] == "delayed-train.yaml"
    assert noted["declaration"][2] == "    AGREED:"
    assert noted["references"] == len(re.findall(r"\bmax_price\b", train()))


def test_a_name_is_changed_everywhere(noted: Mapping[str, Any]) -> None:
    assert len(noted["renamed"]) == sum(bool(re.search(r"\bmax_price\b", line)) for line in train().splitlines())


def test_states_are_offered_where_a_state_is_wanted(noted: Mapping[str, Any]) -> None:
    assert noted["completions"] == ["PENDING", "IN_PROGRESS", "AGREED", "COMPLETED", "FAILED"]


def test_the_outline_shows_sections_tasks_and_states(noted: Mapping[str, Any]) -> None:
    told = "\n".join(noted["outline"])
    assert all(name in told for name in ("agent", "trip", "IN_PROGRESS", "affordable_seat"))


def test_what_the_graph_shows_comes_with_saving(noted: Mapping[str, Any]) -> None:
    assert [one["code"] for one in noted["found"]] == ["E617"]

"""The tutorial as a script: its files are written, its edits made and its commands run, in order.

Three kinds of fenced blocks count. ``yaml NAME`` is the whole of a file. ``diff NAME`` replaces lines that begin with
``-`` by those that begin with ``+``. ``console`` holds commands after ``$`` with what they print; ``| head -N`` shows
the first lines of it. ``python -m tests.tutorial`` writes what the commands really print into the page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.checkout import ROOT

PAGE = ROOT / "docs" / "tutorial.md"
FENCE = re.compile(r"^```(?P<kind>yaml|diff|console)(?: (?P<name>\S+))?\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


def perform(text: str, folder: Path) -> str:
    """The page with what its commands really print, run in ``folder``."""

    def block(found: re.Match[str]) -> str:
        name, body = found["name"], found["body"]
        match found["kind"]:
            case "yaml" if name:
                (folder / name).write_text(body, encoding="utf-8")
            case "diff":
                _edit(folder / name, body)
            case "console":
                commands = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
                printed = "".join(f"$ {command}\n{_run(command, folder)}" for command in commands)
                return f"```console\n{printed}```"
        return found[0]

    return FENCE.sub(block, text)


def _edit(path: Path, body: str) -> None:
    lines = body.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"the edit of {path.name} does not fit:\n{body}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def _run(command: str, folder: Path) -> str:
    """What a command prints, stdout and stderr in the order in which they come."""
    words, _, head = command.partition(" | head -")
    assert words.startswith("dramaturg ")
    ran = subprocess.run(
        [sys.executable, "-m", *words.split()],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = ran.stdout.splitlines()
    shown = lines[: int(head)] if head else lines
    return "".join(f"{line.rstrip()}\n" for line in shown)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        PAGE.write_text(perform(PAGE.read_text(encoding="utf-8"), Path(scratch)), encoding="utf-8")

"""Node: peers that are npm packages and run by node.

They are installed by hand (``npm install xstate typescript`` in a folder outside this one), and ``DRAMATURG_NODE_MODULES`` names
the ``node_modules`` folder. Nothing is installed from here, and nothing needs them: whoever asks gets the reason why they are
missing, to leave them out and say so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

VARIABLE = "DRAMATURG_NODE_MODULES"


def folder() -> Path:
    """The ``node_modules`` folder; the one here where the variable names none."""
    return Path(os.environ.get(VARIABLE) or "node_modules").resolve()


def lacking(*packages: str) -> str:
    """Why the packages cannot be run; empty where they can."""
    if shutil.which("node") is None:
        return "node is not installed"
    missing = [package for package in packages if not (folder() / package / "package.json").is_file()]
    if missing:
        return f"{VARIABLE} names no node_modules folder with {' and '.join(missing)}"
    return ""


def version(package: str) -> str:
    held = json.loads((folder() / package / "package.json").read_text(encoding="utf-8"))
    return str(held["version"])


def run(*arguments: str, cwd: Path, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """node with these arguments, in a folder that can import the packages."""
    link = cwd / "node_modules"
    if not link.exists():
        link.symlink_to(folder(), target_is_directory=True)
    return subprocess.run(
        ["node", *arguments], cwd=cwd, text=True, encoding="utf-8", capture_output=True, timeout=seconds, check=False
    )

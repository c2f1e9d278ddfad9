"""A clean copy of the checkout: what a stranger would have after a clone, whether or not git is at hand."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LITTER = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "__pycache__", "*.egg-info", ".*_cache", ".hypothesis", "*.pyc"
)
"""What no clone has. Only used where git cannot be asked."""


def copy(to: Path) -> Path:
    """Copy the files that git knows of (as they stand now) to ``to``, or all but litter where there is no git."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if asked.returncode or not asked.stdout:
        shutil.copytree(ROOT, to, symlinks=True, ignore=LITTER)
        return to
    for name in asked.stdout.decode().rstrip("\0").split("\0"):
        source, target = ROOT / name, to / name
        if source.is_symlink() or source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    return to

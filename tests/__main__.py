"""The test command, ``python -m tests``: ruff, mypy and pytest in turn, each in the checkout that this file lies in.

All three run even where an earlier one fails, and the exit status is 1 if any did. What was left out is said in so
many words: the tests that pytest skipped (with their reasons) and the training extra where it is not installed.
Arguments are handed to pytest.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import NEEDED

ROOT = Path(__file__).resolve().parent.parent


def stages(arguments: list[str]) -> list[tuple[str, list[str]]]:
    """Name and command of each stage, in order."""
    python = sys.executable
    workers = ["-n", str(min(os.cpu_count() or 1, 8)), "--dist", "worksteal"]
    spread = workers if importlib.util.find_spec("xdist") else []
    return [
        ("ruff check", [python, "-m", "ruff", "check", "."]),
        ("ruff format", [python, "-m", "ruff", "format", "--check", "."]),
        ("mypy", [python, "-m", "mypy"]),
        ("pytest", [python, "-m", "pytest", "-q", *spread, *arguments]),
    ]


def main(arguments: list[str]) -> int:
    environment = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", **os.environ}
    failed = []
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(f"skipped: every test marked `train`; the training extra is not installed (no {', '.join(missing)})")
    for name, command in stages(arguments):
        print(f"── {name}", flush=True)
        began = time.monotonic()
        status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        if status:
            failed.append(name)
        if name != "pytest":  # pytest closes with a line of its own, and it is the last one
            print(f"{'failed' if status else 'passed'} in {time.monotonic() - began:.1f} s", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

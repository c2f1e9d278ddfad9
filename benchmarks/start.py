"""How long ``--help`` takes, against an interpreter that does nothing and one that imports click alone."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.clock import dramaturg, say, timed

RUNS = 15


def python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def main() -> None:
    say("python -c pass", timed(lambda: python("pass"), RUNS))
    say("python -c 'import click'", timed(lambda: python("import click"), RUNS))
    say("dramaturg --help", timed(lambda: dramaturg("--help"), RUNS), goal=0.150)
    say("dramaturg build --help", timed(lambda: dramaturg("build", "--help"), RUNS), goal=0.150)


if __name__ == "__main__":
    main()

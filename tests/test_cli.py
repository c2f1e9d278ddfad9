"""The command line: exit codes with a reason each, quick help, and colour only where it is wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from dramaturg.cli import dramaturg, run

HEAVY = ("numpy", "scipy", "networkx", "lark", "pyarrow", "pydantic", "jinja2", "torch", "transformers", "rich", "yaml")


def invoke(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dramaturg", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def reason(ran: subprocess.CompletedProcess[str]) -> str:
    """The last line of stderr: why the command did not end well."""
    return ran.stderr.rstrip("\n").rsplit("\n", 1)[-1]


def test_help_loads_nothing_heavy() -> None:
    code = f"""
import sys
from dramaturg.cli import run
status = run(["--help"])
print(status, [name for name in {HEAVY!r} if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "0 []"


def every_command() -> list[tuple[str, ...]]:
    """The words of each command, groups included."""
    out: list[tuple[str, ...]] = []

    def walk(group: click.Group, words: tuple[str, ...]) -> None:
        for name, command in group.commands.items():
            out.append((*words, name))
            if isinstance(command, click.Group):
                walk(command, (*words, name))

    walk(dramaturg, ())
    return out


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Usage: dramaturg " + " ".join(words))
    assert len(out.split("\n\n")[1].strip()) > 20


@pytest.mark.parametrize(
    "arguments",
    [["frobnicate"], ["--frobnicate"], ["check", "--format", "papyrus", "."], ["check"], []],
    ids=["command", "option", "choice", "argument", "nothing"],
)
def test_wrong_usage_is_2_with_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith("dramaturg: ")
    assert err.count("\n") == 1


def test_a_missing_file_is_2(tmp_path: Path) -> None:
    ran = invoke("check", "absent.yaml", cwd=tmp_path)
    assert ran.returncode == 2
    assert reason(ran) == "dramaturg: there is no absent.yaml"


def test_a_directory_without_scenarios_is_3(tmp_path: Path) -> None:
    ran = invoke("check", ".", cwd=tmp_path)
    assert ran.returncode == 3
    assert reason(ran).startswith("dramaturg: nothing to do")


def test_an_internal_error_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_context: object) -> None:
        raise ZeroDivisionError("a broken\ninvariant")

    monkeypatch.setattr(dramaturg, "invoke", fail)
    assert run(["check", "."]) == 2
    err = capsys.readouterr().err
    assert err.startswith("dramaturg: internal error: ZeroDivisionError: a broken invariant; `dramaturg --debug")
    assert err.count("\n") == 1
    with pytest.raises(ZeroDivisionError):
        run(["--debug", "check", "."])


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(_context: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dramaturg, "invoke", interrupt)
    assert run(["check", "."]) == 130
    assert capsys.readouterr().err == "dramaturg: interrupted\n"


TIGHT = "states=50"
WATCH = "scenarios/travel/flight-watch.yaml"


def test_whoever_needs_no_graph_plays_where_it_is_over_budget() -> None:
    ran = invoke("simulate", WATCH, "--agent", "silent", DRAMATURG_LIMITS=TIGHT)
    assert ran.returncode == 0, ran.stderr
    assert "not judged" in ran.stdout or "none of them judged" in ran.stdout
    assert ran.stderr.startswith("note: ") and "nobody says which acts are right" in ran.stderr


def test_the_oracle_needs_it_and_the_others_are_named() -> None:
    ran = invoke("simulate", WATCH, DRAMATURG_LIMITS=TIGHT)
    assert ran.returncode == 1
    assert "E601" in ran.stderr
    assert "--agent silent" in reason(ran)

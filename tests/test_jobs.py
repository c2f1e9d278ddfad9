"""`check` with several processes says what it says with one, and remembers it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.commands import library
from dramaturg.commands.remembered import Memory, open_memory
from dramaturg.dsl.messages.present import present
from tests.test_remembered import WARNED, cache, scenario

__all__ = ["cache", "scenario"]


@pytest.fixture
def several(scenario: Path) -> list[Path]:
    """One that loads, with a warning; one that does not; one whose graph is too large; and one more."""
    others = {"wrong": WARNED.replace("user.thank\n", "user.thnak\n"), "large": WARNED, "fourth": WARNED}
    paths = [scenario]
    for name, text in others.items():
        path = scenario.with_name(f"{name}.yaml")
        path.write_text(text)
        paths.append(path)
    return paths


def test_processes_make_no_difference(several: list[Path], cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = library.check(several, Memory(), processes=1)
    assert [bool(said) for said in alone] == [True] * 4
    monkeypatch.setattr(library, "WORTH_SHARING", 0.0)
    memory = open_memory()
    shared = library.check(several, memory, processes=2)
    memory.save()
    assert [present(said, "full") for said in shared] == [present(said, "full") for said in alone]
    monkeypatch.setattr(library, "_examine", None)  # nothing is looked at again but what did not load
    loading = [path for path in several if path.stem != "wrong"]
    again = library.check(loading, open_memory(), processes=2)
    assert [present(said, "full") for said in again] == [
        present(said, "full") for path, said in zip(several, alone) if path in loading
    ]


def test_one_too_large_is_told_by_whoever_meets_it(several: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "WORTH_SHARING", 0.0)
    for processes in (1, 2):
        said = library.check(several, Memory(), max_states=3, processes=processes)
        assert [[item.code for item in one if item.severity == "error"] for one in said] == [
            ["E601"],
            ["E401"],
            ["E601"],
            ["E601"],
        ]

"""The tutorial shows what really happens, word for word."""

from __future__ import annotations

from pathlib import Path

from tests.tutorial import PAGE, perform


def test_the_tutorial_prints_what_it_says(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert perform(text, tmp_path) == text, "run `python -m tests.tutorial`, and read what changed"

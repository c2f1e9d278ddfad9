"""Tables: kept ones read as built ones do, and whatever is wrong with them they are built again."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.expressions import parser, tables
from dramaturg.dsl.expressions.mistakes import Mistake
from dramaturg.dsl.memory import kept

TEXTS = [
    "a.b <= 3 EUR and not (c is D | E)",
    "once x since y",
    "count(user.ask) >= 2",
    "a and and",
    "(",
    "is is",
    "winnable a",
]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAMATURG_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "dramaturg" / "tables"


def answers() -> list[str]:
    """What a parser of its own makes of some texts, mistakes as well."""
    parser._parser.cache_clear()
    out = [parser._read(text, entry) for text in TEXTS for entry in ("guard", "check", "value")]
    assert any(isinstance(it, Mistake) for it in out)
    return [repr(it) for it in out]


def test_kept_tables_read_as_built_ones_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAMATURG_CACHE", "off")
    built = answers()
    assert not cache.exists()
    monkeypatch.setenv("DRAMATURG_CACHE", "on")
    assert answers() == built, "and keeps them"
    (place,) = cache.iterdir()
    monkeypatch.setattr("lark.Lark.__init__", lambda *_, **__: pytest.fail("they were built again"))
    assert answers() == built
    monkeypatch.undo()
    data = place.read_bytes()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache.parents[1]))
    monkeypatch.setenv("DRAMATURG_CACHE", "on")
    for spoiled in (b"", data[:-1], data[:500] + b"!" + data[501:], b"[" * 100_000):
        place.write_bytes(spoiled)
        assert answers() == built
        assert place.read_bytes() != spoiled
    for body in (
        b"[" * 100_000,
        b"{}",
        b"[1, 2]",
        b'[{"parser": {"parser": {"states": {}, "tokens": {}}}}, {"0": {}}]',
    ):
        kept.write(place, tables.HEAD, body)
        assert answers() == built
    place.chmod(0o666)
    assert answers() == built
    parser._parser.cache_clear()


def test_a_folder_that_cannot_be_written_is_no_trouble(cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where a folder should be")
    assert answers()
    parser._parser.cache_clear()

"""Modules that a scenario forgot to bring in are told once, and added where they belong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load
from dramaturg.dsl.messages.repair import edited

Said = tuple[Diagnostic, ...]
SCENARIOS = Path(__file__).parents[2] / "scenarios"
TRAIN = "travel/delayed-train.yaml"
ALL = "[personas/commuters, acts/assistant, concerns/travel, words/trains]"


def told(uses: str, more: Mapping[str, str] = MappingProxyType({}), root: Path | None = SCENARIOS) -> Said:
    text = (SCENARIOS / TRAIN).read_text(encoding="utf-8").replace(f"uses: {ALL}\n", uses)
    laid = {SCENARIOS / name: content.encode() for name, content in more.items()}
    return load(SCENARIOS / TRAIN, root, {SCENARIOS / TRAIN: text.encode(), **laid}).diagnostics


def mended(uses: str, root: Path | None = SCENARIOS) -> bytes:
    (one,) = told(uses, root=root)
    assert one.name == "not-in-uses"
    (fix,) = one.fixes
    assert fix.safe
    return edited(one.span.source.data, fix.edits)


@pytest.mark.parametrize("left_out", ["personas/commuters", "acts/assistant", "concerns/travel"])
@pytest.mark.parametrize("block", [False, True])
def test_a_module_that_is_not_in_uses_is_one_diagnostic_and_is_added(left_out: str, block: bool) -> None:
    rest = [one for one in ALL.strip("[]").split(", ") if one != left_out]
    uses = "uses:\n" + "".join(f"  - {one}\n" for one in rest) if block else f"uses: [{', '.join(rest)}]\n"
    (one,) = told(uses)
    assert one.name == "not-in-uses"
    assert one.span.text == "uses"
    assert f"declared by `{left_out}`" in one.message
    assert one.labels
    text = mended(uses)
    assert load(SCENARIOS / TRAIN, SCENARIOS, {SCENARIOS / TRAIN: text}).scenario is not None


@pytest.mark.parametrize("root", [SCENARIOS, None])
def test_uses_that_was_never_written_is_one_diagnostic(root: Path | None) -> None:
    (one,) = told("", root=root)
    assert all(f"`{name}`" in one.message for name in ("personas/commuters", "acts/assistant", "concerns/travel"))
    text = mended("", root)
    assert b"\nuses: [" in text
    assert load(SCENARIOS / TRAIN, root, {SCENARIOS / TRAIN: text}).scenario is not None


def test_another_mistake_is_told_beside_it() -> None:
    text = (SCENARIOS / TRAIN).read_text(encoding="utf-8").replace("acts/assistant, ", "").replace("8h", "8 parsecs", 1)
    said = load(SCENARIOS / TRAIN, SCENARIOS, {SCENARIOS / TRAIN: text.encode()}).diagnostics
    assert sorted(one.name for one in said) == ["bad-amount", "not-in-uses"]


def test_the_choice_between_two_modules_is_the_authors() -> None:
    acts = (SCENARIOS / "acts/assistant.yaml").read_text(encoding="utf-8")
    (one,) = told(f"uses: {ALL.replace('acts/assistant, ', '')}\n", {"acts/helper.yaml": acts})
    assert one.name == "not-in-uses"
    assert not one.fixes[0].safe


def test_a_misspelt_name_is_not_looked_for_on_the_shelf() -> None:
    """Another module happens to declare the misspelt word; the scenario's own name is what was meant."""
    text = (SCENARIOS / TRAIN).read_text(encoding="utf-8").replace("expect: agent.follow_up", "expect: agent.folow_up")
    laid = {SCENARIOS / TRAIN: text.encode(), SCENARIOS / "acts/odd.yaml": b"acts:\n  folow_up: {kind: says}\n"}
    said = load(SCENARIOS / TRAIN, SCENARIOS, laid).diagnostics
    assert "unknown-name" in {one.name for one in said}
    assert "not-in-uses" not in {one.name for one in said}


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    """A root that is given bounds the shelf, and one that is guessed has no more than folders named like sections."""
    inner = tmp_path / "travel"
    inner.mkdir()
    text = (SCENARIOS / TRAIN).read_text(encoding="utf-8").replace(f"uses: {ALL}\n", "")
    (inner / "delayed-train.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "private").mkdir()
    (tmp_path / "acts").mkdir()
    acts = (SCENARIOS / "acts/assistant.yaml").read_text(encoding="utf-8")
    (tmp_path / "private" / "assistant.yaml").write_text(acts, encoding="utf-8")
    assert not named(inner / "delayed-train.yaml", None)
    (tmp_path / "acts" / "assistant.yaml").write_text(acts, encoding="utf-8")
    assert not named(inner / "delayed-train.yaml", inner)
    assert named(inner / "delayed-train.yaml", None) == ["acts/assistant"]


def named(path: Path, root: Path | None) -> list[str]:
    said = [one for one in load(path, root).diagnostics if one.name == "not-in-uses"]
    return ["acts/assistant" for one in said if "`acts/assistant`" in one.message]

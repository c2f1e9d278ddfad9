"""Putting corpora together: the same as reading all scenarios at once, byte for byte."""

from __future__ import annotations

from pathlib import Path

from dramaturg.building.corpora import assemble
from dramaturg.commands.library import compiled
from dramaturg.runtime import benchmark
from dramaturg.training.emit import emit
from tests.building.test_build import bytes_of, second_scene


def test_parts_put_together_are_the_whole(tmp_path: Path) -> None:
    scenes = second_scene(tmp_path / "scenes")
    made = [compiled(path) for path in sorted(scenes.glob("*.yaml"))]
    items = [benchmark.build(one) for one in made]
    parts = []
    for one, item in zip(made, items, strict=True):
        parts.append(tmp_path / one.scenario.name)
        emit([one], [item], parts[-1], episodes=6, heldout_episodes=2)
    emit(made, items, tmp_path / "whole", episodes=6, heldout_episodes=2)
    assemble(parts, tmp_path / "put-together")
    assert bytes_of(tmp_path / "put-together") == bytes_of(tmp_path / "whole")

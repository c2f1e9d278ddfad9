"""The collector that is held off: it runs again afterwards, and what a long life leaves behind is found."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from dramaturg.compiler.compiled import compile_scenario
from dramaturg.dsl.memory import collector
from tests.compiler.stage import watch


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """Generations as they are at a start, and whatever a test leaves behind is put right."""
    gc.enable()
    gc.unfreeze()
    gc.collect()
    yield
    gc.enable()


class Knot:
    """Refers to itself, so that only the collector finds it."""

    def __init__(self) -> None:
        self.own = self


def test_compiling_again_and_again_leaves_nothing_behind() -> None:
    small = watch()
    compile_scenario(small)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(300):
        compile_scenario(small)
    assert len(gc.get_objects()) - before < 60_000  # one leaves about two thousand in circles


def test_what_is_passed_over_is_collected_before_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "MANY", 1_000)
    monkeypatch.setattr(collector, "MOST", 20_000)
    alive: list[weakref.ref[Knot]] = []
    most = 0
    for _ in range(30):
        with collector.held_off():
            alive += [weakref.ref(Knot()) for _ in range(2_000)]
        alive = [knot for knot in alive if knot() is not None]
        most = max(most, len(alive))
    assert 2_000 < most <= 22_000


def test_overlapping_work_holds_it_off_until_the_last_ends() -> None:
    with collector.held_off():
        with collector.held_off():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_stays_off_for_whoever_had_it_off() -> None:
    gc.disable()
    with collector.held_off():
        pass
    assert not gc.isenabled()

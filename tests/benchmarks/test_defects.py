"""The twelve kinds of defect in one machine: each is reported, on its line; the sound machine is not."""

from __future__ import annotations

import re

import pytest
from benchmarks.defects import DEFECTS, OURS, Defect, lines_of, ours


def test_of_the_sound_machine_nothing_is_said() -> None:
    assert ours(OURS) == ""


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.what)
def test_a_defect_is_reported_on_its_line(defect: Defect) -> None:
    said = ours(OURS.replace(*defect.ours, 1))
    assert {int(line) for line in re.findall(r"line (\d+):", said)} & lines_of(OURS, defect.ours), said

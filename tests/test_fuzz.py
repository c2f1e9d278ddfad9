"""A minute of fuzzing: whatever a file holds, reading it ends with diagnostics, soon and in bounded memory.

The inputs are always the same; `python -m benchmarks.fuzz` takes other seeds and a million of them.
"""

from __future__ import annotations

from benchmarks.fuzz.inputs import made
from benchmarks.fuzz.trial import MEMORY, SLOW, run


def test_a_minute_of_inputs() -> None:
    total = run(seed=20261120, count=1_000_000, seconds=60, jobs=1)
    assert total.failures == {}
    assert total.count > 1000
    assert total.clean > 10, "inputs that load are rare, but there are some"
    assert total.slowest < SLOW
    assert total.memory < MEMORY
    assert len(total.kinds) == 5


def test_an_input_is_a_function_of_its_number() -> None:
    assert made(1, 17) == made(1, 17)
    assert made(1, 17) != made(2, 17)

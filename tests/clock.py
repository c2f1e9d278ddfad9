"""How long work takes, told so that a busy machine and a large test process change little."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

from dramaturg.dsl.memory.memo import forget

Result = TypeVar("Result")


def within(seconds: float, work: Callable[[], Result], tries: int = 3) -> Result:
    """What ``work`` gives, which takes less than ``seconds`` of the processor.

    The least of a few tries counts, since a neighbour may slow any one of them; each begins with empty memos, and ``work`` has to
    make anew whatever else remembers. Objects that other tests have left are out of the collector's sight meanwhile: walking
    them takes a second, now and then, and is not the work's.
    """
    took = float("inf")
    for _ in range(tries):
        forget()
        gc.collect()
        gc.freeze()
        began = time.process_time()
        try:
            result = work()
            took = min(took, time.process_time() - began)
        finally:
            gc.unfreeze()
        if took < seconds:
            return result
    raise AssertionError(f"took {took:.2f} s of the processor, at most {seconds} were asked for")

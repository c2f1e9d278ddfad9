"""The cyclic collector, held off while trees are built.

A load makes tens of thousands of small values and no cycle, and the collector looks through them again and again as they
pile up: it would cost as much as the work. Loads may overlap in several threads; the last one to end lets it run again.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.Lock()
_inside = 0
_was_on = False


@contextmanager
def held_off() -> Iterator[None]:
    """No cyclic collection meanwhile, in no thread; afterwards as before."""
    global _inside, _was_on
    with _LOCK:
        if _inside == 0:
            _was_on = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _LOCK:
            _inside -= 1
            if _inside == 0 and _was_on:
                gc.enable()

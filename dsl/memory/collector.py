"""The cyclic collector, held off while trees and graphs are built.

A load makes tens of thousands of small values and a graph millions, with hardly a cycle among them, and the collector looks
through them again and again as they pile up: it would cost as much as the work. Work may overlap in several threads; the last
to end lets it run again.

Where much was made, all of it goes to the oldest generation unseen, else turning the collector on would walk it at once.
What is moved so does not count towards the next full collection, so this is counted here: a process that lives long
collects now and then.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 50_000
"""Objects that take a few milliseconds to walk."""
MOST = 4_000_000
"""Objects moved unseen before all are looked through: some tenths of a second, for what took half a minute to make."""

_LOCK = threading.Lock()
_inside = 0
_was_on = False
_unseen = 0


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
                _pass_over()
                gc.enable()


def _pass_over() -> None:
    """Spare the collector what was made meanwhile, where that is much."""
    global _unseen
    made = gc.get_count()[0]
    if made < MANY or gc.get_freeze_count():
        return
    _unseen += made
    if _unseen > MOST:
        _unseen = 0
        gc.collect()
    else:
        gc.freeze()
        gc.unfreeze()

"""Stamps: whether a file is the one that was read before, without reading it.

A stamp is what the system says of a file (device, number, size, and when its bytes and its record last changed) and the moment at
which it said so. Where all of it is the same, so are the bytes, with one exception that version control knows as the *racy* file: a
change within the same tick of the clock leaves the same times. A stamp therefore counts only if it was taken well after the file's
own times; one that was not is no lie, the file is just read again. The time of the record cannot be set by anybody, so
putting back the time of the bytes hides nothing. Where a system keeps no such time (Windows), no stamp counts.
"""

from __future__ import annotations

import os
import stat
import time
from typing import TypeAlias

SETTLED = 2_000_000_000
"""Nanoseconds after which a change can no longer have the same time: the coarsest clock of a file system in use."""
TRUSTED = os.name == "posix"

Stamp: TypeAlias = tuple[int, ...]
"""Device, number, size, time of the bytes, time of the record, and when this was asked, all in nanoseconds."""


def stamp(status: os.stat_result) -> Stamp:
    """The stamp of a file whose status was just asked."""
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        time.time_ns(),
    )


def same(status: os.stat_result, held: Stamp) -> bool:
    """Whether a regular file is unchanged since the stamp was taken. False says nothing: then its bytes must be compared."""
    return (
        TRUSTED
        and stat.S_ISREG(status.st_mode)
        and status.st_mtime_ns == held[3]
        and status.st_ctime_ns == held[4]
        and status.st_ino == held[1]
        and status.st_size == held[2]
        and status.st_dev == held[0]
        and max(held[3], held[4]) + SETTLED < held[5]
    )


def same_folder(status: os.stat_result, held: Stamp) -> bool:
    """Whether a folder, and no link to one, is still the same folder."""
    return TRUSTED and stat.S_ISDIR(status.st_mode) and status.st_ino == held[1] and status.st_dev == held[0]


def read(value: object) -> Stamp:
    """A stamp that was kept. Raises ValueError where it is none."""
    if isinstance(value, list) and len(value) == 6 and set(map(type, value)) == {int}:
        return tuple(value)
    raise ValueError("not a stamp")

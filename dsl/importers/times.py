"""The times of recorded traces: three ways of writing them, and offsets that never run backwards.

ProactiveBench writes seconds since 1970 as a text (``1717378000.744``), a day of the story with the time (``Day 1, 11:05
PM``), or a date without a year (``06-02 23:05:10``). Times of one trace are compared with each other only, so the missing
year does not matter: a date that falls back by more than half a year is taken to be in the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

DAY, HOUR, MINUTE, SECOND = 86_400_000, 3_600_000, 60_000, 1000

_EPOCH = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)
_STORY = re.compile(r"Day ([0-9]{1,4}),? ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))? ?([AaPp])[Mm]", re.ASCII)
_DATE = re.compile(r"([0-9]{1,2})-([0-9]{1,2}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2})", re.ASCII)

EPOCH, STORY, DATE = "seconds since 1970", "a day of the story", "a date without a year"
_YEAR = 366 * DAY


def parse(text: str) -> tuple[str, int] | None:
    """(the way of writing, milliseconds on that way's own scale), or None where it is none of the three."""
    text = text.strip()
    if _EPOCH.fullmatch(text):
        return EPOCH, int((Decimal(text) * 1000).to_integral_value())
    if match := _STORY.fullmatch(text):
        day, hour, minute, second = (int(part or 0) for part in match.groups()[:4])
        if not 1 <= hour <= 12 or minute > 59 or second > 59:
            return None
        hour = hour % 12 + (12 if match[5] in "Pp" else 0)
        return STORY, day * DAY + hour * HOUR + minute * MINUTE + second * SECOND
    if match := _DATE.fullmatch(text):
        month, day, hour, minute, second = (int(part) for part in match.groups())
        try:
            moment = datetime(2000, month, day, hour, minute, second)
        except ValueError:
            return None
        return DATE, round((moment - datetime(2000, 1, 1)).total_seconds()) * 1000
    return None


def offsets(moments: Iterable[int], way: str) -> tuple[list[int], int, int]:
    """Offsets in ms from the first moment, strictly rising; how many moments lay before the latest one above; how many at it.

    The order of the rows is kept. A row that is not later than the row above comes 1 ms after it, so that each row is an
    instant of its own and gets a turn of its own.
    """
    out: list[int] = []
    earlier = equal = years = 0
    first: int | None = None
    before: int | None = None
    for moment in moments:
        at = moment + years * _YEAR
        if way == DATE and before is not None and before - at > _YEAR // 2:
            years += 1
            at += _YEAR
        first = at if first is None else first
        if before is not None:
            earlier += at < before
            equal += at == before
        before = at if before is None else max(before, at)
        out.append(max(at - first, out[-1] + 1) if out else 0)
    return out, earlier, equal


def written(ms: int) -> str:
    """An offset as the language writes it: ``3.744s``."""
    seconds, rest = divmod(ms, SECOND)
    return f"{seconds}.{rest:03d}".rstrip("0") + "s" if rest else f"{seconds}s"

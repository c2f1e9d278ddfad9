"""Limits: how much of a file is read before its author is told that it is too much.

They guard against slips and hostile files (an alias bomb, a hundred thousand brackets), not against large scenarios: each
can be raised from outside, and the diagnostic that enforces one says how.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

VARIABLE = "DRAMATURG_LIMITS"
"""The environment variable that raises limits: ``size=4194304,depth=128``."""


@dataclass(frozen=True, slots=True)
class Limits:
    size: int = 1024 * 1024
    """Bytes of one file."""
    depth: int = 64
    """Maps and lists inside each other."""
    nodes: int = 50_000
    """Maps, lists and texts of one file."""
    text: int = 65_536
    """Characters of one text."""
    chain: int = 32
    """Modules that use modules that use modules."""
    modules: int = 256
    """Modules of one scenario."""
    states: int = 60_000
    """Configurations of a state graph."""


DEFAULT = Limits()


def from_environment(environment: Mapping[str, str], limits: Limits = DEFAULT) -> Limits:
    """The limits with those changed that the environment names. Raises ValueError, in the author's words, on a malformed one."""
    written = environment.get(VARIABLE, "")
    if not written:
        return limits
    known = [item.name for item in fields(Limits)]
    for part in filter(None, (part.strip() for part in written.split(","))):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if name not in known or not equals or not (number.isascii() and number.isdigit()) or len(number) > 12:
            raise ValueError(
                f"`{part}` in {VARIABLE} is not a limit; write for instance {known[0]}={getattr(DEFAULT, known[0])}"
            )
        limits = replace(limits, **{name: int(number)})
    return limits


def allowed() -> Limits:
    """The limits of this process. A malformed setting counts as none here: the reader says so of the first file."""
    try:
        return from_environment(os.environ)
    except ValueError:
        return DEFAULT


def how_to_raise(name: str, needed: int) -> str:
    """A note that says how to raise the limit ``name`` to at least ``needed`` (rounded up to a power of two)."""
    return f"to allow more, run again with {VARIABLE}={name}={1 << max(needed, 1).bit_length()}"

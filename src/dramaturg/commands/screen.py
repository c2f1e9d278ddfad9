"""Where a command writes: results to stdout, prose and progress to stderr, and colour only where a terminal wants
it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console


def colour(stream: TextIO) -> bool:
    """Whether text written to this stream may carry colour."""
    from dramaturg.dsl.messages.present import colour_wanted

    return colour_wanted(os.environ, stream.isatty())


def console(stream: TextIO | None = None) -> Console:
    """A rich console on stderr, or on the stream given."""
    from rich.console import Console

    target = sys.stderr if stream is None else stream
    # A result that is piped into a file must not be folded at 80 columns, which is what rich assumes of a pipe.
    width = None if target.isatty() else 200
    return Console(file=target, no_color=not colour(target), highlight=False, width=width)


def write(text: str) -> None:
    """A result, on stdout, with a line end."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")

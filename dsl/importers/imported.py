"""What an importer is, and what it hands back: the text of a module, and what there is to say about the data.

Importers turn other people's data into modules that a scenario can use. Each is a pure function of the bytes that it reads, so
importing twice gives the same text. What it had to decide (times raised, spellings of silence, labels left open) it counts and
says, as notes; what it cannot read is an error, and then there is no text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dramaturg.dsl.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcome of an import."""

    text: str | None
    """The module as YAML; None where nothing could be imported."""
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """A further word on the command line, ``--NAME VALUE``."""

    name: str
    about: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Importer:
    """One kind of data: ``dramaturg import NAME PATH [--OPTION VALUE] -o OUT``."""

    name: str
    about: str
    reads: str
    """What PATH is: "a trace file"."""
    run: Callable[[Path, Mapping[str, str]], Imported]
    """The import itself. Reads only keys that ``options`` declare."""
    options: tuple[Option, ...] = ()

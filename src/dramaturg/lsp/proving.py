"""Proving: what the state graph has to say of a scenario, found by a process of its own that can be stopped.

Graphs can take long, and the search for one cannot be interrupted from outside; a process can. It is the command that an author
would run, on the files as they were saved, and it remembers what it found.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label
from dramaturg.dsl.spans import Source, Span

LONGEST = 120.0
"""Seconds that one scenario may take before its graph is given up."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of a scenario's graph, and the texts that it was found of."""

    diagnostics: tuple[Diagnostic, ...]
    """Paths of spans are absolute."""


async def prove(path: Path) -> Proof | None:
    """Check a saved scenario to the end; None where that took too long or did not work. Cancelling stops the process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dramaturg", "check", "--format", "json", "--", path.name),
        cwd=path.parent,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return read(out, path.parent)


def read(output: bytes, folder: Path) -> Proof | None:
    """The findings of the graph in what ``check --format json`` prints, without those that the loader has as well."""
    try:
        items = json.loads(output)
    except ValueError:
        return None
    texts: dict[Path, Source] = {}

    def span(item: dict[str, object]) -> Span:
        path = Path(os.path.normpath(folder / str(item["path"])))
        if path not in texts:
            texts[path] = Source(str(path), path.read_bytes())
        start, end = item["start"], item["end"]
        assert isinstance(start, dict) and isinstance(end, dict)
        return Span(texts[path], int(start["offset"]), int(end["offset"]))

    try:
        return Proof(
            tuple(
                Diagnostic(
                    code=item["code"],
                    name=item["name"],
                    severity=item["severity"],
                    message=item["message"],
                    span=span(item),
                    labels=tuple(Label(span(label), label["text"]) for label in item["labels"]),
                    notes=tuple(item["notes"]),
                    fixes=tuple(
                        Fix(fix["title"], tuple((span(edit), edit["text"]) for edit in fix["edits"]))
                        for fix in item["fixes"]
                    ),
                )
                for item in items
                if item["code"][1:2] == "6"
            )
        )
    except (KeyError, TypeError, OSError, AssertionError):
        return None

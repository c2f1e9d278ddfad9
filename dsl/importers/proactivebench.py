"""ProactiveBench traces (arXiv 2410.12361) as recordings: what a person did at a computer, and when help was wanted.

A trace is a list of rows ``{observation: {time, event}, agent_response: {candidate_task}, task_status}``: an event, the tasks
that the benchmark's agent proposed at it, and the person's verdict. A row of the recording has three fields: ``text``, the
event as it was written; ``app``, derived from it by ``app_of``; and ``help_wanted``, a label of view judge.

``help_wanted`` is yes where something was proposed and the status is true: a person accepted help at that event. It is no
everywhere else. That is the benchmark's own reading: a proposal with status false was rejected, and silence with status true
was right. Silence with status false is the open case (nothing was proposed, so nothing could be accepted; the annotators of
the reward data, asked about the same events, called for help at 103 of 291 of them): it counts as no, and is counted aloud.

Silence is written ``[]``, ``null``, ``"null"`` or ``""`` in these data. All four are read as silence, here and nowhere else, and
counted: the text "null" is never taken for a proposal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dramaturg.dsl.diagnostics import Diagnostic, diagnose
from dramaturg.dsl.importers import times
from dramaturg.dsl.importers.imported import Imported, Importer, Option
from dramaturg.dsl.importers.json_file import Json, JsonFile, read_json
from dramaturg.dsl.importers.yaml_text import Flow, Tree, document
from dramaturg.dsl.spans import Span

ATTRIBUTION = (
    "ProactiveBench, by Yaxi Lu and others: Proactive Agent (arXiv 2410.12361, github.com/thunlp/ProactiveAgent).",
    "Licensed under the Apache License, Version 2.0. Changed: rows as a recording, times as offsets, labels derived.",
)

_TERMINAL = re.compile(r"\b(terminal|console|shell|command line|command prompt|powershell)\b", re.I)
_EDITOR = re.compile(
    r"\b(visual studio code|vs ?code|code\.exe|editor|ide|pycharm|intellij|vim|notepad|markdown)\b"
    r"|\.(rb|py|js|java|md|html|json|c|cpp|css)\b",
    re.I,
)
_BROWSER = re.compile(
    r"\b(browser|google|bing|web|web ?site|web ?page|search(es|ed)?|tab|link|url|sites?|stack overflow|page)\b|https?://",
    re.I,
)
_WORDS = (("browser", _BROWSER), ("terminal", _TERMINAL), ("editor", _EDITOR))
APPS = ("editor", "browser", "terminal", "other")


def app_of(event: str) -> str:
    """Which application an event took place in: the one whose word comes first in the event, quoted names left out.

    What stands in single quotes is what was typed or opened ('how to split a string in ruby'), and says nothing about where;
    but an event that names no application outside the quotes is judged by what is inside them (a file, an address).
    """
    outside = re.sub(r"(?<!\w)'[^']*'(?!\w)", " ", event)
    for text in (outside, event):
        found = [(match.start(), app) for app, words in _WORDS if (match := words.search(text)) is not None]
        if found:
            return min(found)[1]
    return "other"


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was understood."""

    moment: int
    event: str
    proposed: bool
    accepted: bool


def proactivebench(path: Path, name: str | None = None) -> Imported:
    """A trace file as the text of a recordings module with one recording, ``name`` or else named like the file."""
    found = read_json(path)
    if isinstance(found, Diagnostic):
        return Imported(None, (found,))
    recording = name or _name(path)
    if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", recording):
        message = f"`{recording}` cannot name a recording: a small letter, then letters, digits and `_`"
        return Imported(None, (diagnose("import-name", found.whole(), message),))
    if not isinstance(found.value, Sequence) or isinstance(found.value, str) or not found.value:
        message = f"`{path.name}` holds no list of rows, as a ProactiveBench trace does"
        return Imported(None, (diagnose("not-this-data", found.whole(), message),))
    errors: list[Diagnostic] = []
    silences: Counter[str] = Counter()
    ways: dict[str, int] = {}
    rows: list[Row] = []
    for number, item in enumerate(found.value):
        row = _row(item, found.row(number), number + 1, silences, ways, errors)
        if row is not None:
            rows.append(row)
    if len(ways) > 1:
        first, second = list(ways)[:2]
        message = (
            f"times are written as {first} and from row {ways[second] + 1} on as {second}, which cannot be compared"
        )
        errors.append(diagnose("unknown-time", found.row(ways[second]), message))
    if errors:
        return Imported(None, tuple(errors[:20]))
    moments, earlier, equal = times.offsets((row.moment for row in rows), next(iter(ways)))
    notes = _notes(found, rows, silences, earlier, equal)
    return Imported(_text(recording, path.name, rows, moments, notes), notes)


def _name(path: Path) -> str:
    stem = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    return stem if stem[:1].isalpha() else f"trace_{stem}".strip("_")


def _row(
    item: Json, span: Span, number: int, silences: Counter[str], ways: dict[str, int], errors: list[Diagnostic]
) -> Row | None:
    """One row; None, and an error, where it is not one."""
    match item:
        case {"observation": {"time": str() | int() | float() as time, "event": str(event)}, **rest}:
            pass
        case {"obs": _}:
            message = (
                "this is a row of ProactiveBench's reward data; what is imported are traces, rows with `observation`"
            )
            errors.append(diagnose("not-this-data", span, message))
            return None
        case _:
            errors.append(
                diagnose("not-this-data", span, f"row {number} lacks an `observation` with `time` and `event`")
            )
            return None
    parsed = times.parse(str(time))
    if parsed is None:
        ways_known = "`1717378000.744`, `Day 1, 11:05 PM` and `06-02 23:05:10`"
        message = (
            f"the time of row {number}, `{str(time)[:40]}`, is written in none of the ways that are known: {ways_known}"
        )
        errors.append(diagnose("unknown-time", span, message))
        return None
    way, moment = parsed
    ways.setdefault(way, number - 1)
    if not event.strip():
        errors.append(diagnose("not-this-data", span, f"the event of row {number} is empty"))
        return None
    status = rest.get("task_status")
    if status is not None and not isinstance(status, bool):
        errors.append(diagnose("not-this-data", span, f"`task_status` of row {number} is neither true nor false"))
        return None
    response = rest.get("agent_response")
    tasks = proposals(response.get("candidate_task") if isinstance(response, Mapping) else None, silences)
    return Row(moment, " ".join(event.split()), bool(tasks), bool(status))


def proposals(written: Json, silences: Counter[str]) -> tuple[str, ...]:
    """The tasks that were proposed. Silence, however it is written, is no task at all, and its spelling is counted."""
    match written:
        case None:
            silences["null"] += 1
        case str():
            if written.strip().lower() in ("", "null", "none", "[]"):
                silences[f'"{written.strip()}"'] += 1
            else:
                return (written,)
        case Sequence():
            tasks = tuple(str(task) for task in written if not _silent(task))
            if tasks:
                if len(tasks) < len(written):
                    silences["null within a list"] += len(written) - len(tasks)
                return tasks
            silences["[]" if not written else "[null]"] += 1
        case _:
            silences[str(written)] += 1
    return ()


def _silent(task: Json) -> bool:
    return task is None or (isinstance(task, str) and task.strip().lower() in ("", "null", "none"))


def _notes(
    found: JsonFile, rows: Sequence[Row], silences: Counter[str], earlier: int, equal: int
) -> tuple[Diagnostic, ...]:
    whole = found.whole()
    out = []
    if earlier or equal:
        message = (
            f"{earlier} of {len(rows)} rows lie before a row above them and {equal} at the same time as one; their order is"
            " kept, and each comes 1 ms after the row above"
        )
        out.append(diagnose("times-raised", whole, message))
    if silences:
        spellings = ", ".join(f"{count} times as `{spelling}`" for spelling, count in sorted(silences.items()))
        out.append(diagnose("silence-read", whole, f"silence is written {spellings}; all of it is read as silence"))
    tally = Counter((row.proposed, row.accepted) for row in rows)
    parts = [
        f"help is wanted (proposed and accepted) at {tally[True, True]} of {len(rows)} rows",
        f"proposals rejected: {tally[True, False]}",
        f"silence with status true, rightly: {tally[False, True]}",
        f"silence with status false, which leaves it open and counts as no help wanted: {tally[False, False]}",
    ]
    out.append(diagnose("labels-derived", whole, "; ".join(parts)))
    return tuple(out)


def _text(name: str, file: str, rows: Sequence[Row], moments: Sequence[int], notes: Sequence[Diagnostic]) -> str:
    header = [
        f"Imported with `dramaturg import proactivebench {file}`; import again instead of editing.",
        *ATTRIBUTION,
    ]
    header += [note.message[0].upper() + note.message[1:] + "." for note in notes]
    recording: dict[str, Tree] = {
        "source": f"ProactiveBench, {file} (Apache-2.0)",
        "fields": {
            "text": "text",
            "app": "one of " + " | ".join(APPS),
            "help_wanted": Flow({"type": "yes/no", "view": "judge"}),
        },
        "rows": [
            Flow(
                {
                    "at": times.written(moment),
                    "text": row.event,
                    "app": app_of(row.event),
                    "help_wanted": "yes" if row.proposed and row.accepted else "no",
                }
            )
            for row, moment in zip(rows, moments, strict=True)
        ],
    }
    return document(header, {"recordings": {name: recording}})


def _run(path: Path, options: Mapping[str, str]) -> Imported:
    return proactivebench(path, options.get("name"))


IMPORTER = Importer(
    "proactivebench",
    "a ProactiveBench trace as a recording",
    "a trace file, such as code_11.json",
    _run,
    (Option("name", "what to call the recording; else it is named like the file"),),
)

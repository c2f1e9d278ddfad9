"""``dramaturg diff``: what changed in meaning between two versions of scenarios."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dramaturg.commands.outcome import FINDINGS, REFUSED, Outcome

if TYPE_CHECKING:
    from dramaturg.commands.library import Attempt
    from dramaturg.compiler.consequences import Consequences
    from dramaturg.compiler.difference import Change, Difference
    from dramaturg.training.affected import Affected

FORMS = ("text", "json", "markdown")
SOME = 6
"""Findings that are listed before the rest is counted."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of one scenario."""

    name: str
    kind: str
    """same | text | meaning | added | removed"""
    change: Difference | None = None
    result: Consequences | None = None
    reason: str = ""
    """Why there are no consequences to show."""
    corpora: tuple[Affected, ...] = ()


@click.command(short_help="Say what changed in meaning between two versions.")
@click.argument("old")
@click.argument("new")
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True, help="How to print it.")
@click.option("--exit-code", is_flag=True, help="Exit 1 where the meaning differs; wordings alone do not count.")
@click.option("--no-graph", is_flag=True, help="Compare what is written only, without the state graphs.")
@click.option("--max-states", type=click.IntRange(min=1), metavar="N", help="How many states a graph may have.")
def diff(old: str, new: str, form: str, exit_code: bool, no_graph: bool, max_states: int | None) -> None:
    """Say what changed in meaning from OLD to NEW: two scenarios, or two folders of them.

    `HEAD~1:scenarios` is a path as it was at a commit of git.

    Layout, comments and the order of named things make no difference. Where a condition changed, a moment is shown at which
    the two differ; what follows for states, windows, benchmark items and corpora is read off both state graphs.
    """
    from dramaturg.commands.revision import at_revision

    with at_revision(old) as before, at_revision(new) as after:
        found = [_compared(name, pair, not no_graph, max_states) for name, pair in _pairs(before, after)]
    match form:
        case "json":
            print(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=2))
        case "markdown":
            sys.stdout.write("".join(_markdown(one) for one in found))
        case _:
            sys.stdout.write("".join(_text(one) for one in found))
    if exit_code and (changed := [one.name for one in found if one.kind not in ("same", "text")]):
        raise Outcome(FINDINGS, f"the meaning differs: {', '.join(changed)}")


def _pairs(old: Path, new: Path) -> list[tuple[str, tuple[Path | None, Path | None]]]:
    """The scenarios to compare, by their path below the two folders."""
    from dramaturg.commands import library

    if old.is_dir() != new.is_dir():
        raise Outcome(REFUSED, "a folder can be compared with a folder, and a scenario with a scenario")
    if not old.is_dir():
        return [(new.name, (old, new))]
    here, there = ({p.relative_to(f).as_posix(): p for p in library.find([f])} for f in (old, new))
    return [(name, (here.get(name), there.get(name))) for name in sorted(here.keys() | there.keys())]


def _compared(name: str, pair: tuple[Path | None, Path | None], graphs: bool, max_states: int | None) -> Compared:
    from dramaturg.commands import library
    from dramaturg.compiler.difference import difference
    from dramaturg.dsl.load import load
    from dramaturg.training.affected import affected

    if pair[0] is None or pair[1] is None:
        return Compared(name, "added" if pair[0] is None else "removed")
    loaded = [load(path) for path in pair if path is not None]
    scenarios = [one.scenario for one in loaded]
    if scenarios[0] is None or scenarios[1] is None:
        tried = [library.attempt(path, analyse=False) for path, one in zip(pair, scenarios) if path and one is None]
        raise library.refusal(tried)
    change = difference(scenarios[0], scenarios[1])
    kind = "meaning" if change.meaning else "text" if change.texts else "same"
    result, reason = None, ""
    if kind == "meaning" and graphs:
        made = [library.attempt(path, analyse=True, max_states=max_states) for path in pair if path is not None]
        result, reason = _result(made)
    elif kind == "meaning":
        reason = "the state graphs were not compared"
    corpora = affected(change, result) if kind != "same" else ()
    return Compared(name, kind, change, result, reason, corpora)


def _result(made: Sequence[Attempt]) -> tuple[Consequences | None, str]:
    from dramaturg.compiler.consequences import consequences

    old, new = made[0].compiled, made[1].compiled
    if old is None or new is None:
        which = "old" if old is None else "new"
        return None, f"the graph of the {which} version is over its limit; `--max-states` raises it"
    return consequences(old, new), ""


# --- for people -------------------------------------------------------------------------------------------------------


def _head(one: Compared) -> str:
    return {
        "same": "no change in meaning",
        "text": "only wordings changed",
        "meaning": "the meaning changed",
        "added": "a new scenario",
        "removed": "the scenario is gone",
    }[one.kind]


def _line(change: Change) -> str:
    where = " · ".join(change.path)
    match change.kind:
        case "added":
            return f"+ {where}" + (f": {change.after}" if change.after else "")
        case "removed":
            return f"- {where}" + (f": {change.before}" if change.before else "")
        case "renamed":
            return f"~ {where}: is now called {change.after}"
    return f"~ {where}: {change.before} → {change.after}"


def _follows(one: Compared) -> Iterator[str]:
    """What follows for the graph and what is read off it, line by line."""
    if one.reason:
        yield one.reason
    result = one.result
    if result is not None:
        from dramaturg.compiler.crowds import told

        both = [name for name in result.after if name in result.before]
        if result.none:
            yield "the state graph is the same"
        yield from (f"{figure.name}: {figure.before} → {figure.after}" for figure in result.figures)
        yield from (f"now found: {text}" for text in _some(result.appeared))
        yield from (f"no longer found: {text}" for text in _some(result.gone))
        if result.added:
            yield f"new bindings: {told(result.added, result.after)}"
        if result.removed:
            yield f"bindings gone: {told(result.removed, result.before)}"
        touched = len(result.touched)
        if result.bindings:
            same = result.bindings - touched
            yield f"bindings of both versions: {touched} changed, with their benchmark items; {same} as before"
        for what, names in (
            ("other moves", result.moved),
            ("other labels", result.relabelled),
            ("other values", result.revalued),
        ):
            if names:
                yield f"{what} in: {told(names, both)}"
    if one.corpora:
        said = {
            "labels": "rows come, go or are labelled otherwise",
            "values": "values in rows change",
            "text": "only texts in rows change",
            "": "nothing changes",
        }
        for effect, text in said.items():
            kinds = [it.corpus for it in one.corpora if it.effect == effect]
            if kinds:
                yield f"corpora {', '.join(kinds)}: {text}"


def _some(items: Sequence[str]) -> list[str]:
    return list(items) if len(items) <= SOME else [*items[:SOME], f"{len(items) - SOME} more"]


def _text(one: Compared) -> str:
    lines = [f"{one.name}: {_head(one)}"]
    if one.change is not None:
        for title, changes in (("", one.change.meaning), ("wordings", one.change.texts)):
            lines += [f"  {title}"] if title and changes else []
            for change in changes:
                lines.append(f"  {_line(change)}")
                lines += [f"      {note}" for note in change.notes]
    follows = list(_follows(one))
    if follows:
        lines += ["  what follows", *(f"    {line}" for line in follows)]
    return "\n".join(lines) + "\n"


def _markdown(one: Compared) -> str:
    lines = [f"## {one.name}: {_head(one)}", ""]
    if one.change is not None:
        for title, changes in (("Meaning", one.change.meaning), ("Wordings", one.change.texts)):
            if changes:
                lines += [f"### {title}", ""]
            for change in changes:
                lines.append(f"- `{_line(change).replace('`', chr(39))}`")
                lines += [f"  - {note}" for note in change.notes]
            lines += [""] if changes else []
    follows = list(_follows(one))
    if follows:
        lines += ["### What follows", "", *(f"- {line}" for line in follows), ""]
    return "\n".join(lines) + "\n"


# --- for tools --------------------------------------------------------------------------------------------------------


def _plain(one: Compared) -> dict[str, object]:
    out: dict[str, object] = {"scenario": one.name, "change": one.kind}
    if one.change is not None:
        out["changes"] = [
            {
                "path": list(change.path),
                "kind": change.kind,
                "before": change.before,
                "after": change.after,
                "notes": list(change.notes),
                "text": change.text_only,
            }
            for change in one.change.changes
        ]
    if one.result is not None:
        result = one.result
        out["graph"] = {
            "figures": {it.name: [it.before, it.after] for it in result.figures},
            "appeared": list(result.appeared),
            "gone": list(result.gone),
            "bindings": {
                "both": result.bindings,
                "added": list(result.added),
                "removed": list(result.removed),
                "moves": list(result.moved),
                "labels": list(result.relabelled),
                "values": list(result.revalued),
            },
        }
    if one.reason:
        out["reason"] = one.reason
    if one.corpora:
        out["corpora"] = {it.corpus: it.effect or "same" for it in one.corpora}
    return out

"""The shelf: modules that lie in reach of a scenario, and which of them it forgot to bring in.

A line that is missing under ``uses`` makes every name of that module unknown, and each is told where it is spoken of. So where
names are unknown, the modules below the root that declare them are tried: the scenario is read again as if it used one more. What
is not said any more hung on the missing line, and one diagnostic takes its place. Nothing is guessed from the texts of
messages: a module counts only if reading it with the scenario takes errors away and brings none.

Only a scenario that has errors is looked at like this, and only so many files and bytes (``FILES``, ``BYTES``); what does not
fit is left on the shelf.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.shapes import Names
from dramaturg.dsl.modules.sections import CHOSEN
from dramaturg.dsl.modules.uses import ENDING, MODULE_PATH
from dramaturg.dsl.reading.reader import Below, Overlay, open_below
from dramaturg.dsl.reading.recovery import read_on
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Map, Seq

FILES, BYTES, DEPTH = 200, 1_000_000, 4
"""How much of the shelf is looked at."""
TRIED, BROUGHT = 4, 6
"""How many modules are tried at a time, and how many may be missing at once."""
STRANGE = 2
"""So many names that a scenario does not speak of are more than the one that it misses."""
SHOWN = 6
"""Places that are shown, and names that are named."""
LARGEST = 200_000
"""Bytes of a scenario that is read again, at most."""

Said = tuple[Diagnostic, ...]
Again = Callable[[Sequence[str]], Said]
"""What is said of the scenario with these modules beside its own."""
_Key = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A module that is not used, and the names that it declares."""

    path: str
    names: frozenset[str]
    beside: frozenset[str] = frozenset()
    """Those that a scenario cannot leave out: of personas, concerns and recordings it takes what it names."""


def shelf(root: Path, used: Iterable[str], overlay: Overlay, words: frozenset[str], beside: str = "") -> list[Shelved]:
    """The modules below ``root``, by name, that are not among ``used`` and declare one of ``words``.

    With ``beside`` (the folder of a scenario that says nothing of where its modules lie) only folders that are named like a section
    of a module are looked into: ``root`` is then no more than a guess.
    """
    taken, out, left = set(used), [], BYTES
    for name in _files(root, overlay, beside):
        path = name.removesuffix(ENDING)
        if path in taken or not MODULE_PATH.fullmatch(path):
            continue
        found = open_below(root, name, overlay=overlay)
        if not isinstance(found, Below) or found.real != name or len(found.source.data) > left:
            continue
        left -= len(found.source.data)
        text = found.source.data.decode("utf-8", "replace")
        if words.isdisjoint(re.findall(r"\w+", text)) or re.search(r"^scenario:", text, re.MULTILINE):
            continue
        node, _ = read_on(found.source)
        names = frozenset(_declared(node)) if isinstance(node, Map) else frozenset[str]()
        if not words.isdisjoint(names):
            assert isinstance(node, Map)
            out.append(Shelved(path, names, frozenset(_declared(node, CHOSEN))))
    return out


def _files(root: Path, overlay: Overlay, beside: str) -> Iterator[str]:
    """Names of files below the root, in order; hidden folders and links are passed by."""
    sections = {key.name for key in shapes.MODULE.keys}
    found = {
        path.relative_to(root).as_posix() for path in overlay if path.suffix == ENDING and path.is_relative_to(root)
    }
    todo, seen = [("", 0)], 0
    while todo and seen < FILES:
        folder, depth = todo.pop(0)
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries[:FILES]:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False) and depth < DEPTH:
                todo.append((name, depth + 1))
            elif entry.name.endswith(ENDING):
                found.add(name)
                seen += 1
    near = [name for name in found if not beside or name.partition("/")[0] in {*sections, beside}]
    yield from sorted(near)[:FILES]


def _declared(node: Map, but: Collection[str] = ()) -> Iterator[str]:
    for section in node.entries:
        if section.key.text in but:
            continue
        key = shapes.MODULE.key(section.key.text)
        if key is not None and isinstance(key.shape, Names) and isinstance(section.value, Map):
            for entry in section.value.entries:
                yield from entry.key.text.split(".")[-1:]


def spoken(said: Iterable[Diagnostic]) -> frozenset[str]:
    """The words in which something is found to be missing."""
    return frozenset(word for one in said for word in _words(one))


def _words(one: Diagnostic) -> set[str]:
    quoted = " ".join(re.findall(r"`([^`]*)`", one.message))
    return set(re.findall(r"\w+", f"{one.span.text[:200]} {quoted}"))


def collapse(
    said: Said,
    hangs: Callable[[Diagnostic], bool],
    on: Sequence[Shelved],
    again: Again,
    tree: Map,
) -> Said:
    """What is said, with one diagnostic in place of all that only hang on modules which are not in ``uses``."""
    left, brought = said, list[Shelved]()
    said_of = frozenset(re.findall(r"\w+", tree.span.source.data.decode("utf-8", "replace")))
    while len(brought) < BROUGHT:
        best = _best(
            left, hangs, [one for one in on if one not in brought], again, [one.path for one in brought], said_of
        )
        if best is None:
            break
        module, left = best
        brought.append(module)
    if not brought:
        return said
    stays = {_key(one) for one in left}
    gone = [one for one in said if _key(one) not in stays]
    words = spoken(gone)
    asked = [module.names & words for module in brought]
    sole = not any(one not in brought and wanted <= one.names for one in on for wanted in asked)
    return (*(one for one in said if _key(one) in stays), _told(gone, brought, sole, tree))


def _best(
    said: Said,
    hangs: Callable[[Diagnostic], bool],
    on: Sequence[Shelved],
    again: Again,
    with_: Sequence[str],
    said_of: Collection[str],
) -> tuple[Shelved, Said] | None:
    """The module that explains most, and what is said with it."""
    hanging = [one for one in said if hangs(one)]
    hits = {module.path: sum(not module.names.isdisjoint(_words(one)) for one in hanging) for module in on}
    ranked = sorted((one for one in on if hits[one.path]), key=lambda one: (-hits[one.path], one.path))
    before = {_key(one) for one in said}
    fine: list[tuple[int, int, Shelved, Said]] = []
    for module in ranked[:TRIED]:
        after = again((*with_, module.path))
        new = [one for one in after if one.severity == "error" and _key(one) not in before]
        kept = {_key(one) for one in after}
        gone = [one for one in said if _key(one) not in kept]
        named = [one for one in gone if hangs(one) and not module.names.isdisjoint(_words(one))]
        words = {word for one in named for word in _words(one) & module.names}
        if new or not named or (len(words) < 2 and all(one.fixes for one in named)):
            continue  # a single word with a near one is misspelt
        if len(words) < 2 and len([it for it in module.beside if it not in said_of]) >= STRANGE:
            continue  # it would bring more that nobody asks for
        fine.append((len(gone), len(words), module, tuple(one for one in said if _key(one) in kept)))
    if not fine:
        return None
    _, _, module, left = min(fine, key=lambda one: (-one[0], -one[1], one[2].path))
    return module, left


def _key(one: Diagnostic) -> _Key:
    return one.span.path, one.span.start, one.span.end, one.name


def _told(gone: Sequence[Diagnostic], brought: Sequence[Shelved], sole: bool, tree: Map) -> Diagnostic:
    words = spoken(gone)
    named = list(dict.fromkeys(word for one in gone for word in re.findall(r"\w+", _text(one)) if _in(word, brought)))
    named += sorted(word for word in words if _in(word, brought) and word not in named)
    listed = _and([f"`{word}`" for word in named], "more")
    modules = _and([f"`{one.path}`" for one in brought], "more")
    verb, which = ("is", "which is") if len(named) == 1 else ("are", "which is")
    which = which if len(brought) == 1 else "which are"
    uses = next((entry for entry in tree.entries if entry.key.text == "uses"), None)
    at = uses.key.span if uses is not None else gone[0].span
    places = [one.span for one in gone if one.span != at and any(_in(word, brought) for word in _words(one))]
    labels = [
        Label(span, "declared there" if number == 0 else "and this") for number, span in enumerate(places[:SHOWN])
    ]
    notes = [f"{len(places) - SHOWN} more places speak of them"] if len(places) > SHOWN else []
    if not sole:
        notes.append("other modules declare them too: choose the one that is meant")
    fix = _added([one.path for one in brought], tree, sole)
    return diagnose(
        "not-in-uses",
        at,
        f"{listed} {verb} declared by {modules}, {which} not in `uses`",
        labels=labels,
        notes=notes,
        fixes=[fix] if fix is not None else [],
    )


def _text(one: Diagnostic) -> str:
    return one.span.text[:200]


def _in(word: str, brought: Iterable[Shelved]) -> bool:
    return any(word in module.names for module in brought)


def _and(parts: Sequence[str], rest: str) -> str:
    if len(parts) > SHOWN:
        return ", ".join(parts[: SHOWN - 1]) + f" and {len(parts) - SHOWN + 1} {rest}"
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _added(paths: Sequence[str], tree: Map, safe: bool) -> Fix | None:
    """The modules added to the list of ``uses``, or the list written where there is none."""
    title = "add " + _and([f"`{path}`" for path in paths], "more") + " to `uses`"
    uses, source = tree.get("uses"), tree.span.source
    if isinstance(uses, Seq) and uses.items:
        last = uses.items[-1].span
        end = last.end
        if uses.flow:
            new = "".join(f", {path}" for path in paths)
        else:  # below the line of the last one, whose comment stays beside it
            start = source.data.rfind(b"\n", 0, last.start) + 1
            margin = " " * (source.data.index(b"-", start) - start)
            new = "".join(f"\n{margin}- {path}" for path in paths)
            end = end + len(source.data[end:].partition(b"\n")[0].rstrip(b"\r"))
        return Fix(title, ((Span(source, end, end), new),), safe)
    if isinstance(uses, Seq):
        return Fix(title, ((uses.span, f"[{', '.join(paths)}]"),), safe)
    before = next((entry for entry in tree.entries if isinstance(entry.value, Map | Seq)), None)
    if uses is not None or before is None:
        return None
    at = before.key.span.start
    return Fix(title, ((Span(source, at, at), f"uses: [{', '.join(paths)}]\n"),), safe)

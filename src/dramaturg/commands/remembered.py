"""What `check` found before, kept between runs: a cache that nobody has to trust.

A result is stored under a hash of everything that it follows from: the bytes of every file that the scenario read, the options,
and the code that did the checking. A slip of paper per scenario says which files those were, so that a hit reads them and
nothing else. Whatever is damaged, from elsewhere, or speaks of files outside the scenario's folder counts as not there. Only
scenarios that load are kept, as what a missing file means depends on more than files.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from dramaturg import __version__
from dramaturg.dsl import folder as folders
from dramaturg.dsl.diagnostics import SEVERITIES, Diagnostic, Fix, Label
from dramaturg.dsl.spans import NOWHERE, Source, Span

SWITCH = "DRAMATURG_CACHE"
"""The environment variable that turns the cache off: ``DRAMATURG_CACHE=off``."""
LARGEST = 4_000_000
"""Bytes of a cache entry, or of a file that one names, at most."""
KEPT = 512
"""Files in the cache, about: the oldest go."""
BUILT_IN = -1
"""Stands for the source of what no author wrote."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a scenario."""

    shown: str
    """How the file calls itself: its path below the folder of the scenarios."""
    sources: tuple[Source, ...]
    """Every file that it read, its own first."""
    diagnostics: tuple[Diagnostic, ...]


class Malformed(ValueError):
    """A cache entry that is none."""


def folder() -> Path | None:
    """Where results are kept; None where the cache is off or there is no place for it."""
    if os.environ.get(SWITCH, "").lower() in ("off", "0", "no"):
        return None
    home = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):
        home = os.path.join(os.path.expanduser("~"), ".cache")
    return Path(home) / "dramaturg" / "check" if os.path.isabs(home) else None


def recall(path: Path, options: Mapping[str, str]) -> Found | None:
    """What was found in the scenario at ``path`` when it was checked last, if nothing has changed since."""
    place = folder()
    if place is None:
        return None
    try:
        slip = _read(place / f"{_name(path)}.files")
        names, absent = _texts(slip["files"]), _texts(slip["absent"])
        root = _root(path, names[0])
        if any(os.path.lexists(root / _below(name)) for name in absent):
            return None
        sources = tuple(Source(name, _bytes(root, name)) for name in names)
        entry = _read(place / f"{_key(sources, options)}.json")
        return Found(names[0], sources, tuple(_diagnostic(item, sources) for item in _items(entry["diagnostics"])))
    except (OSError, ValueError, KeyError, IndexError, RecursionError):
        return None


def remember(path: Path, options: Mapping[str, str], found: Found) -> None:
    """Keep what was found. Where that cannot be written, the next run checks again."""
    place = folder()
    if place is None:
        return
    try:
        diagnostics = [_record(item, found.sources) for item in found.diagnostics]
        names = [source.path for source in found.sources]
        root = _root(path, names[0])
        absent = [name for name in _nearer(names) if not os.path.lexists(root / name)]
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(place / f"{_key(found.sources, options)}.json", {"diagnostics": diagnostics})
        _write(place / f"{_name(path)}.files", {"files": names, "absent": absent})
        _forget(place)
    except (OSError, ValueError):
        return


def _name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.abspath(path))).hexdigest()


def _key(sources: Sequence[Source], options: Mapping[str, str]) -> str:
    total = hashlib.sha256(f"{tool()}\0{json.dumps(options, sort_keys=True)}\0".encode())
    for source in sources:
        total.update(f"{source.path}\0{len(source.data)}\0".encode())
        total.update(source.data)
    return total.hexdigest()


@cache
def tool() -> str:
    """A hash of the code that checks. A few milliseconds, and no stale result while that code is being worked on."""
    total = hashlib.sha256(f"{__version__}\0{sys.version}\0".encode())
    for part in ("dsl", "compiler", "grammars"):
        for path in sorted(_code(os.path.join(os.path.dirname(os.path.dirname(__file__)), part))):
            with open(path, "rb") as file:
                data = file.read()
            total.update(f"{os.path.basename(path)}\0{len(data)}\0".encode())
            total.update(data)
    return total.hexdigest()


def _code(top: str) -> Iterator[str]:
    for entry in os.scandir(top):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _code(entry.path)
        elif entry.name.endswith((".py", ".md", ".lark", ".json")):
            yield entry.path


def _nearer(names: Sequence[str]) -> list[str]:
    """Where a module would be found before the one that was, if somebody put a file there."""
    out: dict[str, None] = {}
    folders = {PurePosixPath(name).parent for name in names}
    for name in names[1:]:
        parts = PurePosixPath(name).parts
        for cut in range(len(parts)):
            place, rest = PurePosixPath(*parts[:cut]), PurePosixPath(*parts[cut:])
            for asking in folders:
                below = [at for at in (asking, *asking.parents) if at != place and at.is_relative_to(place)]
                out.update((str(at / rest), None) for at in below)
    return sorted(out)


def _root(path: Path, shown: str) -> Path:
    """The folder of the scenarios: ``path`` without what the file calls itself."""
    here, parts = Path(os.path.abspath(path)), _below(shown).parts
    if here.parts[-len(parts) :] != parts:
        raise Malformed(shown)
    return here.parents[len(parts) - 1]


def _below(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or not path.parts
        or ".." in path.parts
        or "\0" in name
        or path.suffix not in (".yaml", ".yml")
    ):
        raise Malformed(name)
    return path


def _bytes(root: Path, name: str) -> bytes:
    """The bytes of a file below the root."""
    try:
        return _regular(folders.open_below(root, str(_below(name)))[0], name)
    except (folders.Outside, folders.Absent) as error:
        raise Malformed(name) from error


def _plain(path: Path) -> bytes:
    return _regular(folders.open_path(path), path.name)


def _regular(descriptor: int, name: str) -> bytes:
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            raise Malformed(name)
        return file.read(LARGEST)


def _read(path: Path) -> Mapping[str, object]:
    """An entry: one line with the hash of the rest, which is JSON."""
    head, _, body = _plain(path).partition(b"\n")
    if head.decode("ascii") != hashlib.sha256(body).hexdigest():
        raise Malformed(path.name)
    entry = json.loads(body)
    if not isinstance(entry, dict):
        raise Malformed(path.name)
    return entry


def _write(path: Path, entry: Mapping[str, object]) -> None:
    """In one piece: beside it first, then under its name."""
    body = json.dumps(entry, sort_keys=True, ensure_ascii=True).encode()
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".draft")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise


def _forget(place: Path) -> None:
    entries = list(os.scandir(place))
    if len(entries) > KEPT:
        for entry in sorted(entries, key=lambda entry: entry.stat().st_mtime_ns)[: KEPT // 4]:
            with contextlib.suppress(OSError):
                os.unlink(entry.path)


def _record(item: Diagnostic, sources: Sequence[Source]) -> dict[str, object]:
    numbers = {source.path: number for number, source in enumerate(sources)}
    numbers[NOWHERE.path] = BUILT_IN

    def place(span: Span) -> list[int]:
        if span.path not in numbers:
            raise Malformed(span.path)
        return [numbers[span.path], span.start, span.end]

    return {
        "code": item.code,
        "name": item.name,
        "message": item.message,
        "span": place(item.span),
        "labels": [[place(label.span), label.text] for label in item.labels],
        "notes": list(item.notes),
        "fixes": [[fix.title, [[place(span), text] for span, text in fix.edits], fix.safe] for fix in item.fixes],
    }


def _diagnostic(item: object, sources: Sequence[Source]) -> Diagnostic:
    if not isinstance(item, dict):
        raise Malformed("diagnostic")

    def place(at: object) -> Span:
        match at:
            case [int(number), int(start), int(end)] if BUILT_IN <= number < len(sources):
                source = NOWHERE.source if number == BUILT_IN else sources[number]
                if 0 <= start <= end <= len(source.data):
                    return Span(source, start, end)
        raise Malformed("place")

    def pair(of: object) -> tuple[object, str]:
        match of:
            case [first, str(text)]:
                return first, text
        raise Malformed("pair")

    labels = [pair(label) for label in _items(item["labels"])]
    fixes: list[Fix] = []
    for fix in _items(item["fixes"]):
        match fix:
            case [str(title), list(edits), bool(safe)]:
                fixes.append(Fix(title, tuple((place(at), text) for at, text in map(pair, edits)), safe))
            case _:
                raise Malformed("fix")
    code, name, message = _texts([item["code"], item["name"], item["message"]])
    return Diagnostic(
        code,
        name,
        SEVERITIES[code[:1]],
        message,
        place(item["span"]),
        tuple(Label(place(at), text) for at, text in labels),
        tuple(_texts(item["notes"])),
        tuple(fixes),
    )


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Malformed("list")
    return value


def _texts(value: object) -> list[str]:
    texts = [text for text in _items(value) if isinstance(text, str)]
    if len(texts) != len(_items(value)):
        raise Malformed("texts")
    return texts

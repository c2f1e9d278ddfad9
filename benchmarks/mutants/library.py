"""The library as the harness sees it: every shipped file as text, and every value in it with its place.

Read with PyYAML's composer and nothing of Dramaturg, so that what a mutant is does not depend on the code that is to find it.
A ``Spot`` is one value of a file: the path of keys that leads to it, the ranges of its key and of itself in the text, and the
entry around both, so that it can be taken out cleanly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml

SCENARIOS = Path(__file__).resolve().parent.parent.parent / "scenarios"

GUARDS = ("if", "when", "until", "surfaces", "eased", "hardens")
PATTERNS = ("expect", "otherwise", "allow", "to", "as")
DURATIONS = ("horizon", "pace", "after", "takes", "at")


@dataclass(frozen=True, slots=True)
class Spot:
    """One value of a file. Ranges are half open, in characters of the text."""

    file: str
    path: tuple[str | int, ...]
    kind: str
    """scalar | map | list"""
    start: int
    end: int
    """For a map or list the end of its last value."""
    key: tuple[int, int] | None
    entry: tuple[int, int]
    """What to delete to be rid of it: whole lines, or up to the next comma."""
    style: str = ""
    """Of a scalar: plain | quoted | block. Of a map or list: flow | block."""
    text: str = ""
    flow: bool = False
    """Whether it stands inside braces or brackets."""

    @property
    def name(self) -> str:
        return str(self.path[-1]) if self.path else ""

    @property
    def up(self) -> str:
        return str(self.path[-2]) if len(self.path) > 1 else ""


@dataclass(frozen=True)
class File:
    name: str
    text: str

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        root = yaml.compose(self.text, Loader=yaml.CSafeLoader)
        return tuple(_walk(self, root, (), None, (0, len(self.text)), False)) if root is not None else ()

    @cached_property
    def at(self) -> Mapping[tuple[str | int, ...], Spot]:
        return {spot.path: spot for spot in self.spots}

    @cached_property
    def lines(self) -> tuple[int, ...]:
        """Where each line begins, and the end of the text."""
        return (*[m.start() for m in re.finditer(r"^", self.text, re.M)], len(self.text))

    def line(self, index: int) -> int:
        return self.text.count("\n", 0, index) + 1

    def children(self, spot: Spot) -> list[Spot]:
        return [s for s in self.spots if len(s.path) == len(spot.path) + 1 and s.path[:-1] == spot.path]

    def raw(self, spot: Spot) -> str:
        return self.text[spot.start : spot.end]

    def owner(self, spot: Spot) -> Spot | None:
        return self.at.get(spot.path[:-1]) if spot.path else None


def _walk(
    file: File,
    node: yaml.Node,
    path: tuple[str | int, ...],
    key: tuple[int, int] | None,
    entry: tuple[int, int],
    flow: bool,
) -> Iterator[Spot]:
    start, end = node.start_mark.index, _end(node)
    if isinstance(node, yaml.ScalarNode):
        style = "plain" if not node.style else "block" if node.style in "|>" else "quoted"
        yield Spot(file.name, path, "scalar", start, end, key, entry, style, node.value, flow)
        return
    assert isinstance(node, yaml.CollectionNode)
    form = "flow" if node.flow_style else "block"
    yield Spot(
        file.name, path, "map" if isinstance(node, yaml.MappingNode) else "list", start, end, key, entry, form, "", flow
    )
    if isinstance(node, yaml.MappingNode):
        pairs = [
            (k.start_mark.index, _end(v), (k.value, (k.start_mark.index, k.end_mark.index), v)) for k, v in node.value
        ]
        for index, (first, last, (name, where, value)) in enumerate(pairs):
            within = _entry(file.text, [(a, b) for a, b, _ in pairs], index, first, last, bool(node.flow_style))
            yield from _walk(file, value, (*path, name), where, within, flow or bool(node.flow_style))
    else:
        items = [(item.start_mark.index, _end(item)) for item in node.value]
        for index, item in enumerate(node.value):
            first, last = items[index]
            if not node.flow_style:
                first = file.text.rfind("-", 0, first)
            within = _entry(file.text, items, index, first, last, bool(node.flow_style))
            yield from _walk(file, item, (*path, index), None, within, flow or bool(node.flow_style))


def _end(node: yaml.Node) -> int:
    end = int(node.end_mark.index)
    if isinstance(node, yaml.ScalarNode):
        return end - 1 if node.style in ("|", ">") and end else end
    assert isinstance(node, yaml.CollectionNode)
    if node.flow_style or not node.value:
        return end
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _entry(text: str, pairs: list[tuple[int, int]], index: int, first: int, last: int, flow: bool) -> tuple[int, int]:
    if flow:
        if index + 1 < len(pairs):
            return first, pairs[index + 1][0]
        return (pairs[index - 1][1], last) if index else (first, last)
    line = text.rfind("\n", 0, first) + 1
    if text[line:first].strip():  # the first entry of an item: the dash stays
        return (first, pairs[index + 1][0]) if index + 1 < len(pairs) else (first, last)
    after = text.find("\n", last)
    return line, len(text) if after < 0 else after + 1


@dataclass(frozen=True)
class Library:
    """All files by name (the path below the folder of the scenarios), and what is declared in them."""

    files: Mapping[str, File]
    users: Mapping[str, str] = field(default_factory=dict)
    """For each file the scenario that it is looked at through: itself, or the first that uses it."""

    @property
    def mutable(self) -> list[File]:
        return [self.files[name] for name in sorted(self.users)]

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of every file and of the language: what no misspelling may happen to be."""
        return (
            frozenset(w for f in self.files.values() for w in re.findall(r"[A-Za-z_][A-Za-z0-9_]*", f.text)) | LANGUAGE
        )

    def closure(self, scenario: str) -> list[File]:
        """The scenario and the modules that it uses, itself first."""
        seen = [scenario]
        for name in seen:
            used = (s for s in self.files[name].spots if s.path[:1] == ("uses",) and s.kind == "scalar")
            for path in (f"{item.text}.yaml" for item in used):
                if path in self.files and path not in seen:
                    seen.append(path)
        return [self.files[name] for name in seen]

    def around(self, file: File) -> list[File]:
        return self.closure(self.users[file.name])

    def declared(self, file: File, *path: str) -> dict[str, Spot]:
        """The entries at a path of keys (``*`` for any one) in the files around this one, by name."""
        out: dict[str, Spot] = {}
        for other in self.around(file):
            out.update({s.name: s for s in other.spots if fits(s.path, *path)})
        return out


WORDS = """
and or not is in for since once earlier known matches judged else yes no implies always never eventually
possible winnable until within leads to last one of step turns turn user agent result world task concern
trigger shift persona clock chance nothing money duration percent int number text time day set list
condition on true false null
"""
LANGUAGE = frozenset(WORDS.split())


def fits(path: tuple[str | int, ...], *pattern: str) -> bool:
    """Whether a path follows a pattern; ``*`` is any one step, and a leading ``**`` any number of them."""
    if pattern and pattern[0] == "**":
        tail = pattern[1:]
        return len(path) >= len(tail) and fits(path[len(path) - len(tail) :], *tail)
    return len(path) == len(pattern) and all(p in ("*", str(step)) for step, p in zip(path, pattern))


def library(folder: Path = SCENARIOS) -> Library:
    files = {
        path.relative_to(folder).as_posix(): File(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.yaml"))
    }
    users: dict[str, str] = {}
    bare = Library(files)
    for name in sorted(name for name, file in files.items() if ("scenario",) in file.at):
        for file in bare.closure(name):
            users.setdefault(file.name, name)
    return Library(files, users)


def is_guard(spot: Spot) -> bool:
    """A condition, a norm or a claim on one line."""
    if spot.kind != "scalar" or spot.style == "block" or not spot.path or isinstance(spot.path[-1], int):
        return False
    if "words" in spot.path or "recordings" in spot.path or "moves" in spot.path or "events" in spot.path:
        return False
    return spot.name in GUARDS or (len(spot.path) == 2 and spot.path[0] in ("rules", "check"))


def is_pattern(spot: Spot) -> bool:
    return (
        spot.kind == "scalar"
        and spot.style != "block"
        and spot.name in PATTERNS
        and spot.path[0] in ("triggers", "user", "cast", "shifts", "concerns")
        and "moves" not in spot.path
    )


def is_value(spot: Spot) -> bool:
    """What is assigned (``set``) or passed (``with``)."""
    if spot.kind != "scalar" or spot.style == "block" or len(spot.path) < 3 or "acts" in spot.path:
        return False
    return spot.up in ("set", "with")


def is_declaration(spot: Spot) -> bool:
    """A declaration line."""
    if spot.kind != "scalar" or spot.style == "block":
        return False
    path = spot.path
    if spot.name == "type" and len(path) > 2:
        path = path[:-1]
    if spot.name == "view":
        return False
    return (
        fits(path, "parameters", "*")
        or fits(path, "world", "*")
        or fits(path, "events", "*", "*")
        or fits(path, "tasks", "*", "slots", "*")
        or fits(path, "**", "moves", "*", "*")
        or fits(path, "**", "stance", "*")
        or fits(path, "recordings", "*", "fields", "*")
        or (fits(path, "**", "acts", "*", "with", "*"))
    )


def is_template(spot: Spot) -> bool:
    return spot.kind == "scalar" and bool(spot.path) and spot.path[0] == "words" and len(spot.path) > 1


def is_prose(spot: Spot) -> bool:
    return (
        spot.kind == "scalar"
        and spot.name in ("about", "story", "says", "needs", "background", "role")
        and "recordings" not in spot.path
    )

"""Difference: what changed in meaning between two versions of a scenario, and what in its texts.

The two typed scenarios are walked side by side, whatever their parts are: things with names are matched by name, lines without by
their likeness, in order. A condition counts as changed where it holds at other moments (``equivalence``), a wording as text.
Layout, comments, the order of named things and the way in which a condition is put make no difference. What follows from a
change for the state graph is told by ``consequences``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from dramaturg.compiler.equivalence import Comparison
from dramaturg.dsl.core import Const
from dramaturg.dsl.expressions.amounts import show, show_type
from dramaturg.dsl.scenario import (
    Act,
    Check,
    Concern,
    EventType,
    Guard,
    MoveSpec,
    Person,
    Reply,
    Rule,
    Scenario,
    StreamEntry,
    Transition,
    Variable,
    Wording,
)
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import (
    Bool,
    Condition,
    Enum,
    ListOf,
    Number,
    Optional,
    SetOf,
    Text,
    TimeOfDay,
    Wait,
)

TYPES = (Bool, Condition, Enum, ListOf, Number, Optional, SetOf, Text, TimeOfDay)
TEXTS = ("about", "story", "says", "background", "backgrounds", "needs", "role", "agent role", "words")
"""Parts that are read by people and models, and decide nothing."""
ASIDE = ("span", "files", "digest", "text", "question")
"""Parts that say where or how something was written."""
TIMES = ("horizon", "pace", "after", "takes", "gap_lo", "gap_hi", "lasts_ms")
UNORDERED = ("wakes", "moves", "returns")
VALUES = (("set",), ("with",))
"""Where a guard is a value, not a condition."""
LABELS = {
    "left": "claim",
    "right": "then",
    "guard": "norm",
    "variables": "world and parameters",
    "cast": "people",
    "condition": "if",
    "sets": "set",
    "fields": "with",
    "gap_lo": "earliest",
    "gap_hi": "latest",
    "voiced_as": "as",
    "checks": "check",
}
"""How an author calls what the typed scenario calls otherwise."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was."""

    path: tuple[str, ...]
    """Where: section, names and keys, from outside in."""
    kind: str
    """added | removed | changed | renamed"""
    before: str = ""
    after: str = ""
    notes: tuple[str, ...] = ()
    """What that means: a moment at which the two differ, by how much a window is longer."""
    text_only: bool = False
    """Whether nothing but words that people and models read has changed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two versions."""

    changes: tuple[Change, ...] = ()

    @property
    def meaning(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.text_only)

    @property
    def texts(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.text_only)


def difference(old: Scenario, new: Scenario) -> Difference:
    """What changed from ``old`` to ``new``."""
    walk = _Walk(Comparison(old, new), old, new)
    return Difference(tuple(walk.parts(_arranged(old), _arranged(new), ())))


def _arranged(scenario: Scenario) -> Mapping[str, object]:
    """The sections of a scenario; what stands in two places is kept in one."""
    sections: dict[str, object] = {
        part.name: getattr(scenario, part.name) for part in dataclasses.fields(scenario) if part.name not in ASIDE
    }
    sections["events"] = {n: e for n, e in scenario.events.items() if e.actor not in ("agent", "result")}
    sections["agent role"] = scenario.agent.role
    return sections


@dataclass(frozen=True, slots=True)
class _Walk:
    guards: Comparison
    old: Scenario
    new: Scenario

    def parts(
        self, old: Mapping[str, object], new: Mapping[str, object], path: tuple[str, ...], texts: bool = False
    ) -> Iterator[Change]:
        """Two maps from names to things."""
        removed = [name for name in old if name not in new]
        added = [name for name in new if name not in old]
        for name in list(removed):
            twin = next((other for other in added if _form(old[name]) == _form(new[other])), None)
            if twin is not None and not isinstance(old[name], str | int):
                removed.remove(name)
                added.remove(twin)
                yield Change((*path, name), "renamed", name, twin)
        for name in removed:
            yield Change((*path, _label(name)), "removed", self.told(old[name]), text_only=texts)
        for name in new:
            here = (*path, _label(name))
            if name in added:
                yield Change(here, "added", "", self.told(new[name]), text_only=texts)
            elif name in old:
                # A person's role and the concerns that a concern needs are no texts, though they are called like some.
                read = name in ("words", "backgrounds") or isinstance(new[name], str)
                only_text = texts or (name in TEXTS and read and not (name == "role" and LABELS["cast"] in path))
                yield from self.two(old[name], new[name], here, name, only_text)

    def two(self, old: object, new: object, path: tuple[str, ...], name: str, texts: bool) -> Iterator[Change]:
        """Two things in one place."""
        match old, new:
            case (Guard() | None) as before, (Guard() | None) as after if before is not None or after is not None:
                yield from self.guard(before, after, path, name)
            case Mapping(), Mapping():
                yield from self.parts(old, new, path, texts)
            case (tuple(), tuple()) if name in UNORDERED:
                if set(old) != set(new):
                    yield Change(path, "changed", _listed(sorted(map(str, old))), _listed(sorted(map(str, new))))
            case (tuple(), tuple()) if _are_named(old) and _are_named(new):
                yield from self.parts(_by_name(old), _by_name(new), path, texts)
                first = [next(iter(_by_name(each)), "") for each in (old, new)]
                if path[-1:] == ("states",) and first[0] != first[1]:
                    yield Change((*path[:-1], "initial state"), "changed", first[0], first[1])
            case tuple(), tuple():
                yield from self.lines(old, new, path, texts)
            case Wait(), Wait() if old != new:
                yield Change(path, "changed", _wait(old), _wait(new), _longer(old, new))
            case _ if _is_record(old) and _is_record(new) and type(old) is type(new) and not isinstance(old, TYPES):
                if isinstance(old, Wait):
                    return
                yield from self.parts(_record(old), _record(new), path, texts)
            case _ if old != new and _form(old) != _form(new):
                yield Change(path, "changed", self.told(old, name), self.told(new, name), (), texts)

    def guard(self, old: Guard | None, new: Guard | None, path: tuple[str, ...], name: str) -> Iterator[Change]:
        """Two conditions, or two values."""
        before, after = (g.expr if g is not None else None for g in (old, new))
        was, now = (_flat(g.text) if g is not None else "" for g in (old, new))
        if before == after:
            return
        if name == "start" or path[-2:-1] in VALUES or isinstance(before, Const) or isinstance(after, Const):
            yield Change(path, "changed", was, now)
            return
        if name != "condition" and (old is None or new is None):
            yield Change(path, "added" if old is None else "removed", was, now)
            return
        verdict = self.guards.compare(before, after)
        if verdict.same:
            return
        notes = []
        if verdict.lost:
            notes.append(f"at {verdict.lost} the old one holds, the new one does not")
        if verdict.gained:
            notes.append(f"at {verdict.gained} the new one holds, the old one does not")
        if name in WINDOWS and verdict.relation in ("wider", "narrower"):
            notes.append(WINDOWS[name][verdict.relation == "narrower"])
        if verdict.relation == "unknown":
            notes.append("whether they ever differ cannot be decided over all values")
        yield Change(path, "changed", was or "always", now or "always", tuple(notes))

    def lines(
        self, old: Sequence[object], new: Sequence[object], path: tuple[str, ...], texts: bool
    ) -> Iterator[Change]:
        """Two lists of lines that have no names: like ones are matched in order, the others in pairs."""
        forms = [repr(_form(line)) for line in old], [repr(_form(line)) for line in new]
        for what, i1, i2, j1, j2 in SequenceMatcher(a=forms[0], b=forms[1], autojunk=False).get_opcodes():
            if what == "equal":
                continue
            pairs, gone, come = self._paired(list(old[i1:i2]), list(new[j1:j2]))
            for before, after in pairs:
                here = (*path, self.told(before))
                yield from self.two(before, after, here, "", texts)
            for line in gone:
                yield Change(path, "removed", self.told(line), "", (), texts)
            for line in come:
                yield Change(path, "added", "", self.told(line), (), texts)

    def _paired(
        self, old: list[object], new: list[object]
    ) -> tuple[list[tuple[object, object]], list[object], list[object]]:
        """Lines that are one line changed: those that have most in common, in order."""
        pairs = []
        come = list(new)
        gone = []
        for line in old:
            mine = _record(line) if _is_record(line) else {}
            best = max(come, key=lambda other: _alike(mine, other), default=None)
            if best is not None and (_alike(mine, best) > 0.5 or (not mine and len(old) == len(new) == 1)):
                pairs.append((line, best))
                come.remove(best)
            else:
                gone.append(line)
        return pairs, gone, come

    def told(self, thing: object, name: str = "") -> str:
        """A thing in a few words."""
        match thing:
            case None:
                return "none"
            case bool():
                return "yes" if thing else "no"
            case int() if name in TIMES:
                return show(thing, Number("duration"))
            case float():
                return f"{thing:.0%}" if round(thing * 100) == thing * 100 else f"{thing * 100:g}%"
            case Guard():
                return _flat(thing.text)
            case Wait():
                return _wait(thing)
            case Wording():
                return f"“{thing.text}”"
            case Check():
                return thing.text
            case Rule():
                return f"{thing.kind} {_flat(thing.guard.text)}"
            case MoveSpec():
                return " ".join([thing.event, *(f"{name}={_flat(value.text)}" for name, value in thing.fields)])
            case Reply():
                done = self.told(thing.do) if thing.do is not None else "nothing"
                return f"to {_flat(thing.to.text)}{_if(thing.condition)} do {done}"
            case Transition():
                when = (
                    f"when {_flat(thing.when.text)}"
                    if thing.when is not None
                    else f"after {self.told(thing.after, 'after')}"
                )
                return f"{when}{_if(thing.condition)}" + (f" go {thing.go}" if thing.go else "")
            case StreamEntry():
                begins = {
                    "every": f"every {self.told(thing.gap_lo, 'gap_lo')}..{self.told(thing.gap_hi, 'gap_hi')}",
                    "at": f"at {self.told(thing.gap_lo, 'gap_lo')}",
                }
                when = begins.get(thing.kind, f"{thing.kind} {self.told(thing.when)}")
                return f"{when}{_if(thing.condition)}" + (f" emit {thing.emit}" if thing.emit else "")
            case Variable():
                return show_type(thing.type) + (f" = {_flat(thing.start.text)}" if thing.start is not None else "")
            case EventType():
                return "(" + ", ".join(f"{f.name}: {show_type(f.type)}" for f in thing.fields) + ")"
            case Act() | Person():
                return ""
            case _ if isinstance(thing, TYPES):
                return show_type(thing)
            case tuple():
                return _listed([self.told(item) for item in thing])
            case Mapping():
                return _listed([f"{key}: {self.told(value)}" for key, value in thing.items()])
            case _ if _is_record(thing):
                given = {
                    k: v for k, v in _record(thing).items() if v not in (None, (), {}, 1.0, False, "") and k != "kind"
                }
                shown = [f"{_label(key)} {self.told(value, key)}" for key, value in given.items()]
                return ", ".join(shown[:4])
            case str():
                return thing if len(thing) <= 80 else thing[:79] + "…"
        return str(thing)


WINDOWS = {
    "when": ("the window opens at more moments", "the window opens at fewer moments"),
    "until": ("the window closes at more moments", "the window closes at fewer moments"),
    "expect": ("more acts count as the expected one", "fewer acts count as the expected one"),
    "allow": ("more acts are tolerated", "fewer acts are tolerated"),
    "surfaces": ("it is voiced at more moments", "it is voiced at fewer moments"),
    "eased": ("it is eased at more moments", "it is eased at fewer moments"),
    "hardens": ("it hardens at more moments", "it hardens at fewer moments"),
    "condition": ("it holds at more moments", "it holds at fewer moments"),
    "guard": ("it says more", "it says less"),
}


def _if(condition: Guard | None) -> str:
    return f" if {_flat(condition.text)}" if condition is not None else ""


def _label(name: str) -> str:
    return LABELS.get(name, name)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts) if parts else "none"


def _wait(wait: Wait) -> str:
    if wait.ms is not None:
        return show(wait.ms, Number("duration"))
    return f"{wait.turns} turn{'' if wait.turns == 1 else 's'}"


def _longer(old: Wait, new: Wait) -> tuple[str, ...]:
    if old.ms is not None and new.ms is not None:
        by = show(abs(new.ms - old.ms), Number("duration"))
        return (f"{by} {'longer' if new.ms > old.ms else 'shorter'}",)
    if old.turns is not None and new.turns is not None:
        by = _wait(Wait(turns=abs(new.turns - old.turns)))
        return (f"{by} {'longer' if new.turns > old.turns else 'shorter'}",)
    return ("measured in another way",)


def _is_record(thing: object) -> bool:
    return dataclasses.is_dataclass(thing) and not isinstance(thing, type)


def _record(thing: object) -> dict[str, object]:
    """The parts of a record that say something; pairs of a name and a value as a map."""
    out: dict[str, object] = {}
    if not dataclasses.is_dataclass(thing):
        return out
    for part in dataclasses.fields(thing):
        value = getattr(thing, part.name)
        if part.name in ASIDE or (part.name == "name" and not isinstance(thing, Scenario)):
            continue
        if isinstance(thing, Person) and part.name == "moves":
            continue  # they stand under events
        if part.name == "role" and part.name in TEXTS and type(thing).__name__ == "Agent":
            continue  # a text, and told as one
        if isinstance(value, tuple) and value and all(_is_pair(item) for item in value):
            value = {str(item[0]): item[1] for item in value}
        elif part.name in ("sets", "fields") and value == ():
            value = {}
        elif part.name == "fields" and isinstance(value, tuple) and _are_named(value):
            value = _by_name(value)
        out["constants" if isinstance(thing, Concern) and part.name == "fields" else part.name] = value
    return out


def _is_pair(item: object) -> bool:
    return isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], Guard)


def _are_named(things: Sequence[object]) -> bool:
    return bool(things) and all(isinstance(getattr(thing, "name", None), str) and _is_record(thing) for thing in things)


def _by_name(things: Sequence[object]) -> dict[str, object]:
    return {str(getattr(thing, "name", "")): thing for thing in things}


def _alike(mine: Mapping[str, object], other: object) -> float:
    """How much two lines have in common, 0 to 1: equal parts, those that both leave empty apart."""
    theirs = _record(other) if _is_record(other) else {}
    keys = [k for k in mine if k in theirs and not (_empty(mine[k]) and _empty(theirs[k]))]
    if not keys:
        return 0.0
    return sum(_form(mine[k]) == _form(theirs[k]) for k in keys) / len(keys)


def _empty(value: object) -> bool:
    return value is None or value in ((), {}, "", False, 0)


def _form(thing: object) -> object:
    """What a thing says, apart from places, the way it was put, and its own name."""
    match thing:
        case Span():
            return None
        case Guard():
            return thing.expr
        case Mapping():
            return {key: _form(value) for key, value in thing.items()}
        case _ if isinstance(thing, TYPES):
            return thing if not isinstance(thing, Enum) else thing.members
        case _ if _is_record(thing) and not isinstance(thing, Wait):
            return (type(thing).__name__, {key: _form(value) for key, value in _record(thing).items()})
        case tuple():
            return tuple(_form(item) for item in thing)
    return thing

"""Gathering: of what is said of a file, one diagnostic for each mistake, where the mistake is.

A name that is declared nowhere is complained of by every line that speaks of it, and a value that was declared as another type
than it is used as by every line that uses it. Each of those is one mistake. It is told once, with labels where it shows again; and
where the declaration is the odd one out (it is declared, and nobody speaks of it, while several lines agree on another name or
another type), it is told there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dramaturg.dsl.declarations.inventory import PREFIXES, Inventory
from dramaturg.dsl.declarations.states import written
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.expressions.spelling import WORD
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.spans import NOWHERE, Source, Span
from dramaturg.dsl.tree import Map
from dramaturg.dsl.types import Bool
from dramaturg.dsl.whole.emptied import emptied
from dramaturg.dsl.whole.exchanged import exchanged

UNDECLARED = ("unknown-name", "unknown-event", "unknown-move", "unknown-state", "unknown-module", "unknown-persona",
              "unknown-recording", "unknown-shift", "unknown-concern")  # fmt: skip
TYPED = (
    "type-mismatch",
    "mixed-units",
    "not-yes-no",
    "bad-amount",
    "out-of-range",
    "unknown-member",
    "recording-differs",
)
"""What is said where a value is of another type than its place, or its neighbour."""
MANY = 100
"""Of more mistakes than that nobody looks which of them are one slip: that would take as long as their number squared."""
AGREED = 2
"""So many lines that agree outvote the declaration that they do not agree with."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A name where it was declared, with the line that declares it."""

    name: str
    span: Span
    sort: str
    """type | value | event | field | state | machine | persona | recording"""
    yes_no: bool = False
    """Whether a value is one of yes and no, which stands for itself in a condition."""
    settled: bool = False
    """Whether it need not be spoken of, or cannot change: a parameter, or the state in which a task begins."""


def declared(found: Inventory) -> Iterator[Declared]:
    """Everything that the authors have given a name."""
    for entry in found.section("types"):
        yield Declared(entry.key.text, entry.key.span, "type")
    for variable in found.variables.values():
        yield Declared(
            variable.name, variable.span, "value", isinstance(variable.type, Bool), variable.kind == "parameter"
        )
    for event in found.events.values():
        if not event.name.startswith("result."):
            yield Declared(event.name, event.span, "event")
            for field in event.fields:
                yield Declared(field.name, field.span, "field")
    for entry in found.section("tasks"):
        yield Declared(f"task.{entry.key.text}", entry.key.span, "machine")
        for number, state in enumerate(written(entry.value)):
            yield Declared(state.name, state.entry.key.span, "state", settled=not number)
    for section in ("concerns", "triggers", "shifts"):
        for entry in found.section(section):
            yield Declared(f"{section[:-1]}.{entry.key.text}", entry.key.span, "machine")
    for section in ("personas", "recordings"):
        for entry in found.section(section):
            yield Declared(entry.key.text, entry.key.span, section[:-1])


def gathered(
    said: list[Diagnostic], found: Inventory | None, sources: Sequence[Source], trees: Sequence[Map] = ()
) -> tuple[Diagnostic, ...]:
    """What is said, in its order, with one diagnostic for all that has one cause."""
    if not said:
        return ()
    persons = set(found.persons) if found is not None else set()
    if found is None or len(said) > MANY:
        return tuple(_undeclared(_unmade(said), (), persons, sources))
    names = [it for it in declared(found) if it.span.source is not NOWHERE.source]
    idle = {name.text for name, body in found.people() if body.get("moves") is None}
    said = emptied(_guessed(exchanged(said, found.tree)), trees, idle)
    lined = {part for it in names for part in (it.name, it.name.rpartition(".")[2]) if "_" in part}
    said = [_joined(it, lined) for it in said]
    typed = _mistyped(said, names, _spoken(sources))
    return tuple(_undeclared(_unmade(_neither(typed)), names, persons, sources))


def _guessed(said: list[Diagnostic]) -> list[Diagnostic]:
    """A key that is called after another, and has a value that the other cannot have, is not the other."""
    out, gone = list(said), set[int]()
    for number, key in enumerate(said):
        if key.name != "unknown-key" or not key.fixes:
            continue
        for other, it in enumerate(said):
            between = it.span.source.data[key.span.end : it.span.start] if it.span.path == key.span.path else b""
            if it.severity == "error" and re.fullmatch(rb":\s+", between):
                gone.add(other)
                out[number] = replace(key, message=key.message.partition("; did you mean")[0], fixes=())
    return [it for number, it in enumerate(out) if number not in gone]


_JOINS = {b"and": "`and` joins", b"or": "`or` joins", b"implies": "`implies` joins", b"since": "`since` stands between"}


def _neither(said: list[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic for an operator of which neither side is a condition."""
    out: list[Diagnostic] = []
    for it in said:
        last = out[-1] if out else it
        pair = {it.name, last.name}
        if (
            it is not last
            and "not-yes-no" in pair
            and pair <= {"not-yes-no", "unknown-name"}
            and it.span.path == last.span.path
            and last.span.end < it.span.start
        ):
            join = _JOINS.get(it.span.source.data[last.span.end : it.span.start].strip())
            if join is not None:
                span = Span(it.span.source, last.span.start, it.span.end)
                last = last if last.name == "not-yes-no" else it
                message = f"{join} conditions, and neither `{out[-1].span.text}` nor `{it.span.text}` is one"
                out[-1] = replace(last, message=message, span=span, labels=(*last.labels, *it.labels))
                continue
        out.append(it)
    return out


def _unmade(said: list[Diagnostic]) -> list[Diagnostic]:
    """A move that nobody makes needs no words."""
    idle = {it.span for it in said if it.name == "move-never-made"}
    return [it for it in said if it.name != "plain-words" or it.span not in idle]


SPLIT = ("bad-expression", "not-a-pattern", "unknown-name", "unknown-member", "unknown-event", "type-mismatch")
"""What is said where a name has a hyphen or a blank in it."""


NEAR = 80
"""Bytes around a place that may belong to what was meant as one name."""
_WORD = re.compile(rb"[\w.\x80-\xff]+")
_NAME = re.compile(r"\w+")


def _joined(diagnostic: Diagnostic, known: Collection[str]) -> Diagnostic:
    """With the name that is meant, where one was written with a hyphen or a blank in place of its low line."""
    span, data = diagnostic.span, diagnostic.span.source.data
    told = [text for fix in diagnostic.fixes for _, text in fix.edits]
    if diagnostic.name not in SPLIT or re.sub("[- ]", "_", span.text) in told:
        return diagnostic
    words = list(_WORD.finditer(data, max(span.start - NEAR, 0), min(span.end, span.start + NEAR) + NEAR))
    for place, begin in enumerate(words):
        meant, last = begin[0].decode("utf-8", "replace"), begin
        for word in words[place + 1 : place + 4]:
            if begin.start() > span.end or data[last.end() : word.start()] not in (b"-", b" "):
                break
            part = word[0].partition(b".")[0]
            meant, last = f"{meant}_{part.decode('utf-8', 'replace')}", word
            end = word.start() + len(part)
            if end >= span.start and (meant in known or meant.rpartition(".")[2] in known):
                fix = Fix(f"write `{meant}`", ((Span(span.source, begin.start(), end), meant),))
                message = diagnostic.message.partition("; did you mean")[0]
                return replace(diagnostic, message=f"{message}; did you mean `{meant}`?", fixes=(fix,))
    return diagnostic


# --- names ------------------------------------------------------------------------------------------------------------


def _undeclared(
    said: list[Diagnostic], names: Sequence[Declared], persons: set[str], sources: Sequence[Source]
) -> list[Diagnostic]:
    """One diagnostic for each name that is declared nowhere, and for each member and field that nothing has."""
    lacking = {it.span.text for it in said if it.name in UNDECLARED}
    tasks = {it.name.removeprefix("task.") for it in names if it.name.startswith("task.")}
    fields = {_last(it): ("unknown-field", it.message) for it in said if it.name == "unknown-field"}
    groups: dict[tuple[str, str], list[Diagnostic]] = {}
    order: list[tuple[str, str] | Diagnostic] = []
    for diagnostic in said:
        key = _lacking(diagnostic, lacking, persons | tasks)
        # The words of a move lack a field as much as the lines do; a name that is left may be another's, which nobody may see.
        if (
            diagnostic.name in ("template-unknown-name", "leak", "unknown-name", "unknown-member")
            and diagnostic.span.text in fields
        ):
            key = fields[diagnostic.span.text]
        elif diagnostic.name == "template-unknown-name":
            key = "template", diagnostic.message
        if key is None:
            order.append(diagnostic)
            continue
        if key not in groups:
            order.append(key)
        groups.setdefault(key, []).append(diagnostic)
    spoken = _spoken(sources)
    out = [it if isinstance(it, Diagnostic) else _one(groups[it], it, names, spoken) for it in order]
    place = {source.path: number for number, source in enumerate(sources)}
    return sorted(out, key=lambda it: (place.get(it.span.path, -1), it.span.start, it.span.end, it.code))


def _last(diagnostic: Diagnostic) -> str:
    return diagnostic.span.text.rpartition(".")[2]


def _lacking(diagnostic: Diagnostic, lacking: Collection[str], persons: Collection[str]) -> tuple[str, str] | None:
    """What is not declared, where that is what a diagnostic says. `user.ask`, its `user.ask.limit` and the move `ask` are one."""
    text = diagnostic.span.text
    if diagnostic.name in UNDECLARED:
        parts = text.split(".")
        if len(parts) == 3 or ".".join(parts[:2]) in lacking:
            parts = parts[:2]  # of an event that nobody knows there is no field either
        if (
            len(parts) == 2
            and parts[0] not in persons
            and parts[0] not in PREFIXES
            and parts[0] not in ("user", "world")
        ):
            parts = parts[:1]  # nor of a task its slots
        return "name", parts[-1]
    if diagnostic.name == "unknown-member" and text in lacking:
        return "name", text
    if diagnostic.name == "bad-declaration" and "is not a type" in diagnostic.message:
        return "type", text
    if diagnostic.name in ("unknown-member", "unknown-field"):
        return diagnostic.name, diagnostic.message
    if diagnostic.name == "reserved-word":  # who gave it as a name says it again where she speaks of it
        return diagnostic.name, diagnostic.message.partition(" ")[0]
    return None


def _one(
    group: Sequence[Diagnostic], key: tuple[str, str], names: Sequence[Declared], spoken: Counter[str]
) -> Diagnostic:
    """One diagnostic for those that miss the same thing."""
    first = group[0]
    lines = {(it.span.path, it.span.line) for it in group}
    often = len(lines) >= AGREED or spoken[key[1]] >= AGREED
    if often and key[0] in ("name", "type") and not _named(key[1], names):
        alone = _alone(group, key[1], names, spoken)
        # A module may be used elsewhere as well: one line of somebody else's file does not outvote it.
        if alone is not None and (len(lines) >= AGREED or alone.span.path == first.span.path):
            return _odd(alone, key[1], group)
    labels = (*first.labels, *(Label(it.span, "and here") for it in group[1:]))
    edits = [{fix.title: fix.edits for fix in it.fixes} for it in group[1:]]
    fixes = tuple(
        replace(fix, edits=(*fix.edits, *(edit for more in edits for edit in more.get(fix.title, ()))))
        for fix in first.fixes
    )
    return replace(first, labels=labels, fixes=fixes)


def _named(missing: str, names: Sequence[Declared]) -> bool:
    """Whether something has this very name, so that it is spoken of in the wrong way and not misspelt."""
    return any(it.name == missing or it.name.endswith(f".{missing}") for it in names)


def _alone(
    group: Sequence[Diagnostic], missing: str, names: Sequence[Declared], spoken: Counter[str]
) -> Declared | None:
    """The declaration that was meant, where it can be told: nobody speaks of it, and it is called nearly so, or nothing else is."""
    idle = [it for it in _kin(group, missing, names) if spoken[it.name.rpartition(".")[2]] <= 1]
    texts = {it.span.text for it in group}
    if any(it.name in texts or it.name == f"task.{missing}" for it in names):
        return None  # it is declared, and is not what is wanted there
    shorts = {it.name.rpartition(".")[2]: it for it in idle}
    near = closest(missing, list(shorts))
    written_to = any("there is no variable" in it.message for it in group)
    if near is not None and not (written_to and shorts[near].settled):
        return shorts[near]
    idle = [it for it in idle if not it.settled or (it.sort == "value" and not written_to)]
    # Acts and moves may well be there for nobody to speak of; what is declared of the others is for somebody to read.
    sure = len(idle) == 1 and idle[0].sort != "event" and all(idle[0].yes_no or not _asked(it) for it in group)
    return idle[0] if sure and len({(it.span.path, it.span.line) for it in group}) >= AGREED else None


_BESIDE = re.compile(rb"\s*([-+*/<>=!|]|\.\.|is\b|in\b|not in\b)")
_BEFORE = re.compile(rb"([-+*/<>=!|:]|\.\.|\bis|\bin|\bis not)\s*$")


def _asked(diagnostic: Diagnostic) -> bool:
    """Whether a name stands by itself where a condition does, such as only a value that is yes or no can."""
    span, data = diagnostic.span, diagnostic.span.source.data
    before = data[max(span.start - NEAR, 0) : span.start]
    if re.search(rb"\b(if|when|until|surfaces|eased|hardens): *$", before):
        return _BESIDE.match(data, span.end) is None
    return (
        re.search(rb"\b(and|or|not|implies|once|\() *$", before) is not None and _BESIDE.match(data, span.end) is None
    )


def _kin(group: Sequence[Diagnostic], missing: str, names: Sequence[Declared]) -> list[Declared]:
    """The names of the kind that is missed: types, states, tasks, values, or what somebody does, whose names begin with who."""
    said, texts = {it.name for it in group}, [it.span.text for it in group]
    if "bad-declaration" in said:
        return [it for it in names if it.sort == "type"]
    if "unknown-state" in said or missing.isupper():
        return [it for it in names if it.sort == "state"]
    for sort in ("persona", "recording"):
        if f"unknown-{sort}" in said:
            return [it for it in names if it.sort == sort]
    if any(text.startswith((f"{missing}.", f"task.{missing}")) for text in texts):
        return [it for it in names if it.name.startswith("task.")]
    who = next((text.partition(".")[0] for text in texts if "." in text), None)
    if who is not None:
        return [it for it in names if it.name.startswith(f"{who}.")]
    if said & {"unknown-event", "unknown-move"}:
        return [it for it in names if it.sort == "event"]
    return [it for it in names if it.sort == "value"]


def _spoken(sources: Sequence[Source]) -> Counter[str]:
    """How often each word stands in the files, comments and texts included: better once too often than once too few."""
    return Counter(word for source in sources for word in _NAME.findall(source.data.decode("utf-8", "replace")))


def _odd(alone: Declared, missing: str, group: Sequence[Diagnostic]) -> Diagnostic:
    own = alone.name.rpartition(".")[2]
    message = f"`{own}` is spoken of nowhere; what is spoken of is `{missing}`, which nothing is named"
    at = Span(alone.span.source, alone.span.end - len(own.encode()), alone.span.end)
    labels = [Label(it.span, "here") for it in group]
    fixes = [Fix(f"name it `{missing}`", ((at, missing),), safe=closest(missing, [own]) is not None)]
    return diagnose(group[0].name, at, message, labels=labels, fixes=fixes)


# --- types ------------------------------------------------------------------------------------------------------------


def _mistyped(said: list[Diagnostic], names: Sequence[Declared], spoken: Counter[str]) -> list[Diagnostic]:
    """One diagnostic for each value whose declaration does not agree with the lines that use it."""
    values = {it.span: it for it in names if it.sort in ("value", "field")}
    while True:
        typed = [it for it in said if it.name in TYPED or (it.name == "unknown-name" and _compared(it))]
        cases = [(_case(typed, one, values), one) for one in values.values()] if len(typed) >= AGREED else []
        # Of two that disagree in as many lines, the one to blame is the one that is spoken of less.
        weighed = [(it.weight, -spoken[one.name.rpartition(".")[2]], it) for it, one in cases if it is not None]
        case = max(weighed, key=lambda it: it[:2])[2] if weighed else None
        if case is None:
            return said
        kept = [it for it in said if it not in case.gone and not (it.name in SHOWN and f"`{case.name}`" in it.message)]
        said = kept if case.blamed is None else [case.blamed, *kept]


SHOWN = ("template-filter-mismatch",)
"""What is said of the words that show a value of another type than they take."""


def _compared(diagnostic: Diagnostic) -> bool:
    """Whether a name that stands for nothing is compared with a value that is declared."""
    return any(label.text == "declared here" for label in diagnostic.labels)


@dataclass(frozen=True, slots=True)
class _Case:
    """Why a declaration is to blame, and what then need not be said."""

    name: str
    weight: int
    gone: Sequence[Diagnostic]
    blamed: Diagnostic | None = None
    """What is said in place; nothing where the declaration is complained of already."""


def _case(typed: Sequence[Diagnostic], one: Declared, values: Mapping[Span, Declared]) -> _Case | None:
    span, short = one.span, one.name.rpartition(".")[2]
    if any(it.span == span for it in typed):
        return None
    own = [it for it in typed if it.span.path == span.path and it.span.line == span.line and it.span.start > span.end]
    if own:  # the start is wrong as well: that is where the type is
        gone = [it for it in typed if it is not own[0] and _speaks(it, short)]
        return _Case(short, len(typed), gone) if gone else None
    uses = [it for it in typed if _blames(it, one, short, values)]
    if (
        len({it.span.text for it in uses if it.name == "unknown-name"}) < AGREED
    ):  # one name: it is that which is missing
        uses = [it for it in uses if it.name != "unknown-name"]
    lines = {(it.span.path, it.span.line) for it in uses}
    if len(lines) < AGREED:
        return None
    own_kind = rf"`(?:\w+\.)*{re.escape(short)}` is ([^,;`]*?)(?:, perhaps unknown)?(?:,|;| and |$)"
    told = (re.search(own_kind, it.message) for it in uses)
    kind = next((it[1] for it in told if it), None)
    said_of = f"`{short}` is {kind}" if kind else f"the type of `{short}` is another one"
    message = f"{said_of}, and {len(lines)} lines use it as something else"
    labels = [Label(it.span, it.message) for it in uses]
    blamed = diagnose(uses[0].name, span, message, labels=labels)
    return _Case(short, len(lines), [it for it in typed if _speaks(it, short)], blamed)


def _blames(diagnostic: Diagnostic, one: Declared, short: str, values: Mapping[Span, Declared]) -> bool:
    """Whether a diagnostic is about the type of a name: it points to the declaration, or names a field that only one event has."""
    if any(label.span == one.span and label.text == "declared here" for label in diagnostic.labels):
        return True
    if (
        one.sort != "field"
        or diagnostic.name == "unknown-member"
        or sum(it.name == one.name for it in values.values()) > 1
    ):
        return False
    own = rf"`(\w+\.)*{re.escape(short)}` is |.* has the column `{re.escape(short)}`"
    return re.match(own, diagnostic.message) is not None


def _speaks(diagnostic: Diagnostic, short: str) -> bool:
    """Whether a diagnostic, or the line that it points to, speaks of a name."""
    line = diagnostic.span.source.line(diagnostic.span.line)
    return short in re.findall(WORD, line) or f"`{short}`" in diagnostic.message

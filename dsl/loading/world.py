"""Pass two for the world: the starts of variables, the stream, and the recordings that it plays."""

from __future__ import annotations

from collections.abc import Mapping

from dramaturg.dsl import core
from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.alphabet import fields
from dramaturg.dsl.declarations.inventory import Inventory, entries, items, pick, scalar
from dramaturg.dsl.diagnostics import Label, diagnose
from dramaturg.dsl.elaboration import effects, elaborate
from dramaturg.dsl.immutable import changer
from dramaturg.dsl.loading.lines import Assignments, arguments, assignments, at_hand, exactly_one, given, guard, small
from dramaturg.dsl.scenario import EventField, EventType, Recording, StreamEntry, Variable
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Map, Scalar
from dramaturg.dsl.types import Bool, Enum, Number, Optional, Text, Type, Value

KINDS = ("every", "at", "when", "play")


def variables(found: Inventory) -> dict[str, Variable]:
    """The variables with their starts. A start may read what is declared before it."""
    out: dict[str, Variable] = {}
    for name, variable in found.variables.items():
        start = found.starts.get(name)
        if start is not None and found.ready(start):
            own = (name.split(".", 1)[0],) if variable.kind in ("slot", "stance") else ()
            read = elaborate.value(start, found.scope.within(*own), variable.type, found.sink)
            if read is not None:
                constant = type(read.expr) is core.Const
                later = [] if constant else [other for other in effects.effect(read.expr).reads if other not in out]
                if later:
                    found.sink.append(
                        diagnose(
                            "reads-later",
                            start.span,
                            f"the start of `{name}` reads `{later[0]}`, which is declared after it",
                            labels=[Label(found.variables[later[0]].span, "declared here")]
                            if later[0] in found.variables
                            else [],
                            notes=["parameters come first, then traits, the world, slots and stance"],
                        )
                    )
                variable = _changed(variable, start=read)
        out[name] = variable
    return out


_changed = changer(Variable)


def stream(found: Inventory) -> tuple[StreamEntry, ...]:
    lines = (line for line in items(found.tree.get("stream")) if isinstance(line, Map))
    return tuple(entry for line in lines if (entry := _entry(line, found)) is not None)


def _entry(line: Map, found: Inventory) -> StreamEntry | None:
    kind = exactly_one(line, KINDS, "a stream entry", found)
    scope = found.scope
    when = guard(line.get("when"), scope, found)
    emit = scalar(line.get("emit"))
    event = emitted(emit, found, "the stream") if emit is not None else None
    if event is not None:
        scope = scope.during({field.name: field.type for field in event.fields})
    around = at_hand(when, found.scope)
    if emit is None and entries(line.get("with")) and not line.damaged:
        at = next(entry.key.span for entry in line.entries if entry.key.text == "with")
        found.sink.append(
            diagnose("with-without-event", at, "`with` gives the fields of an event, but nothing is emitted")
        )
    if emit is None and not entries(line.get("set")) and kind is not None and not line.damaged:
        found.sink.append(
            diagnose("no-effect", _head(line), "this stream entry neither emits an event nor sets anything")
        )
    condition = guard(line.get("if"), around, found)
    around, scope = given(condition, around), given(condition, scope)
    recording = None
    if kind == "play":
        recording = _recording(line, event, found)
        if entries(line.get("with")) and recording is not None:
            at = next(entry.key.span for entry in line.entries if entry.key.text == "with")
            message = "`with` gives nothing to what is played: its fields are those of the recording"
            found.sink.append(diagnose("with-without-event", at, message))
        if emit is None and not line.damaged:
            found.sink.append(
                diagnose("missing-key", _head(line), "a stream entry that plays a recording lacks `emit`")
            )
    filled: Assignments = ()
    if event is not None and emit is not None and kind != "play":
        filled = arguments(line.get("with"), event, emit.span, around, found, doubtful=line.damaged)
    sets: Assignments = ()
    if event is not None or (emit is None and not line.damaged):  # the fields of an unknown event are unknown as well
        sets = assignments(line.get("set"), ("world",), scope if event is not None else around, found)
    lo, hi = small(line.get("every"), declare.gap, (0, 0), found)
    if kind == "at":
        lo = hi = small(line.get("at"), declare.duration, 0, found)
    if kind is None:
        return None
    return StreamEntry(
        kind=kind,
        gap_lo=lo,
        gap_hi=hi,
        when=when,
        recording=recording,
        condition=condition,
        chance=small(line.get("chance"), declare.some_chance, 1.0, found),
        emit=event.name if event is not None else None,
        fields=filled,
        sets=sets,
        span=line.span,
    )


def _head(line: Map) -> Span:
    return line.entries[0].key.span if line.entries and not line.flow else line.span


def emitted(name: Scalar, found: Inventory, by: str) -> EventType | None:
    """The event of the environment that is emitted; None (and a diagnostic) where it is none."""
    if not found.ready(name):
        return None
    event = found.events.get(name.text)
    if event is None or event.actor != "world":
        worldly = [other for other, it in found.events.items() if it.actor == "world"]
        if event is not None:
            who = "the agent" if event.actor in ("agent", "result") else f"`{event.actor}`"
            found.sink.append(
                diagnose(
                    "not-the-worlds",
                    name.span,
                    f"`{name.text}` is what {who} does; {by} emits events declared under `events`",
                )
            )
            return None
        meant = pick(name, worldly, "there is no event {}", "unknown-event", found)
        return found.events[meant] if meant is not None else None
    return event


def _recording(line: Map, event: EventType | None, found: Inventory) -> Recording | None:
    name = scalar(line.get("play"))
    if name is None:
        return None
    entry = next((e for e in found.section("recordings") if e.key.text == name.text), None)
    if entry is None:
        known = [e.key.text for e in found.section("recordings")]
        pick(name, known, "there is no recording {}", "unknown-recording", found)
        return None
    if not isinstance(entry.value, Map) or name.text in found.broken:
        return None
    columns = fields(entry.value.get("fields"), "public", found, ())
    if event is not None:
        _agree(name, columns, event, found)
    rows: list[tuple[int, Mapping[str, Value]]] = []
    for row in items(entry.value.get("rows")):
        if isinstance(row, Map) and (read := _row(row, columns, found)) is not None:
            if rows and read[0] < rows[-1][0]:
                at = row.get("at")
                found.sink.append(
                    diagnose(
                        "rows-out-of-order", at.span if at else row.span, "this row is earlier than the one before it"
                    )
                )
                break
            rows.append(read)
    return Recording(name.text, tuple(rows), entry.key.span)


def _agree(name: Scalar, columns: tuple[EventField, ...], event: EventType, found: Inventory) -> None:
    """The columns of a recording and the fields of the event that it is played as must be the same."""
    want = {field.name: field for field in event.fields}
    have = {column.name: column for column in columns}
    for column in columns:
        field = want.get(column.name)
        if (field is None or not _same(field.type, column.type)) and column.name not in found.broken:
            what = "has no such field" if field is None else "gives that field another type"
            found.sink.append(
                diagnose(
                    "recording-differs",
                    name.span,
                    f"the recording `{name.text}` has the column `{column.name}`, but `{event.name}` {what}",
                    labels=[Label(column.span, "the column"), Label(field.span if field else event.span, "the event")],
                )
            )
            return
    for field in event.fields:
        if field.name not in have and not isinstance(field.type, Optional) and field.name not in found.broken:
            found.sink.append(
                diagnose(
                    "recording-differs",
                    name.span,
                    f"`{event.name}` has the field `{field.name}`, which the recording `{name.text}` does not give",
                    labels=[Label(field.span, "the field")],
                )
            )
            return


def _same(left: Type, right: Type) -> bool:
    if isinstance(left, Enum) and isinstance(right, Enum):
        return set(right.members) <= set(left.members)
    if isinstance(left, Optional):
        return _same(left.inner, right.inner if isinstance(right, Optional) else right)
    return type(left) is type(right)


def _row(row: Map, columns: tuple[EventField, ...], found: Inventory) -> tuple[int, Mapping[str, Value]] | None:
    at = small(row.get("at"), declare.duration, None, found)
    if at is None:
        return None
    known = {column.name: column.type for column in columns}
    values: dict[str, Value] = dict.fromkeys(known)
    for entry in row.entries:
        name = entry.key.text
        if name == "at":
            continue
        if name not in known:
            pick(entry.key, known, "there is no column {}", "unknown-field", found)
            return None
        line = scalar(entry.value)
        if line is None:
            return None
        read = constant(line, known[name], found)
        if read is None:
            return None
        values[name] = read
    for column in columns:
        if row.get(column.name) is None and not isinstance(column.type, Optional):
            found.sink.append(diagnose("missing-argument", _head(row), f"this row lacks `{column.name}`"))
            return None
    return at, values


def constant(line: Scalar, kind: Type, found: Inventory) -> Value:
    """A recorded value, read as its type says; None (and a diagnostic) where it cannot be."""
    match kind:
        case Optional(inner):
            return constant(line, inner, found)
        case Text():
            return line.text
        case Bool():
            return declare.yes_no(line, found.sink)
        case Enum(members) if line.text in members:
            return line.text
        case Number(family="int") if line.text.isdecimal() and len(line.text) < 18:
            return int(line.text)
        case _:
            read = elaborate.value(line, Scope(types=found.types), kind, found.sink)
            return read.expr.value if read is not None and isinstance(read.expr, core.Const) else None

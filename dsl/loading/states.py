"""Pass two for the states of a task: their lines, what entering and leaving does, and where each may go.

What a line means alone is read here; whether its guard can hold and its state be reached is the compiler's. A line has ``when`` or
``after``, or neither: then it is taken as soon as its ``if`` holds, so it must lead away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dramaturg.dsl import core
from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import Inventory, entries, items, pick, scalar, text
from dramaturg.dsl.declarations.states import Written, regions, written
from dramaturg.dsl.diagnostics import Fix, Label, diagnose
from dramaturg.dsl.loading.lines import (
    Assignments,
    arguments,
    assignments,
    at_hand,
    exactly_one,
    given,
    guard,
    small,
    timed,
)
from dramaturg.dsl.loading.world import emitted
from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Action, Emission, Guard, Task, TaskState, Transition
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq

DONE = "done"
"""Stands under ``when`` for: the machine inside this state has ended."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the lines of a task are read in."""

    task: str
    names: tuple[str, ...]
    states: tuple[Written, ...]
    found: Inventory
    scope: Scope


def task(entry: Entry, found: Inventory) -> Task:
    """A task with all its states. A state that is declared twice is reported, and read where it stands first."""
    name = entry.key.text
    first: dict[str, Written] = {}
    for state in written(entry.value):
        other = first.setdefault(state.name, state)
        if other is not state:
            found.sink.append(
                diagnose(
                    "state-twice",
                    state.entry.key.span,
                    f"the task `{name}` has two states named `{state.name}`",
                    labels=[Label(other.entry.key.span, "the other one is here")],
                    notes=["states of one task have different names, however deep they lie, so that `go` can name any"],
                )
            )
    frame = Frame(name, tuple(first), tuple(first.values()), found, found.scope.within(name))
    read = Task(name, tuple(_state(state, frame) for state in first.values()), entry.key.span)
    _places(read, frame)
    start = read.states[0] if read.states else None
    ends = start is not None and start.end in ("good", "bad") and not start.transitions
    if start is not None and ends and len(read.states) > 1:
        found.sink.append(
            diagnose(
                "begins-at-its-end",
                start.span,
                f"the task `{name}` begins in `{start.name}`, which ends it: nothing of it ever happens",
                labels=[Label(read.states[1].span, "does it begin here?")],
                notes=["a task begins in the state that stands first"],
            )
        )
    return read


def _state(state: Written, frame: Frame) -> TaskState:
    found, body = frame.found, state.entry.value
    lines = items(body) if isinstance(body, Seq) else items(body.get("do")) if isinstance(body, Map) else ()
    transitions = tuple(_transitions([line for line in lines if isinstance(line, Map)], state, frame))
    node = body if isinstance(body, Map) else Map((), state.entry.key.span)
    end = text(node.get("end")) or None
    _form(node, state, end, transitions, found)
    return TaskState(
        state.name,
        transitions,
        end,
        text(node.get("if_over")) or None,
        state.entry.key.span,
        state.parent,
        state.region,
        text(node.get("history")) or None,
        _action(node.get("on_entry"), frame),
        _action(node.get("on_exit"), frame),
    )


def _form(node: Map, state: Written, end: str | None, transitions: Sequence[Transition], found: Inventory) -> None:
    """What a state's keys say about each other."""
    keys = {entry.key.text: entry.key.span for entry in node.entries}
    inside = [key for key in ("states", "regions") if key in keys]
    if len(inside) == 2:
        found.sink.append(
            diagnose(
                "either-or",
                keys["regions"],
                "a state has either `states` or `regions`, not both",
                labels=[Label(keys["states"], "the other one is here")],
                notes=["put the machine under `states` into a region of its own"],
            )
        )
    for region, held in regions(state):
        if not entries(held) and region.text not in found.broken:
            found.sink.append(diagnose("no-states", region.span, f"the region `{region.text}` has no states"))
    if inside and end is None and not any(entries(node.get(key)) for key in inside):
        found.sink.append(diagnose("no-states", keys[inside[0]], f"there are no states inside `{state.name}`"))
    if end is not None:
        what = "the machine around it" if end == DONE else "the task"
        going = [transitions[0].span] if transitions else [keys[key] for key in inside]
        if len(transitions) > 1:  # one word against several lines
            going = [keys["end"]]
        if going:
            found.sink.append(
                diagnose(
                    "goes-on-after-end",
                    going[0],
                    f"`{state.name}` ends {what}, so it has no transitions and no states inside",
                    labels=[Label(state.entry.key.span, "this state has an `end`")],
                )
            )
    if end == DONE and not state.parent:
        at = node.get("end")
        found.sink.append(
            diagnose(
                "nothing-to-end",
                at.span if at is not None else state.entry.key.span,
                f"`end: done` ends the machine around `{state.name}`, but it stands at the top of the task",
                notes=["a state at the top ends the whole task: `end: good` or `end: bad`"],
            )
        )
    if "history" in keys and not inside:
        found.sink.append(
            diagnose(
                "nothing-to-resume",
                keys["history"],
                f"`{state.name}` has no states inside of which it could remember one",
            )
        )


def _action(node: Node | None, frame: Frame) -> Action | None:
    if not isinstance(node, Map):
        return None
    sets = _sets(node, frame.scope, frame)
    emit = _emission(node, frame.scope, frame)
    if not entries(node.get("set")) and node.get("emit") is None and not node.damaged:
        frame.found.sink.append(diagnose("no-effect", node.span, "this neither sets anything nor emits an event"))
    return Action(sets, emit, node.span)


def _emission(line: Map, scope: Scope, frame: Frame) -> Emission | None:
    found, name = frame.found, scalar(line.get("emit"))
    if name is None:
        if entries(line.get("with")):
            at = next(entry.key.span for entry in line.entries if entry.key.text == "with")
            message = "`with` gives the fields of an event, but nothing is emitted"
            found.sink.append(diagnose("with-without-event", at, message))
        return None
    event = emitted(name, found, "a task")
    if event is None:
        return None
    return Emission(event.name, arguments(line.get("with"), event, name.span, scope, found, draws=False), name.span)


def _sets(line: Map, scope: Scope, frame: Frame) -> Assignments:
    found = frame.found
    sets = assignments(line.get("set"), ("slot", "world"), scope, found, frame.task)
    for name, _ in sets:
        if found.variables[name].kind == "slot" and not name.startswith(frame.task + "."):
            key = next(e.key for e in entries(line.get("set")) if name.endswith(e.key.text))
            found.sink.append(
                diagnose(
                    "not-settable",
                    key.span,
                    f"`{key.text}` is a slot of another task, which alone changes it",
                    labels=[Label(found.variables[name].span, "declared here")],
                )
            )
    return sets


def _transitions(lines: Sequence[Map], state: Written, frame: Frame) -> Iterator[Transition]:
    otherwise = False
    for line in lines:
        made = _transition(line, state, frame, otherwise)
        if made is not None:
            otherwise |= made.when is None and made.after is None
            yield made


def _transition(line: Map, state: Written, frame: Frame, otherwise: bool) -> Transition | None:
    """One line. ``otherwise``: a line before it is taken as soon as it holds, so this one may say what is done if not."""
    found, scope = frame.found, frame.scope
    if timed(line, "when", "after", found) or _arrow(line, frame):
        return None
    kind = _kind(line, otherwise, found)
    said = len(found.sink)
    completed = _completion(line, state, frame)
    never = completed is not None and len(found.sink) > said
    when = completed or guard(line.get("when"), scope, found)
    inner = at_hand(when, scope)
    # What the line waits for may give fields to read: where that is wrong, what reads them would be blamed for it.
    readable = not never and (when is not None or kind in ("after", "at once") or not (kind == "when" or line.damaged))
    waits = len(found.sink)
    after = small(line.get("after"), declare.duration, None, found)
    readable = readable and len(found.sink) == waits
    condition = guard(line.get("if"), inner, found) if readable else None
    go = scalar(line.get("go"))
    target: str | None = None
    if go is not None:
        if go.text in frame.names:
            target = go.text
        else:
            pick(go, frame.names, "there is no state {}", "unknown-state", found)
    elif not entries(line.get("set")) and line.get("emit") is None and kind in ("when", "after") and not line.damaged:
        at = line.span if line.flow else line.entries[0].key.span
        found.sink.append(diagnose("no-effect", at, "this transition neither goes anywhere nor sets anything"))
    then = given(condition, inner)
    sets = _sets(line, then, frame) if readable else ()
    emit = _emission(line, then, frame) if readable else None
    if kind is None:
        return None
    return Transition(
        when=when,
        condition=condition,
        after=after,
        chance=small(line.get("chance"), declare.some_chance, 1.0, found),
        go=target,
        sets=sets,
        first=small(line.get("first"), declare.yes_no, False, found),
        span=line.span,
        emit=emit,
    )


_ARROW = re.compile(r"\s*(?:->|=>|→|⇒)\s*([^\W\d]\w*)\s*$")


def _arrow(line: Map, frame: Frame) -> bool:
    """Whether a line says with an arrow where it leads, ``when: user.take -> DONE``, which is said."""
    when = scalar(line.get("when"))
    arrow = None if when is None or line.get("go") is not None else _ARROW.search(when.text)
    if when is None or arrow is None or arrow[1] not in frame.names:
        return False
    key = next(entry.key.span for entry in line.entries if entry.key.text == "when")
    between = ", " if line.flow else f"\n{' ' * (key.column - 1)}"
    at = when.part(*arrow.span())
    message = f"where a line leads stands behind `go`: `go: {arrow[1]}`"
    fixes = [Fix(f"write `go: {arrow[1]}`", ((at, f"{between}go: {arrow[1]}"),))] if when.style == "plain" else []
    frame.found.sink.append(diagnose("bad-expression", when.part(*arrow.span(1)), message, fixes=fixes))
    return True


def _kind(line: Map, otherwise: bool, found: Inventory) -> str | None:
    """``when`` | ``after`` | ``at once``; None (and a diagnostic) where the line says several, or too little."""
    keys = {entry.key.text: entry.key for entry in line.entries}
    if "when" in keys or "after" in keys or line.damaged:
        return exactly_one(line, ("when", "after"), "a transition", found)
    if "go" in keys and ("if" in keys or "chance" in keys or otherwise):
        return "at once"
    if "if" in keys and "go" not in keys:
        found.sink.append(
            diagnose(
                "stays-at-once",
                keys["if"].span,
                "a line without `when` is taken as soon as its `if` holds, so it needs a `go`: else it would be taken for ever",
                notes=["`when` acts once, each time the condition becomes true"],
                fixes=[Fix("replace it with `when`", ((keys["if"].span, "when"),))],
            )
        )
        return None
    at = line.entries[0].key.span if line.entries and not line.flow else line.span
    found.sink.append(
        diagnose(
            "either-or",
            at,
            "a transition needs `when` or `after`",
            notes=[
                "without either it is taken at once; then it has an `if` or a `chance`, or stands after a line that has"
            ],
        )
    )
    return None


def _completion(line: Map, state: Written, frame: Frame) -> Guard | None:
    """``when: done``: every region inside the state is at an ``end: done``."""
    node, found = scalar(line.get("when")), frame.found
    if node is None or node.text.strip() != DONE or DONE in found.variables:
        return None
    inside: dict[str, list[str]] = {}
    for other in frame.states:
        if other.parent == state.name:
            ends = inside.setdefault(other.region, [])
            if isinstance(other.entry.value, Map) and text(other.entry.value.get("end")) == DONE:
                ends.append(other.name)
    endless = next((region for region, ends in inside.items() if not ends), None)
    if not inside or endless is not None:
        where = f"the region `{endless}` of `{state.name}`" if endless else f"the machine inside `{state.name}`"
        found.sink.append(
            diagnose(
                "never-done",
                node.span,
                f"{where} has no state with `end: done`"
                if inside
                else f"there is no machine inside `{state.name}` to be done",
                labels=[Label(state.entry.key.span, "the state")],
            )
        )
    machine = f"task.{frame.task}"
    parts = tuple(core.InState(machine, tuple(ends)) for ends in inside.values() if ends)
    return Guard(parts[0] if len(parts) == 1 else core.And(parts), DONE, node.span)


def _places(task: Task, frame: Frame) -> None:
    """Where lines lead: not from one region of a state into another."""
    nesting = Nesting(task)
    for state, line, go in _going(frame) if not nesting.flat else ():
        apart = nesting.apart(state, line)
        if apart is not None:
            frame.found.sink.append(
                diagnose(
                    "other-region",
                    go,
                    f"`{state}` is in the region `{apart.name}`, and `{line}` in another one beside it: a line stays in its region",
                    labels=[Label(nesting.states[line].span, f"`{line}` is here")],
                    notes=["let that region go there by a line of its own, or go to a state around both"],
                )
            )


def _going(frame: Frame) -> Iterator[tuple[str, str, Span]]:
    """(state, target, where the target is written)."""
    for state in frame.states:
        body = state.entry.value
        lines = items(body) if isinstance(body, Seq) else items(body.get("do")) if isinstance(body, Map) else ()
        for line in lines:
            go = scalar(line.get("go")) if isinstance(line, Map) else None
            if isinstance(go, Scalar) and go.text in frame.names:
                yield state.name, go.text, go.span

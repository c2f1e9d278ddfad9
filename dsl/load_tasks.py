"""Pass two for what is at stake: tasks and their states, triggers and their windows, rules and checks."""

from __future__ import annotations

from dramaturg.dsl import core, declare, elaborate
from dramaturg.dsl.diagnostics import Label, diagnose
from dramaturg.dsl.inventory import Inventory, entries, items, pick, scalar, text
from dramaturg.dsl.lines import assignments, at_hand, exactly_one, given, guard, pattern, small
from dramaturg.dsl.scenario import Check, Guard, Rule, Task, TaskState, Transition, Trigger
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq


def tasks(found: Inventory) -> tuple[Task, ...]:
    section = found.section("tasks")
    if not section and "tasks" not in found.broken:
        named = found.tree.get("scenario")
        at = next((e.key.span for e in found.tree.entries if e.key.text == "tasks"), None)
        found.sink.append(
            diagnose(
                "no-task",
                at or (named.span if named is not None else found.tree.span),
                "the scenario has no task",
                notes=["`tasks:` says what the agent is to get done; without one no episode ends well or badly"],
            )
        )
    return tuple(_task(entry, found) for entry in section if isinstance(entry.value, Map))


def _task(entry: Entry, found: Inventory) -> Task:
    name, states = entry.key.text, [e for e in entries(entry.value) if e.key.text != "slots"]
    return Task(
        name, tuple(_state(state, name, [s.key.text for s in states], found) for state in states), entry.key.span
    )


def _state(entry: Entry, task: str, names: list[str], found: Inventory) -> TaskState:
    body = entry.value
    lines = items(body) if isinstance(body, Seq) else items(body.get("do")) if isinstance(body, Map) else ()
    transitions = tuple(
        made for line in lines if isinstance(line, Map) and (made := _transition(line, task, names, found)) is not None
    )
    node = body if isinstance(body, Map) else None
    end = text(node.get("end")) or None if node is not None else None
    if_over = text(node.get("if_over")) or None if node is not None else None
    if end is not None and transitions:
        found.sink.append(
            diagnose(
                "goes-on-after-end",
                transitions[0].span,
                f"`{entry.key.text}` ends the task, so it has no transitions",
                labels=[Label(entry.key.span, "this state has an `end`")],
            )
        )
    return TaskState(entry.key.text, transitions, end, if_over, entry.key.span)


def _transition(line: Map, task: str, names: list[str], found: Inventory) -> Transition | None:
    scope = found.scope.within(task)
    kind = exactly_one(line, ("when", "after"), "a transition", found)
    when = guard(line.get("when"), scope, found)
    inner = at_hand(when, scope)
    go = scalar(line.get("go"))
    target: str | None = None
    if go is not None:
        if go.text in names:
            target = go.text
        else:
            pick(go, names, "there is no state {}", "unknown-state", found)
    elif not entries(line.get("set")) and kind is not None and not line.damaged:
        at = line.span if line.flow else line.entries[0].key.span
        found.sink.append(diagnose("no-effect", at, "this transition neither goes anywhere nor sets anything"))
    # What the line waits for may give fields to read: where that is wrong, what reads them would be blamed for it.
    readable = when is not None or kind == "after" or not (kind == "when" or line.damaged)
    condition = guard(line.get("if"), inner, found) if readable else None
    sets = assignments(line.get("set"), ("slot", "world"), given(condition, inner), found, task) if readable else ()
    for name, _ in sets:
        if found.variables[name].kind == "slot" and not name.startswith(task + "."):
            key = next(e.key for e in entries(line.get("set")) if name.endswith(e.key.text))
            found.sink.append(
                diagnose(
                    "not-settable",
                    key.span,
                    f"`{key.text}` is a slot of another task, which alone changes it",
                    labels=[Label(found.variables[name].span, "declared here")],
                )
            )
    if kind is None:
        return None
    return Transition(
        when=when,
        condition=condition,
        after=small(line.get("after"), declare.duration, None, found),
        chance=small(line.get("chance"), declare.chance, 1.0, found),
        go=target,
        sets=sets,
        first=small(line.get("first"), declare.yes_no, False, found),
        span=line.span,
    )


def triggers(found: Inventory) -> tuple[Trigger, ...]:
    return tuple(t for entry in found.section("triggers") if (t := _trigger(entry, found)) is not None)


def _trigger(entry: Entry, found: Inventory) -> Trigger | None:
    body = entry.value
    if not isinstance(body, Map):
        return None
    scope = found.scope
    when = guard(body.get("when"), scope, found)
    until = guard(body.get("until"), scope, found)
    within = small(body.get("within"), declare.wait, None, found)
    inner = at_hand(when, scope)
    expect = _acts(body.get("expect"), inner, found)
    allow = _acts(body.get("allow"), inner, found)
    otherwise = _acts(body.get("otherwise"), scope, found)
    again = small(body.get("again"), declare.yes_no, False, found)
    if body.get("until") is None and body.get("within") is None and body.get("when") is not None:
        found.sink.append(
            diagnose(
                "endless-window",
                entry.key.span,
                f"the window of `{entry.key.text}` never closes, so its act is never late",
                notes=["say how long it stays open: `within: 30m` or `within: 2 turns`, or `until:` a condition"],
            )
        )
    if when is None:
        return None
    return Trigger(
        name=entry.key.text,
        when=when,
        until=until,
        within=within,
        expect=expect,
        otherwise=_bare(otherwise, found),
        allow=allow,
        again=again,
        recorded=text(body.get("labels")) == "recorded",
        span=entry.key.span,
    )


def _acts(node: Node | None, scope: Scope, found: Inventory) -> Guard | None:
    """A pattern that speaks of acts of the agent, and of nothing else."""
    read = pattern(node, scope, found)
    if read is None:
        return None
    for part in core.walk(read.expr):
        if isinstance(part, core.Happened):
            for name in part.events:
                if not name.startswith("agent."):
                    found.sink.append(
                        diagnose(
                            "not-an-act",
                            read.span,
                            f"`{name}` is not an act of the agent, and only the agent can be expected to act",
                        )
                    )
                    return None
    return read


def _bare(read: Guard | None, found: Inventory) -> str | None:
    match read:
        case None:
            return None
        case Guard(core.Happened((name,), None)):
            return name
        case _:
            found.sink.append(
                diagnose("not-an-act", read.span, "`otherwise` takes one act, without conditions on its arguments")
            )
            return None


def rules(found: Inventory) -> tuple[Rule, ...]:
    out = []
    for entry in found.section("rules"):
        line = scalar(entry.value)
        if line is not None and found.ready(line):
            claim = elaborate.rule(line, found.scope, found.sink)
            if claim is not None:
                out.append(Rule(entry.key.text, claim.kind, claim.left, entry.key.span))
    return tuple(out)


def checks(found: Inventory) -> tuple[Check, ...]:
    out = []
    for entry in found.section("check"):
        line = scalar(entry.value)
        if line is not None and found.ready(line):
            claim = elaborate.check(line, found.scope, found.sink)
            if claim is not None:
                out.append(
                    Check(
                        entry.key.text, claim.kind, claim.left, claim.right, claim.deadline, _flat(line), entry.key.span
                    )
                )
    return tuple(out)


def _flat(line: Scalar) -> str:
    return " ".join(line.text.split())

"""Pass two for what is at stake: tasks (``loading.states`` reads their states), triggers and their windows, rules and checks."""

from __future__ import annotations

from dramaturg.dsl import core
from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import Inventory, entries, scalar, text
from dramaturg.dsl.diagnostics import Fix, diagnose
from dramaturg.dsl.elaboration import elaborate
from dramaturg.dsl.loading.lines import at_hand, guard, pattern, small, timed
from dramaturg.dsl.loading.states import task
from dramaturg.dsl.scenario import Check, Guard, Rule, Task, Trigger
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.tree import Entry, Map, Node, Scalar


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
    return tuple(task(entry, found) for entry in section if isinstance(entry.value, Map))


def triggers(found: Inventory) -> tuple[Trigger, ...]:
    return tuple(t for entry in found.section("triggers") if (t := _trigger(entry, found)) is not None)


def _trigger(entry: Entry, found: Inventory) -> Trigger | None:
    body = entry.value
    if not isinstance(body, Map):
        return None
    scope = found.scope
    when = guard(body.get("when"), scope, found)
    until = None if timed(body, "until", "within", found) else guard(body.get("until"), scope, found)
    within = small(body.get("within"), declare.wait, None, found)
    inner = at_hand(when, scope)
    expect = _acts(body.get("expect"), inner, found)
    allow = _acts(body.get("allow"), inner, found)
    otherwise = None if _silence(body.get("otherwise"), found) else _acts(body.get("otherwise"), scope, found)
    again = small(body.get("again"), declare.yes_no, False, found)
    endless = body.get("until") is None and body.get("within") is None and body.get("when") is not None
    if endless and not body.damaged:
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
                            notes=[f"its acts are {listed}"] if (listed := _listed_acts(scope)) else [],
                        )
                    )
                    return None
    return read


def _listed_acts(scope: Scope) -> str:
    """Some acts of the agent, as they are written."""
    return ", ".join(f"`{event}`" for event in [it for it in scope.events if it.startswith("agent.")][:6])


SILENCE = ("silent", "silence", "quiet", "nothing", "none", "no", "wait", "ignore")
"""What people write for saying nothing."""


def _silence(node: Node | None, found: Inventory) -> bool:
    """Whether ``otherwise`` says in plain words that the agent is silent; then the silent act is what was meant."""
    if not isinstance(node, Scalar) or node.text.strip().removeprefix("agent.").removeprefix("keep ") not in SILENCE:
        return False
    if f"agent.{node.text.strip().removeprefix('agent.')}" in found.events:
        return False
    agent = found.tree.get("agent")
    acts = entries(agent.get("acts")) if isinstance(agent, Map) else ()
    silent = [e.key.text for e in acts if isinstance(e.value, Map) and text(e.value.get("kind")) == "silent"]
    meant = f"agent.{silent[0]}" if silent else "agent.keep_silent"
    message = f"nothing is named `{node.text.strip()}` here; the act of being silent is `{meant}`"
    fix = Fix(f"write `{meant}`", ((node.span, meant),), safe=len(silent) < 2)
    found.sink.append(diagnose("unknown-name", node.span, message, fixes=[fix]))
    return True


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

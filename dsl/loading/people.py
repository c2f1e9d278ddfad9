"""Pass two for those who act: the agent and its acts, the cast with their replies and moods, and concerns."""

from __future__ import annotations

import re
from fractions import Fraction

from dramaturg.dsl import core
from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import Inventory, entries, items, pick, resolve, scalar, text
from dramaturg.dsl.diagnostics import Fix, Label, diagnose
from dramaturg.dsl.expressions.spelling import western
from dramaturg.dsl.format.refit import without_entry, without_item
from dramaturg.dsl.format.shapes import CONCERN
from dramaturg.dsl.loading import personas
from dramaturg.dsl.loading.lines import (
    assignments,
    at_hand,
    exactly_one,
    given,
    guard,
    made,
    pattern,
    small,
    ties,
    told,
    whole,
    whose,
)
from dramaturg.dsl.scenario import Act, Agent, Concern, Feel, Guard, Person, Reply
from dramaturg.dsl.spans import NOWHERE
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq
from dramaturg.dsl.types import Value

WAKE_UPS = ("result", "reminder", "update")


def agent(found: Inventory) -> Agent:
    node = found.tree.get("agent")
    if not isinstance(node, Map):
        return Agent()
    acts = tuple(_act(entry, found) for entry in entries(node.get("acts")) if isinstance(entry.value, Map))
    if not acts:
        at = next((e.key.span for e in found.tree.entries if e.key.text == "agent"), node.span)
        found.sink.append(
            diagnose(
                "no-acts", at, "the agent has no acts", notes=["declare some under `acts`, or use a module of acts"]
            )
        )
    if acts and all(act.kind != "silent" for act in acts):
        acts = (*acts, Act("keep_silent", "silent", span=NOWHERE))
    return Agent(
        opens=small(node.get("opens"), declare.yes_no, False, found),
        wakes=_wakes(node.get("wakes"), found),
        per_turn=_limit(node.get("per_turn"), found),
        acts=acts,
        role=text(node.get("role")),
        span=next(e.key.span for e in found.tree.entries if e.key.text == "agent"),
    )


def _left_out(body: Map, key: str) -> list[Fix]:
    number = next(number for number, entry in enumerate(body.entries) if entry.key.text == key)
    return without_entry(body.entries, number, body.flow, f"leave `{key}` out", safe=False)


def _act(entry: Entry, found: Inventory) -> Act:
    body = entry.value
    assert isinstance(body, Map)
    kind, name = text(body.get("kind")), entry.key.text
    staged = small(body.get("staged"), declare.yes_no, False, found)
    takes = small(body.get("takes"), declare.duration, 0, found)
    for key in ("takes", "returns", "staged"):
        said = next((e.key for e in body.entries if e.key.text == key), None)
        if said is not None and kind in ("says", "silent"):
            found.sink.append(
                diagnose(
                    "not-for-this-kind",
                    said.span,
                    f"`{key}` is for acts that are done; `{name}` is of kind {kind}",
                    fixes=_left_out(body, key),
                )
            )
    if kind == "silent" and entries(body.get("with")):
        at = next(e.key.span for e in body.entries if e.key.text == "with")
        found.sink.append(
            diagnose(
                "not-for-this-kind",
                at,
                f"silence has no arguments; `{name}` is of kind silent",
                fixes=_left_out(body, "with"),
            )
        )
    returns = []
    for item in items(body.get("returns")):
        if isinstance(item, Scalar) and found.ready(item):
            quiet = Inventory(found.tree, [], found.broken, variables=found.variables)
            variable = resolve(item, quiet)
            if variable is not None and variable.kind == "slot":
                found.sink.append(
                    diagnose(
                        "not-returnable",
                        item.span,
                        f"`{item.text}` is a slot of a task; a result carries world variables and parameters",
                        labels=[Label(variable.span, "declared here")],
                    )
                )
            elif variable is not None:  # what is wrong with it was said in pass one
                returns.append(variable.name)
    event = found.events.get(f"agent.{name}")
    return Act(
        name=name,
        kind=kind or "says",
        fields=event.fields if event is not None else (),
        proactive=small(body.get("proactive"), declare.yes_no, False, found),
        returns=tuple(returns),
        takes=takes,
        staged=staged,
        about=text(body.get("about")),
        span=entry.key.span,
    )


def _wakes(node: Node | None, found: Inventory) -> tuple[str, ...]:
    if node is None:
        return tuple(found.persons)
    known = [*found.persons, *WAKE_UPS, *(name for name, event in found.events.items() if event.actor != "agent")]
    out: list[str] = []
    for item in items(node):
        if not isinstance(item, Scalar) or not found.ready(item):
            continue
        if item.text not in known:
            pick(item, known, "there is no wake-up {}", "unknown-event", found)
        elif item.text not in out:
            out.append(item.text)
        else:
            first = next(one for one in items(node) if isinstance(one, Scalar) and one.text == item.text)
            found.sink.append(
                diagnose(
                    "listed-twice",
                    item.span,
                    f"`{item.text}` wakes the agent already",
                    labels=[Label(first.span, "it stands here")],
                    fixes=_once(node, item),
                )
            )
    return tuple(out)


def _once(node: Node, item: Scalar) -> list[Fix]:
    if not isinstance(node, Seq):
        return []
    number = next(number for number, one in enumerate(node.items) if one is item)
    return without_item(node.items, number, node.flow, "name it once", safe=False)


def _as_limit(line: Scalar) -> list[Fix]:
    number = re.search(r"[1-9][0-9]?", line.text)
    if number is None or len(re.findall(r"\d+", line.text)) > 1:
        return []
    limit = f"up to {number[0]} act{'' if number[0] == '1' else 's'}"
    return [Fix(f"write `{limit}`", ((line.span, limit),))]


def _limit(node: Node | None, found: Inventory) -> int:
    line = scalar(node)
    if line is None:
        return 1
    line = western(line, found.sink)
    match = re.fullmatch(r"up to ([1-9][0-9]?) acts?|1 act|one act", line.text.strip())
    if match is None:
        found.sink.append(
            diagnose(
                "bad-limit",
                line.span,
                f"`{line.text}` does not say how many acts a turn may hold; write `up to 3 acts`",
                fixes=_as_limit(line),
            )
        )
        return 1
    return int(match.group(1) or 1)


def cast(found: Inventory) -> tuple[Person, ...]:
    return tuple(_person(name, body, found) for name, body in found.people() if name.text in found.persons)


def _person(name: Scalar, body: Map, found: Inventory) -> Person:
    scope = found.scope.within(name.text)
    moves = tuple(
        full for full, event in found.events.items() if event.actor == name.text and not full.endswith(".voice")
    )
    return Person(
        name=name.text,
        role=found.persons[name.text],
        persona=found.personas.get(name.text),
        needs=text(body.get("needs")),
        moves=moves,
        opens=made(body.get("opens"), name.text, scope, found),
        replies=tuple(r for line in items(body.get("replies")) if (r := _reply(line, name.text, found)) is not None),
        feels=tuple(f for line in items(body.get("feels")) if (f := _feel(line, name.text, found)) is not None),
        span=name.span,
    )


def _reply(line: Node, person: str, found: Inventory) -> Reply | None:
    if not isinstance(line, Map):
        return None
    scope = found.scope.within(person)
    to = pattern(line.get("to"), scope, found)
    inner = at_hand(to, scope)
    condition = guard(line.get("if"), inner, found)
    chance = small(line.get("chance"), declare.some_chance, 1.0, found)
    # Where `to` is wrong its fields are unknown, and what reads them would be blamed for it.
    readable = to is not None
    do = made(line, person, given(condition, inner), found) if readable else None
    if to is None:
        return None
    return Reply(to, condition, chance, do, line.span)


def _feel(line: Node, person: str, found: Inventory) -> Feel | None:
    if not isinstance(line, Map):
        return None
    key = exactly_one(line, ("to", "when"), "a feeling", found)
    if key is None:
        return None
    scope = found.scope.within(person)
    when = pattern(line.get("to"), scope, found) if key == "to" else guard(line.get("when"), scope, found)
    if when is None:
        return None
    inner = at_hand(when, scope)
    condition = guard(line.get("if"), inner, found)
    sets = assignments(line.get("set"), ("stance",), given(condition, inner), found, person)
    if condition is not None:
        both = core.And((when.expr, condition.expr))
        when = Guard(both, f"{when.text} and ({condition.text})", when.span)
    return Feel(when, sets, line.span)


def concerns(found: Inventory) -> tuple[Concern, ...]:
    out = tuple(c for entry in found.section("concerns") if (c := _concern(entry, found)) is not None)
    personas.tangled(out, found)
    return out


def _concern(entry: Entry, found: Inventory) -> Concern | None:
    body = entry.value
    if not isinstance(body, Map):
        return None
    person = whose(body, found)
    if person is None:
        return None
    scope = found.scope.within(person)
    known = {key.name for key in CONCERN.keys}
    constants: dict[str, Value] = {e.key.text: text(e.value) for e in body.entries if e.key.text not in known}
    waits = small(body.get("lasts"), declare.wait, None, found)
    if waits is not None and waits.turns is None:
        lasts = body.get("lasts")
        assert lasts is not None
        found.sink.append(diagnose("not-turns", lasts.span, "a concern lasts a number of turns, such as `3 turns`"))
    if body.get("as") is None and entries(body.get("with")) and not body.damaged:
        at = next(entry.key.span for entry in body.entries if entry.key.text == "with")
        message = "`with` gives the fields of a move, but no move is named under `as`"
        found.sink.append(diagnose("with-without-event", at, message))
    needs, name = ties(body.get("needs"), "concerns", "concern", found), entry.key.text
    hardens = guard(body.get("hardens"), scope, found)
    chance = small(body.get("likely"), declare.chance, None, found)
    return Concern(
        name=name,
        person=person,
        story=text(body.get("story")),
        says=text(body.get("says")),
        weight=small(body.get("weight"), whole(0), 1, found),
        surfaces=personas.after(guard(body.get("surfaces"), scope, found), needs),
        eased=guard(body.get("eased"), scope, found),
        hardens=personas.after(hardens, needs, besides=name),
        voiced_as=told(body, person, scope, found),
        lasts=waits.turns if waits is not None else None,
        fields=constants,
        drawn=name in found.drawn,
        likely=None if chance is None else Fraction(round(chance * 10_000), 10_000),
        needs=needs,
        excludes=ties(body.get("excludes"), "concerns", "concern", found),
        span=entry.key.span,
    )

"""Pass two for shifts: how a person's intent moves, again and again, one after the other, and against what she said before.

A shift that waits for others (``after``, ``undoes``) does so by its own guard, so nothing downstream needs to know. What it takes
back (``undoes``, ``instead_of``) no longer stands once it is told: that is a step of the compiled graph.
"""

from __future__ import annotations

from dramaturg.dsl import core
from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import Inventory, scalar, text
from dramaturg.dsl.diagnostics import Label, diagnose
from dramaturg.dsl.loading.circles import circles, link
from dramaturg.dsl.loading.lines import at_hand, guard, small, ties, told, whole, whose
from dramaturg.dsl.scenario import Guard, Shift, Tie
from dramaturg.dsl.tree import Entry, Map


def shifts(found: Inventory) -> tuple[Shift, ...]:
    out = tuple(s for entry in found.section("shifts") if (s := _shift(entry, found)) is not None)
    waits = {shift.name: (*shift.after, *shift.undoes) for shift in out}
    known = {shift.name: shift for shift in out}
    for circle in circles(waits):
        path = " waits for ".join(f"`{name}`" for name in (*circle, circle[0]))
        labels = [Label(known[name].span, f"`{name}`") for name in circle[1:]]
        message = f"{path}: none of them can ever happen"
        found.sink.append(diagnose("shifts-in-circle", link(circle, waits).span, message, labels=labels))
    for shift in out:
        for tie in shift.instead_of:
            if tie.name == shift.name:
                message = f"`{shift.name}` cannot be told instead of itself"
                found.sink.append(diagnose("shifts-in-circle", tie.span, message))
    return out


def _shift(entry: Entry, found: Inventory) -> Shift | None:
    body = entry.value
    if not isinstance(body, Map):
        return None
    person = whose(body, found)
    named = scalar(body.get("as"))
    if body.get("of") is None and named is not None:
        person = next((name for name in found.persons if named.text.startswith(name + ".")), person)
    if person is None:
        return None
    scope = found.scope.within(person)
    when = guard(body.get("when"), scope, found)
    move = told(body, person, at_hand(when, scope) if when is not None else scope, found)
    chance = small(body.get("chance"), declare.some_chance, 1.0, found)
    times = small(body.get("times"), whole(1), 1, found)
    after, undoes, instead = (
        ties(body.get(key), "shifts", "shift", found) for key in ("after", "undoes", "instead_of")
    )
    if when is None:
        return None
    return Shift(
        name=entry.key.text,
        person=person,
        when=_once_so(when, after, undoes, found),
        chance=chance,
        times=times,
        move=move,
        says=text(body.get("says")),
        span=entry.key.span,
        after=after,
        undoes=undoes,
        instead_of=instead,
    )


def _once_so(when: Guard, after: tuple[Tie, ...], undoes: tuple[Tie, ...], found: Inventory) -> Guard:
    """The guard, once what it comes after has happened and while what it undoes stands."""
    if not after and not undoes:
        return when

    def happened(name: str) -> core.Expr:
        machine = f"shift.{name}"
        return core.InState(machine, tuple(state for state in found.machines[machine] if state != "waiting"))

    waits = [happened(tie.name) for tie in after] + [core.InState(f"shift.{tie.name}", ("done",)) for tie in undoes]
    said = " and ".join([*(f"after {tie.name}" for tie in after), *(f"while {tie.name} stands" for tie in undoes)])
    return Guard(core.And((when.expr, *waits)), f"{when.text}, {said}", when.span)

"""Pass two for personas: what is written between the parts of a person.

Which concerns one person has and how many, what a concern needs and excludes, and the constraints that hold of every person.
Only what each line says by itself is judged here; whether anybody is left whom all lines allow is counted by the compiler
(``compiler.persons``).
"""

from __future__ import annotations

import re

from dramaturg.dsl import core
from dramaturg.dsl.declarations.inventory import Inventory, items, scalar
from dramaturg.dsl.declarations.personas import CONCERNS, possible
from dramaturg.dsl.diagnostics import Fix, Label, diagnose
from dramaturg.dsl.elaboration import elaborate
from dramaturg.dsl.loading.circles import circles, link
from dramaturg.dsl.loading.lines import ties
from dramaturg.dsl.scenario import Concern, Draw, Guard, Tie, Variable
from dramaturg.dsl.scope import ABSENT
from dramaturg.dsl.spans import NOWHERE
from dramaturg.dsl.types import Enum, SetOf

OUT = ("voiced", "eased", "hardened")
"""The states of a concern that is out."""
_FROM_TO = re.compile(r"\s*(\d{1,4})\s*(?:-|–|to|or)\s*(\d{1,4})\s*")
_COUNT = re.compile(r"\s*(\d{1,4})(?:\s*\.\.\s*(\d{1,4}))?\s*")


def draws(found: Inventory, concerns: tuple[Concern, ...]) -> tuple[Draw, ...]:
    """How many concerns each person has."""
    return tuple(draw for person in found.characters if (draw := _draw(person, found, concerns)) is not None)


def _draw(person: str, found: Inventory, concerns: tuple[Concern, ...]) -> Draw | None:
    persona = found.characters[person]
    bank, whose = (
        ties(possible(persona, "from"), "concerns", "concern", found),
        {concern.name: concern for concern in concerns},
    )
    for tie in bank:
        other = whose.get(tie.name)
        if other is not None and other.person != person:
            message = f"`{tie.name}` is a concern of `{other.person}`, and this is the persona of `{person}`"
            found.sink.append(diagnose("bad-draw", tie.span, message, labels=[Label(other.span, "declared here")]))
            return None
    names = tuple(dict.fromkeys(tie.name for tie in bank))
    line = scalar(possible(persona, "draw"))
    if line is None or not names:
        return None
    match = _COUNT.fullmatch(line.text)
    if match is None:
        message = f"`{line.text}` does not say how many; write a number, or a range such as `1..2`"
        ends = _FROM_TO.fullmatch(line.text)
        fixes = [Fix(f"write `{ends[1]}..{ends[2]}`", ((line.span, f"{ends[1]}..{ends[2]}"),))] if ends else []
        found.sink.append(diagnose("bad-draw", line.span, message, fixes=fixes))
        return None
    least, most = int(match[1]), int(match[2] or match[1])
    if least > most or most > len(names):
        message = (
            f"{least} is more than {most}; write the smaller number first"
            if least > most
            else f"{most} concerns cannot be drawn from {len(names)}"
        )
        turned = f"{most}..{least}"
        fixes = [Fix(f"write `{turned}`", ((line.part(0, len(line.text)), turned),))] if least > most and most else []
        found.sink.append(diagnose("bad-draw", line.span, message, fixes=fixes))
        return None
    return Draw(person, names, least, most, line.span)


def constraints(found: Inventory) -> tuple[Guard, ...]:
    """What holds of every person."""
    out = []
    for persona in found.characters.values():
        for item in items(persona.get("constraints")):
            line = scalar(item)
            if line is None or not found.ready(line):
                continue
            guard = elaborate.guard(line, found.scope.within("persona"), found.sink)
            if guard is not None and _of_a_person(guard, found):
                out.append(guard)
    return tuple(out)


def _of_a_person(guard: Guard, found: Inventory) -> bool:
    """Whether a constraint speaks of who somebody is; said where it speaks of what happens."""
    for part in core.walk(guard.expr):
        match part:
            case core.Var(name) if found.variables[name].kind not in ("parameter", "trait"):
                wrong = f"`{name}`, which changes while people talk"
            case core.InState(machine, states) if not machine.startswith("concern.") or set(states) != {ABSENT}:
                wrong = f"the state of `{machine.partition('.')[2]}`; of a concern it may ask whether it `is {ABSENT}`"
            case (
                core.Const()
                | core.Var()
                | core.InState()
                | core.Arith()
                | core.Compare()
                | core.Member()
                | core.Known()
                | core.Not()
                | core.And()
                | core.Or()
            ):
                continue
            case _:
                wrong = "what happens in an episode"
        found.sink.append(
            diagnose(
                "not-about-people",
                guard.span,
                f"a constraint says who somebody is, and this speaks of {wrong}",
                notes=["it may speak of traits, of parameters, and of concerns that are drawn"],
            )
        )
        return False
    return True


def after(guard: Guard | None, needs: tuple[Tie, ...], besides: str = "") -> Guard | None:
    """The guard once all these are out; in the state ``besides`` (of the concern ``CONCERN: STATE``) it does not need that."""
    if guard is None or not needs:
        return guard
    out: core.Expr = core.And(tuple(core.InState(f"concern.{tie.name}", OUT) for tie in needs))
    if besides:
        out = core.Or((core.InState(f"concern.{besides}", ("voiced",)), out))
    names = " and ".join(tie.name for tie in needs)
    return Guard(core.And((guard.expr, out)), f"{guard.text}, once {names} is out", guard.span)


def tangled(concerns: tuple[Concern, ...], found: Inventory) -> None:
    """Say which ties between concerns cannot be kept."""
    known = {concern.name: concern for concern in concerns}
    for concern in (
        concerns if found.drawn <= set(known) else ()
    ):  # a name in a draw that is no concern's was meant to be one
        for tie in concern.needs:
            other = known.get(tie.name)
            if other is not None and other.drawn and not concern.drawn:
                message = f"everybody has `{concern.name}`, which needs `{tie.name}`, and not everybody has that"
                labels = [Label(other.span, "only some people have this one")]
                found.sink.append(diagnose("not-drawn", tie.span, message, labels=labels))
        for tie in concern.excludes:
            other = known.get(tie.name)
            steady = next((c for c in (concern, other) if c is not None and not c.drawn), None)
            if other is not None and steady is not None:
                message = f"everybody has `{steady.name}`, so nobody can be without it"
                note = "draw it, with `likely` or from a persona's `concerns`, or leave the exclusion out"
                found.sink.append(diagnose("not-drawn", tie.span, message, notes=[note]))
    needs = {concern.name: concern.needs for concern in concerns}
    in_circle = False
    for circle in circles(needs):
        in_circle = True
        path = " needs ".join(f"`{name}`" for name in (*circle, circle[0]))
        labels = [Label(known[name].span, f"`{name}`") for name in circle[1:]]
        message = f"{path}: none of them can ever come out"
        found.sink.append(diagnose("needs-in-circle", link(circle, needs).span, message, labels=labels))
    if not in_circle:
        for concern in concerns:
            _at_odds(concern, known, found)


def _at_odds(concern: Concern, known: dict[str, Concern], found: Inventory) -> None:
    """A concern together with all that it needs, where two of them exclude each other."""
    company, ways = [concern.name], {concern.name: concern.span}
    for name in company:
        for tie in known[name].needs:
            if tie.name in known and tie.name not in ways:
                ways[tie.name] = tie.span
                company.append(tie.name)
    if len(company) == 1:
        return
    for name in company:
        for tie in known[name].excludes:
            if tie.name in ways:
                message = f"nobody can have `{concern.name}`: it needs what excludes `{tie.name}`"
                if concern.name in (name, tie.name):
                    other = name if tie.name == concern.name else tie.name
                    message = f"nobody can have `{concern.name}`: it needs `{other}`, and the two exclude each other"
                labels = [Label(ways[other], "needed here") for other in (name, tie.name) if other != concern.name]
                found.sink.append(diagnose("needs-excluded", tie.span, message, labels=labels))
                return


def variable(concerns: tuple[Concern, ...]) -> Variable | None:
    """The set of concerns that a person has, as a part of the binding; None where all are everybody's. No expression names it."""
    drawn = tuple(concern.name for concern in concerns if concern.drawn)
    return Variable(CONCERNS, SetOf(Enum(drawn)), "concerns", None, "teacher", NOWHERE) if drawn else None

"""Personas, pass one of the loader: who people are, in three layers, each entered with its names and how often it occurs.

The first layer is the background, a text or several to draw from; the second the observable traits, each fixed or varying from
person to person, evenly or as ``likely`` says; the third which concerns of the bank a person has. Pass two reads what is
written *between* these (``loading.personas``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from dramaturg.dsl import core
from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import Inventory, entries, listed, pick, scalar, text
from dramaturg.dsl.diagnostics import Fix, Label, diagnose
from dramaturg.dsl.elaboration import elaborate
from dramaturg.dsl.elaboration.kinds import bare, domain, finite
from dramaturg.dsl.scenario import Persona, Variable
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar
from dramaturg.dsl.types import Enum, Number, Text, Type, Value

Likely = tuple[tuple[Value, Fraction], ...]
BACKGROUND, CONCERNS = "persona.background", "persona.concerns"
_SHARE = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(%?)\s*")
_RANGE = re.compile(r"(.*?\S)\s*\.\.\s*(\S.*)")


def enter(found: Inventory) -> None:
    """Enter every persona that somebody is, with its traits, and say which concerns are drawn."""
    bank = {entry.key.text: entry for entry in found.section("personas")}
    holder: str | None = None
    for name, body in found.people():
        given = body.get("persona")
        if given is None:
            if body.damaged:  # there may have been one: what its traits were called is not known
                found.broken.add("persona")
            continue
        if isinstance(given, Scalar):
            entry = bank.get(given.text)
            if entry is None:
                pick(given, bank, "there is no persona {}", "unknown-persona", found)
                found.broken.add("persona")
                continue
            label, place, persona = given.text, entry.key.span, entry.value
        else:
            label, place, persona = name.text, name.span, given
        if not isinstance(persona, Map):
            continue
        traits, background = entries(persona.get("traits")), persona.get("background")
        if persona.damaged:
            found.broken.add("persona")
        if traits or isinstance(background, Map):
            if holder is not None and holder != name.text:
                found.sink.append(
                    diagnose(
                        "two-personas",
                        given.span,
                        f"only one person's persona may have traits, and `{holder}`'s has some already",
                    )
                )
                continue
            holder = name.text
        several = _backgrounds(persona, background, found) if isinstance(background, Map) else {}
        values = {entry.key.text: value for entry in traits if (value := _trait(entry, found)) is not None}
        varies = tuple(e.key.text for e in traits if f"persona.{e.key.text}" in found.variables)
        kinds = {trait: found.constants[f"persona.{trait}"][0] for trait in values}
        found.personas[name.text] = Persona(label, text(background), values, several, place, varies, kinds)
        found.characters[name.text] = persona
        found.drawn |= set(listed(possible(persona, "from")))
    found.drawn |= {
        entry.key.text
        for entry in found.section("concerns")
        if isinstance(entry.value, Map) and entry.value.get("likely") is not None
    }


def possible(persona: Map, key: str) -> Node | None:
    """What is written under a key of a persona's ``concerns``."""
    concerns = persona.get("concerns")
    return concerns.get(key) if isinstance(concerns, Map) else None


def _trait(entry: Entry, found: Inventory) -> Value:
    """Declare a trait; its value where that is fixed, None where it varies from person to person."""
    name, body = entry.key.text, entry.value
    full = f"persona.{name}"
    line = scalar(body.get("type")) if isinstance(body, Map) else scalar(body)
    if line is None:
        return None
    if full in (BACKGROUND, CONCERNS):
        found.sink.append(diagnose("reserved-word", entry.key.span, f"a trait cannot be named `{name}`: it is a layer"))
        return None
    if line.style != "plain" and not isinstance(body, Map):
        # A quoted text is the trait itself: `greeting: "Excuse me,"` is short for `greeting: text = "Excuse me,"`.
        found.constants[full] = (Text(), line.text)
        found.places[full] = entry.key.span
        return line.text
    declared = declare.declaration(line, found.types, found.sink)
    if declared is None:
        found.broken.add(name)
        return None
    found.places[full] = entry.key.span
    shares = body.get("likely") if isinstance(body, Map) else None
    if declared.start is not None:
        if isinstance(shares, Map) and shares.entries:
            found.sink.append(
                diagnose(
                    "bad-shares",
                    shares.entries[0].key.span,
                    f"the trait `{name}` has a start, so it does not vary and nothing about it is more or less likely",
                    labels=[Label(declared.start.span, "it is always this")],
                )
            )
        guard = elaborate.value(declared.start, Scope(types=found.types), declared.type, found.sink)
        constant = guard.expr.value if guard is not None and isinstance(guard.expr, core.Const) else None
        if constant is None:
            found.broken.add(name)
            return None
        found.constants[full] = (declared.type, constant)
        return constant
    if not finite(declared.type):
        found.sink.append(
            diagnose(
                "endless-parameter",
                line.span,
                f"the trait `{name}` has no start, and too many values to take each in turn",
                notes=["give it a start (`= VALUE`), or a range and a step"],
            )
        )
        found.broken.add(name)
        return None
    likely = _likely(shares, declared.type, name, found) if isinstance(shares, Map) else ()
    found.variables[full] = Variable(full, declared.type, "trait", None, "user", entry.key.span, likely)
    return None


def _backgrounds(persona: Map, several: Map, found: Inventory) -> dict[str, str]:
    """Declare which of several backgrounds it is, as the trait ``persona.background``."""
    place = next(entry.key.span for entry in persona.entries if entry.key.text == "background")
    names = tuple(entry.key.text for entry in several.entries)
    if not names:
        return {}
    given = [
        (entry.key, share, (entry.key.text,))
        for entry in several.entries
        if isinstance(entry.value, Map) and (share := scalar(entry.value.get("likely"))) is not None
    ]
    likely = _shared(given, names, "background", found)
    found.places[BACKGROUND] = place
    found.variables[BACKGROUND] = Variable(BACKGROUND, Enum(names), "trait", None, "user", place, likely)
    return {
        entry.key.text: text(entry.value.get("text") if isinstance(entry.value, Map) else entry.value)
        for entry in several.entries
    }


def _likely(shares: Map, kind: Type, name: str, found: Inventory) -> Likely:
    """``likely``: how often each value of a trait, out of 1. Empty where nothing can be said."""
    values = domain(kind)
    given: list[tuple[Scalar, Scalar, Sequence[Value]]] = []
    for entry in shares.entries:
        share = scalar(entry.value)
        meant = _meant(entry.key, kind, values, name, found)
        if share is None or meant is None:
            return ()
        given.append((entry.key, share, meant))
    return _shared(given, values, name, found)


def _meant(key: Scalar, kind: Type, values: Sequence[Value], name: str, found: Inventory) -> Sequence[Value] | None:
    """The values that a key of ``likely`` speaks of: one, or those in a range."""
    scope = Scope(types=found.types)
    match = _RANGE.fullmatch(key.text) if isinstance(bare(kind), Number) else None
    parts = [_part(key, *match.span(group)) for group in (1, 2)] if match is not None else [key]
    ends: list[Value] = []
    # Whether there are values at all is said below, also of a range that begins between two steps.
    inner = bare(kind)
    ends_of = Number(inner.family, inner.lo, inner.hi) if isinstance(inner, Number) else kind
    for part in parts:
        guard = elaborate.value(part, scope, ends_of, found.sink)
        if guard is None:
            return None
        if not isinstance(guard.expr, core.Const):
            ends_meant = re.fullmatch(r"(\w+%?) *[-–] *(\w+%?)", part.text) if match is None else None
            message, fixes = f"`{part.text}` is not a value of `{name}`", []
            if ends_meant is not None:
                ranged = f"{ends_meant[1]}..{ends_meant[2]}"
                message += f"; a range is written `{ranged}`"
                fixes = [Fix(f"write `{ranged}`", ((part.span, ranged),))]
            found.sink.append(diagnose("never-so", part.span, message, fixes=fixes))
            return None
        ends.append(guard.expr.value)
    if len(ends) == 1:
        meant = [value for value in values if value == ends[0]]
    else:
        lo, hi = ends
        assert isinstance(lo, int) and isinstance(hi, int)
        meant = [value for value in values if isinstance(value, int) and lo <= value <= hi]
    if not meant:
        note = "it goes in the steps that its declaration gives"
        message = f"`{name}` is never {'in ' if len(ends) > 1 else ''}{key.text}, so that cannot be likely"
        found.sink.append(diagnose("never-so", key.span, message, notes=[note]))
        return None
    return meant


def _part(key: Scalar, start: int, end: int) -> Scalar:
    offsets = None if key.offsets is None else key.offsets[start:]
    return Scalar(key.text[start:end], key.part(start, end), key.style, offsets)


def _shared(
    given: Sequence[tuple[Scalar, Scalar, Sequence[Value]]], values: Iterable[Value], name: str, found: Inventory
) -> Likely:
    """Shares over all values, out of 1. A range divides its share evenly; what no share speaks of divides what is left."""
    if not given:
        return ()
    parts: dict[Value, Fraction] = {}
    total, percent = Fraction(0), None
    for key, share, meant in given:
        match = _SHARE.fullmatch(share.text)
        if match is None:
            message = f"`{share.text}` is not a share; write a percentage such as `30%`, or a number such as `3`"
            found.sink.append(diagnose("bad-shares", share.span, message))
            return ()
        if percent is None:
            percent = bool(match[2])
        elif percent != bool(match[2]):
            message = (
                f"the shares of `{name}` are percentages in one place and plain numbers in another, as of `{key.text}`"
            )
            found.sink.append(diagnose("bad-shares", share.span, message, labels=[Label(given[0][1].span, "as here")]))
            return ()
        amount = Fraction(match[1])
        if percent and amount > 100:
            found.sink.append(diagnose("bad-shares", share.span, f"`{share.text}` is more than everybody"))
            return ()
        total += amount
        for value in meant:
            parts[value] = parts.get(value, Fraction(0)) + amount / len(meant)
    whole, last = Fraction(100), given[-1][1].span
    rest = [value for value in values if value not in parts]
    if percent and (total > whole or (total < whole and not rest)):
        said = f"{float(total):.10g}"
        message = f"the percentages of `{name}` add up to {said} %, not to 100 %"
        found.sink.append(diagnose("bad-shares", _around(given[0][0].span, last), message))
        return ()
    if percent:
        parts |= {value: (whole - total) / len(rest) for value in rest}
        total = whole
    if total == 0:
        message = f"nothing is likely of `{name}`: all its shares are 0"
        found.sink.append(diagnose("bad-shares", _around(given[0][0].span, last), message))
        return ()
    return tuple((value, parts[value] / total) for value in values if parts.get(value))


def _around(first: Span, last: Span) -> Span:
    return Span(first.source, first.start, last.end) if first.path == last.path and first.end <= last.end else last

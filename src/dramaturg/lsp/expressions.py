"""What may stand in an expression, told by the words before the cursor.

After ``agent.`` stand acts, after ``task.trip is`` states, after ``topic ==`` the choices of that field, after a number the
units of what it is compared with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dramaturg.dsl.elaboration import names as naming
from dramaturg.dsl.expressions.amounts import show_type
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.types import Number, Type
from dramaturg.lsp.choices import Choice, Offer, event_choice, last_word, starting, units_of, values_of
from dramaturg.lsp.hover import HELP
from dramaturg.lsp.spot import Spot

OPERATORS = ("and", "or", "is", "is not", "in", "for", "since", "in last", "implies", "is known")
STARTERS = ("not", "once", "earlier", "judged")
CLAIMS = ("always", "never", "eventually", "possible", "winnable")


def expression(spot: Spot, reads: str, text: str) -> Offer:
    """What may stand at the end of an expression that is read as a ``guard``, ``pattern``, ``value`` …."""
    assert spot.found is not None
    here = spot.here()
    pattern = _pattern(text, here.scope)
    typed = last_word(text, r"[\w.]*$")
    before = text[: len(text) - len(typed)].rstrip()
    owner, _, last = typed.rpartition(".")
    if owner:
        return Offer(tuple(starting(_parts(owner, here.scope), last)), len(last))
    if re.search(r"\d$", typed) and not re.search(r"[A-Za-z_]", typed):
        return _amounts(spot, before, text, here.scope, pattern)
    if (states := _states(spot, before)) is not None:
        return Offer(tuple(starting(states, typed)), len(typed))
    if (compared := _compared(before, here.scope, pattern)) is not None:
        choices = [*compared, *variables(here.scope, pattern)]
        return Offer(tuple(starting(choices, typed)), len(typed))
    if re.search(r"\bmatches$", before):
        triggers = (name.partition(".")[2] for name in spot.found.machines if name.startswith("trigger."))
        return Offer(tuple(starting((Choice(name, "trigger") for name in triggers), typed)), len(typed))
    return Offer(tuple(starting(_beginnings(spot, reads, before, here.scope, pattern), typed)), len(typed))


def _beginnings(spot: Spot, reads: str, before: str, scope: Scope, pattern: Mapping[str, Type]) -> Iterator[Choice]:
    assert spot.found is not None
    begins = not before or bool(
        re.search(
            r"(\(|\b(and|or|not|implies|once|earlier|since|until|leads to|else|" + "|".join(CLAIMS) + r"))$", before
        )
    )
    if not begins and not re.search(r"([=<>+*/-]|\.\.|\|)$", before):
        yield from (Choice(word, "word", "", HELP.get(word, "")) for word in OPERATORS)
        if reads == "check":
            yield from (Choice(word, "word", "", HELP[word]) for word in ("leads to", "until", "within"))
        return
    if reads in ("check", "norm") and not before:
        claims = CLAIMS if reads == "check" else CLAIMS[:2]
        yield from (Choice(word, "word", "", HELP[word], f"{word} ") for word in claims)
    if not before and spot.fits.key in ("expect", "otherwise", "allow"):  # nothing but an act can be meant
        acts = [event for event in scope.events.values() if event.actor == "agent"]
        yield from (event_choice(event.name, event) for event in acts)
        return
    yield from variables(scope, pattern)
    if begins and reads != "value":
        yield from _heads(scope)
        yield from (Choice(word, "word", "", HELP[word], f"{word} ") for word in STARTERS)
        yield Choice("count", "word", "", HELP["count"], "count(")


def variables(scope: Scope, pattern: Mapping[str, Type] | None = None) -> Iterator[Choice]:
    fields = {**scope.fields, **(pattern or {})}
    for name, type in fields.items():
        yield Choice(name, "field", show_type(type))
    for full, variable in scope.variables.items():
        short = full.rpartition(".")[2]
        if full.startswith("persona.") or short in fields:
            continue
        meaning = naming.resolve((short,), scope)
        name = short if isinstance(meaning, naming.VariableName) and meaning.variable.name == full else full
        yield Choice(name, "variable", show_type(variable.type))


def _heads(scope: Scope) -> Iterator[Choice]:
    """Words with which a longer name begins."""
    kinds = dict.fromkeys(name.partition(".")[0] for name in scope.machines)
    yield from (Choice(kind, kind, f"{kind}.… is …", insert=f"{kind}.") for kind in kinds)
    yield Choice("agent", "act", "any act", "", "agent")
    yield from (Choice(name, "person", "any move") for name in scope.persons)
    if any(name.startswith("persona.") for name in (*scope.constants, *scope.variables)):
        yield Choice("persona", "persona", insert="persona.")
    if any(event.actor == "result" for event in scope.events.values()):
        yield Choice("result", "act", "the result of an act", insert="result.")
    for event in scope.events.values():
        if event.actor == "world":
            yield event_choice(event.name, event)


def _parts(owner: str, scope: Scope) -> Iterator[Choice]:
    """What may stand behind ``owner.``."""
    written = naming.person_meant(tuple(owner.split(".")), scope)
    head = ".".join(written)
    event = scope.events.get(head)
    if event is not None:
        yield from (Choice(field.name, "field", show_type(field.type)) for field in event.fields)
    offered: set[str] = set()
    things: list[tuple[str, Choice]] = []
    for name, declared in scope.events.items():
        things.append((name, event_choice(name, declared)))
    for name, states in scope.machines.items():
        things.append((name, Choice(name, name.partition(".")[0], " | ".join(states))))
    for name, variable in scope.variables.items():
        things.append((name, Choice(name, "variable", show_type(variable.type))))
    for name, (type, _) in scope.constants.items():
        things.append((name, Choice(name, "trait", show_type(type))))
    things += [(name, Choice(name, "constant", text)) for name, text in scope.concern_fields.items()]
    things += [(f"{name}.resistance", Choice(name, "word", "", HELP["resistance"])) for name in scope.persons]
    for name, choice in things:
        if name.startswith(head + ".") and (rest := name[len(head) + 1 :]) not in offered:
            if rest == "voice":
                continue
            offered.add(rest)
            yield Choice(rest, choice.kind, choice.detail, choice.about)


def _pattern(text: str, scope: Scope) -> Mapping[str, Type]:
    """The fields of the event pattern whose parentheses are open at the end of the text."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        if text[at] == ")":
            depth += 1
        elif text[at] == "(":
            depth -= 1
            if depth < 0:
                called = last_word(text[:at], r"[\w.]+$")
                meaning = naming.resolve(tuple(called.split(".")), scope) if called else None
                if isinstance(meaning, naming.EventsName):
                    return naming.common_fields(scope.events[name] for name in meaning.names)
                depth = 0
    return {}


def _states(spot: Spot, before: str) -> list[Choice] | None:
    assert spot.found is not None
    found = re.search(r"\b((?:task|concern|trigger|shift)\.\w+)\s+is(?:\s+not)?((?:\s+\w+\s*\|)*)$", before)
    if found is None:
        return None
    there = set(re.findall(r"\w+", found.group(2)))
    kind = found.group(1).partition(".")[0]
    states = spot.found.machines.get(found.group(1), ())
    return [Choice(state, "state", f"of {kind}") for state in states if state not in there]


def _compared(before: str, scope: Scope, pattern: Mapping[str, Type]) -> list[Choice] | None:
    """The choices of what stands before ``==`` or ``is``; None where no comparison is being typed."""
    found = re.search(r"([\w.]+)\s*(==|!=|<=|>=|<|>|\bis(?:\s+not)?)((?:\s*\w+\s*\|)*)$", before)
    if found is None:
        return None
    type = _type(found.group(1), scope, pattern)
    there = set(re.findall(r"\w+", found.group(3)))
    out = [choice for choice in values_of(type) if choice.label not in there]
    if found.group(2) == "is":
        out += [Choice("known", "word", "", HELP["known"]), Choice("not", "word", "", HELP["is not"])]
    return out


def _type(name: str, scope: Scope, pattern: Mapping[str, Type]) -> Type | None:
    match naming.resolve(tuple(name.split(".")), scope, pattern):
        case naming.FieldName(_, type) | naming.LatestName(_, _, type) | naming.ConstantName(type):
            return type
        case naming.VariableName(variable):
            return variable.type
    return None


def _amounts(spot: Spot, before: str, text: str, scope: Scope, pattern: Mapping[str, Type]) -> Offer:
    """The units of an amount: of what it is compared with, or set to."""
    type: Type | None = None
    for name in reversed(re.findall(r"[A-Za-z_][\w.]*", before)):
        type = _type(name, scope, pattern)
        if type is not None:
            break
    if type is None and re.search(r"\b(for|last|within)$", before):
        type = Number("duration")
        turns = (Choice("turns", "unit", insert=" turns"),)
        return Offer((*units_of(type), *turns))
    if type is None and spot.found is not None:
        what, name = spot.fits.names[-1] if spot.fits.names else ("", "")
        if what == "an assignment":
            full = f"{spot.owner()}.{name}"
            variable = spot.found.variables.get(full) or spot.found.variables.get(name)
            type = variable.type if variable is not None else None
        elif what == "an argument" and (event := spot.given()) is not None:
            type = next((f.type for f in event.fields if f.name == name), None)
    return Offer(tuple(units_of(type)))

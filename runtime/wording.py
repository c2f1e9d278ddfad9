"""Wording: the text of a move when no model words it.

The scenario's ``words`` come first; among several alternatives the episode's generator picks, by the number of the
step, so the same episode always reads the same. A concern or a shift that has ``says`` brings its own text. A move
without words has a plain default that is made from its name and its fields ("asks status", "follows up (price 120
EUR)").
"""

from __future__ import annotations

from collections.abc import Mapping

from dramaturg.compiler.chance import Stream
from dramaturg.dsl.expressions.amounts import show
from dramaturg.dsl.scenario import EventType, Scenario
from dramaturg.dsl.types import Number, Optional, Type, Value
from dramaturg.dsl.wording.templates import Amount, Shown, render
from dramaturg.runtime.trace import Args

SILENT_EVENTS = frozenset({"bind", "tick", "skip", "draw", "nothing", "over"})
"""Moves that nobody words: the clock, chance, and what does not happen."""


def words(scenario: Scenario, event: str, args: Args, values: Mapping[str, Value], chance: Stream, step: int) -> str:
    """The text of this move. ``values`` are the variables at the move; its own fields hide variables of the same
    name."""
    if event in SILENT_EVENTS:
        return ""
    kind = scenario.events[event]
    alternatives = scenario.words.get(event, ())
    if not alternatives:
        return plain_words(kind, args, english=in_english(scenario))
    wording = alternatives[chance.below(step, len(alternatives))]
    return render(wording, in_view(scenario, kind, args, values))


def in_view(scenario: Scenario, event: EventType, args: Args, values: Mapping[str, Value]) -> dict[str, Shown]:
    """What a wording of this event may read: variables, under their last name too, the persona who speaks, its own
    fields."""
    out: dict[str, Shown] = {}
    for name, value in values.items():
        shown = amount(value, scenario.variables[name].type)
        out[name] = shown
        if not name.startswith("persona."):
            out.setdefault(name.rsplit(".", 1)[-1], shown)
    speaker = next((person for person in scenario.cast if person.name == event.actor), None)
    if speaker is not None and speaker.persona is not None:
        out |= {f"persona.{trait}": value for trait, value in speaker.persona.traits.items()}
    types = {field.name: field.type for field in event.fields}
    return out | {name: amount(value, types[name]) for name, value in args}


def amount(value: Value, type_: Type) -> Shown:
    """The value as a text shows it: numbers know their unit."""
    inner = type_.inner if isinstance(type_, Optional) else type_
    if isinstance(inner, Number) and (value is None or isinstance(value, int)):
        return Amount(value, inner)
    return value


def in_english(scenario: Scenario) -> bool:
    """Whether the names of what people do may be English verbs: where one has letters that English has not, none is."""
    return all(name.isascii() for name in scenario.events)


def plain_words(event: EventType, args: Args, *, english: bool = True) -> str:
    """The default text: the name as words, then the fields that everyone may see with their units."""
    short = event.name.partition(".")[2] if event.actor != "world" else event.name
    match event.actor:
        case "world":
            text = short.replace(".", " ").replace("_", " ")
        case "result":
            text = f"result of {short.replace('_', ' ')}"
        case _:
            text = third_person(short) if english else short.replace("_", " ")
    types = {field.name: field for field in event.fields}
    shown = [
        f"{name} {show(value, types[name].type)}"
        for name, value in args
        if value is not None and name in types and types[name].view in ("public", "agent")
    ]
    return f"{text} ({', '.join(shown)})" if shown else text


def third_person(name: str) -> str:
    """``ask_status`` → ``asks status``, ``try_again`` → ``tries again``."""
    verb, _, rest = name.partition("_")
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        verb += "es"
    elif verb.endswith("y") and verb[-2:-1] not in tuple("aeiou"):
        verb = verb[:-1] + "ies"
    else:
        verb += "s"
    return f"{verb} {rest.replace('_', ' ')}".strip()

"""Arguments of an act: whether what an agent answered fits the act's fields.

An agent's answer is data, so a misfit is a sentence about it and never a crash. Values that fit are put into the
order in which the act declares its fields; nothing is coerced, rounded or clamped.
"""

from __future__ import annotations

from dramaturg.dsl.scenario import Act, EventField, Scenario
from dramaturg.dsl.types import (
    Bool,
    Condition,
    Enum,
    ListOf,
    Number,
    Optional,
    SetOf,
    Text,
    TimeOfDay,
    Type,
    Value,
)
from dramaturg.runtime.trace import Args

DAY = 86_400_000


class Unfit(ValueError):
    """Arguments that an act does not take, with the reason in the author's words."""


def act_named(scenario: Scenario, name: str) -> Act | None:
    """The act of this short name."""
    return next((act for act in scenario.agent.acts if act.name == name), None)


def silence(scenario: Scenario) -> str:
    """The short name of the act that says nothing: the first declared one, else ``keep_silent``."""
    return next((act.name for act in scenario.agent.acts if act.kind == "silent"), "keep_silent")


def fit(act: Act, args: Args) -> Args:
    """The arguments in order of declaration. Raises Unfit where a field is unknown, missing, doubled or of another
    type."""
    given: dict[str, Value] = {}
    known = {field.name for field in act.fields}
    for name, value in args:
        if name not in known:
            takes = ", ".join(field.name for field in act.fields) or "no arguments"
            raise Unfit(f"{act.name} has no field {name} (it takes {takes})")
        if name in given:
            raise Unfit(f"{act.name}: {name} is given twice")
        given[name] = value
    return tuple((field.name, _fit_field(act, field, given)) for field in act.fields)


def _fit_field(act: Act, field: EventField, given: dict[str, Value]) -> Value:
    if field.name not in given:
        if isinstance(field.type, Optional):
            return None
        raise Unfit(f"{act.name}: {field.name} is missing")
    try:
        return fit_value(field.type, given[field.name])
    except Unfit as error:
        raise Unfit(f"{act.name}: {field.name} {error}") from None


def fit_value(type_: Type, value: Value) -> Value:
    """The value if it belongs to the type (a set in the enum's order). Raises Unfit with the rest of a sentence."""
    match type_, value:
        case Optional(), None:
            return None
        case Optional(inner), _:
            return fit_value(inner, value)
        case Bool(), bool():
            return value
        case Enum(members), str():
            if value in members:
                return value
            raise Unfit(f"is {value!r}, which is none of {', '.join(members)}")
        case Number(), int() if not isinstance(value, bool):
            if type_.clamp(value) == value:
                return value
            raise Unfit(f"is outside its range: {value} (in base units) is not in {type_.lo}..{type_.hi}")
        case TimeOfDay(), int() if not isinstance(value, bool):
            if 0 <= value < DAY:
                return value
            raise Unfit(f"is no time of day: {value} ms")
        case ((Text() | Condition()), str()):
            return value
        case ListOf(inner, lo, hi), tuple():
            if lo <= len(value) <= hi:
                return tuple(fit_value(inner, item) for item in value)
            raise Unfit(f"has {len(value)} items, not {lo} to {hi}")
        case SetOf(inner), tuple():
            chosen = {fit_value(inner, item) for item in value}
            return tuple(member for member in inner.members if member in chosen)
    raise Unfit(f"is {value!r}, which is no {kind_of(type_)}")


def kind_of(type_: Type) -> str:
    """The type in words, as a message names it."""
    match type_:
        case Bool():
            return "yes/no"
        case Enum(members, name):
            return name or "one of " + " | ".join(members)
        case Number(family=family):
            return family
        case TimeOfDay():
            return "time of day"
        case Text():
            return "text"
        case Condition(names):
            return "condition on " + " | ".join(names)
        case Optional(inner):
            return kind_of(inner)
        case ListOf(inner):
            return f"list of {kind_of(inner)}"
        case SetOf(inner):
            return f"set of {kind_of(inner)}"

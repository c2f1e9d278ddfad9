"""Values as an agent writes and reads them: JSON in which amounts carry their unit.

``120 EUR`` instead of 12000, ``1h30m`` instead of 5400000: a model should not have to know how numbers are kept. Whole numbers,
yes/no, texts, lists and unknowns are the JSON values that they look like; ``amounts`` knows the rest. What the JSON Schema of a
type admits is what ``read`` reads, but for ranges of amounts, which no pattern can say.
"""

from __future__ import annotations

import re

from dramaturg.dsl.expressions.amounts import example, read_value, write_value
from dramaturg.dsl.types import (
    FAMILIES,
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
from dramaturg.runtime.arguments import Unfit
from dramaturg.runtime.record import Json


def shown(value: Value, type_: Type) -> Json:
    """The JSON that stands for a value of this type."""
    return write_value(value, type_)


def read(data: Json, type_: Type) -> Value:
    """The value that JSON stands for. Raises Unfit with the rest of a sentence ("… is 7, not an amount such as 120 EUR")."""
    match type_, data:
        case Optional(), None:
            return None
        case Optional(inner), _:
            return read(data, inner)
        case ListOf(inner, lo, hi), list():
            if not lo <= len(data) <= hi:
                raise Unfit(f"has {len(data)} items, not {lo} to {hi}")
            return tuple(read(item, inner) for item in data)
        case SetOf(inner), list():
            chosen = {read(item, inner) for item in data}
            return tuple(member for member in inner.members if member in chosen)
        case Bool(), bool():
            return data
        case Number(family="int"), int() if not isinstance(data, bool):
            return data
        case (Number(family="number"), int() | float() | str()) if not isinstance(data, bool):
            return _amount(data, type_)
        case ((Number() | TimeOfDay()), str()) if not _whole(type_):
            return _amount(data, type_)
        case ((Enum() | Text() | Condition()), str()):
            return _amount(data, type_)
    raise Unfit(f"is {data!r:.60}, not {wanted(type_)}")


def _whole(type_: Number | TimeOfDay) -> bool:
    return isinstance(type_, Number) and type_.family == "int"


def _amount(data: int | float | str, type_: Type) -> Value:
    try:
        return read_value(data, type_)
    except (ValueError, OverflowError) as error:
        raise Unfit(f"is {data!r:.60}: {error}") from None


def wanted(type_: Type) -> str:
    """What an agent is asked to write for this type, as short as can be."""
    match type_:
        case Bool():
            return "true or false"
        case Enum(members):
            return " | ".join(members)
        case Number(family="int"):
            return "a whole number"
        case Number(family="number"):
            return "a number such as 1.5"
        case Number():
            return f'an amount such as "{example(type_)}"'
        case TimeOfDay():
            return 'a time of day such as "12:30"'
        case Text():
            return "text"
        case Condition(names):
            return f"a condition over {', '.join(names)}"
        case Optional(inner):
            return f"{wanted(inner)} or null"
        case ListOf(inner, lo, hi):
            return f"a list of {lo} to {hi} of {wanted(inner)}"
        case SetOf(inner):
            return f"a list of {wanted(inner)}"


def schema(type_: Type) -> dict[str, Json]:
    """JSON Schema (2020-12) of ``shown`` values of this type. Ranges of amounts are not in it: patterns cannot say
    them."""
    match type_:
        case Bool():
            return {"type": "boolean"}
        case Enum(members):
            return {"type": "string", "enum": list(members)}
        case Number(family="int", lo=lo, hi=hi):
            bounds: dict[str, Json] = {"type": "integer"}
            if lo is not None:
                bounds["minimum"] = lo
            if hi is not None:
                bounds["maximum"] = hi
            return bounds
        case Number(family="number"):
            return {"type": ["number", "string"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
        case Number(family=family):
            unit = "|".join(re.escape(unit) for unit in sorted(_units(family), key=lambda unit: (-len(unit), unit)))
            return {"type": "string", "pattern": rf"^-?([0-9]+(\.[0-9]+)? ?({unit}) ?)+$"}
        case TimeOfDay():
            return {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{3})?)?$"}
        case Text():
            return {"type": "string"}
        case Condition(names):
            return {"type": "string", "description": f"a condition over {', '.join(names)}"}
        case Optional(inner):
            return {"anyOf": [schema(inner), {"type": "null"}]}
        case ListOf(inner, lo, hi):
            return {"type": "array", "items": schema(inner), "minItems": lo, "maxItems": hi}
        case SetOf(inner):
            return {"type": "array", "items": schema(inner), "uniqueItems": True}


def _units(family: str) -> list[str]:
    return [family[6:-1]] if family.startswith("money(") else [unit for unit, _ in FAMILIES[family].units]

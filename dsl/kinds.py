"""Kinds: what type a value is of, as far as comparing and assigning it goes, and how a sentence calls it."""

from __future__ import annotations

from dramaturg.dsl.amounts import family_name
from dramaturg.dsl.types import Bool, Condition, Enum, ListOf, Number, Optional, SetOf, Text, TimeOfDay, Type


def bare(type: Type) -> Type:
    """The type without its ``?``."""
    return type.inner if isinstance(type, Optional) else type


def agree(left: Type, right: Type) -> bool:
    """Whether values of the two types may be compared, or one put in the place of the other (unknown apart)."""
    match bare(left), bare(right):
        case Number(one), Number(other):
            return one == other
        case Enum(one_members), Enum(other_members):
            return one_members == other_members
        case SetOf(one_enum), SetOf(other_enum):
            return one_enum.members == other_enum.members
        case one_type, other_type:
            return type(one_type) is type(other_type)


def kind_name(type: Type) -> str:
    """What a value of the type is, in a sentence: ``a duration``, ``yes or no``, ``one of a, b``."""
    match type:
        case Optional(inner):
            return f"{kind_name(inner)}, perhaps unknown"
        case Bool():
            return "yes or no"
        case Enum(members, name):
            return f"a {name}" if name is not None else f"one of {', '.join(members)}"
        case Number(family):
            return family_name(family)
        case TimeOfDay():
            return "a time of day"
        case Text():
            return "a text"
        case Condition():
            return "a condition"
        case ListOf():
            return "a list"
        case SetOf():
            return "a set"
    raise AssertionError(f"unknown type {type!r}")

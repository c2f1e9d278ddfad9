"""Kinds: what type a value is of, as far as comparing, assigning and listing it goes, and how a sentence calls it."""

from __future__ import annotations

from dramaturg.dsl.expressions.amounts import family_name
from dramaturg.dsl.types import Bool, Condition, Enum, ListOf, Number, Optional, SetOf, Text, TimeOfDay, Type, Value

MOST_VALUES = 10_000
"""Values of one parameter or trait at most."""


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


def finite(kind: Type) -> bool:
    """Whether the values of a type can be listed, one by one."""
    match kind:
        case Optional(inner):
            return finite(inner)
        case Number():
            try:
                return len(kind.grid()) <= MOST_VALUES
            except ValueError:
                return False
        case Text() | Condition() | TimeOfDay() | ListOf() | SetOf():
            return False
        case _:
            return True


def domain(kind: Type) -> list[Value]:
    """Every value of a bounded type, in order. Raises ValueError for an unbounded one."""
    match kind:
        case Bool():
            return [False, True]
        case Enum(members):
            return list(members)
        case Number():
            return list(kind.grid())
        case Optional(inner):
            return [None, *domain(inner)]
        case _:
            raise ValueError(f"{kind} cannot be enumerated")

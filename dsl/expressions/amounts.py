"""Amounts and values as people and agents write them: read into base units, and shown again.

Reading is exact (decimal digits to a fraction, never a float) and strict about units: an amount finer than the base unit of
its family, of another family or outside the type's range is a ``ValueError`` whose message can be shown as it is. ``show`` and
``read_value`` are inverse to each other on the values of a type.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.types import (
    FAMILIES,
    MONEY_SCALE,
    NUMBER_SCALE,
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

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | None"
"""What a JSON answer holds in the place of an argument."""

UNITS: dict[str, tuple[str, int]] = {
    unit: (family.name, size) for family in FAMILIES.values() for unit, size in family.units
}
"""Unit to its family and size in base units; currencies are open and not listed."""

MEANT = {
    "ms": ("milliseconds", "millisecond", "msec"),
    "s": ("sec", "secs", "second", "seconds"),
    "m": ("min", "mins", "minute", "minutes"),
    "h": ("hr", "hrs", "hour", "hours"),
    "d": ("day", "days"),
    "w": ("week", "weeks"),
    "EUR": ("eur", "euro", "euros", "Euro"),
    "USD": ("usd", "dollar", "dollars"),
    "kg": ("kilo", "kilos", "kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "km": ("kilometre", "kilometres", "kilometer", "kilometers"),
    "%": ("percent", "pct"),
}
"""The unit that was meant by other spellings of it."""

_SPELT = {unit: unit for unit in ("turns", "EUR", "USD", "GBP", "CHF", "CNY", "INR", "JPY")} | {
    other: ours for ours, others in MEANT.items() for other in (ours, *others) if len(other) > 2
}
"""Units that are long enough to be recognised when they are misspelt, and how they are written here."""

LONGEST = 40
"""Characters of one amount."""

PLAIN = ("int", "number")
"""Families without a unit."""

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z_%]+)")
_CURRENCY = re.compile(r"[A-Z]{3}")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_METRES = re.compile(r"-?[0-9]+(\.[0-9]+)? ?m")
_DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def money(currency: str) -> str:
    """The family of a currency."""
    return f"money({currency})"


@lru_cache(maxsize=4096)
def quantity(text: str) -> tuple[str, int]:
    """``120 EUR``, ``1h30m``, ``40%``, ``-2 kg`` as (family, base units)."""
    written = _short(text)
    sign, digits = (-1, written[1:].lstrip()) if written.startswith("-") else (1, written)
    parts, at = [], 0
    while at < len(digits) and (found := _PART.match(digits, at)) is not None:
        parts.append((_exact(found[1]), found[2]))
        at = found.end()
    if _DIGITS.fullmatch(digits):
        raise ValueError(f"`{written}` has no unit; say of what, such as `{written}m` or `{written} turns`")
    if not parts or at < len(digits):
        raise ValueError(f"`{written}` is not an amount with a unit")
    sized = [(number, *unit(name)) for number, name in parts]
    families = {family for _, family, _ in sized}
    if len(families) > 1:
        raise ValueError(f"`{written}` mixes {' and '.join(sorted(map(family_name, families)))}")
    family = families.pop()
    if len(parts) > 1 and family != "duration":
        raise ValueError(f"`{written}` gives more than one amount")
    return family, sign * _whole(sum((number * size for number, _, size in sized), Fraction(0)), family, written)


def unit(name: str) -> tuple[str, int]:
    """The family of a unit and its size in base units."""
    if name in UNITS:
        return UNITS[name]
    if _CURRENCY.fullmatch(name):
        return money(name), MONEY_SCALE
    for ours, others in MEANT.items():
        if name in others:
            raise ValueError(f"`{name}` is not a unit; write `{ours}`")
    if (near := unit_meant(name)) is not None:
        raise ValueError(f"`{name}` is not a unit; did you mean `{near}`?")
    raise ValueError(
        f"`{name}` is not a unit; units are ms, s, m, h, d, w, %, g, kg, km, turns and currencies such as EUR"
    )


def unit_meant(name: str) -> str | None:
    """The unit that a misspelt one was meant to be; None where it is too short to tell. Two capitals are most of a currency."""
    near = closest(name, _SPELT) if len(name) > 2 or (len(name) == 2 and name.isupper()) else None
    return None if near is None else _SPELT[near]


def currency_meant(name: str, beside: Sequence[str]) -> str | None:
    """The currency that was meant by what is none. ``beside`` are those that stand near it: one of them is meant before others."""
    for ours, others in MEANT.items():
        if name.lower() in others and _CURRENCY.fullmatch(ours):
            return ours
    known = [unit for unit in _SPELT.values() if _CURRENCY.fullmatch(unit)]
    return closest(name, beside) or closest(name, dict.fromkeys(known))


def _short(text: str) -> str:
    """The text without blanks around it. Nothing that is measured needs more digits than this."""
    written = text.strip()
    if len(written) > LONGEST:
        raise ValueError(f"`{written[:12]}…` is longer than any amount")
    return written


@lru_cache(maxsize=4096)
def plain(text: str, family: str) -> int:
    """A number without a unit, for the families ``int`` and ``number``."""
    text = _short(text)
    if not _DIGITS.fullmatch(text):
        raise ValueError(f"`{text}` is not a number")
    return _whole(_exact(text) * (NUMBER_SCALE if family == "number" else 1), family, text)


def clock(text: str) -> int:
    """``12:30`` as milliseconds since midnight."""
    text = _short(text)
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is not a time of day; write `HH:MM`")
    hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"`{text}` is not a time of day; the last one is 23:59")
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


def _exact(digits: str) -> Fraction:
    if len(digits) > 30:
        raise ValueError(f"`{digits[:12]}…` has {len(digits):,} digits; nothing here is that large or that fine")
    return Fraction(digits)


def _whole(exact: Fraction, family: str, text: str) -> int:
    if exact.denominator != 1:
        if family == "int":
            raise ValueError(f"`{text}` is not a whole number")
        raise ValueError(f"`{text}` is finer than `{show_amount(1, family)}`, the least step of {family_name(family)}")
    return exact.numerator


def family_name(family: str) -> str:
    """How a family is called in a sentence."""
    match family:
        case "int":
            return "a whole number"
        case "number":
            return "a number"
        case "percent":
            return "a percentage"
        case "turns":
            return "turns"
    if family.startswith("money("):
        return f"an amount of {family[6:-1]}"
    return f"a {family}"


def show_amount(value: int, family: str) -> str:
    """A number in base units as it is written: ``120 EUR``, ``1h30m``, ``2.5``."""
    if value < 0:
        return f"-{show_amount(-value, family)}"
    match family:
        case "int":
            return str(value)
        case "number":
            return _decimal(value, NUMBER_SCALE)
        case "duration":
            return _show_duration(value)
        case "percent":
            return f"{_decimal(value, 100)}%"
        case "mass":
            return f"{value // 1000} kg" if value and value % 1000 == 0 else f"{value} g"
        case "length":
            return f"{_decimal(value, 1000)} km"
        case "turns":
            return "1 turn" if value == 1 else f"{value} turns"
    assert family.startswith("money("), f"unknown family {family}"
    whole, cents = divmod(value, MONEY_SCALE)
    return f"{whole}.{cents:02} {family[6:-1]}" if cents else f"{whole} {family[6:-1]}"


def _decimal(value: int, scale: int) -> str:
    whole, rest = divmod(value, scale)
    digits = f"{rest:0{len(str(scale)) - 1}}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def _show_duration(value: int) -> str:
    out = []
    for name in ("d", "h", "m", "s", "ms"):
        count, value = divmod(value, UNITS[name][1])
        if count:
            out.append(f"{count}{name}")
    return "".join(out) or "0m"


def show(value: Value, type: Type) -> str:
    """A value as text, for people and for an agent's JSON. Lists and sets are joined by commas."""
    match type, value:
        case Optional(), None:
            return "unknown"
        case Optional(inner), _:
            return show(value, inner)
        case Bool(), bool():
            return "yes" if value else "no"
        case Number(family), int():
            return show_amount(value, family)
        case TimeOfDay(), int():
            minutes, rest = divmod(value // 1000, 60)
            clock_text = f"{minutes // 60:02}:{minutes % 60:02}"
            return f"{clock_text}:{rest:02}" if rest else clock_text
        case ((ListOf(inner) | SetOf(inner)), tuple()):
            return ", ".join(show(item, inner) for item in value)
        case _, str():
            return value
    raise ValueError(f"{value!r} is not a value of the type {show_type(type)}")


def in_words(value: Value, type: Type) -> str:
    """A value as ``show`` puts it, for a sentence that names it: an empty set is `none`."""
    return show(value, type) or "none"


def write_value(value: Value, type: Type) -> Json:
    """A value as an agent's JSON holds it: yes/no as true and false, whole numbers as numbers, lists as lists, else ``show``."""
    match type, value:
        case _, None:
            return None
        case Optional(inner), _:
            return write_value(value, inner)
        case Bool(), bool():
            return value
        case Number("int"), int():
            return value
        case ((ListOf(inner) | SetOf(inner)), tuple()):
            return [write_value(item, inner) for item in value]
    return show(value, type)


def read_value(raw: Json, type: Type) -> Value:
    """A value of the type from a text or from JSON. Raises ValueError with a sentence that says what is wrong."""
    match type:
        case Optional(inner):
            return None if raw is None or raw == "unknown" else read_value(raw, inner)
        case Bool():
            return _read_yes_no(raw)
        case Enum(members):
            return _read_member(raw, members)
        case Number():
            return _read_number(raw, type)
        case TimeOfDay():
            return clock(_read_text(raw))
        case Text() | Condition():
            return _read_text(raw)
        case ListOf(inner, lo, hi):
            items = tuple(read_value(item, inner) for item in _read_items(raw))
            if not lo <= len(items) <= hi:
                raise ValueError(f"a list of {lo} to {hi} is wanted, this one has {len(items)}")
            return items
        case SetOf(inner):
            chosen = {read_value(item, inner) for item in _read_items(raw)}
            return tuple(member for member in inner.members if member in chosen)
    raise AssertionError(f"unknown type {type!r}")


def _read_text(raw: Json) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"a text is wanted, not {_shown(raw)}")
    return raw


def _read_yes_no(raw: Json) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in ("yes", "no"):
        return raw == "yes"
    raise ValueError(f"`yes` or `no` is wanted, not {_shown(raw)}")


def _read_member(raw: Json, members: tuple[str, ...]) -> str:
    if isinstance(raw, str) and raw in members:
        return raw
    raise ValueError(f"one of {', '.join(members)} is wanted, not {_shown(raw)}")


def _read_number(raw: Json, type: Number) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ValueError(f"{family_name(type.family)} is wanted, not {_shown(raw)}")
    text = (format(Decimal(repr(raw)), "f") if isinstance(raw, float) else str(raw)).strip()
    if type.family in PLAIN:
        value = plain(text, type.family)
    else:
        if _DIGITS.fullmatch(text):
            meant = example(type)
            if type.family == "percent" and Fraction(text) <= 1 and "." in text:
                meant = with_unit(text, type.family) or meant
            raise ValueError(f"`{text}` has no unit; {family_name(type.family)} is wanted, such as `{meant}`")
        family, value = quantity(text)
        if family != type.family:
            # `m` is for minutes
            metres = type.family == "length" and family == "duration" and _METRES.fullmatch(text) is not None
            tail = f"; metres are written in km, as in `{show_amount(value // 60_000, 'length')}`" if metres else ""
            raise ValueError(f"`{text}` is {family_name(family)}, {family_name(type.family)} is wanted{tail}")
    return within(value, type)


def with_unit(digits: str, family: str) -> str | None:
    """A bare number with the only unit that it can have (``0.6`` of all is ``60%``); None where several would do."""
    if not _DIGITS.fullmatch(digits):
        return None
    if family.startswith("money("):
        return f"{digits} {family[6:-1]}"
    if family != "percent" or digits == "1":  # 1 may be all, or a hundredth
        return None
    share = Fraction(digits)
    return f"{float(share * 100):g}%" if "." in digits and share <= 1 else f"{digits}%"


def within(value: int, type: Number) -> int:
    """The value itself. Raises ValueError where it lies outside the type's range."""
    if type.clamp(value) != value:
        raise ValueError(f"{show_amount(value, type.family)} is outside {show_range(type)}")
    return value


def neighbours(value: int, type: Number) -> tuple[int, ...]:
    """The values of the declared grid on either side of one that lies between them; empty where it is on the grid, or where none
    was declared."""
    if type.step is None or type.step <= 0:
        return ()
    least = type.lo if type.lo is not None else 0
    over = (value - least) % type.step
    return () if not over else tuple(v for v in (value - over, value - over + type.step) if type.clamp(v) == v)


def _read_items(raw: Json) -> list[Json]:
    if isinstance(raw, str):
        return [part.strip() for part in re.split(r"[,|]", raw) if part.strip()]
    if isinstance(raw, Sequence):
        return list(raw)
    raise ValueError(f"a list is wanted, not {_shown(raw)}")


def _shown(raw: Json) -> str:
    match raw:
        case None:
            return "nothing"
        case True | False:
            return "yes" if raw else "no"
        case str() | int() | float():
            return f"`{raw}`" if raw != "" else "an empty text"
    return "a list"


def example(type: Number) -> str:
    """An amount of the type, for messages."""
    if type.lo is not None and type.lo > 0:
        return show_amount(type.lo, type.family)
    sizes = {"duration": 600_000, "percent": 4000, "number": 2500, "int": 3, "turns": 2, "mass": 2000, "length": 2000}
    return show_amount(type.clamp(sizes.get(type.family, 12_000)), type.family)


def show_range(type: Number) -> str:
    """``0 EUR..500 EUR``; an open end is left out."""
    ends = [("" if end is None else show_amount(end, type.family)) for end in (type.lo, type.hi)]
    return "..".join(ends)


def show_type(type: Type) -> str:
    """A type as a declaration line writes it."""
    match type:
        case Bool():
            return "yes/no"
        case Enum(members, name):
            return name if name is not None else f"one of {' | '.join(members)}"
        case Number(family, lo, hi, step):
            ranged = f" {show_range(type)}" if lo is not None or hi is not None else ""
            stepped = f" step {show_amount(step, family)}" if step is not None else ""
            return f"{family}{ranged}{stepped}"
        case TimeOfDay():
            return "time of day"
        case Text():
            return "text"
        case Condition(names):
            return f"condition on {' | '.join(names)}"
        case Optional(inner):
            return f"{show_type(inner)}?"
        case ListOf(inner, lo, hi):
            return f"list of {show_type(inner)} {lo}..{hi}"
        case SetOf(inner):
            return f"set of {show_type(inner)}"
    raise AssertionError(f"unknown type {type!r}")

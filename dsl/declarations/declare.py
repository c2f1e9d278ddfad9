"""Declaration lines and the small amounts beside them: ``TYPE [RANGE] [step Q] [= START]``, waits, gaps and chances.

The same line declares a parameter, a world variable, a slot, a field and a stance variable. START is handed back as the
scalar that it is, because it may name what is declared later: ``elaborate.value`` reads it once the scope is complete.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.expressions import amounts, idioms, surface
from dramaturg.dsl.expressions.lookalikes import COMMAS
from dramaturg.dsl.expressions.mistakes import Edits, Mistake, Word, diagnostic, words
from dramaturg.dsl.expressions.parser import LONGEST, RESERVED, parse
from dramaturg.dsl.expressions.spelling import spelled, western
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.expressions.surface import At
from dramaturg.dsl.memory.memo import Memo
from dramaturg.dsl.tree import Scalar
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
    Wait,
)

NUMERIC = ("int", "number", "duration", "percent", "mass", "length", "turns")
BUILT_IN = (*NUMERIC, "money", "text", "time of day", "yes/no", "one of", "list of", "set of", "condition on")
ELSEWHERE = {
    "bool": "yes/no",
    "boolean": "yes/no",
    "string": "text",
    "str": "text",
    "float": "number",
    "integer": "int",
    "enum": "one of a | b",
    "array": "list of text 0..5",
}
"""What other languages call our types."""
DATES = ("date", "datetime", "timestamp", "day")
"""What other languages have, and a story that is told from its beginning has not."""


MOST = 256
"""Choices of one enum."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A type, and the scalar that gives the start where there is one."""

    type: Type
    start: Scalar | None = None


def declaration(scalar: Scalar, types: Mapping[str, Enum], sink: list[Diagnostic]) -> Declaration | None:
    """Read a declaration line. ``types`` are the named types. In ``condition on a | b`` the names stay as written
    (``elaborate.condition_type`` resolves them)."""
    if len(scalar.text) > LONGEST:
        sink.append(diagnostic(Mistake("this declaration is too long to be one", (0, 1), "bad-declaration"), scalar))
        return None
    meant = spelled(scalar, sink, end=scalar.text.find("=") if "=" in scalar.text else None)
    if meant is None:
        return None
    scalar = meant
    key, equals = _head(scalar.text, types)
    try:
        type = _TYPES.get(key) if key is not None else None
        if type is None:
            type, equals = _read(scalar.text, types)
            if key is not None:
                _TYPES.keep(key, type, len(scalar.text))
        return Declaration(type, None if equals is None else _start(scalar, equals))
    except _Refused as refused:
        sink.append(diagnostic(refused.mistake, scalar))
        return None


_TYPES: Memo[tuple[str, tuple[tuple[str, Enum], ...]], Type] = Memo(4096, 100_000)
"""By what stands before the start, and the named types that it might speak of."""


def _head(text: str, types: Mapping[str, Enum]) -> tuple[tuple[str, tuple[tuple[str, Enum], ...]] | None, Word | None]:
    """What the type of a line depends on, and the sign behind it; None where only reading it word by word tells where it ends."""
    at = text.find("=")
    head = text if at < 0 else text[:at]
    if (
        '"' in head
        or head.count("(") != head.count(")")
        or head[-1:] in tuple("!<>")
        or text[at + 1 : at + 2] in tuple("=<>")
    ):
        return None, None
    named = tuple([(name, kind) for name, kind in types.items() if name in head])
    return (head, named), None if at < 0 else Word("sign", "=", (at, at + 1))


def _read(text: str, types: Mapping[str, Enum]) -> tuple[Type, Word | None]:
    """The type of a line, and the sign before its start."""
    found = list(words(text))
    level, equals = 0, None
    for word in found:
        level += (word.text == "(") - (word.text == ")")
        if word.text == "=" and level == 0:
            equals = word
            break
    head = found if equals is None else [word for word in found if word.at[1] <= equals.at[0]]
    return _Line(text, head, types).whole(), equals


def _start(scalar: Scalar, equals: Word) -> Scalar:
    at = equals.at[1]
    while at < len(scalar.text) and scalar.text[at].isspace():
        at += 1
    if at == len(scalar.text):
        _refuse("a start value is missing after `=`", equals.at)
    return scalar.tail(at)


class _Refused(Exception):
    """Ends the reading of a line; never leaves this module."""

    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake


def _refuse(message: str, at: At, *notes: str, name: str = "bad-declaration", fix: Edits | None = None) -> NoReturn:
    raise _Refused(Mistake(message, at, name, notes, fix))


_TO = re.compile(r"(\s*(?:-|–|—|−|－|…|\.{3}|~|to|till|until|bis|à|a)\s*)(?=[\d-])")
"""How a range is written elsewhere."""


class _Line:
    """Reads the words of a type from left to right."""

    def __init__(self, text: str, found: list[Word], types: Mapping[str, Enum]) -> None:
        self.text, self.words, self.types, self.next = text, found, types, 0

    def whole(self) -> Type:
        """A type, its range and step, and nothing behind."""
        type = self.ranged(self.type())
        if self.take("?"):
            type = Optional(type)
        if (word := self.peek()) is not None:
            if isinstance(type, Number) and word.text in ("..", "step"):
                _refuse("a range is written `lo..hi`, and a step behind it", word.at)
            if word.text in ("or", "/", ";") and "|" not in self.text[: word.at[0]] and self.text.startswith("one of "):
                _refuse("choices are separated by `|`", word.at, fix=self.separated(word.at))
            _refuse(
                f"`{word.text}` does not belong here", word.at, "A declaration is `TYPE [RANGE] [step Q] [= START]`."
            )
        return type

    def peek(self) -> Word | None:
        return self.words[self.next] if self.next < len(self.words) else None

    def take(self, *texts: str) -> bool:
        """Pass over these words if they come next."""
        ahead = [word.text for word in self.words[self.next : self.next + len(texts)]]
        if ahead == list(texts):
            self.next += len(texts)
            return True
        return False

    def word(self, wanted: str) -> Word:
        if self.next == len(self.words):
            end = len(self.text.rstrip())
            _refuse(f"{wanted} is missing here", (max(0, end - 1), end))
        self.next += 1
        return self.words[self.next - 1]

    def type(self) -> Type:
        """A type without its range; ``T?`` directly behind the name."""
        if self.take("yes", "/", "no"):
            return self.maybe(Bool())
        if self.take("one of"):
            return self.maybe(Enum(self.members()))
        word = self.word("a type")
        match word.text:
            case "text":
                return self.maybe(Text())
            case "time":
                self.take("of", "day")
                return self.maybe(TimeOfDay())
            case "money":
                return self.maybe(Number(amounts.money(self.currency(word))))
            case "condition" if self.take("on"):
                return self.maybe(Condition(self.names()))
            case "list" if self.take("of"):
                return self.list_of()
            case "set" if self.take("of"):
                return self.maybe(SetOf(self.enum(word)))
            case name if name in NUMERIC:
                return self.maybe(Number(name))
            case name if name in self.types:
                return self.maybe(self.types[name])
        return self.unknown(word)

    def maybe(self, type: Type) -> Type:
        return Optional(type) if self.take("?") else type

    def unknown(self, word: Word) -> NoReturn:
        if word.text in ("yes", "no", "true", "false") and self.next == 1:
            end = self.text.find("=")
            at = (word.at[0], len(self.text[: None if end < 0 else end].rstrip()))
            told = "the type of yes and no is written `yes/no`"
            _refuse(
                told, word.at, fix=("write `yes/no`", ((at, "yes/no"),)) if _YES_NO.fullmatch(self.text, *at) else None
            )
        if word.kind == "value" and self.next == 1 and (type := _typed(word.text, self.text)) is not None:
            if ".." not in self.text:
                note = f"Such as `{type} = {word.text}`, where a condition reads it with the range between them."
                _refuse("a type comes first, and a start behind `=`", word.at, note)
            told = f"a type comes first, such as `{type}`, and its range behind it"
            _refuse(told, word.at, fix=(f"write `{type}` before it", ((word.at[:1] * 2, f"{type} "),)))
        if word.kind == "name" and (ahead := self.peek()) is not None and ahead.text == "|" and self.next == 1:
            told = "choices begin with `one of`"
            _refuse(told, word.at, fix=("write `one of` before them", ((word.at[:1] * 2, "one of "),)))
        if word.text in DATES and word.text not in self.types:
            note = "A story knows how long ago it began, a `duration`, and a `time of day`; a date that is only shown is a `text`."
            _refuse(f"`{word.text}` is not a type: there is no calendar", word.at, note)
        if word.text in ("condition", "list", "set"):
            joint = "on" if word.text == "condition" else "of"
            _refuse(f"`{word.text}` needs `{joint}` after it, as in `{_EXAMPLES[word.text]}`", word.at)
        behind = self.words[1].text if self.next == 1 and len(self.words) > 1 else ""
        if (
            behind
            and self.words[1].kind == "name"
            and len(self.words) == len(self.text.split())
            and "=" not in self.text
        ):
            _refuse(
                f"`{word.text}` is not a type",
                word.at,
                f"A text that is fixed is written `text = {self.text.strip()}`.",
            )
        near = ELSEWHERE.get(word.text.lower()) or closest(word.text, [*BUILT_IN, *self.types])
        named = f"; did you mean `{near}`?" if near else ""
        known = "Types are " + ", ".join(f"`{name}`" for name in (*BUILT_IN, *self.types)) + "."
        fix = (f"write `{near}`", ((word.at, near),)) if near and "|" not in near and " of" not in near else None
        raise _Refused(Mistake(f"`{word.text}` is not a type{named}", word.at, "bad-declaration", (known,), fix))

    def currency(self, word: Word) -> str:
        if self.take("("):
            code = self.word("a currency")
            if len(code.text) == 3 and code.text.isalpha() and code.text.isupper() and self.take(")"):
                return code.text
            meant = amounts.currency_meant(code.text, re.findall(r"\b[A-Z]{3}\b", self.text))
            if meant is not None and meant != code.text:
                fix = (f"write `{meant}`", ((code.at, meant),))
                _refuse(f"`{code.text}` is not a currency; did you mean `{meant}`?", code.at, fix=fix)
        _refuse("money names its currency, as in `money(EUR)`", word.at)

    def members(self) -> tuple[str, ...]:
        """``a | b | c``."""
        out: list[str] = []
        while True:
            word = self.word("a choice")
            if word.kind == "keyword" and word.text in RESERVED:
                _refuse(f"`{word.text}` is a word of the language and cannot be a choice", word.at)
            if word.kind != "name":
                _refuse(f"`{word.text}` cannot be a choice; choices are names", word.at)
            if len(out) == MOST:
                _refuse(f"more than {MOST} choices are given", word.at)
            if word.text in out:
                _refuse(f"the choice `{word.text}` is given twice", word.at)
            out.append(word.text)
            if (mark := self.peek()) is not None and mark.text in COMMAS:
                _refuse("choices are separated by `|`", mark.at, fix=self.separated(mark.at))
            if not self.take("|"):
                return tuple(out)

    def separated(self, at: At) -> Edits:
        """Every separator of the choices from ``at`` on, written `|`."""
        end = self.text.find("=")
        end = len(self.text) if end < 0 else end
        start = len(self.text[: at[0]].rstrip())
        marks = re.finditer(rf"\s*(?:[{COMMAS}]\s*or\b|[{COMMAS}/]|(?<=\s)or\b)\s*", self.text[:end])
        return "separate them by `|`", tuple((mark.span(), " | ") for mark in marks if mark.start() >= start)

    def names(self) -> tuple[str, ...]:
        """``fare | trip.max_price``, as written."""
        out: list[str] = []
        while True:
            name = self.word("a name").text
            while self.take("."):
                name += f".{self.word('a name').text}"
            out.append(name)
            if not self.take("|"):
                return tuple(out)

    def list_of(self) -> Type:
        if (ahead := self.peek()) is not None and ahead.text in ("list", "set"):
            _refuse("a list holds single values, not lists or sets", ahead.at)
        inner = self.type()
        lo, hi = 0, 16
        if (word := self.peek()) is not None and word.kind == "value":
            lo, at = self.end(Number("int"))
            if not self.take(".."):
                _refuse("how many a list holds is written `1..5`", at)
            hi, at = self.end(Number("int"))
            if lo > hi:
                _refuse("the least number is greater than the greatest", at)
        return self.maybe(ListOf(inner, lo, hi))

    def enum(self, word: Word) -> Enum:
        ahead = self.peek()
        inner = None if ahead is not None and ahead.text in ("list", "set") else self.type()
        if not isinstance(inner, Enum):
            _refuse("a set is of named choices, as in `set of one of a | b`", word.at)
        return inner

    def ranged(self, type: Type) -> Type:
        """``[RANGE] [step Q]`` behind a numeric type."""
        number = type.inner if isinstance(type, Optional) else type
        word = self.peek()
        if word is None or word.text == "?":
            return type
        if not isinstance(number, Number):
            if word.kind == "value" or word.text in ("-", "step"):
                _refuse(f"{amounts.show_type(number)} has no range", word.at)
            return type
        if word.kind == "value" or word.text == "-":
            lo, lo_at = self.end(number)
            if not self.take(".."):
                meant = _TO.match(self.text, lo_at[1])
                fix = ("write `..`", ((meant.span(1), ".."),)) if meant is not None else None
                _refuse("a range is written `lo..hi`; a start is written `= START`", lo_at, fix=fix)
            hi, hi_at = self.end(number)
            if lo > hi:
                _refuse("this range is empty: its low end is above its high end", (lo_at[0], hi_at[1]))
            number = replace(number, lo=lo, hi=hi)
        if self.take("step"):
            number = self.stepped(number)
        return Optional(number) if isinstance(type, Optional) else number

    def stepped(self, number: Number) -> Number:
        step, at = self.end(Number(number.family))
        if step <= 0:
            _refuse("a step is greater than zero", at)
        if number.lo is not None and number.hi is not None and (number.hi - number.lo) % step:
            _refuse(
                f"the range {amounts.show_range(number)} is not a whole number of steps of "
                f"{amounts.show_amount(step, number.family)}",
                at,
            )
        return replace(number, step=step)

    def end(self, number: Number) -> tuple[int, At]:
        """One literal amount of the type, perhaps negative."""
        minus = self.peek()
        negative = self.take("-")
        word = self.word("an amount")
        at = (minus.at[0], word.at[1]) if negative and minus is not None else word.at
        if word.kind != "value":
            _refuse(f"`{word.text}` is not an amount; a range holds fixed amounts", at)
        self.measured(word, number)
        try:
            return _amount(f"-{word.text}" if negative else word.text, number, at), at
        except _Refused as refused:
            if (fix := self.with_units(word, number.family)) is not None:
                refused.mistake = replace(refused.mistake, fix=fix)
            raise

    def with_units(self, first: Word, family: str) -> Edits | None:
        """Every bare number of the line from this one on with its unit, where there is only one that it can have."""
        if amounts.with_unit(first.text, family) is None:
            return None
        bare = [match for match in _BARE.finditer(self.text, first.at[0]) if amounts.with_unit(match[0], family)]
        edits = tuple((match.span(), amounts.with_unit(match[0], family) or "") for match in bare)
        if not edits:
            return None
        start, end = edits[0][0][0], edits[-1][0][1]
        meant = self.text[start:end]
        for (low, high), text in reversed(edits):
            meant = meant[: low - start] + text + meant[high - start :]
        return f"write `{meant}`", edits

    def measured(self, digits: Word, number: Number) -> None:
        """Refuse a number with a word behind it that is no unit, where the type says which unit is wanted."""
        behind = self.peek()
        if behind is None or behind.kind != "name" or not digits.text[-1].isdigit() or number.family in amounts.PLAIN:
            return
        meant = amounts.unit_meant(behind.text)
        of = amounts.family_name(number.family)
        if meant is None or amounts.unit(meant)[0] != number.family:
            _refuse(f"`{behind.text}` is not a unit; {of} is wanted", behind.at, name="bad-amount")
        fix = (f"write `{meant}`", ((behind.at, meant),))
        _refuse(f"`{behind.text}` is not a unit; did you mean `{meant}`?", behind.at, name="bad-amount", fix=fix)


_YES_NO = re.compile(r"(?:yes|true) *(?:/|\||or|,) *(?:no|false)|(?:no|false) *(?:/|\||or|,) *(?:yes|true)")


def _typed(first: str, line: str) -> str | None:
    """The type of a line that begins with its range, by the unit of its first amount."""
    try:
        family, _ = amounts.quantity(first)
        return family
    except ValueError:
        return None if not first.replace(".", "").isdigit() else "number" if re.search(r"[0-9]\.[0-9]", line) else "int"


_BARE = re.compile(r"(?<![\w:])(?<![0-9]\.)[0-9]+(?:\.[0-9]+)?(?![\w%:]|\.[0-9]| ?(?:[A-Z]{3}|%))")
"""Numbers of a declaration that have no unit behind them."""

_EXAMPLES = {
    "condition": "condition on fare | seats",
    "list": "list of text 1..5",
    "set": "set of one of a | b",
}


def _amount(text: str, number: Number, at: At) -> int:
    try:
        value = amounts.read_value(text, number)
    except ValueError as error:
        meant = amounts.with_unit(text, number.family)
        raise _Refused(_wrong_amount(text, at, error, meant)) from None
    assert isinstance(value, int)
    return value


def _wrong_amount(text: str, at: At, error: ValueError, with_unit: str | None = None) -> Mistake:
    """An amount that is none, with how it is written here where it is one elsewhere, or lacks a unit that can only be one."""
    if _DATE.fullmatch(text.strip()) is not None:
        return Mistake("a story has no calendar: times are counted from its beginning, such as `14d`", at, "bad-amount")
    meant = idioms.amount_meant(text) or _in_words(text)
    if meant is None:
        fix = None if with_unit is None else (f"write `{with_unit}`", ((at, with_unit),))
        return Mistake(str(error), at, "bad-amount", fix=fix)
    return Mistake(
        f"`{text.strip()}` is written `{meant}` here", at, "bad-amount", fix=(f"write `{meant}`", ((at, meant),))
    )


_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[./][0-9]{1,2}[./](?:[0-9]{2}){1,2}")
_NUMERALS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "twelve": 12}


def _in_words(text: str) -> str | None:
    """`two turns`, `ten minutes`, `day`: an amount whose number is a word, or left out."""
    number, _, unit = text.strip().rpartition(" ")
    count = _NUMERALS.get(number.lower(), 1 if not number else None)
    if count is None or not unit.isalpha():
        return None
    if unit in ("turn", "turns"):
        return f"{count} {'turn' if count == 1 else 'turns'}" if number else None
    return idioms.amount_meant(f"{count} {unit}")


def duration(scalar: Scalar, sink: list[Diagnostic]) -> int | None:
    """``8h``, ``1h30m``, ``20s`` in milliseconds."""
    return _literal(scalar, Number("duration", lo=0), sink)


def some_time(scalar: Scalar, sink: list[Diagnostic]) -> int | None:
    """A duration longer than nothing, in milliseconds."""
    value = duration(scalar, sink)
    if value == 0:
        sink.append(
            diagnostic(Mistake("a story takes longer than nothing", (0, len(scalar.text)), "bad-amount"), scalar)
        )
        return None
    return value


def wait(scalar: Scalar, sink: list[Diagnostic]) -> Wait | None:
    """``30m`` or ``2 turns``."""
    scalar = western(scalar, sink)
    try:
        family, value = amounts.quantity(scalar.text)
        if value <= 0 and family in ("turns", "duration"):
            raise ValueError(f"`{scalar.text.strip()}` is no time at all; the shortest wait is `1 turn`")
        if family == "turns":
            return Wait(turns=value)
        if family == "duration":
            return Wait(ms=value)
        raise ValueError(f"`{scalar.text.strip()}` is not a time to wait, such as `30m` or `2 turns`")
    except ValueError as error:
        sink.append(diagnostic(_wrong_amount(scalar.text, (0, len(scalar.text)), error), scalar))
        return None


def gap(scalar: Scalar, sink: list[Diagnostic]) -> tuple[int, int] | None:
    """``1h``, ``5m..15m`` or ``10m +- 5m``: the least and the greatest gap in milliseconds, the least above zero."""
    scalar = western(scalar, sink)
    tree = parse(scalar.text, "value")
    try:
        match tree:
            case Mistake():
                raise _Refused(tree)
            case surface.Quantity(text, at=at):
                lo = hi = _amount(text, Number("duration"), at)
            case surface.Draw(surface.Quantity(first, at=at), surface.Quantity(last, at=end)):
                lo, hi = _amount(first, Number("duration"), at), _amount(last, Number("duration"), end)
            case surface.Spread(surface.Quantity(centre, at=at), surface.Quantity(radius, at=end)):
                middle, away = _amount(centre, Number("duration"), at), _amount(radius, Number("duration"), end)
                lo, hi = middle - away, middle + away
            case _:
                meant = _in_words(scalar.text)
                fix = None if meant is None else (f"write `{meant}`", ((tree.at, meant),))
                _refuse("a gap is written `1h`, `5m..15m` or `10m +- 5m`", tree.at, name="bad-amount", fix=fix)
        if lo > hi:
            _refuse("this range is empty: its low end is above its high end", tree.at, name="bad-amount")
        if lo <= 0:
            _refuse("a gap is longer than nothing, also at its shortest", tree.at, name="bad-amount")
    except _Refused as refused:
        sink.append(diagnostic(refused.mistake, scalar))
        return None
    return lo, hi


def chance(scalar: Scalar, sink: list[Diagnostic]) -> float | None:
    """``30%``, from 0 % to 100 %, as a fraction."""
    value = _literal(scalar, Number("percent", lo=0, hi=10_000), sink)
    return None if value is None else value / 10_000


def some_chance(scalar: Scalar, sink: list[Diagnostic]) -> float | None:
    """A chance at which something can happen. A module may be given 0 %, which switches a line of it off."""
    value = chance(scalar, sink)
    if value == 0 and not scalar.pieces:
        mistake = Mistake("what has a chance of 0% never happens", (0, len(scalar.text)), "bad-amount")
        sink.append(diagnostic(mistake, scalar))
        return None
    return value


def yes_no(scalar: Scalar, sink: list[Diagnostic]) -> bool | None:
    """``yes`` or ``no``."""
    text = scalar.text.strip()
    if text in ("yes", "no"):
        return text == "yes"
    mistake = Mistake(f"`yes` or `no` is wanted, not `{text}`", (0, len(scalar.text)), "bad-amount")
    if text.lower() in ("true", "false", "on", "off", "y", "n", "yes", "no"):
        meant = "yes" if text.lower() in ("true", "on", "y", "yes") else "no"
        mistake = replace(mistake, fix=(f"write `{meant}`", (((0, len(scalar.text)), meant),)))
    sink.append(diagnostic(mistake, scalar))
    return None


def whole(scalar: Scalar, sink: list[Diagnostic], least: int = 0) -> int | None:
    """A whole number, at least ``least``."""
    if (counted := re.fullmatch(r"\s*([0-9]{1,6}) +[a-z]+\s*", scalar.text)) is not None:
        at, digits = (0, len(scalar.text)), counted[1]
        fix = (f"write `{digits}`", ((at, digits),))
        mistake = Mistake(f"a number stands here alone, `{digits}`", at, "bad-amount", fix=fix)
        sink.append(diagnostic(mistake, scalar))
        return None
    return _literal(scalar, Number("int", lo=least), sink)


def _literal(scalar: Scalar, number: Number, sink: list[Diagnostic]) -> int | None:
    scalar = western(scalar, sink)
    try:
        return _amount(scalar.text.strip(), number, (0, len(scalar.text)))
    except _Refused as refused:
        sink.append(diagnostic(refused.mistake, scalar))
        return None

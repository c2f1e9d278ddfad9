"""Idioms: what people write who know other languages, or plain English, and how it is written here.

Each idiom is a few words side by side with the words that say the same here. They are only looked for in a text that does not
parse, and only those count that let the parser come further: so a variable may well be called ``between``. What is found is
repaired all at once; the message speaks of the first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dramaturg.dsl.expressions.amounts import MEANT
from dramaturg.dsl.expressions.lookalikes import COMMAS
from dramaturg.dsl.expressions.spelling import GOES_ON
from dramaturg.dsl.expressions.surface import At

FOREIGN = {
    "===": "==",
    "!==": "!=",
    "&&": "and",
    "||": "or",
    "<>": "!=",
    "~=": "!=",
    "=<": "<=",
    "=>": ">=",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "∧": "and",
    "∨": "or",
    "¬": "not",
    "→": "implies",
    "⇒": "implies",
    "->": "implies",
    "±": "+-",
    "&": "and",
    "!": "not",
    "=": "==",
    "×": "*",
    "÷": "/",
    "∈": "in",
    "∉": "not in",
    "…": "..",
    "...": "..",
    "–": "-",
    "—": "-",
    "−": "-",
    "‐": "-",
    "‑": "-",
    "（": "(",
    "）": ")",
    "｛": "{",
    "｝": "}",
    "＝": "==",
    "＜": "<",
    "＞": ">",
    "＋": "+",
    "－": "-",
    "＊": "*",
    "／": "/",
    "｜": "|",
    "．": ".",
    "！": "not",
    "＆": "and",
    "《": "<=",
}
"""How other languages and keyboards write our signs."""

SIGNS = ("..", "+-", "*", "/", "-", "+", "<", ">", "<=", ">=", "==", "!=", "|", ".", "(", ")", "{", "}")
CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW"}
QUOTES = {"“": "”", "”": "”", "„": "“”", "«": "»", "‘": "’", "'": "'", "`": "`´", "「": "」", "″": "″", "＂": "＂"}
MACHINES = ("task", "concern", "trigger", "shift")

MOST, TRIED, NEAR = 12, 6, 3
"""Slips that are put right at most, slips that are tried at one place, and how many characters away from where reading stops they
may lie."""

Fails = Callable[[str], int]
"""How many characters are left where reading a text stops; -1 where it is read to its end."""


@dataclass(frozen=True, slots=True)
class Slip:
    """Characters that are written otherwise here."""

    at: At
    meant: str
    message: str
    title: str = ""
    name: str = "bad-expression"
    sure: bool = True
    """Whether nothing else can have been meant."""


@dataclass(frozen=True, slots=True)
class Found:
    """The slips of a text, in their order, and the text without them."""

    slips: tuple[Slip, ...]
    text: str
    whole: bool
    """Whether the text then parses."""


def found(text: str, fails: Fails) -> Found | None:
    """The idioms of other languages in a text that does not parse; None where there are none."""
    left = fails(text)
    slips = list(_slips(text))
    kept: list[Slip] = []
    while left >= 0 and len(kept) < MOST:
        stop = len(text) - left
        near = [slip for slip in slips if slip.at[0] - NEAR <= stop <= slip.at[1] + NEAR and not _touches(slip, kept)]
        for slip in near[:TRIED]:
            after = fails(applied(text, [*kept, slip]))
            if after < left or (after == left and _sure(slip)):
                kept.append(slip)
                left = after
                break
        else:
            break
    if not kept:
        return None
    kept.sort(key=lambda slip: slip.at)
    return Found(tuple(kept), applied(text, kept), left < 0)


def _touches(slip: Slip, others: Sequence[Slip]) -> bool:
    return any((slip.at[0] < other.at[1] and other.at[0] < slip.at[1]) or slip.at == other.at for other in others)


def _sure(slip: Slip) -> bool:
    """Whether characters mean nothing here whatever stands around them."""
    return slip.message.startswith("`") and slip.meant in FOREIGN.values() and slip.at[1] - slip.at[0] <= 3


def applied(text: str, slips: Sequence[Slip]) -> str:
    """The text with its slips put right."""
    for slip in sorted(slips, key=lambda slip: slip.at, reverse=True):
        text = text[: slip.at[0]] + slip.meant + text[slip.at[1] :]
    return text


def _slips(text: str) -> Iterator[Slip]:
    """Every place that looks like an idiom, the more certain ones first; they may overlap."""
    bare, quotes = _masked(text)
    yield from quotes
    yield from _blanks(bare)
    yield from _amounts(bare)
    yield from _phrases(bare)
    yield from _signs(bare)
    yield from _capitals(bare)


def _masked(text: str) -> tuple[str, list[Slip]]:
    """The text with what stands between quotes blanked out, and the quotes that are none here."""
    slips: list[Slip] = []
    out, at = list(text), 0
    while at < len(text):
        char = text[at]
        if char == '"':
            end = re.compile(r'"(?:\\.|[^"\\])*"?', re.DOTALL).match(text, at)
            stop = end.end() if end else len(text)
        elif char in QUOTES and not (char in "'’" and at and re.match(GOES_ON, text[at - 1])):
            closing = next((i for i in range(at + 1, len(text)) if text[i] in QUOTES[char] + '"'), None)
            if closing is None:
                at += 1
                continue
            stop = closing + 1
            inside = text[at + 1 : closing].replace("\\", "\\\\").replace('"', '\\"')
            message = 'texts stand between straight double quotes, "like this"'
            slips.append(Slip((at, stop), f'"{inside}"', message, "use straight double quotes"))
        else:
            at += 1
            continue
        out[at:stop] = "¤" * (stop - at)
        at = stop
    return "".join(out), slips


def _blanks(text: str) -> Iterator[Slip]:
    for match in re.finditer(r"[^\S \t\r\n]+", text):
        char = match[0][0]
        name = unicodedata.name(char, "unusual blank").lower().replace("no-break", "no-break")
        yield Slip(match.span(), " ", f"there is a {name} here; write an ordinary blank", "write an ordinary blank")


# --- amounts ----------------------------------------------------------------------------------------------------------

_UNITS = {other: ours for ours, others in MEANT.items() for other in others}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_START, _STOP = r"(?<![\w.:])", r"(?!\w)"
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"


def _amounts(text: str) -> Iterator[Slip]:
    for match in re.finditer(
        rf"{_START}({_NUMBER}) ?({_UNIT})(?: ?(?:and )?({_NUMBER}) ?({_UNIT}|ms|s|m|h|d|w))?{_STOP}", text
    ):
        first, unit, second, other = match.groups()
        meant = joined(first, _UNITS[unit])
        meant += joined(second, _UNITS.get(other, other)) if second else ""
        yield _amount(match.span(), match[0], meant)
    for match in re.finditer(
        rf"{_START}({_NUMBER} ?[wdhms]+)((?: +(?:and +)?{_NUMBER} ?(?:ms|[wdhms]))+){_STOP}", text
    ):
        yield _amount(match.span(), match[0], re.sub(r"\s+|and", "", match[0]))
    for match in re.finditer(rf"([$€£¥₹₩]) ?({_NUMBER}){_STOP}", text):
        yield _amount(match.span(), match[0], f"{match[2]} {CURRENCIES[match[1]]}")
    for match in re.finditer(rf"{_START}({_NUMBER}) ?([$€£¥₹₩])", text):
        yield _amount(match.span(), match[0], f"{match[1]} {CURRENCIES[match[2]]}")
    for match in re.finditer(rf"{_START}([A-Z]{{3}}) ?({_NUMBER}){_STOP}", text):
        yield _amount(match.span(), match[0], f"{match[2]} {match[1]}")
    for match in re.finditer(rf"{_START}([0-9]{{1,3}}(?:[,' ][0-9]{{3}})+)(\.[0-9]+)?(?= ?[A-Za-z%]|\W|$)", text):
        if "," in match[0] or "'" in match[0] or re.match(r" ?[A-Z]{3}", text[match.end() :]):
            yield _amount(match.span(), match[0], re.sub(r"[,' ]", "", match[0]))
    for match in re.finditer(rf"{_START}([0-9]+),([0-9]{{1,2}})(?= ?[A-Za-z%]|\W|$)", text):
        yield _amount(match.span(), match[0], f"{match[1]}.{match[2]}")
    for match in re.finditer(
        rf"{_START}([0-9]{{1,2}})(?:[:.]([0-9]{{2}}))? ?([ap])\.?m\.?{_STOP}", text, re.IGNORECASE
    ):
        hour = int(match[1]) % 12 + (12 if match[3].lower() == "p" else 0)
        yield _amount(match.span(), match[0], f"{hour:02}:{match[2] or '00'}")
    for match in re.finditer(rf"{_START}([0-9]{{1,2}}) o['’]clock{_STOP}", text):
        yield _amount(match.span(), match[0], f"{int(match[1]):02}:00")
    for match in re.finditer(rf"{_START}({_NUMBER})[ \u00a0]+(%)", text):
        yield _amount(match.span(), match[0], f"{match[1]}%")


def joined(number: str, unit: str) -> str:
    """An amount as it is written here: ``15d``, ``20 EUR``."""
    return f"{number} {unit}" if unit.isupper() or unit in ("kg", "km") else f"{number}{unit}"


def _amount(at: At, written: str, meant: str) -> Slip:
    return Slip(at, meant, f"`{written}` is written `{meant}` here", f"write `{meant}`", "bad-amount")


def amount_meant(text: str) -> str | None:
    """What an amount in a foreign spelling is here (``15 days``: ``15d``); None where it is no such amount."""
    text = text.strip()
    return next((slip.meant for slip in _amounts(text) if slip.at == (0, len(text))), None)


# --- words ------------------------------------------------------------------------------------------------------------

_NAME = r"[^\W\d][\w]*(?:\.[^\W\d][\w]*)*"
_ITEM = rf"(?:{_NAME}|{_NUMBER}(?: ?[A-Za-z%]+)?|¤+)"
_IS = r"(?:\bis |\bare )?"

_ABROAD = {
    "and": "und et e y и і و और 和 且 并且 かつ 그리고",
    "or": "oder ou o или або أو या 或 或者 または 또는",
    "not": "nicht pas не ليس नहीं 不 非 아니",
}
"""How the languages of our authors join conditions, where it is a word of its own."""

_PHRASES: tuple[tuple[str, str, str], ...] = (
    *((rf"(?<!\S)(?:{'|'.join(words.split())})(?!\S)", meant, "") for meant, words in _ABROAD.items()),
    (r"\{\{ *", "", "only in texts a name stands between double braces"),
    (r" *\}\}", "", "only in texts a name stands between double braces"),
    (r"\bis not in\b", "not in", ""),
    (r"\bis in\b(?! last)", "in", ""),
    (r"\b(?:isn|aren|wasn)['’]t in\b", "not in", ""),
    (r"\b(?:isn|aren|wasn)['’]?t\b", "is not", ""),
    (r"\b(?:in|within|during) the last\b|\b(?:within|during) last\b|\bin the past\b", "in last", ""),
    (rf"\bonce ({_NAME}(?:\([^()]*\))? in last)\b", r"\1", ""),
    (r"\bin(?= [0-9]+ ?(?:ms|[smhdw]|turns?)(?!\w))", "within", ""),
    (r"\bin(?= [0-9]+ ?(?:ms|[smhdw]|turns?)(?!\w))", "in last", ""),
    (r"\bfor (?:at least|more than|over)\b", "for", ""),
    (rf"(?:\bis )?\bbetween ({_ITEM}) (?:and|to) ({_ITEM})", r"in \1..\2", ""),
    (rf"\bfrom ({_ITEM}) to ({_ITEM})", r"in \1..\2", ""),
    (rf"\bis (?:either|one of|any of) ({_NAME})((?: ?(?:or|,|,? or) ?{_NAME})+)", "is {either}", ""),
    (r"\bis (?:either|one of|any of)\b", "is", ""),
    (rf"{_IS}(?:greater|more|larger|higher|later) than or equal to\b", ">=", ""),
    (rf"{_IS}(?:less|smaller|lower|fewer|earlier) than or equal to\b", "<=", ""),
    (rf"{_IS}(?:greater|more|larger|higher|later) than\b|\bis (?:above|over|after)\b", ">", ""),
    (rf"{_IS}(?:less|smaller|lower|fewer) than\b|\bis (?:below|under|before)\b", "<", ""),
    (rf"{_IS}at least\b", ">=", ""),
    (rf"{_IS}at most\b", "<=", ""),
    (r"\bis not equal to\b|\bnot equals?(?: to)?\b", "!=", ""),
    (r"\bis equal to\b|\bequals\b|\bequal to\b", "==", ""),
    (rf"({_NAME}) (?:has|contains|includes) ({_NAME}|{_NUMBER}|¤+)", r"\2 in \1", ""),
    (rf"({_NAME}(?:\([^()]*\))?) (?:has )?happened\b", r"once \1", ""),
    (rf"({_NAME}(?:\([^()]*\))?) after ({_NAME}(?:\([^()]*\))?)", r"once \1 since \2", ""),
    (r"(?<!is )\bnot known\b", "is not known", ""),
    (r"(?<=[\w)]) (?<!is )(?<!not )known\b", " is known", ""),
    (r"^\s*if (.+?) then (.+)$", r"\1 implies \2", "`if … then …` is written `… implies …` here"),
    (r"\bthen\b", "implies", ""),
    (r"\bbut\b", "and", ""),
    (r"^\s*(?:if|when)\b ", "", "the condition stands here alone, without `if`"),
)


def _phrases(text: str) -> Iterator[Slip]:
    for pattern, meant, message in _PHRASES:
        for match in re.finditer(pattern, text):
            if "{either}" in meant:
                choices = re.findall(_NAME, re.sub(r"\bor\b", "|", match[2]))
                new = f"is {' | '.join([match[1], *choices])}"
            else:
                new = match.expand(meant)
            if "¤" in new:
                continue
            written = match[0].strip()
            said = message or f"`{written}` is written `{new.strip()}` here"
            sure = not re.search("happened|has|contains|includes|after|but|if|then|least (?=[0-9])", written)
            yield Slip(match.span(), new, said, f"write `{new.strip()}`" if new else "leave it out", sure=sure)


_SIGN = re.compile(
    "|".join(re.escape(sign) for sign in sorted((*FOREIGN, *("==", "!=", "<=", ">=")), key=len, reverse=True))
)


def _signs(text: str) -> Iterator[Slip]:
    for match in _SIGN.finditer(text):
        meant = FOREIGN.get(match[0])
        if meant is None:
            continue
        if match[0] in ("=", "＝") and re.search(rf"\b(?:{'|'.join(MACHINES)})\.[\w.]+\s*$", text[: match.start()]):
            meant = "is"
        if match[0] == "||" and re.search(r"\bis\b[^()]*$", text[: match.start()]):
            meant = "|"
        new = meant if meant in SIGNS else _padded(text, match.span(), meant)
        yield Slip(match.span(), new, f"`{match[0]}` is written `{meant}` here", f"write `{meant}`")
    for match in re.finditer(r"\b(not )?in (?:\[([^\[\]{}()]+)\]|\(([^(){}]*,[^(){}]*)\))", text):
        listed = " | ".join(part.strip() for part in (match[2] or match[3]).split(",") if part.strip())
        new = f"is not {listed}" if match[1] else f"is {listed}"
        yield Slip(match.span(), new, f"a choice is written `{new}`", f"write `{new}`")
    for match in re.finditer(rf"\bis( not)? \{{({_NAME}(?:, ?{_NAME})*)\}}", text):
        new = f"is{match[1] or ''} {' | '.join(re.findall(_NAME, match[2]))}"
        yield Slip(
            match.span(), new, f"after `is` choices are written `{new[3:].removeprefix('not ')}`", f"write `{new}`"
        )
    for match in re.finditer(rf"\bis(?: not)? {_NAME}(?: ?[,/] ?{_NAME})+(?! ?[=<>!(])", text):
        new = re.sub(r" ?[,/] ?", " | ", match[0])
        yield Slip(match.span(), new, "choices are separated by `|`", f"write `{new}`")
    for match in re.finditer(rf"\s*[{COMMAS}]\s*", text):
        message = "a comma has no meaning here; conditions are joined with `and` or `or`"
        if match.start() and text[: match.start()].count("{") > text[: match.start()].count("}"):
            yield Slip(match.span(), ", ", "choices between braces are separated by commas", "write `,`")
        elif match.start():
            yield Slip(match.span(), " and ", message, "write `and`", sure=False)


_WORDS = ("and", "or", "not", "for", "since", "once", "is", "in", "implies", "earlier", "known", "matches", "yes", "no")


def _capitals(text: str) -> Iterator[Slip]:
    for match in re.finditer(r"(?<![\w.])[^\W\d]+(?![\w.])", text):
        word = match[0].lower()
        if word != match[0] and word in (*_WORDS, "always", "never", "eventually", "possible", "winnable", "until"):
            yield Slip(match.span(), word, f"`{match[0]}` is written in small letters, `{word}`", f"write `{word}`")


def _padded(text: str, at: At, word: str) -> str:
    left = "" if at[0] == 0 or text[at[0] - 1].isspace() or text[at[0] - 1] == "(" else " "
    right = "" if at[1] < len(text) and text[at[1]].isspace() else " "
    return f"{left}{word}{right}"

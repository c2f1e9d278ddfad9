"""What is wrong with an expression that does not parse, in the author's words.

The parser says where it stopped; this module looks at the words on both sides of that place and says what is missing, what is
foreign, and how it is written here. It knows the grammar's vocabulary, not its terminals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeAlias

from dramaturg.dsl.diagnostics import Diagnostic, Fix, diagnose
from dramaturg.dsl.expressions import idioms
from dramaturg.dsl.expressions.amounts import MEANT, unit_meant
from dramaturg.dsl.expressions.spelling import END, WORD
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.expressions.surface import At
from dramaturg.dsl.tree import Scalar

FORWARD = ("always", "never", "eventually", "possible", "winnable", "leads to", "until", "within")
NORMS = ("always", "never")
"""What a rule begins with as well; every other word of ``FORWARD`` belongs to ``check`` alone."""
CONNECTIVES = ("and", "or", "not", "implies", "since", "once", "earlier", *FORWARD[:-1])
TIMED = ("for", "in last", "within")
COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")

_TOKEN = re.compile(
    rf"""(?P<space>[ \t\r\n]+)
      | (?P<text>"(?:\\.|[^"\\])*")
      | (?P<keyword>(?:leads[ \t\n]+to|in[ \t\n]+last|not[ \t\n]+in|is[ \t\n]+not|one[ \t\n]+of|always|never|eventually
          |possible|winnable|until|within|implies|or|and|not|for|since|once|earlier|in|is|known|matches|judged|else|yes|no)
          {END})
      | (?P<value>[0-9]+(?:\.[0-9]+)?(?:%|{WORD}
          |[ ]+(?:turns?|ms|s|m|h|d|w|g|kg|km|[A-Z][A-Z][A-Z]){END})?)
      | (?P<name>{WORD})
      | (?P<sign>===|!==|==|!=|<=|>=|=<|=>|<>|&&|\|\||->|\+-|\.\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)


Edits: TypeAlias = tuple[str, tuple[tuple[At, str], ...]]
"""A title, and the replacements."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, in characters of the expression's text."""

    message: str
    at: At
    name: str = "bad-expression"
    notes: tuple[str, ...] = ()
    fix: Edits | None = None
    """A title, and the replacements that repair it."""
    sure: bool = True
    """Whether the repair is beyond doubt."""


@dataclass(frozen=True, slots=True)
class Word:
    kind: str
    text: str
    at: At


def words(text: str) -> Iterator[Word]:
    """The words and signs of a text, whatever they are."""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "sign"
        if kind != "space":
            yield Word(kind, " ".join(found.group().split()) if kind == "keyword" else found.group(), found.span())


def explain(text: str, at: int, expected: frozenset[str], entry: str, fails: idioms.Fails) -> Mistake:
    """Why the text does not parse. ``at`` is the character where reading stopped, ``expected`` the terminals that could follow,
    ``fails`` where reading another text would stop."""
    mistake = _reason(text, at, expected, entry)
    if len(text) > REPAIRABLE:
        return mistake
    if mistake.name == "looks-forward":
        return replace(mistake, fix=_repair(text, mistake, fails), sure=False)
    if (slips := idioms.found(text, fails)) is not None:
        first = slips.slips[0]
        written = text[slice(*first.at)]
        start, end = first.at[0] + len(written) - len(written.lstrip()), first.at[0] + len(written.rstrip())
        where = (start, end) if start < end else first.at
        edits = tuple((slip.at, slip.meant) for slip in slips.slips)
        notes = mistake.notes if where == mistake.at else ()
        sure = all(slip.sure for slip in slips.slips)
        return Mistake(first.message, where, first.name, notes, (first.title, edits), sure)
    if mistake.fix is None:
        fix = _repair(text, mistake, fails)
        return replace(mistake, fix=fix, sure=fix is not None and fix[0].startswith("write "))
    return mistake


REPAIRABLE = 600
"""Characters of an expression for which repairs are tried."""


def _repair(text: str, mistake: Mistake, fails: idioms.Fails) -> Edits | None:
    """The first small change after which the text parses, where one suggests itself."""
    for title, edits in islice(_changes(text, mistake), 8):
        changed = text
        for (start, end), new in sorted(edits, reverse=True):
            changed = changed[:start] + new + changed[end:]
        if fails(changed) < 0:
            return title, edits
    return None


def _changes(text: str, mistake: Mistake) -> Iterator[Edits]:
    """Small changes that may be meant, the likeliest first."""
    found = list(words(text))
    here = next((i for i, word in enumerate(found) if word.at[0] <= mistake.at[0] < word.at[1]), len(found))
    end = len(text.rstrip())
    if mistake.name == "looks-forward":
        word = found[here]
        if word.text == "never" and here == 0:
            yield "write `not once`", ((word.at, "not once"),)
            yield "write `not once (…)`", ((word.at, "not once ("), ((end, end), ")"))
        if word.text == "within":
            last = re.compile(r"within(?:\s+the)?(?:\s+(?:last|past))?").match(text, word.at[0])
            yield "write `in last`", (((word.at[0], last.end() if last else word.at[1]), "in last"),)
        return
    for index in (here, here + 1, here - 1):
        if 0 <= index < len(found) and found[index].text in COMPARISONS and index:
            middle = found[index - 1]
            yield f"write `and {middle.text}`", (((middle.at[1], middle.at[1]), f" and {middle.text}"),)
    opened = [word for word in found if word.kind == "sign" and word.text in "({"]
    closers = [word for word in found if word.kind == "sign" and word.text in ")}"]
    if len(opened) > len(closers):
        closer = ")" if opened[-1].text == "(" else "}"
        if found[max(0, found.index(opened[-1]) - 1)].text == "count":
            for word in found:
                if word.text in COMPARISONS and word.at[0] > opened[-1].at[0]:
                    at = len(text[: word.at[0]].rstrip())
                    yield f"close it with `{closer}` before `{word.text}`", (((at, at), closer),)
        yield f"close it with `{closer}` at the end", (((end, end), closer),)
        for word in found:
            if word.text in ("and", "or", "implies") and word.at[0] > opened[-1].at[0]:
                yield f"close it with `{closer}` before `{word.text}`", (((word.at[0] - 1, word.at[0] - 1), closer),)
    if here < len(found):
        word = found[here]
        if word.text in (")", "}") or word.text in CONNECTIVES:
            yield f"remove this `{word.text}`", ((_with_blank(text, word.at), ""),)
        if word.text in CONNECTIVES and here + 1 < len(found) and found[here + 1].text in CONNECTIVES:
            yield f"remove `{found[here + 1].text}`", ((_with_blank(text, found[here + 1].at), ""),)
        if here + 1 < len(found) and found[here + 1].text == word.text:
            yield f"remove the second `{word.text}`", ((_with_blank(text, found[here + 1].at), ""),)
        if word.text in ("and", "or") and here + 1 < len(found) and found[here + 1].text in COMPARISONS:
            subject = _subject(found[:here])
            if subject is not None:
                yield f"write `{word.text} {subject}`", (((word.at[1], word.at[1]), f" {subject}"),)
        if word.text == ".." and here > 1 and found[here - 2].text == "==":
            yield "write `in`", ((found[here - 2].at, "in"),)
        if word.text == '"':
            yield "close the quote at the end", (((end, end), '"'),)


def _subject(before: list[Word]) -> str | None:
    """What the last comparison to the left compares."""
    at = next((i for i in reversed(range(len(before))) if before[i].text in COMPARISONS), 0)
    out: list[str] = []
    for word in reversed(before[:at]):
        if word.kind not in ("name", "value") and word.text != ".":
            break
        out.append(word.text)
    return "".join(reversed(out)) or None


def _with_blank(text: str, at: At) -> At:
    """A word together with the blanks before it, or behind it where it comes first."""
    start, end = at
    while start and text[start - 1].isspace():
        start -= 1
    if start == 0:
        while end < len(text) and text[end].isspace():
            end += 1
    return start, end


def _reason(text: str, at: int, expected: frozenset[str], entry: str) -> Mistake:
    found = list(words(text))
    if not found:
        return Mistake("an expression is missing here", (0, len(text)))
    before = [word for word in found if word.at[1] <= at]
    after = [word for word in found if word.at[1] > at]
    last = before[-1] if before else None
    here = after[0] if after else None

    if here is not None and (mistake := _foreign(text, here)) is not None:
        return mistake
    if (mistake := _unbalanced(found, here)) is not None:
        return mistake
    if last is not None and "AND" in expected and last.kind == "keyword" and last.text not in ("yes", "no", "known"):
        return misread(text, last.at, entry)
    if here is not None and (mistake := _counted(after, last)) is not None:
        return mistake
    if here is not None and (mistake := _out_of_place(here, before, entry)) is not None:
        return mistake
    if last is not None and (mistake := _unfinished(last, here)) is not None:
        return mistake
    if here is not None and last is not None and _side_by_side(last, here):
        if (misspelt := _misspelt(last, here, entry)) is not None:
            return misspelt
        return Mistake(
            f"`{last.text}` and `{here.text}` stand side by side; something is missing between them",
            here.at,
            notes=(
                "Conditions are joined with `and` or `or`, values are compared with `==`, `<=`, `is` and the like.",
            ),
        )
    if here is None:
        end = len(text.rstrip())
        return Mistake("this expression ends too early", (max(0, end - 1), end))
    return Mistake(f"`{here.text}` cannot stand here", here.at)


def _foreign(text: str, here: Word) -> Mistake | None:
    """Signs that no expression has."""
    if here.text == '"':
        return Mistake("this quote is never closed", (here.at[0], len(text)))
    if here.kind == "sign" and here.text not in "()|{},.+-*/<>==!=<=>=..":
        return Mistake(f"`{here.text}` has no meaning in an expression", here.at)
    return None


def _unbalanced(found: list[Word], here: Word | None) -> Mistake | None:
    """A parenthesis or brace that has no partner."""
    opened: list[Word] = []
    pairs = {")": "(", "}": "{"}
    for word in found:
        if word.kind != "sign":
            continue
        if word.text in pairs.values():
            opened.append(word)
        elif word.text in pairs:
            if not opened or opened[-1].text != pairs[word.text]:
                return Mistake(f"this `{word.text}` has no `{pairs[word.text]}` before it", word.at)
            opened.pop()
    if opened and (here is None or here.text in (")", "}")):
        return Mistake(f"this `{opened[-1].text}` is never closed", opened[-1].at)
    return None


def misread(text: str, at: At, entry: str) -> Mistake:
    """A word of the language that was read as a name, because only a name could follow what stands before it."""
    found = [word for word in words(text) if word.at[1] <= at[1]]
    word = found[-1]
    if word.text in FORWARD:
        return _forward(word, entry)
    if len(found) > 1 and (mistake := _unfinished(found[-2], word)) is not None:
        return mistake
    if word.text in ("yes", "no", "not", "once", "earlier", "judged"):
        return Mistake(f"`{word.text}` cannot stand here", word.at)
    return Mistake(f"`{word.text}` is a word of the language and cannot be a name", word.at)


def _forward(word: Word, entry: str) -> Mistake:
    if entry == "check":
        return Mistake(
            f"`{word.text}` can only be the outermost word of a check",
            word.at,
            "looks-forward",
            notes=("Inside, a check uses what guards use: `once`, `since`, `earlier`, `for` and `in last`.",),
        )
    note = "Guards look back, with `for 10m`, `since`, `once`, `earlier` and `in last 15m`; checks look forward."
    if word.text == "within":
        note = "A guard looks back: `in last 10m` says that something was so within the last ten minutes."
    where = "`check` and `rules`" if word.text in NORMS else "`check`"
    return Mistake(f"`{word.text}` looks forward, which only {where} may", word.at, "looks-forward", notes=(note,))


def _counted(after: list[Word], last: Word | None) -> Mistake | None:
    """An amount of time whose unit is misspelt: `within 14 tuns`."""
    if last is None or last.text not in TIMED or len(after) < 2 or after[0].kind != "value" or after[1].kind != "name":
        return None
    unit = after[1]
    meant = unit_meant(unit.text)
    if meant is None:
        return None
    message = f"`{unit.text}` is not a unit; did you mean `{meant}`?"
    edit = ((after[0].at[1], unit.at[1]), _unit_behind(meant))
    return Mistake(message, unit.at, "bad-amount", fix=(f"write `{meant}`", (edit,)))


def _out_of_place(here: Word, before: list[Word], entry: str) -> Mistake | None:
    """A word of the language in a place that is not its own."""
    last = before[-1] if before else None
    if here.text in FORWARD and here.kind == "keyword" and (entry != "check" or here.text != "within"):
        return _forward(here, entry)
    complete = last is not None and last.text not in (*COMPARISONS, *CONNECTIVES)
    if here.text in COMPARISONS and complete and _compared(before):
        return Mistake(
            "comparisons do not chain",
            here.at,
            notes=("Write `a <= b and b <= c`, or for a fixed range `b in 1..3`.",),
        )
    if here.text in ("..", "+-", "one of"):
        written = {"..": "a range `lo..hi`", "+-": "a spread `x +- y`", "one of": "`one of`"}[here.text]
        note = "To ask whether a value lies in a range, write `x in 1..3`." if here.text == ".." else ""
        return Mistake(f"{written} is not a condition", here.at, notes=(note,) if note else ())
    if here.kind == "name" and last is not None and last.kind == "value" and last.text[-1].isdigit():
        meant = next((unit for unit, others in MEANT.items() if here.text in others), None) or unit_meant(here.text)
        if meant is None and (misspelt := _misspelt(last, here, entry)) is not None:
            return misspelt
        return Mistake(
            f"`{here.text}` is not a unit" + ("" if meant is None else f"; did you mean `{meant}`?"),
            here.at,
            "bad-amount",
            notes=(UNITS,) if meant is None else (),
            fix=None if meant is None else (f"write `{meant}`", (((last.at[1], here.at[1]), _unit_behind(meant)),)),
        )
    if here.kind == "value" and last is not None and last.text in TIMED:
        return Mistake(
            f"`{here.text}` of what? Say an amount of time or turns",
            here.at,
            "bad-amount",
            notes=(f"For example `{last.text} {here.text}m` or `{last.text} {here.text} turns`.",),
        )
    if here.text == ",":
        return Mistake("a comma has no meaning here; conditions are joined with `and` or `or`", here.at)
    if here.text == "{":
        return Mistake("braces stand only after `in`, as in `x in {A, B}`", here.at)
    return None


UNITS = "Units are ms, s, m, h, d, w, %, g, kg, km, turns, and currencies such as EUR."


def _unit_behind(unit: str) -> str:
    return f" {unit}" if len(unit) > 2 else unit


def _compared(before: list[Word]) -> bool:
    """Whether a comparison stands to the left at the same level, with no connective between."""
    level = 0
    for word in reversed(before):
        if word.text in (")", "}"):
            level += 1
        elif word.text in ("(", "{"):
            level -= 1
            if level < 0:
                return False
        elif level == 0 and word.text in (*CONNECTIVES, ","):
            return False
        elif level == 0 and word.text in COMPARISONS:
            return True
    return False


def _unfinished(last: Word, here: Word | None) -> Mistake | None:
    """What was begun before the place and not completed."""
    at = last.at
    if last.text in TIMED:
        return Mistake(f"`{last.text}` needs an amount of time after it, such as `10m` or `2 turns`", at)
    if here is not None and here.text not in (")", "}", "|", ",", "..", *COMPARISONS) and here.kind != "keyword":
        return None
    if last.text in COMPARISONS:
        return Mistake(f"a comparison needs a value after `{last.text}`", at)
    if last.text in CONNECTIVES and last.kind == "keyword":
        return Mistake(f"`{last.text}` needs a condition after it", at)
    if last.text in ("+", "-", "*", "/", "..", "+-") and last.kind == "sign":
        return Mistake(f"`{last.text}` needs a value after it", at)
    if last.text in ("is", "is not", "|", "matches", "one of"):
        return Mistake(f"`{last.text}` needs a name after it", at)
    if last.text in ("in", "not in"):
        return Mistake(f"`{last.text}` needs a range `1..3` or a choice `{{A, B}}` after it", at)
    if last.text == ".":
        return Mistake("a name is missing after the dot", at)
    if last.text == "(":
        return Mistake("something is missing after this parenthesis", at)
    if last.text == "judged":
        return Mistake('`judged` needs a question in quotes after it, `judged "…" else no`', at)
    if last.text == "else":
        return Mistake("`else` needs what decides when no model does, such as `no` or a parenthesised condition", at)
    return None


def _misspelt(last: Word, here: Word, entry: str) -> Mistake | None:
    """Of two words side by side, the one that was meant as a word of the language."""
    opening = ("not", "once", "earlier", *(FORWARD[:5] if entry == "check" else ()))
    joining = ("and", "or", "implies", "since", "is", "for", "matches", *(FORWARD[6:] if entry == "check" else ()))
    for word, known in ((last, opening), (here, joining)):
        meant = closest(word.text, known) if word.kind == "name" else None
        if meant is not None and (len(word.text) > 3 or len(word.text) == len(meant)):
            message = f"`{word.text}` cannot stand here; did you mean `{meant}`?"
            return Mistake(message, word.at, fix=(f"write `{meant}`", ((word.at, meant),)))
    return None


def _side_by_side(last: Word, here: Word) -> bool:
    def ends(word: Word) -> bool:
        return word.kind in ("name", "value", "text") or word.text in (")", "}", "yes", "no", "known")

    def starts(word: Word) -> bool:
        return word.kind in ("name", "value", "text") or word.text in (
            "(",
            "yes",
            "no",
            "not",
            "once",
            "earlier",
            "judged",
        )

    return ends(last) and starts(here)


def diagnostic(mistake: Mistake, scalar: Scalar) -> Diagnostic:
    """The mistake as a diagnostic at its place in the file."""
    fixes: tuple[Fix, ...] = ()
    if mistake.fix is not None:
        title, edits = mistake.fix
        fixes = (Fix(title, tuple((scalar.part(*at), scalar.written(text)) for at, text in edits), mistake.sure),)
    return diagnose(mistake.name, scalar.part(*mistake.at), mistake.message, notes=mistake.notes, fixes=fixes)

"""Spelling: the characters of names and expressions, before anybody asks what they mean.

A name is what Python would take for one in composed form (NFC): letters, marks and digits of any script, ``_``. Everything else
that an author cannot see, or cannot tell from what she meant, is said here with its place and its repair: letters in
decomposed or wide form, two alphabets in one word, invisible marks, digits of other scripts, and names that only look like a
declared one. What is repaired is read on as repaired, so one slip stays one diagnostic. Texts between quotes are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.expressions import lookalikes
from dramaturg.dsl.expressions.lookalikes import called
from dramaturg.dsl.expressions.surface import At
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Piece, Scalar

SIGNS = (
    r"\x7f-\xa0¡¢£¥¦§¨©«¬®±´¶·¸»¿×÷،؛؟۔।॥\u2000-\u200b\u2010-\u202f\u2032-\u203c\u20ac\u2190-\u2194\u21d2\u21d4\u2200\u2203"
    r"\u2208\u2209\u2212\u2227\u2228\u2260\u2264\u2265\u3000-\u3003\u300a-\u300f！（）＊＋，－．／：；＜＝＞？｛｜｝＆＂＇"
)
"""Characters beyond ASCII that end a word, as a part of a character class. The grammar has the same ones."""
LETTER = rf"[^\x00-@\[-\^`{{-~{SIGNS}]"
GOES_ON = rf"[^\x00-/:-@\[-\^`{{-~{SIGNS}]"
WORD = rf"{LETTER}{GOES_ON}*"
"""A name as it is read: wide on purpose, so that what is no letter in it can be named."""
END = rf"(?!{GOES_ON})"

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_MARKS = "\u200e\u200f\u061c"
_BLANKS = "\u115f\u1160\u3164\uffa0\u2800"
_PIECES = re.compile(rf'"(?:\\.|[^"\\])*"?|(?P<word>{GOES_ON}+)|(?P<other>[^\x00-\x7f])', re.DOTALL)

Known = Callable[[], Mapping[str, Span | None]]
"""The names that may be meant, and where each was declared; asked only when a word beyond ASCII is met."""


def is_name(word: str) -> bool:
    """Whether the word is a name: Python's identifiers in NFC, with joiners where a script's spelling needs them."""
    if word.isascii():
        return word.isidentifier()
    if not unicodedata.is_normalized("NFC", word) or _stray_joiner(word) is not None:
        return False
    bare = word.replace(_ZWJ, "").replace(_ZWNJ, "")
    return bare.isidentifier() and not any(map(_invisible, bare))


def _invisible(char: str) -> bool:
    return (
        (unicodedata.category(char) == "Cf" and char not in (_ZWJ, _ZWNJ))
        or char in _BLANKS
        or "\ufe00" <= char <= "\ufe0f"
    )


def _stray_joiner(word: str) -> int | None:
    """The first joiner that no spelling needs (Unicode Standard Annex 31, section 2.3): a joiner stands behind a virama, a
    non-joiner also between two Arabic letters."""
    for at, char in enumerate(word):
        if char not in (_ZWJ, _ZWNJ):
            continue
        before, after = word[at - 1 : at], word[at + 1 : at + 2]
        if before and unicodedata.combining(before) == 9:
            continue
        if char == _ZWNJ and _arabic(before) and _arabic(after):
            continue
        return at
    return None


def _arabic(char: str) -> bool:
    return unicodedata.name(char, "").startswith("ARABIC LETTER") if char else False


def _nothing() -> Mapping[str, Span | None]:
    return {}


def spelled(
    scalar: Scalar, sink: list[Diagnostic], known: Known = _nothing, *, end: int | None = None
) -> Scalar | None:
    """The scalar as it was meant, its words in order; None where one cannot be read. ``end`` ends what is looked at.

    Every slip is added to ``sink``, each with its repair.
    """
    if scalar.text.isascii():
        return scalar if "-" not in scalar.text else _hyphened(scalar, sink, known)
    edits: list[tuple[At, str]] = []
    readable = True
    for piece in _PIECES.finditer(scalar.text, 0, len(scalar.text) if end is None else end):
        kind = piece.lastgroup
        if kind == "word" and not piece.group().isascii():
            meant = _word(piece.group(), piece.start(), scalar, sink, known)
            if meant is None:
                readable = False
            elif meant != piece.group():
                edits.append((piece.span(), meant))
        elif kind == "other" and _invisible(piece.group()):
            sink.append(_unseen(scalar, piece.start()))
            edits.append((piece.span(), ""))
    if not readable:
        return None
    return edited(scalar, edits) if edits else scalar


def western(scalar: Scalar, sink: list[Diagnostic]) -> Scalar:
    """An amount with the digits 0 to 9 and `%`, told where it was written with others."""
    if scalar.text.isascii():
        return scalar
    found = re.search(r"\d.*(?<!\s)", scalar.text)
    if found is None or (meant := _PERCENT.sub("%", _digits(found[0]))) == found[0]:
        return scalar
    message = (
        _FOREIGN.format(meant) if not meant.startswith(found[0][:-1]) else f"`{found[0]}` is written `{meant}` here"
    )
    sink.append(_slip("foreign-digit", scalar.part(*found.span()), message, meant))
    return edited(scalar, [(found.span(), meant)])


_PERCENT = re.compile("[％٪﹪]")
_FOREIGN = "numbers are written with the digits 0 to 9: `{}`"


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) if unicodedata.category(char) == "Nd" else char for char in text)


_HYPHENED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:-[A-Za-z_]\w*)+|(?<=\.)[A-Za-z_]\w*(?:-[A-Za-z_]\w*)+|\"[^\"]*\"")


def _hyphened(scalar: Scalar, sink: list[Diagnostic], known: Known) -> Scalar:
    """``give-name`` where something is named ``give_name``: nobody subtracts what has no name."""
    edits: list[tuple[At, str]] = []
    for found in _HYPHENED.finditer(scalar.text):
        word = found[0]
        meant = word.replace("-", "_")
        if word[0] == '"' or meant not in (names := known()) or all(part in names for part in word.split("-")):
            continue
        message = f"`{word}` is written `{meant}`: a `-` takes one value from another"
        sink.append(_slip("unknown-name", scalar.part(*found.span()), message, meant))
        edits.append((found.span(), meant))
    return edited(scalar, edits) if edits else scalar


def _word(word: str, at: int, scalar: Scalar, sink: list[Diagnostic], known: Known) -> str | None:
    """What a word was meant to be; None where it is no name and nothing near one."""
    unseen = next((i for i, char in enumerate(word) if _invisible(char)), None)
    if unseen is None:
        unseen = _stray_joiner(word)
    if unseen is not None:
        sink.append(_unseen(scalar, at + unseen))
        word = "".join(char for i, char in enumerate(word) if i != unseen and not _invisible(char))
        return word if not word or is_name(word) or word[0].isdigit() else None
    span, where = scalar.part(at, at + len(word)), (at, at + len(word))
    if unicodedata.category(word[0]) == "Nd":
        meant = _digits(word)
        if meant != word:
            sink.append(_slip("foreign-digit", span, _FOREIGN.format(meant), meant))
        return meant
    meant = unicodedata.normalize("NFC", "".join(map(lookalikes.plain_letter, word)))
    if meant != word:
        sink.append(_decomposed(word, meant, span))
        return meant if is_name(meant) else None
    if not word.isidentifier() and not is_name(word):
        sink.append(_no_letter(word, at, scalar))
        return None
    if (strange := lookalikes.mixed(word)) is not None:
        return _mixed(word, strange, at, scalar, sink, known)
    return _like(word, where, scalar, sink, known)


def _slip(name: str, span: Span, message: str, meant: str, *notes: str) -> Diagnostic:
    return diagnose(name, span, message, notes=notes, fixes=[Fix(f"write `{meant}`", ((span, meant),))])


def _unseen(scalar: Scalar, at: int) -> Diagnostic:
    char, span = scalar.text[at], scalar.part(at, at + 1)
    fix = Fix("remove it", ((span, ""),))
    if char in _MARKS or "\u2066" <= char <= "\u2069":
        message = f"an invisible mark ({called(char)}) stands outside a text, where it changes what the line looks like"
        return diagnose("hidden-direction", span, message, fixes=[fix])
    notes = []
    if char in (_ZWJ, _ZWNJ):
        notes.append("a joiner belongs between letters that it shapes, as in Hindi and Persian words")
    message = f"there is an invisible character ({called(char)}) here"
    return diagnose("control-character", span, message, notes=notes, fixes=[fix])


def _decomposed(word: str, meant: str, span: Span) -> Diagnostic:
    if unicodedata.normalize("NFC", word) == meant:
        what = "has letters taken apart into a letter and a mark"
        note = "it looks like the composed name, and would be another one"
    else:
        strange = next(char for char in word if lookalikes.plain_letter(char) != char)
        what = f"is written with a letter of another width or style, {called(strange)}"
        note = "it looks like the plain name, and would be another one"
    return _slip("not-normalized", span, f"the name `{word}` {what}", meant, note)


def _no_letter(word: str, at: int, scalar: Scalar) -> Diagnostic:
    index = next((i for i, char in enumerate(word) if not ("a" + char).isidentifier() and char not in (_ZWJ, _ZWNJ)), 0)
    message = f"{called(word[index])} cannot be part of a name"
    note = "a name is made of letters and digits of any script and `_`, and begins with a letter"
    return diagnose("not-a-letter", scalar.part(at + index, at + index + 1), message, notes=[note])


def _mixed(word: str, strange: tuple[str, str], at: int, scalar: Scalar, sink: list[Diagnostic], known: Known) -> str:
    char, other = strange
    meant = next((name for name in known() if lookalikes.alike(name, word)), None) or lookalikes.unmixed(word)
    if meant is not None:
        char, other = next(((a, b) for a, b in zip(word, meant) if a != b), strange)
    place = at + word.index(char)
    message = f"`{word}` mixes two alphabets: {called(char)} is not {called(other)}"
    if meant is None:
        message = f"`{word}` mixes two alphabets: {called(char)} stands beside {called(other)}"
    label = Label(scalar.part(place, place + 1), "this letter") if len(word) > 1 else None
    span = scalar.part(at, at + len(word))
    fixes = [] if meant is None else [Fix(f"write `{meant}`", ((span, meant),))]
    sink.append(diagnose("mixed-alphabets", span, message, labels=[label] if label else [], fixes=fixes))
    return meant or word


def _like(word: str, at: At, scalar: Scalar, sink: list[Diagnostic], known: Known) -> str:
    names = known()
    if not names or word in names:
        return word
    meant = next((name for name in names if lookalikes.alike(name, word)), None)
    if meant is not None:
        sink.append(look_alike(word, scalar.part(*at), meant, names[meant]))
        return meant
    return word


def look_alike(word: str, span: Span, meant: str, declared: Span | None) -> Diagnostic:
    """A name that only looks like a declared one."""
    differ = lookalikes.difference(word, meant)
    why = "" if differ is None else f": {called(differ[0])} is not {called(differ[1])}"
    return diagnose(
        "look-alike-name",
        span,
        f"`{word}` only looks like `{meant}`{why}",
        labels=[] if declared is None else [Label(declared, f"`{meant}` is declared here")],
        fixes=[Fix(f"write `{meant}`", ((span, meant),))],
    )


def edited(scalar: Scalar, edits: Iterable[tuple[At, str]]) -> Scalar:
    """The scalar with parts of its text replaced; every character still knows where it came from."""
    text, offsets, last = "", list[int](), 0
    places = _offsets(scalar)
    edits = sorted(edits)
    for (start, end), new in edits:
        text += scalar.text[last:start] + new
        offsets += places[last:start]
        kept = places[start:end][: len(new)]
        offsets += [*kept, *([places[end]] * (len(new) - len(kept)))]
        last = end
    offsets += places[last:]

    def moved(at: int) -> int:
        return at + sum(len(new) - (end - start) for (start, end), new in edits if end <= at)

    pieces = tuple(Piece(moved(it.start), moved(it.end), it.name, it.given) for it in scalar.pieces)
    return Scalar(text + scalar.text[last:], scalar.span, scalar.style, tuple(offsets), pieces)


def _offsets(scalar: Scalar) -> list[int]:
    if scalar.offsets is not None:
        return list(scalar.offsets)
    out = [scalar.span.start]
    for char in scalar.text:
        out.append(out[-1] + len(char.encode()))
    return out


def twins(names: Iterable[Scalar]) -> list[Diagnostic]:
    """Declared names that look like others declared before them."""
    names = list(names)
    if all(name.text.isascii() for name in names):
        return []
    first: dict[str, Scalar] = {}
    out = []
    for name in names:
        other = first.setdefault(lookalikes.skeleton(name.text), name)
        if lookalikes.alike(name.text, other.text):
            differ = lookalikes.difference(name.text, other.text)
            why = "" if differ is None else f": {called(differ[0])} is not {called(differ[1])}"
            message = f"`{name.text}` looks like another name, `{other.text}`{why}"
            out.append(
                diagnose("look-alike-name", name.span, message, labels=[Label(other.span, "the other one is here")])
            )
    return out

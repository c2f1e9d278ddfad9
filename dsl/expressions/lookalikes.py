"""Look-alikes: letters that nobody can tell apart on a screen, and the skeletons by which such names are found.

Two names look alike where their skeletons are equal: decomposed, every letter replaced by the one that stands for all of
its shape. The table is small on purpose. Letters of other widths and fonts come from Python's Unicode data; the
pairs of different alphabets below are those of everyday words in the alphabets that share their shapes with Latin, and the
letters that Arabic and Persian keyboards write differently. What merely resembles (``l`` and ``1``) is nobody's
mistake here: only names that differ beyond ASCII are ever compared.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

COMMAS = ",;，；、،؛"
"""How things are listed on keyboards of all kinds."""
_PAIRS = {
    # Cyrillic
    **dict(zip("асеорхуіјѕһԁԛԝѵԍʏ", "aceopxyijshdqwvGY")),
    **dict(zip("АВЕКМНОРСТХІЈЅҮԌ", "ABEKMHOPCTXIJSYG")),
    # Greek
    **dict(zip("αονρικυϲχϳ", "aovpikucxj")),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "ABEZHIKMNOPTYXC")),
    # Armenian
    **dict(zip("օսհոցյզՕՍ", "ouhngjqOU")),
    # Latin letters of other shapes
    "ɑ": "a",
    "ɡ": "g",
    "ı": "i",
    "ʟ": "L",
    "ſ": "f",
    # Arabic and Persian keyboards
    "ی": "ي",
    "ک": "ك",
    "ہ": "ه",
    "ە": "ه",
    **{chr(0x6F0 + digit): chr(0x660 + digit) for digit in (0, 1, 2, 3, 7, 8, 9)},
}
"""A letter and the one that stands for its shape."""

_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN")
"""Those whose letters are mistaken for each other's."""

STYLES = ("<wide>", "<narrow>", "<font>", "<isolated>", "<initial>", "<medial>", "<final>")
"""Compatibility forms that are the same letter, drawn for another width or place."""


def plain_letter(char: str) -> str:
    """The letter that a wide, narrow or styled form stands for; the character itself where it is none."""
    style = unicodedata.decomposition(char).partition(" ")[0]
    return unicodedata.normalize("NFKC", char) if style in STYLES else char


@lru_cache(maxsize=4096)
def skeleton(name: str) -> str:
    """The shape of a name: equal for two names that look alike."""
    if name.isascii():
        return name
    shapes = (_PAIRS.get(char, char) for char in unicodedata.normalize("NFD", "".join(map(plain_letter, name))))
    return unicodedata.normalize("NFC", "".join(shapes))


def alike(one: str, other: str) -> bool:
    """Whether two different names look the same, and differ in more than ASCII."""
    return one != other and not (one.isascii() and other.isascii()) and skeleton(one) == skeleton(other)


def alphabet(char: str) -> str:
    """``Latin``, ``Cyrillic``, ``Greek`` or ``Armenian``; empty for every other character."""
    first = unicodedata.name(char, "").partition(" ")[0]
    return first.capitalize() if first in _ALPHABETS else ""


def called(char: str) -> str:
    """How a character is called: ``` `а` (U+0430, Cyrillic small letter a) ```."""
    name = unicodedata.name(char, "unnamed").lower()
    for word in _ALPHABETS:
        name = name.replace(word.lower(), word.capitalize())
    shown = f"`{char}` " if unicodedata.category(char)[0] in "LNPS" else ""
    return f"{shown}(U+{ord(char):04X}, {name})" if shown else f"U+{ord(char):04X}, {name}"


def difference(one: str, other: str) -> tuple[str, str] | None:
    """The first two characters in which names that look alike differ."""
    return next(((a, b) for a, b in zip(one, other) if a != b), None)


def mixed(name: str) -> tuple[str, str] | None:
    """A letter and one of another alphabet beside it that it could be taken for a letter of, where a word of the name has two.

    The words of a name are what ``_``, dots and digits separate: ``код_URL`` mixes nothing, ``fаre`` does.
    """
    for word in _words(name):
        letters = {found: char for char in reversed(word) if (found := alphabet(char))}
        if len(letters) < 2:
            continue
        for char in word:
            if (mine := alphabet(char)) and mine != "Latin" and skeleton(char) != char:
                other = letters.get("Latin") or next(c for found, c in letters.items() if found != mine)
                return char, other
    return None


def _words(name: str) -> list[str]:
    return "".join(char if char.isalpha() else " " for char in name).split()


def unmixed(name: str) -> str | None:
    """The name with every look-alike letter in the alphabet that most of its word is in; None where some letter has none there."""
    out = list(name)
    for at, word in _placed_words(name):
        counts: dict[str, int] = {}
        for char in word:
            if found := alphabet(char):
                counts[found] = counts.get(found, 0) + 1
        if len(counts) < 2:
            continue
        for wanted in sorted(counts, key=lambda found: (-counts[found], found != "Latin")):
            turned = [_turned(char, wanted) for char in word]
            if None not in turned:
                out[at : at + len(word)] = [char for char in turned if char is not None]
                break
        else:
            return None
    return "".join(out)


def _placed_words(name: str) -> list[tuple[int, str]]:
    out, at = [], 0
    for word in _words(name):
        at = name.index(word, at)
        out.append((at, word))
        at += len(word)
    return out


def _turned(char: str, wanted: str) -> str | None:
    """The look-alike of a letter in another alphabet."""
    found = alphabet(char)
    if found in ("", wanted):
        return char
    shape = skeleton(char)
    if wanted == "Latin":  # a letter with marks may have a shape of several characters
        return shape if len(shape) == 1 and alphabet(shape) == "Latin" else None
    return next((other for other, same in _PAIRS.items() if same == shape and alphabet(other) == wanted), None)

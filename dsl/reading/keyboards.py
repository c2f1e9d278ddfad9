"""Keyboards: signs of other keyboards where YAML has its own, found where a file cannot be read.

They look right: a wide colon, a comma of another script, a blank that is no space, a bullet in place of a dash. In a text they
are as good as any other character, so they are only looked for in the line that YAML complains of.
"""

from __future__ import annotations

import re

from dramaturg.dsl.diagnostics import Diagnostic, Fix, diagnose
from dramaturg.dsl.expressions.lookalikes import COMMAS
from dramaturg.dsl.reading.characters import Characters

_BLANKS = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_BLANK = re.compile(rf" *(?:- *)?(?:[\w.-]+:)? *([{_BLANKS}][ {_BLANKS}]*)")
_BULLET = re.compile(r" *([•‣▪◦·–—−])\s*(?=[\w{\[\"])")
_COMMA = re.compile(rf" *([{COMMAS[1:]}]) *")
_WIDE = {"\u2001", "\u2003", "\u3000"}
"""Blanks as wide as two spaces."""


def blank(found: Characters, at: int) -> Diagnostic | None:
    """A blank that YAML takes for a letter, at the beginning of the line of ``at``, or behind its dash or its first colon."""
    line, end = found.line_start(at), found.line_end(at)
    match = _BLANK.match(found.text, line, end)
    if match is None:
        return None
    start, stop = match.span(1)
    indents = not found.text[line:start].strip(" ")
    spaces = "".join("  " if char in _WIDE and indents else " " for char in match[1])
    fix = Fix("use spaces", ((found.span(start, stop), spaces),))
    message = f"this blank (U+{ord(match[1][0]):04X}) is no space, and YAML reads it as a letter"
    return diagnose("control-character", found.span(start, stop), message, fixes=[fix])


def bullet(found: Characters, at: int) -> Diagnostic | None:
    """An item of a list that begins with another dash, or a dot."""
    match = _BULLET.match(found.text, found.line_start(at), found.line_end(at))
    if match is None:
        return None
    fix = Fix("write `- `", ((found.span(match.start(1), match.end()), "- "),))
    message = f"an item of a list begins with `- `, not with `{match[1]}`"
    return diagnose("yaml-syntax", found.span(*match.span(1)), message, fixes=[fix])


def comma(found: Characters, at: int) -> Diagnostic | None:
    """What separates entries in brackets, written with a comma of another keyboard."""
    match = _COMMA.match(found.text, at, found.line_end(at))
    if match is None:
        return None
    fix = Fix("write a comma", ((found.span(*match.span()), ", "),))
    message = f"entries in brackets are separated by commas, not by `{match[1]}`"
    return diagnose("yaml-syntax", found.span(*match.span(1)), message, fixes=[fix])

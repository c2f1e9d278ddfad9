"""Placeholders: the tokens of an authored text, each with its place.

Jinja's lexer splits the text, so what counts as a placeholder is what Jinja takes for one; this module only finds the pieces
again in the text, because Jinja itself remembers no more than line numbers. A *tag* is one ``{{…}}`` or ``{%…%}``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jinja2 import Environment, TemplateSyntaxError

WORDS = frozenset(
    ["and", "or", "not", "if", "elif", "else", "endif", "in", "is", "true", "false", "none", "True", "False", "None"]
)
"""Names that mean something to Jinja and so are no names of the scenario's."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    """name | operator | string | integer | float"""
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name that a text reads, and the filters that follow it."""

    dotted: str
    start: int
    end: int
    filters: tuple[Token, ...] = ()


@dataclass(slots=True)
class Tag:
    kind: str
    """show for ``{{…}}``, block for ``{%…%}``"""
    start: int
    tokens: list[Token] = field(default_factory=list)
    end: int | None = None
    """None where the tag is never closed."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Where the lexer gave up."""

    at: int
    reason: str


def tags(environment: Environment, text: str) -> tuple[list[Tag], Unreadable | None]:
    """The tags of a text in order, and where they cannot be told apart any more."""
    out: list[Tag] = []
    inside: Tag | None = None
    cursor = 0
    try:
        for _, kind, value in environment.lex(text):
            start = text.find(value, cursor)
            start = cursor if start < 0 else start
            cursor = start + len(value)
            if kind in ("variable_begin", "block_begin"):
                inside = Tag("show" if kind == "variable_begin" else "block", start)
                out.append(inside)
            elif kind in ("variable_end", "block_end") and inside is not None:
                inside.end = start + len(value.rstrip())
                inside = None
            elif inside is not None and kind != "whitespace":
                inside.tokens.append(Token(kind, value, start, cursor))
    except TemplateSyntaxError as error:
        message = error.message or ""
        exact = re.search(r" at (\d+)$", message)
        return out, Unreadable(min(int(exact[1]) if exact else cursor, len(text)), message)
    return out, None


def names(tag: Tag) -> list[Name]:
    """The dotted names that a tag reads, in order, with the filters of each."""
    out: list[Name] = []
    tokens, at = tag.tokens, 0
    while at < len(tokens):
        token, at = tokens[at], at + 1
        if token.kind != "name" or token.text in WORDS:
            continue
        if at >= 2 and tokens[at - 2].text == "|":
            continue
        dotted, end = token.text, token.end
        while at + 1 < len(tokens) and tokens[at].text == "." and tokens[at + 1].kind == "name":
            dotted, end = f"{dotted}.{tokens[at + 1].text}", tokens[at + 1].end
            at += 2
        out.append(Name(dotted, token.start, end, _filters(tokens, at)))
    return out


def filters(tag: Tag) -> list[Token]:
    """The names of the filters that a tag applies, in order."""
    pairs = zip(tag.tokens, tag.tokens[1:])
    return [after for before, after in pairs if before.text == "|" and after.kind == "name"]


def _filters(tokens: list[Token], at: int) -> tuple[Token, ...]:
    out = []
    while at + 1 < len(tokens) and tokens[at].text == "|" and tokens[at + 1].kind == "name":
        out.append(tokens[at + 1])
        at += 2
    return tuple(out)


def compared(tag: Tag, name: Name) -> Token | None:
    """The text in quotes that a name is held against with ``==`` or ``!=``, on either side of it."""
    before = [token for token in tag.tokens if token.end <= name.start]
    after = [token for token in tag.tokens if token.start >= name.end]
    for beside in (after[:2], before[::-1][:2]):
        if len(beside) == 2 and beside[0].text in ("==", "!=") and beside[1].kind == "string":
            return beside[1]
    return None

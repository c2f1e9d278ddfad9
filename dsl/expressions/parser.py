"""From the text of an expression to its surface tree.

The grammar is ``grammars/expression.lark``; its LALR tables are built once, on first use, and the tree is built by
the parser's own callbacks, so that no step recurses on what the author nested. What does not parse is explained by
``mistakes``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from dramaturg.dsl.expressions import surface, tables
from dramaturg.dsl.expressions.mistakes import Mistake, explain, misread
from dramaturg.dsl.expressions.moulds import Mould, Shapes, mould, unquoted
from dramaturg.dsl.expressions.surface import At, Surface
from dramaturg.dsl.memory.memo import Memo

if TYPE_CHECKING:
    from lark import Lark

Entry: TypeAlias = Literal["guard", "check", "value"]

DEEPEST = 60
"""Levels of nesting that are read. The walkers of trees recurse, and no person reads more."""

LONGEST = 20_000
"""Characters of one expression."""

RESERVED = frozenset(
    {
        "always",
        "never",
        "eventually",
        "possible",
        "winnable",
        "until",
        "within",
        "implies",
        "or",
        "and",
        "not",
        "for",
        "since",
        "once",
        "earlier",
        "in",
        "is",
        "known",
        "last",
        "matches",
        "judged",
        "else",
        "yes",
        "no",
    }
)
"""Words that cannot be declared as names."""


MEMORABLE = 400
"""Characters of a text that is kept with its tree: a memo is bounded in entries, and a tree can be a thousand times its text."""
_TREES: Memo[tuple[Entry, str], Surface] = Memo(2_000, 200_000)
"""What was read, by its text."""
_MOULDS: Memo[tuple[Entry, str], Mould | None] = Memo(5_000, 300_000)
"""By the shape of the text; None where it was seen once (most shapes are not seen twice) or cannot have one."""


def parse(text: str, entry: Entry) -> Surface | Mistake:
    """The tree of ``text``, or what is wrong with it (in characters of ``text``)."""
    known = _TREES.get((entry, text))
    if known is not None:
        return known
    if not text.isascii() or len(text) > MEMORABLE:
        return _read(text, entry)
    shape, tokens, places = _shapes().take_apart(text)
    made = _MOULDS.get((entry, shape), _NEVER)
    if callable(made):
        tree: Surface = made(tokens, places)
    else:
        read = _read(text, entry)
        if isinstance(read, Mistake):
            return read
        tree = read
        _MOULDS.keep(
            (entry, shape), None if made is _NEVER else mould(_shapes(), tree, text, _lexed(text, entry)), len(text)
        )
    _TREES.keep((entry, text), tree, len(text))
    return tree


_NEVER = object()


@cache
def _shapes() -> Shapes:
    terminals = sorted(_parser().terminals, key=lambda terminal: -terminal.priority)
    return Shapes(
        (
            (str(it.name), it.pattern.to_regexp(), it.pattern.type == "str")
            for it in terminals
            if not it.name.startswith("__")
        ),
        RESERVED,
    )


def _lexed(text: str, entry: Entry) -> list[tuple[str, int, int]]:
    """The tokens of a text that parses."""
    reading = _parser().parse_interactive(text, start=entry)
    return [(token.type, token.start_pos or 0, token.end_pos or 0) for token in reading.exhaust_lexer()]


def _read(text: str, entry: Entry) -> Surface | Mistake:
    if len(text) > LONGEST:
        return Mistake(f"this expression is longer than {LONGEST} characters", (0, len(text)), "nested-too-deep")
    if (deep := _too_deep(text)) is not None:
        return deep

    from lark.exceptions import UnexpectedInput

    try:
        tree: object = _parser().parse(text, start=entry)
    except UnexpectedInput as error:
        return explain(
            text, _position(error, text), frozenset(_expected(error)), entry, lambda other: _left(other, entry)
        )
    built = cast(Surface, tree)  # the callbacks built it: see BUILDERS
    if surface.depth(built) > DEEPEST:
        return Mistake(
            f"this expression nests more than {DEEPEST} levels deep",
            built.at,
            "nested-too-deep",
            notes=("Split it: give a part a name of its own, for example as a world variable or a trigger.",),
        )
    return _reserved(text, built, entry) or built


def _reserved(text: str, tree: Surface, entry: Entry) -> Mistake | None:
    """The first name that is a word of the language: the contextual lexer takes `in` for a name where only a name
    fits."""
    todo = [tree]
    while todo:
        at = todo.pop()
        if isinstance(at, surface.Path) and at.parts[0] in RESERVED:
            return misread(text, (at.at[0], at.at[0] + len(at.parts[0])), entry)
        if isinstance(at, surface.OneOf):
            todo.append(at.item)
        elif not isinstance(at, surface.Pick):
            todo.extend(reversed(surface.children(at)))
    return None


def _too_deep(text: str) -> Mistake | None:
    """Parentheses are counted before parsing: they leave no node behind."""
    level, quoted, at = 0, False, 0
    while at < len(text):
        char = text[at]
        if quoted and char == "\\":
            at += 1
        elif char == '"':
            quoted = not quoted
        elif not quoted and char == "(":
            level += 1
            if level > DEEPEST:
                return Mistake(f"more than {DEEPEST} parentheses are open here", (at, at + 1), "nested-too-deep")
        elif not quoted and char == ")":
            level -= 1
        at += 1
    return None


def _left(text: str, entry: Entry) -> int:
    """How many characters are left where reading stops; -1 where the text parses."""
    from lark.exceptions import UnexpectedInput

    if len(text) > LONGEST or _too_deep(text) is not None:
        return len(text)
    try:
        tree: object = _parser().parse(text, start=entry)
    except UnexpectedInput as error:
        return len(text) - _position(error, text)
    built = cast(Surface, tree)  # as in ``parse``
    return len(text) if surface.depth(built) > DEEPEST or _reserved(text, built, entry) is not None else -1


def _position(error: Exception, text: str) -> int:
    at = getattr(error, "pos_in_stream", None)
    token_type = getattr(getattr(error, "token", None), "type", None)
    return at if isinstance(at, int) and at >= 0 and token_type != "$END" else len(text)


def _expected(error: Exception) -> set[str]:
    for name in ("accepts", "expected", "allowed"):
        found = getattr(error, name, None)
        if found:
            return {str(terminal) for terminal in found}
    return set()


@cache
def _parser() -> Lark:
    from importlib.resources import files

    from lark import Transformer

    callbacks = type("Callbacks", (Transformer,), {rule: _callback(build) for rule, build in BUILDERS.items()})
    grammar = files("dramaturg.grammars").joinpath("expression.lark").read_text("utf-8")
    return tables.parser(grammar, ("guard", "check", "value"), callbacks())


class Token(str):
    """A token: its text, its terminal and its range. The shape of the parser's tokens, which are the only other
    children."""

    type: str
    start_pos: int
    end_pos: int


Child: TypeAlias = "Token | Surface | tuple[Surface, ...]"
Builder: TypeAlias = Callable[[list[Surface], list[Token], At], "Surface | tuple[Surface, ...]"]


def _callback(build: Builder) -> Callable[[object, list[Child]], Surface | tuple[Surface, ...]]:
    """A callback of the parser that hands ``build`` the trees, the tokens and the range that they cover."""

    def callback(_: object, children: list[Child]) -> Surface | tuple[Surface, ...]:
        trees: list[Surface] = []
        words: list[Token] = []
        for child in children:
            if isinstance(child, tuple):
                trees.extend(child)
            elif isinstance(child, str):
                words.append(child)
            else:
                trees.append(child)
        return build(trees, words, (_start(children[0]), _end(children[-1])))

    return callback


def _start(child: Child) -> int:
    if isinstance(child, tuple):
        return child[0].at[0]
    return child.start_pos if isinstance(child, str) else child.at[0]


def _end(child: Child) -> int:
    if isinstance(child, tuple):
        return child[-1].at[1]
    return child.end_pos if isinstance(child, str) else child.at[1]


def _only(trees: list[Surface], words: list[Token], at: At) -> Surface:
    return trees[0]


def _grouped(trees: list[Surface], words: list[Token], at: At) -> Surface:
    return replace(trees[0], at=at)


def _joined(kind: type[surface.And] | type[surface.Or]) -> Builder:
    """``a and b and c`` is one node; a parenthesised left part keeps its own (its range ends behind its last
    operand)."""

    def build(trees: list[Surface], words: list[Token], at: At) -> Surface:
        left, right = trees
        if isinstance(left, kind) and left.at[1] == left.items[-1].at[1]:
            return kind((*left.items, right), at=at)
        return kind((left, right), at=at)

    return build


def _path(tree: Surface) -> surface.Path:
    assert isinstance(tree, surface.Path)
    return tree


def _quote(tree: Surface) -> surface.Quote:
    assert isinstance(tree, surface.Quote)
    return tree


def _amount(tree: Surface) -> surface.Quantity:
    assert isinstance(tree, surface.Quantity)
    return tree


def _claim(kind: str, operands: int) -> Builder:
    def build(trees: list[Surface], words: list[Token], at: At) -> Surface:
        within = _amount(trees[operands]) if len(trees) > operands else None
        return surface.Claim(kind, trees[0], trees[1] if operands == 2 else None, within, at=at)

    return build


BUILDERS: dict[str, Builder] = {
    "guard": _only,
    "check": _only,
    "value": _only,
    "group": _grouped,
    "sum": _only,
    "path": lambda trees, words, at: surface.Path(tuple(str(w) for w in words if w.type == "NAME"), at=at),
    "number": lambda trees, words, at: surface.Number(str(words[0]), at=at),
    "quantity": lambda trees, words, at: surface.Quantity(str(words[0]), at=at),
    "clock": lambda trees, words, at: surface.Clock(str(words[0]), at=at),
    "quote": lambda trees, words, at: surface.Quote(unquoted(words[0]), at=at),
    "yes": lambda trees, words, at: surface.YesNo(True, at=at),
    "no": lambda trees, words, at: surface.YesNo(False, at=at),
    "choices": lambda trees, words, at: tuple(trees),
    "negative": lambda trees, words, at: surface.Negative(trees[0], at=at),
    "arithmetic": lambda trees, words, at: surface.Sum(str(words[0]), trees[0], trees[1], at=at),
    "call": lambda trees, words, at: surface.Call(_path(trees[0]), tuple(trees[1:]), at=at),
    "judged": lambda trees, words, at: surface.Judged(_quote(trees[0]), trees[1] if len(trees) > 1 else None, at=at),
    "compare": lambda trees, words, at: surface.Compare(str(words[0]), trees[0], trees[1], at=at),
    "in_set": lambda trees, words, at: surface.OneOf(trees[0], tuple(trees[1:]), braces=True, at=at),
    "not_in_set": lambda trees, words, at: surface.OneOf(trees[0], tuple(trees[1:]), negated=True, braces=True, at=at),
    "is_": lambda trees, words, at: surface.OneOf(trees[0], tuple(trees[1:]), at=at),
    "is_not": lambda trees, words, at: surface.OneOf(trees[0], tuple(trees[1:]), negated=True, at=at),
    "between": lambda trees, words, at: surface.Between(trees[0], trees[1], trees[2], at=at),
    "member": lambda trees, words, at: surface.IsIn(trees[0], trees[1], at=at),
    "not_member": lambda trees, words, at: surface.IsIn(trees[0], trees[1], negated=True, at=at),
    "is_known": lambda trees, words, at: surface.IsKnown(trees[0], at=at),
    "is_unknown": lambda trees, words, at: surface.IsKnown(trees[0], negated=True, at=at),
    "matches": lambda trees, words, at: surface.Matches(trees[0], _path(trees[1]), at=at),
    "held": lambda trees, words, at: surface.Timed("for", trees[0], _amount(trees[1]), at=at),
    "in_last": lambda trees, words, at: surface.Timed("in last", trees[0], _amount(trees[1]), at=at),
    "since": lambda trees, words, at: surface.Since(trees[0], trees[1], at=at),
    "once": lambda trees, words, at: surface.Once(trees[0], at=at),
    "once_since": lambda trees, words, at: surface.Once(trees[0], trees[1], at=at),
    "earlier": lambda trees, words, at: surface.Earlier(trees[0], at=at),
    "earlier_in_last": lambda trees, words, at: surface.Earlier(trees[0], _amount(trees[1]), at=at),
    "not_": lambda trees, words, at: surface.Not(trees[0], at=at),
    "and_": _joined(surface.And),
    "or_": _joined(surface.Or),
    "implies": lambda trees, words, at: surface.Implies(trees[0], trees[1], at=at),
    "draw": lambda trees, words, at: surface.Draw(trees[0], trees[1], at=at),
    "spread": lambda trees, words, at: surface.Spread(trees[0], trees[1], at=at),
    "pick": lambda trees, words, at: surface.Pick(tuple(trees), at=at),
    "always": _claim("always", 1),
    "never": _claim("never", 1),
    "eventually": _claim("eventually", 1),
    "possible": _claim("possible", 1),
    "winnable": _claim("winnable", 1),
    "leads_to": _claim("leads_to", 2),
    "until": _claim("until", 2),
}
"""What each rule of the grammar builds. Keys are the grammar's rule names and aliases."""

"""The surface tree: an expression as it was written.

Each node keeps the range of characters that it came from; ranges do not count when trees are compared, so that a tree
equals what its own rendering parses to. Nothing is resolved here: a name is a path of words, an amount is its text.
Parentheses are not nodes, they widen the range of what they enclose. ``and`` and ``or`` hold all their operands; the
rest is binary.
"""

from __future__ import annotations

from dataclasses import field
from typing import TypeAlias

from dramaturg.dsl.immutable import immutable

At: TypeAlias = tuple[int, int]
"""Characters from (inclusive) and to (exclusive) of the text."""

NOT_WRITTEN: At = (0, 0)


@immutable
class Path:
    """``fare``, ``task.trip``, ``customer.give_name.name``."""

    parts: tuple[str, ...]
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@immutable
class Number:
    """``3``, ``2.5``: digits without a unit."""

    text: str
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Quantity:
    """``120 EUR``, ``1h30m``, ``40%``: digits with a unit, as written."""

    text: str
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Clock:
    """``12:30``."""

    text: str
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Quote:
    """``"a text"``, without its quotes."""

    text: str
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class YesNo:
    value: bool
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Call:
    """``agent.ask(topic == purpose)``, ``count(user.object)``."""

    path: Path
    items: tuple[Surface, ...]
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Negative:
    """``-x``."""

    item: Surface
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Sum:
    """``+ - * /``."""

    op: str
    left: Surface
    right: Surface
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Compare:
    """``== != < <= > >=``."""

    op: str
    left: Surface
    right: Surface
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class OneOf:
    """``x is A | B``, ``x is not A``; with ``braces`` ``x in {A, B}``, ``x not in {A, B}``."""

    item: Surface
    choices: tuple[Surface, ...]
    negated: bool = False
    braces: bool = False
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Between:
    """``x in 0..3``."""

    item: Surface
    lo: Surface
    hi: Surface
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class IsIn:
    """``cost in topics``, ``cost not in topics``: a member of a set or a list."""

    item: Surface
    holder: Surface
    negated: bool = False
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class IsKnown:
    """``x is known``, ``x is not known``."""

    item: Surface
    negated: bool = False
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Matches:
    """``condition matches cheap_seat``."""

    item: Surface
    path: Path
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Timed:
    """``P for 10m`` (op ``for``) and ``P in last 10m`` (op ``in last``)."""

    op: str
    item: Surface
    amount: Quantity
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Since:
    """``P since Q``."""

    left: Surface
    right: Surface
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Once:
    """``once P``, ``once P since Q``."""

    item: Surface
    since: Surface | None = None
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Earlier:
    """``earlier P`` and ``earlier P in last 10m``."""

    item: Surface
    amount: Quantity | None = None
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Not:
    item: Surface
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class And:
    items: tuple[Surface, ...]
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Or:
    items: tuple[Surface, ...]
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Implies:
    left: Surface
    right: Surface
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Judged:
    """``judged "…" else ATOM``."""

    question: Quote
    otherwise: Surface | None = None
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Draw:
    """``5m..30m`` as a value."""

    lo: Surface
    hi: Surface
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Spread:
    """``fare +- 30 EUR`` as a value."""

    centre: Surface
    radius: Surface
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Pick:
    """``one of a | b`` as a value."""

    choices: tuple[Surface, ...]
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


@immutable
class Claim:
    """What ``check`` and ``rules`` hold: ``always``, ``never``, ``eventually``, ``possible``, ``winnable``,
    ``leads_to``, ``until``."""

    kind: str
    left: Surface
    right: Surface | None = None
    within: Quantity | None = None
    at: At = field(default=NOT_WRITTEN, compare=False, kw_only=True)


Surface: TypeAlias = (
    Path
    | Number
    | Quantity
    | Clock
    | Quote
    | YesNo
    | Call
    | Negative
    | Sum
    | Compare
    | OneOf
    | Between
    | IsIn
    | IsKnown
    | Matches
    | Timed
    | Since
    | Once
    | Earlier
    | Not
    | And
    | Or
    | Implies
    | Judged
    | Draw
    | Spread
    | Pick
    | Claim
)


def children(tree: Surface) -> tuple[Surface, ...]:
    """The direct parts that are themselves trees, in reading order."""
    match tree:
        case Path() | Number() | Quantity() | Clock() | Quote() | YesNo():
            return ()
        case Call(path, items):
            return (path, *items)
        case OneOf(item, choices):
            return (item, *choices)
        case Pick(choices):
            return choices
        case Sum(_, left, right) | Compare(_, left, right) | Since(left, right) | Implies(left, right):
            return (left, right)
        case Between(item, lo, hi):
            return (item, lo, hi)
        case IsIn(item, holder):
            return (item, holder)
        case Draw(lo, hi):
            return (lo, hi)
        case Spread(centre, radius):
            return (centre, radius)
        case And(items) | Or(items):
            return items
        case Once(item, since):
            return (item,) if since is None else (item, since)
        case Judged(question, otherwise):
            return (question,) if otherwise is None else (question, otherwise)
        case Matches(item, path):
            return (item, path)
        case Timed(_, item, amount):
            return (item, amount)
        case Claim(_, left, right, within):
            return (left, *(part for part in (right, within) if part is not None))
        case Negative(item) | IsKnown(item) | Earlier(item) | Not(item):
            return (item,)
    raise AssertionError(f"unknown tree {tree!r}")


def depth(tree: Surface) -> int:
    """How deep the tree nests. Iterative, because it decides whether recursion is safe."""
    deepest, todo = 0, [(tree, 1)]
    while todo:
        at, level = todo.pop()
        deepest = max(deepest, level)
        todo.extend((child, level + 1) for child in children(at))
    return deepest

"""A surface tree as text that parses to the same tree.

Parentheses stand exactly where a part binds less tightly than its place asks for. Amounts and names are written as they were.
"""

from __future__ import annotations

from dramaturg.dsl.expressions import surface
from dramaturg.dsl.expressions.surface import Surface

IMPLICATION, EITHER, BOTH, NEGATION, PAST, RELATION, SUM, TERM, ATOM = range(9)
"""How tightly a form binds, loosest first."""


def pretty(tree: Surface) -> str:
    """The expression, check or value as text."""
    match tree:
        case surface.Claim("leads_to", left, right, within):
            assert right is not None
            return f"{_in(left, IMPLICATION)} leads to {_in(right, IMPLICATION)}{_deadline(within)}"
        case surface.Claim("until", left, right, within):
            assert right is not None
            return f"{_in(left, IMPLICATION)} until {_in(right, IMPLICATION)}{_deadline(within)}"
        case surface.Claim(kind, left, _, within):
            return f"{kind} {_in(left, IMPLICATION)}{_deadline(within)}"
        case surface.Draw(lo, hi):
            return f"{_in(lo, SUM)}..{_in(hi, SUM)}"
        case surface.Spread(centre, radius):
            return f"{_in(centre, SUM)} +- {_in(radius, SUM)}"
        case surface.Pick(choices):
            return "one of " + " | ".join(_in(choice, ATOM) for choice in choices)
    return _in(tree, IMPLICATION)


def _deadline(within: surface.Quantity | None) -> str:
    return "" if within is None else f" within {within.text}"


def _in(tree: Surface, place: int) -> str:
    binds, text = _form(tree)
    return text if binds >= place else f"({text})"


def _form(tree: Surface) -> tuple[int, str]:
    """How tightly a form binds, and its text."""
    match tree:
        case surface.Path() | surface.Number() | surface.Quantity() | surface.Clock():
            return ATOM, tree.text
        case surface.Quote(text):
            return ATOM, quoted(text)
        case surface.YesNo(value):
            return ATOM, "yes" if value else "no"
        case surface.Call(path, items):
            return ATOM, f"{path.text}({', '.join(_in(item, IMPLICATION) for item in items)})"
        case surface.Negative(item):
            return ATOM, f"-{_in(item, ATOM)}"
        case surface.Judged(question, otherwise):
            tail = "" if otherwise is None else f" else {_in(otherwise, ATOM)}"
            return ATOM, f"judged {quoted(question.text)}{tail}"
        case surface.Sum("+" | "-" as op, left, right):
            return SUM, f"{_in(left, SUM)} {op} {_in(right, TERM)}"
        case surface.Sum(op, left, right):
            return TERM, f"{_in(left, TERM)} {op} {_in(right, ATOM)}"
        case surface.Compare(op, left, right):
            return RELATION, f"{_in(left, SUM)} {op} {_in(right, SUM)}"
        case surface.OneOf(item, choices, negated, True):
            listed = ", ".join(_in(choice, ATOM) for choice in choices)
            return RELATION, f"{_in(item, SUM)} {'not in' if negated else 'in'} {{{listed}}}"
        case surface.OneOf(item, choices, negated, _):
            listed = " | ".join(_in(choice, ATOM) for choice in choices)
            return RELATION, f"{_in(item, SUM)} {'is not' if negated else 'is'} {listed}"
        case surface.Between(item, lo, hi):
            return RELATION, f"{_in(item, SUM)} in {_in(lo, SUM)}..{_in(hi, SUM)}"
        case surface.IsIn(item, holder, negated):
            return RELATION, f"{_in(item, SUM)} {'not in' if negated else 'in'} {_in(holder, SUM)}"
        case surface.IsKnown(item, negated):
            return RELATION, f"{_in(item, SUM)} {'is not' if negated else 'is'} known"
        case surface.Matches(item, path):
            return RELATION, f"{_in(item, SUM)} matches {path.text}"
        case surface.Timed(op, item, amount):
            return PAST, f"{_in(item, RELATION)} {op} {amount.text}"
        case surface.Since(left, right):
            return PAST, f"{_in(left, RELATION)} since {_in(right, RELATION)}"
        case surface.Once(item, since):
            tail = "" if since is None else f" since {_in(since, RELATION)}"
            return PAST, f"once {_in(item, RELATION)}{tail}"
        case surface.Earlier(item, amount):
            tail = "" if amount is None else f" in last {amount.text}"
            return PAST, f"earlier {_in(item, RELATION)}{tail}"
        case surface.Not(item):
            return NEGATION, f"not {_in(item, NEGATION)}"
        case surface.And(items):
            return BOTH, " and ".join(_in(item, NEGATION) for item in items)
        case surface.Or(items):
            return EITHER, " or ".join(_in(item, BOTH) for item in items)
        case surface.Implies(left, right):
            return IMPLICATION, f"{_in(left, EITHER)} implies {_in(right, IMPLICATION)}"
    raise AssertionError(f"{type(tree).__name__} stands only at the top of an expression")


def quoted(text: str) -> str:
    """A text between double quotes, as the grammar reads it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'

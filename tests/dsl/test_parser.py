"""Expressions parse as the drafts write them, and what does not parse is explained with its place and, where safe, its repair."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from dramaturg.dsl.expressions import surface
from dramaturg.dsl.expressions.mistakes import Mistake
from dramaturg.dsl.expressions.parser import DEEPEST, Entry, parse
from dramaturg.dsl.expressions.pretty import pretty

DRAFTS = Path(__file__).resolve().parents[3] / "shared" / "design" / "drafts"

GUARDS = ("when", "if", "until", "to", "expect", "allow", "as", "surfaces", "eased", "hardens")


def expressions(node: object, inside: tuple[str, ...] = ()) -> list[tuple[str, Entry]]:
    """Every expression of a draft: guards by their key, values under ``with`` and ``set``, claims under ``rules`` and ``check``."""
    out: list[tuple[str, Entry]] = []
    if isinstance(node, list):
        return [found for item in node for found in expressions(item, inside)]
    if not isinstance(node, dict):
        return out
    for key, value in node.items():
        declares = bool({"acts", "moves", "slots", "events", "agent"} & set(inside)) and "replies" not in inside
        if key in ("rules", "check") and not inside:
            out.extend((text, "check") for text in value.values())
        elif key in ("with", "set") and isinstance(value, dict) and not declares:
            out.extend((text, "value") for text in value.values() if isinstance(text, str))
        elif key in GUARDS and isinstance(value, str) and not declares:
            out.append((value, "guard"))
        else:
            out.extend(expressions(value, (*inside, key)))
    return out


@pytest.mark.skipif(not DRAFTS.is_dir(), reason="the drafts of the design are not beside this checkout")
def test_every_expression_of_the_drafts_parses_and_renders_back() -> None:
    found = []
    for draft in sorted(DRAFTS.glob("*.yaml")):
        text = draft.read_text("utf-8").replace("text?", "text")  # `?` before a comma is no YAML for this loader
        found.extend(expressions(yaml.load(text, Loader=yaml.BaseLoader)))
    assert len(found) > 150
    for text, entry in found:
        tree = parse(text, entry)
        assert not isinstance(tree, Mistake), (text, tree)
        assert parse(pretty(tree), entry) == tree


def test_the_grammar_is_clean_under_strict_mode() -> None:
    pytest.importorskip("interegular", reason="Lark's strict mode needs the package interegular")
    from lark import Lark

    grammar = files("dramaturg.grammars").joinpath("expression.lark").read_text("utf-8")
    Lark(grammar, parser="lalr", lexer="contextual", start=["guard", "check", "value"], strict=True)


def test_names_may_begin_with_keywords() -> None:
    assert parse("order or notes", "guard") == surface.Or((surface.Path(("order",)), surface.Path(("notes",))))
    assert parse("information is known", "guard") == surface.IsKnown(surface.Path(("information",)))


def test_for_binds_more_tightly_than_and() -> None:
    tree = parse("a and b for 10m", "guard")
    held = surface.Timed("for", surface.Path(("b",)), surface.Quantity("10m"))
    assert tree == surface.And((surface.Path(("a",)), held))


def test_ranges_cover_what_was_written_parentheses_included() -> None:
    text = "(a or  b) and not task.t is A | B"
    tree = parse(text, "guard")
    assert isinstance(tree, surface.And)
    assert [text[slice(*item.at)] for item in tree.items] == ["(a or  b)", "not task.t is A | B"]


MISTAKES: list[tuple[str, str, str, str | None]] = [
    ("", "an expression is missing here", "", None),
    ("fare <=", "a comparison needs a value after `<=`", "<=", None),
    ("fare <= and b", "a comparison needs a value after `<=`", "<=", None),
    ("a and", "`and` needs a condition after it", "and", "a"),
    ("(a and b", "this `(` is never closed", "(", "(a and b)"),
    ("a)", "this `)` has no `(` before it", ")", "a"),
    ("a = b", "`=` is written `==` here", "=", "a == b"),
    ("a && b", "`&&` is written `and` here", "&&", "a and b"),
    ("a||b", "`||` is written `or` here", "||", "a or b"),
    ("t is A || B", "`||` is written `|` here", "||", "t is A | B"),
    ("!a", "`!` is written `not` here", "!", "not a"),
    ("a ≤ b", "`≤` is written `<=` here", "≤", "a <= b"),
    ("a AND b", "`AND` is written in small letters, `and`", "AND", "a and b"),
    ("a b", "`a` and `b` stand side by side; something is missing between them", "b", None),
    ("a orb", "`a` and `orb` stand side by side; something is missing between them", "orb", None),
    ("onec a", "`onec` cannot stand here; did you mean `once`?", "onec", "once a"),
    ("a impleis b", "`impleis` cannot stand here; did you mean `implies`?", "impleis", "a implies b"),
    ("a < b < c", "comparisons do not chain", "<", "a < b and b < c"),
    ("x for 10", "`10` of what? Say an amount of time or turns", "10", None),
    ("x for", "`for` needs an amount of time after it, such as `10m` or `2 turns`", "for", None),
    ("x > 3 min", "`3 min` is written `3m` here", "3 min", "x > 3m"),
    ("t is", "`is` needs a name after it", "is", None),
    ("'x' == a", 'texts stand between straight double quotes, "like this"', "'x'", '"x" == a'),
    ('a == "x', "this quote is never closed", '"x', 'a == "x"'),
    ("never a", "`never` looks forward, which only `check` and `rules` may", "never", "not once a"),
    ("a and eventually b", "`eventually` looks forward, which only `check` may", "eventually", None),
    ("a leads to b", "`leads to` looks forward, which only `check` may", "leads to", None),
    ("a within 3m", "`within` looks forward, which only `check` may", "within", "a in last 3m"),
    ("x in [A]", "a choice is written `is A`", "in [A]", "x is A"),
    ("x == 5..6", "a range `lo..hi` is not a condition", "..", "x in 5..6"),
    ("a or or b", "`or` needs a condition after it", "or", "a or b"),
    ("fare <= or", "a comparison needs a value after `<=`", "<=", None),
    ("in", "`in` is a word of the language and cannot be a name", "in", None),
    ("a, b", "a comma has no meaning here; conditions are joined with `and` or `or`", ",", "a and b"),
    ("judged", '`judged` needs a question in quotes after it, `judged "…" else no`', "judged", None),
]


@pytest.mark.parametrize(("text", "message", "where", "repaired"), MISTAKES)
def test_a_mistake_is_named_placed_and_repaired(text: str, message: str, where: str, repaired: str | None) -> None:
    mistake = parse(text, "guard")
    assert isinstance(mistake, Mistake)
    assert (mistake.message, text[slice(*mistake.at)]) == (message, where)
    if mistake.fix is None:
        assert repaired is None
    else:
        fixed = text
        for (start, end), new in sorted(mistake.fix[1], reverse=True):
            fixed = fixed[:start] + new + fixed[end:]
        assert fixed == repaired
        assert not isinstance(parse(fixed, "guard"), Mistake)


@pytest.mark.parametrize(
    "text",
    ["(" * 9_000 + "a" + ")" * 9_000, "-" * 15_000 + "a", "not " * 4_000 + "a", "a + " * 4_000 + "a", "x" * 50_000],
)
def test_what_nests_or_runs_on_is_refused_and_does_not_recurse(text: str) -> None:
    mistake = parse(text, "guard")
    assert isinstance(mistake, Mistake)
    assert mistake.name == "nested-too-deep"


def test_what_is_long_but_flat_is_read() -> None:
    tree = parse(" and ".join(["a"] * 3_000), "guard")
    assert isinstance(tree, surface.And)
    assert len(tree.items) == 3_000
    assert not isinstance(parse("(" * (DEEPEST - 1) + "a" + ")" * (DEEPEST - 1), "guard"), Mistake)


def test_parentheses_inside_quotes_do_not_nest() -> None:
    assert not isinstance(parse('judged "' + "(" * 500 + '" else no', "guard"), Mistake)

"""Whatever tree a grammar can give, its rendering parses to the same tree."""

from __future__ import annotations

import random
import re
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.dsl.expressions import surface
from dramaturg.dsl.expressions.parser import RESERVED, parse
from dramaturg.dsl.expressions.pretty import pretty
from dramaturg.dsl.expressions.surface import Surface

latin = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True).filter(lambda word: word not in RESERVED)
words = latin | st.sampled_from(["größe", "हिन्दी_में", "价格", "السعر", "цена", "orक", "inß"])
paths = st.lists(words, min_size=1, max_size=3).map(lambda parts: surface.Path(tuple(parts)))
numbers = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,2})?", fullmatch=True).map(surface.Number)
quantities = st.sampled_from(["10m", "120 EUR", "1h30m", "40%", "2 turns", "2.5 kg", "9d"]).map(surface.Quantity)
quotes = st.text(st.characters(codec="utf-8"), max_size=8).map(surface.Quote)
clocks = st.sampled_from(["12:30", "9:05"]).map(surface.Clock)
choices = st.lists(paths | numbers | quantities | quotes, min_size=1, max_size=3).map(tuple)
leaves: st.SearchStrategy[Surface] = paths | numbers | quantities | quotes | clocks | st.booleans().map(surface.YesNo)


def grown(inner: st.SearchStrategy[Surface]) -> st.SearchStrategy[Surface]:
    """Every form that may nest in an expression, over smaller ones."""
    many = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(surface.Call, paths, st.lists(inner, max_size=2).map(tuple)),
        st.builds(surface.Negative, inner),
        st.builds(surface.Sum, st.sampled_from("+-*/"), inner, inner),
        st.builds(surface.Compare, st.sampled_from(["==", "!=", "<=", ">=", "<", ">"]), inner, inner),
        st.builds(surface.OneOf, inner, choices, st.booleans(), st.booleans()),
        st.builds(surface.Between, inner, inner, inner),
        st.builds(surface.IsIn, inner, inner, st.booleans()),
        st.builds(surface.IsKnown, inner, st.booleans()),
        st.builds(surface.Matches, inner, paths),
        st.builds(surface.Timed, st.sampled_from(["for", "in last"]), inner, quantities),
        st.builds(surface.Since, inner, inner),
        st.builds(surface.Once, inner, st.none() | inner),
        st.builds(surface.Earlier, inner, st.none() | quantities),
        st.builds(surface.Not, inner),
        st.builds(surface.And, many),
        st.builds(surface.Or, many),
        st.builds(surface.Implies, inner, inner),
        st.builds(surface.Judged, quotes, st.none() | inner),
    )


expressions = st.recursive(leaves, grown, max_leaves=12)
values = st.one_of(
    expressions,
    st.builds(surface.Draw, expressions, expressions),
    st.builds(surface.Spread, expressions, expressions),
    st.builds(surface.Pick, choices),
)
unary = st.builds(
    surface.Claim,
    st.sampled_from(["eventually", "possible", "winnable"]),
    expressions,
    st.none(),
    st.none() | quantities,
)
norms = st.builds(surface.Claim, st.sampled_from(["always", "never"]), expressions)
binary = st.builds(
    surface.Claim, st.sampled_from(["leads_to", "until"]), expressions, expressions, st.none() | quantities
)


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_expressions_render_back(tree: Surface) -> None:
    assert parse(pretty(tree), "guard") == tree


@settings(max_examples=100, deadline=None)
@given(values)
def test_values_render_back(tree: Surface) -> None:
    assert parse(pretty(tree), "value") == tree


@settings(max_examples=100, deadline=None)
@given(cast(st.SearchStrategy[Surface], unary | norms | binary))
def test_claims_render_back(tree: Surface) -> None:
    assert parse(pretty(tree), "check") == tree


def spaced(text: str, draw: random.Random) -> str:
    """The text with other blanks between its words: more of them, line ends, tabs; never inside a text or an amount."""
    parts = re.findall(r'"(?:\\.|[^"\\])*"|[0-9][0-9.:]*(?: ?[A-Za-z%]+[0-9a-z]*)?|[^\W\d]\w*|\s+|.', text, re.DOTALL)
    return "".join(draw.choice([" ", "  ", "\n", " \t "]) if part.isspace() else part for part in parts)


@settings(max_examples=150, deadline=None)
@given(expressions, st.randoms(use_true_random=False))
def test_blanks_and_parentheses_around_it_do_not_change_an_expression(tree: Surface, draw: random.Random) -> None:
    assert parse(f" ( {spaced(pretty(tree), draw)} )\n", "guard") == tree

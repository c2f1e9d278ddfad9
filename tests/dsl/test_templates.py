"""Authored texts: what may be written is rendered, what may not is refused at its place and never compiled."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.scenario import Wording
from dramaturg.dsl.spans import NOWHERE, Source
from dramaturg.dsl.tree import Map, Scalar
from dramaturg.dsl.types import Bool, Enum, Number, Optional, Text, Type
from dramaturg.dsl.wording import templates
from dramaturg.dsl.wording.templates import Amount, check, render
from tests.clock import within

NAMES = {
    "limit": "public",
    "delay": "public",
    "shifted": "public",
    "level": "public",
    "persona.greeting": "agent",
    "concern.interview.story": "user",
    "help_wanted": "judge",
}
EUR, WAIT = Number("money(EUR)", 0, 40_000, 1000), Number("duration", 0, 3_600_000, 300_000)
TYPES: dict[str, Type] = {"limit": EUR, "delay": Optional(WAIT), "persona.greeting": Text()}


def checked(text: str) -> tuple[Wording | None, list[Diagnostic]]:
    return check(scalar(text), NAMES, types=TYPES)


def scalar(text: str) -> Scalar:
    """The text as it would stand in a file, in single quotes."""
    source = "words: ['" + text.replace("'", "''") + "']\n"
    node, diagnostics = read(Source("words.yaml", source.encode()))
    assert diagnostics == []
    assert isinstance(node, Map)
    items = node.get("words")
    assert not isinstance(items, Scalar | Map)
    assert items is not None
    (item,) = items.items
    assert isinstance(item, Scalar)
    return item


def said(text: str, **values: templates.Shown) -> str:
    wording, diagnostics = checked(text)
    assert diagnostics == []
    assert wording is not None
    return render(wording, {**VALUES, **values})


VALUES: dict[str, templates.Shown] = {
    "limit": Amount(12_000, EUR),
    "delay": Amount(600_000, WAIT),
    "shifted": False,
    "level": "gold",
    "persona.greeting": "Hello,",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At most {{ limit | money }}, please.", "At most 120 EUR, please."),
        ("Late by {{ delay | duration }}.", "Late by 10m."),
        ("{{ limit }} and {{ delay }}", "120 EUR and 10m"),
        ("{{ persona.greeting }} is it late?", "Hello, is it late?"),
        ("{{ persona.greeting | lower }} {{ level | title }}", "hello, Gold"),
        ("{% if shifted %}a{% else %}b{% endif %}", "b"),
        ('{% if level == "silver" %}s{% elif level != "gold" %}x{% else %}g{% endif %}', "g"),
        ('{{ "yes" if shifted or not shifted else "no" }}', "yes"),
        ('{% if shifted and (level == "gold") %}a{% endif %}c', "c"),
        ("it is {{ shifted }}", "it is no"),
        ("a }} b { c {# remark #}d", "a }} b { c d"),
        ("{%- if shifted -%} x {%- else %}  y{% endif -%}  z", "  yz"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)
def test_what_may_be_written_is_rendered(text: str, expected: str) -> None:
    assert said(text) == expected


def test_an_unknown_value_is_said_to_be_unknown() -> None:
    assert said("{{ delay | duration }}", delay=Amount(None, WAIT)) == "unknown"
    assert said("{{ delay | duration }}", delay=None) == "unknown"


def test_the_names_of_a_wording_are_those_it_reads() -> None:
    wording, _ = checked("{% if shifted %}{{ limit | money }}{% endif %} {{ persona.greeting }} {{ limit }}")
    assert wording is not None
    assert wording.names == ("limit", "persona.greeting", "shifted")


REFUSED = [
    ("{{ 9**(9**9) }}", "template-forbidden", "**"),
    ("{{ f(x) }}", "template-forbidden", "f("),
    ("{{ limit.money() }}", "template-forbidden", "money("),
    ("{{ limit | money(3) }}", "template-forbidden", "money("),
    ("{{ limit + 1 }}", "template-forbidden", "+"),
    ("{{ -limit }}", "template-forbidden", "-"),
    ("{{ limit ~ level }}", "template-forbidden", "~"),
    ("{{ a[0] }}", "template-forbidden", "["),
    ("{{ [limit] }}", "template-forbidden", "["),
    ("{{ {} }}", "template-forbidden", "{"),
    ("{{ limit, level }}", "template-forbidden", ","),
    ("{{ limit < delay }}", "template-forbidden", "<"),
    ("{{ limit is defined }}", "template-forbidden", "is"),
    ('{{ "a" in level }}', "template-forbidden", "in"),
    ("{{ 5 }}", "template-forbidden", "5"),
    ("{{ 1" + "0" * 5000 + " }}", "template-forbidden", "1" + "0" * 5000),
    ("{{ true }}", "template-forbidden", "true"),
    ('{{ "a" if shifted }}', "template-forbidden", '{{ "a" if shifted }}'),
    ('{{ level == "a" == "b" }}', "template-forbidden", '{{ level == "a" == "b" }}'),
    ("{% for x in limit %}{% endfor %}", "template-forbidden", "for"),
    ("{% set x = 3 %}", "template-forbidden", "set"),
    ("{% include 'x' %}", "template-forbidden", "include"),
    ("{% import 'x' as y %}", "template-forbidden", "import"),
    ("{% macro f() %}{% endmacro %}", "template-forbidden", "macro"),
    ("{% call f() %}{% endcall %}", "template-forbidden", "call"),
    ("{% block a %}{% endblock %}", "template-forbidden", "block"),
    ("{{ " + "(" * 20 + "limit" + ")" * 20 + " }}", "template-forbidden", "("),
    ("{{ " + "not " * 150 + "limit }}", "template-forbidden", "{{ " + "not " * 150 + "limit }}"),
    ("{% if shifted %}" * 20 + "{% endif %}" * 20, "template-forbidden", "{% if shifted %}"),
    ("{{ ''.__class__ }}", "template-forbidden", "{{ ''.__class__ }}"),
    ("{{ limit.__class__.__mro__ }}", "template-unknown-name", "limit.__class__.__mro__"),
    ("{{ self }}", "template-unknown-name", "self"),
    ("{{ limt }}", "template-unknown-name", "limt"),
    ("{{ persona }}", "template-unknown-name", "persona"),
    ("{{ limit.x }}", "template-unknown-name", "limit.x"),
    ("{{ concern.interview.story }}", "leak", "concern.interview.story"),
    ("{% if help_wanted %}a{% endif %}", "leak", "help_wanted"),
    ("{{ limit | mony }}", "template-unknown-filter", "mony"),
    ("{{ limit | safe }}", "template-unknown-filter", "safe"),
    ("{{ delay | money }}", "template-filter-mismatch", "money"),
    ("{{ limit | duration }}", "template-filter-mismatch", "duration"),
    ("{{ limit | lower | money }}", "template-filter-mismatch", "money"),
    ("é {{ limit", "template-syntax", "{{"),
    ("{{ }}", "template-syntax", "{{ }}"),
    ("{% if shifted %}x", "template-syntax", "{% if shifted %}"),
    ("{% endif %}", "template-syntax", "{% endif %}"),
    ("{% if shifted %}{% else %}{% else %}{% endif %}", "template-syntax", "{% else %}"),
    ("{% if %}x{% endif %}", "template-syntax", "{% if %}"),
    ("{{ limit level }}", "template-syntax", "level"),
    ("{{ limit | }}", "template-syntax", "{{ limit | }}"),
    ("{{ not }}", "template-syntax", "{{ not }}"),
    ("{{ $ }}", "template-syntax", "$"),
    ("{{ (limit }}", "template-syntax", "}"),
    ("{# never", "template-syntax", "{#"),
    ("x" * 10_001, "template-syntax", "x"),
]


@pytest.mark.parametrize(("text", "name", "under"), REFUSED)
def test_what_may_not_is_one_diagnostic_at_its_place(text: str, name: str, under: str) -> None:
    wording, diagnostics = within(0.5, lambda: checked(text))
    assert wording is None
    assert [diagnostic.name for diagnostic in diagnostics] == [name]
    assert diagnostics[0].span.text.replace("''", "'") == under


def test_a_place_is_exact_behind_quotes_and_accents() -> None:
    _, (diagnostic,) = checked("d'été {{ limit }} {{ nope }}")
    assert (diagnostic.span.line, diagnostic.span.column, diagnostic.span.text) == (1, 32, "nope")


def test_a_misspelt_name_is_repaired() -> None:
    _, (diagnostic,) = checked("{{ limt | money }}")
    assert "`limit`" in diagnostic.message
    assert [(span.text, text) for span, text in diagnostic.fixes[0].edits] == [("limt", "limit")]


def test_hidden_names_are_never_suggested() -> None:
    _, (diagnostic,) = checked("{{ concern.interview.stori }}")
    assert "story" not in diagnostic.message + "".join(diagnostic.notes)


def test_every_wrong_placeholder_is_said() -> None:
    _, diagnostics = checked("{{ limt }} {{ limit | mony }} {{ concern.interview.story }}")
    assert [diagnostic.name for diagnostic in diagnostics] == [
        "template-unknown-name",
        "template-unknown-filter",
        "leak",
    ]


def test_a_leak_shows_where_the_name_is_declared() -> None:
    place = scalar("x").span
    _, (diagnostic,) = check(scalar("{{ help_wanted }}"), NAMES, declared={"help_wanted": place})
    assert [label.span for label in diagnostic.labels] == [place]


def test_the_reader_of_a_text_decides_what_leaks() -> None:
    wording, diagnostics = check(scalar("{{ help_wanted }}"), NAMES, visible=lambda view: True)
    assert diagnostics == []
    assert wording is not None


def test_an_unchecked_text_is_never_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    monkeypatch.setattr(Environment, "compile", lambda *a, **k: compiled.append(a))
    for text, name, _ in REFUSED:
        checked(text)
        if name == "template-forbidden":
            with pytest.raises(ValueError):
                render(Wording(text, (), NOWHERE), {})
    assert compiled == []


@pytest.mark.parametrize("text", ["{{ ''.__class__ }}", "{{ ().__class__ }}", "{{ limit.__class__ }}"])
def test_no_attribute_is_ever_looked_up(text: str) -> None:
    with pytest.raises(ValueError):
        render(Wording(text, (), NOWHERE), {"limit": 3})


def test_a_missing_value_is_the_callers_mistake() -> None:
    wording, _ = checked("{{ limit }}")
    assert wording is not None
    with pytest.raises(ValueError, match="limit"):
        render(wording, {})


def test_money_shows_nothing_but_amounts() -> None:
    wording, _ = checked("{{ limit | money }}")
    assert wording is not None
    with pytest.raises(ValueError):
        render(wording, {"limit": 12_000})
    with pytest.raises(ValueError):
        render(wording, {"limit": Amount(600_000, WAIT)})


def test_a_hanging_text_is_refused_at_once() -> None:
    program = (
        "from dramaturg.dsl.wording.templates import check\n"
        "from dramaturg.dsl.tree import Scalar; from dramaturg.dsl.spans import *\n"
        "text = '{{ 9**(9**9) }}'\n"
        "print(check(Scalar(text, Span(Source('x', text.encode()), 0, len(text))), {})[1][0].name)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout.strip() == "template-forbidden", done.stderr


PIECES = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    " ",
    "if",
    "endif",
    "else",
    "limit",
    "level",
    ".",
    "|",
    "money",
    "(",
    ")",
    '"',
    "a",
]


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from([*PIECES, "\n", "-", "==", "not", "9", "**", "é", "__class__", "[", "raw", "endraw", ","]),
        max_size=16,
    )
)
def test_whatever_is_written_is_rendered_or_refused(pieces: list[str]) -> None:
    text = "".join(pieces)
    wording, diagnostics = check(Scalar(text, NOWHERE, offsets=(0,) * (len(text) + 1)), NAMES)
    assert (wording is None) == bool(diagnostics)
    if wording is not None:
        assert isinstance(render(wording, {**VALUES, "limit": Amount(500, EUR), "level": Amount(5, EUR)}), str)


@pytest.mark.parametrize(
    "text",
    [
        "At { limit | money }} or less.",
        "At { limit }} or less.",
        "At { limit | money } or less.",
        "% if shifted %}a{{ limit }}",
    ],
)
def test_half_a_placeholder_is_told(text: str) -> None:
    """One brace lost: Jinja would read it out."""
    _, diagnostics = checked(text)
    assert [d.name for d in diagnostics] == ["template-syntax"]


@pytest.mark.parametrize(
    ("text", "name", "under"),
    [
        ('{% if day == "firday" %}a{% else %}b{% endif %}', "unknown-member", "firday"),
        ('{% if "sunday" != day %}a{% else %}b{% endif %}', None, ""),
        ('{% if "moonday" == day %}a{% else %}b{% endif %}', "unknown-member", "moonday"),
        ('{{ "a" if day == "friday" else "b" }}', None, ""),
        ('{% if late == "yes" %}a{% else %}b{% endif %}', "type-mismatch", '"yes"'),
        ('{% if who == "Ada" %}a{% else %}b{% endif %}', None, ""),
    ],
)
def test_a_text_that_a_name_never_is(text: str, name: str | None, under: str) -> None:
    kinds: dict[str, Type] = {"day": Enum(("friday", "sunday")), "late": Bool(), "who": Text()}
    _, found = check(scalar(text), dict.fromkeys(kinds, "public"), types=kinds)
    assert [(it.name, it.span.text) for it in found] == ([] if name is None else [(name, under)])


def test_a_choice_without_quotes_is_told_how_it_is_written() -> None:
    types = {**TYPES, "level": Enum(("gold", "silver"))}
    wording, (problem,) = check(scalar("{% if level == gold %}a{% endif %}"), NAMES, types=types)
    assert wording is None
    assert problem.message == 'in a wording a choice stands in quotes: "gold"'
    (fix,) = problem.fixes
    assert [(place.text, new) for place, new in fix.edits] == [("gold", '"gold"')]

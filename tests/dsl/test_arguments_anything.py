"""Whatever is given to a module, loading ends with a scenario or with errors that have a place, and never otherwise."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.dsl.editing.indexing import index
from dramaturg.dsl.load import understand
from tests.dsl.test_parameters_of_modules import stage

MODULE = """\
needs:
  a: money(EUR)
  b: act
  c: condition
  d: duration
  e: text
  f: wait
  g: variable
  h: mood
  i: person
  j: trigger
  k: event
  l: move
world:
  z: money(EUR) 0 EUR..a step a = a
concerns:
  doubt: {story: "{{ e }}", says: "{{ a | money }}", weight: 2, surfaces: b}
tasks:
  t:
    slots: {s: money(EUR) 0 EUR..800 EUR step 20 EUR = a}
    OPEN:
      - {when: b(price < a), if: c for d, set: {g: a, s: a + z}, go: DONE}
      - {when: l, if: c in last d and h == glad, go: DONE}
      - {after: d, go: DONE}
    DONE: {end: good}
triggers:
  w: {when: k, until: c, within: f, expect: b, otherwise: agent.keep_silent}
stream:
  - {when: l, emit: k, with: {to: a}}
  - {every: d, set: {z: a + z}}
words:
  b: ['{{ a | money }} {{ e | title }} {% if e == "x" %}{{ price | money }}{% endif %}']
rules:
  q: never (b and i.resistance > 3 and j is known)
""".replace(" and j is known", "")
GOOD = {
    "a": "80 EUR",
    "b": "agent.offer",
    "c": "fare > 3 EUR",
    "d": "30m",
    "e": "hi there",
    "f": "2 turns",
    "g": "price",
    "h": "glad",
    "i": "user",
    "j": "w",
    "k": "fare.changed",
    "l": "user.accept",
}
BITS = [
    *GOOD.values(),
    "budget",
    "price <= ",
    "(",
    ")",
    "{{",
    "}}",
    "|",
    "=",
    "==",
    "-5",
    "for",
    "in last",
    "and",
    "not",
    '"',
    "'",
]
BITS += [
    "..",
    "+-",
    "one of",
    "{%",
    "%}",
    "is",
    "#",
    ":",
    ",",
    "\\",
    "é",
    "\u202e",
    "count(",
    "judged",
    "null",
    "~",
    "task.t",
    "5m..10m",
]

WORDS = st.lists(st.sampled_from(BITS), min_size=1, max_size=4).map(" ".join) | st.text(max_size=8)


@st.composite
def uses(draw: st.DrawFn) -> str:
    """A use in which a few arguments are anything, or nothing."""
    changed = draw(st.dictionaries(st.sampled_from(sorted(GOOD)), WORDS | st.none(), max_size=3))
    given_ = {name: text for name, text in (GOOD | changed).items() if text is not None}
    name = draw(st.sampled_from(["", ", as: one", ", as: Two"]))
    return f"{{module: tasks/m, with: {json.dumps(given_)}{name}}}"


def test_the_module_is_good(tmp_path: Path) -> None:
    use = f"{{module: tasks/m, with: {json.dumps(GOOD)}}}"
    seen = understand(stage(tmp_path, use, m=MODULE))
    assert [(d.name, str(d.span), d.message) for d in seen.loaded.diagnostics if d.severity == "error"] == []


@settings(max_examples=120, deadline=None)
@given(uses())
def test_any_argument_is_used_or_refused(use: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        seen = understand(stage(Path(folder), use, m=MODULE))
    wrong = [d for d in seen.loaded.diagnostics if d.severity == "error"]
    assert (seen.loaded.scenario is None) == bool(wrong)
    for diagnostic in seen.loaded.diagnostics:
        for span in (diagnostic.span, *(label.span for label in diagnostic.labels)):
            assert 0 <= span.start <= span.end <= len(span.source.data)
            assert span.path in ("small.yaml", "tasks/m.yaml")
    index(seen)

"""The Big List of Naughty Strings, as texts: what is loaded is what was written, to the last character, all the way to the records.

A few hold characters that no editor shows (control characters, marks that reverse the reading direction, foreign line ends).
These are refused where they stand, with a diagnostic that says so. As wordings, texts with placeholders' braces are templates,
and what is none is refused as one.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.compiler.render.mermaid import mermaid
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import Loaded, load
from dramaturg.dsl.wording import templates
from dramaturg.runtime import record
from dramaturg.runtime.agents import Silent
from dramaturg.runtime.episode import play
from dramaturg.runtime.page import cell_html

LIST = Path(__file__).resolve().parents[3] / "shared" / "data" / "blns" / "blns.json"
HERE = Path(os.path.abspath("no-such-folder")) / "naughty.yaml"
SCENARIO = """\
scenario: naughty
about: {0}
domain: demo
family: demo
horizon: 1h
turns: 4
agent: {{wakes: [user], role: {0}, acts: {{answer: {{kind: says, about: {0}}}}}}}
user:
  persona: {{background: {5}}}
  needs: {6}
  moves: {{ask: {{what: text}}, thank: {{}}}}
  opens: {{do: ask, with: {{what: {1}}}}}
  replies: [{{to: agent.answer, do: thank}}]
concerns:
  one: {{story: {3}, says: {4}, surfaces: agent.answer}}
tasks:
  help:
    OPEN: [{{when: user.thank, go: DONE}}]
    DONE: {{end: good}}
words:
  user.ask: [{2}]
  user.thank: [Thanks.]
"""
UNSEEN = ("not-text", "control-character", "hidden-direction", "not-utf8")
"""What is said of characters that nobody sees."""
SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def strings() -> list[str]:
    if not LIST.is_file():
        pytest.skip("the list lies in ../shared, which is not here")
    found: list[str] = json.loads(LIST.read_text(encoding="utf-8"))
    return found


def quoted(text: str, escape: bool = False) -> str:
    """The text in YAML's double quotes, its characters as they are, or all but plain ones by their numbers."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    if escape:
        return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in text) + '"'
    return '"' + "".join(escapes.get(char, char) for char in text) + '"'


HIDDEN = ("story", "says", "background", "needs")


def loaded(text: str, worded: str = "What?", hidden: str = "", escape: bool = False) -> Loaded:
    """The scenario with ``text`` in all that may be seen, or in the one field named ``hidden``."""
    expression = "'" + json.dumps(text, ensure_ascii=False).replace("'", "''") + "'"
    expression = expression if not escape and '"' not in text and "\\" not in text and "\n" not in text else "'\"x\"'"
    fields = [text if hidden == key else f"The {key} of it." for key in HIDDEN]
    shown = "An answer." if hidden else text
    source = SCENARIO.format(
        quoted(shown, escape), expression if not hidden else "'\"x\"'", quoted(worded), *map(quoted, fields)
    )
    return load(HERE, HERE.parent, {HERE: source.encode("utf-8", "surrogatepass")})


def errors(found: Loaded) -> list[Diagnostic]:
    return [d for d in found.diagnostics if d.severity == "error"]


@pytest.fixture(scope="module")
def simple() -> Compiled:
    found = loaded("An answer.").scenario
    assert found is not None
    return compile_scenario(found)


def test_every_string_is_a_text_or_holds_what_nobody_sees() -> None:
    naughty = strings()
    assert len(naughty) == 515
    kept = refused = told = 0
    for text in naughty:
        found = loaded(text)
        if not text.strip():  # a text that says nothing is left out, and that is said
            assert {d.name for d in errors(found)} <= {"empty-value", *UNSEEN}, repr(text)
            refused += 1
            continue
        scenario = found.scenario
        if scenario is None:
            assert {d.name for d in errors(found)} <= set(UNSEEN), (text, [d.message for d in errors(found)])
            assert SHOWN.search(text), "only for a character that nobody sees"
            escaped = loaded(text, escape=True).scenario
            assert escaped is not None and escaped.about == text, "written by its number anybody sees it"
            refused += 1
            continue
        kept += 1
        assert scenario.about == scenario.agent.role == scenario.agent.acts[0].about == text
        for key in HIDDEN:
            found = loaded(text, hidden=key)
            if found.scenario is None:  # the same as what others say: no secret, and that is told
                assert {d.name for d in errors(found)} == {"hidden-flow"}, (text, key)
                continue
            (concern,), (person,) = found.scenario.concerns, found.scenario.cast
            assert person.persona is not None
            held = {
                "story": concern.story,
                "says": concern.says,
                "needs": person.needs,
                "background": person.persona.background,
            }
            assert held[key] == text
            told += 1
    assert kept + refused == 515
    assert (kept, refused) == (496, 19), "496 as they stand, 17 by the numbers of their characters, 2 say nothing"
    assert told >= 4 * kept - 10, told


def test_as_wordings_they_are_said_as_they_stand() -> None:
    said = 0
    for text in strings():
        found = loaded("An answer.", text)
        if found.scenario is None:
            names = {d.name for d in errors(found)}
            allowed = names <= set(UNSEEN) or (
                re.search(r"\{[{%#]|\}\}|%\}", text) and all("template" in n for n in names)
            )
            assert allowed, (text, names)
            continue
        (wording,) = found.scenario.words["user.ask"]
        if "{#" not in text:
            assert templates.render(wording, {}) == text
            said += 1
    assert said >= 495, said


def test_records_keep_them(simple: Compiled) -> None:
    trace = play(simple, 0, Silent(), 1)
    for text in strings():
        changed = record.sealed(replace(trace, steps=tuple(replace(step, text=text) for step in trace.steps)))
        line = record.to_json(changed)
        assert "\n" not in line and "\r" not in line
        assert record.from_json(line) == changed
        assert json.loads(line.encode("utf-8"))


def test_pages_and_charts_are_not_broken_by_them() -> None:
    """Markup stays text, and a chart stays one line for each thing."""
    for text in strings():
        assert "<script" not in str(cell_html(text)).lower()
    for text in strings():
        found = loaded(text).scenario
        if found is not None:
            chart = mermaid(found)
            assert "<script" not in chart.lower()
            assert chart.count("\n") == mermaid(replace(found, about="", concerns=found.concerns)).count("\n")

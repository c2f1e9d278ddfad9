"""One mistake is one diagnostic: what follows from another mistake is not said."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.load import load

STAGE = Path(__file__).parent / "stage"
MAIN = STAGE / "travel" / "delayed-train.yaml"
MODULES = STAGE / "acts" / "assistant.yaml"

EDITS = {
    # what: (file, old, new, the one diagnostic)
    "type of a variable": (MAIN, "  fare: money(EUR) 0", "  fare: money 0", "bad-declaration"),
    "a named type": (MODULES, "one of purpose |", "one of purpose, ", "bad-declaration"),
    "a list where a condition is": (MAIN, "{when: user.decline, go", "{when: [user.decline], go", "wrong-kind"),
    "a map where a state is": (
        MAIN,
        "{when: user.decline, go: FAILED}",
        "{when: user.decline, go: {x: y}}",
        "wrong-kind",
    ),
    "a key of another language": (MAIN, "{when: user.decline, go", "{trigger: user.decline, go", "unknown-key"),
    "a map where an event is": (MAIN, "emit: fare.changed", "emit: {name: fare.changed}", "wrong-kind"),
    "no colon in braces": (MAIN, "{by: 5m..30m}", "{by 5m..30m}", "key-without-value"),
    "a list where arguments are": (MAIN, "with: {by: 5m..30m}", "with: [by]", "wrong-kind"),
    "arguments under another key": (MAIN, "with: {by: 5m..30m}", "args: {by: 5m..30m}", "unknown-key"),
    "a window under another key": (MAIN, "    within: 30m ", "    window: 30m ", "unknown-key"),
    "a map that is a text": (
        MAIN,
        "{when: user.shift, set: {max_price: max_price - 20 EUR}}",
        "{when: user.shift, set: 5}",
        "wrong-kind",
    ),
    "a story of no length": (MAIN, "horizon: 8h", "horizon: 0h", "bad-amount"),
    "a number that is never reached": (MAIN, "delay >= 40m", "delay >= 40d", "out-of-range"),
    "a kind that a module leaves out": (MODULES, "follow_up: {kind: says, ", "follow_up: {", "missing-key"),
    "a module that is not there": (MAIN, "uses: [", "uses: [words/nothing, ", "missing-module"),
}


@pytest.mark.parametrize("what", EDITS)
def test_one_mistake_is_one_diagnostic(what: str) -> None:
    path, old, new, name = EDITS[what]
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, "the stage has changed"
    said = load(MAIN, STAGE, {path: text.replace(old, new, 1).encode()}).diagnostics
    assert [d.name for d in said] == [name], [f"{d.span} {d.name}: {d.message}" for d in said]


@pytest.mark.parametrize("word", ["silent", "silence", "nothing", "agent.silent"])
def test_the_silent_act_is_what_silence_means(word: str) -> None:
    text = MAIN.read_text(encoding="utf-8")
    assert "otherwise: agent.keep_silent" in text
    said = load(MAIN, STAGE, {MAIN: text.replace("otherwise: agent.keep_silent", f"otherwise: {word}", 1).encode()})
    (one,) = said.diagnostics
    assert one.name == "unknown-name"
    assert one.span.text == word
    ((_, new),) = one.fixes[0].edits
    assert new == "agent.keep_silent"


def test_a_chance_of_nothing_and_a_wake_up_that_stands_twice() -> None:
    text = MAIN.read_text(encoding="utf-8")
    for old, new, name, at in (
        ("chance: 40%", "chance: 0%", "bad-amount", "0%"),
        ("wakes: [user,", "wakes: [user, user,", "listed-twice", "user"),
    ):
        assert old in text
        said = load(MAIN, STAGE, {MAIN: text.replace(old, new, 1).encode()}).diagnostics
        assert [(one.name, one.span.text) for one in said if one.severity != "note"] == [(name, at)]


@pytest.mark.parametrize(("section", "name"), [("agent", "missing-key"), ("tasks", "no-task"), ("user", "no-people")])
def test_a_section_that_is_missing_is_told_and_not_what_speaks_of_it(section: str, name: str, tmp_path: Path) -> None:
    whole = {
        "head": "scenario: small\ndomain: demo\nfamily: demo\nhorizon: 1h\nturns: 4\n",
        "agent": "agent: {wakes: [user], acts: {answer: {kind: says}}}\n",
        "user": "user: {moves: {ask: {}}, opens: {do: ask}, replies: [{to: agent.answer, if: task.help is OPEN, do: ask}]}\n",
        "tasks": "tasks:\n  help:\n    OPEN: [{when: user.ask, if: once agent.answer, go: DONE}]\n    DONE: {end: good}\n",
        "check": "check:\n  done: winnable task.help is DONE\n",
    }
    path = tmp_path / "small.yaml"
    path.write_text("".join(text for key, text in whole.items() if key != section))
    assert [it.name for it in load(path).diagnostics if it.severity == "error"] == [name]

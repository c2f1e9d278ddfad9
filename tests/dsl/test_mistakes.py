"""One mistake, one diagnostic, on the line where it was made: the example of the language page with a single slip each.

The scenario itself is without findings (beyond the note on plain words), so whatever is said is said about the slip.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import Loaded, load

STAGE = Path(__file__).parent / "stage"
FILE = STAGE / "travel" / "delayed-train.yaml"


@dataclass(frozen=True)
class Slip:
    code: str
    """The kebab name of the one diagnostic."""
    before: str
    after: str
    says: str = ""
    """A part of its message."""
    line: str = ""
    """The line that it points at, by a part of its text after the slip; the slip's own first line where empty."""


SLIPS = [
    # the shape of the file
    Slip("unknown-key", "horizon: 8h", "horizn: 8h", "did you mean `horizon`"),
    Slip(
        "unknown-key",
        "stream:                            #",
        "straem:                            #",
        "did you mean `stream`",
    ),
    Slip("unknown-key", "  wakes: [user", "  wake: [user", "did you mean `wakes`"),
    Slip("unknown-key", "    weight: 3", "    wieght: 3", "did you mean `weight`"),
    Slip("unknown-key", "    otherwise: agent", "    otherwize: agent", "did you mean `otherwise`"),
    Slip("unknown-key", "{every: 10m +- 5m,", "{evry: 10m +- 5m,", "did you mean `every`"),
    Slip("unknown-key", "if: fare <= max_price and", "fi: fare <= max_price and", "did you mean `if`"),
    Slip("unknown-key", "if: once user.accept", "iff: once user.accept", "did you mean `if`"),
    Slip("unknown-key", "  needs: To be", "  wants: To be", "a person has no key `wants`"),
    Slip("missing-key", "turns: 16 ", "# turns: 16 ", "lacks `turns`", "scenario: delayed-train"),
    Slip(
        "missing-key",
        "    expect: agent.follow_up\n",
        "",
        "a trigger `affordable_seat` lacks `expect`",
        "affordable_seat:",
    ),
    Slip("wrong-kind", "  wakes: [user, result, reminder]", "  wakes: user", "takes a list"),
    Slip("wrong-kind", "  opens: {do: ask_status}", "  opens: ask_status", "takes a map"),
    Slip("wrong-kind", "horizon: 8h", "horizon: [8h]", "a list is given"),
    Slip(
        "wrong-kind",
        "  fare.changed:  {to: money(EUR) 0 EUR..500 EUR step 10 EUR}",
        "  fare.changed:  10 EUR",
        "takes a map",
    ),
    Slip("unknown-choice", "{kind: says, with: {price", "{kind: say, with: {price", "did you mean `says`"),
    Slip("unknown-choice", "COMPLETED: {end: good}", "COMPLETED: {end: fine}", "`good` or `bad`"),
    Slip("unknown-choice", "if_over: quiet", "if_over: quite", "did you mean `quiet`"),
    Slip("bad-name", "    FAILED: {end: bad}", "    FAILED: {end: bad}\n    stuck: {end: bad}", "capitals", "stuck:"),
    Slip("either-or", "{every: 10m +- 5m, emit", "{every: 10m +- 5m, at: 5m, emit", "not several"),
    Slip("either-or", "{after: 90m, go: FAILED}", "{go: FAILED}", "needs `when` or `after`"),
    Slip("no-effect", "{when: user.decline, go: FAILED}", "{when: user.decline}", "neither goes anywhere"),
    Slip("missing-argument", "with: {by: 5m..30m}, ", "", "without `by`"),
    Slip(
        "endless-window", "    until: fare > max_price\n    within: 30m ", "    #", "never closes", "affordable_seat:"
    ),
    # types and units
    Slip("bad-declaration", "  delay: duration 0m..6h", "  delay: duraton 0m..6h", "duration"),
    Slip("bad-amount", "  delay: duration 0m..6h step 5m = 0m", "  delay: duration 0m..6 EUR step 5m = 0m"),
    Slip("type-mismatch", "  delay: duration 0m..6h step 5m = 0m", "  delay: duration 0m..6h step 5m = yes"),
    Slip("bad-amount", "horizon: 8h", "horizon: eight hours"),
    Slip("bad-amount", "turns: 16", "turns: many"),
    Slip("bad-amount", "chance: 30%", "chance: 130%"),
    Slip("bad-amount", "{after: 90m, go", "{after: 90, go"),
    Slip("mixed-units", "delay >= 40m", "delay >= 40 EUR"),
    Slip("bad-amount", "    again: yes", "    again: often"),
    Slip("bad-amount", "    weight: 3", "    weight: heavy"),
    Slip("no-start", "step 10 EUR = budget + 60 EUR", "step 10 EUR", "needs a start"),
    Slip("endless-parameter", "80 EUR..200 EUR step 40 EUR", "80 EUR..200 EUR", "too many"),
    Slip("parameter-with-start", "80 EUR..200 EUR step 40 EUR", "80 EUR..200 EUR step 40 EUR = 80 EUR", "no start"),
    Slip("drawn-without-step", "{by: duration 5m..30m step 5m}", "{by: duration 5m..30m}", "no step", "- {every: 10m"),
    Slip("unbounded-name", "  delay: duration 0m..6h step 5m = 0m", "  delay: duration = 0m", "`delay` has no range"),
    Slip("field-with-start", "{by: duration 5m..30m step 5m}", "{by: duration 5m..30m step 5m = 5m}", "no start"),
    # names
    Slip("missing-module", "personas/commuters,", "personas/comuters,", "did you mean `personas/commuters`"),
    Slip("outside-root", "personas/commuters,", "../../personas/commuters,", "leads out"),
    Slip("bad-module-path", "personas/commuters,", "personas/commuters.yaml,", "without `.yaml`"),
    Slip("unknown-persona", "  persona: commuter", "  persona: comuter", "did you mean `commuter`"),
    Slip("unknown-event", "emit: fare.changed", "emit: fare.chnged", "did you mean `fare.changed`"),
    Slip(
        "unknown-event",
        "  wakes: [user, result, reminder]",
        "  wakes: [user, result, remindr]",
        "did you mean `reminder`",
    ),
    Slip("unknown-event", "  user.ask_status: [", "  user.ask_statsu: [", "did you mean `user.ask_status`"),
    Slip("unknown-field", "with: {by: 5m..30m}", "with: {bye: 5m..30m}", "did you mean `by`"),
    Slip("unknown-move", "opens: {do: ask_status}", "opens: {do: ask_state}", "did you mean `ask_status`"),
    Slip("unknown-move", "do: decline}", "do: declined}", "did you mean `decline`"),
    Slip("unknown-state", "{after: 90m, go: FAILED}", "{after: 90m, go: FALED}", "did you mean `FAILED`"),
    Slip("unknown-name", "set: {delay: delay + by}", "set: {dealy: delay + by}", "did you mean `delay`"),
    Slip("not-settable", "set: {delay: delay + by}", "set: {budget: 80 EUR}", "is a parameter"),
    Slip("name-taken", "    slots: {max_price:", "    slots: {fare: int 0..9 = 0, max_price:", "the name is taken"),
    Slip("reserved-word", "world:   ", "world:\n  once: int 0..9 = 0\n#", "word of the language", "once: int"),
    Slip("not-an-act", "    expect: agent.follow_up", "    expect: user.accept", "not an act"),
    Slip("not-the-worlds", "emit: fare.changed", "emit: user.accept", "what `user` does"),
    Slip(
        "two-writers",
        "{when: user.decline, go: FAILED}",
        "{when: user.decline, go: FAILED, set: {delay: 0m}}",
        "the stream",
    ),
    Slip("unknown-name", "if: once user.accept", "if: once user.acept"),
    Slip("unknown-name", "    when: (fare <= max_price", "    when: (fair <= max_price"),
    Slip("unknown-name", "agent.complete_task, if", "agent.complet_task, if"),
    Slip("unknown-state", "eased: task.trip is COMPLETED", "eased: task.trip is COMPLETE"),
    Slip("unknown-member", "surfaces: agent.ask(topic == purpose)", "surfaces: agent.ask(topic == purpos)"),
    Slip("bad-expression", "winnable: winnable task.trip", "winnable: winable task.trip"),
    Slip("bad-expression", "    until: fare > max_price", "    until: fare >"),
    Slip("looks-forward", "    until: fare > max_price", "    until: eventually fare > max_price"),
    Slip("template-unknown-name", "{{ persona.greeting }}", "{{ persona.greting }}"),
    # views
    Slip("leak", "{{ persona.greeting }}", "{{ concern.interview.story }}"),
    Slip("leak", "{{ persona.greeting }}", "{{ delay }}"),
]


def findings(loaded: Loaded) -> list[Diagnostic]:
    return [d for d in loaded.diagnostics if d.severity != "note"]


def _load(folder: Path, text: str) -> Loaded:
    """The stage with another text of the scenario, its modules linked by copies."""
    for module in STAGE.rglob("*.yaml"):
        copy = folder / module.relative_to(STAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(module.read_bytes())
    path = folder / FILE.relative_to(STAGE)
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_the_unchanged_scenario_has_no_findings() -> None:
    loaded = load(FILE)
    assert findings(loaded) == []
    assert loaded.scenario is not None


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip.before.strip()[:28]}→{slip.after.strip()[:28]}")
def test_one_slip_is_one_diagnostic_on_its_line(slip: Slip, tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert slip.before in text
    at = text.index(slip.before)
    changed = text[:at] + slip.after + text[at + len(slip.before) :]
    loaded = _load(tmp_path, changed)
    said = findings(loaded)
    assert len(said) == 1, [f"{d.span} {d.name}: {d.message}" for d in said]
    lines = changed.splitlines()
    if slip.line:
        wanted = next(number for number, line in enumerate(lines, 1) if slip.line in line)
    else:
        wanted = changed.count("\n", 0, at) + 1
    assert said[0].span.path == "travel/delayed-train.yaml"
    assert said[0].span.line == wanted, f"{said[0].span} {said[0].name}: {said[0].message}"
    assert slip.code == said[0].name, f"{said[0].name}: {said[0].message}"
    assert slip.says in said[0].message
    assert (loaded.scenario is None) == (said[0].severity == "error")
    # Unfixable mistakes stay; those with a fix are gone once it is made.
    if said[0].fixes:
        data = bytearray(changed.encode())
        for span, replacement in sorted(said[0].fixes[0].edits, key=lambda edit: -edit[0].start):
            data[span.start : span.end] = replacement.encode()
        assert findings(_load(tmp_path, data.decode())) == []


def test_a_move_without_words_is_noted_where_it_is_declared(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8").replace("accept: {}", "sigh: {}, accept: {}", 1)
    assert "do: nothing" in text
    text = text.replace("do: nothing", "do: sigh", 1)
    said = [d for d in _load(tmp_path, text).diagnostics if "`sigh`" in d.message]
    assert [(d.name, d.span.text) for d in said] == [("plain-words", "sigh")]

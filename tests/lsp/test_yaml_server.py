"""What yaml-language-server makes of our schema: the keys that it offers, what it tells of them, and what it complains about.

It is the real server, run by node; without it these are skipped (``benchmarks/node.py`` says where it is looked for). Where nothing
is typed yet behind a comma in braces it offers nothing, whatever the schema (also not of one of three lines): so a letter is typed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import node
from lsprotocol import types

from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.jsonschema import Kind, text
from tests.checkout import ROOT
from tests.lsp.yaml_server import CURSOR, PACKAGE, YamlEditor, talk

MISSING = node.lacking(PACKAGE)
pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING or f"{PACKAGE} is there")

KINDS: tuple[Kind, ...] = ("any", "scenario", "module")
TRAIN = (ROOT / "scenarios" / "travel" / "delayed-train.yaml").read_text(encoding="utf-8")
REPLY = "- {to: agent.follow_up, if: fare > max_price, do: decline}"
ACT = "set_reminder: {with: {condition: condition on fare | delay}}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what ``dramaturg schema`` prints in its three ways."""
    for kind in KINDS:
        (tmp_path / f"{kind}.json").write_text(text(kind), encoding="utf-8")
    return tmp_path


def keys(record: shapes.Record, *there: str) -> set[str]:
    """The keys of a record that are still to be written."""
    return {key.name for key in record.keys} - set(there)


PLACES: tuple[tuple[str, str, str, Kind, set[str]], ...] = (
    ("an empty file", "", CURSOR, "any", keys(shapes.MODULE) | {"scenario"}),
    ("a file that begins", "", f"scenario: a\n{CURSOR}\n", "any", keys(shapes.SCENARIO, "scenario")),
    ("the agent", "  acts:\n    set_rem", f"  {CURSOR}\n  acts:\n    set_rem", "any", {"opens", "per_turn"}),
    ("an act in braces", ACT, f"set_reminder: {{k{CURSOR}}}", "any", keys(shapes.ACT)),
    ("an act in lines", ACT, f"set_reminder:\n      k{CURSOR}", "any", keys(shapes.ACT)),
    ("a reply in braces", REPLY, f"- {{to: agent.follow_up, i{CURSOR}}}", "any", keys(shapes.REPLY, "to")),
    ("a reply in empty braces", REPLY, f"- {{{CURSOR}}}", "any", keys(shapes.REPLY)),
    ("a reply in lines", REPLY, f"- to: agent.follow_up\n      {CURSOR}", "any", keys(shapes.REPLY, "to")),
    (
        "a state",
        "      if_over: quiet\n",
        f"      {CURSOR}\n",
        "any",
        {"end", "if_over", "states", "regions", "history", "on_entry", "on_exit"},
    ),
    ("a state in braces", "COMPLETED: {end: good}", f"COMPLETED: {{e{CURSOR}}}", "any", {"end", "do", "states"}),
    (
        "a transition in braces",
        "- {when: user.accept, go: AGREED}",
        f"- {{when: user.accept, g{CURSOR}}}",
        "any",
        keys(shapes.TRANSITION, "when"),
    ),
    (
        "a trigger",
        "    within: 10m  ",
        f"    {CURSOR}\n    within: 10m  ",
        "any",
        {"until", "otherwise", "allow", "labels"},
    ),
    ("a module", "", CURSOR, "module", keys(shapes.MODULE)),
    ("a persona", "", f"personas:\n  clerk:\n    {CURSOR}\n", "module", keys(shapes.PERSONA)),
    (
        "what a persona worries about",
        "",
        f"personas:\n  clerk:\n    concerns: {{f{CURSOR}}}\n",
        "module",
        {"draw", "from"},
    ),
    ("a trait", "", f"personas:\n  clerk:\n    traits:\n      age:\n        {CURSOR}\n", "module", {"type", "likely"}),
)
CHOICES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        ACT,
        f"set_reminder: {{kind: {CURSOR}}}",
        {"says": "speech", "does": "a deed that nobody hears", "silent": "silence"},
    ),
    (
        "COMPLETED: {end: good}",
        f"COMPLETED: {{end: {CURSOR}}}",
        {"good": "the task ends, and well", "bad": "the task ends, and badly", "done": "the machine around it ends"},
    ),
    ("    again: yes\n", f"    again: {CURSOR}\n", {"yes": "", "no": ""}),
)


def test_keys_are_offered_by_place_and_choices_with_their_meanings(folder: Path) -> None:
    titles = {made.what for made in (shapes.SCENARIO, shapes.ACT, shapes.REPLY, shapes.TRIGGER, shapes.CONCERN)}

    async def conversation(editor: YamlEditor) -> None:
        for what, before, after, kind, wanted in PLACES:
            content = TRAIN.replace(before, after, 1) if before else after
            assert CURSOR in content, what
            items = await editor.complete(content, f"{kind}.json")
            # The thing itself is offered too, with all that it must have.
            offered = {item.label for item in items} - titles
            assert offered >= wanted, f"{what}: {wanted - offered}"
            assert all(documentation(item) for item in items), what
        for before, after, choices in CHOICES:
            items = await editor.complete(TRAIN.replace(before, after, 1))
            assert {written(item): documentation(item) for item in items} == choices

    talk(folder, conversation)


def documentation(item: types.CompletionItem) -> str:
    held = item.documentation
    return held.value if isinstance(held, types.MarkupContent) else held or ""


def written(item: types.CompletionItem) -> str:
    return item.text_edit.new_text if item.text_edit is not None else item.insert_text or item.label


HOVERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("horizon:", ("a scenario", "virtual time at most; a duration")),
    ("wakes:", ("the agent", "what gives the agent a turn")),
    ("set_reminder:", ("an act",)),
    ("condition:", ("a declaration: TYPE",)),
    ("opens:", ("a move", "the first move")),
    ("if_over:", ("a state", "`quiet`: good if the agent missed no opportunity and invented none")),
    ("when: user.cheaper", ("a transition", "the event, or the condition that becomes true")),
    ("within:", ("a trigger", "how long it stays open at most")),
    ("never_false_alarm:", ("a norm",)),
)


def test_keys_are_explained(folder: Path) -> None:
    async def conversation(editor: YamlEditor) -> None:
        for near, told in HOVERS:
            at = TRAIN.index(near) + 1
            shown = await editor.hover(TRAIN[:at] + CURSOR + TRAIN[at:])
            assert all(part in shown for part in told), f"{near} {shown}"

    talk(folder, conversation)


def test_nothing_is_said_of_what_ships(folder: Path) -> None:
    shipped = sorted((ROOT / "scenarios").rglob("*.yaml"))
    assert len(shipped) > 25

    async def conversation(editor: YamlEditor) -> None:
        for path in shipped:
            content = path.read_text(encoding="utf-8")
            own = "scenario" if "\nscenario:" in f"\n{content}" else "module"
            for kind in ("any", own):
                assert [one.message for one in await editor.diagnostics(content, f"{kind}.json")] == [], path.name

    talk(folder, conversation)


WRONG = (
    ("  wakes:", "  wake:", "Property wake is not allowed."),
    ("    within: 10m", "    witin: 10m", "Property witin is not allowed."),
    ("{to: agent.follow_up, if:", "{to: agent.follow_up, fi:", "Property fi is not allowed."),
    ("    IN_PROGRESS:\n", "    in_progress:\n", "Property in_progress is not allowed."),
    ("end: good", "end: gud", 'Value is not accepted. Valid values: "good", "bad", "done".'),
    ("if_over: quiet", "if_over: quit", 'Value is not accepted. Valid values: "quiet", "good".'),
    ("again: yes", "again: maybe", 'Value is not accepted. Valid values: "yes", "no".'),
    ("turns: 16\n", "", 'Missing property "turns".'),
    ("turns: 16", "turns: [16]", "Incorrect type. Expected one of string, number, boolean."),
    (
        "scenario: delayed-train",
        "scenario: Delayed Train",
        "expected a name of letters, digits and hyphens, such as `delayed-train`",
    ),
    ("do: decline", "do: ''", "nothing is said here; expected a name, such as `commuter`"),
)


def test_one_slip_is_one_complaint_in_its_place(folder: Path) -> None:
    async def conversation(editor: YamlEditor) -> None:
        for before, after, message in WRONG:
            assert before in TRAIN
            said = await editor.diagnostics(TRAIN.replace(before, after, 1))
            assert [one.message for one in said] == [message]
            if after:
                # One line more: the file's first names the schema.
                line = TRAIN[: TRAIN.index(before)].count("\n") + 1
                assert said[0].range.start.line == line

    talk(folder, conversation)

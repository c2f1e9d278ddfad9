"""Importers: other people's data becomes modules that load, and what is wrong with the data is one sentence."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.dsl.importers import IMPORTERS, Imported
from dramaturg.dsl.importers.abcd import abcd
from dramaturg.dsl.importers.proactivebench import app_of, proactivebench, proposals
from dramaturg.dsl.importers.sead import name_of, sead, spoken
from dramaturg.dsl.importers.times import DATE, EPOCH, STORY, offsets, parse, written
from dramaturg.dsl.importers.yaml_text import Flow, Tree, document
from dramaturg.dsl.load import load
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import Source
from dramaturg.dsl.tree import Map, Node, Scalar, Seq

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LIBRARY = Path(__file__).resolve().parents[2] / "scenarios"

Json = str | bool | int | None | list["Json"] | dict[str, "Json"]


def data(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the public data is not at hand: {name}")
    return path


def row(time: str, event: str = "The user types.", tasks: Json = None, status: Json = False) -> dict[str, Json]:
    return {
        "observation": {"time": time, "event": event},
        "agent_response": {"candidate_task": tasks if tasks is not None else []},
        "task_status": status,
    }


def trace(folder: Path, rows: Json, name: str = "session_1.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def tree_of(text: str) -> Map:
    tree, diagnostics = read(Source("imported.yaml", text.encode()))
    assert not diagnostics
    assert isinstance(tree, Map)
    return tree


def inside(node: Node | None, *path: str) -> Node:
    for key in path:
        assert isinstance(node, Map), key
        node = node.get(key)
    assert node is not None, path
    return node


def rows_of(imported: Imported, name: str = "session_1") -> list[dict[str, str]]:
    assert imported.text is not None, imported.diagnostics
    rows = inside(tree_of(imported.text), "recordings", name, "rows")
    assert isinstance(rows, Seq)
    out = []
    for item in rows.items:
        assert isinstance(item, Map)
        out.append({e.key.text: e.value.text for e in item.entries if isinstance(e.value, Scalar)})
    return out


def said(imported: Imported) -> dict[str, str]:
    return {diagnostic.name: diagnostic.message for diagnostic in imported.diagnostics}


# The writer


def plainly(node: Node) -> object:
    match node:
        case Scalar(text):
            return text
        case Map(entries):
            return {entry.key.text: plainly(entry.value) for entry in entries}
        case Seq(items):
            return [plainly(item) for item in items]


def round_trip(text: str) -> None:
    tree: dict[str, Tree] = {
        "a": text,
        "b": [Flow({"k": text, "in": Flow({"q": text})}), text],
        "c": {"d": [{"e": text, "f": text}]},
    }
    expected = {"a": text, "b": [{"k": text, "in": {"q": text}}, text], "c": {"d": [{"e": text, "f": text}]}}
    assert plainly(tree_of(document(["a file"], tree))) == expected


def test_naughty_strings_come_back_as_they_were() -> None:
    for text in json.loads(data("blns/blns.json").read_text(encoding="utf-8")):
        round_trip(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    round_trip(text)


@pytest.mark.parametrize(
    "text", ["null", "~", "", "yes", "- a", "a: b", "a #b", "{a}", "a, b", "'", '"', "\u202e", "\x00", " a ", "é", "名"]
)
def test_texts_that_yaml_reads_as_something_else_come_back_as_they_were(text: str) -> None:
    round_trip(text)


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    assert plainly(tree_of(document([], {"a": "x\ud800"}))) == {"a": "x\N{REPLACEMENT CHARACTER}"}


# Times


@pytest.mark.parametrize(
    ("text", "way", "ms"),
    [
        ("1717378000.744", EPOCH, 1717378000744),
        ("1717377997.0", EPOCH, 1717377997000),
        ("0.0005", EPOCH, 0),
        ("Day 1, 11:05 PM", STORY, 86_400_000 + 23 * 3_600_000 + 5 * 60_000),
        ("Day 2, 12:00 AM", STORY, 2 * 86_400_000),
        ("Day 1, 12:30 PM", STORY, 86_400_000 + 12 * 3_600_000 + 30 * 60_000),
        ("01-02 00:00:05", DATE, 86_405_000),
    ],
)
def test_the_three_ways_of_writing_a_time(text: str, way: str, ms: int) -> None:
    assert parse(text) == (way, ms)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Day 1, 13:05 PM",
        "Day 1, 11:65 PM",
        "13-01 00:00:00",
        "02-30 00:00:00",
        "-5",
        "1e9",
        "NaN",
        "١٢٣",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert parse(text) is None


def test_offsets_keep_the_order_and_count_what_ran_backwards() -> None:
    assert offsets([100, 500, 500, 300, 900], EPOCH) == ([0, 400, 401, 402, 800], 1, 1)


def test_the_turn_of_the_year_is_no_step_back() -> None:
    _, eve = parse("12-31 23:59:50") or ("", 0)
    _, morning = parse("01-01 00:00:10") or ("", 0)
    assert offsets([eve, morning], DATE) == ([0, 20_000], 0, 0)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_offsets_always_rise_from_zero(moments: list[int]) -> None:
    out, earlier, equal = offsets(moments, EPOCH)
    assert out[0] == 0
    assert all(a < b for a, b in pairwise(out))
    assert len(out) == len(moments)
    assert (earlier or equal) == 0 or moments != sorted(set(moments))


def test_offsets_are_written_exactly() -> None:
    assert [written(ms) for ms in (0, 3744, 1000, 68_598, 1, 120)] == [
        "0s",
        "3.744s",
        "1s",
        "68.598s",
        "0.001s",
        "0.12s",
    ]


# ProactiveBench


def test_the_recorded_session_of_the_library_is_what_the_importer_writes() -> None:
    for name in ("code_11", "code_12"):
        imported = proactivebench(data(f"proactivebench/test_data/{name}.json"))
        assert imported.text == (LIBRARY / "recordings" / f"{name}.yaml").read_text(encoding="utf-8")


def test_every_published_trace_is_imported_with_all_its_rows() -> None:
    wanted = 0
    for path in sorted(data("proactivebench/test_data").glob("*.json")):
        rows = rows_of(proactivebench(path), path.stem)
        source = json.loads(path.read_text(encoding="utf-8"))
        assert [r["text"] for r in rows] == [" ".join(r["observation"]["event"].split()) for r in source]
        for got, given_ in zip(rows, source, strict=True):
            asked = bool(given_["agent_response"]["candidate_task"]) and given_["task_status"]
            assert got["help_wanted"] == ("yes" if asked else "no")
        wanted += sum(r["help_wanted"] == "yes" for r in rows)
    assert wanted == 36


def test_help_is_wanted_where_a_proposal_was_accepted(tmp_path: Path) -> None:
    rows: Json = [
        row("1", tasks=["Explain it."], status=True),
        row("2", tasks=["Explain it."], status=False),
        row("3", tasks=[], status=True),
        row("4", tasks=[], status=False),
    ]
    imported = proactivebench(trace(tmp_path, rows))
    assert [r["help_wanted"] for r in rows_of(imported)] == ["yes", "no", "no", "no"]
    assert "at 1 of 4 rows" in said(imported)["labels-derived"]


@pytest.mark.parametrize("silence", [[], None, "null", "", [None], ["null"], "None", "[]"])
def test_silence_is_silence_however_it_is_written(silence: Json, tmp_path: Path) -> None:
    path = tmp_path / "session_1.json"
    body = row("1", status=True)
    body["agent_response"] = {"candidate_task": silence}
    path.write_text(json.dumps([body]), encoding="utf-8")
    imported = proactivebench(path)
    assert rows_of(imported)[0]["help_wanted"] == "no"
    assert "1 times" in said(imported)["silence-read"]
    assert imported.text is not None
    assert "null" not in imported.text.split("rows:")[1]


def test_a_null_beside_a_task_is_dropped() -> None:
    from collections import Counter

    silences: Counter[str] = Counter()
    assert proposals(["null", "Explain it."], silences) == ("Explain it.",)
    assert silences == {"null within a list": 1}


def test_rows_out_of_order_keep_their_order_and_are_counted(tmp_path: Path) -> None:
    rows: Json = [row("10", "One."), row("30", "Two."), row("20", "Three."), row("30", "Four.")]
    imported = proactivebench(trace(tmp_path, rows))
    assert [(r["at"], r["text"]) for r in rows_of(imported)] == [
        ("0s", "One."),
        ("20s", "Two."),
        ("20.001s", "Three."),
        ("20.002s", "Four."),
    ]
    assert said(imported)["times-raised"].startswith("1 of 4 rows lie before a row above them and 1 at the same time")


@pytest.mark.parametrize(
    ("event", "app"),
    [
        ("The user types 'x' in Visual Studio Code and presses 'Enter'.", "editor"),
        ("The user searches on Google for 'how to write a file in vim'.", "browser"),
        ("The user returns to Visual Studio Code from the web browser.", "editor"),
        ("The user switches to the terminal and runs the script.", "terminal"),
        ("The user opens 'main.html' in the project.", "editor"),
        ("The user takes a break.", "other"),
    ],
)
def test_the_application_is_told_from_the_event(event: str, app: str) -> None:
    assert app_of(event) == app


BAD: list[tuple[str, bytes, str]] = [
    ("empty", b"", "unreadable-import"),
    ("not json", b"[{", "unreadable-import"),
    ("binary", b"\xff\xfe\x00\x01", "unreadable-import"),
    ("a hundred thousand brackets", b"[" * 100_000, "unreadable-import"),
    ("a very long number", b"[" + b"9" * 10_000 + b"]", "unreadable-import"),
    ("two values", b"[] []", "unreadable-import"),
    ("an object", b"{}", "not-this-data"),
    ("a text", b'"rows"', "not-this-data"),
    ("no rows", b"[]", "not-this-data"),
    ("no observation", b'[{"event": "x"}]', "not-this-data"),
    ("reward data", b'[{"obs": [], "pred_task": null}]', "not-this-data"),
    ("an empty event", b'[{"observation": {"time": "1", "event": " "}}]', "not-this-data"),
    (
        "a status that is none",
        b'[{"observation": {"time": "1", "event": "x"}, "task_status": "maybe"}]',
        "not-this-data",
    ),
    ("a time that is none", b'[{"observation": {"time": "soon", "event": "x"}}]', "unknown-time"),
    (
        "mixed times",
        b'[{"observation": {"time": "1", "event": "x"}}, {"observation": {"time": "Day 1, 1:00 PM", "event": "x"}}]',
        "unknown-time",
    ),
]


@pytest.mark.parametrize(("content", "name"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_bad_input_is_one_sentence(content: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / "session_1.json"
    path.write_bytes(content)
    imported = proactivebench(path)
    assert imported.text is None
    assert [diagnostic.name for diagnostic in imported.diagnostics] == [name]
    assert all("\n" not in d.message and d.severity == "error" for d in imported.diagnostics)


def test_the_place_of_a_bad_row_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "session_1.json"
    path.write_text('[\n  {"observation": {"time": "1", "event": "é"}},\n  {"observation": 5}\n]', encoding="utf-8")
    (found,) = proactivebench(path).diagnostics
    assert (found.span.line, found.span.column) == (3, 3)


@pytest.mark.parametrize("name", ["proactivebench", "sead"])
def test_a_file_that_is_not_there_is_said(name: str, tmp_path: Path) -> None:
    imported = IMPORTERS[name].run(tmp_path / "none.json", {})
    assert imported.text is None
    assert [d.name for d in imported.diagnostics] == ["unreadable-file"]


def test_a_recording_must_have_a_name(tmp_path: Path) -> None:
    path = trace(tmp_path, [row("1")], "11 - Ärger.json")
    assert rows_of(proactivebench(path), "trace_11_rger")
    assert [d.name for d in proactivebench(path, "No Name").diagnostics] == ["import-name"]


SCENE = """
scenario: watching
domain: work
family: watching
horizon: 10m
turns: 30
uses: [session_1]
events:
  activity:
    text: text
    app: one of editor | browser | terminal | other
    help_wanted: {type: yes/no, view: judge}
stream:
  - {play: session_1, emit: activity}
agent:
  wakes: [activity]
  acts: {propose: {kind: says}, keep_silent: {kind: silent}}
user:
  moves: {thank: {}}
  replies: [{to: agent.propose, do: thank}]
words: {user.thank: Thank you.}
tasks:
  watch:
    OPEN: {if_over: good}
"""


def test_what_is_imported_loads(tmp_path: Path) -> None:
    hostile = "Types: 'a', {b} #c \"d\" \u202e\u0000 — and \\ so on"
    imported = proactivebench(trace(tmp_path, [row("1", hostile), row("2.5")]))
    assert imported.text is not None
    (tmp_path / "session_1.yaml").write_text(imported.text, encoding="utf-8")
    (tmp_path / "watching.yaml").write_text(SCENE, encoding="utf-8")
    loaded = load(tmp_path / "watching.yaml")
    assert loaded.scenario is not None, [d.message for d in loaded.diagnostics]
    recording = loaded.scenario.stream[0].recording
    assert recording is not None
    assert [at for at, _ in recording.rows] == [0, 1500]
    assert recording.rows[0][1]["text"] == hostile


# ABCD


def test_the_catalogue_of_the_library_is_what_the_importer_writes() -> None:
    imported = abcd(data("abcd"), "return_size")
    assert imported.text == (LIBRARY / "catalogues" / "abcd.yaml").read_text(encoding="utf-8")


def test_the_acts_of_a_subflow_ask_for_what_its_guideline_speaks_of() -> None:
    imported = abcd(data("abcd"), "return_size")
    assert imported.text is not None
    tree = tree_of(imported.text)
    assert plainly(inside(tree, "acts", "validate_purchase", "with")) == dict.fromkeys(
        ["username", "email", "order_id"], "text"
    )
    assert plainly(inside(tree, "acts", "pull_up_account", "with")) == {"customer_name": "text?", "account_id": "text?"}
    assert plainly(inside(tree, "types", "order_slotval")) == "one of by_mail | in_store | drop_off_center"
    states = plainly(inside(tree, "tasks", "return_size"))
    assert isinstance(states, dict)
    assert list(states) == [
        "START",
        "AFTER_PULL_UP_ACCOUNT",
        "AFTER_VALIDATE_PURCHASE",
        "AFTER_MEMBERSHIP",
        "AFTER_ENTER_DETAILS",
        "DONE",
        "UNFINISHED",
    ]


def test_every_subflow_and_the_whole_catalogue_can_be_imported() -> None:
    folder = data("abcd")
    flows = json.loads((folder / "kb.json").read_text(encoding="utf-8"))
    for flow in [None, *flows]:
        imported = abcd(folder, flow)
        assert imported.text is not None, (flow, imported.diagnostics)
        acts = inside(tree_of(imported.text), "acts")
        assert isinstance(acts, Map)
        names = [entry.key.text for entry in acts.entries]
        steps = list(dict.fromkeys(flows[flow])) if flow else None
        assert steps is None or names == [step.replace("-", "_") for step in steps]
        assert flow or len(names) == 30


def test_the_facts_of_a_sample_dialogue_come_as_world_variables() -> None:
    imported = abcd(data("abcd"), "return_size", "3592")
    assert imported.text is not None
    world = plainly(inside(tree_of(imported.text), "world"))
    assert isinstance(world, dict)
    assert world["customer_name_on_file"] == 'text = "Crystal Minh"'
    assert world["order_id_on_file"] == 'text = "3348917502"'


def test_a_misspelt_subflow_is_said_with_the_one_that_was_meant() -> None:
    (found,) = abcd(data("abcd"), "return_sise").diagnostics
    assert found.name == "no-such-part"
    assert "did you mean `return_size`?" in found.message
    assert [d.name for d in abcd(data("abcd"), None, "1").diagnostics] == ["no-such-part"]


@pytest.mark.parametrize(
    ("ontology", "flows"),
    [("[]", "{}"), ('{"actions": {}}', "{}"), ('{"actions": {"a": {"b": 1}}, "values": {"enumerable": {}}}', "{}"),
     ('{"actions": {"a": {"b": []}}, "values": {"enumerable": {}}}', '{"flow": ["c"]}'),
     ('{"actions": {"a": {"b": []}}, "values": {"enumerable": {}}}', '{"Bad Name": ["b"]}')],
)  # fmt: skip
def test_a_folder_of_something_else_is_one_sentence(ontology: str, flows: str, tmp_path: Path) -> None:
    (tmp_path / "ontology.json").write_text(ontology)
    (tmp_path / "kb.json").write_text(flows)
    (tmp_path / "guidelines.json").write_text("{}")
    imported = abcd(tmp_path)
    assert imported.text is None
    assert [d.name for d in imported.diagnostics] == ["not-this-data"]


def test_a_folder_without_its_files_is_said(tmp_path: Path) -> None:
    assert [d.name for d in abcd(tmp_path).diagnostics] == ["unreadable-file"]


# SEAD


def test_the_concern_bank_of_the_library_is_what_the_importer_writes() -> None:
    categories = ["trust_and_skepticism", "cost_concerns", "suitability_doubts", "operational_concerns"]
    imported = sead(data("sead/client_action.json"), categories)
    assert imported.text == (LIBRARY / "concerns" / "sead.yaml").read_text(encoding="utf-8")


def test_every_behaviour_becomes_one_concern() -> None:
    path = data("sead/client_action.json")
    groups = json.loads(path.read_text(encoding="utf-8"))["User_Persona_Classification"]
    imported = sead(path)
    assert imported.text is not None
    concerns = plainly(inside(tree_of(imported.text), "concerns"))
    assert isinstance(concerns, dict)
    assert [body["story"] for body in concerns.values()] == [text for texts in groups.values() for text in texts]
    assert len(concerns) == 97


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        ("Asks if there are hidden costs", "May I ask if there are hidden costs?"),
        ("Asks why they were selected", "May I ask why I was selected?"),
        (
            "Asks about the source of their personal information",
            "May I ask about the source of my personal information?",
        ),
        (
            "Mentions having been scammed by similar activities before",
            "I have been scammed by similar activities before.",
        ),
        ("Worries about incurring future costs", "I worry about incurring future costs."),
        ("States they were cheated by other platforms before", "I was cheated by other platforms before."),
        ("Forgets what was just said", "(forgets what was just said)"),
    ],
)
def test_a_behaviour_is_spoken_in_the_first_person(behaviour: str, sentence: str) -> None:
    assert spoken(behaviour) == sentence


def test_like_behaviours_get_names_of_their_own() -> None:
    assert name_of("Asks if there are hidden costs", []) == "hidden_costs"
    assert name_of("Questions the hidden costs", ["hidden_costs"]) == "hidden_costs_2"
    assert name_of("Asks if it is", []) == "concern"


def test_a_misspelt_category_is_said_with_the_one_that_was_meant() -> None:
    (found,) = sead(data("sead/client_action.json"), ["cost_concern"]).diagnostics
    assert "did you mean `cost_concerns`?" in found.message


@pytest.mark.parametrize(
    "content",
    ["[]", "{}", '{"User_Persona_Classification": {"a": "b"}}', '{"User_Persona_Classification": {"a": [1]}}'],
)
def test_a_file_of_something_else_is_one_sentence(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    imported = sead(path)
    assert imported.text is None
    assert [d.name for d in imported.diagnostics] == ["not-this-data"]

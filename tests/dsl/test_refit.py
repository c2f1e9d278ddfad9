"""Repairs of shape, layout and names: each does what it says, on the smallest file that needs it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
import yaml

from dramaturg.dsl.load import load
from dramaturg.dsl.messages.repair import Seen, repair
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import Source

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"

TEA = """\
scenario: tea
domain: home
family: tea
horizon: 1h
turns: 4
parameters:
  price: one of low | high
world:
  level: int 0..9 = 3
  water: int 0..9 = 3
events:
  kettle.boiled: {at: int 0..9}
stream:
  - {at: 5m, emit: kettle.boiled, with: {at: 3}}
agent:
  wakes: [user]
  acts:
    tell: {kind: says}
    fetch: {kind: does}
user:
  moves: {ask: {}, thank: {}}
  opens: {do: ask}
  replies:
    - {to: agent.tell, do: thank}
tasks:
  tea:
    OPEN:
      - {when: agent.tell, go: DONE}
    DONE: {end: good}
"""

CASES = {
    # what: (in the file, the slip, its code, whether it is mended unasked)
    "a list of one": ("wakes: [user]", "wakes: user", "E203", True),
    "a list without brackets": ("wakes: [user, kettle.boiled]", "wakes: user, kettle.boiled", "E203", True),
    "a map in a list": ("replies:\n    - {to: agent.tell, do: thank}", "replies: {to: agent.tell, do: thank}", "E203", True),
    "an act by its kind": ("fetch: {kind: does}", "fetch: does", "E203", True),
    "a move by its name": ("opens: {do: ask}", "opens: ask", "E203", True),
    "a list of names": ("moves: {ask: {}, thank: {}}", "moves: [ask, thank]", "E203", True),
    "a text in brackets": ("turns: 4", "turns: [4]", "E203", True),
    "a state in small letters": ("    OPEN:", "    open:", "E205", True),
    "a scenario with blanks": ("scenario: tea", "scenario: tea time", "E205", True),
    "an event with a capital": ("kettle.boiled: {", "kettle.Boiled: {", "E205", False),
    "a name with a hyphen": ("water: int", "hot-water: int", "E205", False),
    "the same line twice": ("turns: 4\n", "turns: 4\nturns: 4\n", "E117", True),
    "the same entry twice": ("do: thank}", "do: thank, do: thank}", "E117", True),
    "another line of that name": ("turns: 4\n", "turns: 4\nturns: 5\n", "E117", False),
    "a bracket too few": ("{kind: does}\n", "{kind: does\n", "E122", True),
    "brackets too few": ("{ask: {}, thank: {}}", "{ask: {}, thank: {", "E122", True),
    "a bracket too few, and a comment": ("{kind: does}\n", "{kind: does # deed\n", "E122", True),
    "a quote too few": ("domain: home\n", "domain: \"home\n", "E122", True),
    "a blank too many": ("  replies:", "   replies:", "E124", True),
    "a start for a field": ("{at: int 0..9}", "{at: int 0..9 = 3}", "E212", False),
    "a start for a parameter": ("low | high", "low | high = low", "E235", False),
    "a time for speech": ("tell: {kind: says}", "tell: {kind: says, takes: 2s}", "E218", False),
    "a limit without its words": ("  wakes: [user]", "  wakes: [user]\n  per_turn: 3", "E217", True),
    "an event without its prefix": ("emit: kettle.boiled", "emit: boiled", "E461", True),
    "a move with its person": ("do: ask}", "do: user.ask}", "E462", True),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_a_slip_is_mended(what: str, tmp_path: Path) -> None:
    right, slip, code, unasked = CASES[what]
    assert right in TEA or what.startswith("a list without")
    spoilt = TEA.replace(right, slip, 1) if right in TEA else TEA.replace("wakes: [user]", slip, 1)
    path = tmp_path / "tea.yaml"
    path.write_text(spoilt, encoding="utf-8")
    assert code in {item.code for item in load(path).diagnostics}

    def look(texts: dict[Path, bytes]) -> Seen:
        return Seen(load(path, overlay=texts).diagnostics, tmp_path)

    for unsafe in (False, True):
        result = repair(lambda texts: look(dict(texts)), unsafe=unsafe)
        errors = [item.message for item in result.left.diagnostics if item.severity == "error"]
        if unsafe or unasked:
            assert errors == []
        else:
            assert path not in result.files, "what is guessed waits to be asked for"


def test_what_takes_a_comment_away_is_not_offered(tmp_path: Path) -> None:
    path = tmp_path / "tea.yaml"
    path.write_text(TEA.replace("turns: 4\n", "turns: 4\nturns: 4  # four\n"), encoding="utf-8")
    (said,) = [item for item in load(path).diagnostics if item.code == "E117"]
    assert said.fixes == ()


def modules(tmp_path: Path, uses: str) -> Path:
    for name in ("people", "others"):
        (tmp_path / "personas").mkdir(exist_ok=True)
        (tmp_path / "personas" / f"{name}.yaml").write_text(f"personas:\n  {name[:-1]}y: {{background: kind}}\n")
    path = tmp_path / "tea.yaml"
    path.write_text(
        TEA.replace("parameters:", f"uses: {uses}\nparameters:").replace("moves:", "persona: peopley\n  moves:")
    )
    return path


@pytest.mark.parametrize(
    ("uses", "mended", "unsafe"),
    [
        ("[personas/people, personas/people]", "[personas/people]", False),
        ("[personas/people.yaml]", "[personas/people]", False),
        ("[.\\personas\\people]", "[personas/people]", False),
        ("[personas/people/]", "[personas/people]", False),
        ("[personas/peopel]", "[personas/people]", False),
        ("personas/people", "[personas/people]", False),
        ("[personas/people, personas/others]", "[personas/people]", True),
        ("\n  - personas/people\n  - personas/others", "\n  - personas/people", True),
        ("\n  - personas/others\n  - personas/people", "\n  - personas/people", True),
    ],
)
def test_modules(tmp_path: Path, uses: str, mended: str, unsafe: bool) -> None:
    path = modules(tmp_path, uses)
    result = repair(lambda texts: Seen(load(path, overlay=dict(texts)).diagnostics, tmp_path), unsafe=unsafe)
    assert f"uses: {mended}\nparameters" in result.files[path].decode()
    assert [item.code for item in result.left.diagnostics if item.severity == "error" or item.code == "W458"] == []


def test_another_encoding_is_guessed_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "tea.yaml"
    path.write_bytes(TEA.replace("domain: home", "about: café, naïve\ndomain: home").encode("cp1252"))
    result = repair(lambda texts: Seen(load(path, overlay=dict(texts)).diagnostics, tmp_path), unsafe=True)
    assert "about: café, naïve\n" in result.files[path].decode("utf-8")


def blanks(text: str, number: int, by: int) -> str:
    """The text with so many blanks more, or fewer, before one of its lines."""
    lines = text.split("\n")
    indent = len(lines[number]) - len(lines[number].lstrip(" "))
    return "\n".join([*lines[:number], " " * max(indent + by, 0) + lines[number].lstrip(" "), *lines[number + 1 :]])


@pytest.mark.parametrize("name", ["travel/weekend-trip.yaml", "travel/flight-watch.yaml"])
def test_no_line_is_moved_under_another_parent(name: str) -> None:
    """Every line of a scenario a blank too far in or out: what is mended unasked means what was written."""
    path = SCENARIOS / name
    text = path.read_text(encoding="utf-8")
    mended = 0
    for number, by in [(n, by) for n, line in enumerate(text.split("\n")) if line.strip() for by in (1, -1)]:
        slip = blanks(text, number, by)
        if not any(item.name == "bad-indentation" for item in read(Source(name, slip.encode()))[1]):
            continue

        result = repair(partial(seen, path, slip))
        if path in result.files:
            mended += 1
            assert meaning(result.files[path]) == meaning(text.encode()), f"line {number + 1}, {by:+}"
    assert mended > 30


def seen(path: Path, text: str, texts: Mapping[Path, bytes]) -> Seen:
    """What is said of a scenario of the library with this text in its place."""
    return Seen(load(path, overlay={path: text.encode(), **texts}).diagnostics, SCENARIOS)


def meaning(data: bytes) -> object:
    """What YAML reads, names and texts as they stand."""
    return yaml.load(data, yaml.CBaseLoader)


def test_a_line_that_opens_a_block_is_not_moved_beside_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "tea.yaml"
    path.write_text(blanks(TEA, TEA.split("\n").index("user:"), 1), encoding="utf-8")
    result = repair(lambda texts: Seen(load(path, overlay=dict(texts)).diagnostics, tmp_path))
    assert meaning(result.files[path]) == meaning(TEA.encode())

"""Whatever is done to a scenario, loading it ends with diagnostics: never with an exception, and never late."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest

from dramaturg.dsl.load import load
from tests.clock import within

STAGE = Path(__file__).parent / "stage"
FILE = STAGE / "travel" / "delayed-train.yaml"
PIECES = [
    "",
    "[]",
    "{}",
    "5",
    "- x",
    "yes",
    '"',
    "(",
    " or ",
    "once",
    "10 EUR",
    "task.x",
    "user",
    "null",
    "{a: b}",
    "[a, b]",
    "é",
]


def damaged(lines: list[str], rng: random.Random) -> str:
    """The lines with one piece of damage: a line lost or doubled, a value of another kind, a word or a character changed."""
    lines, at = list(lines), rng.randrange(len(lines))
    words = re.findall(r"\S+", lines[at]) or ["x"]
    match rng.randrange(7):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[rng.randrange(len(lines))])
        case 2:
            lines[at] = lines[at].replace(rng.choice(words), rng.choice(PIECES), 1)
        case 3:
            lines[at] = lines[at].replace(":", ": {a: b}", 1)
        case 4:
            lines[at] = re.sub(r":.*", ": [x, y]", lines[at], count=1)
        case 5:
            lines[at] = re.sub(r":.*", ":", lines[at], count=1)
        case _:
            place = rng.randrange(len(lines[at]))
            lines[at] = lines[at][:place] + rng.choice("abz{}[]():,.|&*!?-# ") + lines[at][place + 1 :]
    return "".join(lines)


@pytest.mark.parametrize("seed", range(6))
def test_damage_ends_in_diagnostics(seed: int, tmp_path: Path) -> None:
    folder = tmp_path / "stage"
    shutil.copytree(STAGE, folder)
    path = folder / FILE.relative_to(STAGE)
    lines = FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    rng = random.Random(seed)
    for _ in range(20):
        text = damaged(lines, rng)
        path.write_text(text, encoding="utf-8")
        loaded = load(path)
        assert (loaded.scenario is None) == any(d.severity == "error" for d in loaded.diagnostics), text
        for diagnostic in loaded.diagnostics:
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(diagnostic.span.source.data)
            assert not re.search(r"\b(Scalar|NoneType|dict|tuple|Lark|YAMLError|Traceback)\b", diagnostic.message)


@pytest.mark.parametrize(
    "text",
    [
        "scenario: [[[[]]]]\nuses: {a: {b: [c]}}\nagent: x\nuser: []\ntasks: yes\n",
        "scenario: x\nagent: {acts: {a: [], b: {kind: {}}, c: {kind: says, with: [x]}}}\nuser: {moves: [a, b]}\n",
        "scenario: x\n"
        + "".join(f"{key}: {{x: {{y: {{z: []}}}}}}\n" for key in ("world", "events", "tasks", "triggers", "words")),
        "scenario: x\nuser: {}\ncast: {user: {}, agent: {}, nothing: {role: user}}\n",
        "scenario: ../../etc\ndomain: /\nfamily: ..\nhorizon: 1h\nturns: 1\n",
        "scenario: x\nshifts: {a: {when: user.b, as: user.b.c}}\nconcerns: {a: {as: '('}}\n",
        "scenario: x\nuser: {persona: {traits: {a: text, b: int, c: 'x'}}, stance: {a: int 0..3 = 1}, moves: {a: {}}}\n",
    ],
)
def test_the_wrong_kind_of_thing_everywhere_ends_in_diagnostics(text: str, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    loaded = load(path)
    assert loaded.scenario is None
    assert any(d.severity == "error" for d in loaded.diagnostics)


def test_loading_is_quick() -> None:
    load(FILE)
    within(0.5, lambda: load(FILE))


@pytest.mark.parametrize("line", ["cop", "task.cop is OPEN", "сор < 5", "task.сор", "not сор"])
def test_a_machine_without_states_ends_in_diagnostics(line: str, tmp_path: Path) -> None:
    """Found by fuzzing: a hint wanted the last of no states. Two lines write the name with letters of another alphabet."""
    path = tmp_path / "small.yaml"
    path.write_text(
        "scenario: x\nagent: {acts: {a: {kind: says}}}\n"
        f"user: {{moves: {{b: {{}}}}, replies: [{{to: agent.a, if: {line}, do: b}}]}}\n"
        "tasks: {cop: {}}\n",
        encoding="utf-8",
    )
    assert load(path).scenario is None

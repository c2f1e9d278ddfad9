"""Rosters: what a reader is told of a scenario's persons, against the persons written out by hand."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from dramaturg.cli import run
from dramaturg.compiler.roster import roster
from tests.clock import within
from tests.compiler.test_persons import TEXT, everybody, read


def layers(person: Mapping[str, object]) -> tuple[object, ...]:
    """A person of the record as ``everybody`` writes her."""
    traits, parameters = person["traits"], person["parameters"]
    assert isinstance(traits, dict)
    assert isinstance(parameters, dict)
    background = "bakery" if "bakery" in str(person["background"]) else "kiosk"
    concerns = person["concerns"]
    assert isinstance(concerns, list)
    return int(parameters["first_trust"]), background, traits["patience"], int(traits["age"]), tuple(concerns)


def test_probabilities_are_exact_and_draws_follow_them(tmp_path: Path) -> None:
    wanted, draws = everybody(), 20_000
    found = roster(read(tmp_path), draws, 5).record()
    people = found["persons"]
    assert isinstance(people, list)
    seen = Counter[tuple[object, ...]]()
    for person in people:
        assert isinstance(person, dict)
        assert Fraction(str(person["probability"])) == wanted[layers(person)]
        seen[layers(person)] += 1
    rare = [person for person, chance in wanted.items() if chance * draws < 5]
    groups = [[person] for person in wanted if person not in rare] + ([rare] if rare else [])
    square, freedom = 0.0, len(groups) - 1
    for group in groups:
        expected = draws * float(sum(wanted[person] for person in group))
        square += (sum(seen[person] for person in group) - expected) ** 2 / expected
    spread = 2 / (9 * freedom)
    assert square < freedom * (1 - spread + 3.719 * spread**0.5) ** 3  # exceeded once in 10^4 seeds


def test_shares_and_layers_are_those_of_everybody(tmp_path: Path) -> None:
    wanted, found = everybody(), roster(read(tmp_path), 0, 0)
    assert found.space == len(wanted)
    assert dict(found.layers) == {"parameters": 3, "background": 2, "traits": 12, "concerns": 3}
    for name, place in (("first_trust", 0), ("persona.background", 1), ("persona.patience", 2), ("persona.age", 3)):
        for value, share in found.shares[name].items():
            assert share == sum(chance for person, chance in wanted.items() if str(person[place]) == value)
    for concern, share in found.shares["persona.concerns"].items():
        assert share == sum(chance for person, chance in wanted.items() if concern in str(person[4]))


def test_distinct_draws_are_everybody_once(tmp_path: Path) -> None:
    found = roster(read(tmp_path), 1000, 3, distinct=True)
    assert len(found.drawn) == found.space == len({one.values for one in found.drawn})


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_another_process_prints_the_same_bytes(tmp_path: Path, form: str) -> None:
    read(tmp_path)
    command = [
        sys.executable,
        "-m",
        "dramaturg",
        "sample",
        "small.yaml",
        "--count",
        "9",
        "--seed",
        "4",
        "--format",
        form,
    ]
    outputs = set()
    for seed in ("1", "77"):
        told = subprocess.run(
            command, cwd=tmp_path, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        outputs.add(told.stdout)
    assert len(outputs) == 1
    assert b"Sells newspapers" in outputs.pop()


def test_the_table_is_read_by_a_spreadsheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(tmp_path)
    assert run(["sample", str(tmp_path / "small.yaml"), "--count", "4", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert run(["sample", str(tmp_path / "small.yaml"), "--count", "4", "--format", "json"]) == 0
    people = json.loads(capsys.readouterr().out)["persons"]
    assert [row["age"] for row in rows] == [person["traits"]["age"] for person in people]
    assert [row["concerns"].split() for row in rows] == [person["concerns"] for person in people]


def test_the_text_says_how_many_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(tmp_path)
    assert run(["sample", str(tmp_path / "small.yaml"), "--count", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("space: 112 persons (parameters 3 × background 2 × traits 12 × concerns 3, of 216 that")
    assert out.count("#") == 1


def test_a_space_of_billions_is_sampled_at_once(tmp_path: Path) -> None:
    wide = "".join(f"      habit_{n}: int 0..9\n" for n in range(10))
    tied = "".join(f"      - habit_{n} <= habit_{n + 1}\n" for n in range(0, 9, 2))
    text = TEXT.replace("      greeting:", wide + "      greeting:").replace(
        "    constraints:\n", "    constraints:\n" + tied
    )
    scenario = read(tmp_path, text)
    found = within(2, lambda: roster(scenario, 50, 1, distinct=True))
    told = found.text()
    assert found.space == 112 * 55**5
    assert told.startswith("space: 56,367,850,000 persons")


def test_where_nobody_is_left_the_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(
        tmp_path, TEXT.replace("    constraints:\n", "    constraints:\n      - patience is short\n      - age > 50\n")
    )
    assert run(["sample", str(tmp_path / "small.yaml")]) == 1
    assert "E618" in capsys.readouterr().err


def test_one_member_of_a_cast_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head, rest = TEXT.split("user:\n")
    body, tail = rest.split("personas:\n")
    cast = "".join(f"  {line}\n" for line in body.splitlines()).replace("user.resistance", "guest.resistance")
    clerk = "  clerk:\n    role: colleague\n    persona: {background: Sits in an office.}\n    moves: {wave: {}}\n"
    text = f"{head}cast:\n  guest:\n    role: user\n{cast}{clerk}personas:\n{tail}".replace("user.", "guest.").replace(
        "[user]", "[guest]"
    )
    read(tmp_path, text.replace("    needs: [too_dear]\n", "    needs: [too_dear]\n    of: guest\n"))
    file = str(tmp_path / "small.yaml")
    assert run(["sample", file, "--count", "1", "--person", "clerk"]) == 0
    out = capsys.readouterr().out
    assert "Sits in an office." in out
    assert "traits    " not in out
    assert "concerns    " not in out.split("#0")[1]
    assert run(["sample", file, "--count", "1", "--person", "guest"]) == 0
    assert "patience = " in capsys.readouterr().out
    assert run(["sample", file, "--person", "nobody"]) == 2
    assert "there is guest, clerk" in capsys.readouterr().err


def test_fixed_traits_are_shown_in_their_units(tmp_path: Path) -> None:
    fixed = "    traits:\n      fee: money(EUR) = 120 EUR\n      rest: duration = 90m\n      calm: yes/no = no\n"
    found = roster(read(tmp_path, TEXT.replace("    traits:\n", fixed)), 1, 0).record()
    (person,) = found["persons"] if isinstance(found["persons"], list) else []
    assert isinstance(person, dict)
    assert isinstance(traits := person["traits"], dict)
    assert (traits["fee"], traits["rest"], traits["calm"]) == ("120 EUR", "1h30m", "no")


def test_whoever_is_drawn_again_is_shown_once_with_how_often(tmp_path: Path) -> None:
    found = roster(read(tmp_path), 200, 3)
    heads = [line for line in found.text().splitlines() if line.startswith("#")]
    assert len(heads) == len({one.values for one in found.drawn}) < 200
    often = [int(line.split("drawn ")[1].split()[0]) if "drawn " in line else 1 for line in heads]
    assert sum(often) == 200
    assert len(found.table().splitlines()) == 201  # for a spreadsheet, a row a draw

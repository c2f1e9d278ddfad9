"""The cache of `check`: a hit says the same to the byte, without the compiler; nothing damaged or foreign is believed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from dramaturg.commands.library import attempt
from dramaturg.commands.remembered import Found, recall, remember
from dramaturg.dsl.present import FORMS, present
from tests.checkout import ROOT
from tests.hostile.test_bad_input import GOOD, MODULE

WARNED = GOOD.replace("answer: {kind: says}", "answer: {kind: says}\n    shrug: {kind: says}") + (
    "check:\n  never_thanks: never user.thank\n"
)
"""A scenario that loads, and of which there is something to say, with a place in it."""
OPTIONS = {"limits": "", "states": "None"}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAMATURG_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "dramaturg" / "check"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    folder = tmp_path / "library" / "demo"
    (folder.parent / "people").mkdir(parents=True)
    folder.mkdir()
    (folder.parent / "people" / "helpers.yaml").write_text(MODULE)
    path = folder / "small.yaml"
    path.write_text(WARNED)
    return path


def found(path: Path) -> Found:
    tried = attempt(path, analyse=True)
    assert tried.compiled is not None
    assert tried.diagnostics
    return Found(tried.shown, tried.sources, tried.diagnostics)


def check(path: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "dramaturg", "check", str(path), *options],
        cwd=path.parent,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


def test_a_hit_prints_the_same_to_the_byte_without_the_compiler(cache: Path, scenario: Path) -> None:
    code = f"""
import sys
from dramaturg.cli import run
status = run(["check", {str(scenario)!r}, "--format", sys.argv[1]])
print(status, [name for name in ("dramaturg.compiler", "dramaturg.dsl.load", "numpy", "yaml", "lark") if name in sys.modules])
"""
    for form in FORMS:
        fresh, hit = check(scenario, "--no-cache", "--format", form), check(scenario, "--format", form)
        again = subprocess.run(
            [sys.executable, "-c", code, form], cwd=scenario.parent, capture_output=True, check=False
        )
        assert (fresh.returncode, fresh.stderr) == (hit.returncode, hit.stderr) == (1, again.stderr)
        assert fresh.stdout == hit.stdout
        assert again.stdout == hit.stdout + b"1 []\n"
        assert b"small.yaml" in hit.stdout


def test_a_hit_has_the_same_diagnostics_places_and_all(cache: Path, scenario: Path) -> None:
    remember(scenario, OPTIONS, before := found(scenario))
    after = recall(scenario, OPTIONS)
    assert after is not None
    assert after.diagnostics == before.diagnostics
    assert present(after.diagnostics) == present(before.diagnostics)


def test_what_changes_is_checked_again(cache: Path, scenario: Path) -> None:
    remember(scenario, OPTIONS, found(scenario))
    assert recall(scenario, {**OPTIONS, "states": "7"}) is None
    module = scenario.parent.parent / "people" / "helpers.yaml"
    module.write_text(MODULE + "# more\n")
    assert recall(scenario, OPTIONS) is None
    module.write_text(MODULE)
    assert recall(scenario, OPTIONS) is not None
    nearer = scenario.parent / "people" / "helpers.yaml"
    nearer.parent.mkdir()
    nearer.write_text("personas:\n  helper: {background: Somebody else.}\n")
    assert recall(scenario, OPTIONS) is None
    shutil.rmtree(nearer.parent)
    module.unlink()
    assert recall(scenario, OPTIONS) is None


def test_another_tool_believes_nothing(cache: Path, scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(scenario, OPTIONS, found(scenario))
    monkeypatch.setattr("dramaturg.commands.remembered.tool", lambda: "another")
    assert recall(scenario, OPTIONS) is None


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "binary", "brackets", "folder"])
def test_damage_counts_as_nothing_and_is_replaced(cache: Path, scenario: Path, damage: str) -> None:
    remember(scenario, OPTIONS, found(scenario))
    for entry in list(cache.iterdir()):
        data = entry.read_bytes()
        body = b"[" * 100_000
        entry.unlink()
        match damage:
            case "folder":
                entry.mkdir()
            case "brackets":
                entry.write_bytes(sha256(body).hexdigest().encode() + b"\n" + body)
            case _:
                spoiled = {"cut": data[:-9], "flipped": data[:-9] + b"!" + data[-8:], "empty": b"", "binary": b"\xff\0"}
                entry.write_bytes(spoiled[damage])
        assert recall(scenario, OPTIONS) is None
        if damage == "folder":
            entry.rmdir()
        remember(scenario, OPTIONS, found(scenario))
        assert recall(scenario, OPTIONS) is not None
    assert sorted(entry.suffix for entry in cache.iterdir()) == [".files", ".json"]


@pytest.mark.parametrize(
    "names",
    [
        ["../secret.yaml"],
        ["/etc/passwd"],
        ["demo/small.yaml", "../../secret.yaml"],
        ["demo/small.yaml", "secret.txt"],
        ["demo/small.yaml", "link.yaml"],
        ["other/small.yaml"],
        [],
        ["demo/small.yaml", 7],
    ],
)
def test_files_elsewhere_are_never_read(cache: Path, scenario: Path, names: list[object]) -> None:
    remember(scenario, OPTIONS, found(scenario))
    root = scenario.parent.parent
    (root.parent / "secret.yaml").write_text("secret")
    (root / "secret.txt").write_text("secret")
    (root / "link.yaml").symlink_to(root.parent / "secret.yaml")
    (slip,) = cache.glob("*.files")
    body = json.dumps({"files": names, "absent": []}).encode()
    slip.write_bytes(sha256(body).hexdigest().encode() + b"\n" + body)
    assert recall(scenario, OPTIONS) is None


def test_a_place_beyond_its_file_is_no_place(cache: Path, scenario: Path) -> None:
    remember(scenario, OPTIONS, found(scenario))
    (entry,) = cache.glob("*.json")
    content = json.loads(entry.read_bytes().partition(b"\n")[2])
    for span in ([0, 5, 999_999], [9, 0, 0], [0, -1, 2], [0, 4, 2], ["0", 0, 0], []):
        content["diagnostics"][0]["span"] = span
        body = json.dumps(content).encode()
        entry.write_bytes(sha256(body).hexdigest().encode() + b"\n" + body)
        assert recall(scenario, OPTIONS) is None


def test_it_can_be_turned_off_and_be_out_of_order(cache: Path, scenario: Path) -> None:
    check(scenario, "--no-cache")
    check(scenario, DRAMATURG_CACHE="off")
    assert not cache.exists()
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where a folder should be")
    ran = check(scenario)
    assert ran.returncode == 1
    assert b"internal" not in ran.stderr


def test_the_shipped_scenarios_are_remembered_whole(cache: Path) -> None:
    path = ROOT / "scenarios" / "work" / "coding-session.yaml"
    tried = attempt(path, analyse=True)
    remember(path, OPTIONS, Found(tried.shown, tried.sources, tried.diagnostics))
    assert recall(path, OPTIONS) is not None

"""The cache of `check`: a hit says the same to the byte, without the compiler; nothing damaged or foreign is believed."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import Any

import pytest

from dramaturg.commands import packs, remembered
from dramaturg.commands.library import attempt, find
from dramaturg.commands.remembered import Found, open_memory, recall, remember
from dramaturg.dsl.messages.present import FORMS, present
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


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a minute later than it is: whatever has just been written is old."""
    monkeypatch.setattr("dramaturg.commands.stamps.time.time_ns", lambda: time_ns() + 60 * 10**9)


def pack(cache: Path) -> Path:
    (only,) = cache.glob("*.pack")
    return only


def rewritten(place: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what a pack says, and let its hash be right."""
    content = json.loads(place.read_bytes().partition(b"\n")[2])
    change(content)
    body = json.dumps(content).encode()
    place.write_bytes(packs.FORMAT + sha256(body).hexdigest().encode() + b"\n" + body)


def entry(content: dict[str, Any]) -> dict[str, Any]:
    (only,) = content["entries"].values()
    assert isinstance(only, dict)
    return only


def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which files are read from now on."""
    read: list[str] = []
    real = remembered._bytes

    def watched(root: str, name: str) -> bytes:
        read.append(name)
        return real(root, name)

    monkeypatch.setattr(remembered, "_bytes", watched)
    return read


def test_what_has_not_changed_is_not_read(
    cache: Path, scenario: Path, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = Found(found(scenario).shown, found(scenario).sources, ())
    remember(scenario, OPTIONS, quiet)
    read = read_files(monkeypatch)
    assert recall(scenario, OPTIONS) is not None
    assert read == []
    scenario.write_bytes(scenario.read_bytes())  # the same, written anew
    assert recall(scenario, OPTIONS) is not None
    assert read == ["demo/small.yaml"]
    assert recall(scenario, OPTIONS) is not None
    assert read == ["demo/small.yaml"], "the new stamp was kept"


def test_a_change_of_the_same_size_and_time_is_seen(cache: Path, scenario: Path, later: None) -> None:
    before = scenario.stat()
    remember(scenario, OPTIONS, found(scenario))
    scenario.write_text(WARNED.replace("never_thanks", "never_thonks"))
    os.utime(scenario, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert scenario.stat().st_size == before.st_size
    assert scenario.stat().st_mtime_ns == before.st_mtime_ns
    assert recall(scenario, OPTIONS) is None


def test_a_file_that_changed_just_now_is_read_again_whatever_its_stamp(
    cache: Path, scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(scenario, OPTIONS, Found(found(scenario).shown, found(scenario).sources, ()))
    read = read_files(monkeypatch)
    assert recall(scenario, OPTIONS) is not None
    assert set(read) == {"demo/small.yaml", "people/helpers.yaml"}


def test_a_folder_that_became_a_link_is_looked_at_again(cache: Path, scenario: Path, later: None) -> None:
    remember(scenario, OPTIONS, Found(found(scenario).shown, found(scenario).sources, ()))
    people = scenario.parent.parent / "people"
    outside = scenario.parent.parent.parent / "elsewhere"
    people.rename(outside)
    people.symlink_to(outside)  # the very same file, but now it lies outside
    assert recall(scenario, OPTIONS) is None
    people.unlink()
    outside.rename(people)
    assert recall(scenario, OPTIONS) is not None


def test_damage_counts_as_nothing_and_is_replaced(cache: Path, scenario: Path) -> None:
    remember(scenario, OPTIONS, found(scenario))
    place = pack(cache)
    data = place.read_bytes()
    brackets = b"[" * 100_000
    for spoiled in (
        data[:-9],
        data[:-9] + b"!" + data[-8:],
        b"",
        b"\xff\0",
        packs.FORMAT + sha256(brackets).hexdigest().encode() + b"\n" + brackets,
        data + b" ",
        data[1:],
    ):
        place.write_bytes(spoiled)
        assert recall(scenario, OPTIONS) is None
        remember(scenario, OPTIONS, found(scenario))
        assert recall(scenario, OPTIONS) is not None
    place.unlink()
    place.mkdir()
    assert recall(scenario, OPTIONS) is None
    remember(scenario, OPTIONS, found(scenario))
    place.rmdir()
    remember(scenario, OPTIONS, found(scenario))
    assert recall(scenario, OPTIONS) is not None
    assert [entry.suffix for entry in cache.iterdir()] == [".pack"]


@pytest.mark.parametrize("kind", ["byte", "cut", "grown", "swapped"])
def test_no_damage_anywhere_gives_a_wrong_answer(cache: Path, scenario: Path, kind: str, later: None) -> None:
    remember(scenario, OPTIONS, before := found(scenario))
    place, draw = pack(cache), random.Random(5)
    data = place.read_bytes()
    for _ in range(150):
        spoiled, at = bytearray(data), draw.randrange(len(data))
        match kind:
            case "byte":
                spoiled[at] ^= draw.randrange(1, 256)
            case "cut":
                del spoiled[at : at + draw.randrange(1, 50)]
            case "grown":
                spoiled[at:at] = draw.randbytes(draw.randrange(1, 50))
            case _:
                other = draw.randrange(len(data))
                spoiled[at], spoiled[other] = spoiled[other], spoiled[at]
        place.write_bytes(spoiled)
        after = recall(scenario, OPTIONS)
        assert after is None or after.diagnostics == before.diagnostics
        assert (after is None) == (bytes(spoiled) != data)


def test_what_a_pack_says_can_be_anything_and_is_never_more_than_a_miss(
    cache: Path, scenario: Path, later: None
) -> None:
    """Also with a right hash: each value in turn becomes something else, and no answer comes of it but the right one."""
    remember(scenario, OPTIONS, before := found(scenario))
    place = pack(cache)
    data = place.read_bytes()
    content = json.loads(data.partition(b"\n")[2])
    draw = random.Random(6)
    strange: list[object] = [
        None,
        True,
        -1,
        10**30,
        "",
        "../x.yaml",
        "\0",
        [],
        {},
        [[]],
        {"": []},
        0.5,
        "x" * 10_000,
        [1] * 6,
        ["a", "b"],
    ]

    def paths(value: object, at: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
        yield at
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in pairs:
            yield from paths(inner, (*at, key))

    for way in [way for way in paths(content, ()) if way]:
        for instead in draw.sample(strange, 3):
            changed = json.loads(data.partition(b"\n")[2])
            at: Any = changed
            for step in way[:-1]:
                at = at[step]
            at[way[-1]] = instead
            body = json.dumps(changed).encode()
            place.write_bytes(packs.FORMAT + sha256(body).hexdigest().encode() + b"\n" + body)
            after = recall(scenario, OPTIONS)
            if (
                after is not None and "diagnostics" not in way
            ):  # what is said of it is the one thing that only the hash guards
                assert after.diagnostics == before.diagnostics, (way, instead)


def test_only_what_is_ours_alone_is_believed(cache: Path, scenario: Path) -> None:
    remember(scenario, OPTIONS, found(scenario))
    place = pack(cache)
    for path, mode in ((place, 0o622), (place, 0o660), (cache, 0o777)):
        right = path.stat().st_mode
        path.chmod(mode)
        assert recall(scenario, OPTIONS) is None
        path.chmod(right)
        assert recall(scenario, OPTIONS) is not None
    elsewhere = cache.parent / "elsewhere"
    place.rename(elsewhere)
    place.symlink_to(elsewhere)
    assert recall(scenario, OPTIONS) is None
    place.unlink()
    os.mkfifo(place)
    assert recall(scenario, OPTIONS) is None


def test_a_pack_of_another_folder_is_not_believed(cache: Path, scenario: Path, tmp_path: Path) -> None:
    remember(scenario, OPTIONS, found(scenario))
    place = pack(cache)
    twin = tmp_path / "twin"
    shutil.copytree(scenario.parent.parent, twin)
    other = twin / "demo" / "small.yaml"
    remember(other, OPTIONS, found(other))
    (theirs,) = set(cache.glob("*.pack")) - {place}
    theirs.write_bytes(place.read_bytes())
    assert recall(other, OPTIONS) is None


def test_two_who_write_forget_nothing_of_each_other(cache: Path, scenario: Path) -> None:
    other = scenario.parent / "other.yaml"
    other.write_text(WARNED)
    one, two = open_memory(), open_memory()
    assert one.recall(scenario, OPTIONS) is None
    assert two.recall(other, OPTIONS) is None
    one.remember(scenario, OPTIONS, found(scenario))
    two.remember(other, OPTIONS, found(other))
    one.save()
    two.save()
    assert recall(scenario, OPTIONS) is not None
    assert recall(other, OPTIONS) is not None


def test_many_writers_at_once_leave_a_whole_pack(cache: Path, scenario: Path) -> None:
    kept = found(scenario)

    def work() -> None:
        for _ in range(20):
            remember(scenario, OPTIONS, kept)
            after = recall(scenario, OPTIONS)
            assert after is None or after.diagnostics == kept.diagnostics

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recall(scenario, OPTIONS) is not None
    assert [path.suffix for path in cache.iterdir()] == [".pack"]


def test_folders_are_found_by_what_is_known_of_them(cache: Path, scenario: Path, later: None) -> None:
    top = scenario.parent.parent
    fresh = find([top])
    assert fresh == [scenario]
    memory = open_memory()
    assert find([top], memory) == fresh
    memory.save()
    again = open_memory()
    assert find([top], again) == fresh
    assert not again.new, "nothing had to be read"
    (top / "people" / "helpers.yaml").write_text(WARNED)
    assert find([top], open_memory()) == sorted([scenario, top / "people" / "helpers.yaml"])


@pytest.mark.parametrize(
    "names",
    [
        ["../secret.yaml"],
        ["/etc/passwd"],
        ["demo/small.yaml", "../../secret.yaml"],
        ["demo/small.yaml", "secret.txt"],
        ["demo/small.yaml", "link.yaml"],
        ["demo/./small.yaml"],
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
    digests = [sha256(b"secret").hexdigest() for _ in names]
    rewritten(pack(cache), lambda content: entry(content).update(files=names, together=remembered._together(digests)))
    assert recall(scenario, OPTIONS) is None


def test_a_place_beyond_its_file_is_no_place(cache: Path, scenario: Path) -> None:
    remember(scenario, OPTIONS, found(scenario))
    for span in ([0, 5, 999_999], [9, 0, 0], [0, -1, 2], [0, 4, 2], ["0", 0, 0], []):

        def moved(content: dict[str, Any], span: Any = span) -> None:
            entry(content)["diagnostics"][0]["span"] = span

        rewritten(pack(cache), moved)
        assert recall(scenario, OPTIONS) is None


def test_it_can_be_turned_off_and_be_out_of_order(cache: Path, scenario: Path) -> None:
    check(scenario, "--no-cache")
    check(scenario, DRAMATURG_CACHE="off")
    assert not cache.exists()
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text("a file where a folder should be")
    ran = check(scenario)
    assert ran.returncode == 1
    assert b"internal" not in ran.stderr


def test_the_shipped_scenarios_are_remembered_whole(cache: Path) -> None:
    path = ROOT / "scenarios" / "work" / "coding-session.yaml"
    tried = attempt(path, analyse=True)
    remember(path, OPTIONS, Found(tried.shown, tried.sources, tried.diagnostics))
    assert recall(path, OPTIONS) is not None

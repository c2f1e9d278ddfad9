"""The folder of the scenarios: whatever stands in it or is done to it, nothing outside of it is read."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load
from dramaturg.dsl.reading import folder as folders
from dramaturg.dsl.reading.reader import Below, open_below
from tests.dsl.test_uses import errors, stage

SECRET = "acts:\n  betray: {kind: says, about: the secret}\n"
GOOD = "acts:\n  far: {kind: says}\n"

linked = pytest.mark.skipif(not folders.RELATIVE, reason="this system opens no names relative to a folder")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with one good module, beside a folder with a secret one."""
    (tmp_path / "root" / "acts").mkdir(parents=True)
    (tmp_path / "root" / "acts" / "more.yaml").write_text(GOOD)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "more.yaml").write_text(SECRET)
    return tmp_path / "root"


def found(root: Path, name: str = "acts/more.yaml") -> str | tuple[str, str] | None:
    """The name of the diagnostic, or the text that was read and its real name."""
    below = open_below(root, name)
    match below:
        case Diagnostic():
            return below.name
        case Below(source, real):
            return source.data.decode(), real
    return None


def swap(root: Path, name: str, target: str) -> None:
    """Put a link in the place of a file or folder."""
    path = root / name
    if path.is_dir() and not path.is_symlink():
        path.rename(path.with_name("was_" + path.name))
    else:
        path.unlink()
    path.symlink_to(target)


def test_a_file_is_read_under_its_own_name(root: Path) -> None:
    assert found(root) == (GOOD, "acts/more.yaml")
    assert found(root, "acts/less.yaml") is None
    assert found(root, "acts/more.yaml/less.yaml") is None
    assert found(root, "plays/more.yaml") is None


@linked
@pytest.mark.parametrize(
    ("name", "target", "wanted"),
    [
        ("acts/more.yaml", "../../out/more.yaml", "outside-root"),
        ("acts/more.yaml", "OUT/more.yaml", "outside-root"),
        ("acts", "../out", "outside-root"),
        ("acts", "OUT", "outside-root"),
        ("acts", "was_acts", (GOOD, "was_acts/more.yaml")),
        ("acts", "ROOT/was_acts", (GOOD, "was_acts/more.yaml")),
        ("acts", "was_acts/../was_acts/.", (GOOD, "was_acts/more.yaml")),
        ("acts", "ROOT/../root/was_acts", "outside-root"),
        ("acts", "ROOT/../../out", "outside-root"),
        ("acts", "acts", "outside-root"),
        ("acts/more.yaml", "../acts", "unreadable-file"),
        ("acts/more.yaml", "nothing.yaml", "unreadable-file"),
        ("acts/more.yaml", "/dev/zero", "outside-root"),
    ],
)
def test_a_link_is_followed_inside_and_nowhere_else(root: Path, name: str, target: str, wanted: object) -> None:
    swap(root, name, target.replace("OUT", str(root.parent / "out")).replace("ROOT", str(root)))
    assert found(root) == wanted


def test_the_root_may_itself_be_a_link(root: Path) -> None:
    (root.parent / "alias").symlink_to(root)
    assert found(root.parent / "alias") == (GOOD, "acts/more.yaml")
    assert found(root.parent / "nowhere") is None


def test_what_is_no_regular_file_is_never_waited_for(root: Path) -> None:
    (root / "acts" / "folder.yaml").mkdir()
    os.mkfifo(root / "acts" / "pipe.yaml")
    started = time.monotonic()
    assert found(root, "acts/folder.yaml") == "unreadable-file"
    assert found(root, "acts/pipe.yaml") == "unreadable-file"
    assert time.monotonic() - started < 1


def test_a_device_is_not_even_opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.path.exists("/dev/null") or not folders.RELATIVE:
        pytest.skip("this system has no /dev/null")
    opened: list[object] = []
    real = os.open

    def watched(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        opened.append(path)
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", watched)
    assert found(Path("/dev"), "null") == "unreadable-file"
    assert "null" not in opened


def test_a_huge_file_and_one_that_may_not_be_read_are_diagnostics(root: Path) -> None:
    (root / "acts" / "more.yaml").write_bytes(b"#" * (2 << 20))
    assert found(root) == "file-too-large"
    (root / "acts" / "more.yaml").chmod(0)
    if os.geteuid() != 0:
        assert found(root) == "unreadable-file"


@pytest.mark.parametrize("folder", [True, False])
def test_no_descriptor_is_left_open(root: Path, folder: bool) -> None:
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("this system does not list descriptors")
    swap(root, "acts" if folder else "acts/more.yaml", str(root.parent / "out" / ("" if folder else "more.yaml")))
    found(root)
    before = len(os.listdir("/proc/self/fd"))
    for name in ("acts/more.yaml", "acts", "acts/none.yaml"):
        found(root, name)
    assert len(os.listdir("/proc/self/fd")) == before


@contextlib.contextmanager
def meanwhile(change: Callable[[], None]) -> Iterator[None]:
    """Run ``change`` over and over in a thread of its own."""
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            change()

    thread = threading.Thread(target=run)
    patience = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(patience)


def swapper(root: Path, name: str) -> Callable[[], None]:
    """Put the good thing, a link to the secret one and nothing in its place, in turn, each at one stroke."""
    good, bad, place = root / "good", root / "bad", root / name
    outside = root.parent / "out" / ("" if name == "acts" else "more.yaml")

    def change() -> None:
        place.rename(good)
        bad.symlink_to(outside)
        bad.rename(place)
        place.unlink()
        good.rename(place)

    return change


@linked
@pytest.mark.parametrize("name", ["acts", "acts/more.yaml"])
def test_a_link_that_is_swapped_while_files_are_read_shows_nothing(root: Path, name: str) -> None:
    seen: set[object] = set()
    with meanwhile(swapper(root, name)):
        for turn in range(2000):
            for _ in range(
                turn % 7
            ):  # both let go of the interpreter at each call: not in step, or nothing is ever seen
                os.stat(root)
            seen.add(found(root))
    assert seen <= {(GOOD, "acts/more.yaml"), None, "outside-root", "unreadable-file"}
    assert found(root) == (GOOD, "acts/more.yaml")


@linked
@pytest.mark.parametrize("name", ["acts", "acts/more.yaml"])
def test_a_link_that_is_swapped_while_a_scenario_loads_shows_nothing(root: Path, name: str) -> None:
    path = stage(root, "acts/more")
    with meanwhile(swapper(root, name)):
        for _ in range(150):
            loaded = load(path, root)
            assert "betray" not in repr([source.data for source in loaded.sources])
            assert {d.name for d in errors(loaded)} <= {"missing-module", "outside-root", "unreadable-file"}


def test_the_scenario_itself_is_held_to_the_root(root: Path) -> None:
    (root.parent / "out" / "other.yaml").write_text("scenario: betray\n")
    (root / "other.yaml").symlink_to(root.parent / "out" / "other.yaml")
    loaded = load(root / "other.yaml", root)
    assert [d.name for d in loaded.diagnostics] == ["outside-root"]
    assert "betray" not in repr([source.data for source in loaded.sources])
    assert [d.name for d in load(root / "none.yaml", root).diagnostics] == ["unreadable-file"]


@pytest.mark.parametrize(
    "uses",
    ["../out/more", "acts/../../out/more", "/etc/hosts", "~/more", '"C:\\\\more"', "C:/more", '"\\\\\\\\host\\\\more"'],
)
def test_a_name_that_leads_out_is_refused_by_its_letters(root: Path, uses: str) -> None:
    loaded = load(stage(root, uses), root)
    assert [d.name for d in errors(loaded)] == ["outside-root"]
    assert len(loaded.sources) == 1


def test_without_calls_for_it_the_opened_file_is_compared(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "RELATIVE", False)
    assert found(root) == (GOOD, "acts/more.yaml")
    assert found(root, "acts/less.yaml") is None
    swap(root, "acts/more.yaml", str(root.parent / "out" / "more.yaml"))
    assert found(root) == "outside-root"

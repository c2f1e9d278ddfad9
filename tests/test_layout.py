"""The layout: one import namespace, imports that point downward, and packages that carry their data."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import ROOT, copy

FOLDERS = ("grammars", "dsl", "compiler", "runtime", "training", "scenarios")

BELOW = {
    "grammars": set[str](),
    "dsl": {"grammars"},
    "compiler": {"grammars", "dsl"},
    "runtime": {"grammars", "dsl", "compiler"},
    "training": {"grammars", "dsl", "compiler", "runtime"},
    "scenarios": set[str](),
}
"""What each folder may import beside itself."""

BUILD = """
import sys
from setuptools import build_meta
getattr(build_meta, sys.argv[1])(sys.argv[2])
"""


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module named by an import of this file, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_is_linked_relatively_and_is_a_package(folder: str) -> None:
    link = ROOT / "src" / "dramaturg" / folder
    assert link.is_symlink()
    assert os.readlink(link) == f"../../{folder}"
    assert (link / "__init__.py").is_file()


def test_code_imports_only_the_one_namespace() -> None:
    """``import compiler`` works from the repository root, and nowhere else."""
    strays = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in [*sources(*FOLDERS, "tests", "benchmarks"), *(ROOT / "src" / "dramaturg").glob("*.py")]
        for name in imported(path)
        if name.split(".")[0] in FOLDERS
    ]
    assert strays == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_point_downward(folder: str) -> None:
    allowed = BELOW[folder] | {folder, "__version__"}
    upward = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources(folder)
        for name in imported(path)
        if name.startswith("dramaturg.") and name.split(".")[1] not in allowed
    ]
    assert upward == []


LAYERS = (
    "memory",
    "expressions",
    "elaboration",
    "wording",
    "format",
    "messages",
    "reading",
    "declarations",
    "modules",
    "loading",
    "whole",
    "editing",
    "importers",
)
"""The folders of ``dsl``, each of which may import those before it, and the modules beside them."""


def test_the_folders_of_the_language_are_layers() -> None:
    folders = {path.parent.name for path in (ROOT / "dsl").glob("*/__init__.py")}
    assert folders == set(LAYERS)
    upward = []
    for path in sources("dsl"):
        own = path.relative_to(ROOT / "dsl").parts[0]
        if own == "load.py":
            continue  # it is the way through all of them
        height = LAYERS.index(own) if own in LAYERS else -1
        for name in imported(path):
            words = name.split(".")
            if words[:2] != ["dramaturg", "dsl"] or len(words) < 3:
                continue
            if words[2] in LAYERS and LAYERS.index(words[2]) > height:
                upward.append(f"{path.relative_to(ROOT)}: {name}")
            if words[2] == "load" and own not in ("editing", "importers"):
                upward.append(f"{path.relative_to(ROOT)}: {name}")
    assert upward == []


def test_no_module_helps_everyone() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    assert [path for path in sources(*FOLDERS) if path.stem in vague] == []


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An sdist and a wheel, built from a clean copy."""
    pytest.importorskip("setuptools", minversion="77")
    checkout = copy(tmp_path_factory.mktemp("layout") / "checkout")
    out = checkout.parent / "dist"
    for hook in ("build_sdist", "build_wheel"):
        subprocess.run([sys.executable, "-c", BUILD, hook, str(out)], cwd=checkout, check=True, capture_output=True)
    return {"checkout": checkout, **{path.suffix: path for path in out.iterdir()}}


def test_wheel_holds_every_file_of_the_code_folders(distributions: dict[str, Path]) -> None:
    checkout = distributions["checkout"]
    expected = {
        f"dramaturg/{path.relative_to(checkout).as_posix()}"
        for folder in FOLDERS
        for path in (checkout / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(distributions[".whl"]) as wheel:
        names = set(wheel.namelist())
    assert expected - names == set()
    assert {"dramaturg/cli.py", "dramaturg/py.typed", "dramaturg/starters/travel/words/platforms.yaml"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_sdist_holds_the_code_itself_and_no_links(distributions: dict[str, Path]) -> None:
    with tarfile.open(distributions[".gz"]) as sdist:
        members = {member.name.split("/", 1)[-1]: member for member in sdist.getmembers()}
    assert members["src/dramaturg/dsl/core.py"].isfile()
    assert not any(member.issym() for member in members.values())


def test_wheel_works_from_another_directory(distributions: dict[str, Path], tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(distributions[".whl"]) as wheel:
        wheel.extractall(site)
    ran = subprocess.run(
        [sys.executable, "-m", "dramaturg", "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.startswith("dramaturg, version ")
    where = "import dramaturg.dsl.diagnostics as d; print(d.__file__); print(len(d.codes()))"
    ran = subprocess.run(
        [sys.executable, "-c", where],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    file, codes = ran.stdout.splitlines()
    assert file.startswith(str(site))
    assert int(codes) == len(list((ROOT / "dsl" / "codes").glob("*.md")))

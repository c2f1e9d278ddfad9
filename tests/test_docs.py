"""The documentation is kept in step: its examples load, its fragments have the right shape, its commands exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dramaturg.cli import dramaturg
from dramaturg.commands.library import attempt
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.fit import Fitting, fit
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import Source
from tests.checkout import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^```yaml(?P<kind> fragment)?\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)
LANGUAGE = ROOT / "docs" / "language.md"


def blocks(kind: str) -> list[object]:
    """The YAML blocks of all pages: complete scenarios (``""``) or fragments (``" fragment"``)."""
    return [
        pytest.param(found["text"], id=f"{page.name}-{number}")
        for page in PAGES
        for number, found in enumerate(FENCE.finditer(page.read_text(encoding="utf-8")))
        if (found["kind"] or "") == kind
    ]


@pytest.mark.parametrize("text", blocks(""))
def test_complete_examples_have_nothing_wrong_with_them(text: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(text, encoding="utf-8")
    found = attempt(path, analyse=True).diagnostics
    assert [f"{item.span}: {item.message}" for item in found if item.severity != "note"] == []


@pytest.mark.parametrize("text", blocks(" fragment"))
def test_fragments_have_the_shape_of_a_scenario_or_a_module(text: str) -> None:
    node, found = read(Source("fragment.yaml", text.encode()))
    assert node is not None
    assert [item.message for item in found] == []
    problems = []
    for shape, what in ((shapes.SCENARIO, "a scenario"), (shapes.MODULE, "a module")):
        fitting = Fitting()
        fit(node, shape, fitting, what)
        problems.append([item.message for item in fitting.diagnostics])
    assert [] in problems, problems


def keys(shape: shapes.Shape, seen: set[int]) -> Iterator[str]:
    """The name of every key below a shape."""
    if id(shape) in seen:
        return
    seen.add(id(shape))
    match shape:
        case shapes.Record(_, known, rest):
            for key in known:
                yield key.name
                yield from keys(key.shape, seen)
            if rest is not None:
                yield from keys(rest, seen)
        case shapes.Each(item=inner) | shapes.Names(value=inner):
            yield from keys(inner, seen)
        case shapes.Forms(_, each, inner_map):
            for part in (each, inner_map):
                if part is not None:
                    yield from keys(part, seen)


def test_the_language_reference_speaks_of_every_key() -> None:
    text = LANGUAGE.read_text(encoding="utf-8")
    known = sorted({*keys(shapes.SCENARIO, set()), *keys(shapes.MODULE, set())})
    assert [name for name in known if not re.search(rf"`{name}\b|\b{name}: ?", text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_mentioned_exist(page: Path) -> None:
    mentioned = set(re.findall(r"(?:^|bin/|`)dramaturg ([a-z]+)\b", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert mentioned - set(dramaturg.commands) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []

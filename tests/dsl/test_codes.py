"""The pages of the diagnostics: each says what it means and why it matters, and its own examples are its test.

A block fenced as ``yaml`` is a whole file: the wrong one raises the code and no other error, the right one raises no error. A
block fenced as ``yaml fragment`` needs more than one file (or bytes that no page can hold) and is only there to be read;
where it is a whole scenario that needs its graph, it is compiled here as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from dramaturg.compiler.compiled import OverBudget, compile_scenario
from dramaturg.dsl.diagnostics import SEVERITIES, Diagnostic, codes
from dramaturg.dsl.load import load
from dramaturg.dsl.messages.explain import UnknownCode, explain

_BLOCK = re.compile(r"^```yaml( fragment)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Example:
    page: str
    side: str
    whole: bool
    text: str

    @property
    def code(self) -> str:
        return self.page.split("-", 1)[0]


def pages() -> dict[str, str]:
    folder = files("dramaturg.dsl").joinpath("codes")
    return {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".md")}


PAGES = dict(sorted(pages().items()))


def examples(page: str) -> list[Example]:
    out = []
    for side, rest in re.findall(r"^## (Wrong|Right)$(.*?)(?=^## |\Z)", PAGES[page], re.DOTALL | re.MULTILINE):
        out += [Example(page, side, not fragment, text) for fragment, text in _BLOCK.findall(rest)]
    return out


EXAMPLES = [example for page in PAGES for example in examples(page)]
WHOLE = [example for example in EXAMPLES if example.whole]
GRAPHS = [
    example for example in EXAMPLES if not example.whole and example.code[1] == "6" and "scenario:" in example.text
]


def name(example: Example) -> str:
    return f"{example.page.removesuffix('.md')}-{example.side.lower()}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_complete(page: str) -> None:
    code, kebab = page.removesuffix(".md").split("-", 1)
    assert re.fullmatch(r"[EWN][1-7]\d\d", code)
    assert code[0] in SEVERITIES
    head, *paragraphs = PAGES[page].split("## Wrong")[0].strip().split("\n\n")
    assert head == f"# {code} {kebab}"
    assert len(paragraphs) >= 2
    sides = [example.side for example in examples(page)]
    assert "Wrong" in sides
    assert "Right" in sides
    assert all(example.text.strip() for example in examples(page))


def test_codes_are_not_given_twice() -> None:
    assert len(codes()) == len(set(codes().values())) == len(PAGES)


def said(example: Example, folder: Path, graph: bool) -> list[Diagnostic]:
    path = folder / "small.yaml"
    path.write_bytes(example.text.encode())
    loaded = load(path)
    if not graph or loaded.scenario is None:
        return list(loaded.diagnostics)
    try:
        return [*loaded.diagnostics, *compile_scenario(loaded.scenario).diagnostics]
    except OverBudget as over:
        return [*loaded.diagnostics, over.diagnostic]


def hold(example: Example, found: list[Diagnostic]) -> None:
    """The code, and no other error; of the graph, where one fault has several faces, the code alone."""
    raised = {diagnostic.code for diagnostic in found}
    errors = {code for code in raised if code.startswith("E")} if example.code[1] != "6" else set()
    if example.side == "Wrong":
        assert example.code in raised, [diagnostic.message for diagnostic in found]
        assert errors <= {example.code}, [diagnostic.message for diagnostic in found]
    else:
        assert example.code not in raised
        assert not errors, [diagnostic.message for diagnostic in found]


@pytest.mark.parametrize("example", WHOLE, ids=name)
def test_an_example_does_what_its_page_says(example: Example, tmp_path: Path) -> None:
    hold(example, said(example, tmp_path, graph=example.code[1] == "6"))


@pytest.mark.parametrize("example", GRAPHS, ids=name)
def test_an_example_that_needs_its_graph_does_what_its_page_says(example: Example, tmp_path: Path) -> None:
    hold(example, said(example, tmp_path, graph=True))


def test_explain_finds_a_page_by_code_or_name() -> None:
    page = PAGES["E201-unknown-key.md"]
    for wanted in ("E201", "e201", "unknown-key", "unknown_key", " E201 unknown-key", "[E201]"):
        assert explain(wanted) == page


@pytest.mark.parametrize(
    ("wanted", "near"), [("unknown-kye", "`unknown-key`"), ("E2011", "`E201`"), ("what is this", None)]
)
def test_explain_suggests(wanted: str, near: str | None) -> None:
    with pytest.raises(UnknownCode) as raised:
        explain(wanted)
    if near is None:
        assert "did you mean" not in str(raised.value)
    else:
        assert near in str(raised.value)

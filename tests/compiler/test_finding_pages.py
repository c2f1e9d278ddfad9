"""The pages of the findings about a graph: each wrong example raises its finding, each right example does not."""

import re
from pathlib import Path

import pytest

from dramaturg.compiler.compiled import OverBudget, compile_scenario
from dramaturg.dsl.load import load

PAGES = sorted((Path(__file__).parents[2] / "dsl" / "codes").glob("[EW]6[1-3]?-*.md"))


def findings(text: str, folder: Path) -> set[str]:
    file = folder / "small.yaml"
    file.write_text(text)
    loaded = load(file)
    assert loaded.scenario is not None, [d.message for d in loaded.diagnostics]
    try:
        return {d.name for d in compile_scenario(loaded.scenario).diagnostics}
    except OverBudget as over:
        return {over.diagnostic.name}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    name = page.stem.split("-", 1)[1]
    wrong, right = re.findall(r"```yaml(?: fragment)?\n(.*?)```", text, re.DOTALL)
    assert name in findings(wrong, tmp_path)
    assert name not in findings(right, tmp_path)


def test_there_is_a_page_per_finding() -> None:
    assert len(PAGES) == 17

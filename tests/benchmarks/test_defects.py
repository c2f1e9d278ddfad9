"""The twelve kinds of defect in one machine: each is reported, on its line; the sound machine is not."""

from __future__ import annotations

import re

import pytest
from benchmarks import node
from benchmarks.defects import DEFECTS, OURS, TOOLS, XSTATE, Defect, Tool, lines_of, ours, typed, xstate


def test_of_the_sound_machine_nothing_is_said() -> None:
    assert ours(OURS) == ""


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.what)
def test_a_defect_is_reported_on_its_line(defect: Defect) -> None:
    said = ours(OURS.replace(*defect.ours, 1))
    assert {int(line) for line in re.findall(r"line (\d+):", said)} & lines_of(OURS, defect.ours), said


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_defect_is_an_edit_of_every_notation(tool: Tool) -> None:
    for defect in DEFECTS:
        edit: tuple[str, str] = getattr(defect, tool.notation)
        assert tool.text.count(edit[0]) >= 1, f"{tool.name}: {defect.what}"
        assert edit[0] != edit[1]


def test_a_tool_that_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(node.VARIABLE, "/nowhere")
    reasons = {tool.name: tool.lacking() for tool in TOOLS if tool.node}
    assert len(reasons) == 2
    assert all("xstate" in reason or reason == "node is not installed" for reason in reasons.values())


@pytest.mark.skipif(bool(node.lacking("xstate")), reason=node.lacking("xstate") or "xstate is there")
def test_xstate_loads_the_sound_machine_and_misses_the_state() -> None:
    assert xstate(XSTATE) == ""
    assert "bookde" in xstate(XSTATE.replace(*DEFECTS[0].xstate, 1))


@pytest.mark.skipif(
    bool(node.lacking("xstate", "typescript")), reason=node.lacking("xstate", "typescript") or "typescript is there"
)
def test_the_typed_machine_has_no_mistake() -> None:
    assert typed(XSTATE) == ""

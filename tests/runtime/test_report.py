"""Reports: the gate, what is beside what, and the three forms."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser

import pytest

from dramaturg.runtime.agents import TRIVIAL, Script, agent
from dramaturg.runtime.benchmark import HELDOUT, Run, build, run
from dramaturg.runtime.intervals import Measure, share
from dramaturg.runtime.page import html
from dramaturg.runtime.report import figure_text, gate, markdown, percent, report, to_json
from dramaturg.runtime.trace import Answer
from tests.runtime.scene import compiled
from tests.runtime.test_interactive import golden

TESTED = Script(
    "script:<b>&half", (Answer("keep_silent"), Answer("keep_silent"), Answer("tell", (("at", 300),)), Answer("finish"))
)


@cache
def runs() -> tuple[Run, ...]:
    benchmark = build(compiled())
    return tuple(run(benchmark, compiled(), policy) for policy in (*map(agent, TRIVIAL), TESTED))


def completion(**values: float | None) -> dict[str, Measure]:
    return {name: Measure(value) for name, value in values.items()}


def test_the_gate_wants_a_perfect_oracle_and_a_margin() -> None:
    assert gate(completion(oracle=1.0, silent=0.5, eager=0.0, random=0.8)).passed
    near = gate(completion(oracle=1.0, silent=0.85, eager=0.0, random=0.1))
    assert near.reasons == ("silent completes 85 %, less than 20 points below the oracle",)
    assert gate(completion(oracle=1.0, silent=0.85, eager=0.0, random=0.1), margin=0.1).passed
    weak = gate(completion(oracle=0.95, silent=0.0, eager=0.0, random=0.0))
    assert weak.reasons == ("the oracle completes 95 % of the winnable items, not all",)
    assert gate(completion(oracle=None, silent=None, eager=None, random=None)).reasons == ("no item can be completed",)


def test_every_agent_stands_beside_the_trivial_ones() -> None:
    data = report(runs())
    assert data.agents == (*TRIVIAL, TESTED.name)
    assert data.passed
    section = data.scenarios[0]
    assert list(section.agents) == list(data.agents)
    assert section.agents[TESTED.name].figures["completion"].value == pytest.approx(4 / 6)
    assert section.gate.completion == {"oracle": 1.0, "silent": 0.5, "eager": 0.0, "random": 0.0}


def test_a_report_without_the_trivial_agents_is_refused() -> None:
    with pytest.raises(ValueError, match="no run of eager on coffee"):
        report([one for one in runs() if one.agent != "eager"])
    with pytest.raises(ValueError, match="two runs"):
        report([*runs(), runs()[0]])


def test_a_split_reports_its_items_only() -> None:
    section = report(runs(), split=HELDOUT).scenarios[0]
    assert section.items["all"] == section.items["heldout"] > 0
    assert section.items["train"] == 0
    first = report(runs()).scenarios[0]
    assert (
        section.agents["oracle"].figures["action_accuracy"].count
        < first.agents["oracle"].figures["action_accuracy"].count
    )


def test_the_data_form_is_json_and_the_same_again() -> None:
    text = to_json(report(runs()))
    assert text == to_json(report(runs()))
    data = json.loads(text)
    assert data["format"] == "dramaturg-report/1"
    assert data["passed"] is True
    oracle = data["scenarios"][0]["agents"]["oracle"]
    assert oracle["figures"]["completion"]["value"] == 1
    assert data["scenarios"][0]["agents"]["silent"]["figures"]["precision"]["value"] is None
    counts = oracle["counts"]
    assert counts["n_in"] == counts["n_ok"] + counts["n_invalid"] + counts["n_error"]


def test_the_markdown_reads_as_it_should() -> None:
    golden("report.md", markdown(report(runs())))


class _Page(HTMLParser):
    """Which tags are open, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "rect", "line", "path"):
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "line", "path"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_is_one_well_formed_file_that_needs_no_other() -> None:
    text = html(report(runs()))
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert page.addresses == ["#coffee"]
    assert not re.search(r"https?:|<script|@import|url\(", text)
    assert "prefers-color-scheme: dark" in text
    assert text.count("<svg") == 2
    assert "<b>" not in text
    assert "script:<b>&half" in "".join(page.text)


def test_a_failed_gate_is_said_everywhere() -> None:
    data = report(runs(), margin=0.9)
    assert not data.passed
    assert "**failed**: silent completes 50 %, less than 90 points below the oracle" in markdown(data)
    assert "Not every scenario passes." in html(data)
    assert json.loads(to_json(data))["passed"] is False


@pytest.mark.parametrize(
    ("measure", "unit", "text"),
    [
        (share(17, 20), "%", "85 % [64, 95]"),
        (Measure(1 / 3), "%", "33.3 %"),
        (Measure(None), "%", "–"),
        (Measure(None, note="not claimed"), "%", "not claimed"),
        (Measure(0.125, 0.1, 0.2), "turns", "0.12 [0.10, 0.20]"),
    ],
)
def test_figures_in_words(measure: Measure, unit: str, text: str) -> None:
    assert figure_text(measure, unit) == text


def test_percent_has_a_decimal_only_where_it_says_something() -> None:
    assert [percent(v) for v in (0, 1, 0.5, 0.123, 0.9996)] == ["0 %", "100 %", "50 %", "12.3 %", "100 %"]

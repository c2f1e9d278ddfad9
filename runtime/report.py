"""Reports: what runs of several agents on several scenarios amount to, as data and as Markdown.

The data form is the report; Markdown and the HTML page (``page``) only lay it out. The four trivial agents stand
beside every agent under test, since no figure says anything without them: an eager agent has nearly perfect recall by
construction.

The gate asks of each scenario whether it measures anything at all. It passes when the oracle completes every winnable
item, and silent, eager and random each stay at least ``MARGIN`` below it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias

from dramaturg.runtime import metrics
from dramaturg.runtime.agents import TRIVIAL
from dramaturg.runtime.benchmark import Run
from dramaturg.runtime.intervals import Measure
from dramaturg.runtime.metrics import Case, Confusion
from dramaturg.runtime.record import Json, canonical

FORMAT = "dramaturg-report/1"
MARGIN = 0.2
"""How far silent, eager and random must stay below the oracle in task completion: 20 points."""
DIGITS = 6

Figure: TypeAlias = Callable[[Sequence[Case]], Measure]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the report."""

    key: str
    title: str
    figure: Figure
    unit: str = "%"
    """``%`` of a share, else what the number counts."""
    better: str = "more"
    """more | less"""
    source: str = "ours"


ROWS = (
    Row("completion", "Task completion", metrics.completion, source="paper 1"),
    Row("action_accuracy", "Action accuracy", metrics.action_accuracy, source="paper 1"),
    Row("robust_accuracy", "Action accuracy, gold label", metrics.robust_accuracy),
    Row("status_accuracy", "Status accuracy", metrics.status_accuracy, source="paper 1"),
    Row("precision", "Precision", metrics.precision, source="paper 2"),
    Row("recall", "Recall", metrics.recall, source="paper 2"),
    Row("accuracy", "Accuracy", metrics.accuracy, source="paper 2"),
    Row("f1", "F1", metrics.f1, source="paper 2"),
    Row("false_alarm", "False alarms among proposals", metrics.false_alarm, better="less", source="paper 2"),
    Row("acceptance", "Accepted within the turns", metrics.acceptance, source="paper 3"),
    Row("served_in_window", "Windows served in time", metrics.served_in_window, source="ours, for paper 4"),
    Row(
        "turns_from_opening",
        "Turns from opening to act",
        metrics.turns_from_opening,
        "turns",
        "less",
        "ours, for paper 4",
    ),
    Row("argument_match", "Right arguments at first try", metrics.argument_match, source="ours, for paper 4"),
    Row("outside_rate", "Proactive acts outside any window", metrics.outside_rate, "%", "less", "ours, for paper 4"),
    Row("regret", "Value lost per turn", metrics.regret, "", "less"),
    Row("invalid_rate", "Answers that could not be used", metrics.invalid_rate, "%", "less"),
)
"""The figures of a scenario's table, in order. Definitions: the function's docstring."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a scenario tells agents apart."""

    passed: bool
    reasons: tuple[str, ...]
    """Why it did not pass, in words."""
    completion: Mapping[str, float | None]
    """Task completion of each trivial agent."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one agent reached on one scenario."""

    counts: Mapping[str, int]
    """``n_in = n_ok + n_invalid + n_error``, in episodes."""
    figures: Mapping[str, Measure]
    """By the key of ``ROWS``."""
    branches: Mapping[str, Measure]
    """Task completion by branch."""
    confusion: Confusion
    signatures: Mapping[str, int]
    stance: Mapping[str, Measure]
    concerns: Mapping[str, Measure]
    triggers: Mapping[str, Mapping[str, int]]
    """Per trigger: windows served, missed, and cut off by the end."""


@dataclass(frozen=True, slots=True)
class Section:
    """One scenario."""

    scenario: str
    family: str
    benchmark: str
    items: Mapping[str, int]
    gate: Gate
    agents: Mapping[str, Figures]


@dataclass(frozen=True, slots=True)
class Report:
    split: str
    margin: float
    agents: tuple[str, ...]
    scenarios: tuple[Section, ...]
    overall: Mapping[str, Mapping[str, Measure]]
    """Per agent, task completion over all scenarios: ``equal_weight`` and ``pooled``."""

    @property
    def passed(self) -> bool:
        return all(section.gate.passed for section in self.scenarios)


def report(runs: Sequence[Run], *, split: str = "", margin: float = MARGIN) -> Report:
    """The report of these runs: one run per scenario and agent, on all items or on those of one split.

    Raises ValueError where a scenario is run twice by one agent, or lacks one of the trivial agents.
    """
    agents = tuple(dict.fromkeys((*TRIVIAL, *(run.agent for run in runs))))
    scenarios = list(dict.fromkeys(run.benchmark.scenario for run in runs))
    table: dict[tuple[str, str], Run] = {}
    for run in runs:
        place = (run.benchmark.scenario, run.agent)
        if place in table:
            raise ValueError(f"{run.agent} has two runs of {run.benchmark.scenario}")
        table[place] = run
    missing = [f"{name} on {scenario}" for scenario in scenarios for name in TRIVIAL if (scenario, name) not in table]
    if missing:
        raise ValueError(f"the trivial agents belong in every report, and there is no run of {', '.join(missing)}")
    sections = tuple(
        _section([table[scenario, name] for name in agents if (scenario, name) in table], split, margin)
        for scenario in scenarios
    )
    everything = {name: [case for run in runs if run.agent == name for case in run.cases(split)] for name in agents}
    overall = {
        name: dict(zip(("equal_weight", "pooled"), metrics.overall(cases), strict=True))
        for name, cases in everything.items()
    }
    return Report(split or "all", margin, agents, sections, overall)


def _section(runs: Sequence[Run], split: str, margin: float) -> Section:
    benchmark = runs[0].benchmark
    items = [item for item in benchmark.items if split in ("", item.split)]
    cases = {run.agent: run.cases(split) for run in runs}
    kinds = {kind: sum(item.branch == kind for item in items) for kind in ("positive", "negative", "lost")}
    splits = {name: sum(item.split == name for item in items) for name in ("train", "heldout")}
    return Section(
        benchmark.scenario,
        benchmark.family,
        benchmark.id,
        {
            "all": len(items),
            **kinds,
            "with_shift": sum(bool(item.shifts) for item in items),
            **splits,
            "shown": len(set(benchmark.shown) & set(benchmark.met)),
            "met": len(benchmark.met),
            "other": len(set(benchmark.coverable) - set(benchmark.met)),
            "mistaken": benchmark.lines - len(set(benchmark.coverable) | set(benchmark.met)),
        },
        gate({name: metrics.completion(found) for name, found in cases.items()}, margin),
        {run.agent: _figures(run, cases[run.agent]) for run in runs},
    )


def _figures(run: Run, cases: Sequence[Case]) -> Figures:
    return Figures(
        run.counts,
        {row.key: row.figure(cases) for row in ROWS},
        {
            branch: metrics.completion([case for case in cases if case.branch == branch])
            for branch in ("positive", "negative")
        },
        metrics.confusion(cases),
        metrics.signatures(cases),
        metrics.stance_change(cases),
        metrics.concerns(cases),
        _triggers(cases),
    )


def _triggers(cases: Sequence[Case]) -> Mapping[str, Mapping[str, int]]:
    out: dict[str, dict[str, int]] = {}
    for case in cases:
        for instance in metrics.instances(case):
            row = out.setdefault(instance.trigger, {"served": 0, "missed": 0, "cut_off": 0})
            row["served" if instance.served is not None else "missed" if instance.missed else "cut_off"] += 1
    return dict(sorted(out.items()))


def gate(completion: Mapping[str, Measure], margin: float = MARGIN) -> Gate:
    """The gate from each trivial agent's task completion."""
    best = completion["oracle"].value
    reasons: list[str] = []
    if best is None:
        reasons.append("no item can be completed")
    elif best < 1:
        reasons.append(f"the oracle completes {percent(best)} of the winnable items, not all")
    for name in TRIVIAL[1:]:
        value = completion[name].value
        if best is not None and value is not None and best - value < margin - 1e-12:
            reasons.append(f"{name} completes {percent(value)}, less than {points(margin)} below the oracle")
    return Gate(not reasons, tuple(reasons), {name: completion[name].value for name in TRIVIAL})


def to_json(data: Report) -> str:
    """The canonical text of a report; numbers with six decimals."""
    body = {name: _rounded(value) for name, value in asdict(data).items()}
    return canonical({"format": FORMAT, **body, "passed": data.passed}) + "\n"


def _rounded(value: Json) -> Json:
    match value:
        case float():
            return round(value, DIGITS)
        case dict():
            return {key: _rounded(item) for key, item in value.items()}
        case list() | tuple():
            return [_rounded(item) for item in value]
    return value


# Laying it out as Markdown


def percent(value: float) -> str:
    """``85 %``; one decimal where it says something that the whole number does not."""
    number = round(100 * value, 1)
    return f"{number:.0f} %" if number == int(number) else f"{number:.1f} %"


def points(value: float) -> str:
    return percent(value).removesuffix(" %") + " points"


def figure_text(measure: Measure, unit: str) -> str:
    """A figure with its interval: ``85 % [70, 93]``, ``0.12 [0.08, 0.17]``; ``–`` or its note where it is not
    defined."""
    if measure.value is None:
        return measure.note or "–"
    if unit == "%":
        text, scale, digits = percent(measure.value), 100, 0
    else:
        text, scale, digits = f"{measure.value:.2f}", 1, 2
    if measure.low is None or measure.high is None:
        return text
    return f"{text} [{scale * measure.low:.{digits}f}, {scale * measure.high:.{digits}f}]"


def items_text(section: Section) -> str:
    """What the items of a section are, in one sentence."""
    n = section.items
    return (
        f"{n['all']} items: {n['positive']} positive, {n['negative']} negative, {n['lost']} lost; "
        f"{n['with_shift']} with a shift; {n['train']} for training, {n['heldout']} held out. They exercise {n['shown']} of the "
        f"{n['met']} lines that the reference policy can meet; {n['other']} more wait for another right act, "
        f"{n['mistaken']} for a mistake."
    )


def markdown(data: Report) -> str:
    """The report as Markdown."""
    lines = ["# Benchmark report", "", INTRODUCTION.format(split=data.split), "", "## Gate", "", gate_rule(data), ""]
    rows = [
        [
            section.scenario,
            "passed" if section.gate.passed else f"**failed**: {'; '.join(section.gate.reasons)}",
            *("–" if value is None else percent(value) for value in section.gate.completion.values()),
        ]
        for section in data.scenarios
    ]
    lines += _table(["scenario", "gate", *TRIVIAL], rows)
    lines += ["", "## Task completion over all scenarios", ""]
    kinds = (("equal_weight", "equal weight of scenario × branch × shift"), ("pooled", "pooled"))
    rows = [[title, *(figure_text(data.overall[name][kind], "%") for name in data.agents)] for kind, title in kinds]
    lines += _table(["", *data.agents], rows)
    for section in data.scenarios:
        lines += ["", f"## {section.scenario}", "", items_text(section), ""]
        lines += _table(["figure", *section.agents], figure_rows(section))
        lines += ["", "### What went wrong, and how often", ""]
        lines += _table(["", *section.agents], count_rows(section))
    lines += ["", "## Where the figures come from", "", *(f"- {line}" for line in sources())]
    return "\n".join(lines) + "\n"


INTRODUCTION = (
    "Items: {split}. Intervals are at 95 %: Wilson's for shares, a bootstrap over episodes for the rest. "
    "“–” is undefined (0 of 0), which is not 0."
)


def gate_rule(data: Report) -> str:
    return (
        "A scenario passes when the oracle completes every winnable item, and silent, eager and random each stay at least "
        f"{points(data.margin)} below it."
    )


PAPERS = {
    "paper 1": "Of arXiv 2601.09382 (its formulas; the state graph takes the critic's place)",
    "paper 2": "Of arXiv 2410.12361 (accepted or rejected is what the scenario's person does)",
    "paper 3": "Of arXiv 2605.22240",
    "ours, for paper 4": "Ours, for what arXiv 2605.24900 measures (its formulas are not public, so no figure compares)",
    "ours": "Ours",
}


def sources() -> list[str]:
    """Which figures come from where, a line each."""
    return [
        f"{title}: {', '.join(row.title.lower() if row.title != 'F1' else 'F1' for row in ROWS if row.source == source)}."
        for source, title in PAPERS.items()
    ]


def figure_rows(section: Section) -> list[list[str]]:
    """A section's figures as rows of text: title, then one cell per agent."""
    rows = []
    for row in ROWS:
        rows.append([row.title, *(figure_text(f.figures[row.key], row.unit) for f in section.agents.values())])
        if row.key == "completion":
            for branch in ("positive", "negative"):
                cells = (figure_text(f.branches[branch], "%") for f in section.agents.values())
                rows.append([f"… {branch} branch", *cells])
    first = next(iter(section.agents.values()))
    rows += [
        [f"{name}, change per turn", *(figure_text(f.stance[name], "") for f in section.agents.values())]
        for name in first.stance
    ]
    for state in first.concerns:
        cells = (figure_text(f.concerns.get(state, Measure(None)), "%") for f in section.agents.values())
        rows.append([f"concerns {state} at the end", *cells])
    return rows


def count_rows(section: Section) -> list[list[str]]:
    """A section's counts as rows of text."""
    agents = section.agents.values()
    rows = [[name, *(str(f.signatures[name]) for f in agents)] for name in metrics.SIGNATURES]
    triggers = sorted({name for f in agents for name in f.triggers})
    for trigger in triggers:
        none = {"served": 0, "missed": 0, "cut_off": 0}
        cells = (f.triggers.get(trigger, none) for f in agents)
        rows.append(
            [f"window {trigger}: served / missed / cut off", *(" / ".join(map(str, c.values())) for c in cells)]
        )
    rows.append(["proposals TP / FP / TN / FN", *(" / ".join(map(str, asdict(f.confusion).values())) for f in agents)])
    rows.append(["episodes in / ok / invalid / error", *(" / ".join(map(str, f.counts.values())) for f in agents)])
    return rows


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table; the first column to the left, the others to the right."""
    marks = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(cell.replace('|', '¦') for cell in row)} |" for row in (head, marks, *rows)]

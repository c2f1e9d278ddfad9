"""DOT: the machines and the state graph for Graphviz, with a cluster per machine or per combination of task states."""

from __future__ import annotations

from collections.abc import Iterable

from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.render.charts import charts
from dramaturg.compiler.render.drawing import BUDGET, drawing
from dramaturg.compiler.render.mermaid import COLOURS
from dramaturg.dsl.scenario import Scenario

RED = "#dc2626"


def dot(subject: Scenario | StateGraph, budget: int = BUDGET) -> str:
    """A scenario's machines, or a state graph folded to at most ``budget`` boxes."""
    return machines(subject) if isinstance(subject, Scenario) else configurations(subject, budget)


def machines(scenario: Scenario) -> str:
    """One cluster per task, concern, trigger and shift; ends are double-framed, bad ends red."""
    lines = _head(scenario.name)
    number = 0
    for index, chart in enumerate(charts(scenario)):
        ends = dict(chart.ends)
        names: dict[str, str] = {}
        lines += [f"  subgraph cluster_{index} {{", f"    label={_quoted(f'{chart.kind} {chart.name}')};"]
        for state in chart.states:
            names[state] = f"s{number}"
            number += 1
            look = [f"label={_quoted(state)}"]
            if state in ends:
                look += ["peripheries=2", *([f"color={_quoted(RED)}"] if ends[state] == "bad" else [])]
            elif state == chart.states[0]:
                look.append("penwidth=2")
            lines.append(f"    {names[state]} [{', '.join(look)}];")
        for arrow in chart.arrows:
            lines.append(f"    {names[arrow.src]} -> {names[arrow.dst]} [label={_quoted(arrow.label)}];")
        lines.append("  }")
    return _text(lines)


def configurations(graph: StateGraph, budget: int = BUDGET) -> str:
    """One cluster per combination of task states, boxes coloured by owner, moves with a violation red."""
    shown = drawing(graph, budget)
    lines = _head(shown.title)
    clusters: dict[str, list[int]] = {}
    for number, box in enumerate(shown.boxes):
        clusters.setdefault(box.cluster, []).append(number)
    for index, (cluster, numbers) in enumerate(clusters.items()):
        lines += [f"  subgraph cluster_{index} {{", f"    label={_quoted(cluster)};"]
        for number in numbers:
            box = shown.boxes[number]
            look = [f"label={_quoted(*box.label)}", f"fillcolor={_quoted(COLOURS[box.owner])}"]
            if box.verdict:
                look += ["peripheries=2", *([f"color={_quoted(RED)}"] if box.verdict == "bad" else [])]
            lines.append(f"    n{number} [{', '.join(look)}];")
        lines.append("  }")
    for arrow in shown.arrows:
        red = f", color={_quoted(RED)}, fontcolor={_quoted(RED)}" if arrow.violating else ""
        lines.append(f"  n{arrow.src} -> n{arrow.dst} [label={_quoted(arrow.label)}{red}];")
    return _text(lines)


def _head(title: str) -> list[str]:
    return [
        f"digraph {_quoted(title)} {{",
        '  graph [fontname="sans-serif", color="#9ca3af", rankdir=TB];',
        '  node [fontname="sans-serif", shape=box, style="rounded,filled", fillcolor="#ffffff"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]


def _text(lines: Iterable[str]) -> str:
    return "\n".join((*lines, "}")) + "\n"


def _quoted(*lines: str) -> str:
    """One quoted string; several lines are centred below each other."""
    return '"' + "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for line in lines) + '"'

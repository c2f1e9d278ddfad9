"""DOT: the machines and the state graph for Graphviz, with a cluster per machine or per combination of task states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.render.charts import Chart, charts
from dramaturg.compiler.render.drawing import BUDGET, drawing
from dramaturg.compiler.render.mermaid import COLOURS
from dramaturg.dsl.nesting import Region
from dramaturg.dsl.scenario import Scenario

RED = "#dc2626"


def dot(subject: Scenario | StateGraph, budget: int = BUDGET) -> str:
    """A scenario's machines, or a state graph folded to at most ``budget`` boxes."""
    return machines(subject) if isinstance(subject, Scenario) else configurations(subject, budget)


def machines(scenario: Scenario) -> str:
    """One cluster per task, concern, trigger and shift; ends are double-framed, bad ends red."""
    lines = _head(scenario.name)
    numbers = count()
    for index, chart in enumerate(charts(scenario)):
        names: dict[str, str] = {}
        lines += [f"  subgraph cluster_{index} {{", f"    label={_quoted(f'{chart.kind} {chart.name}')};"]
        regions = (Region("", "", chart.states),) if chart.nesting is None else chart.nesting.regions[""]
        for region in regions:
            lines += _states(chart, region, names, numbers, f"cluster_{index}", "    ")
        for arrow in chart.arrows:
            lines.append(f"    {names[arrow.src]} -> {names[arrow.dst]} [label={_quoted(arrow.label)}];")
        lines.append("  }")
    return _text(lines)


def _states(
    chart: Chart, region: Region, names: dict[str, str], numbers: Iterator[int], cluster: str, indent: str
) -> list[str]:
    """The states of a region, numbered into ``names``. A state that others lie in is a cluster with a box of its own."""
    ends, does = dict(chart.ends), dict(chart.does)
    lines: list[str] = []
    for state in region.states:
        number = next(numbers)
        names[state] = f"s{number}"
        look = [f"label={_quoted(*([state, does[state]] if state in does else [state]))}"]
        if state in ends:
            look += ["peripheries=2", *([f"color={_quoted(RED)}"] if ends[state] == "bad" else [])]
        elif state == region.states[0]:
            look.append("penwidth=2")
        box = f"{names[state]} [{', '.join(look)}];"
        held = () if chart.nesting is None else chart.nesting.regions[state]
        if not held:
            lines.append(indent + box)
            continue
        lines += [f"{indent}subgraph {cluster}_{number} {{", f"{indent}  label={_quoted(state)};", f"{indent}  {box}"]
        for place, inner in enumerate(held):
            name = f"{cluster}_{number}_{place}"
            body = _states(chart, inner, names, numbers, name, indent + "    ")
            lines += [
                f"{indent}  subgraph {name} {{",
                f"{indent}    label={_quoted(inner.name)};",
                *body,
                indent + "  }",
            ]
        lines.append(indent + "}")
    return lines


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

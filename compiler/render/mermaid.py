"""Mermaid: the machines as ``stateDiagram-v2``, the state graph as a flow chart. Same input, same text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.render.charts import Arrow, Chart, charts
from dramaturg.compiler.render.drawing import BUDGET, drawing
from dramaturg.dsl.nesting import Region
from dramaturg.dsl.scenario import Scenario

COLOURS = {
    "agent": "#dbeafe",
    "person": "#dcfce7",
    "world": "#f3f4f6",
    "chance": "#fef9c3",
    "end": "#e5e7eb",
    "several": "#ffffff",
}
"""Fill colours by owner, shared with DOT."""


def mermaid(subject: Scenario | StateGraph, budget: int = BUDGET) -> str:
    """A scenario's machines, or a state graph folded to at most ``budget`` boxes."""
    return machines(subject) if isinstance(subject, Scenario) else configurations(subject, budget)


def machines(scenario: Scenario) -> str:
    """One composite state per task, concern, trigger and shift."""
    lines = ["---", f"title: {_plain(scenario.name)}", "---", "stateDiagram-v2"]
    for chart in charts(scenario):
        lines += _chart(chart)
    return "\n".join(lines) + "\n"


def _chart(chart: Chart) -> list[str]:
    prefix = f"{chart.kind}_{_identifier(chart.name)}"
    names = {state: f"{prefix}_{_identifier(state)}" for state in chart.states}
    lines = [f'  state "{_label(f"{chart.kind} {chart.name}")}" as {prefix} {{']
    if chart.nesting is None:
        lines += _region(chart, Region("", "", chart.states), chart.arrows, names, "    ")
    else:
        for region in chart.nesting.regions[""]:
            lines += _region(chart, region, chart.arrows, names, "    ")
    return [*lines, "  }"]


def _region(
    chart: Chart, region: Region, arrows: tuple[Arrow, ...], names: Mapping[str, str], indent: str
) -> list[str]:
    """The states of one region and what lies in them, then the arrows that stay in it. Mermaid draws no arrow from inside one
    state to inside another: such an arrow is drawn between the states themselves, and its label says the rest."""
    does, lines = dict(chart.does), []
    for state in region.states:
        text = f"{state}: {does[state]}" if state in does else state
        held = () if chart.nesting is None else chart.nesting.regions[state]
        lines.append(f'{indent}state "{_label(text)}" as {names[state]}' + (" {" if held else ""))
        for number, inner in enumerate(held):
            lines += [f"{indent}  --"] if number else []
            lines += _region(chart, inner, arrows, names, indent + "  ")
        lines += [indent + "}"] if held else []
    lines.append(f"{indent}[*] --> {names[region.states[0]]}")
    for arrow in arrows:
        if chart.nesting is not None and chart.nesting.common(arrow.src, arrow.dst) is not region:
            continue
        src, dst = (_standing(chart, region, state) for state in (arrow.src, arrow.dst))
        text = " ".join(
            ([f"({arrow.src})"] if src != arrow.src else [])
            + ([arrow.label] if arrow.label else [])
            + ([f"→ {arrow.dst}"] if dst != arrow.dst else [])
        )
        start = names[src] if src else "[*]"
        lines.append(f"{indent}{start} --> {names[dst]}" + (f": {_label(text)}" if text else ""))
    lines += [f"{indent}{names[state]} --> [*]: {end}" for state, end in chart.ends if state in region.states]
    return lines


def _standing(chart: Chart, region: Region, state: str) -> str:
    """The state of a region that a state is or lies in; empty for the state around the region."""
    if chart.nesting is None:
        return state
    return next((s for s in region.states if chart.nesting.within(state, s)), "")


def configurations(graph: StateGraph, budget: int = BUDGET) -> str:
    """The state graph as a flow chart, one subgraph per combination of task states; moves with a violation are red."""
    shown = drawing(graph, budget)
    lines = ["---", f"title: {_plain(shown.title)}", "---", "flowchart TD"]
    clusters: dict[str, list[int]] = {}
    for number, box in enumerate(shown.boxes):
        clusters.setdefault(box.cluster, []).append(number)
    for index, (cluster, numbers) in enumerate(clusters.items()):
        lines.append(f"  subgraph c{index} [{_quoted(cluster)}]")
        for number in numbers:
            box = shown.boxes[number]
            text = "<br/>".join(_quoted(line)[1:-1] for line in box.label)
            lines.append(f'    n{number}["{text}"]:::by_{box.owner}')
        lines.append("  end")
    lines += [f"  n{arrow.src} -->|{_quoted(arrow.label)}| n{arrow.dst}" for arrow in shown.arrows]
    red = [str(i) for i, arrow in enumerate(shown.arrows) if arrow.violating]
    if red:
        lines.append(f"  linkStyle {','.join(red)} stroke:#dc2626,color:#dc2626")
    used = sorted({box.owner for box in shown.boxes})
    lines += [f"  classDef by_{owner} fill:{COLOURS[owner]},stroke:#6b7280,color:#111827" for owner in used]
    return "\n".join(lines) + "\n"


def _identifier(name: str) -> str:
    """A name that Mermaid takes as an identifier; distinct names stay distinct."""
    return re.sub(r"[^A-Za-z0-9]", lambda m: "_" if m[0] == "_" else f"_{ord(m[0]):x}_", name)


def _label(text: str) -> str:
    """Text of a state diagram in which nothing is syntax: special characters as entity codes, on one line."""
    return re.sub(r'["<>{}:;#`]|%(?=%)', _entity, " ".join(text.split()))


def _quoted(text: str) -> str:
    """The same within the quotes of a flow chart, where fewer characters are special."""
    return '"' + re.sub(r'["<>;#`]', _entity, " ".join(text.split())) + '"'


def _entity(found: re.Match[str]) -> str:
    return f"#{ord(found[0])};"


def _plain(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

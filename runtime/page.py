"""The report as one HTML page that needs nothing else: no script, no font, no other file, readable in light and in
dark."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from dramaturg.runtime.agents import TRIVIAL
from dramaturg.runtime.intervals import Measure
from dramaturg.runtime.report import (
    INTRODUCTION,
    Report,
    Section,
    count_rows,
    figure_rows,
    figure_text,
    gate_rule,
    items_text,
    percent,
    sources,
)

if TYPE_CHECKING:
    from markupsafe import Markup

LABEL, BAR, END, ROW = 130, 480, 90, 26
"""Widths of the chart's columns and the height of its rows, in pixels."""


def html(data: Report) -> str:
    """The page."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False, keep_trailing_newline=True)
    template = environment.from_string(files("dramaturg.runtime").joinpath("page.html.jinja").read_text("utf-8"))
    return template.render(
        data=data,
        trivial=TRIVIAL,
        introduction=INTRODUCTION.format(split=data.split),
        gate_rule=gate_rule(data),
        percent=percent,
        sources=sources(),
        items_text=items_text,
        figure_rows=figure_rows,
        count_rows=count_rows,
        cell_html=cell_html,
        figure=lambda measure, unit: cell_html(figure_text(measure, unit)),
        bars=lambda overall, kind: bars({name: kinds[kind] for name, kinds in overall.items()}, "Task completion"),
        completion_bars=completion_bars,
    )


def cell_html(text: str) -> Markup:
    """A cell with its interval in small print."""
    from markupsafe import Markup

    value, bracket, interval = text.partition(" [")
    return Markup("{} <small>[{}</small>").format(value, interval) if bracket else Markup(escape(text))


def completion_bars(section: Section) -> Markup:
    measures = {name: figures.figures["completion"] for name, figures in section.agents.items()}
    return bars(measures, f"Task completion on {section.scenario}")


def bars(measures: Mapping[str, Measure], title: str) -> Markup:
    """Shares as horizontal bars from 0 to 100 %, with their intervals as whiskers."""
    from markupsafe import Markup

    height = ROW * len(measures) + 22
    summary = ", ".join(f"{name} {figure_text(measure, '%')}" for name, measure in measures.items())
    width = LABEL + BAR + END
    label = escape(f"{title}: {summary}")
    parts = [
        f'<svg role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-label="{label}">',
    ]
    for tick in range(0, 101, 25):
        x = LABEL + BAR * tick / 100
        parts.append(f'<line class="grid" x1="{x:g}" x2="{x:g}" y1="0" y2="{height - 18}"/>')
        parts.append(f'<text class="dim" x="{x:g}" y="{height - 4}" text-anchor="middle">{tick}</text>')
    for place, (name, measure) in enumerate(measures.items()):
        parts.append(_bar(name, measure, place * ROW))
    return Markup("".join((*parts, "</svg>")))


def _bar(name: str, measure: Measure, top: int) -> str:
    middle = top + ROW / 2
    label = name if len(name) <= 18 else f"{name[:17]}…"
    out = f'<text x="{LABEL - 10}" y="{middle + 4:g}" text-anchor="end">{escape(label)}</text>'
    if measure.value is None:
        return f'{out}<text class="dim" x="{LABEL + 6}" y="{middle + 4:g}">undefined</text>'
    kind = "bar" if name in TRIVIAL else "bar tested"
    out += (
        f'<rect class="{kind}" x="{LABEL}" y="{top + 5}" width="{BAR * measure.value:.1f}" height="{ROW - 10}" rx="2"/>'
    )
    if measure.low is not None and measure.high is not None:
        low, high = LABEL + BAR * measure.low, LABEL + BAR * measure.high
        ends = f"M{low:.1f} {middle - 4:g}v8M{low:.1f} {middle:g}H{high:.1f}M{high:.1f} {middle - 4:g}v8"
        out += f'<path class="whisker" d="{ends}"/>'
    return out + f'<text x="{LABEL + BAR + 12}" y="{middle + 4:g}">{percent(measure.value)}</text>'

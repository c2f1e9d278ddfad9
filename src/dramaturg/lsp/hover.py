"""Hover: what the word under the pointer means: a name, a word of the language, a key of the format, a code of a diagnostic."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from dramaturg.compiler.lowering import all_guards
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.editing.renaming import Known
from dramaturg.dsl.elaboration.effects import described, effect
from dramaturg.dsl.expressions.mistakes import words
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.shapes import READINGS
from dramaturg.dsl.messages.explain import UnknownCode, explain
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Map
from dramaturg.lsp.desk import Desk
from dramaturg.lsp.keys import chain, line_at, reads
from dramaturg.lsp.told import tell

HELP = {
    "and": "Both hold.",
    "or": "At least one holds. After `or` stands a whole condition; for one of several values write `x is A | B`.",
    "not": "It does not hold.",
    "implies": "`P implies Q`: wherever P holds, Q does too.",
    "is": "`x is A | B`: it is one of these choices or states.",
    "is not": "`x is not A | B`: it is none of these choices or states.",
    "in": "`x in 60 EUR..120 EUR`: it lies in the range, ends included.",
    "not in": "`x not in A..B`: it lies outside the range.",
    "known": "`x is known`: it has a value. What may be unknown can only be compared where it is known.",
    "matches": "`condition matches TRIGGER`: the agent's condition asks for exactly the window of that trigger.",
    "for": "`P for 10m`: P holds, and has held without a break for that long. Binds tighter than `and`.",
    "since": "`P since Q`: P has held ever since Q happened. `once P since Q`: P at or after the latest Q.",
    "once": "`once P`: P has happened, now included.",
    "earlier": "`earlier P`: P has happened before, now excluded; `earlier P in last 2d`: within that time.",
    "in last": "`P in last 15m`: P holds or was true within that time, now included; also `in last 2 turns`.",
    "judged": '`judged "…" else P`: a question of judgement. No model is asked yet: P decides in every run, and what must hold in '
    "every run has to hold for either answer.",
    "else": "What decides, as no model is there to judge.",
    "count": "`count(P) >= 2`: how often P has happened so far.",
    "always": "`always P`: P holds at every step.",
    "never": "`never P`: P holds at no step.",
    "eventually": "`eventually P`: every run comes to P.",
    "possible": "`possible P`: some run comes to P.",
    "winnable": "`winnable P`: the agent can get to P without a violation, if the others help.",
    "leads to": "`P leads to Q within 6h`: after every P there comes a Q; the same step counts.",
    "until": "`P until Q`: P holds until Q does, and Q does come.",
    "within": "By when: a duration or a number of turns.",
    "one of": "`one of a | b`: a type with these choices, or, under `with`, a draw of one of them.",
    "yes": "The yes of a yes/no.",
    "no": "The no of a yes/no.",
    "resistance": "`user.resistance`: the summed weight of all concerns that are not eased.",
}
"""The words of expressions, each in a sentence or two."""


def hover(desk: Desk, path: Path, offset: int, shown: Iterable[Diagnostic] = ()) -> tuple[str, Span] | None:
    """Markdown for a byte of a file and the span that it speaks of; None where there is nothing to say."""
    home = desk.home(path)
    if home is None or home.seen.names is None:
        return None
    name = next((s.path for s in home.seen.loaded.sources if home.file(s.path) == path), None)
    if name is None:
        return None
    source = next(s for s in home.seen.loaded.sources if s.path == name)
    if source.data != desk.data(path):
        return None  # the file does not read as it stands, and places of an older text would lie
    parts: list[str] = []
    span: Span | None = None
    for one in home.index.at(name, offset):
        span = one.span
        parts.append(tell(one.symbol, home).markdown())
    if not parts:
        tree = home.seen.tree if name == home.seen.loaded.sources[0].path else _module(home.seen.library.modules, name)
        found = _word(tree, shapes.SCENARIO if tree is home.seen.tree else shapes.MODULE, offset)
        if found is not None:
            parts, span = [found[0]], found[1]
    if (whole := _expression(home, name, offset)) is not None:
        parts.append(whole[0])
        span = span or whole[1]
    for diagnostic in shown:
        if diagnostic.span.path == name and diagnostic.span.start <= offset <= diagnostic.span.end:
            parts.append(f"**{diagnostic.code} {diagnostic.name}** · {_first(diagnostic.code)}")
            span = span or diagnostic.span
    return ("\n\n---\n\n".join(parts), span) if parts and span is not None else None


def _expression(home: Known, name: str, offset: int) -> tuple[str, Span] | None:
    """What the expression around depends on, in one line; None where the scenario has errors or no expression is there."""
    scenario = home.seen.loaded.scenario
    for guard in all_guards(scenario) if scenario is not None else ():
        if guard.span.path == name and guard.span.start <= offset < guard.span.end:
            told = described(effect(guard.expr))
            return (f"`{guard.text}`: {told}", guard.span) if told else None
    return None


def _module(modules: Iterable[object], name: str) -> Map | None:
    from dramaturg.dsl.modules.uses import Module

    for module in modules:
        if isinstance(module, Module) and module.tree.span.path == name:
            return module.tree
    return None


def _word(tree: Map | None, shape: shapes.Record, offset: int) -> tuple[str, Span] | None:
    """A key of the format, or a word of the language in an expression."""
    steps = chain(tree, shape, offset) if tree is not None else ()
    if not steps or tree is None:
        return None
    last = steps[-1]
    key = last.entry.key
    if key.span.start <= offset <= key.span.end:
        about = last.known.about if last.known is not None else last.what
        what = READINGS.get(reads(last.shape))
        lines = [f"**{key.text}**: {about}" if about else f"**{key.text}**"]
        if what is not None:
            lines.append(f"Takes {what[0]}, such as `{what[1]}`.")
        if isinstance(last.shape, shapes.Line) and last.shape.choices:
            told = zip(last.shape.choices, last.shape.meanings, strict=True)
            lines.append("\n".join(f"- `{choice}`: {meaning}" for choice, meaning in told))
        if last.known is not None and last.known.required:
            lines.append("Must be there.")
        return "\n\n".join(lines), key.span
    line = line_at(last.entry.value, offset)
    if line is None or reads(last.shape) not in ("guard", "pattern", "check", "norm", "value", "declaration", "type"):
        return None
    for word in words(line.text):
        span = line.part(*word.at)
        if span.start <= offset < span.end and word.text in HELP:
            return f"**{word.text}**\n\n{HELP[word.text]}", span
    return None


def _first(code: str) -> str:
    """The first paragraph of a diagnostic's page."""
    try:
        page = explain(code)
    except UnknownCode:
        return ""
    paragraphs = [p for p in re.split(r"\n\s*\n", page) if p.strip() and not p.startswith("#")]
    return " ".join(paragraphs[0].split()) if paragraphs else ""

"""What is told of a name: its kind, its type with unit and range, who sees it, where it starts, and its comment.

One description per symbol, as Markdown for a hover and as one line for a list of completions. Everything comes from the
loader's inventory; the comment is the author's own, behind the declaration or in the lines above it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dramaturg.dsl.declarations.inventory import Inventory
from dramaturg.dsl.editing.occurrences import KINDS, Symbol
from dramaturg.dsl.editing.renaming import Known
from dramaturg.dsl.expressions.amounts import show_type
from dramaturg.dsl.scenario import EventType
from dramaturg.dsl.spans import Span

SEES = {
    "public": "everyone sees it",
    "agent": "the agent sees it",
    "world": "nobody on stage sees it",
    "user": "only the person simulated sees it",
    "teacher": "for training only",
    "judge": "for grading only",
}
VARIABLES = {
    "parameter": "a parameter: an episode has one of its values",
    "world": "a world variable",
    "slot": "a slot of its task",
    "stance": "a mood of the person",
    "trait": "a trait that varies from episode to episode",
}
STATES = {
    "concern:hidden": "Not voiced yet.",
    "concern:voiced": "She has said it; it still stands between her and a yes.",
    "concern:eased": "Settled: it no longer adds to the resistance.",
    "concern:hardened": "Past settling.",
    "trigger:idle": "No window is open.",
    "trigger:open": "The window is open: the expected act is due.",
    "trigger:served": "The expected act was made in the window.",
    "trigger:missed": "The window closed without the expected act.",
    "shift:waiting": "It has not happened yet.",
    "shift:done": "It has happened as often as it may.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A symbol, described."""

    head: str
    """One line, as the language would write it."""
    lines: tuple[str, ...] = ()
    """Sentences, in Markdown."""

    def markdown(self) -> str:
        return "\n\n".join([f"```dramaturg\n{self.head}\n```", *self.lines])


def tell(symbol: Symbol, scenario: Known) -> Told:
    """What there is to say of a symbol of a scenario."""
    found = scenario.seen.names
    declared = scenario.index.declarations(symbol)
    lines: list[str] = []
    head = f"{symbol.short}"
    if found is not None:
        head, lines = _described(symbol, found, scenario)
    for one in declared[:3]:
        comment = comment_of(one.span)
        if comment:
            lines.append(f"*{_escaped(comment)}*")
    if declared:
        places = ", ".join(f"`{one.span.path}:{one.span.line}`" for one in declared[:3])
        lines.append(f"Declared in {places}.")
    return Told(head, tuple(lines))


def _described(symbol: Symbol, found: Inventory, scenario: Known) -> tuple[str, list[str]]:
    name, kind = symbol.name, symbol.kind
    title = KINDS[kind].split(" ", 1)[1]
    match kind:
        case "variable" if name in found.variables:
            variable = found.variables[name]
            start = found.starts.get(name)
            line = f"{name}: {show_type(variable.type)}" + (f" = {start.text.strip()}" if start is not None else "")
            return line, [f"{_sentence(VARIABLES[variable.kind])} View `{variable.view}`: {SEES[variable.view]}."]
        case "trait":
            full = f"persona.{symbol.short}"
            if full in found.variables:
                return f"{full}: {show_type(found.variables[full].type)}", [_sentence(VARIABLES["trait"])]
            if full in found.constants:
                type, _ = found.constants[full]
                return f"{full}: {show_type(type)}", ["A trait of the persona, the same in every episode."]
        case "event" | "move" | "act" if name in found.events:
            return _event(found.events[name], title, found, scenario)
        case "field":
            owner, _, last = name.rpartition(".")
            event = found.events.get(owner)
            field = next((it for it in event.fields if it.name == last), None) if event is not None else None
            if field is not None:
                said = f"A field of `{owner}`. View `{field.view}`: {SEES[field.view]}."
                return f"{owner}.{last}: {show_type(field.type)}", [said]
        case "type" if name in found.types:
            return f"{name}: one of {' | '.join(found.types[name].members)}", ["A named type."]
        case "choice":
            members, _, member = name.rpartition(":")
            return member, [f"A choice of `one of {members.replace('|', ' | ')}`."]
        case "state":
            if name in STATES:
                return name.partition(":")[2], [STATES[name]]
            return _state(symbol, scenario)
        case "task" | "concern" | "trigger" | "shift" if f"{kind}.{name}" in found.machines:
            states = " | ".join(found.machines[f"{kind}.{name}"])
            return f"{kind}.{name} is {states}", [_sentence(KINDS[kind]), *_more(symbol, scenario)]
        case "person" if name in found.persons:
            moves = ", ".join(f"`{e.name.partition('.')[2]}`" for e in found.events.values() if e.actor == name)
            return name, [f"A person in the role of {found.persons[name]}. Moves: {moves}."]
        case "constant":
            full = f"concern.{name}"
            if full in found.concern_fields:
                return f"{full} = {found.concern_fields[full]}", ["A constant of the concern."]
    return symbol.short, [_sentence(KINDS[kind])]


def _event(event: EventType, title: str, found: Inventory, scenario: Known) -> tuple[str, list[str]]:
    fields = ", ".join(f"{it.name}: {show_type(it.type)}" for it in event.fields)
    lines = [f"{_sentence(KINDS[title])} View `{event.view}`: {SEES[event.view]}."]
    known = scenario.seen.loaded.scenario
    if known is not None and title == "act":
        act = next((act for act in known.agent.acts if f"agent.{act.name}" == event.name), None)
        if act is not None:
            told = {"says": "speech", "does": "a deed that nobody hears", "silent": "silence"}[act.kind]
            proactive = ", an initiative of the agent" if act.proactive else ""
            returns = f", returns {', '.join(f'`{name}`' for name in act.returns)}" if act.returns else ""
            lines[0] = f"An act: {told}{proactive}{returns}. View `{event.view}`: {SEES[event.view]}."
            if act.about:
                lines.append(_escaped(act.about))
    if known is not None and (worded := known.words.get(event.name)):
        lines.append(f"“{_escaped(worded[0].text)}”")
    return (f"{event.name}({fields})" if fields else event.name), lines


def _state(symbol: Symbol, scenario: Known) -> tuple[str, list[str]]:
    task, _, state = symbol.name.partition(".")
    known = scenario.seen.loaded.scenario
    found = next((t for t in known.tasks if t.name == task), None) if known is not None else None
    lines = [f"A state of the task `{task}`."]
    inner = next((s for s in found.states if s.name == state), None) if found is not None else None
    if found is not None and inner is not None:
        if found.states[0].name == state:
            lines.append("The task starts here.")
        if inner.end:
            lines.append(f"Reaching it ends the task, which is {inner.end}.")
        goes = list(dict.fromkeys(t.go for t in inner.transitions if t.go))
        if goes:
            lines.append("From here to " + ", ".join(f"`{go}`" for go in goes) + ".")
    return f"task.{task} is {state}", lines


def _more(symbol: Symbol, scenario: Known) -> list[str]:
    known = scenario.seen.loaded.scenario
    if known is None:
        return []
    match symbol.kind:
        case "trigger":
            trigger = next((it for it in known.triggers if it.name == symbol.name), None)
            if trigger is not None and trigger.expect is not None:
                return [f"Opens when `{trigger.when.text}`; expects `{trigger.expect.text}`."]
        case "concern":
            concern = next((it for it in known.concerns if it.name == symbol.name), None)
            if concern is not None:
                return [f"Weight {concern.weight}, of `{concern.person}`. “{_escaped(concern.says)}”"]
        case "shift":
            shift = next((it for it in known.shifts if it.name == symbol.name), None)
            if shift is not None:
                return [f"When `{shift.when.text}`" + (f", as `{shift.move.event}`." if shift.move else ".")]
    return []


def comment_of(span: Span) -> str:
    """The author's comment on a declaration: behind it on its line, else in the lines right above it."""
    source, line = span.source, span.line
    own = source.line(line)
    behind = re.search(r"(?:^|\s)#\s?(.*)$", own[span.column - 1 :])
    if behind is not None and own[: span.column - 1].count('"') % 2 == 0 and own.count('"') % 2 == 0:
        return behind.group(1).strip()
    if own[: span.column - 1].strip(" -{\"'"):
        return ""
    above: list[str] = []
    while line > 1 and (found := re.fullmatch(r"\s*#\s?(.*)", source.line(line - 1))) is not None:
        above.insert(0, found.group(1).strip())
        line -= 1
    return " ".join(above)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", " ".join(text.split()))

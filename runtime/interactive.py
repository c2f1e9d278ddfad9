"""Playing by hand: a person takes the agent's place in the terminal.

The person sees what an agent would see and nothing else, answers with an act, and is told after each turn whether it
was acceptable and why not. Nothing here knows a terminal: it reads lines from one stream and writes to another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from dramaturg.compiler.witness import violation
from dramaturg.dsl.expressions.amounts import example
from dramaturg.dsl.expressions.spelling import WORD
from dramaturg.dsl.scenario import Act, Scenario
from dramaturg.dsl.types import Bool, Enum, ListOf, Number, Optional, SetOf, Type, Value
from dramaturg.runtime import narration
from dramaturg.runtime.arguments import Unfit, act_named, fit, kind_of, silence
from dramaturg.runtime.episode import Episode
from dramaturg.runtime.policy import TurnView
from dramaturg.runtime.record import Json
from dramaturg.runtime.shown import read
from dramaturg.runtime.trace import Answer, Trace, Turn

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled

NAME = "person"
HELP = (
    "Answer with an act's number or name and its arguments, such as `2 price=120 EUR`; `say=…` for your own words;\n"
    "an empty line is silence, `?` lists the acts, `quit` leaves."
)


class Unreadable(ValueError):
    """A line that is no answer, with the reason."""


def perform(compiled: Compiled, binding: int, seed: int, source: TextIO, sink: TextIO) -> Trace | None:
    """Let a person play one episode. None where she leaves before its end."""
    scenario = compiled.scenario
    episode = Episode(compiled, binding, seed, NAME)
    print(f"{scenario.name}: {scenario.about}", file=sink)
    role = scenario.agent.role.rstrip(".")
    print(f"You are the agent{f': {role}' if role else ''}.\n{HELP}\n", file=sink)
    print(_acts(scenario), file=sink)
    told = 0
    while (view := episode.view) is not None:
        told = _tell(view, told, sink)
        answer = _ask(scenario, view, source, sink)
        if answer is None:
            print("You leave.", file=sink)
            return None
        start = len(episode.steps)
        turn = episode.answer(answer)
        told += not turn.answer.invalid
        _judge(scenario, turn, [step.violations for step in episode.steps[start + 1 :]], sink)
    trace = episode.trace()
    for seen in episode.history[told:]:
        print(narration.seen_text(seen), file=sink)
    _sum_up(trace, sink)
    return trace


def _tell(view: TurnView, told: int, sink: TextIO) -> int:
    """Show what is new, and give how much of the history has now been shown."""
    print(file=sink)
    for seen in view.history[told:]:
        print(narration.seen_text(seen), file=sink)
    print(f"{narration.clock(view.at)}  Turn {view.index + 1} of {view.scenario.turns}: it is yours.", file=sink)
    return len(view.history)


def _ask(scenario: Scenario, view: TurnView, source: TextIO, sink: TextIO) -> Answer | None:
    """An answer that fits an act; None at the end of the input."""
    while True:
        print("> ", end="", file=sink, flush=True)
        line = source.readline()
        if not line or line.strip() in ("quit", "exit"):
            return None
        if line.strip() in ("?", "help"):
            print(f"{HELP}\n{_acts(scenario)}", file=sink)
            continue
        try:
            return parse(line, scenario)
        except (Unreadable, Unfit) as error:
            print(f"  {error}", file=sink)


def _acts(scenario: Scenario) -> str:
    """The acts with their fields, numbered."""
    return "\n".join(f"  {number:>2}  {signature(act)}" for number, act in enumerate(scenario.agent.acts, 1))


def signature(act: Act) -> str:
    """``follow_up price=money(EUR)``, ``answer about=cost|trust``, and what kind of act it is."""
    fields = " ".join(f"{field.name}={_wanted(field.type)}" for field in act.fields)
    notes = [act.kind if act.kind != "silent" else "silence", *(["proactive"] if act.proactive else [])]
    about = f": {act.about}" if act.about else ""
    return f"{act.name}{' ' + fields if fields else ''}  ({', '.join(notes)}){about}"


def _wanted(type_: Type) -> str:
    """What may be written for a type: its choices where they are few."""
    match type_:
        case Optional(inner):
            return _wanted(inner)
        case Enum(members=members) if len(members) <= 8:
            return "|".join(members)
    return kind_of(type_)


def parse(line: str, scenario: Scenario) -> Answer:
    """The answer of a line. Raises Unreadable or Unfit with the reason."""
    text = line.strip()
    if not text:
        return Answer(silence(scenario))
    name, _, rest = text.partition(" ")
    act = _act(name, scenario)
    say = ""
    args: list[tuple[str, Value]] = []
    types = {field.name: field.type for field in act.fields}
    for field, value in _pairs(rest, _example(act)):
        if field == "say" and "say" not in types:
            say = value
        elif field not in types:
            takes = ", ".join(types) or "no arguments"
            raise Unreadable(f"{act.name} has no field {field} (it takes {takes})")
        else:
            args.append((field, _read(field, value, types[field])))
    missing = [field for field in act.fields if field.name not in dict(args) and not isinstance(field.type, Optional)]
    if missing:
        raise Unreadable(f"{act.name}: {missing[0].name} is missing; write `{_example(act)}`")
    return Answer(act.name, fit(act, tuple(args)), say)


def _act(name: str, scenario: Scenario) -> Act:
    acts = scenario.agent.acts
    if name.isdigit():
        if 1 <= int(name) <= len(acts):
            return acts[int(name) - 1]
        raise Unreadable(f"there are {len(acts)} acts, not {name}")
    act = act_named(scenario, name.replace("-", "_"))
    if act is None:
        raise Unreadable(f"there is no act {name}; `?` lists them")
    return act


def _example(act: Act) -> str:
    """How the first argument of an act might be written."""
    for field in act.fields:
        match field.type:
            case Enum(members=(first, *_)):
                shown = first
            case Number() as number:
                shown = example(number)
            case _:
                shown = "…"
        return f"{act.name} {field.name}={shown}"
    return act.name


def _pairs(text: str, such: str) -> Sequence[tuple[str, str]]:
    """``price=120 EUR say="here you are"`` as pairs; a value ends where the next ``name=`` begins, quotes group."""
    found = list(re.finditer(rf"(?:^|\s)({WORD})=(?!=)", _masked(text)))
    if text[: found[0].start() if found else len(text)].strip():
        raise Unreadable(f"arguments are written name=value, such as `{such}`")
    ends = [match.start() for match in found[1:]] + [len(text)] * bool(found)
    return [(match[1], _bare(text[match.end() : end])) for match, end in zip(found, ends, strict=True)]


def _masked(text: str) -> str:
    """The text with what stands in quotes blanked out, so that it names no argument."""
    return re.sub(r'"[^"]*"', lambda quoted: "·" * len(quoted[0]), text)


def _bare(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _read(field: str, text: str, type_: Type) -> Value:
    try:
        return read(_json(text, type_), type_)
    except Unfit as error:
        raise Unreadable(f"{field} {error}") from error


def _json(text: str, type_: Type) -> Json:
    """What was typed as the JSON value that an agent would have written."""
    match type_:
        case Optional(inner):
            return None if text in ("", "unknown") else _json(text, inner)
        case Bool():
            return {"yes": True, "no": False, "true": True, "false": False}.get(text.lower(), text)
        case Number(family="int"):
            return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text
        case ListOf(inner) | SetOf(Enum() as inner):
            return [_json(item.strip(), inner) for item in text.split(";") if item.strip()]
        case _:
            return text


def _judge(scenario: Scenario, turn: Turn, after: Sequence[Sequence[str]], sink: TextIO) -> None:
    """Say whether the turn was acceptable, and what it and the moves after it broke."""
    if turn.answer.invalid:
        print(f"  ✗ This cannot be used and counts as silence: {turn.answer.invalid}.", file=sink)
    if turn.ok:
        served = f" It serves {', '.join(turn.served)}." if turn.served else ""
        print(f"  ✓ Acceptable.{served}", file=sink)
    else:
        print(f"  ✗ Not acceptable; {narration.better(turn, scenario)}.", file=sink)
    for label in (*turn.violations, *(label for labels in after for label in labels)):
        print(f"  ✗ {violation(label)}{_rule_text(label, scenario)}", file=sink)


def _rule_text(label: str, scenario: Scenario) -> str:
    """The author's own text of a rule that was broken."""
    kind, _, name = label.partition(":")
    rule = next((rule for rule in scenario.rules if kind == "rule" and rule.name == name), None)
    return "" if rule is None else f": {rule.kind} {rule.guard.text}"


def _sum_up(trace: Trace, sink: TextIO) -> None:
    print(f"\n{narration.ending(trace)}", file=sink)
    lost = sum(max(0.0, turn.value_before - turn.value_after) for turn in trace.turns)
    print(f"Regret: {lost:.2f} (the chance of a clean good end that each act gave away, summed).", file=sink)
    for label in dict.fromkeys(trace.violations):
        print(f"  ✗ {violation(label)} (×{trace.violations.count(label)})", file=sink)

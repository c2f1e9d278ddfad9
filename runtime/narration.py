"""Narration: a trace as a scene that a person reads.

One line per move that anybody makes or notices, with its virtual time, who moves and the words; below a line stand
the windows that open, are served or are missed there, and whether an act of the agent was acceptable. The clock's and
chance's own moves are left out unless a window closes on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dramaturg.compiler.witness import violation
from dramaturg.dsl.expressions.amounts import in_words
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.types import Type, Value
from dramaturg.runtime.trace import ActKey, Args, Seen, Trace, Turn
from dramaturg.runtime.wording import SILENT_EVENTS

DAY = 86_400_000


def clock(ms: int) -> str:
    """A virtual time as a reader sees it: ``00:30:20``, ``9d 00:00:20``."""
    days, rest = divmod(ms, DAY)
    seconds = rest // 1000
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{days}d {time}" if days else time


def shown(args: Args, types: Mapping[str, Type]) -> str:
    """Arguments in brackets, as an author writes them; empty where there are none."""
    parts = [f"{name} {_value(value, types.get(name))}" for name, value in args]
    return f"({', '.join(parts)})" if parts else ""


def _value(value: Value, type_: Type | None) -> str:
    if value is None:
        return "unknown"
    return str(value) if type_ is None else in_words(value, type_)


def act_text(act: ActKey, scenario: Scenario) -> str:
    """An act with its arguments: ``follow_up(price 120 EUR)``."""
    event = scenario.events.get(f"agent.{act.act}")
    return act.act + shown(act.args, {} if event is None else {field.name: field.type for field in event.fields})


def seen_text(seen: Seen) -> str:
    """One thing that the agent sees, as a line."""
    who = seen.who if seen.origin not in ("tool_call", "environment_monitor") else seen.origin.replace("_", " ")
    return f"{clock(seen.at)}  {who}: {seen.text or seen.event}"


def narrate(trace: Trace, scenario: Scenario) -> str:
    """The whole trace as a scene, ending with how it ended."""
    return "\n".join(_lines(trace, scenario)) + "\n"


def _lines(trace: Trace, scenario: Scenario) -> Iterator[str]:
    bound = ", ".join(f"{n} = {_value(v, scenario.variables[n].type)}" for n, v in trace.binding)
    yield f"{trace.scenario} · {bound or 'no parameters'} · seed {trace.seed} · agent {trace.agent}"
    yield ""
    turns = iter(trace.turns)
    width = max((len(step.actor) for step in trace.steps), default=0)
    pad = " " * 14
    open_now: set[str] = set()
    for step in trace.steps:
        turn = next(turns, None) if step.actor == "agent" else None
        if turn is not None:
            for name in turn.open_triggers:
                if name not in open_now:
                    yield f"{pad}┌ the window of {name} is open"
            open_now = set(turn.open_triggers)
        if step.event not in SILENT_EVENTS:
            yield f"{clock(step.at):>12}  {step.actor:<{width}}  {step.text or step.event}"
        elif step.event == "nothing":
            yield f"{clock(step.at):>12}  {step.actor:<{width}}  …"
        for name in step.served:
            yield f"{pad}└ serves {name}"
            open_now.discard(name)
        for label in step.violations:
            yield f"{pad}✗ {violation(label)}"
            open_now.discard(label.removeprefix("missed:"))
        if turn is not None and not turn.ok and not turn.violations:
            yield f"{pad}✗ not acceptable; {better(turn, scenario)}"
        if turn is not None and turn.answer.invalid:
            yield f"{pad}✗ the answer cannot be used: {turn.answer.invalid}"
    yield ""
    yield ending(trace)


def better(turn: Turn, scenario: Scenario) -> str:
    """What would have been right at a turn."""
    acts = turn.robust or turn.acceptable
    return "right was " + " or ".join(act_text(act, scenario) for act in acts) if acts else "nothing was right any more"


def ending(trace: Trace) -> str:
    """How an episode ended, in one line."""
    how = {"good": "It ends well", "bad": "It ends badly", "turns": "It is cut off: the agent has had all its turns"}
    tasks = ", ".join(f"{task} is {state}" for task, state in trace.final)
    right = sum(turn.ok for turn in trace.turns)
    wrong = f", {len(trace.violations)} violations" if len(trace.violations) > 1 else ""
    wrong = ", 1 violation" if len(trace.violations) == 1 else wrong
    return f"{how[trace.ended]}: {tasks}. {right} of {len(trace.turns)} acts acceptable{wrong}."

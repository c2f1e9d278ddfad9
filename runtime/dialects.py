"""Dialects: one turn, written and read the way that models trained elsewhere write it.

``native`` is our own JSON object. ``chronos`` is that of the long-term task-oriented agent (arXiv 2601.09382):
``{proactive_action, response_text, task_description, trigger_condition}``. ``proactive`` is that of ProactiveBench
(arXiv 2410.12361): ``{purpose, thoughts, proactive_task, response}``, in which JSON null, and nothing else, is silence; it
has no place for the status of tasks, so reading gives none. ``tools`` is OpenAI's tool calls. Reading never raises: an answer
that cannot be used says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from dramaturg.dsl.scenario import Act, Scenario
from dramaturg.dsl.types import Condition, ListOf, Text, Value
from dramaturg.runtime.answers import (
    answer_of,
    arguments_schema,
    in_one_turn,
    json_object,
    only,
    read_answer,
    shown_args,
    status_schema,
    write_answer,
)
from dramaturg.runtime.arguments import Unfit, act_named, silence
from dramaturg.runtime.record import Json, canonical
from dramaturg.runtime.trace import Answer

Message: TypeAlias = dict[str, Json]

NATIVE_FORMAT = """\
Lines show time, origin, event. Answer with one JSON object:
{"act": name, "with": {field: value}, "say": your words if you speak, "status": {task: its state after your act}}"""

CHRONOS_FORMAT = """\
Lines show time, origin, event. Answer with one JSON object:
{"proactive_action": ACT in capitals, "response_text": your words, "task_description": {"constraints": {field: value}, \
"status": {task: its state after your act}}, "trigger_condition": null or {"type": "event", "value": condition}}"""

PROACTIVE_FORMAT = """\
Lines show time, origin, event. Answer with one JSON object:
{"purpose": what the user is after, "thoughts": yours, "proactive_task": null to stay silent, else the task, \
"response": your words}"""

TOOLS_FORMAT = """\
Lines show time, origin, event. Answer with exactly one tool call; staying silent is a tool too."""

SEVERAL = {
    "native": """\
A turn holds up to {limit} acts, the one that is said last: \
{{"acts": [{{"act": name, "with": {{field: value}}}}, ...], "say": words, "status": ...}}""",
    "tools": "A turn holds up to {limit} acts, each a tool call, the one that is said last.",
}
"""What the dialects that can make several acts in a turn say of it."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way of writing answers. ``turn`` gives the chat messages that repeat an earlier answer (after ``place`` others)."""

    name: str
    format: str
    write: Callable[[Answer, Scenario], str]
    read: Callable[[str, Scenario], Answer]
    turn: Callable[[Answer, Scenario, int], Sequence[Message]]


def _plain_turn(write: Callable[[Answer, Scenario], str]) -> Callable[[Answer, Scenario, int], Sequence[Message]]:
    return lambda answer, scenario, place: [{"role": "assistant", "content": write(answer, scenario)}]


def _reading(read: Callable[[Mapping[str, Json], Scenario], Answer]) -> Callable[[str, Scenario], Answer]:
    """A reader of one JSON object that turns what does not fit into an invalid answer."""

    def reader(text: str, scenario: Scenario) -> Answer:
        try:
            return replace(read(json_object(text), scenario), raw=text)
        except Unfit as error:
            return Answer("", raw=text, invalid=str(error))

    return reader


def _write_chronos(answer: Answer, scenario: Scenario) -> str:
    act = act_named(scenario, answer.act)
    given = shown_args(act, answer.args)
    armed = _condition_field(act)
    condition = given.pop(armed, None) if armed else None
    return canonical(
        {
            "proactive_action": answer.act.upper(),
            "response_text": answer.say,
            "task_description": {"constraints": given, "status": dict(answer.status)},
            "trigger_condition": None if condition is None else {"type": "event", "value": condition},
        }
    )


def _read_chronos(data: Mapping[str, Json], scenario: Scenario) -> Answer:
    known = ("proactive_action", "response_text", "task_description", "trigger_condition")
    only(data, known)
    named, task, condition = (data.get(key) for key in ("proactive_action", "task_description", "trigger_condition"))
    if not isinstance(named, str):
        raise Unfit(f"proactive_action is {named!r:.40}, not the name of an act")
    act = next((act for act in scenario.agent.acts if act.name.upper() == named.upper()), None)
    if act is None:
        acts = ", ".join(act.name.upper() for act in scenario.agent.acts)
        raise Unfit(f"there is no proactive_action {named!r:.40} (there are {acts})")
    task = {} if task is None else task
    if not isinstance(task, Mapping):
        raise Unfit(f"task_description is {task!r:.40}, not an object")
    given = task.get("constraints", {})
    given = dict(given) if isinstance(given, Mapping) else {}
    status = task.get("status", {})
    if isinstance(status, str):  # one task, as the paper has it
        status = {task.name: status for task in scenario.tasks[:1]}
    armed = _condition_field(act)
    if armed and condition is not None:
        if not isinstance(condition, Mapping) or condition.get("type") != "event":
            raise Unfit(f"trigger_condition is {condition!r:.60}, not an event condition")
        given[armed] = condition.get("value")
    elif not armed:
        # What constrains the task is told at every turn; only the fields that the act has are arguments.
        names = {field.name for field in act.fields}
        given = {name: value for name, value in given.items() if name in names}
    say = data.get("response_text")
    return answer_of({"act": act.name, "with": given, "say": "" if say is None else say, "status": status}, scenario)


def _write_proactive(answer: Answer, scenario: Scenario) -> str:
    act = act_named(scenario, answer.act)
    args = dict(answer.args)
    task: Json = None
    purpose: Value = ""
    fields = _free_text(act)
    if act is not None and act.kind != "silent":
        if fields is None:
            task = canonical({"act": act.name, "with": shown_args(act, answer.args)})
        else:
            purpose = args.get(fields.purpose, "")
            value = args.get(fields.task, "")
            task = "\n".join(str(item) for item in value) if isinstance(value, tuple) else str(value)
    return canonical({"purpose": str(purpose), "thoughts": "", "proactive_task": task, "response": answer.say or None})


def _read_proactive(data: Mapping[str, Json], scenario: Scenario) -> Answer:
    given = {key.lower().replace(" ", "_"): value for key, value in data.items()}
    only(given, ("purpose", "thoughts", "proactive_task", "response"))
    if "proactive_task" not in given:
        raise Unfit("proactive_task is missing (null stands for silence)")
    task, purpose, say = given["proactive_task"], given.get("purpose"), given.get("response")
    say = say if isinstance(say, str) else ""
    if task is None:
        return Answer(silence(scenario))
    if not isinstance(task, str) or task.strip() in ("", "null"):
        raise Unfit(f"proactive_task is {task!r:.40}, neither null nor a task")
    if task.lstrip().startswith("{"):
        return replace(answer_of(json_object(task), scenario), say=say)
    for act in scenario.agent.acts:
        fields = _free_text(act)
        if fields is not None:
            items = tuple(line for line in task.split("\n") if line.strip())
            wanted: Json = list(items) if fields.several else task
            with_: dict[str, Json] = {fields.task: wanted}
            if fields.purpose:
                with_[fields.purpose] = purpose if isinstance(purpose, str) else ""
            return answer_of({"act": act.name, "with": with_, "say": say}, scenario)
    raise Unfit("no act of this scenario takes a task in free text")


@dataclass(frozen=True, slots=True)
class FreeText:
    """The fields of an act that ProactiveBench's free texts fill."""

    task: str
    purpose: str
    several: bool


def _free_text(act: Act | None) -> FreeText | None:
    """How free texts fill this act, None where it is not a proactive act of free text."""
    if act is None or not act.proactive:
        return None
    task, purpose, several = "", "", False
    for field in act.fields:
        match field.type:
            case ListOf(Text()) if not several:
                task, several = field.name, True
            case Text() if field.name == "purpose":
                purpose = field.name
            case Text() if not task:
                task = field.name
            case _:
                return None
    return FreeText(task, purpose, several) if task else None


def tools(scenario: Scenario) -> list[dict[str, Json]]:
    """The acts as OpenAI tools. Beside its own fields each takes ``status``; what is said is the message's content."""
    out: list[dict[str, Json]] = []
    for act in scenario.agent.acts:
        parameters = arguments_schema(act)
        properties = parameters["properties"]
        assert isinstance(properties, Mapping)
        parameters["properties"] = {**properties, **_envelope(act, scenario)}
        about = act.about or {"silent": "Stay silent.", "says": "Say it.", "does": "Do it."}.get(act.kind, "")
        out.append(
            {
                "type": "function",
                "function": {"name": tool_name(act.name), "description": about, "parameters": parameters},
            }
        )
    return out


MOST_OF_A_NAME = 64


def tool_name(act: str) -> str:
    """The name of an act as the wire takes it: ASCII letters, digits, ``_`` and ``-``, 64 at most.

    A name beyond ASCII is written in Punycode (RFC 3492) behind ``xn--``, which no name of ours can begin with; reading compares
    with the names of all acts, so it is reversible, also where a long one had to be cut and marked with its digest.
    """
    if act.isascii() and len(act) <= MOST_OF_A_NAME:
        return act
    name = f"xn--{act.encode('punycode').decode('ascii')}"
    if len(name) <= MOST_OF_A_NAME:
        return name
    digest = hashlib.sha256(act.encode()).hexdigest()[:12]
    return f"{name[: MOST_OF_A_NAME - 13]}-{digest}"


def _envelope(act: Act, scenario: Scenario) -> dict[str, Json]:
    """The parameters of a tool that are no fields of the act; a field of the same name comes first."""
    own = {field.name for field in act.fields}
    extra: dict[str, Json] = {"status": status_schema(scenario)}
    if act.staged:
        extra["stage"] = {"enum": ["draft", "ready"]}
    return {name: schema for name, schema in extra.items() if name not in own}


def tool_message(answer: Answer, scenario: Scenario, place: int) -> Message:
    """The assistant message that makes this answer as a tool call."""
    act = act_named(scenario, answer.act)
    assert act is not None, f"{answer.act!r} is no act"
    arguments = shown_args(act, answer.args)
    extra = _envelope(act, scenario)
    if "status" in extra and answer.status:
        arguments["status"] = dict(answer.status)
    if "stage" in extra and answer.stage != "ready":
        arguments["stage"] = answer.stage
    call: Json = {
        "id": f"call_{place}",
        "type": "function",
        "function": {"name": tool_name(answer.act), "arguments": canonical(arguments)},
    }
    return {"role": "assistant", "content": answer.say, "tool_calls": [call]}


def read_tool_message(message: Mapping[str, Json], scenario: Scenario) -> Answer:
    """What an assistant message with a tool call answers; ``raw`` is the message as JSON. Never raises."""
    raw = canonical(dict(message))
    try:
        return replace(_tool_answer(message, scenario), raw=raw)
    except Unfit as error:
        return Answer("", raw=raw, invalid=str(error))


def _tool_answer(message: Mapping[str, Json], scenario: Scenario) -> Answer:
    calls, limit = message.get("tool_calls"), scenario.agent.per_turn
    count = len(calls) if isinstance(calls, Sequence) and not isinstance(calls, str) else 0
    if not isinstance(calls, Sequence) or not 1 <= count <= limit:
        raise Unfit(f"the answer makes {count} tool calls, not " + ("one" if limit == 1 else f"one to {limit}"))
    content = message.get("content")
    say = content if isinstance(content, str) else ""
    made = [_tool_call(call, say if call is calls[-1] else "", scenario) for call in calls]
    return in_one_turn(made, scenario)


def _tool_call(call: Json, say: str, scenario: Scenario) -> Answer:
    """What one tool call does."""
    function = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(function.get("arguments", ""), str):
        raise Unfit("the tool call has no function with a text of arguments")
    named = function.get("name")
    act = next((act for act in scenario.agent.acts if named in (act.name, tool_name(act.name))), None)
    if act is None:
        raise Unfit(f"there is no act {named!r:.40}")
    arguments = dict(json_object(str(function.get("arguments") or "{}")))
    envelope: dict[str, Json] = {key: arguments.pop(key) for key in _envelope(act, scenario) if key in arguments}
    return answer_of({"act": act.name, "with": arguments, "say": say, **envelope}, scenario)


def _write_tools(answer: Answer, scenario: Scenario) -> str:
    return canonical(tool_message(answer, scenario, 0))


def _read_tools(text: str, scenario: Scenario) -> Answer:
    try:
        return replace(read_tool_message(json_object(text), scenario), raw=text)
    except Unfit as error:
        return Answer("", raw=text, invalid=str(error))


def _tool_turn(answer: Answer, scenario: Scenario, place: int) -> Sequence[Message]:
    result: Message = {"role": "tool", "tool_call_id": f"call_{place}", "content": "done"}
    return [tool_message(answer, scenario, place), result]


def _condition_field(act: Act | None) -> str:
    """The field of an act that is a condition; empty where it has none."""
    fields = () if act is None else act.fields
    return next((field.name for field in fields if isinstance(field.type, Condition)), "")


NATIVE = Dialect("native", NATIVE_FORMAT, write_answer, read_answer, _plain_turn(write_answer))
CHRONOS = Dialect("chronos", CHRONOS_FORMAT, _write_chronos, _reading(_read_chronos), _plain_turn(_write_chronos))
PROACTIVE = Dialect(
    "proactive", PROACTIVE_FORMAT, _write_proactive, _reading(_read_proactive), _plain_turn(_write_proactive)
)
TOOLS = Dialect("tools", TOOLS_FORMAT, _write_tools, _read_tools, _tool_turn)

DIALECTS = {dialect.name: dialect for dialect in (NATIVE, CHRONOS, PROACTIVE, TOOLS)}

"""Answers: one JSON object per agent turn, its schema, its canonical text, and the reading of what a model wrote.

``{"act": …, "with": {…}, "say": …, "status": {…}}``; where a turn may hold several acts, also ``{"acts": [{"act": …, "with":
{…}}, …], "say": …, "status": {…}}``, whose words are those of the spoken act and whose status is
that after the last. Reading forgives what surrounds the object (blanks, a code
fence, a closed thinking block) and nothing inside it: an unknown key, a missing argument or an amount without its
unit makes the answer invalid, with the reason in words. It never raises, because a bad answer is data. Silence is the
act that says nothing; ``null``, ``"null"`` and an empty text are not silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Act, Scenario
from dramaturg.dsl.types import Condition, Optional
from dramaturg.runtime.arguments import Unfit, act_named, fit
from dramaturg.runtime.record import Json, canonical
from dramaturg.runtime.shown import read, schema, shown
from dramaturg.runtime.trace import Answer, Args

MAX_CHARACTERS = 20_000
"""A longer answer is invalid before it is parsed."""
KEYS = ("act", "with", "say", "status", "stage")
SEVERAL = ("acts", "say", "status")
ONE_OF_SEVERAL = ("act", "with", "status", "stage")

_FENCE = re.compile(r"```(?:json)?\s*\n?(.*?)\n?\s*```", re.DOTALL | re.IGNORECASE)
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)


def answer_schema(scenario: Scenario) -> dict[str, Json]:
    """JSON Schema (2020-12) of an answer: one alternative per act, told apart by ``act``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"answer of the agent in {scenario.name}",
        "oneOf": [_alternative(act, scenario) for act in scenario.agent.acts] + _several(scenario),
    }


def _several(scenario: Scenario) -> list[Json]:
    """The alternative that makes several acts, where a turn may hold them."""
    if scenario.agent.per_turn == 1:
        return []
    items: list[Json] = [_alternative(act, scenario, ONE_OF_SEVERAL) for act in scenario.agent.acts]
    acts: Json = {"type": "array", "items": {"oneOf": items}, "minItems": 1, "maxItems": scenario.agent.per_turn}
    return [
        {
            "type": "object",
            "properties": {"acts": acts, "say": {"type": "string"}, "status": status_schema(scenario)},
            "required": ["acts"],
            "additionalProperties": False,
        }
    ]


def arguments_schema(act: Act) -> dict[str, Json]:
    """JSON Schema of ``with`` for one act. A draft of a staged act may leave arguments out."""
    required: list[Json] = [] if act.staged else [f.name for f in act.fields if not isinstance(f.type, Optional)]
    return {
        "type": "object",
        "properties": {field.name: schema(field.type) for field in act.fields},
        "required": required,
        "additionalProperties": False,
    }


def status_schema(scenario: Scenario) -> dict[str, Json]:
    """JSON Schema of ``status``: what the agent believes each task's state to be."""
    return {
        "type": "object",
        "properties": {task.name: _place_schema(Nesting(task)) for task in scenario.tasks},
        "additionalProperties": False,
    }


MOST_PLACES = 100
"""Places of a task that a schema lists."""


def _place_schema(nesting: Nesting) -> dict[str, Json]:
    """The places that a task can be in; of very many only how they are written."""
    if nesting.size <= MOST_PLACES:
        return {"enum": list(nesting.places())}
    inner = "|".join(name for name in nesting.states if not nesting.regions[name])
    return {"type": "string", "pattern": f"^({inner})( & ({inner}))*$"}


def _alternative(act: Act, scenario: Scenario, keys: Sequence[str] = KEYS) -> dict[str, Json]:
    with_ = arguments_schema(act)
    properties: dict[str, Json] = {"act": {"const": act.name}, "with": with_}
    if act.kind != "silent":
        properties["say"] = {"type": "string"}
    properties["status"] = status_schema(scenario)
    if act.staged:
        properties["stage"] = {"enum": ["draft", "ready"]}
    properties = {key: properties[key] for key in properties if key in keys}
    required: list[Json] = ["act", "with"] if with_["required"] else ["act"]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def shown_args(act: Act | None, args: Args) -> dict[str, Json]:
    """Arguments as an agent writes them, unknown optional ones left out."""
    types = {} if act is None else {field.name: field.type for field in act.fields}
    return {name: shown(value, types[name]) for name, value in args if name in types and value is not None}


def answer_object(answer: Answer, scenario: Scenario) -> dict[str, Json]:
    """The answer as JSON values, keys in canonical order, arguments in the order of declaration."""
    given = shown_args(act_named(scenario, answer.act), answer.args)
    out: dict[str, Json] = {"act": answer.act, "with": given}
    if answer.say:
        out["say"] = answer.say
    out["status"] = dict(answer.status)
    if answer.stage != "ready":
        out["stage"] = answer.stage
    return out


def write_answer(answer: Answer, scenario: Scenario) -> str:
    """The canonical text of a usable answer, one line."""
    return canonical(answer_object(answer, scenario))


def read_answer(text: str, scenario: Scenario) -> Answer:
    """What a model's text answers. Where it cannot be used, ``invalid`` says why; ``raw`` always keeps the text."""
    try:
        return replace(answer_of(json_object(text), scenario), raw=text)
    except Unfit as error:
        return Answer("", raw=text, invalid=str(error))


def json_object(text: str) -> Mapping[str, Json]:
    """The one JSON object that a text holds. Raises Unfit where it holds anything else."""
    if len(text) > MAX_CHARACTERS:
        raise Unfit(f"the answer has {len(text)} characters, more than {MAX_CHARACTERS}")
    bare = _THOUGHT.sub("", text, count=1) if text.lstrip().startswith("<think>") else text
    fenced = _FENCE.fullmatch(bare.strip())
    body = (fenced[1] if fenced else bare).strip()
    try:
        data: Json = json.loads(body, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (json.JSONDecodeError, RecursionError):
        raise Unfit("the answer is not one JSON object" if body else "the answer is empty") from None
    except Unfit:
        raise
    except ValueError:
        raise Unfit("the answer holds a number of thousands of digits") from None
    if not isinstance(data, Mapping):
        raise Unfit(f"the answer is {body:.40}, not a JSON object")
    return data


def answer_of(data: Mapping[str, Json], scenario: Scenario) -> Answer:
    """The answer that JSON values are. Raises Unfit where they are none."""
    if "acts" in data and scenario.agent.per_turn > 1:
        return _answer_of_several(data, scenario)
    only(data, KEYS)
    named = data.get("act")
    act = act_named(scenario, named) if isinstance(named, str) else None
    if act is None:
        acts = ", ".join(act.name for act in scenario.agent.acts)
        raise Unfit(f"there is no act {named!r:.40} (there are {acts})" if "act" in data else "no act is named")
    stage = data.get("stage", "ready")
    if stage not in ("draft", "ready") or (stage == "draft" and not act.staged):
        raise Unfit(f"{act.name} cannot be at stage {stage!r:.40}")
    say = data.get("say", "")
    if not isinstance(say, str):
        raise Unfit(f"say is {say!r:.40}, not a text")
    args = read_args(act, data.get("with", {}), draft=stage == "draft")
    return Answer(act.name, args, say, _status(data.get("status", {}), scenario), str(stage))


def _answer_of_several(data: Mapping[str, Json], scenario: Scenario) -> Answer:
    """The first act of several, the others in its ``then``."""
    only(data, SEVERAL)
    listed, limit = data["acts"], scenario.agent.per_turn
    if not isinstance(listed, list) or not 1 <= len(listed) <= limit:
        raise Unfit(f"acts is {listed!r:.40}, not a list of one to {limit} acts")
    made: list[Answer] = []
    for item in listed:
        if not isinstance(item, Mapping):
            raise Unfit(f"acts holds {item!r:.40}, not an object")
        only(item, ONE_OF_SEVERAL)
        made.append(answer_of(item, scenario))
    rest = {key: data[key] for key in ("say", "status") if key in data}
    made[-1] = answer_of({**listed[-1], **rest}, scenario)  # both are of the turn as a whole
    return in_one_turn(made, scenario)


def in_one_turn(answers: Sequence[Answer], scenario: Scenario) -> Answer:
    """One answer that makes these acts in order. Raises Unfit where a turn cannot hold them: it ends with an act that gives up
    the floor, by speech, by silence or by arming a condition."""
    limit = scenario.agent.per_turn
    if len(answers) > limit:
        raise Unfit(f"a turn holds at most {limit} acts, not {len(answers)}")
    for answer in answers[:-1]:
        act = act_named(scenario, answer.act)
        if act is None or act.kind != "does" or any(isinstance(field.type, Condition) for field in act.fields):
            raise Unfit(f"{answer.act} ends the turn, so no act can follow it")
    return replace(answers[0], then=tuple(answers[1:]))


def read_args(act: Act, data: Json, draft: bool = False) -> Args:
    """Arguments as an agent writes them, in order of declaration. Raises Unfit where the act does not take them."""
    if not isinstance(data, Mapping):
        raise Unfit(f"with is {data!r:.40}, not an object")
    types = {field.name: field.type for field in act.fields}
    args: Args = ()
    for name, value in data.items():
        if name not in types:
            raise Unfit(f"{act.name} has no field {name!r:.40} (it takes {', '.join(types) or 'no arguments'})")
        try:
            args += ((name, read(value, types[name])),)
        except Unfit as error:
            raise Unfit(f"{act.name}: {name} {error}") from None
    if draft:
        order = list(types)
        return tuple(sorted(args, key=lambda pair: order.index(pair[0])))
    return fit(act, args)


def _status(data: Json, scenario: Scenario) -> tuple[tuple[str, str], ...]:
    if not isinstance(data, Mapping):
        raise Unfit(f"status is {data!r:.40}, not an object")
    nestings = {task.name: Nesting(task) for task in scenario.tasks}
    out: dict[str, str] = {}
    for task, state in data.items():
        if task not in nestings:
            raise Unfit(f"there is no task {task!r:.40} (there are {', '.join(nestings)})")
        place = nestings[task].read(state) if isinstance(state, str) else None
        if place is None:
            raise Unfit(f"task {task} has no state {state!r:.40} (it has {', '.join(innermost(nestings[task]))})")
        out[task] = place
    return tuple((task, out[task]) for task in nestings if task in out)


def innermost(nesting: Nesting) -> tuple[str, ...]:
    """What a status names: every place, or, of very many, the states that it is put together from."""
    if nesting.size <= MOST_PLACES:
        return nesting.places()
    return tuple(name for name in nesting.states if not nesting.regions[name])


def only(data: Mapping[str, Json], known: Sequence[str]) -> None:
    """Raises Unfit where there is a key that the answer does not take."""
    for key in data:
        if key not in known:
            raise Unfit(f"the answer has a key {key!r:.40} (it takes {', '.join(known)})")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    out: dict[str, Json] = {}
    for key, value in pairs:
        if key in out:
            raise Unfit(f"the answer gives {key!r:.40} twice")
        out[key] = value
    return out


def _no_constant(name: str) -> Json:
    raise Unfit(f"the answer holds {name}, which JSON does not know")

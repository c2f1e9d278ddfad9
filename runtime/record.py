"""The written form of a trace: canonical JSON, and the identity that it gives.

Canonical means: fields in the order in which the trace declares them, arguments in the order in which the scenario
declares them, no blanks, UTF-8 as it is, floats as the shortest text that reads back the same. Equal traces therefore
have equal bytes, and ``Trace.id`` is the sha256 of those bytes without the id itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TypeAlias

from dramaturg.dsl.types import Value
from dramaturg.runtime.trace import ActKey, Answer, Args, Seen, Step, Trace, Turn

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None


class BadRecord(ValueError):
    """A text that is no trace."""


def canonical(value: Json) -> str:
    """JSON without blanks, keys in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def plain(value: Value) -> Json:
    """A value of the language as JSON: tuples become lists, the rest stands for itself."""
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def value_of(data: Json) -> Value:
    """The inverse of ``plain``."""
    match data:
        case None | bool() | int() | str():
            return data
        case list():
            return tuple(value_of(item) for item in data)
    raise BadRecord(f"not a value: {data!r}")


def args_json(args: Args) -> dict[str, Json]:
    return {name: plain(value) for name, value in args}


def args_of(data: Json) -> Args:
    return tuple((name, value_of(value)) for name, value in _map(data).items())


def act_json(act: ActKey) -> dict[str, Json]:
    return {"act": act.act, "args": args_json(act.args)}


def act_of(data: Json) -> ActKey:
    fields = _map(data)
    return ActKey(_text(fields["act"]), args_of(fields["args"]))


def seen_json(seen: Seen) -> dict[str, Json]:
    return {
        "at": seen.at,
        "origin": seen.origin,
        "who": seen.who,
        "event": seen.event,
        "fields": args_json(seen.fields),
        "text": seen.text,
    }


def answer_json(answer: Answer) -> dict[str, Json]:
    return {
        "act": answer.act,
        "args": args_json(answer.args),
        "say": answer.say,
        "status": dict(answer.status),
        "stage": answer.stage,
        "raw": answer.raw,
        "invalid": answer.invalid,
    }


def answer_of(data: Json) -> Answer:
    f = _map(data)
    return Answer(
        _text(f["act"]),
        args_of(f["args"]),
        _text(f["say"]),
        _pairs(f["status"]),
        _text(f["stage"]),
        _text(f["raw"]),
        _text(f["invalid"]),
    )


def step_json(step: Step) -> dict[str, Json]:
    return {
        "at": step.at,
        "actor": step.actor,
        "event": step.event,
        "args": args_json(step.args),
        "text": step.text,
        "node": step.node,
        "edge": step.edge,
        "choice": step.choice,
        "violations": step.violations,
        "served": step.served,
        "effect": step.effect,
    }


def turn_json(turn: Turn) -> dict[str, Json]:
    return {
        "index": turn.index,
        "at": turn.at,
        "node": turn.node,
        "seen": [seen_json(item) for item in turn.seen],
        "answer": answer_json(turn.answer),
        "acceptable": [act_json(act) for act in turn.acceptable],
        "robust": [act_json(act) for act in turn.robust],
        "reference": None if turn.reference is None else act_json(turn.reference),
        "ok": turn.ok,
        "value_before": turn.value_before,
        "value_after": turn.value_after,
        "open_triggers": turn.open_triggers,
        "status": dict(turn.status),
        "violations": turn.violations,
        "served": turn.served,
        "intent": turn.intent,
    }


def encode(trace: Trace) -> dict[str, Json]:
    """The trace as JSON values, ``id`` last."""
    return {
        "scenario": trace.scenario,
        "digest": trace.digest,
        "family": trace.family,
        "binding": args_json(trace.binding),
        "seed": trace.seed,
        "agent": trace.agent,
        "steps": [step_json(step) for step in trace.steps],
        "turns": [turn_json(turn) for turn in trace.turns],
        "ended": trace.ended,
        "final": dict(trace.final),
        "violations": trace.violations,
        "stance": [[at, {name: plain(value) for name, value in values.items()}] for at, values in trace.stance],
        "id": trace.id,
    }


def to_json(trace: Trace) -> str:
    """The canonical text, one line without its end."""
    return canonical(encode(trace))


def identity(trace: Trace) -> str:
    """sha256 (hex) of the canonical form without ``id``."""
    document = encode(trace)
    del document["id"]
    return sha256(canonical(document).encode()).hexdigest()


def sealed(trace: Trace) -> Trace:
    """The trace with its ``id``."""
    return replace(trace, id=identity(trace))


def decode(data: Json) -> Trace:
    """The trace of JSON values. Raises BadRecord where they are none."""
    try:
        f = _map(data)
        return Trace(
            _text(f["scenario"]),
            _text(f["digest"]),
            _text(f["family"]),
            args_of(f["binding"]),
            _int(f["seed"]),
            _text(f["agent"]),
            tuple(_step(item) for item in _list(f["steps"])),
            tuple(_turn(item) for item in _list(f["turns"])),
            _text(f["ended"]),
            _pairs(f["final"]),
            _texts(f["violations"]),
            tuple(_snapshot(item) for item in _list(f["stance"])),
            _text(f["id"]),
        )
    except KeyError as error:
        raise BadRecord(f"the field {error} is missing") from error


def from_json(text: str) -> Trace:
    """The trace of its canonical text. Raises BadRecord where it is none, or where its id does not fit its content."""
    try:
        trace = decode(json.loads(text))
    except json.JSONDecodeError as error:
        raise BadRecord(f"not JSON: {error}") from error
    if trace.id and trace.id != identity(trace):
        raise BadRecord(f"the content of trace {trace.id[:12]} was changed: it hashes to {identity(trace)[:12]}")
    return trace


def _step(data: Json) -> Step:
    f = _map(data)
    return Step(
        _int(f["at"]),
        _text(f["actor"]),
        _text(f["event"]),
        args_of(f["args"]),
        _text(f["text"]),
        _int(f["node"]),
        _int(f["edge"]),
        _texts(f["violations"]),
        _texts(f["served"]),
        _text(f["effect"]),
        _int(f["choice"]),
    )


def _seen(data: Json) -> Seen:
    f = _map(data)
    return Seen(
        _int(f["at"]), _text(f["origin"]), _text(f["who"]), _text(f["event"]), args_of(f["fields"]), _text(f["text"])
    )


def _turn(data: Json) -> Turn:
    f = _map(data)
    return Turn(
        _int(f["index"]),
        _int(f["at"]),
        _int(f["node"]),
        tuple(_seen(item) for item in _list(f["seen"])),
        answer_of(f["answer"]),
        tuple(act_of(item) for item in _list(f["acceptable"])),
        tuple(act_of(item) for item in _list(f["robust"])),
        None if f["reference"] is None else act_of(f["reference"]),
        bool(f["ok"]),
        _float(f["value_before"]),
        _float(f["value_after"]),
        _texts(f["open_triggers"]),
        _pairs(f["status"]),
        _texts(f["violations"]),
        _texts(f["served"]),
        _texts(f["intent"]),
    )


def _snapshot(data: Json) -> tuple[int, Mapping[str, Value]]:
    at, values = _list(data)
    return _int(at), {name: value_of(value) for name, value in _map(values).items()}


def _map(data: Json) -> Mapping[str, Json]:
    if isinstance(data, Mapping):
        return data
    raise BadRecord(f"expected an object, found {data!r:.60}")


def _list(data: Json) -> Sequence[Json]:
    if isinstance(data, Sequence) and not isinstance(data, str):
        return data
    raise BadRecord(f"expected a list, found {data!r:.60}")


def _text(data: Json) -> str:
    if isinstance(data, str):
        return data
    raise BadRecord(f"expected a text, found {data!r:.60}")


def _int(data: Json) -> int:
    if isinstance(data, int) and not isinstance(data, bool):
        return data
    raise BadRecord(f"expected an integer, found {data!r:.60}")


def _float(data: Json) -> float:
    if isinstance(data, int | float):
        return float(data)
    raise BadRecord(f"expected a number, found {data!r:.60}")


def _texts(data: Json) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(data))


def _pairs(data: Json) -> tuple[tuple[str, str], ...]:
    return tuple((name, _text(value)) for name, value in _map(data).items())

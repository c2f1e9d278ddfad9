"""Agents by name: ``oracle``, ``silent``, ``eager``, ``random``, ``script:FILE``, ``local:PATH`` and ``chat:MODEL``.

The first four know nothing and cost nothing; they are the yardsticks that stand beside every agent under test. None
of them keeps state between turns, so an episode that is resumed or repeated goes the same way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from dramaturg.runtime.arguments import act_named, silence
from dramaturg.runtime.policy import Policy, TurnView
from dramaturg.runtime.record import Json, value_of
from dramaturg.runtime.trace import ActKey, Answer

TRIVIAL = ("oracle", "silent", "eager", "random")
"""The agents that every report shows beside the one under test."""


class UnknownAgent(ValueError):
    """A name that is no agent's."""


@dataclass(frozen=True, slots=True)
class Oracle:
    """Does what the reference policy does from the same observations, and knows each task's state."""

    name: str = "oracle"

    def answer(self, view: TurnView) -> Answer:
        if view.reference is None:
            return Answer(silence(view.scenario), status=view.reference_status)
        return Answer(view.reference.act, view.reference.args, status=view.reference_status)


@dataclass(frozen=True, slots=True)
class Silent:
    """Never does anything."""

    name: str = "silent"

    def answer(self, view: TurnView) -> Answer:
        return Answer(silence(view.scenario))


@dataclass(frozen=True, slots=True)
class Eager:
    """Takes a proactive act whenever one is possible, else the first act that is not silence; always the first in
    document order."""

    name: str = "eager"

    def answer(self, view: TurnView) -> Answer:
        order = {act.name: place for place, act in enumerate(view.scenario.agent.acts)}
        options = sorted(view.options, key=lambda option: order.get(option.act, len(order)))
        chosen = next((o for o in options if _proactive(view, o)), None)
        if chosen is None:
            chosen = next((o for o in options if not _silent(view, o)), None)
        return Answer(silence(view.scenario)) if chosen is None else Answer(chosen.act, chosen.args)


@dataclass(frozen=True, slots=True)
class Random:
    """Takes any possible act, each class of arguments with the same chance."""

    name: str = "random"

    def answer(self, view: TurnView) -> Answer:
        if not view.options:
            return Answer(silence(view.scenario))
        chosen = view.options[int(view.draw * len(view.options))]
        return Answer(chosen.act, chosen.args)


@dataclass(frozen=True, slots=True)
class Script:
    """Answers turn by turn from a list, and is silent when the list is at its end."""

    name: str
    answers: tuple[Answer, ...]

    def answer(self, view: TurnView) -> Answer:
        if view.index < len(self.answers):
            return self.answers[view.index]
        return Answer(silence(view.scenario))


def _proactive(view: TurnView, option: ActKey) -> bool:
    act = act_named(view.scenario, option.act)
    return act is not None and act.proactive


def _silent(view: TurnView, option: ActKey) -> bool:
    act = act_named(view.scenario, option.act)
    return act is None or act.kind == "silent"


def read_script(path: Path) -> tuple[Answer, ...]:
    """The answers of a JSONL or YAML file, one per turn: ``{act, with, say, status}``, several as ``{acts, say, status}``, or just
    the name of an act.

    Arguments are values as JSON writes them, numbers in base units. Raises ValueError where the file is something else.
    """
    try:
        text = path.read_text(encoding="utf-8")
        rows: Json
        if path.suffix in (".jsonl", ".json"):
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            rows = yaml.safe_load(text) or []
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if not isinstance(rows, list):
        raise ValueError(f"{path} holds no list of answers")
    return tuple(answer for number, row in enumerate(rows, 1) for answer in _scripted(row, path, number))


def _scripted(row: Json, path: Path, number: int) -> tuple[Answer, ...]:
    """The acts of one turn, one answer each: an agent that has made one of several is asked again."""
    match row:
        case str():
            return (Answer(row),)
        case {"acts": [*acts, last], **rest} if set(rest) <= {"say", "status"}:
            whole = {**(last if isinstance(last, dict) else {"act": last}), **rest}  # both are of the turn as a whole
            return tuple(answer for item in (*acts, whole) for answer in _scripted(item, path, number))
        case {"act": str(act), **rest} if set(rest) <= {"with", "say", "status", "stage"}:
            args, status = rest.get("with") or {}, rest.get("status") or {}
            if isinstance(args, dict) and isinstance(status, dict):
                return (
                    Answer(
                        act,
                        tuple((str(name), value_of(value)) for name, value in args.items()),
                        str(rest.get("say") or ""),
                        tuple((str(task), str(state)) for task, state in status.items()),
                        str(rest.get("stage") or "ready"),
                    ),
                )
    raise ValueError(f"{path}: answer {number} is no act name and no {{act, with, say, status}}: {row!r:.80}")


def _script(argument: str) -> Policy:
    path = Path(argument)
    return Script(f"script:{path.name}", read_script(path))


def _local(argument: str) -> Policy:
    from dramaturg.runtime.local import Local

    return Local(argument)


def _chat(argument: str) -> Policy:
    from dramaturg.runtime.chat import Chat

    return Chat(argument)


_PLAIN: dict[str, Callable[[], Policy]] = {"oracle": Oracle, "silent": Silent, "eager": Eager, "random": Random}
_NAMED: dict[str, Callable[[str], Policy]] = {"script": _script, "local": _local, "chat": _chat}


def names() -> Sequence[str]:
    """How agents are written, for messages and help texts."""
    return (*_PLAIN, "script:FILE", "local:PATH", "chat:MODEL")


def agent(spec: str) -> Policy:
    """The agent of this name. Raises UnknownAgent where there is none; a script that cannot be read is a ValueError."""
    if spec in _PLAIN:
        return _PLAIN[spec]()
    kind, _, argument = spec.partition(":")
    if kind in _NAMED and argument:
        return _NAMED[kind](argument)
    raise UnknownAgent(f"no agent is called {spec!r}; there are {', '.join(names())}")

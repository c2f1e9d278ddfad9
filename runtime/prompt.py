"""The agent's prompt: what it may see at a turn, as chat messages.

The system message says the role, the acts with their typed fields, the tasks and how to answer. Then, turn by turn, a
user message lists what the agent saw since, one line each, and an assistant message repeats its own answer as it gave
it. So the prompt of a later turn begins with the prompt of an earlier one: a server reuses its cache, and one
dialogue teaches every turn in it. The wording lies in templates that the project ships, one per language.

Nothing hidden enters: only ``TurnView.history`` is rendered, and of it only fields whose view admits the agent; of
the scenario only its first sentence, the acts, the names of the tasks' states and the number of turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from dramaturg.dsl.expressions.amounts import show
from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.types import Number, Type, Value, visible_to_agent
from dramaturg.dsl.whole.secrets import first_sentence
from dramaturg.runtime.answers import answer_schema, innermost, read_answer, write_answer
from dramaturg.runtime.dialects import NATIVE, SEVERAL, Dialect, Message
from dramaturg.runtime.policy import Past, TurnView
from dramaturg.runtime.record import Json, canonical
from dramaturg.runtime.shown import shown, wanted
from dramaturg.runtime.trace import Answer, Seen
from dramaturg.runtime.wording import in_english, plain_words

__all__ = ["answer_schema", "messages", "read_answer", "system", "write_answer"]

LANGUAGES = ("en",)
ROLE = "You are the agent."
MAX_RAW = 400
"""Characters of an unusable answer that are shown to the agent again."""

SECOND = 1000
"""ms. Timestamps are shown in whole seconds: what is finer tells an agent nothing."""

_INSTANT = Number("duration")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing seen, as the template shows it."""

    at: str
    origin: str
    event: str
    fields: tuple[tuple[str, str], ...]
    text: str


def messages(view: TurnView, dialect: Dialect = NATIVE, language: str = "en") -> list[Message]:
    """The prompt of a turn: ``{"role", "content"}`` messages, the last one the user's."""
    out: list[Message] = [{"role": "system", "content": system(view.scenario, dialect, language)}]
    shown_until, refused = 0, ""
    for past in _past(view):
        seen = view.history[shown_until : past.seen]
        out.append({"role": "user", "content": _news(view.scenario, seen, refused, language)})
        out.extend(_answered(past.answer, view.scenario, dialect, len(out)))
        shown_until, refused = past.seen + (not past.answer.invalid), past.answer.invalid
    out.append({"role": "user", "content": _news(view.scenario, view.history[shown_until:], refused, language)})
    return out


def system(scenario: Scenario, dialect: Dialect = NATIVE, language: str = "en") -> str:
    """The system message of a scenario; the same at every turn."""
    acts = [
        {
            "name": act.name,
            "fields": [(field.name, wanted(field.type)) for field in act.fields],
            "kind": act.kind,
            "proactive": act.proactive,
            "staged": act.staged,
            "returns": [name.rpartition(".")[2] for name in act.returns],
            "about": _one_line(act.about),
        }
        for act in scenario.agent.acts
    ]
    return _template(language).render(
        part="system",
        role=_one_line(scenario.agent.role) or ROLE,
        about=first_sentence(scenario.about),
        acts=acts,
        tasks=[(task.name, innermost(Nesting(task))) for task in scenario.tasks],
        turns=scenario.turns,
        format=dialect.format,
        several=_several(scenario, dialect),
    )


def _several(scenario: Scenario, dialect: Dialect) -> str:
    """How the dialect makes several acts in one turn; empty where it cannot, or the scenario allows one only."""
    limit = scenario.agent.per_turn
    return SEVERAL[dialect.name].format(limit=limit) if limit > 1 and dialect.name in SEVERAL else ""


def _past(view: TurnView) -> Iterable[Past]:
    """The agent's own earlier turns; read off the history where the view does not tell."""
    if view.past:
        return view.past
    own = ((place, seen) for place, seen in enumerate(view.history) if seen.origin == "agent")
    return [Past(place, Answer(seen.event.removeprefix("agent."), seen.fields, seen.text)) for place, seen in own]


def _answered(answer: Answer, scenario: Scenario, dialect: Dialect, place: int) -> Sequence[Message]:
    """An earlier answer, as the agent gave it."""
    if answer.invalid:
        return [{"role": "assistant", "content": answer.raw[:MAX_RAW]}]
    return dialect.turn(answer, scenario, place)


def _news(scenario: Scenario, seen: Sequence[Seen], refused: str, language: str) -> str:
    lines = [_line(scenario, item) for item in seen if item.origin != "agent"]
    return _template(language).render(part="news", lines=lines, refused=_one_line(refused)).rstrip("\n")


def _line(scenario: Scenario, seen: Seen) -> Line:
    event = scenario.events.get(seen.event)
    types: Mapping[str, tuple[Type, str]] = {} if event is None else {f.name: (f.type, f.view) for f in event.fields}
    fields = tuple(
        (name, _one_line(_field(value, types[name][0]) if name in types else str(value)))
        for name, value in seen.fields
        if value is not None and (name not in types or visible_to_agent(types[name][1]))
    )
    # What the event and its fields say already is not said twice.
    text = "" if event is None else _one_line(seen.text)
    plain = "" if event is None else plain_words(event, seen.fields, english=in_english(scenario))
    if text == plain or text in {value for _, value in fields}:
        text = ""
    return Line(show(seen.at - seen.at % SECOND, _INSTANT), seen.origin, seen.event, fields, text)


def _field(value: Value, type_: Type) -> str:
    data: Json = shown(value, type_)
    return data if isinstance(data, str) else canonical(data)


def _one_line(text: str) -> str:
    """Blanks of every kind become one space: a line of the history stays one line, whatever somebody says."""
    return " ".join(text.split())


@cache
def _template(language: str) -> Template:
    if language not in LANGUAGES:
        raise ValueError(f"there is no prompt in {language!r}; there are {', '.join(LANGUAGES)}")
    source = files("dramaturg.runtime").joinpath("prompts", f"{language}.jinja").read_text(encoding="utf-8")
    return Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True).from_string(
        source
    )

"""The peer of the front end: the stack that a competent Python programmer would reach for.

``yaml.CSafeLoader`` into typed, discriminated pydantic models of the same file format; every expression parsed with the
project's own grammar by Lark (LALR, contextual lexer) into dataclasses that know their places; every task a networkx
``MultiDiGraph``. A module is read once. No name, type, unit or view is checked, a template is a text, a declaration is a text,
and no place is known but those of Lark. Nothing is memoised beyond modules: as little as people do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import networkx as nx
import yaml
from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

GRAMMAR = Path(__file__).resolve().parent.parent / "grammars" / "expression.lark"


@dataclass(slots=True)
class Expression:
    rule: str
    parts: tuple[object, ...]
    start: int
    end: int


Read: TypeAlias = Callable[[str, str], Expression]
"""From a text and an entry point of the grammar to its dataclasses."""


def _options() -> dict[str, Any]:
    return {
        "grammar": GRAMMAR.read_text("utf-8"),
        "parser": "lalr",
        "lexer": "contextual",
        "start": ["guard", "check", "value"],
        "maybe_placeholders": False,
    }


def documented() -> Read:
    """Lark's tree with positions, and a ``Transformer`` over it that makes a dataclass of every node."""
    lark = Lark(**_options(), propagate_positions=True)

    def build(rule: str) -> Callable[..., Expression]:
        def built(_: object, meta: Any, children: list[Any]) -> Expression:
            return Expression(rule, tuple(children), getattr(meta, "start_pos", 0), getattr(meta, "end_pos", 0))

        return built

    transformer = v_args(meta=True)(type("Builder", (Transformer,), {rule: build(rule) for rule in _rules(lark)}))()
    return lambda text, start: transformer.transform(lark.parse(text, start=start))


def tuned() -> Read:
    """The transformer inlined into the parser, which makes no tree; places are those of the tokens, by hand."""

    def build(rule: str) -> Callable[..., Expression]:
        def built(_: object, children: list[Any]) -> Expression:
            first, last = children[0], children[-1]
            start = first.start_pos if isinstance(first, Token) else first.start
            end = last.end_pos if isinstance(last, Token) else last.end
            return Expression(rule, tuple(children), start, end)

        return built

    rules = _rules(Lark(**_options()))
    lark = Lark(**_options(), transformer=type("Builder", (Transformer,), {rule: build(rule) for rule in rules})())
    return lambda text, start: lark.parse(text, start=start)


def _rules(lark: Lark) -> set[str]:
    names = {rule.alias or str(rule.origin.name) for rule in lark.rules}
    return {name for name in names if not name.startswith("_")}


_read: list[Read] = []


@contextmanager
def reading(read: Read) -> Iterator[None]:
    """Models read their expressions in this way meanwhile."""
    _read.append(read)
    try:
        yield
    finally:
        _read.pop()


def _guard(text: object) -> object:
    return _read[-1](text, "guard") if isinstance(text, str) else text


def _check(text: object) -> object:
    return _read[-1](text, "check") if isinstance(text, str) else text


def _value(text: object) -> object:
    """Without types nobody knows whether it is an expression: what does not parse is a text."""
    if not isinstance(text, str):
        return text
    try:
        return _read[-1](text, "value")
    except UnexpectedInput:
        return text


Guard = Annotated[Expression, BeforeValidator(_guard)]
Check = Annotated[Expression, BeforeValidator(_check)]
Value = Annotated[Expression | str | int | float | bool | None, BeforeValidator(_value)]


class Model(BaseModel):
    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)


class Open(BaseModel):
    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)


def _kind(value: object) -> str:
    return "map" if isinstance(value, dict | BaseModel) else "list" if isinstance(value, list) else "line"


class Declared(Model):
    type: str
    view: str | None = None


Variable = Annotated[Annotated[str, Tag("line")] | Annotated[Declared, Tag("map")], Discriminator(_kind)]


class Event(Open):
    __pydantic_extra__: dict[str, Variable]
    view: str | None = None


class Entry(Model):
    every: str | None = None
    at: str | int | None = None
    when: Guard | None = None
    play: str | None = None
    condition: Guard | None = Field(None, alias="if")
    chance: str | None = None
    emit: str | None = None
    given: dict[str, Value] = Field({}, alias="with")
    set: dict[str, Value] = {}


class Act(Model):
    kind: Literal["says", "does", "silent"] | None = None
    given: dict[str, Variable] = Field({}, alias="with")
    proactive: bool = False
    returns: list[str] = []
    takes: str | None = None
    staged: bool = False
    about: str | None = None


class Agent(Model):
    role: str = ""
    opens: bool = False
    wakes: list[str] = []
    per_turn: str | None = None
    acts: dict[str, Act] = {}


class Move(Model):
    do: str
    given: dict[str, Value] = Field({}, alias="with")


class Reply(Move):
    to: Guard
    condition: Guard | None = Field(None, alias="if")
    chance: str | None = None


class Feel(Model):
    to: Guard | None = None
    when: Guard | None = None
    condition: Guard | None = Field(None, alias="if")
    set: dict[str, Value]


class Persona(Open):
    background: str | dict[str, Any] = ""
    traits: dict[str, Any] = {}


class Person(Model):
    role: Literal["user", "colleague"] = "user"
    persona: str | Persona | None = None
    needs: str = ""
    moves: dict[str, Event | None] = {}
    opens: Move | None = None
    replies: list[Reply] = []
    stance: dict[str, Variable] = {}
    feels: list[Feel] = []


class Concern(Open):
    __pydantic_extra__: dict[str, str | int | float | bool]
    of: str | None = None
    story: str | None = None
    says: str | None = None
    weight: int | None = None
    surfaces: Guard | None = None
    told: Guard | None = Field(None, alias="as")
    given: dict[str, Value] = Field({}, alias="with")
    eased: Guard | None = None
    hardens: Guard | None = None
    lasts: str | None = None


class Transition(Model):
    when: Guard | None = None
    after: str | int | None = None
    condition: Guard | None = Field(None, alias="if")
    chance: str | None = None
    go: str | None = None
    set: dict[str, Value] = {}
    first: bool = False


class State(Model):
    do: list[Transition] = []
    end: Literal["good", "bad"] | None = None
    if_over: Literal["quiet", "good"] | None = None


Body = Annotated[Annotated[list[Transition], Tag("list")] | Annotated[State, Tag("map")], Discriminator(_kind)]


class Task(Open):
    __pydantic_extra__: dict[str, Body]
    slots: dict[str, Variable] = {}


class Trigger(Model):
    when: Guard
    until: Guard | None = None
    within: str | int | None = None
    expect: Guard
    otherwise: Guard | None = None
    allow: Guard | None = None
    again: bool = False
    labels: Literal["recorded"] | None = None


class Shift(Model):
    of: str | None = None
    when: Guard
    chance: str | None = None
    times: int | None = None
    told: Guard = Field(alias="as")
    given: dict[str, Value] = Field({}, alias="with")
    says: str | None = None


class Row(Open):
    at: str | int


class Recording(Model):
    source: str | None = None
    fields: dict[str, Variable]
    rows: list[Row]


class Module(Model):
    about: str = ""
    uses: list[str | dict[str, Any]] = []
    types: dict[str, str] = {}
    parameters: dict[str, Variable] = {}
    world: dict[str, Variable] = {}
    events: dict[str, Event | None] = {}
    personas: dict[str, Persona | None] = {}
    concerns: dict[str, Concern | None] = {}
    tasks: dict[str, Task] = {}
    triggers: dict[str, Trigger] = {}
    words: dict[str, str | list[str]] = {}
    rules: dict[str, Check] = {}
    recordings: dict[str, Recording] = {}
    acts: dict[str, Act] = {}


class Scenario(Module):
    scenario: str
    domain: str
    family: str
    horizon: str | int
    turns: int
    pace: str | int | None = None
    stream: list[Entry] = []
    agent: Agent
    user: Person | None = None
    cast: dict[str, Person] = {}
    shifts: dict[str, Shift] = {}
    check: dict[str, Check] = {}


def load(path: Path, root: Path, modules: dict[Path, Module]) -> tuple[Scenario, list[Module], list[nx.MultiDiGraph]]:
    """A scenario, its modules, and a graph for each task. ``modules`` are those that were read before."""
    with open(path, "rb") as file:
        scenario = Scenario.model_validate(yaml.load(file.read(), Loader=yaml.CSafeLoader))
    used: list[Module] = []
    _bring(scenario, root, modules, used)
    tasks = {name: task for module in (*used, scenario) for name, task in module.tasks.items()}
    return scenario, used, [graph(task) for task in tasks.values()]


def _bring(module: Module, root: Path, modules: dict[Path, Module], used: list[Module]) -> None:
    for use in module.uses:
        name = use if isinstance(use, str) else use["module"]
        path = root / f"{name}.yaml"
        read = modules.get(path)
        if read is None:
            with open(path, "rb") as file:
                read = Module.model_validate(yaml.load(file.read(), Loader=yaml.CSafeLoader))
            modules[path] = read
        if read not in used:
            _bring(read, root, modules, used)
            used.append(read)


def graph(task: Task) -> nx.MultiDiGraph:
    out: nx.MultiDiGraph = nx.MultiDiGraph()
    for name, body in task.__pydantic_extra__.items():
        out.add_node(name, end=body.end if isinstance(body, State) else None)
    for name, body in task.__pydantic_extra__.items():
        for line in body.do if isinstance(body, State) else body:
            out.add_edge(
                name, line.go or name, when=line.when, after=line.after, condition=line.condition, set=line.set
            )
    return out

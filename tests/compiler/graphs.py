"""State graphs for tests, written as text.

One line per edge, ``SRC -> DST EVENT WORD…``; the first source is the root. A node's owner is the first letter of its name:
``a`` agent, ``p`` person, ``w`` world, ``c`` chance, ``g`` good end, ``b`` bad end, ``r`` root. The words of an edge:

    0.25        chance                 +5m         delay in minutes
    !missed:t   violation              ?seen       observation
    #check      fact (left operand)    #check.right
    *trigger    served trigger         may         a may edge
    @line       a span (of the text ``line``)
    x=1         argument

A line ``NODE: task=STATE name=value`` gives a node task states (as ``task.NAME=STATE``) and readable values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from dramaturg.compiler.graph import AGENT, CHANCE, END, PERSON, WORLD, Edge, StateGraph
from dramaturg.dsl.core import Const
from dramaturg.dsl.scenario import Act, Agent, Check, Guard, Scenario, Task, TaskState, Trigger
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.types import Value, Wait

OWNER = {"a": AGENT, "p": PERSON, "w": WORLD, "c": CHANCE, "g": END, "b": END, "r": WORLD}
ACTORS = {"a": "agent", "p": "user", "w": "world", "c": "chance", "r": "world"}
MINUTE = 60_000


def place(word: str) -> Span:
    """The span of a word in a source of its own."""
    data = word.encode()
    return Span(Source(word, data), 0, len(data))


def true(text: str = "yes") -> Guard:
    return Guard(Const(True), text, place(text))


def theorem(name: str, kind: str, *, minutes: int | None = None, turns: int | None = None) -> Check:
    wait = None if minutes is None and turns is None else Wait(None if minutes is None else minutes * MINUTE, turns)
    right = true(f"{name}.right") if kind in ("leads_to", "until") else None
    return Check(name, kind, true(f"{name}.left"), right, wait, f"{kind} {name}", place(name))


def scenario(
    *,
    turns: int = 8,
    hours: int = 8,
    tasks: Iterable[Task] = (),
    triggers: Iterable[Trigger] = (),
    checks: Iterable[Check] = (),
    acts: Iterable[Act] = (Act("follow_up", "says", proactive=True), Act("keep_silent", "silent")),
) -> Scenario:
    if not (tasks := tuple(tasks)):
        states = (TaskState("OPEN", if_over="quiet"), TaskState("DONE", end="good"), TaskState("LOST", end="bad"))
        tasks = (Task("trip", states),)
    return Scenario(
        name="tiny",
        about="A graph for a test.",
        domain="test",
        family="test",
        horizon=hours * 60 * MINUTE,
        turns=turns,
        pace=0,
        variables={},
        events={},
        stream=(),
        agent=Agent(acts=tuple(acts)),
        cast=(),
        concerns=(),
        tasks=tasks,
        triggers=tuple(triggers),
        shifts=(),
        words={},
        rules=(),
        checks=tuple(checks),
    )


def _edge(src: int, dst: int, actor: str, event: str, words: list[str], facts: list[tuple[str, str]]) -> Edge:
    args: list[tuple[str, Value]] = []
    chance: float | None = None
    delay, bits = 0, 0
    observation: str | None = None
    may = False
    lists: dict[str, list[str]] = {"!": [], "*": [], "@": []}
    for word in words:
        if word == "may":
            may = True
        elif word[0] in lists:
            lists[word[0]].append(word[1:])
        elif word[0] == "?":
            observation = word[1:]
        elif word[0] == "#":
            name, _, side = word[1:].partition(".")
            bits |= 1 << facts.index((name, side or "left"))
        elif word[0] == "+":
            delay = int(word[1:].removesuffix("m")) * MINUTE
        elif "=" in word:
            name, _, text = word.partition("=")
            args.append((name, int(text)))
        else:
            chance = float(word)
    return Edge(
        src,
        dst,
        actor,
        event,
        tuple(args),
        delay=delay,
        chance=chance,
        may=may,
        violations=tuple(lists["!"]),
        served=tuple(lists["*"]),
        observation=observation,
        facts=bits,
        spans=tuple(place(word) for word in lists["@"]),
    )


def graph(text: str, setting: Scenario | None = None) -> StateGraph:
    """The graph of a text, see the module. Nodes are numbered in order of appearance."""
    setting = setting or scenario()
    facts = [(check.name, side) for check in setting.checks for side in ("left", "right")]
    names: dict[str, int] = {}
    views: dict[str, dict[str, str]] = {}
    rows: list[tuple[str, str, str, list[str]]] = []
    for raw in text.strip().splitlines():
        line = raw.strip()
        if not line:
            continue
        if found := re.match(r"(\w+)\s*:(?!\w)\s*(.*)", line):
            views[found[1]] = dict(item.split("=", 1) for item in found[2].split())
            continue
        source, _, rest = line.partition("->")
        target, event, *words = rest.split()
        rows.append((source.strip(), target, event, words))
        for name in (source.strip(), target):
            names.setdefault(name, len(names))
    rows.sort(key=lambda row: names[row[0]])
    edges = tuple(_edge(names[s], names[t], ACTORS[s[0]], event, words, facts) for s, t, event, words in rows)
    readable = tuple(dict(views.get(name, {})) for name in names)
    tasks = tuple({k[5:]: v for k, v in view.items() if k.startswith("task.")} for view in readable)
    return StateGraph(
        scenario=setting,
        configs=tuple(names),
        owner=np.array([OWNER[name[0]] for name in names], dtype=np.int64),
        edges=edges,
        verdict={i: "good" if name[0] == "g" else "bad" for name, i in names.items() if name[0] in "gb"},
        readable=readable,
        facts=tuple(facts),
        bindings=tuple({} for edge in edges if edge.src == 0),
        exact=not any(edge.may for edge in edges),
        tick=5 * MINUTE,
        tasks=tasks,
    )


def node(of: StateGraph, name: str) -> int:
    return of.configs.index(name)

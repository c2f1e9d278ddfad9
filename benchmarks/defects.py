"""What is said of twelve kinds of defect in one small machine that is loaded and not run: by Dramaturg and by its peers.

Each tool gets the same machine in its own notation: a fare is watched, offered, booked or lost. A defect is one edit
of that text. *Reported*: loading says anything at all (an exception or a warning) that loading the sound machine does not say.
*Line*: what it says names the line of the edit, in the tool's own text. Where a notation has no such thing (units, declared
events), the edit is the nearest that it can express. XState's machine is loaded by node, and, in a column of its own, typed as its
``setup`` allows and read by TypeScript's strict checker, which an author of one can have. The peers are installed by hand
(``pip install sismic python-statemachine transitions``, ``npm install xstate typescript``); one that is missing is left out, and
said so.

    python -m benchmarks.defects [--node-modules FOLDER]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import io
import os
import re
import tempfile
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from benchmarks import node

OURS = """\
scenario: fare-watch
about: Somebody waits for a cheap fare.
domain: travel
family: fares
horizon: 3h
turns: 6
parameters:
  limit: money(EUR) 20 EUR..40 EUR step 20 EUR
world:
  fare: money(EUR) 0 EUR..80 EUR step 20 EUR = 60 EUR
events:
  fare.changed: {to: money(EUR) 0 EUR..80 EUR step 20 EUR}
stream:
  - {every: 20m, emit: fare.changed, with: {to: 0 EUR..80 EUR}, set: {fare: to}}
agent:
  wakes: [user, fare.changed]
  acts:
    offer: {kind: says, proactive: yes}
    keep_silent: {kind: silent}
user:
  moves: {ask: {}, accept: {}, decline: {}}
  opens: {do: ask}
  replies:
    - {to: agent.offer, if: fare <= limit, chance: 50%, do: accept}
    - {to: agent.offer, chance: 50%, do: decline}
    - {to: agent, do: nothing}
words:
  user.ask: [Tell me when it is cheap.]
  user.accept: [I take it.]
  user.decline: [That is too much.]
  agent.offer: [There is a seat now.]
  fare.changed: ["It costs {{ to | money }} now."]
tasks:
  watch:
    slots: {offers: int 0..3 = 0}
    WATCHING:
      - {when: agent.offer, if: fare <= limit and offers < 3, set: {offers: offers + 1}, go: OFFERED}
      - {after: 90m, go: LOST}
    OFFERED:
      - {when: user.accept, go: BOOKED}
      - {when: user.decline, go: WATCHING}
      - {after: 30m, go: LOST}
    BOOKED: {end: good}
    LOST: {end: bad}
triggers:
  cheap: {when: fare <= limit, until: fare > limit, within: 20m, expect: agent.offer, otherwise: agent.keep_silent, again: yes}
"""

SISMIC = """\
statechart:
  name: fare watch
  preamble: |
    fare, limit, offers, timeout = 60, 40, 0, 20
  root state:
    name: root
    initial: watching
    states:
      - name: watching
        transitions:
          - event: offer
            guard: fare <= limit and offers < 3
            action: offers = offers + 1
            target: offered
          - guard: after(5400)
            target: lost
      - name: offered
        transitions:
          - event: accept
            target: booked
          - event: decline
            target: watching
          - guard: after(1800)
            target: lost
      - name: booked
        type: final
      - name: lost
        type: final
"""

STATEMACHINE = """\
from statemachine import State, StateMachine

class Watch(StateMachine):
    watching = State(initial=True)
    offered = State()
    booked = State(final=True)
    lost = State(final=True)

    offer = watching.to(offered, cond="fare <= limit and offers < 3", on="count")
    expire = watching.to(lost) | offered.to(lost)
    accept = offered.to(booked)
    decline = offered.to(watching)

    fare, limit, offers, timeout = 60, 40, 0, 20

    def count(self):
        self.offers = self.offers + 1

machine = Watch()
"""

TRANSITIONS = """\
from transitions import Machine

class Watch:
    fare, limit, offers, timeout = 60, 40, 0, 20

    def cheap(self):
        return self.fare <= self.limit and self.offers < 3

    def count(self):
        self.offers = self.offers + 1

machine = Machine(
    model=Watch(),
    initial="watching",
    states=["watching", "offered", "booked", "lost"],
    transitions=[
        dict(trigger="offer", source="watching", dest="offered", conditions="cheap", after="count"),
        dict(trigger="expire", source="watching", dest="lost"),
        dict(trigger="accept", source="offered", dest="booked"),
        dict(trigger="decline", source="offered", dest="watching"),
        dict(trigger="expire", source="offered", dest="lost"),
    ],
)
"""

XSTATE = """\
import { assign, setup } from "xstate";

type Context = { fare: number; limit: number; offers: number; timeout: number };
type Sent = { type: "ask" } | { type: "offer" } | { type: "accept" } | { type: "decline" };

export const machine = setup({
  types: { context: {} as Context, events: {} as Sent },
  guards: {
    cheap: ({ context }) => context.fare <= context.limit && context.offers < 3,
  },
  actions: {
    count: assign({ offers: ({ context }) => context.offers + 1 }),
  },
}).createMachine({
  id: "watch",
  context: { fare: 60, limit: 40, offers: 0, timeout: 20 },
  initial: "watching",
  states: {
    watching: {
      on: {
        offer: { guard: "cheap", actions: "count", target: "offered" },
      },
      after: { 5400000: "lost" },
    },
    offered: {
      on: {
        accept: "booked",
        decline: "watching",
      },
      after: { 1800000: "lost" },
    },
    booked: { type: "final" },
    lost: { type: "final" },
  },
});
"""


BOOKED, STUCK = "      - name: booked\n", "      - name: stuck\n"
OFFERING = '{ guard: "cheap", actions: "count", target: "offered" }'
XSTATE_REST = XSTATE.split('accept: "booked",\n')[1].split("    booked: {")[0]
AFTER_ACCEPT = SISMIC.split("target: booked\n")[1].split(BOOKED)[0] + BOOKED


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of defect: in each notation, what is replaced by what."""

    what: str
    ours: tuple[str, str]
    sismic: tuple[str, str]
    statemachine: tuple[str, str]
    transitions: tuple[str, str]
    xstate: tuple[str, str]


DEFECTS = (
    Defect(
        "transition to a state that is not there",
        ("accept, go: BOOKED", "accept, go: BOOKDE"),
        ("target: booked", "target: bookde"),
        ("accept = offered.to(booked)", "accept = offered.to('bookde')"),
        ('dest="booked"', 'dest="bookde"'),
        ('accept: "booked"', 'accept: "bookde"'),
    ),
    Defect(
        "two states of one name",
        ("    LOST: {end: bad}", "    LOST: {end: bad}\n    BOOKED: {end: bad}"),
        ("      - name: lost\n", "      - name: booked\n        type: final\n      - name: lost\n"),
        ("    lost = State(final=True)", "    lost = State(final=True)\n    booked = State(final=True)"),
        ('"booked", "lost"]', '"booked", "booked", "lost"]'),
        ("    lost: {", '    booked: { type: "final" },\n    lost: {'),
    ),
    Defect(
        "event that nothing ever sends",
        ("when: user.decline, go", "when: user.declien, go"),
        ("event: decline", "event: declien"),
        ("decline = offered", "declien = offered"),
        ('trigger="decline"', 'trigger="declien"'),
        ("decline: ", "declien: "),
    ),
    Defect(
        "unknown variable in a guard",
        ("if: fare <= limit and offers", "if: fair <= limit and offers"),
        ("guard: fare <= limit", "guard: fair <= limit"),
        ('cond="fare <= limit', 'cond="fair <= limit'),
        ("self.fare <= self.limit", "self.fair <= self.limit"),
        ("context.fare <=", "context.fair <="),
    ),
    Defect(
        "number compared with a text",
        ("and offers < 3", 'and offers < "three"'),
        ("and offers < 3", "and offers < 'three'"),
        ("and offers < 3", "and offers < 'three'"),
        ("self.offers < 3", "self.offers < 'three'"),
        ("context.offers < 3", 'context.offers < "three"'),
    ),
    Defect(
        "money compared with a duration",
        ("if: fare <= limit and", "if: fare <= 20m and"),
        ("guard: fare <= limit", "guard: fare <= timeout"),
        ('cond="fare <= limit', 'cond="fare <= timeout'),
        ("self.fare <= self.limit", "self.fare <= self.timeout"),
        ("context.fare <= context.limit", "context.fare <= context.timeout"),
    ),
    Defect(
        "state that nothing leads to",
        ("    BOOKED: {end: good}", "    BOOKED: {end: good}\n    PARKED: [{when: user.accept, go: BOOKED}]"),
        (
            "      - name: lost\n",
            "      - name: parked\n        transitions: [{event: accept, target: booked}]\n      - name: lost\n",
        ),
        (
            "    accept = offered.to(booked)",
            "    parked = State()\n    accept = offered.to(booked) | parked.to(booked)",
        ),
        (
            '"booked", "lost"],\n    transitions=[',
            '"booked", "lost", "parked"],\n    transitions=[dict(trigger="accept", source="parked", dest="booked"),',
        ),
        ("    booked: {", '    parked: { on: { accept: "booked" } },\n    booked: {'),
    ),
    Defect(
        "state without a way out",
        ("accept, go: BOOKED}", "accept, go: STUCK}\n      - {when: user.ask, go: BOOKED}"),
        (
            f"            target: booked\n{AFTER_ACCEPT}",
            "            target: stuck\n          - {event: ask, target: booked}\n"
            + AFTER_ACCEPT.replace(BOOKED, STUCK + BOOKED),
        ),
        (
            "    accept = offered.to(booked)",
            "    stuck = State()\n    accept = offered.to(stuck)\n    ask = offered.to(booked)",
        ),
        (
            '"booked", "lost"],\n    transitions=[',
            '"booked", "lost", "stuck"],\n    transitions=[dict(trigger="ask", source="offered", dest="stuck"),',
        ),
        (
            f'        accept: "booked",\n{XSTATE_REST}',
            f'        accept: "stuck",\n        ask: "booked",\n{XSTATE_REST}    stuck: {{}},\n',
        ),
    ),
    Defect(
        "two transitions that may both be taken",
        (
            "      - {after: 90m, go: LOST}",
            "      - {when: agent.offer, if: fare <= 20 EUR, go: LOST}\n      - {after: 90m, go: LOST}",
        ),
        (
            "          - guard: after(5400)",
            "          - {event: offer, guard: fare <= 20, target: lost}\n          - guard: after(5400)",
        ),
        ("    expire = ", '    offer = offer | watching.to(lost, cond="fare <= 20")\n    expire = '),
        (
            'dict(trigger="accept"',
            'dict(trigger="offer", source="watching", dest="lost", conditions="cheap"), dict(trigger="accept"',
        ),
        (OFFERING, f'[{OFFERING}, {{ guard: ({{ context }}) => context.fare <= 20, target: "lost" }}]'),
    ),
    Defect(
        "guard that can never hold",
        ("if: fare <= limit and offers < 3", "if: fare < 20 EUR and fare > 40 EUR"),
        ("guard: fare <= limit and offers < 3", "guard: fare < 20 and fare > 40"),
        ("fare <= limit and offers < 3", "fare < 20 and fare > 40"),
        ("self.fare <= self.limit and self.offers < 3", "self.fare < 20 and self.fare > 40"),
        (
            "context.fare <= context.limit && context.offers < 3",
            "context.fare < 20 && context.fare > 40",
        ),
    ),
    Defect(
        "misspelt key",
        ("when: agent.offer, if: fare", "when: agent.offer, fi: fare"),
        ("guard: fare", "gaurd: fare"),
        ('cond="fare', 'cnod="fare'),
        ("conditions=", "conditons="),
        ('guard: "cheap"', 'gaurd: "cheap"'),
    ),
    Defect(
        "assignment to an unknown variable",
        ("set: {offers: offers + 1}", "set: {ofers: offers + 1}"),
        ("action: offers = offers + 1", "action: ofers = offers + 1"),
        ("self.offers = self.offers + 1", "self.ofers = self.offers + 1"),
        ("self.offers = self.offers + 1", "self.ofers = self.offers + 1"),
        ("assign({ offers:", "assign({ ofers:"),
    ),
)


def ours(text: str) -> str:
    from dramaturg.compiler.compiled import compile_scenario
    from dramaturg.dsl.load import load

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fare-watch.yaml"
        path.write_text(text, encoding="utf-8")
        loaded = load(path)
        said = list(loaded.diagnostics)
        if loaded.scenario is not None:
            said += compile_scenario(loaded.scenario).diagnostics
    return "\n".join(f"line {d.span.line}: {d.code} {d.message}" for d in said if d.severity != "note")


def sismic(text: str) -> str:
    from sismic.interpreter import Interpreter
    from sismic.io import import_from_yaml

    Interpreter(import_from_yaml(text))
    return ""


def executed(text: str) -> str:
    exec(compile(text, "machine.py", "exec"), {"__name__": "machine"})
    return ""


def node_says(name: str, text: str, *command: str) -> str:
    """What node says while a command reads the machine, with places as the other tools write them."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder).resolve()
        (here / name).write_text(text, encoding="utf-8")
        ended = node.run(*command, name, cwd=here)
        report = (ended.stdout + ended.stderr).replace(str(here), "")
    return re.sub(rf"{name}[:(](\d+)", rf"{name} line \1", report).strip()


def xstate(text: str) -> str:
    """The machine as node loads it: without the types, which are no JavaScript; line by line the same."""
    return node_says("machine.mjs", re.sub(r"^type .*$| as \w+", "", text, flags=re.MULTILINE))


def typed(text: str) -> str:
    """The same machine as TypeScript's strict checker reads it, after node has loaded it."""
    checker = str(node.folder() / "typescript" / "bin" / "tsc")
    how = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck"]
    return "\n".join(part for part in (xstate(text), node_says("machine.ts", text, checker, *how)) if part)


def said(load: Callable[[str], str], text: str) -> str:
    """Everything that loading says: its own report, warnings, output, the exception."""
    out = io.StringIO()
    with warnings.catch_warnings(record=True) as caught, redirect_stdout(out), redirect_stderr(out):
        warnings.simplefilter("always")
        try:
            report = load(text)
        except Exception as error:  # whatever a peer raises is what it says
            report = f"{type(error).__name__}: {error}"
    return "\n".join(part for part in (report, out.getvalue(), *(str(w.message) for w in caught)) if part)


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what it loads, written how, and what it needs to be there."""

    name: str
    notation: str
    text: str
    load: Callable[[str], str]
    python: str = ""
    """The distribution that has to be installed."""
    node: tuple[str, ...] = ()
    """The npm packages that have to be there."""

    def lacking(self) -> str:
        """Why it has to be left out; empty where it need not."""
        if self.node:
            return node.lacking(*self.node)
        try:
            importlib.metadata.version(self.python)
        except importlib.metadata.PackageNotFoundError:
            return f"{self.python} is not installed"
        return ""

    def version(self) -> str:
        if self.node:
            return ", ".join(f"{package} {node.version(package)}" for package in self.node)
        return f"{self.python} {importlib.metadata.version(self.python)}"


TOOLS = (
    Tool("dramaturg", "ours", OURS, ours, python="dramaturg"),
    Tool("sismic", "sismic", SISMIC, sismic, python="sismic"),
    Tool("statemachine", "statemachine", STATEMACHINE, executed, python="python-statemachine"),
    Tool("transitions", "transitions", TRANSITIONS, executed, python="transitions"),
    Tool("xstate", "xstate", XSTATE, xstate, node=("xstate",)),
    Tool("xstate, tsc", "xstate", XSTATE, typed, node=("xstate", "typescript")),
)


def lines_of(text: str, edit: tuple[str, str]) -> set[int]:
    """The lines of the edited text that the edit changed."""
    before, after = edit
    assert text.count(before) >= 1, f"the edit {edit} does not apply"
    start = text.count("\n", 0, text.index(before)) + 1
    return set(range(start, start + after.count("\n") + 1))


def main() -> None:
    asked = argparse.ArgumentParser(description="Twelve kinds of defect, and who says what of them.")
    asked.add_argument("--node-modules", metavar="FOLDER", help=f"where npm's peers are; or set {node.VARIABLE}")
    given = asked.parse_args()
    if given.node_modules:
        os.environ[node.VARIABLE] = given.node_modules
    present = [tool for tool in TOOLS if not tool.lacking()]
    for tool in TOOLS:
        reason = tool.lacking()
        print(f"{tool.name} is left out: {reason}" if reason else f"{tool.name}: {tool.version()}")
    sound = {tool.name: said(tool.load, tool.text) for tool in present}
    totals = {tool.name: [0, 0] for tool in present}
    print(f"{'defect':<42}" + "".join(f"{tool.name:>15}" for tool in present))
    for defect in DEFECTS:
        row = f"{defect.what:<42}"
        for tool in present:
            edit: tuple[str, str] = getattr(defect, tool.notation)
            report = said(tool.load, tool.text.replace(*edit, 1))
            reported = report != sound[tool.name]
            named = {int(number) for number in re.findall(r"line (\d+)", report)}
            line = reported and bool(named & lines_of(tool.text, edit))
            totals[tool.name][0] += reported
            totals[tool.name][1] += line
            row += f"{'with its line' if line else 'yes' if reported else '-':>15}"
        print(row)
    print(f"{'reported / with the line':<42}" + "".join(f"{f'{r} / {n}':>15}" for r, n in totals.values()))
    for name, report in sound.items():
        if report:
            print(f"of the sound machine {name} says: {report:.200}")


if __name__ == "__main__":
    main()

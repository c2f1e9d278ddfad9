"""What is said of twelve kinds of defect in one small machine that is loaded and not run: by Dramaturg and by three peers.

Each tool gets the same machine in its own notation: a fare is watched, offered, booked or lost. A defect is one edit
of that text. *Reported*: loading says anything at all (an exception or a warning) that loading the sound machine does not say.
*Line*: what it says names the line of the edit, in the tool's own text. Where a notation has no such thing (units, declared
events), the edit is the nearest that it can express. The peers are installed by hand (``pip install sismic python-statemachine
transitions``); one that is missing is left out, and said so.

    python -m benchmarks.defects
"""

from __future__ import annotations

import importlib.util
import io
import re
import tempfile
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

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


BOOKED, STUCK = "      - name: booked\n", "      - name: stuck\n"
AFTER_ACCEPT = SISMIC.split("target: booked\n")[1].split(BOOKED)[0] + BOOKED


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of defect: in each notation, what is replaced by what."""

    what: str
    ours: tuple[str, str]
    sismic: tuple[str, str]
    statemachine: tuple[str, str]
    transitions: tuple[str, str]


DEFECTS = (
    Defect(
        "transition to a state that is not there",
        ("accept, go: BOOKED", "accept, go: BOOKDE"),
        ("target: booked", "target: bookde"),
        ("accept = offered.to(booked)", "accept = offered.to('bookde')"),
        ('dest="booked"', 'dest="bookde"'),
    ),
    Defect(
        "two states of one name",
        ("    LOST: {end: bad}", "    LOST: {end: bad}\n    BOOKED: {end: bad}"),
        ("      - name: lost\n", "      - name: booked\n        type: final\n      - name: lost\n"),
        ("    lost = State(final=True)", "    lost = State(final=True)\n    booked = State(final=True)"),
        ('"booked", "lost"]', '"booked", "booked", "lost"]'),
    ),
    Defect(
        "event that nothing ever sends",
        ("when: user.decline, go", "when: user.declien, go"),
        ("event: decline", "event: declien"),
        ("decline = offered", "declien = offered"),
        ('trigger="decline"', 'trigger="declien"'),
    ),
    Defect(
        "unknown variable in a guard",
        ("if: fare <= limit and offers", "if: fair <= limit and offers"),
        ("guard: fare <= limit", "guard: fair <= limit"),
        ('cond="fare <= limit', 'cond="fair <= limit'),
        ("self.fare <= self.limit", "self.fair <= self.limit"),
    ),
    Defect(
        "number compared with a text",
        ("and offers < 3", 'and offers < "three"'),
        ("and offers < 3", "and offers < 'three'"),
        ("and offers < 3", "and offers < 'three'"),
        ("self.offers < 3", "self.offers < 'three'"),
    ),
    Defect(
        "money compared with a duration",
        ("if: fare <= limit and", "if: fare <= 20m and"),
        ("guard: fare <= limit", "guard: fare <= timeout"),
        ('cond="fare <= limit', 'cond="fare <= timeout'),
        ("self.fare <= self.limit", "self.fare <= self.timeout"),
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
    ),
    Defect(
        "guard that can never hold",
        ("if: fare <= limit and offers < 3", "if: fare < 20 EUR and fare > 40 EUR"),
        ("guard: fare <= limit and offers < 3", "guard: fare < 20 and fare > 40"),
        ("fare <= limit and offers < 3", "fare < 20 and fare > 40"),
        ("self.fare <= self.limit and self.offers < 3", "self.fare < 20 and self.fare > 40"),
    ),
    Defect(
        "misspelt key",
        ("when: agent.offer, if: fare", "when: agent.offer, fi: fare"),
        ("guard: fare", "gaurd: fare"),
        ('cond="fare', 'cnod="fare'),
        ("conditions=", "conditons="),
    ),
    Defect(
        "assignment to an unknown variable",
        ("set: {offers: offers + 1}", "set: {ofers: offers + 1}"),
        ("action: offers = offers + 1", "action: ofers = offers + 1"),
        ("self.offers = self.offers + 1", "self.ofers = self.offers + 1"),
        ("self.offers = self.offers + 1", "self.ofers = self.offers + 1"),
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


TOOLS: tuple[tuple[str, str, str, Callable[[str], str]], ...] = (
    ("dramaturg", "ours", OURS, ours),
    ("sismic", "sismic", SISMIC, sismic),
    ("statemachine", "statemachine", STATEMACHINE, executed),
    ("transitions", "transitions", TRANSITIONS, executed),
)


def lines_of(text: str, edit: tuple[str, str]) -> set[int]:
    """The lines of the edited text that the edit changed."""
    before, after = edit
    assert text.count(before) >= 1, f"the edit {edit} does not apply"
    start = text.count("\n", 0, text.index(before)) + 1
    return set(range(start, start + after.count("\n") + 1))


def main() -> None:
    present = [tool for tool in TOOLS if importlib.util.find_spec(tool[0]) is not None]
    for tool in TOOLS:
        if tool not in present:
            print(f"{tool[0]} is not installed, so it is left out")
    sound = {name: said(load, text) for name, _, text, load in present}
    totals = {name: [0, 0] for name, *_ in present}
    print(f"{'defect':<42}" + "".join(f"{name:>16}" for name, *_ in present))
    for defect in DEFECTS:
        row = f"{defect.what:<42}"
        for name, notation, text, load in present:
            edit: tuple[str, str] = getattr(defect, notation)
            report = said(load, text.replace(*edit, 1))
            reported = report != sound[name]
            named = {int(number) for number in re.findall(r"line (\d+)", report)}
            line = reported and bool(named & lines_of(text, edit))
            totals[name][0] += reported
            totals[name][1] += line
            row += f"{'with its line' if line else 'yes' if reported else '-':>16}"
        print(row)
    print(f"{'reported / with the line':<42}" + "".join(f"{f'{r} / {n}':>16}" for r, n in totals.values()))
    for name, report in sound.items():
        if report:
            print(f"of the sound machine {name} says: {report:.200}")


if __name__ == "__main__":
    main()

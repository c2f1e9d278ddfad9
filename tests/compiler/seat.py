"""A small scenario with every kind of machine, compiled from its text: for what needs a real graph."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.dsl.load import load

SEAT = """\
scenario: seat
about: A user asks for a seat; a good agent offers one when it is cheap.
domain: travel
family: seat
horizon: 2h
turns: 6
pace: 20s

parameters:
  shy: yes/no

world:
  fare: money(EUR) 0 EUR..200 EUR step 10 EUR = 150 EUR

events:
  fare.changed: {to: money(EUR) 0 EUR..200 EUR step 10 EUR}

stream:
  - {at: 30m, chance: 50%, emit: fare.changed, with: {to: 80 EUR}, set: {fare: to}}

agent:
  wakes: [user, fare.changed]
  acts:
    offer: {kind: says, proactive: yes}
    ask: {kind: says}
    keep_silent: {kind: silent}

user:
  needs: A seat for less than 100 EUR.
  moves: {want: {}, accept: {}, decline: {}, change: {}, tell: {}}
  opens: {do: want}
  replies:
    - {to: agent.offer, if: fare < 100 EUR, do: accept}
    - {to: agent.offer, if: not shy, chance: 50%, do: decline}
    - {to: agent, do: nothing}

concerns:
  short_of_money:
    story: She has to count every cent this month.
    says: It cannot be expensive.
    surfaces: agent.ask
    as: user.tell
    eased: user.accept

tasks:
  trip:
    WANTED:
      if_over: quiet
      do:
        - {when: user.accept, go: FOUND}
        - {when: user.decline, go: LOST}
    FOUND: {end: good}
    LOST: {end: bad}

triggers:
  cheap:
    when: fare < 100 EUR
    until: fare >= 100 EUR
    within: 30m
    expect: agent.offer
    otherwise: agent.keep_silent
    again: yes

shifts:
  mind: {when: agent.ask, chance: 25%, as: user.change, says: Rather not too early.}

check:
  winnable: winnable task.trip is FOUND
  fair: never (user.accept and fare >= 100 EUR)
"""


@cache
def seat() -> Compiled:
    return compiled(SEAT)


def compiled(text: str) -> Compiled:
    """The compiled scenario of a text. Raises AssertionError with the reasons where it has errors."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "seat.yaml"
        file.write_text(text)
        loaded = load(file)
    assert loaded.scenario is not None, [d.message for d in loaded.diagnostics]
    return compile_scenario(loaded.scenario)

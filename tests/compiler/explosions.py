"""Scenarios that explode, one for each thing that can multiply states: complete texts, each a few lines of pattern."""

from __future__ import annotations

from collections.abc import Mapping

HEAD = """scenario: explodes
about: Something multiplies.
domain: home
family: explosions
horizon: {horizon}
turns: {turns}
"""
USER = """user:
  moves: {ask: {}, thank: {}}
  opens: {do: ask}
  replies:
    - {to: agent.tell, do: thank}
"""
PRIMES = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59)


def each(count: int, pattern: str, joint: str = "") -> str:
    """The pattern so many times, ``#`` being the number and ``@`` a prime."""
    return joint.join(
        pattern.replace("#", str(number)).replace("@", str(PRIMES[number % len(PRIMES)])) for number in range(count)
    )


def scenario(
    sections: Mapping[str, str], *, horizon: str = "8h", turns: int = 16, first: str = "", user: str = USER
) -> str:
    """A small scenario with more lines in some of its sections."""
    own = {
        "world": "",
        "events": "  bell.rang: {}\n",
        "stream": "  - {at: 5m, emit: bell.rang}\n",
        "agent": "  wakes: [user, bell.rang, reminder]\n  acts:\n"
        "    tell: {kind: says, proactive: yes, about: Say it.}\n    keep_silent: {kind: silent}\n",
        "tasks": "  tea:\n    WAITING:\n      - {when: user.thank and once bell.rang, go: SERVED}\n"
        "      - {after: 7h, go: COLD}\n    SERVED: {end: good}\n    COLD: {end: bad}\n",
        "concerns": "",
        "triggers": "",
        "shifts": "",
    }
    written = {name: text + sections.get(name, "") for name, text in own.items()}
    body = "".join(f"{name}:\n{text}" for name, text in written.items() if text)
    words = "words:\n  user.ask: [Please tell me.]\n  user.thank: [Thanks.]\n"
    return HEAD.format(horizon=horizon, turns=turns) + first + body + user + words


def acts(count: int, name: str = "do") -> str:
    return each(count, f"    {name}_#: {{kind: does, about: Do it.}}\n")


JOB = "  job_#:\n    A: [{when: agent.do_#, go: B}]\n    B: [{when: agent.do_#, go: C}]\n    C: {end: good}\n"
WORRY = """  worry_#:
    story: A worry.
    says: I worry.
    surfaces: agent.do_#
    eased: agent.undo_# and concern.worry_# is voiced
    hardens: agent.do_# and concern.worry_# is voiced
"""
REGION = "        r#:\n" + "".join(
    f"          R#_{at}: [{{when: agent.do_#, go: R#_{(at + 1) % 5}}}]\n" for at in range(5)
)
HISTORY = """  job:
    OUT: [{when: agent.back, go: IN}]
    IN:
      history: deep
      do: [{when: agent.leave, go: OUT}]
      regions:
"""
COUNTER = """  count_#:
    slots: {n_#: int 0..1000000 = 0}
    ON:
      - {when: agent.do_#, set: {n_#: n_# + 1}}
      - {when: n_# >= 1000000, go: OFF}
    OFF: {end: good}
"""
LONG = """  long_#: {when: high_# for 3h, within: 2 turns, expect: agent.tell, again: yes}
  late_#: {when: (not high_#) in last 5h, within: 2 turns, expect: agent.tell, again: yes}
"""
THINGS = each(16, "m#", " | ")
DIGITS = each(10, "a#", " | ")
FORM = f"""  form:
    slots: {{{each(6, f"g#: one of {DIGITS} = a0", ", ")}}}
    ON:
      - {{when: agent.fill, set: {{{each(6, "g#: f#", ", ")}}}}}
      - {{when: g0 is a9, go: OFF}}
    OFF: {{end: good}}
"""
BASKET = """  basket:
    slots: {had: set of thing = m0}
    ON:
      - {when: agent.pick, set: {had: had + item}}
      - {when: count(had) >= 16, go: OFF}
    OFF: {end: good}
"""
TIMER = "  wait:\n    W:\n      - {after: 8h, go: D}\n      - {when: agent.tell, go: D}\n    D: {end: good}\n"
MOODS = f"""user:
  moves: {{ask: {{}}, thank: {{}}}}
  stance: {{{each(4, "mood_#: int 0..100 = 50", ", ")}}}
  opens: {{do: ask}}
  feels:
{each(4, "    - {to: agent.do_#, set: {mood_#: mood_# + 1}}" + chr(10))}  replies:
    - {{to: agent.tell, if: {each(4, "mood_# > 60", " and ")}, do: thank}}
"""
SHIFTY = "user:\n  moves: {ask: {}, thank: {}, " + each(8, "turn_#: {}", ", ") + "}\n  opens: {do: ask}\n"

EXPLODING: Mapping[str, tuple[str, str]] = {
    "tasks": (scenario({"agent": acts(16), "tasks": each(16, JOB)}), "task.job_"),
    "hundred-tasks": (scenario({"agent": acts(100), "tasks": each(100, JOB)}), "task.job_"),
    "parameters": (scenario({}, first="parameters:\n" + each(9, "  p#: int 0..99\n")), "bindings of the parameters"),
    "periods": (
        scenario(
            {
                "world": each(10, "  seen_#: int 0..9 = 0\n"),
                "stream": each(10, "  - {every: @m..90m, set: {seen_#: seen_# + 1}}\n"),
            }
        ),
        "seen_",
    ),
    "concerns": (scenario({"agent": acts(16) + acts(16, "undo"), "concerns": each(16, WORRY)}), "concern.worry_"),
    "windows-again": (
        scenario(
            {
                "world": each(12, "  level_#: yes/no = no\n"),
                "stream": each(12, "  - {every: @m +- 5m, set: {level_#: not level_#}}\n"),
                "triggers": each(12, "  window_#: {when: level_#, within: 2 turns, expect: agent.tell, again: yes}\n"),
            }
        ),
        "level_",
    ),
    "regions-with-history": (
        scenario(
            {
                "agent": acts(6) + "    leave: {kind: does, about: Go.}\n    back: {kind: does, about: Come.}\n",
                "tasks": HISTORY + each(6, REGION),
            }
        ),
        "task.job",
    ),
    "counters": (scenario({"agent": acts(3), "tasks": each(3, COUNTER)}), "n_"),
    "sets": (
        scenario(
            {"agent": "    pick: {kind: does, about: Pick., with: {item: thing}}\n", "tasks": BASKET},
            first=f"types:\n  thing: one of {THINGS}\n",
        ),
        "had",
    ),
    "shifts": (
        scenario(
            {
                "agent": each(8, "    do_#: {kind: says, about: Do it.}\n"),
                "shifts": each(8, "  shift_#: {when: agent.do_#, chance: 40%, as: user.turn_#, times: 9}\n"),
            },
            user=SHIFTY,
        ),
        "shift_",
    ),
    "long-memories": (
        scenario(
            {
                "world": each(4, "  high_#: yes/no = no\n"),
                "stream": each(4, "  - {every: @s +- 3s, set: {high_#: not high_#}}\n"),
                "triggers": each(4, LONG),
            }
        ),
        "",
    ),
    "conditions": (
        scenario(
            {
                "world": each(12, "  v#: int 0..9 = 0\n"),
                "stream": each(12, "  - {every: 10m, set: {v#: v# + 1}}\n"),
                "agent": f"    watch: {{kind: does, about: Watch., with: {{c: condition on {each(12, 'v#', ' | ')}}}}}\n",
                "triggers": "  arm: {when: user.ask, within: 10m, expect: agent.watch(c matches up)}\n"
                f"  up: {{when: {each(12, 'v# >= 5', ' and ')}, within: 2 turns, expect: agent.tell}}\n",
            }
        ),
        "trigger up reads 12 names",
    ),
    "milliseconds": (
        scenario(
            {
                "world": "  spent: duration 0ms..8h step 1ms = 0ms\n",
                "stream": "  - {every: 7ms +- 3ms, set: {spent: spent + 1ms}}\n",
                "triggers": "  late: {when: spent >= 1h, within: 5m, expect: agent.tell}\n",
            }
        ),
        "spent",
    ),
    "fine-ticks": (
        scenario({"stream": "  - {every: 7ms +- 3ms, emit: bell.rang}\n", "tasks": TIMER}),
        "clock of task.",
    ),
    "moods": (scenario({"agent": acts(4)}, user=MOODS, turns=400), "mood_"),
    "arguments": (
        scenario(
            {
                "agent": f"    fill: {{kind: does, about: Fill., with: {{{each(6, f'f#: one of {DIGITS}', ', ')}}}}}\n",
                "tasks": FORM,
            }
        ),
        "the act fill can be made in 1,000,000 ways",
    ),
    "draw": (
        scenario(
            {
                "world": "  level: int 0..999999 = 0\n",
                "events": "  level.set: {to: int 0..999999}\n",
                "stream": "  - {every: 1h, emit: level.set, with: {to: 0..999999}, set: {level: to}}\n",
                "triggers": "  up: {when: level >= 500, within: 5m, expect: agent.tell}\n",
            }
        ),
        "level",
    ),
    "cartesian": (
        scenario(
            {
                "events": f"  dice.rolled: {{{each(6, 'x#: int 0..9', ', ')}}}\n",
                "stream": f"  - {{every: 1h, emit: dice.rolled, with: {{{each(6, 'x#: 0..9', ', ')}}}}}\n",
                "triggers": "  up: {when: dice.rolled(x0 + x1 > 5), within: 5m, expect: agent.tell}\n",
            }
        ),
        "dice.rolled",
    ),
    "bindings": (
        scenario(
            {
                "world": "  v: int 0..20 = a\n",
                "agent": acts(4),
                "tasks": each(4, JOB.replace("agent.do_#,", "agent.do_#, if: v >= b,")),
            },
            first="parameters:\n  a: int 0..39\n  b: int 0..4\n",
        ),
        "200 bindings",
    ),
}
"""By what multiplies: the scenario, and what the message has to name."""


def chain(parts: int, names: int) -> str:
    """So many ranges of so many variables, joined by ``or``."""
    return " or ".join(
        f"(v{at % names} >= {at // names} and v{(5 * at + 1) % names} < {9 - at // names} and v{(7 * at + 2) % names} != {at % 9})"
        for at in range(parts)
    )


LONG_OR = chain(40, 12)

HEAVY: Mapping[str, str] = {
    "regular-periods": scenario(
        {
            "world": each(10, "  seen_#: int 0..9 = 0\n"),
            "stream": each(10, "  - {every: @m, set: {seen_#: seen_# + 1}}\n"),
        }
    ),
    "long-or": scenario(
        {
            "world": each(12, "  v#: int 0..9 = 0\n"),
            "triggers": f"  up: {{when: {LONG_OR}, within: 5m, expect: agent.tell}}\n",
            "tasks": "  form:\n    ON:\n"
            f"      - {{when: agent.tell, if: {LONG_OR}, go: OFF}}\n"
            "      - {when: agent.tell, if: v0 < 5 or v1 < 5, go: OFF}\n    OFF: {end: good}\n",
        }
    ),
    "sums": scenario(
        {
            "world": each(3, "  v#: int 0..30 = 0\n"),
            "triggers": each(12, "  up_#: {when: v0 + v1 + v2 > #, within: 5m, expect: agent.tell}\n"),
        }
    ),
    "million-turns": scenario({}, turns=1_000_000),
    "ten-thousand-turns": scenario(
        {"world": "  v: int 0..30 = 0\n", "stream": "  - {every: 10m +- 5m, set: {v: v + 1}}\n"}, turns=10_000
    ),
    "lines": scenario(
        {
            "agent": "    pick: {kind: does, about: Pick., with: {n: int 0..9999}}\n",
            "tasks": "  big:\n    ON:\n"
            + each(400, "      - {when: agent.pick(n == #), go: OFF}\n")
            + "    OFF: {end: good}\n",
        }
    ),
}
"""Small graphs that are much work all the same: to solve, or to look at their guards."""

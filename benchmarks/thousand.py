"""A thousand scenarios, for timing the front end: distinct files of two kinds, with the modules that they use.

*Varied* ones are the scenarios that ship with every name of their own and their horizon changed, so that their mix of sizes and
lines is kept. *Invented* ones come from a family of errands: names, states, numbers and the forms of the conditions are
drawn, with about fourteen conditions to a file. Twenty scenarios share the modules of one folder. The same seed gives the
same bytes.

A planted mistake is a name misspelt in one line, and the file says nothing else that is wrong.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dramaturg.dsl.expressions.parser import RESERVED
from dramaturg.dsl.format.shapes import MODULE, SCENARIO, Each, Forms, Line, Names, Record, Shape

SHIPPED = Path(__file__).resolve().parent.parent / "scenarios"
SHARING = 20
"""Scenarios that use the same modules."""

ADJECTIVES = [
    "amber",
    "brisk",
    "calm",
    "dusty",
    "early",
    "faint",
    "grand",
    "heavy",
    "idle",
    "jolly",
    "keen",
    "lunar",
    "mellow",
    "noble",
    "open",
    "plain",
    "quiet",
    "rapid",
    "solar",
    "tidy",
]
NOUNS = [
    "anchor",
    "basket",
    "cargo",
    "docket",
    "engine",
    "ferry",
    "garden",
    "harbor",
    "island",
    "jacket",
    "kettle",
    "ladder",
    "market",
    "needle",
    "orchard",
    "parcel",
    "quarry",
    "ribbon",
    "signal",
    "ticket",
]
DEEDS = ["ask", "confirm", "refuse", "praise", "delay", "renew", "switch", "cancel", "extend", "repeat"]
STAGES = ["PENDING", "ACTIVE", "REVIEW", "WAITING", "QUOTED", "BOOKED", "PACKED", "SENT", "CHECKED", "SIGNED"]

ACTS = """\
about: What an agent may do for {place}.

types:
  side: one of cost | effort | timing

acts:
  look_up:
    kind: does
    about: Look up how things stand in {place} now.
  offer:
    kind: says
    proactive: yes
    about: Offer what fits.
    with: {{price: money(EUR) 0 EUR..900 EUR step 10 EUR}}
  ask:
    kind: says
    about: Ask what matters.
    with: {{about: side}}
  reassure:
    kind: says
    about: Take a worry away.
    with: {{about: side}}
  finish:
    kind: says
    about: Close the errand, once it is agreed.
  keep_silent:
    kind: silent
    about: Say and do nothing.
"""
PERSONAS = """\
about: People of {place}.

personas:
  resident:
    background: >-
      She has lived in {place} for years and knows what things cost there. She is friendly and short, and
      decides at once when a price is right.
    traits:
      greeting: "Good morning,"
"""
CONCERNS = """\
about: What people of {place} do not say at once.

concerns:
  promise:
    story: She has promised it to a neighbour in {place} and does not want to say so.
    says: I have given my word. It is not something that I can move.
    weight: 3
  budget_cut:
    story: Her hours were cut last month.
    says: It cannot cost more than it did.
    weight: 2
"""
WORDS = """\
about: How an errand in {place} is talked about.

words:
  agent.offer:
    - "There is one for {{{{ price | money }}}} in {place}. Shall I take it?"
    - "I have found one in {place} for {{{{ price | money }}}}."
  agent.ask:
    - '{{% if about == "cost" %}}How much may it cost?{{% else %}}What matters most to you?{{% endif %}}'
  agent.reassure:
    - "I understand. We will manage that in {place}."
    - "That can be arranged. I do not leave you alone with this."
  agent.finish:
    - "Done. The papers from {place} are in your messages."
"""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of scenarios on the disk."""

    root: Path
    paths: tuple[Path, ...]
    mistakes: dict[Path, str]
    """The misspelt word in each file that has one."""


def fill(root: Path, count: int, seed: int, varied: float = 0.3, mistaken: float = 0.0) -> Shelf:
    """``count`` scenarios below ``root``, the given shares of them varied from those that ship and with a mistake."""
    draw = random.Random(seed)
    for path in sorted(SHIPPED.rglob("*.yaml")):
        if not path.read_text("utf-8").startswith("scenario:"):
            place = root / path.relative_to(SHIPPED)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
    ours = [path for path in sorted(SHIPPED.rglob("*.yaml")) if path.read_text("utf-8").startswith("scenario:")]
    paths: list[Path] = []
    mistakes: dict[Path, str] = {}
    for number in range(count):
        shelf = f"{ADJECTIVES[number // SHARING % 20]}-{number // SHARING}"
        path = root / shelf / f"errand-{number}.yaml"
        if not path.parent.exists():
            _modules(root, shelf)
            path.parent.mkdir()
        if draw.random() < varied:
            text = _varied(draw.choice(ours), number, draw)
        else:
            text = _invented(number, shelf, draw)
        if draw.random() < mistaken and _GO.search(text):
            text, mistakes[path] = _misspelt(text, draw)
        path.write_text(text, "utf-8")
        paths.append(path)
    return Shelf(root, tuple(paths), mistakes)


def _modules(root: Path, shelf: str) -> None:
    place = shelf.replace("-", " ").title()
    for folder, text in (("acts", ACTS), ("personas", PERSONAS), ("concerns", CONCERNS), ("words", WORDS)):
        (root / folder).mkdir(exist_ok=True)
        (root / folder / f"{shelf}.yaml").write_text(text.format(place=place), "utf-8")


def _varied(path: Path, number: int, draw: random.Random) -> str:
    """A scenario that ships, under names of its own: those that no module of its speaks of."""
    text = path.read_text("utf-8")
    modules = (other.read_text("utf-8") for other in SHIPPED.rglob("*.yaml"))
    taken = set(re.findall(r"\w+", "".join(it for it in modules if not it.startswith("scenario:"))))
    declared = re.findall(r"^  (?:  )?([a-z]\w*):", text, re.M) + re.findall(r"^    ([A-Z][A-Z_]+):", text, re.M)
    for name in sorted(set(declared) - taken - KEYS - RESERVED):
        new = f"{name}_{draw.choice(NOUNS)}" if name.islower() else f"{name}_{draw.choice(NOUNS).upper()}"
        text = re.sub(rf"(?<![\w-]){name}(?![\w-])", new, text)
    return re.sub(r"^scenario: (\S+)$", rf"scenario: \1-{number}", text, count=1, flags=re.M)


def _words() -> Iterator[str]:
    """The words of the file format: keys and choices."""
    todo: list[Shape | None] = [SCENARIO, MODULE]
    seen: set[int] = set()
    while todo:
        shape = todo.pop()
        if id(shape) in seen:  # a state holds states
            continue
        seen.add(id(shape))
        match shape:
            case Line(choices=choices):
                yield from choices
            case Each(item=inner) | Names(value=inner):
                todo.append(inner)
            case Record(keys=keys, rest=rest):
                yield from (key.name for key in keys)
                todo += [*(key.shape for key in keys), rest]
            case Forms():
                todo += [shape.line, shape.list, shape.map]


KEYS = frozenset([*_words(), "user"])
"""What stays as it is when a scenario is varied."""


_GO = re.compile(r"\bgo: ([A-Z_]+)")


def _misspelt(text: str, draw: random.Random) -> tuple[str, str]:
    """The text with one state misspelt in a transition."""
    goes = list(_GO.finditer(text))
    hit = draw.choice(goes)
    wrong = hit[1] + "_X"
    return text[: hit.start(1)] + wrong + text[hit.end(1) :], wrong


def _invented(number: int, shelf: str, draw: random.Random) -> str:
    """An errand."""
    nouns = draw.sample(NOUNS, 6)
    adjective = draw.choice(ADJECTIVES)
    price, stock, wait = f"{adjective}_{nouns[0]}", f"{nouns[1]}_left", f"{nouns[2]}_late"
    limit, task, wish = f"most_{nouns[3]}", f"{adjective}_{nouns[4]}", f"wants_{nouns[5]}"
    moved, grew = f"{nouns[0]}.moved", f"{nouns[2]}.grew"
    step = draw.choice([10, 20, 30])
    money = f"money(EUR) 0 EUR..{step * draw.randint(20, 30)} EUR step {step} EUR"
    late = f"duration 0m..{draw.randint(6, 12)}0m step 10m"
    deeds = draw.sample(DEEDS, 5)
    yes, no = f"{deeds[0]}_{nouns[1]}", f"{deeds[1]}_{nouns[1]}"
    opening, second, other = f"{deeds[2]}_{nouns[3]}", f"{deeds[3]}_{nouns[3]}", f"{deeds[4]}_{nouns[5]}"
    stages = draw.sample(STAGES, draw.randint(3, 5))
    good, bad = f"{draw.choice(STAGES)}_{nouns[4].upper()}", f"LOST_{nouns[4].upper()}"
    mins, n = draw.randint(2, 50), draw.randint(1, 8)

    def amount() -> str:
        return f"{step * draw.randint(3, 12)} EUR"

    def guard() -> str:
        return draw.choice(
            [
                f"{price} <= {limit}",
                f"{price} <= {limit} and {stock} > {draw.randint(0, 3)}",
                f"{price} > {amount()} or {wait} >= {draw.randint(1, 5)}0m",
                f"{wish} is {side()} and {price} <= {limit} + {amount()}",
                f"not once user.{no} and {stock} in {draw.randint(0, 2)}..{draw.randint(4, 8)}",
                f"({price} <= {limit} or {stock} < {draw.randint(2, 6)}) and {wait} < {draw.randint(2, 6)}0m",
                f"user.resistance < {draw.randint(2, 5)}",
                f"once user.{second} since user.{opening}",
                f"{wish} in {{cost, effort}} and {wait} != {draw.randint(0, 5)}0m",
                f"task.{task} is {draw.choice(stages)} and {stock} >= {draw.randint(1, 5)}",
            ]
        )

    def side() -> str:
        return draw.choice(["cost", "effort", "timing"])

    lines = [
        f"scenario: errand-{number}",
        f"about: Somebody in {shelf} has an errand about a {nouns[0]} and a {nouns[3]}, and changes her mind about the {nouns[1]}.",
        f"domain: {shelf}",
        f"family: errand-{number % 7}",
        f"horizon: {draw.randint(5, 30)}h",
        f"turns: {draw.randint(8, 24)}",
        f"pace: {draw.randint(1, 5)}0s",
        f"uses: [acts/{shelf}, personas/{shelf}, concerns/{shelf}, words/{shelf}]",
        "",
        "parameters:",
        f"  {wish}: side",
        f"  purse: {money}                     # what there is to spend",
        "",
        "world:",
        f"  {price}: {money} = {step * draw.randint(5, 15)} EUR",
        f"  {stock}: int 0..9 = {draw.randint(1, 9)}",
        f"  {wait}: {late} = 0m",
        "",
        "events:",
        f"  {moved}: {{to: {money}}}",
        f"  {grew}: {{by: duration 10m..30m step 10m}}",
        "",
        "stream:",
        f"  - {{every: {draw.randint(2, 5)}0m +- 10m, emit: {grew}, with: {{by: 10m..30m}}, set: {{{wait}: {wait} + by}}}}",
        f"  - {{every: {draw.randint(1, 3)}h +- 20m, emit: {moved}, with: {{to: {price} +- {step} EUR}}, set: {{{price}: to}}}}",
        f"  - at: {draw.randint(2, 4)}h",
        f"    if: {wish} is {side()} or {stock} > {draw.randint(1, 8)}",
        f"    emit: {moved}",
        f"    with: {{to: {limit} - {step} EUR}}",
        f"    set: {{{price}: to}}",
        "",
        "agent:",
        "  role: >-",
        f"    You look after an errand about a {nouns[0]}. Wait until it fits, and offer it only then. If there is a worry,",
        "    ask about it first. Close the errand once it is agreed.",
        f"  wakes: [user, result, {moved}]",
        "  acts:",
        f"    look_up: {{returns: [{price}, {stock}], takes: {draw.randint(1, 9)}s}}",
        "",
        "user:",
        "  persona: resident",
        f"  needs: A {nouns[0]} that fits the purse.",
        "  moves:",
        f"    {opening}: {{limit: {money}}}",
        f"    {second}: {{limit: {money}}}",
        f"    {yes}: {{}}",
        f"    {no}: {{}}",
        f"    {other}: {{}}",
        f"  opens: {{do: {opening}, with: {{limit: purse}}}}",
        "  replies:",
        f"    - {{to: agent.offer(price > {limit}), do: {no}}}",
        f'    - {{to: agent.offer, if: "{guard()}", do: {yes}}}',
        f'    - {{to: agent.offer, if: "{guard()}", chance: {draw.randint(1, 9)}0%, do: {no}}}',
        f"    - {{to: agent.ask(about == {wish}), do: {other}}}",
        f"    - {{to: agent.reassure, if: concern.promise is eased, do: {other}}}",
        "",
        "concerns:",
        "  promise:",
        f"    surfaces: agent.ask(about == {side()}) and {price} > {amount()}",
        "    eased: agent.reassure and concern.promise is voiced",
        "",
        "tasks:",
        f"  {task}:",
        f"    slots: {{{limit}: {money} = purse}}",
    ]
    for index, stage in enumerate(stages):
        after = stages[index + 1] if index + 1 < len(stages) else good
        looked = f"      - {{when: agent.look_up, go: {after}}}"
        lines += [
            f"    {stage}:",
            f"      - {{when: user.{second}, set: {{{limit}: limit}}}}" if index else looked,
            f'      - {{when: user.{yes}, if: "{guard()}", go: {after}}}',
            f"      - {{after: {mins + index}m, go: {bad}}}",
        ]
    lines += [
        f"    {good}: {{end: good}}",
        f"    {bad}: {{end: bad}}",
        "",
        "triggers:",
        f"  fits_{nouns[0]}:",
        f"    when: ({guard()}) for {draw.randint(2, 20)}m",
        f"    until: {price} > {limit}",
        f"    within: {draw.randint(1, 5)} turns",
        f"    expect: agent.offer(price <= {limit})",
        "    otherwise: agent.keep_silent",
        "    again: yes",
        f"  close_{nouns[4]}:",
        f"    when: user.{yes}",
        f"    within: {draw.randint(1, 2)} turns",
        "    expect: agent.finish",
        "",
        "shifts:",
        f"  less_{nouns[3]}:",
        f"    when: agent.offer and task.{task} is {stages[1]} and {guard()}",
        f"    chance: {draw.randint(1, 9)}0%",
        f"    as: user.{second}",
        f"    with: {{limit: {limit} - {step} EUR}}",
        "",
        "words:",
        f"  user.{opening}:",
        f'    - "Please find me a {nouns[0]} for {{{{ limit | money }}}} or less."',
        f'    - "{{{{ persona.greeting }}}} I need a {nouns[0]}. It may cost {{{{ limit | money }}}}."',
        f'  user.{second}: "On second thought, {{{{ limit | money }}}} at the most."',
        f'  user.{yes}: "Yes, I take the {nouns[0]}."',
        f'  user.{no}: "No, leave the {nouns[0]}."',
        f'  user.{other}: "The {nouns[5]} is what matters."',
        f'  {moved}: "A {nouns[0]} now costs {{{{ to | money }}}}."',
        f'  {grew}: "It takes {{{{ by | duration }}}} longer."',
        "",
        "rules:",
        f"  never_presumes: never (agent.finish and not once user.{yes})",
        f"  never_dear: never (agent.offer and {price} > {limit} + {amount()})",
        "",
        "check:",
        f"  can_be_done: winnable task.{task} is {good} within {draw.randint(2, 5)}h",
        f"  can_be_lost: possible task.{task} is {bad}",
        f"  agreed: always (task.{task} is {good} implies once user.{yes})",
        f"  number_{n}: never (trigger.fits_{nouns[0]} is open and {stock} > {n} and {wait} > {draw.randint(3, 5)}0m)",
        "",
    ]
    return "\n".join(lines)

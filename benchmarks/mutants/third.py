"""A third batch of kinds, written before it was run once: slips of meaning that somebody who tests the messages would plant.

Each edit leaves a file that reads well. What is wrong is that two things do not belong together: a field and its event, a person
and a move, a member and its type, a wake-up and the trigger that waits for it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise

from benchmarks.mutants.library import File, Library, Spot, fits, is_guard, is_pattern, is_template
from benchmarks.mutants.mutant import Mutant, edit, kind, plain, without
from benchmarks.mutants.naming import expressions
from benchmarks.mutants.structure import transition


def fields(library: Library, file: File) -> dict[str, set[str]]:
    """The fields of each event and move around a file, by its last name."""
    out: dict[str, set[str]] = {}
    for other in library.around(file):
        for spot in other.spots:
            if (
                fits(spot.path, "events", "*")
                or fits(spot.path, "**", "moves", "*")
                or fits(spot.path, "**", "acts", "*")
            ):
                inner = other.at.get((*spot.path, "with")) if "acts" in spot.path else spot
                names = {one.name for one in other.children(inner)} if inner is not None else set()
                out.setdefault(spot.name.rpartition(".")[2], set()).update(names)
    return out


def enums(library: Library, file: File) -> dict[str, list[str]]:
    """The members of the values that are one of some words, by the name of the value."""
    out: dict[str, list[str]] = {}
    for section in ("parameters", "world"):
        for name, spot in library.declared(file, section, "*").items():
            match = re.match(r"one of ([a-z_]+(?: \| [a-z_]+)+)", spot.text)
            if match:
                out[name] = match[1].split(" | ")
    return out


@kind("third: field of another event")
def field_of_another(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        known = fields(library, file)
        for match in re.compile(r"\b\w+\.(\w+)\((\w+) (?:<=|>=|==|<|>|in)").finditer(file.text, spot.start, spot.end):
            own = known.get(match[1], set())
            others = sorted(set().union(*known.values()) - own)
            if match[2] in own and others:
                yield edit(library, "third: field of another event", file, *match.span(2), rng.choice(others))


@kind("third: wrong person before a move")
def wrong_person(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        moves = {s.name for f in library.around(file) for s in f.spots if fits(s.path, "**", "moves", "*")}
        acts = {s.name for f in library.around(file) for s in f.spots if fits(s.path, "**", "acts", "*")}
        for start, end in plain(file, spot):
            for match in re.compile(r"\b(user|agent)\.(\w+)").finditer(file.text, start, end):
                there = moves if match[1] == "user" else acts
                here = acts if match[1] == "user" else moves
                if match[2] in there and match[2] not in here:
                    new = "agent" if match[1] == "user" else "user"
                    yield edit(library, "third: wrong person before a move", file, *match.span(1), new)


@kind("third: chance of nothing")
def chance_of_nothing(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """What never happens, or always does, is no chance."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "chance" and spot.kind == "scalar":
                yield edit(library, "third: chance of nothing", file, spot.start, spot.end, "0%")


@kind("third: history of an end")
def history_of_an_end(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "end" and spot.path[0] == "tasks":
                yield edit(library, "third: history of an end", file, spot.end, spot.end, ", history: deep")


@kind("third: concern that needs itself")
def needs_itself(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "concerns", "*", "story") and spot.style != "block":
                at = file.text.rfind("\n", 0, spot.key[0] if spot.key else spot.start) + 1
                new = f"    needs: [{spot.up}]\n"
                if not file.text[at : spot.key[0] if spot.key else at].strip():
                    yield edit(library, "third: concern that needs itself", file, at, at, new)


@kind("third: member where a state is")
def member_for_state(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        members = [m for some in enums(library, file).values() for m in some] or ["positive"]
        for match in re.compile(r"\btask\.\w+ is (?:not )?([A-Z]\w+)").finditer(file.text, spot.start, spot.end):
            yield edit(library, "third: member where a state is", file, *match.span(1), rng.choice(members))


@kind("third: member of another value")
def member_of_another(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        known = enums(library, file)
        for match in re.compile(r"\b(\w+) (?:==|!=) ([a-z_]\w*)").finditer(file.text, spot.start, spot.end):
            own = known.get(match[1], [])
            others = [m for some in known.values() for m in some if m not in own] or ["gold"]
            if match[2] in own:
                yield edit(library, "third: member of another value", file, *match.span(2), rng.choice(others))


@kind("third: wake-up left out", deep=True)
def wake_up_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """What a trigger waits for gives the agent no turn."""
    for file in library.mutable:
        wakes = [s for s in file.spots if fits(s.path, "agent", "wakes", "*")]
        for spot in wakes:
            near = tuple(file.line(s.start) for s in file.spots if s.path[:1] == ("triggers",))
            if len(wakes) > 1 and spot.text != "result":
                yield without(library, "third: wake-up left out", file, spot, also=near)


@kind("third: wake-up twice")
def wake_up_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "agent", "wakes", "*") and spot.flow:
                yield edit(library, "third: wake-up twice", file, spot.end, spot.end, f", {spot.text}")


@kind("third: arguments swapped")
def arguments_swapped(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Two values given under each other's names, where their kinds differ."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.name not in ("with", "set") or spot.kind != "map":
                continue
            inner = [s for s in file.children(spot) if s.kind == "scalar"]
            for one, two in pairwise(inner):
                if _sort(one.text) != _sort(two.text) and None not in (_sort(one.text), _sort(two.text)):
                    new = two.text + file.text[one.end : two.start] + one.text
                    yield edit(library, "third: arguments swapped", file, one.start, two.end, new)


def _sort(text: str) -> str | None:
    for name, pattern in {
        "money": r"[\d ]+ EUR(\.\..*)?",
        "time": r"\d+(s|m|h|d)(\.\..*)?",
        "yes": r"yes|no",
        "int": r"\d+(\.\.\d+)?",
    }.items():
        if re.fullmatch(pattern, text):
            return name
    return None


@kind("third: amount where a trigger waits")
def amount_for_trigger(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        amounts = [
            n for n, s in library.declared(file, "world", "*").items() if re.match(r"money|int|duration", s.text)
        ]
        for spot in file.spots:
            if fits(spot.path, "triggers", "*", "when") and spot.style == "plain" and amounts:
                new = rng.choice(amounts)
                yield edit(library, "third: amount where a trigger waits", file, spot.start, spot.end, new)


@kind("third: again for a length of time")
def again_for_a_time(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("triggers",) and spot.name in ("again", "within") and spot.kind == "scalar":
                new = "2h" if spot.name == "again" else rng.choice(("yes", "6 EUR", "user.accept"))
                yield edit(library, "third: again for a length of time", file, spot.start, spot.end, new)


@kind("third: expects what a person does")
def expects_a_person(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        moves = sorted(s.name for f in library.around(file) for s in f.spots if fits(s.path, "user", "moves", "*"))
        for spot in file.spots:
            if fits(spot.path, "triggers", "*", "expect") and spot.kind == "scalar" and moves:
                new = f"user.{rng.choice(moves)}"
                yield edit(library, "third: expects what a person does", file, spot.start, spot.end, new)


@kind("third: placeholder of another move")
def placeholder_of_another(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        known = fields(library, file)
        for spot in file.spots:
            if is_template(spot) and spot.style != "block":
                move = str(spot.path[1]).rpartition(".")[2]
                own = known.get(move, set())
                others = sorted(set().union(*known.values(), {"price"}) - own - set(_told(library, file)))
                for match in re.compile(r"\{\{? ?(\w+)").finditer(file.text, spot.start, spot.end):
                    if match[1] in own and others:
                        new = rng.choice(others)
                        yield edit(library, "third: placeholder of another move", file, *match.span(1), new)


def _told(library: Library, file: File) -> Iterator[str]:
    for section in ("parameters", "world"):
        yield from library.declared(file, section, "*")
    yield from library.declared(file, "tasks", "*", "slots", "*")


@kind("third: person makes an act of the agent")
def person_acts(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        acts = sorted(s.name for f in library.around(file) for s in f.spots if fits(s.path, "**", "acts", "*"))
        moves = {s.name for f in library.around(file) for s in f.spots if fits(s.path, "**", "moves", "*")}
        free = [name for name in acts if name not in moves]
        for spot in file.spots:
            made = spot.name == "do" and spot.kind == "scalar" and spot.path[0] in ("user", "cast")
            if made and free and re.fullmatch(r"\w+", spot.text) and spot.text != "nothing":
                yield edit(
                    library, "third: person makes an act of the agent", file, spot.start, spot.end, rng.choice(free)
                )


@kind("third: count of a value")
def count_of_a_value(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in _conditions(library):
        values = sorted(library.declared(file, "world", "*")) or sorted(library.declared(file, "parameters", "*"))
        for match in re.compile(r"\b(?:count|once|earlier)[ (]+((?:user|agent)\.\w+)").finditer(
            file.text, spot.start, spot.end
        ):
            if values:
                yield edit(library, "third: count of a value", file, *match.span(1), rng.choice(values))


def _conditions(library: Library) -> Iterator[tuple[File, Spot]]:
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) or is_pattern(spot):
                yield file, spot


@kind("third: yes for an amount")
def yes_for_an_amount(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        amounts = {
            n for n, s in library.declared(file, "world", "*").items() if re.match(r"money|int|duration", s.text)
        }
        for spot in file.spots:
            if spot.up == "set" and spot.kind == "scalar" and spot.name in amounts:
                yield edit(library, "third: yes for an amount", file, spot.start, spot.end, "yes")


@kind("third: two states at once", deep=True)
def two_states_at_once(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A claim that asks for two states of one task."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] != ("check",) or len(spot.path) != 2 or spot.kind != "scalar":
                continue
            match = re.compile(r"(?:possible|winnable) (task\.(\w+) is ([A-Z]\w+))$").search(spot.text)
            ends = [s.up for f in library.around(file) for s in f.spots if s.name == "end" and s.path[0] == "tasks"]
            others = [name for name in ends if match and name != match[3]]
            if match and others:
                new = f" and task.{match[2]} is {others[0]}"
                yield edit(library, "third: two states at once", file, spot.end, spot.end, new)


@kind("third: line of a state without its event", deep=True)
def event_nobody_makes(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A move is declared, a line waits for it, and no reply makes it."""
    for file in library.mutable:
        owner = file.at.get(("user", "moves"))
        if owner is None or owner.style != "block":
            continue
        at = file.text.rfind("\n", 0, owner.start) + 1
        margin = owner.start - at
        for spot in file.spots:
            if transition(spot) and (*spot.path, "when") in file.at:
                when = file.at[(*spot.path, "when")]
                if re.fullmatch(r"user\.\w+", when.text) and at < when.start:
                    text = file.text[at : when.start]
                    new = f"{' ' * margin}wave: {{}}\n{text}user.wave"
                    yield edit(library, "third: line of a state without its event", file, at, when.end, new)

"""Mistakes that only the whole shows: names that collide, ends that nobody reaches, claims that do not hold."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from benchmarks.mutants.library import Library, fits, is_declaration, is_guard
from benchmarks.mutants.mutant import Mutant, edit, kind, without
from benchmarks.mutants.structure import keyed, transition


@kind("name declared in two sections")
def declared_in_two_sections(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A line more, whose name is that of something else. Either of the two may be blamed."""
    for file in library.mutable:
        names = {s.name: s for s in file.spots if fits(s.path, "parameters", "*") or fits(s.path, "world", "*")}
        people = [s.name for s in file.spots if fits(s.path, "cast", "*")]
        for section in ("world", "parameters"):
            owner = file.at.get((section,))
            if owner is None:
                continue
            at = file.text.rfind("\n", 0, owner.start) + 1
            start = "" if section == "parameters" else " = no"
            for name in [n for n, s in names.items() if s.path[0] != section] + people:
                also = _mentions(file.text, name)
                yield edit(
                    library, "name declared in two sections", file, at, at, f"  {name}: yes/no{start}\n", also=also
                )


def _mentions(text: str, name: str) -> tuple[int, ...]:
    return tuple(n for n, line in enumerate(text.splitlines(), 1) if re.search(rf"\b{name}\b", line))


@kind("assigned where it may not be")
def assigned_where_not(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A parameter, or somebody's mood, is changed by a line that may not."""
    for file in library.mutable:
        parameters = sorted(library.declared(file, "parameters", "*"))
        for spot in file.spots:
            if spot.up == "set" and spot.key and parameters:
                yield edit(library, "assigned where it may not be", file, *spot.key, rng.choice(parameters))


@kind("argument left out")
def argument_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.up == "with" and spot.path[0] in ("user", "cast", "stream", "shifts") and spot.kind == "scalar":
                yield without(library, "argument left out", file, spot)


@kind("transition that goes nowhere")
def goes_nowhere(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if transition(spot) and (*spot.path, "go") in file.at and (*spot.path, "set") not in file.at:
                yield without(library, "transition that goes nowhere", file, file.at[(*spot.path, "go")])


@kind("transition without an occasion")
def without_occasion(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if transition(spot):
                for key in ("when", "after"):
                    if (*spot.path, key) in file.at and (*spot.path, "if") not in file.at:
                        yield without(library, "transition without an occasion", file, file.at[(*spot.path, key)])


@kind("transition with two occasions")
def two_occasions(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if transition(spot) and (*spot.path, "when") in file.at:
                yield edit(library, "transition with two occasions", file, spot.end - 1, spot.end - 1, ", after: 5m")
            if spot.path[:1] == ("stream",) and len(spot.path) == 2 and spot.style == "flow":
                extra = ", at: 1h" if (*spot.path, "every") in file.at else ", every: 1h"
                yield edit(library, "transition with two occasions", file, spot.end - 1, spot.end - 1, extra)


@kind("goes on after the end")
def goes_on_after_end(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "end" and spot.path[0] == "tasks":
                states = [
                    s.name for s in file.spots if s.path[:2] == spot.path[:2] and len(s.path) == 3 and s.name != "slots"
                ]
                yield edit(
                    library,
                    "goes on after the end",
                    file,
                    spot.end,
                    spot.end,
                    f", do: [{{after: 5m, go: {states[0]}}}]",
                )


@kind("claim turned round", deep=True)
def claim_turned_round(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A claim that holds says its opposite."""
    turned = {"possible": "never", "winnable": "never", "never": "possible", "always": "never"}
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("check",) and len(spot.path) == 2:
                match = re.compile(r"(possible|winnable|never|always)\b").match(file.text, spot.start)
                if (
                    match
                    and not (match[1] in ("winnable", "possible") and "within" in spot.text)
                    and "implies" not in spot.text
                ):
                    yield edit(library, "claim turned round", file, *match.span(), turned[match[1]])


@kind("condition that never holds", deep=True)
def never_holds(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) and spot.name in ("if", "when") and spot.path[0] in ("tasks", "user", "cast", "triggers"):
                new = "no" if spot.name == "if" else f"({spot.text}) and no"
                if spot.style == "plain" and '"' not in spot.text:
                    yield edit(library, "condition that never holds", file, spot.start, spot.end, new)


@kind("condition that contradicts itself", deep=True)
def contradicts_itself(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) and spot.path[0] in ("tasks", "user", "triggers", "cast") and spot.style == "plain":
                match = re.search(
                    r"\b(fare|delay|trust|cooperation|emotion|seats) (<=|>=|<|>) ([\w.]+(?: EUR)?)", spot.text
                )
                if match and not re.search(r" or ", spot.text):
                    other = {"<=": ">", ">=": "<", "<": ">=", ">": "<="}[match[2]]
                    at = file.text.find(match[0], spot.start)
                    new = f"({match[0]} and {match[1]} {other} {match[3]})"
                    yield edit(library, "condition that contradicts itself", file, at, at + len(match[0]), new)


@kind("later than the story lasts", deep=True)
def later_than_the_story(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.kind == "scalar" and spot.name in ("at", "after", "every") and spot.path[0] in ("stream", "tasks"):
            yield edit(library, "later than the story lasts", file, spot.start, spot.end, "900d")


@kind("state that nobody reaches", deep=True)
def nobody_reaches(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The only transition into a state is gone."""
    for file in library.mutable:
        if library.users[file.name] != file.name:
            continue
        goes = [s for s in file.spots if s.name == "go" and s.path[0] == "tasks"]
        for spot in goes:
            if sum(s.text == spot.text and s.path[1] == spot.path[1] for s in goes) == 1:
                line = file.at[spot.path[:-1]]
                state = next((s for s in file.spots if s.name == spot.text and s.path[:2] == spot.path[:2]), None)
                owner = file.owner(state) if state is not None else None
                if state is None or owner is None or file.children(owner)[0] == state:
                    continue  # begun in, or led to by the lines of a module
                also = (file.line(state.start),)
                yield without(
                    library, "state that nobody reaches", file, line, also=also + _mentions(file.text, spot.text)
                )


@kind("end that is none", deep=True)
def end_that_is_none(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The good end does not end anything."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "end" and spot.text == "good":
                owner = file.owner(spot)
                assert owner is not None
                yield edit(
                    library,
                    "end that is none",
                    file,
                    owner.start,
                    owner.end,
                    "{}",
                    also=_mentions(file.text, str(spot.path[-2])),
                )


@kind("good end made bad", deep=True)
def good_end_made_bad(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """No run can end well any more."""
    for file in library.mutable:
        if sum(s.name == "end" and s.text == "good" for s in file.spots) == 1 and not any(
            s.name == "if_over" for s in file.spots
        ):
            for spot in file.spots:
                if spot.name == "end" and spot.text == "good":
                    yield edit(
                        library,
                        "good end made bad",
                        file,
                        spot.start,
                        spot.end,
                        "bad",
                        also=_mentions(file.text, str(spot.path[-2])),
                    )


# legal variants: counted apart


@kind("bound moved by one", legal=True)
def bound_moved(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) and spot.path[0] != "check":
                for match in re.compile(r"<=|>=").finditer(file.text, spot.start, spot.end):
                    yield edit(library, "bound moved by one", file, *match.span(), match[0][0])


@kind("line taken out", legal=True)
def line_taken_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "**", "replies", "*") or (transition(spot) and spot.path[-1] != 0):
                yield without(library, "line taken out", file, spot)


@kind("description changed", legal=True)
def description_changed(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.name in ("about", "needs", "story", "background")
                and spot.style == "plain"
                and not is_declaration(spot)
            ):
                yield edit(library, "description changed", file, spot.start, spot.end, "Something else - altogether.")

"""The fourth batch, third part: names that are renamed in one place only, and machines that do not work."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.mutants.library import File, Library, Spot, fits, is_guard
from benchmarks.mutants.mutant import Mutant, edit, kind, without
from benchmarks.mutants.naming import _code
from benchmarks.mutants.structure import transition


def mentions(library: Library, file: File, name: str) -> tuple[tuple[int, ...], frozenset[tuple[str, int]]]:
    """The lines that speak of a name: of this file, and of the files around it."""
    pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    lines = {
        f: [n for n, line in enumerate(_code(f.text).splitlines(), 1) if pattern.search(line)]
        for f in library.around(file)
    }
    here = tuple(lines.get(file, ()))
    return here, frozenset((f.name, n) for f, found in lines.items() if f is not file for n in found)


def declarations(library: Library) -> Iterator[tuple[File, Spot]]:
    """Whatever has a name that others speak of."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.key is None:
                continue
            if (
                (
                    len(spot.path) == 2
                    and spot.path[0]
                    in (
                        "world",
                        "parameters",
                        "events",
                        "types",
                        "acts",
                        "personas",
                        "tasks",
                        "triggers",
                        "shifts",
                        "recordings",
                    )
                )
                or fits(spot.path, "**", "moves", "*")
                or fits(spot.path, "**", "slots", "*")
                or fits(spot.path, "**", "stance", "*")
                or fits(spot.path, "**", "moves", "*", "*")
                or fits(spot.path, "events", "*", "*")
                or fits(spot.path, "personas", "*", "traits", "*")
                or (spot.path[0] == "tasks" and spot.name.isupper())
            ):
                yield file, spot


@kind("fourth: renamed where it is declared")
def renamed(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A declaration gets another name, and whoever speaks of it is left behind. The declaration and its users are the place."""
    for file, spot in declarations(library):
        last = spot.name.rpartition(".")[2]
        same = [
            s for f in library.around(file) for s in f.spots if s.name == spot.name and s.key and s.path != spot.path
        ]
        here, there = mentions(library, file, last if "." not in spot.name else spot.name)
        code = [n for n in here if n != file.line(spot.start)]
        if same or not (code or there):
            continue
        if spot.path[0] in ("triggers", "shifts", "tasks") and len(spot.path) == 2 and not _asked(library, file, spot):
            continue  # nobody asks for it by this name, so any other is as good
        new = "OTHERWISE_NAMED" if spot.name.isupper() else "otherwise_named"
        assert spot.key
        made = edit(library, "fourth: renamed where it is declared", file, *spot.key, new, also=here)
        yield replace(made, elsewhere=there)


def _asked(library: Library, file: File, spot: Spot) -> bool:
    """Whether somebody asks for a machine by its name, or another file adds to it."""
    asked = re.compile(
        rf"\b(task|trigger|shift)\.{spot.name}\b|matches {spot.name}\b|(after|undoes|instead_of): {spot.name}\b"
    )
    return any(asked.search(_code(f.text)) for f in library.around(file))


@kind("fourth: member of a type renamed")
def member_renamed(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.kind == "scalar"
                and spot.text.startswith("one of ")
                and spot.path[0] in ("types", "parameters", "acts")
            ):
                for match in re.compile(r"(?<=[ |])[a-z]\w*(?= \||\s*$|\s*#)").finditer(
                    file.text, spot.start, spot.end
                ):
                    here, there = mentions(library, file, match[0])
                    used = [
                        n
                        for n in here
                        if n != file.line(spot.start)
                        and re.search(rf"== {match[0]}|is {match[0]}|: {match[0]}", file.text.splitlines()[n - 1])
                    ]
                    if match[0] not in ("one", "of") and used:
                        made = edit(
                            library, "fourth: member of a type renamed", file, *match.span(), "quite_other", also=here
                        )
                        yield replace(made, elsewhere=there)


@kind("fourth: done where nothing is inside")
def done_of_nothing(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if transition(spot) and (*spot.path, "when") in file.at:
                owner = file.at[spot.path[:-1]]
                state = file.owner(owner) if owner.name == "do" else owner
                if state is not None and not any((*state.path, key) in file.at for key in ("states", "regions")):
                    when = file.at[(*spot.path, "when")]
                    yield edit(library, "fourth: done where nothing is inside", file, when.start, when.end, "done")


@kind("fourth: end of a region at the top")
def done_at_top(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "tasks", "*", "*", "end"):
                yield edit(library, "fourth: end of a region at the top", file, spot.start, spot.end, "done")


@kind("fourth: history where nothing is inside")
def history_of_nothing(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            plain_state = not any((*spot.path[:-1], key) in file.at for key in ("states", "regions"))
            if plain_state and spot.name == "if_over" and spot.style == "plain" and not spot.flow:
                margin = file.text[file.text.rfind("\n", 0, spot.start) + 1 : spot.key[0] if spot.key else spot.start]
                end = file.text.find("\n", spot.end) + 1
                yield edit(
                    library, "fourth: history where nothing is inside", file, end, end, f"{margin}history: deep\n"
                )


@kind("fourth: state of another task")
def go_to_another_task(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A line goes to a state by its whole name, to the task, or to a trigger."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "go" and spot.kind == "scalar":
                task = spot.path[1]
                new = rng.choice(
                    (f"task.{task}.{spot.text}", f"task.{task}", f"{spot.text} | FAILED", f"{task}.{spot.text}")
                )
                yield edit(library, "fourth: state of another task", file, spot.start, spot.end, new)


@kind("fourth: broad reply before the narrow one", deep=True)
def broad_first(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Two neighbours change places, and the second is never looked at."""
    for file in library.mutable:
        for spot in file.spots:
            if not fits(spot.path, "**", "replies", "*") or spot.style != "flow" or not isinstance(spot.path[-1], int):
                continue
            after = file.at.get((*spot.path[:-1], spot.path[-1] + 1))
            if after is None or after.style != "flow":
                continue
            one, two = ({s.name: s.text for s in file.children(s)} for s in (spot, after))
            if (
                "if" not in two
                and "chance" not in two
                and ("if" in one or "chance" in one)
                and one["to"].startswith(two["to"])
            ):
                start, end = spot.entry[0], after.entry[1]
                new = file.text[after.entry[0] : after.entry[1]] + file.text[spot.entry[0] : spot.entry[1]]
                yield edit(library, "fourth: broad reply before the narrow one", file, start, end, new)


@kind("fourth: lasts longer than the story", deep=True)
def lasts_too_long(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """`for 900d`: the condition never holds so long."""
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) and spot.path[0] == "triggers":
                for match in re.compile(r"\bfor (\d+[smhd])\b").finditer(file.text, spot.start, spot.end):
                    yield edit(library, "fourth: lasts longer than the story", file, *match.span(1), "900d")


@kind("fourth: closes as it opens", deep=True)
def closes_as_it_opens(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """`until` says what `when` says, so the window never stays open."""
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "triggers", "*", "until"):
                when = file.at[(*spot.path[:-1], "when")]
                if re.search(r"[<>=]| is ", when.text):
                    new = file.raw(when)
                    yield edit(
                        library, "fourth: closes as it opens", file, spot.start, spot.end, re.sub(r" for \w+$", "", new)
                    )


@kind("fourth: shift tied to itself")
def shift_of_itself(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.path[:1] == ("shifts",)
                and spot.name in ("after", "undoes", "instead_of")
                and spot.kind == "scalar"
            ):
                yield edit(library, "fourth: shift tied to itself", file, spot.start, spot.end, spot.up)
                for new in ("never_told", "COMPLETED"):
                    yield edit(library, "fourth: shift tied to itself", file, spot.start, spot.end, new)


@kind("fourth: event's field is set")
def field_is_set(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """`set: {to: fare}` for `{fare: to}`."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.up == "set" and spot.kind == "scalar" and spot.key and re.fullmatch(r"[a-z]\w*", spot.text):
                new = f"{spot.text}: {spot.name}"
                yield edit(library, "fourth: event's field is set", file, spot.key[0], spot.end, new)


@kind("fourth: argument too many")
def argument_too_many(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.name == "with"
                and spot.style == "flow"
                and spot.path[0] in ("user", "cast", "stream", "shifts", "uses")
            ):
                yield edit(library, "fourth: argument too many", file, spot.end - 1, spot.end - 1, ", reason: 3")


@kind("fourth: argument for what takes none")
def argument_for_none(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.name in ("do", "emit", "as")
                and spot.kind == "scalar"
                and spot.flow
                and spot.path[0] in ("user", "cast", "stream")
            ) and (*spot.path[:-1], "with") not in file.at:
                yield edit(
                    library,
                    "fourth: argument for what takes none",
                    file,
                    spot.end,
                    spot.end,
                    ", with: {limit: 80 EUR}",
                )


@kind("fourth: likelier than certain")
def likelier_than_certain(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if "likely" in spot.path and spot.kind == "scalar":
                for new in ("140%", "-5%", "often"):
                    yield edit(library, "fourth: likelier than certain", file, spot.start, spot.end, new)


@kind("fourth: drawn from too few")
def drawn_from_few(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "draw":
                for new in ("7", "5..9", "2..1", "1 EUR", "half"):
                    yield edit(library, "fourth: drawn from too few", file, spot.start, spot.end, new)


@kind("fourth: too short a story", deep=True)
def too_short(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The story ends before anything in it can happen. What can no longer come may be shown as well."""
    for file in library.mutable:
        spot = file.at.get(("horizon",))
        if spot is not None:
            yield edit(library, "fourth: too short a story", file, spot.start, spot.end, "1s")


@kind("fourth: event that nothing makes any more", deep=True)
def never_made(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The only line that makes an event which others wait for is gone. Their lines may be shown, and the event's own."""
    for file in library.mutable:
        emits = [s for s in file.spots if s.name == "emit" or (s.name == "do" and s.path[0] in ("user", "cast"))]
        for spot in emits:
            owner = file.owner(spot)
            assert owner is not None
            name = spot.text
            if owner.name in ("opens", "on_entry") or sum(s.text == name for s in emits) > 1:
                continue
            if not any(is_guard(s) and re.search(rf"\b{re.escape(name)}\b", s.text) for s in file.spots):
                continue
            here, there = mentions(library, file, name)
            made = without(library, "fourth: event that nothing makes any more", file, owner, also=here)
            yield replace(made, elsewhere=there)


@kind("fourth: persona of the wrong sort")
def persona_wrong(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "persona" and spot.kind == "scalar":
                for new in (
                    "user",
                    "agent",
                    "interview",
                    "personas/commuters",
                    f"{spot.text}s",
                    "[commuter, traveller]",
                ):
                    yield edit(library, "fourth: persona of the wrong sort", file, spot.start, spot.end, new)


@kind("fourth: agent's role given to somebody")
def unknown_role(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "cast", "*", "role"):
                for new in ("agent", "customer", "users", "yes"):
                    yield edit(library, "fourth: agent's role given to somebody", file, spot.start, spot.end, new)


@kind("fourth: wakes on what is no event")
def wakes_on_nothing(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "agent", "wakes", "*"):
                for new in ("20m", "task.trip", "agent", "accept", "fare", "users", "silence"):
                    yield edit(library, "fourth: wakes on what is no event", file, spot.start, spot.end, new)


@kind("fourth: wording for nobody")
def wording_for_nobody(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Words for a person's act, an agent's move, a state, or without an owner."""
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "words", "*") and spot.key and re.match(r"(user|agent)\.", spot.name):
                who, _, what = spot.name.partition(".")
                new = rng.choice(
                    (f"{ {'user': 'agent', 'agent': 'user'}[who] }.{what}", what, f"persona.{what}", f"{who}_{what}")
                )
                yield edit(library, "fourth: wording for nobody", file, *spot.key, new)


@kind("fourth: limit of a claim is no time")
def limit_is_no_time(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("check",):
                for match in re.compile(r" within (\w+( turns)?)").finditer(file.text, spot.start, spot.end):
                    for new in ("30 EUR", "soon", "12", "-5m", "turns"):
                        yield edit(library, "fourth: limit of a claim is no time", file, *match.span(1), new)


# legal variants


@kind("fourth: unit of the same family", legal=True)
def same_family(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.name in ("after", "within", "takes", "pace") and re.fullmatch(r"\d+m", spot.text):
                yield edit(library, "fourth: unit of the same family", file, spot.end - 1, spot.end, "s")


@kind("fourth: weight changed", legal=True)
def weight_changed(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.name in ("weight", "lasts") and "concerns" in spot.path:
                yield edit(library, "fourth: weight changed", file, spot.start, spot.start + 1, "4")

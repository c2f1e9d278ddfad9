"""People and machines: numbers that count nobody, ties that cannot hold, words that a key does not know.

One value of one record each, chosen from what its key cannot read, or cannot keep.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.mutants.exchanges import entries
from benchmarks.mutants.library import Library, fits, is_declaration
from benchmarks.mutants.mutant import Mutant, edit, kind

WORDS = {
    "kind": ("speech", "say", "speaks", "action", "silence"),
    "if_over": ("fine", "success", "silent", "ok"),
    "end": ("success", "failure", "won", "final", "yes"),
    "history": ("full", "yes", "both"),
    "labels": ("data", "yes", "given"),
    "role": ("customer", "manager", "agent"),
    "view": ("everyone", "hidden", "private", "secret"),
    "proactive": ("maybe", "always", "1"),
    "staged": ("draft", "2", "sometimes"),
    "again": ("always", "2", "once"),
    "first": ("1", "always", "last"),
    "opens": ("first", "2"),
}


@kind("word that a key does not know")
def unknown_word(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """What says the same in English, or a number, for one of the few words that a key reads."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.kind != "scalar" or spot.name not in WORDS or spot.path[0] in ("words", "recordings", "uses"):
                continue
            if "with" in spot.path or (spot.name == "role" and spot.path[0] != "cast"):
                continue
            yield edit(
                library, "word that a key does not know", file, spot.start, spot.end, rng.choice(WORDS[spot.name])
            )


NOTHING = {
    "turns": ("0", "-4", "1.5", "many"),
    "horizon": ("0h", "-2h", "0", "forever"),
    "every": ("0m", "-10m", "10m +- 20m", "0m +- 0m"),
    "per_turn": ("up to 0 acts", "up to -1 acts", "2", "acts"),
    "lasts": ("0 turns", "-1 turns", "3", "turns"),
    "weight": ("-3", "heavy", "3.5.1", "30%%"),
    "chance": ("-10%", "101%", "40", "often"),
    "within": ("-1 turns", "turns", "-10m", "1 act"),
    "after": ("-1d", "soon", "1 turns ago", "d"),
    "at": ("-9d", "9", "tomorrow", "9 o'clock"),
    "takes": ("-2s", "2", "a while", "2 EUR"),
    "pace": ("-20s", "20", "slow", "20%"),
}


@kind("amount that no story can keep")
def no_amount(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Nothing or less where some is needed, a number without what it counts, a word for a number."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.kind != "scalar" or spot.name not in NOTHING or spot.path[0] in ("words", "recordings", "uses"):
                continue
            if "with" in spot.path or not re.search(r"\d", spot.text):
                continue
            if spot.name == "lasts" and spot.path[0] != "concerns":
                continue
            yield edit(
                library, "amount that no story can keep", file, spot.start, spot.end, rng.choice(NOTHING[spot.name])
            )


@kind("distribution that does not add up")
def distribution(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``likely`` below nothing, beyond the whole, of a value that there is not; ``draw`` of more than there are."""
    name = "distribution that does not add up"
    for file in library.mutable:
        for spot in entries(file):
            if spot.path[0] != "personas":
                continue
            if spot.name == "likely" and spot.kind == "scalar":
                news = ["-10%", "140%", "often", "40 EUR", "", "[40%]"]
            elif spot.name == "likely" and spot.kind == "map":
                first = file.children(spot)[0].name
                news = [
                    f"{{{first}: 130%}}",
                    f"{{{first}: -1}}",
                    f"{{{first}: 0}}",
                    "{nobody: 30%}",
                    f"{{{first}: often}}",
                    f"{{{first}: 30% 40%}}",
                    "{0..3: 30%}",
                    f"[{first}]",
                ]
            elif spot.name == "draw":
                news = ["4", "0..9", "2..1", "-1", "1.5", "one", "50%", "", "[1, 2]", "1..2..3"]
            elif fits(spot.path, "personas", "*", "constraints", "*"):
                news = [
                    "background is stranger implies patience is long",
                    "background is couple implies patience is endless",
                    "background is couple implies once user.accept",
                    "background is couple implies trip.place is hotel",
                    "background is couple and patience",
                    "couple implies long",
                    "never background is couple",
                    "",
                ]
            else:
                continue
            for new in news:
                yield edit(library, name, file, spot.start, spot.end, new)


@kind("concern with a line that cannot be")
def concern(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A tie to itself or to nobody, a move that is none, a weight that is none, a person who is not there."""
    name = "concern with a line that cannot be"
    for file in library.mutable:
        if ("scenario",) not in file.at:
            continue
        for spot in entries(file):
            if not fits(spot.path, "concerns", "*") or spot.style != "block":
                continue
            own = {s.name for s in file.children(spot)}
            for key, value in (
                ("excludes", f"[{spot.name}]"),
                ("excludes", "[worry_of_nobody]"),
                ("needs", "[worry_of_nobody]"),
                ("likely", "120%"),
                ("likely", "rather"),
                ("lasts", "soon"),
                ("weight", "heavy"),
                ("of", "neighbour"),
                ("as", "agent.probe"),
                ("as", "user.sing"),
                ("surfaces", "3"),
                ("eased", "perhaps"),
                ("hardens", "10m"),
                ("view", "agent"),
                ("with", "{about: cost}"),
            ):
                if key in own or (key == "with" and "as" in own):
                    continue
                indent = " " * (spot.start - file.text.rfind("\n", 0, spot.start) - 1)
                made = edit(library, name, file, spot.start, spot.start, f"{key}: {value}\n{indent}")
                yield replace(made, lines=frozenset({file.line(spot.start)}))


@kind("shift with a line that cannot be")
def shift(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A tie to itself or to nothing, no number of times, a move that is none."""
    for file in library.mutable:
        for spot in entries(file):
            if not fits(spot.path, "shifts", "*") or spot.style != "block":
                continue
            own = {s.name for s in file.children(spot)}
            for key, value in (
                ("times", "0"),
                ("times", "often"),
                ("times", "-1"),
                ("after", spot.name),
                ("undoes", "[second_change]"),
                ("instead_of", spot.name),
                ("of", "neighbour"),
                ("within", "2 turns"),
                ("do", "accept"),
                ("set", "{max_price: 3}"),
                ("if", "yes"),
            ):
                if key not in own:
                    indent = " " * (spot.start - file.text.rfind("\n", 0, spot.start) - 1)
                    made = edit(
                        library,
                        "shift with a line that cannot be",
                        file,
                        spot.start,
                        spot.start,
                        f"{key}: {value}\n{indent}",
                    )
                    yield replace(made, lines=frozenset({file.line(spot.start)}))


@kind("line into the region beside")
def region(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A line cannot go from one region into another beside it."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.name != "go" or "regions" not in spot.path:
                continue
            at = spot.path.index("regions")
            for other in file.spots:
                if (
                    len(other.path) == at + 3
                    and other.path[: at + 1] == spot.path[: at + 1]
                    and other.path[at + 1] != spot.path[at + 1]
                ):
                    yield edit(library, "line into the region beside", file, spot.start, spot.end, other.name)


@kind("state with a key that cannot be there")
def state_key(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Ends that go on, history of nothing, regions of nothing, slots in a state, an event in a state's head."""
    name = "state with a key that cannot be there"
    for file in library.mutable:
        for spot in entries(file):
            if not fits(spot.path, "tasks", "*", "*") or not spot.name.isupper() or spot.kind != "map":
                continue
            own = {s.name for s in file.children(spot)}
            for key, value in (
                ("history", "deep"),
                ("regions", "{}"),
                ("states", "{}"),
                ("slots", "{}"),
                ("when", "agent"),
                ("after", "10m"),
                ("go", spot.name),
                ("view", "agent"),
                ("on_entry", "{go: NOWHERE}"),
                ("on_exit", "{if: 3}"),
                ("end", "bad"),
            ):
                if key in own or ("regions" in own and key in ("history", "states")) or ("end" in own and key == "end"):
                    continue
                if spot.style == "flow":
                    yield edit(library, name, file, spot.start + 1, spot.start + 1, f"{key}: {value}, ")
                else:
                    indent = " " * (spot.start - file.text.rfind("\n", 0, spot.start) - 1)
                    made = edit(library, name, file, spot.start, spot.start, f"{key}: {value}\n{indent}")
                    yield replace(made, lines=frozenset({file.line(spot.start)}))


@kind("hidden thing handed to the agent")
def handed(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Resistance, a stance or a concern among what a result returns or what a condition of the agent may mention."""
    name = "hidden thing handed to the agent"
    for file in library.mutable:
        hidden = ["user.resistance", *library.declared(file, "user", "stance", "*")]
        hidden += [f"concern.{c}" for c in library.declared(file, "concerns", "*") if ("scenario",) in file.at][:2]
        for spot in entries(file):
            if spot.up == "returns" or spot.name == "wakes":
                for new in hidden:
                    if spot.name == "wakes":
                        yield edit(library, name, file, spot.end - 1, spot.end - 1, f", {new}")
                    else:
                        yield edit(library, name, file, spot.start, spot.end, new)
            elif spot.kind == "scalar" and spot.text.startswith("condition on "):
                for new in hidden:
                    yield edit(library, name, file, spot.end, spot.end, f" | {new}")


@kind("unit that leaves no room")
def unit(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The upper end of a range in a smaller unit, so that the step or the lower end does not fit."""
    smaller = {"h": "s", "d": "m", "m": "s"}
    for file in library.mutable:
        for spot in entries(file):
            if is_declaration(spot):
                match = re.compile(r"\.\.(\d+)([hdm])(?= step \d+[mdh])").search(file.text, spot.start, spot.end)
                if match:
                    yield edit(library, "unit that leaves no room", file, *match.span(2), smaller[match[2]])


@kind("range turned into what it is not")
def ranges(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A declaration's range with one end missing, three ends, equal ends beyond its start, its step before it, a second start."""
    for file in library.mutable:
        for spot in entries(file):
            if not is_declaration(spot) or spot.style != "plain":
                continue
            match = re.compile(r"(\d+(?: EUR|[smhd])?)\.\.(\d+(?: EUR|[smhd])?)").search(
                file.text, spot.start, spot.end
            )
            if match:
                news = [f"{match[1]}..", f"..{match[2]}", f"{match[0]}..{match[2]}", f"{match[1]} .. to {match[2]}"]
                news += [f"({match[0]})", f"{match[2]}", f"[{match[0]}]", f"{match[0]} {match[2]}"]
                yield edit(library, "range turned into what it is not", file, *match.span(), rng.choice(news))

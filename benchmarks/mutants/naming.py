"""Mistakes in names: what nobody has declared, and what was declared as something else."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.mutants.library import File, Library, Spot, fits, is_declaration, is_guard, is_pattern, is_value
from benchmarks.mutants.mutant import Mutant, edit, kind, plain, tokens, typo, without


def expressions(library: Library) -> Iterator[tuple[File, Spot]]:
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) or is_pattern(spot) or is_value(spot):
                yield file, spot


def people(library: Library, file: File) -> list[str]:
    return [s.name for f in library.around(file) for s in f.spots if fits(s.path, "cast", "*")] or ["user"]


def misspell(library: Library, name: str, file: File, start: int, end: int, rng: random.Random) -> Mutant:
    word = file.text[start:end]
    return edit(library, name, file, start, end, typo(word, library.words, rng), meant=word)


@kind("variable misspelt")
def variable_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        names = set(library.declared(file, "parameters", "*")) | set(library.declared(file, "world", "*"))
        names |= set(library.declared(file, "tasks", "*", "slots", "*")) | set(
            library.declared(file, "user", "stance", "*")
        )
        fields = {s.name for f in library.around(file) for s in f.spots if is_declaration(s)} - names
        for start, end in plain(file, spot):
            for match in re.compile(r"(?<![\w.])[a-z]\w+(?![\w(.])").finditer(file.text, start, end):
                if match[0] in names and match[0] not in fields:
                    yield misspell(library, "variable misspelt", file, *match.span(), rng)


@kind("variable unheard of")
def variable_unheard_of(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        names = set(library.declared(file, "parameters", "*")) | set(library.declared(file, "world", "*"))
        for start, end in plain(file, spot):
            for match in re.compile(r"(?<![\w.])[a-z]\w+(?![\w(.])").finditer(file.text, start, end):
                if match[0] in names:
                    yield edit(
                        library,
                        "variable unheard of",
                        file,
                        *match.span(),
                        rng.choice(("quux", "loyalty_tier", "xyz_remaining")),
                    )


@kind("event misspelt")
def event_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        events = library.declared(file, "events", "*")
        for spot in file.spots:
            named = spot.kind == "scalar" and (spot.name == "emit" or fits(spot.path, "agent", "wakes", "*"))
            if named and spot.text in events:
                yield (
                    misspell(library, "event misspelt", file, spot.start, spot.end, rng)
                    if "." not in spot.text
                    else misspell(library, "event misspelt", file, spot.start, spot.start + spot.text.index("."), rng)
                )
            elif is_guard(spot) or is_pattern(spot):
                for match in tokens(file, spot, r"(?<![\w.\"])[a-z]\w*(\.[a-z]\w*)*"):
                    if match[0] in events:
                        yield misspell(
                            library,
                            "event misspelt",
                            file,
                            match.start(),
                            match.start() + len(match[0].split(".")[0]),
                            rng,
                        )


@kind("move misspelt")
def move_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for person in people(library, file):
            for match in tokens(file, spot, rf"(?<![\w.]){person}\.([a-z]\w*)"):
                if match[1] != "resistance" and match[1] in library.declared(file, "**", "moves", "*"):
                    yield misspell(library, "move misspelt", file, *match.span(1), rng)
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "do" and spot.kind == "scalar" and spot.text != "nothing":
                yield misspell(library, "move misspelt", file, spot.start, spot.end, rng)


@kind("act misspelt")
def act_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for match in tokens(file, spot, r"(?<![\w.])(?:agent|result)\.([a-z]\w*)"):
            yield misspell(library, "act misspelt", file, *match.span(1), rng)


@kind("person misspelt")
def person_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for match in tokens(file, spot, rf"(?<![\w.])({'|'.join([*people(library, file), 'agent'])})(?=\.[a-z])"):
            yield misspell(library, "person misspelt", file, *match.span(1), rng)


@kind("state misspelt")
def state_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "go" and spot.kind == "scalar":
                yield misspell(library, "state misspelt", file, spot.start, spot.end, rng)
            elif is_guard(spot):
                for match in tokens(file, spot, r"task\.\w+ is (?:not )?([A-Z]\w*)"):
                    yield misspell(library, "state misspelt", file, *match.span(1), rng)


@kind("state unheard of")
def state_unheard_of(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "go" and spot.kind == "scalar":
                yield edit(
                    library, "state unheard of", file, spot.start, spot.end, rng.choice(("ARCHIVED", "QUEUE_7", "Q"))
                )


@kind("state of a machine misspelt")
def machine_state_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for match in tokens(file, spot, r"(?:trigger|concern|shift)\.\w+ is (?:not )?([a-z]\w*)"):
            yield misspell(library, "state of a machine misspelt", file, *match.span(1), rng)


@kind("machine misspelt")
def machine_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for match in tokens(file, spot, r"(?<![\w.])(?:task|trigger|concern|shift)\.(\w+)"):
            yield misspell(library, "machine misspelt", file, *match.span(1), rng)
        for match in tokens(file, spot, r"matches (\w+)"):
            yield misspell(library, "machine misspelt", file, *match.span(1), rng)


@kind("choice misspelt")
def choice_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        members = {
            word
            for f in library.around(file)
            for s in f.spots
            if s.kind == "scalar" and s.text.startswith("one of ") and "words" not in s.path
            for word in re.findall(r"\w+", s.text[7:].split("=")[0])
        }
        for start, end in plain(file, spot):
            for match in re.compile(r"(?:==|!=|is|is not|\|) ([a-z]\w*)(?![\w.(])").finditer(file.text, start, end):
                if match[1] in members and not re.search(
                    r"(?:trigger|concern|shift)\.\w+ is (?:not )?$", file.text[spot.start : match.start(1)]
                ):
                    yield misspell(library, "choice misspelt", file, *match.span(1), rng)


@kind("field misspelt")
def field_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for match in tokens(file, spot, r"(?<=\()([a-z]\w*) (?:==|!=|<=|>=|is|matches)"):
            if re.search(r"\.\w+\($", file.text[spot.start : match.start()]):
                yield misspell(library, "field misspelt", file, *match.span(1), rng)
        if is_value(spot) and spot.up == "with" and spot.key:
            yield misspell(library, "field misspelt", file, *spot.key, rng)


@kind("assigned name misspelt")
def assigned_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_value(spot) and spot.up == "set" and spot.key:
                yield misspell(library, "assigned name misspelt", file, *spot.key, rng)


@kind("module misspelt")
def module_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("uses",) and len(spot.path) == 2 and spot.kind == "scalar":
                folder, _, name = spot.text.rpartition("/")
                slipped = typo(name, library.words, rng)
                yield edit(
                    library, "module misspelt", file, spot.start, spot.end, f"{folder}/{slipped}", meant=spot.text
                )
                yield edit(
                    library,
                    "module misspelt",
                    file,
                    spot.start,
                    spot.end,
                    f"{typo(folder, library.words, rng)}/{name}",
                    meant=spot.text,
                )


@kind("module that is no module")
def no_module(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("uses",) and len(spot.path) == 2 and spot.kind == "scalar":
                for new in (
                    "../" + spot.text,
                    "/etc/passwd",
                    spot.text + ".yaml",
                    library.users[file.name][:-5],
                    spot.text.replace("/", "\\"),
                ):
                    yield edit(library, "module that is no module", file, spot.start, spot.end, new)


@kind("module used twice")
def module_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("uses",) and len(spot.path) == 2 and spot.kind == "scalar":
                yield edit(library, "module used twice", file, spot.end, spot.end, f", {spot.text}")


@kind("module not brought in")
def module_not_brought_in(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A line of ``uses`` is gone: whatever speaks of what it declared is wrong."""
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.path[:1] == ("uses",)
                and len(spot.path) == 2
                and spot.kind == "scalar"
                and not spot.text.startswith("words/")
            ):
                other = library.files[f"{spot.text}.yaml"]
                names = {s.name for s in other.spots if len(s.path) == 2 and s.key}
                near = tuple(
                    n for n, line in enumerate(file.text.splitlines(), 1) if names & set(re.findall(r"\w+", line))
                )
                yield without(library, "module not brought in", file, spot, also=near)


@kind("persona misspelt")
def persona_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "persona" and spot.kind == "scalar":
                yield misspell(library, "persona misspelt", file, spot.start, spot.end, rng)
                yield edit(library, "persona misspelt", file, spot.start, spot.end, "nobody_we_know")


@kind("recording misspelt")
def recording_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "play" and spot.kind == "scalar":
                for _ in range(4):
                    yield misspell(library, "recording misspelt", file, spot.start, spot.end, rng)


@kind("wake-up misspelt")
def wake_up_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "agent", "wakes", "*"):
                for _ in range(4):
                    yield misspell(library, "wake-up misspelt", file, spot.start, spot.end, rng)


@kind("worded name misspelt")
def worded_name_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A key of ``words``: nothing of that name is ever said."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("words",) and len(spot.path) == 2 and spot.key:
                start = spot.key[0] + spot.name.rfind(".") + 1
                yield misspell(library, "worded name misspelt", file, start, spot.key[1], rng)


@kind("concern misspelt")
def concern_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A concern that the scenario takes from a bank: under another name it has neither story nor words."""
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.path[:1] == ("concerns",)
                and len(spot.path) == 2
                and spot.key
                and file.name == library.users[file.name]
            ) and (*spot.path, "story") not in file.at:
                for _ in range(6):
                    yield misspell(library, "concern misspelt", file, *spot.key, rng)


@kind("field of a template misspelt")
def template_field_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("words",) and spot.kind == "scalar":
                for match in tokens(file, spot, r"\{\{ (?:\w+\.)?(\w+)|\{% (?:if|elif) (\w+)"):
                    group = 1 if match[1] else 2
                    yield misspell(library, "field of a template misspelt", file, *match.span(group), rng)


@kind("filter misspelt")
def filter_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("words",) and spot.kind == "scalar":
                for match in tokens(file, spot, r"\| (\w+)"):
                    yield misspell(library, "filter misspelt", file, *match.span(1), rng)


@kind("result of an act misspelt")
def returned_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.up == "returns":
                for _ in range(8):
                    yield misspell(library, "result of an act misspelt", file, spot.start, spot.end, rng)


@kind("name of another kind")
def name_of_another_kind(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A move where an act is wanted, an act where a move is, a variable where an event is, an event where a variable is."""
    for file in library.mutable:
        people_here = people(library, file)
        moves = sorted(
            {
                f"{s.path[-3]}.{s.name}"
                for f in library.around(file)
                for s in f.spots
                if fits(s.path, "**", "moves", "*")
            }
        )
        acts = sorted(set(library.declared(file, "acts", "*")) | set(library.declared(file, "agent", "acts", "*")))
        world = sorted(library.declared(file, "world", "*"))
        for spot in file.spots:
            if spot.kind != "scalar":
                continue
            new = ""
            if spot.name in ("expect", "otherwise", "allow") and spot.path[0] == "triggers" and moves:
                new = rng.choice(moves)
            elif spot.name == "do" and acts and not any(a == m.split(".")[1] for a in acts for m in moves):
                new = rng.choice(acts)
            elif spot.name == "emit" and moves:
                new = rng.choice(moves)
            elif spot.name == "as" and spot.path[0] == "shifts":
                new = "agent." + rng.choice(acts)
            elif spot.name == "to" and world:
                new = rng.choice(world)
            elif spot.name == "persona":
                new = people_here[0] if people_here[0] != spot.text else "agent"
            elif spot.name == "go":
                new = rng.choice(("COMPLETED", "DONE", "trip")) + "_" + "TASK"
            if new:
                yield edit(library, "name of another kind", file, spot.start, spot.end, new)


@kind("state where a condition is")
def amount_where_condition(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A variable that is not yes or no where a condition is wanted; a comparison cut in half."""
    for file, spot in expressions(library):
        if is_guard(spot) and spot.path[0] not in ("rules", "check"):
            world = sorted(
                n
                for n, s in library.declared(file, "world", "*").items()
                if s.kind == "scalar" and not s.text.startswith("yes/no")
            )
            if world:
                yield edit(library, "state where a condition is", file, spot.start, spot.end, rng.choice(world))


@kind("declaration taken away")
def declaration_taken_away(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Something that is spoken of elsewhere is not declared any more. Its users' lines count as the place."""
    for file in library.mutable:
        for spot in file.spots:
            named = (
                (
                    spot.path[:1] in (("world",), ("parameters",), ("events",), ("types",), ("acts",), ("personas",))
                    and len(spot.path) == 2
                )
                or fits(spot.path, "**", "moves", "*")
                or (spot.path[:1] == ("tasks",) and len(spot.path) == 3)
                or fits(spot.path, "**", "slots", "*")
                or fits(spot.path, "**", "stance", "*")
                or fits(spot.path, "recordings", "*")
            )
            if not named or spot.name == "slots":
                continue
            name = re.escape(spot.name)
            start, end = spot.entry
            uses = [
                (f, m.start())
                for f in library.around(file)
                for m in re.finditer(rf"(?<![\w])(?:[a-z]+\.)?{name}(?!\w|:)", _code(f.text))
                if not (f is file and start <= m.start() < end)
            ]
            others = [s for f in library.around(file) for s in f.spots if s.path == spot.path and f is not file]
            if not uses or others:
                continue
            near = tuple(f.line(at) for f, at in uses if f is file)
            others_lines = frozenset((f.name, f.line(at)) for f, at in uses if f is not file)
            made = without(library, "declaration taken away", file, spot, also=near)
            yield replace(made, elsewhere=others_lines)


def _code(text: str) -> str:
    """The text with comments and prose blanked, so that a name is found only where it is meant as one."""
    out = re.sub(r"#.*", lambda m: " " * len(m[0]), text)
    return re.sub(
        r"(?m)^(\s*(?:about|story|says|needs|background|role): ).*", lambda m: m[1] + " " * (len(m[0]) - len(m[1])), out
    )

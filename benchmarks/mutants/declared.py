"""Declarations: taken away, renamed or changed while others still count on them, and names that nothing declares.

Where only the use shows what is gone, each line that speaks of it is a place.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.mutants.exchanges import entries, expressions, mentions
from benchmarks.mutants.library import File, Library, Spot, fits, is_declaration, is_template
from benchmarks.mutants.mutant import Mutant, edit, kind, plain, without

NAMED = (
    ("types", "*"),
    ("parameters", "*"),
    ("world", "*"),
    ("events", "*"),
    ("acts", "*"),
    ("agent", "acts", "*"),
    ("user", "moves", "*"),
    ("cast", "*", "moves", "*"),
    ("user", "stance", "*"),
    ("tasks", "*", "slots", "*"),
    ("tasks", "*", "*"),
    ("tasks", "*", "*", "regions", "*", "*"),
    ("triggers", "*"),
    ("shifts", "*"),
    ("personas", "*"),
    ("personas", "*", "traits", "*"),
    ("personas", "*", "background", "*"),
    ("recordings", "*"),
    ("recordings", "*", "fields", "*"),
    ("needs", "*"),
    ("events", "*", "*"),
    ("acts", "*", "with", "*"),
    ("user", "moves", "*", "*"),
)


def declarations(library: Library, file: File) -> Iterator[tuple[Spot, tuple[int, ...], frozenset[tuple[str, int]]]]:
    """What is declared in a file and spoken of in another line, with these lines."""
    for spot in entries(file):
        if spot.key is None or not any(fits(spot.path, *named) for named in NAMED):
            continue
        if spot.path[0] == "tasks" and len(spot.path) != 4 and not spot.name.isupper():
            continue
        if spot.name in ("view", "type", "keep_silent"):
            continue  # silence is there anyhow
        if len(spot.path) == 4 and ("agent", *spot.path[:3]) in library.files[library.users[file.name]].at:
            continue  # the scenario declares the arguments itself
        if _told(library, file, spot):
            continue
        if spot.path[:2] == ("agent", "acts") and spot.name in library.declared(file, "acts", "*"):
            continue  # the module has it as well
        if spot.path[0] == "acts" and spot.name in library.declared(file, "agent", "acts", "*"):
            continue
        if (
            spot.path[0] == "tasks"
            and sum(
                s.path[:3] == spot.path[:3] and len(s.path) == 3 for other in library.around(file) for s in other.spots
            )
            > 1
        ):
            continue
        here, there = mentions(library, file, spot.name)
        own = set(range(file.line(spot.key[0]), file.line(spot.end) + 1))
        used = tuple(n for n in here if n not in own)
        if not read(library, file, spot):
            continue
        yield spot, used, there


def _told(library: Library, file: File, spot: Spot) -> bool:
    """Whether a concern or a shift is told with this move: then it need not be declared."""
    return any(s.name == "as" and s.text == f"user.{spot.name}" for f in library.around(file) for s in f.spots)


def read(library: Library, file: File, spot: Spot) -> bool:
    """Whether a line outside of the declaration, of words and of texts speaks of the name in the way that its kind is spoken of."""
    name = re.escape(spot.name)
    kinds = {
        "acts": rf"\bagent\.{name}\b",
        "agent": rf"\bagent\.{name}\b",
        "triggers": rf"\btrigger\.{name}\b|matches {name}\b",
        "shifts": rf"\bshift\.{name}\b|(?:after|undoes|instead_of): {name}\b",
        "recordings": rf"\bplay: {name}\b",
        "events": rf"(?:emit: |when: |wakes: .*){name}\b",
    }
    if len(spot.path) > 2 and spot.path[0] in ("events", "acts", "recordings"):
        pattern = rf"[(,{{ ]{name}(?: [=<>]|: )"
    elif spot.path[0] == "user" and spot.path[1] == "moves":
        pattern = rf"\buser\.{name}\b|\bdo: {name}\b" if len(spot.path) == 3 else rf"\b{name}(?: [=<>]|: )"
    elif spot.path[0] == "cast":
        pattern = rf"\.{name}\b|\bdo: {name}\b"
    elif spot.path[0] == "personas":
        pattern = rf"persona: {name}\b|\bpersona\.{name}\b|\b{name} is\b|is {name} implies"
    else:
        pattern = kinds.get(str(spot.path[0]), rf"(?<![\w.]){name}(?![\w:])")
    for other in library.around(file):
        for one in other.spots:
            inside = other.name == file.name and spot.path == one.path[: len(spot.path)]
            if one.kind != "scalar" or inside or one.name in ("about", "role", "text", "story", "says", "needs"):
                continue
            key = other.text[one.key[0] : one.start] if one.key else ""
            if one.path[0] not in ("words", "uses") and re.search(pattern, key + one.text):
                return True
    return False


@kind("declaration deleted that others speak of")
def deleted(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Each line that speaks of it is a place, and the one where it stood."""
    name = "declaration deleted that others speak of"
    for file in library.mutable:
        for spot, used, there in declarations(library, file):
            start, end = spot.entry
            shift = file.text.count("\n", start, end)
            line = file.line(start)
            made = without(library, name, file, spot)
            lines = {n if n < line else n - shift for n in used} | set(made.lines)
            yield replace(made, lines=frozenset(lines), elsewhere=there)


@kind("declaration renamed and its uses not")
def renamed(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """To a name that resembles nothing. The declaration and each line that speaks of the old name are places."""
    for file in library.mutable:
        for spot, used, there in declarations(library, file):
            assert spot.key is not None
            new = "OTHERWISE_CALLED" if spot.name.isupper() else "some.newname" if "." in spot.name else "newname"
            made = edit(library, "declaration renamed and its uses not", file, *spot.key, new, also=used)
            yield replace(made, elsewhere=there)


def named_alone(spot: Spot) -> bool:
    """Whether the value is the name of a declared thing and nothing else."""
    if spot.kind != "scalar" or not re.fullmatch(r"[A-Za-z][\w.]*", spot.text) or spot.path[0] == "words":
        return False
    return (
        (spot.name in ("go", "emit", "play", "persona") and spot.path[0] in ("tasks", "stream", "user", "cast"))
        or (spot.name == "do" and spot.text != "nothing")
        or spot.up in ("from", "returns", "wakes", "excludes")
        or (spot.path[0] == "shifts" and spot.name in ("after", "undoes", "instead_of"))
        or fits(spot.path, "uses", "*", "with", "*")
    )


@kind("name unheard of in its place")
def unheard(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """One use of a name becomes another word that nothing resembles."""
    for file in library.mutable:
        for spot in entries(file):
            if named_alone(spot):
                new = "VOLLMOND" if spot.text.isupper() else "vollmond"
                yield edit(library, "name unheard of in its place", file, spot.start, spot.end, new)
            elif is_template(spot):
                for match in re.compile(r"\{\{ ([a-z_]+)(?=[ .])|\{% if ([a-z_]+)").finditer(
                    file.text, spot.start, spot.end
                ):
                    at = match.span(1) if match[1] else match.span(2)
                    yield edit(library, "name unheard of in its place", file, *at, "vollmond")


@kind("member taken out of a type")
def member_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A choice that is still asked for or given somewhere is no longer one. Each line that speaks of it is a place."""
    for file in library.mutable:
        for spot in entries(file):
            if not (is_declaration(spot) or fits(spot.path, "types", "*")) or spot.kind != "scalar":
                continue
            match = re.compile(r"one of ((?:\w+ \| )+\w+)").search(file.text, spot.start, spot.end)
            if not match:
                continue
            members = match[1].split(" | ")
            rows = [f" {spot.name}: {m}" for m in members] if spot.path[0] == "recordings" else []
            for member in members:
                used = [
                    (other.name, n)
                    for other in library.around(file)
                    for n, line in enumerate(other.text.splitlines(), 1)
                    if re.search(rf"(?:==|!=| is| \|) \"?{member}\b|(?:with: \{{.*|app): {member}\b", line)
                    and not (other.name == file.name and n == file.line(spot.start))
                    and (re.search(rf"\b{spot.name}\b", line) or fits(spot.path, "types", "*"))
                ]
                if not used or len(members) < 3:
                    continue
                if rows and f", {spot.name}: {member}," not in file.text:
                    continue  # a column may have fewer choices than the event's field
                new = "one of " + " | ".join(m for m in members if m != member)
                here, there = mentions(library, file, member)
                made = edit(library, "member taken out of a type", file, *match.span(), new, also=here)
                yield replace(made, elsewhere=there)


TYPES = {
    "money(EUR)": "duration 0m..5h step 10m",
    "duration": "money(EUR) 0 EUR..90 EUR step 10 EUR",
    "int": "one of small | large",
    "yes/no": "int 0..3",
    "text": "int 0..9",
    "one of": "yes/no",
}


@kind("type changed under its users")
def retyped(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A declaration is of another type than every line that reads it. The declaration and those lines are places."""
    for file in library.mutable:
        for spot in entries(file):
            if not is_declaration(spot) or spot.path[0] == "recordings" or spot.name in ("view",):
                continue
            old = next((t for t in TYPES if spot.text.startswith(t)), None)
            owner = spot.path[-2] if spot.name == "type" else spot.name
            if old is None or "condition on" in spot.text or spot.text.startswith("text?"):
                continue
            reads = [
                s
                for other in library.around(file)
                for s in expressions(other)
                if re.search(rf"\b{owner} (?:==|<=|>=|<|>|!=|\+|-|is) ", s.text) and s is not spot
            ]
            if not reads or (old == "text" and spot.text != "text"):
                continue
            here, there = mentions(library, file, str(owner))
            made = edit(library, "type changed under its users", file, spot.start, spot.end, TYPES[old], also=here)
            yield replace(made, elsewhere=there)


@kind("section emptied that others need")
def emptied(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``moves: {}``, ``events: {}``: the heading and each line that speaks of what was inside are places."""
    for file in library.mutable:
        for spot in entries(file):
            wanted = spot.path in (("tasks",), ("events",), ("user", "moves"), ("acts",), ("personas",), ("world",))
            if not (wanted or fits(spot.path, "tasks", "*", "slots")) or spot.kind != "map" or not spot.key:
                continue
            names = [s.name for s in file.children(spot)]
            if names == ["keep_silent"]:
                continue  # silence is there anyhow
            start = file.text.index(":", spot.key[1]) + 1
            here: set[int] = set()
            there: set[tuple[str, int]] = set()
            for one in names:
                a, b = mentions(library, file, one)
                here |= set(a)
                there |= b
            shift = file.text.count("\n", start, spot.end)
            line = file.line(start)
            end = file.line(spot.end)
            made = edit(library, "section emptied that others need", file, start, spot.end, " {}")
            lines = {line} | {n if n < line else n - shift for n in here if n < line or n > end}
            yield replace(made, lines=frozenset(lines), elsewhere=frozenset(there))


@kind("name declared in a second module")
def second_module(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Two modules that declare one name are an error, told at either."""
    for file in library.mutable:
        if ("scenario",) in file.at:
            continue
        for other in library.around(file):
            if other.name == file.name or ("scenario",) in other.at:
                continue
            for section, body in (
                ("acts", "kind: says, about: Say it once more."),
                ("tasks", "OPEN: [{after: 10m, go: SHUT}], SHUT: {end: bad}"),
                ("triggers", "when: user.accept, within: 1 turn, expect: agent.keep_silent"),
                ("types", ""),
            ):
                names = [s for s in other.spots if fits(s.path, section, "*")]
                if not names or (section,) in file.at:
                    continue
                picked = rng.choice(names)
                scenario = library.files[library.users[file.name]]
                if any(
                    s.name == picked.name and (fits(s.path, section, "*") or fits(s.path, "agent", section, "*"))
                    for s in scenario.spots
                ):
                    continue
                value = f"{{{body}}}" if body else "one of this | that"
                end = len(file.text)
                new = f"\n{section}:\n  {picked.name}: {value}\n"
                made = edit(library, "name declared in a second module", file, end, end, new)
                lines = {file.line(end) + n for n in range(3)}
                place = (other.name, other.line(picked.key[0] if picked.key else picked.start))
                uses = {(scenario.name, n) for n in mentions(library, scenario, "uses")[0]}
                uses |= {(scenario.name, scenario.line(s.start)) for s in scenario.spots if s.path[:1] == ("uses",)}
                yield replace(made, lines=frozenset(lines), elsewhere=frozenset({place} | uses))


@kind("module named in another way")
def module_path(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """With its ending, from the root, with a backslash, without its folder, in capitals, in another folder."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.path[0] != "uses" or spot.kind != "scalar" or "with" in spot.path or spot.name == "as":
                continue
            folder, _, last = spot.text.rpartition("/")
            for new in (
                f"{spot.text}.yaml",
                f"{spot.text}.yml",
                f"/{spot.text}",
                f"../{spot.text}",
                f"{folder}\\{last}",
                last,
                spot.text.title(),
                f"{folder}s/{last}",
                f"{folder}/{last}/{last}",
                f"{folder}.{last}",
                f"{folder}/ {last}",
            ):
                yield edit(library, "module named in another way", file, spot.start, spot.end, new)


@kind("module given what it does not ask for")
def superfluous(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """An argument to a module that has no such need."""
    name = "module given what it does not ask for"
    for file in library.mutable:
        for spot in entries(file):
            if fits(spot.path, "uses", "*") and spot.kind == "scalar":
                new = f"{{module: {spot.text}, with: {{limit: 40 EUR}}}}"
                yield edit(library, name, file, spot.start, spot.end, new)
            elif fits(spot.path, "uses", "*", "with", "*") and spot.key:
                new = "patience_left: 10m" + (", " if spot.flow else "\n" + " " * 6)
                made = edit(library, name, file, spot.key[0], spot.key[0], new)
                yield replace(made, lines=frozenset({file.line(spot.key[0])}))


@kind("name of another variable's field in a pattern")
def pattern_field(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``agent.hold(leg == train)`` becomes ``agent.hold(trip == train)``: a task, a trigger or an act is no field of it."""
    name = "name of another variable's field in a pattern"
    for file in library.mutable:
        others = [*library.declared(file, "tasks", "*"), *library.declared(file, "triggers", "*")]
        for spot in expressions(file):
            for start, end in plain(file, spot):
                for match in re.compile(r"\((\w+)(?= (?:==|!=|is|<=) )").finditer(file.text, start, end):
                    if match[1] in ("not", "once", "agent", "user") or "." in match[0] or match[1] in others:
                        continue
                    if not file.text[match.start() - 1].isalpha():
                        continue
                    yield edit(library, name, file, *match.span(1), rng.choice(others))

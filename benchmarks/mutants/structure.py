"""Mistakes of form: keys, kinds of value, and YAML itself."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import yaml

from benchmarks.mutants.library import DURATIONS, GUARDS, PATTERNS, File, Library, Spot, fits
from benchmarks.mutants.mutant import Mutant, edit, kind, typo, without

RECORDS: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    # where, keys of the format, those that must be there
    ((), ("scenario", "domain", "family", "horizon", "turns", "pace", "uses", "parameters", "world", "events", "stream", "agent",
          "user", "cast", "concerns", "tasks", "triggers", "shifts", "words", "rules", "check", "acts", "types", "personas",
          "recordings"), ("scenario", "domain", "family", "horizon", "turns", "agent")),
    (("agent",), ("role", "opens", "wakes", "per_turn", "acts"), ()),
    (("user",), ("persona", "needs", "moves", "opens", "stance", "feels", "replies"), ()),
    (("cast", "*"), ("role", "persona", "needs", "moves", "opens", "replies"), ()),
    (("acts", "*"), ("kind", "about", "with", "proactive", "staged", "takes", "returns"), ("kind",)),
    (("agent", "acts", "*"), ("kind", "with", "proactive", "staged", "takes", "returns"), ()),
    (("**", "replies", "*"), ("to", "if", "chance", "do", "with"), ("to", "do")),
    (("**", "feels", "*"), ("to", "if", "set"), ("set",)),
    (("**", "opens"), ("do", "with"), ("do",)),
    (("stream", "*"), ("at", "every", "if", "emit", "with", "set", "play"), ()),
    (("concerns", "*"), ("story", "says", "surfaces", "eased", "hardens", "weight", "lasts", "as"), ("story", "says")),
    (("triggers", "*"), ("when", "until", "within", "expect", "otherwise", "allow", "again"), ("when", "expect")),
    (("shifts", "*"), ("when", "chance", "as", "with"), ("when", "as")),
    (("recordings", "*"), ("source", "fields", "rows"), ("fields", "rows")),
    (("personas", "*"), ("background", "traits"), ()),
)  # fmt: skip


def record(spot: Spot) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The keys of the record that a map is, and those that it must have."""
    if spot.kind != "map":
        return None
    if spot.path and spot.path[-1] == "opens" and spot.path[0] == "agent":
        return None
    for where, keys, required in RECORDS:
        if fits(spot.path, *where):
            return keys, required
    if transition(spot):
        return ("when", "after", "if", "chance", "go", "set", "first"), ()
    return None


def transition(spot: Spot) -> bool:
    return spot.kind == "map" and bool(spot.path) and spot.path[0] == "tasks" and isinstance(spot.path[-1], int)


def keyed(library: Library) -> Iterator[tuple[File, Spot, Spot]]:
    """Every entry whose key belongs to the format, with the record that it stands in."""
    for file in library.mutable:
        for owner in file.spots:
            shape = record(owner)
            if shape is None:
                continue
            for spot in file.children(owner):
                if spot.name in shape[0] and spot.key is not None:
                    yield file, owner, spot


@kind("key misspelt")
def key_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, owner, spot in keyed(library):
        assert spot.key is not None
        if (owner.path and owner.path[0] == "recordings") or len(spot.name) < 3:
            continue
        yield edit(library, "key misspelt", file, *spot.key, typo(spot.name, library.words, rng), meant=spot.name)


@kind("key in capitals")
def key_in_capitals(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        assert spot.key is not None
        if spot.path[0] != "tasks":
            yield edit(library, "key in capitals", file, *spot.key, spot.name.capitalize(), meant=spot.name)


OTHER_WORDS = {
    "when": "trigger", "if": "condition", "do": "action", "to": "event", "go": "goto", "set": "assign", "within": "window",
    "expect": "expected", "until": "stop", "after": "timeout", "emit": "event", "every": "interval", "chance": "probability",
    "kind": "type", "about": "description", "says": "utterance", "story": "reason", "wakes": "wake_on", "uses": "imports",
    "scenario": "name", "horizon": "duration", "turns": "max_turns", "replies": "responses", "moves": "actions",
    "persona": "profile", "tasks": "machines", "triggers": "opportunities", "check": "assertions", "rules": "norms",
    "again": "repeat", "with": "args",
    "otherwise": "default", "needs": "goal", "role": "system", "parameters": "params", "world": "state",
}  # fmt: skip


@kind("key of another language")
def key_of_another_language(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, owner, spot in keyed(library):
        assert spot.key is not None
        if spot.name in OTHER_WORDS and owner.path[:1] != ("recordings",) and spot.up != "moves":
            if owner.path[:1] == ("concerns",):  # any key is a constant there
                continue
            yield edit(library, "key of another language", file, *spot.key, OTHER_WORDS[spot.name])


@kind("key from elsewhere")
def key_from_elsewhere(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A line that is right in another section."""
    strangers = (
        "within: 2 turns",
        "go: DONE",
        "horizon: 1h",
        "emit: x",
        "story: Nobody knows.",
        "kind: says",
        "pace: 5s",
        "wakes: [user]",
    )
    for file in library.mutable:
        for owner in file.spots:
            shape = record(owner)
            if shape is None or owner.path[:1] in (("concerns",), ("personas",)) or not file.children(owner):
                continue
            line = rng.choice([s for s in strangers if s.split(":")[0] not in shape[0]])
            first = file.children(owner)[0]
            if owner.style == "flow":
                yield edit(library, "key from elsewhere", file, owner.end - 1, owner.end - 1, f", {line}")
            elif first.key is not None and not owner.flow:
                column = first.key[0] - (file.text.rfind("\n", 0, first.key[0]) + 1)
                last = file.children(owner)[-1]
                end = last.entry[1]
                if file.text[end - 1] == "\n":
                    yield edit(library, "key from elsewhere", file, end, end, " " * column + line + "\n")


@kind("required key missing")
def required_key_missing(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for owner in file.spots:
            shape = record(owner)
            if shape is None or (not owner.path and file.name != library.users[file.name]):
                continue
            if owner.path[:1] == ("concerns",) and file.name == library.users[file.name]:
                continue  # the bank may say the rest
            for spot in file.children(owner):
                if spot.name in shape[1]:
                    yield without(library, "required key missing", file, spot)


@kind("list for a text")
def list_for_a_text(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.kind == "scalar" and spot.style == "plain" and not re.search(r"[,\[\]{}]", spot.text):
            yield edit(library, "list for a text", file, spot.start, spot.end, f"[{file.raw(spot)}]")


@kind("map for a text")
def map_for_a_text(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if (
            spot.kind == "scalar"
            and spot.style == "plain"
            and not re.search(r"[,\[\]{}]", spot.text)
            and spot.name != "persona"
        ):
            yield edit(library, "map for a text", file, spot.start, spot.end, f"{{value: {file.raw(spot)}}}")


@kind("text for a list")
def text_for_a_list(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.kind == "list" and spot.path[0] != "words":
            yield replaced(library, "text for a list", file, spot, rng.choice(("all", "none", "user", "see below")))


@kind("text for a map")
def text_for_a_map(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.kind == "map"
                and spot.key
                and spot.name != "persona"
                and (
                    record(spot)
                    or spot.name
                    in ("moves", "acts", "tasks", "triggers", "world", "set", "with", "parameters", "rules")
                )
                and spot.path[:1] != ("words",)
            ):
                yield replaced(library, "text for a map", file, spot, rng.choice(("soon", "see below", "5")))


@kind("list for a map")
def list_for_a_map(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.kind == "map"
                and spot.style == "flow"
                and spot.key
                and file.children(spot)
                and spot.path[0] not in ("words",)
            ):
                inner = file.text[spot.start + 1 : spot.end - 1]
                if "tasks" in spot.path[:1] and len(spot.path) == 3 and spot.name != "slots":
                    continue  # a state may be a list
                yield edit(library, "list for a map", file, spot.start, spot.end, f"[{inner}]")


@kind("map for a list")
def map_for_a_list(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.kind == "list" and spot.path[0] != "words":
            yield replaced(library, "map for a list", file, spot, "{one: user}")


def replaced(library: Library, name: str, file: File, spot: Spot, new: str) -> Mutant:
    """A value replaced, also one that stands on the lines below its key."""
    start = spot.start
    if spot.style == "block":
        start = file.text.rfind("\n", 0, spot.start)
        new = " " + new
    return edit(library, name, file, start, spot.end, new)


@kind("value left out")
def value_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.kind == "scalar" and spot.style == "plain" and spot.name not in ("as",):
            yield edit(library, "value left out", file, spot.start - 1, spot.end, "")


@kind("word for a number")
def word_for_a_number(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.kind == "scalar" and spot.name in (
            "turns",
            "weight",
            "times",
            "chance",
            *DURATIONS,
            "within",
            "per_turn",
            "lasts",
        ):
            yield edit(
                library,
                "word for a number",
                file,
                spot.start,
                spot.end,
                rng.choice(("sixteen", "many", "soon", "a while")),
            )


@kind("neither yes nor no")
def neither_yes_nor_no(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.kind == "scalar" and (
            spot.name in ("proactive", "again", "first", "staged") or spot.path == ("agent", "opens")
        ):
            yield edit(
                library, "neither yes nor no", file, spot.start, spot.end, rng.choice(("maybe", "1", "always", "once"))
            )


@kind("wrong choice")
def wrong_choice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    wrong = {
        "kind": ("say", "speech", "tool", "silence", "do"),
        "end": ("success", "yes", "goood", "failed"),
        "if_over": ("ok", "bad", "silent", "quite"),
        "role": ("customer", "agent", "usr"),
        "view": ("everyone", "private", "judg", "hidden"),
        "labels": ("yes", "record"),
    }
    for file in library.mutable:
        for spot in file.spots:
            if spot.kind == "scalar" and spot.name in wrong and spot.path[0] not in ("words", "parameters"):
                if spot.name == "role" and spot.path[0] == "agent":
                    continue
                yield edit(library, "wrong choice", file, spot.start, spot.end, rng.choice(wrong[spot.name]))


@kind("entry written twice")
def entry_written_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.key is None:
                continue
            start, end = spot.entry
            owner = file.owner(spot)
            if owner is not None and owner.style == "flow":
                piece = file.text[spot.key[0] : spot.end]
                yield edit(library, "entry written twice", file, spot.end, spot.end, f", {piece}")
            elif file.text[start:end].endswith("\n") and not file.text[start : spot.key[0]].strip():
                yield edit(library, "entry written twice", file, end, end, file.text[start:end])


def shaped(text: str) -> object | None:
    """The values of a text as PyYAML reads them, or None where it cannot."""
    try:
        read: object = yaml.load(text, Loader=yaml.CBaseLoader)
        return read
    except yaml.YAMLError:
        return None


@kind("line out of line")
def line_out_of_line(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A line that stands one or two columns off, such that YAML cannot be read any more."""
    for file in library.mutable:
        for at in file.lines[:-1]:
            line = file.text[at : file.text.find("\n", at)]
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            for step in (-2, -1, 1, 2):
                indent = len(line) - len(line.lstrip())
                if indent + step < 0:
                    continue
                start, end, new = (at, at, " " * step) if step > 0 else (at, at - step, "")
                made = edit(library, "line out of line", file, start, end, new, also=_near(file, at))
                if shaped(made.text) is None:
                    yield made


def _near(file: File, at: int) -> tuple[int, ...]:
    """The next line that says something: one that stands alone can only be told from its neighbour."""
    number = file.line(at)
    lines = file.text.splitlines()
    after = [n for n in range(number + 1, len(lines) + 1) if lines[n - 1].strip()][:1]
    return tuple(after)


@kind("tab for blanks")
def tab_for_blanks(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        scalars = [s for s in file.spots if s.style == "block" and s.kind == "scalar"]
        for at in file.lines[:-1]:
            line = file.text[at : file.text.find("\n", at)]
            if not line.startswith("  ") or line.lstrip().startswith("#") or any(s.start < at < s.end for s in scalars):
                continue
            yield edit(library, "tab for blanks", file, at, at + 2, "\t")


@kind("colon left out")
def colon_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.key is not None and file.text[spot.key[1]] == ":":
                yield edit(
                    library, "colon left out", file, spot.key[1], spot.key[1] + 1, "", also=_near(file, spot.key[1])
                )


@kind("no blank after the colon")
def no_blank_after_colon(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.key is not None
                and file.text[spot.key[1] : spot.key[1] + 2] == ": "
                and spot.kind == "scalar"
                and spot.style == "plain"
            ):
                yield edit(
                    library,
                    "no blank after the colon",
                    file,
                    spot.key[1] + 1,
                    spot.start,
                    "",
                    also=_near(file, spot.key[1]),
                )


@kind("dash left out")
def dash_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.path
                and isinstance(spot.path[-1], int)
                and file.text[spot.entry[0] : spot.entry[0] + 1] in (" ", "-")
            ):
                at = file.text.find("- ", spot.entry[0])
                if 0 <= at < spot.start and not file.text[spot.entry[0] : at].strip():
                    yield edit(library, "dash left out", file, at, at + 2, "", also=_near(file, at))


@kind("comma left out")
def comma_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.style == "flow" and spot.kind == "map":
                for left, right in zip(file.children(spot), file.children(spot)[1:]):
                    assert right.key is not None
                    yield edit(library, "comma left out", file, left.end, right.key[0], " ")


@kind("two commas")
def two_commas(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.style == "flow":
                for inner in file.children(spot)[:-1]:
                    yield edit(library, "two commas", file, inner.end, inner.end, ",")


@kind("brace or bracket left out")
def brace_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.style == "flow" and not spot.flow and file.children(spot):
                at = rng.choice((spot.start, spot.end - 1))
                yield edit(library, "brace or bracket left out", file, at, at + 1, "", also=_near(file, at))


@kind("quote left out")
def quote_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.kind == "scalar" and spot.style == "quoted":
                at = rng.choice((spot.start, spot.end - 1))
                made = edit(library, "quote left out", file, at, at + 1, "", also=_near(file, at))
                if shaped(made.text) is None:
                    yield made


@kind("bare colon in a text")
def bare_colon_in_a_text(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.kind == "scalar"
                and spot.style == "plain"
                and spot.text.count(" ") > 3
                and "\n" not in file.raw(spot)
            ) and spot.name in ("about", "story", "says", "needs"):
                at = file.text.find(" ", spot.start)
                yield edit(library, "bare colon in a text", file, at, at, ":")


@kind("bare hash in a text")
def bare_hash_in_a_text(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.kind == "scalar"
                and spot.style == "plain"
                and spot.text.count(" ") > 3
                and "\n" not in file.raw(spot)
            ) and (
                spot.name in ("about", "story", "says", "needs", *GUARDS, *PATTERNS)
                or spot.path[0]
                in (
                    "rules",
                    "check",
                )
            ):
                blanks = [m.start() for m in re.finditer(" ", file.raw(spot))]
                at = spot.start + blanks[len(blanks) // 2]
                yield edit(library, "bare hash in a text", file, at + 1, at + 1, "#")


@kind("programming in YAML")
def programming_in_yaml(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Anchors, aliases, tags and merge keys."""
    for file, _, spot in keyed(library):
        if spot.kind == "scalar" and spot.style == "plain":
            new = rng.choice(("&a ", "!!str ", "!now "))
            yield edit(library, "programming in YAML", file, spot.start, spot.start, new)


@kind("character that does not show")
def character_that_does_not_show(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.kind == "scalar" and spot.end - spot.start > 3 and "\n" not in file.raw(spot):
                at = rng.randrange(spot.start + 1, spot.end - 1)
                yield edit(
                    library, "character that does not show", file, at, at, rng.choice("\u202e\x07\x00\u2066\x1b\x7f")
                )


@kind("names that are not names")
def names_that_are_not_names(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Blanks, hyphens, capitals and leading digits in what is declared; small letters in states."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.key is None or not spot.path:
                continue
            section = spot.path[0]
            declared = (
                (
                    section in ("world", "parameters", "triggers", "concerns", "shifts", "types", "acts", "personas")
                    and len(spot.path) == 2
                )
                or fits(spot.path, "**", "moves", "*")
                or fits(spot.path, "agent", "acts", "*")
            )
            if declared:
                new = rng.choice(
                    (f"{spot.name} one", f"{spot.name}-one", spot.name.capitalize(), f"2{spot.name}", f"{spot.name}?")
                )
                yield edit(library, "names that are not names", file, *spot.key, new)
            elif section == "tasks" and len(spot.path) == 3 and spot.name != "slots":
                yield edit(
                    library,
                    "names that are not names",
                    file,
                    *spot.key,
                    rng.choice((spot.name.lower(), spot.name.title())),
                )


@kind("word of the language as a name")
def word_of_the_language(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.key is None:
                continue
            if (
                spot.path[0] in ("world", "parameters", "triggers", "concerns", "types") and len(spot.path) == 2
            ) or fits(spot.path, "**", "moves", "*"):
                yield edit(
                    library,
                    "word of the language as a name",
                    file,
                    *spot.key,
                    rng.choice(("since", "once", "is", "not", "within")),
                )

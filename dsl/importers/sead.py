"""SEAD's library of client behaviours as a bank of concerns: what somebody on the phone may object, by category.

The data is one object: ``User_Persona_Classification`` to 14 categories, each a list of behaviours such as "Asks if there are
hidden costs". A behaviour becomes a concern: its ``story`` is the behaviour itself, which stays hidden, and what it ``says``
is a sentence in the first person made from it by ``spoken``, a starting point that a scenario may word better. ``lasts: 3
turns`` is SEAD's own rule: no behaviour lasts longer than three rounds. When a concern surfaces and what eases it is the
scenario's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from dramaturg.dsl.diagnostics import Diagnostic, diagnose
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.importers.imported import Imported, Importer, Option
from dramaturg.dsl.importers.json_file import Json, read_json
from dramaturg.dsl.importers.yaml_text import Tree, document

ATTRIBUTION = (
    "SEAD, behaviour library of the client simulator (github.com/Da1yuqin/SEAD).",
    "Licensed under the Apache License, Version 2.0. Changed: behaviours as concerns, with sentences made from them.",
)

_STOP = re.compile(
    r"an?|the|if|is|are|it|this|that|be|being|having|been|there|their|they|them|of|to|for|with|about|on|in|at|as|and|or|not|out"
    r"|what|which|how|why|asks|questions|mentions|expresses|states|worries|requests|suspects|demands|claims|repeatedly|says"
)
"""Words that say nothing in the name of a concern."""
_RULES: tuple[tuple[str, str], ...] = (
    (r"Asks (if|about|what|which|how|why|for)\b(.*)", r"May I ask \1\2?"),
    (r"Probes for (.*)", r"May I ask for \1?"),
    (r"Questions if (.*)", r"I wonder if \1."),
    (r"Questions (the .*)", r"I have my doubts about \1."),
    (r"Mentions having been (.*)", r"I have been \1."),
    (r"Mentions that (.*)", r"I hear that \1."),
    (r"Expresses (.*)", r"I feel some \1."),
    (r"Suspects (.*)", r"I suspect \1."),
    (r"Requests (.*)", r"I would like \1."),
    (r"Demands (.*)", r"I want \1."),
    (r"Worries (.*)", r"I worry \1."),
    (r"States (they .*)", r"\1."),
    (r"States (this .*)", r"\1."),
    (r"States a need for (.*)", r"I need \1."),
    (r"States inability to (.*)", r"I am not able to \1."),
    (r"States lack of (.*)", r"I have little \1."),
    (r"Claims not to be (.*)", r"I am not \1."),
)
_PERSON: tuple[tuple[str, str], ...] = (
    (r"\bthey were\b", "I was"),
    (r"\bthey are\b", "I am"),
    (r"\bthey\b", "I"),
    (r"\btheir\b", "my"),
    (r"\bthem\b", "me"),
)


def spoken(behaviour: str) -> str:
    """The behaviour as a sentence in the first person; as a stage direction in brackets where it is no speech."""
    plain = re.sub(r"\s*\([^)]*\)", "", behaviour).strip().rstrip(".")
    for pattern, said in _RULES:
        match = re.fullmatch(pattern, plain)
        if match is not None:
            text = match.expand(said)
            for old, new in _PERSON:
                text = re.sub(old, new, text)
            return text[:1].upper() + text[1:]
    return f"({plain[:1].lower()}{plain[1:]})"


def name_of(behaviour: str, taken: Iterable[str]) -> str:
    """A name for the concern: its first words that mean something."""
    plain = re.sub(r"\([^)]*\)", "", behaviour.lower())
    words = [word for word in re.findall(r"[a-z]+", plain) if not _STOP.fullmatch(word)][:4]
    name = "_".join(words) or "concern"
    known = set(taken)
    number, unique = 2, name
    while unique in known:
        unique, number = f"{name}_{number}", number + 1
    return unique


def sead(path: Path, categories: Sequence[str] = ()) -> Imported:
    """The behaviours of the categories named (all where none is) as the text of a module with one concern each."""
    found = read_json(path)
    if isinstance(found, Diagnostic):
        return Imported(None, (found,))
    bank = _bank(found.value)
    if bank is None:
        message = f"`{path.name}` holds no `User_Persona_Classification` of categories, each a list of behaviours, as SEAD's does"
        return Imported(None, (diagnose("not-this-data", found.whole(), message),))
    for category in categories:
        if category not in bank:
            meant = closest(category, bank)
            said = f"; did you mean `{meant}`?" if meant else ""
            message = f"there is no category `{category[:60]}` in `{path.name}`{said}"
            notes = [] if meant else ["it has " + ", ".join(f"`{name}`" for name in bank)]
            return Imported(None, (diagnose("no-such-part", found.whole(), message, notes=notes),))
    chosen = [name for name in bank if not categories or name in categories]
    concerns: dict[str, Tree] = {}
    for category in chosen:
        for behaviour in bank[category]:
            concerns[name_of(behaviour, concerns)] = {
                "category": category,
                "story": behaviour,
                "says": spoken(behaviour),
                "lasts": "3 turns",
            }
    words = f" --category {','.join(categories)}" if categories else ""
    header = [
        f"Imported with `dramaturg import sead {path.name}{words}`; import again instead of editing.",
        *ATTRIBUTION,
    ]
    about = f"Objections of people on the phone: {', '.join(name.replace('_', ' ') for name in chosen)}."
    return Imported(document(header, {"about": about, "concerns": concerns}))


def _bank(value: Json) -> dict[str, list[str]] | None:
    """Categories by their plain names (``cost_concerns``) with their behaviours; None where the file holds something else."""
    groups = value.get("User_Persona_Classification") if isinstance(value, Mapping) else None
    if not isinstance(groups, Mapping) or not groups:
        return None
    out: dict[str, list[str]] = {}
    for title, behaviours in groups.items():
        if not isinstance(behaviours, Sequence) or isinstance(behaviours, str):
            return None
        if not all(isinstance(text, str) and text.strip() for text in behaviours):
            return None
        name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"^[0-9]+\.", "", title.lower())).strip("_")
        out.setdefault(name or "other", []).extend(" ".join(str(text).split()) for text in behaviours)
    return out


def _run(path: Path, options: Mapping[str, str]) -> Imported:
    wanted = [part.strip() for part in options.get("category", "").split(",")]
    return sead(path, [part for part in wanted if part])


IMPORTER = Importer(
    "sead",
    "SEAD's client behaviours as a bank of concerns",
    "the file of behaviours, client_action.json",
    _run,
    (Option("category", "only these categories, such as cost_concerns,operational_concerns"),),
)

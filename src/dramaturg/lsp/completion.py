"""Completion: what may stand where somebody is typing.

Keys come from the format, names from the latest understanding of the scenario, both by the place that ``context`` tells. What may
stand in an expression is told by the words before the cursor (``expressions``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from dramaturg.dsl.declarations.declare import BUILT_IN
from dramaturg.dsl.expressions.amounts import show_type
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.shapes import Each, Line, Names, Record, Shape
from dramaturg.dsl.loading.people import WAKE_UPS
from dramaturg.dsl.modules.needs import Need
from dramaturg.dsl.types import FAMILIES
from dramaturg.lsp.choices import (
    MOST,
    NOTHING,
    Choice,
    Offer,
    event_choice,
    kind_of,
    last_word,
    offer,
    signature_of,
    starting,
    values_of,
)
from dramaturg.lsp.context import context, line_of, shape_at
from dramaturg.lsp.desk import ENDINGS, Desk
from dramaturg.lsp.expressions import expression, variables
from dramaturg.lsp.spot import Spot

FILTERS = {
    "money": "an amount of money, as people write it",
    "duration": "a duration, as people say it",
    "lower": "in small letters",
    "title": "With Capitals",
}


DECLARES = {"a concern": "concern", "an act": "act", "a persona": "persona"}


def complete(desk: Desk, path: Path, offset: int) -> Offer:
    """What may stand at a byte of a file."""
    data = desk.data(path)
    before = data[:offset].decode("utf-8", "replace")
    after = data[offset:].decode("utf-8", "replace").split("\n")[1:200]
    at = context(before, after)
    if at is None:
        return NOTHING
    top = shapes.SCENARIO if desk.is_scenario(path) or b"acts:" not in data[:2000] else shapes.MODULE
    if desk.users(path) and not desk.is_scenario(path):
        top = shapes.MODULE
    fits = shape_at(at, top)
    home = desk.home(path)
    spot = Spot(desk, path, at, fits, home.seen.names if home is not None else None, home)
    return _key(spot) if at.value is None else _value(spot, at.value)


# --- keys -------------------------------------------------------------------------------------------------------------


def _key(spot: Spot) -> Offer:
    typed = spot.at.typed
    out: list[Choice] = []
    match spot.fits.shape:
        case Record() as record:
            for key in record.keys:
                if key.name not in spot.at.beside or key.name == typed:
                    need = "must be there" if key.required else ""
                    out.append(Choice(key.name, "key", need, key.about, f"{key.name}:{_after(key.shape)}"))
            if record.rest is not None:
                out.extend(_names(spot, record.rest))
        case Names() as names:
            out.extend(_names(spot, names))
    word = last_word(typed, r"[\w.-]*$")
    return Offer(tuple(starting(out, word)), len(word))


def _names(spot: Spot, shape: Names) -> Iterator[Choice]:
    """Names that an author need not make up: they are declared elsewhere."""
    if spot.found is None:
        return
    match shape.what:
        case "an argument":
            event = spot.given()
            for field in event.fields if event is not None else ():
                if field.name not in spot.at.beside:
                    yield Choice(field.name, "field", show_type(field.type), insert=f"{field.name}: ")
        case "an assignment":
            kinds = {"a feeling": ("stance",), "a stream entry": ("world",)}.get(spot.fits.record, ("slot", "world"))
            for full, variable in spot.found.variables.items():
                owner, _, short = full.rpartition(".")
                if variable.kind in kinds and owner in ("", spot.owner()):
                    yield Choice(short, "variable", show_type(variable.type), insert=f"{short}: ")
        case "wordings":
            for name, event in spot.found.events.items():
                if not name.startswith("result.") and not name.endswith(".voice") and name not in spot.at.beside:
                    yield Choice(name, kind_of(event), signature_of(event), insert=f"{name}: ")
        case "an argument of a module":
            for name, need in _needs(spot).items():
                if name not in spot.at.beside:
                    yield Choice(name, "need", need.what, insert=f"{name}: ")
        case "a concern" | "an act" | "a persona":
            section = {"a concern": "concerns", "an act": "acts", "a persona": "personas"}[shape.what]
            for module in spot.home.seen.library.modules if spot.home is not None else ():
                listed = module.tree.get(section)
                for entry in getattr(listed, "entries", ()):
                    if entry.key.text not in spot.at.beside:
                        name = entry.key.text
                        yield Choice(name, DECLARES[shape.what], f"of {module.path}", insert=f"{name}: ")


def _needs(spot: Spot) -> Mapping[str, Need]:
    """What the module needs that is being used here."""
    used = next((frame.beside["module"] for frame in reversed(spot.at.frames) if "module" in frame.beside), "")
    files = spot.home.seen.library.files if spot.home is not None else {}
    for path, file in files.items():
        if used and (path == used or path.endswith(f"/{used}")):
            return file.needs
    return {}


def _given_for(spot: Spot, need: Need, text: str) -> Offer:
    """What may be given for a parameter of a module."""
    assert spot.found is not None
    events = spot.found.events.values()
    named: list[Choice] = []
    match need.kind:
        case "act":
            named = [event_choice(event.name, event) for event in events if event.actor == "agent"]
        case "move":
            named = [event_choice(event.name, event) for event in events if event.actor in spot.found.persons]
        case "event":
            named = [event_choice(event.name, event) for event in events]
        case "trigger":
            machines = spot.found.machines
            named = [Choice(name[8:], "trigger") for name in machines if name.startswith("trigger.")]
        case "person":
            named = [Choice(name, "person") for name in spot.found.persons]
        case "variable":
            named = list(variables(spot.found.scope))
        case "wait":
            return _amount(spot, "wait", text)
        case "condition":
            return expression(spot, "guard", text)
        case kind if kind in spot.found.types:
            named = values_of(spot.found.types[kind])
        case _:
            return expression(spot, "value", text)
    return offer(named, text, r"[\w.]*$")


# --- values -----------------------------------------------------------------------------------------------------------


def _value(spot: Spot, text: str) -> Offer:
    if isinstance(spot.fits.shape, Each):
        return NOTHING
    line = line_of(spot.fits)
    if line is None:
        return NOTHING
    quote = text[:1] if text[:1] in "\"'" else ""
    text = text[1:] if quote else text
    match line.reads:
        case "choice":
            told = zip(line.choices, line.meanings, strict=True)
            return offer((Choice(choice, "value", about=meaning) for choice, meaning in told), text)
        case "yes/no":
            return offer((Choice(word, "value") for word in ("yes", "no")), text)
        case "argument" if spot.found is not None and spot.fits.names:
            need = _needs(spot).get(spot.fits.names[-1][1])
            return NOTHING if need is None else _given_for(spot, need, text)
        case "path":
            return offer(_modules(spot), text, r"[\w/-]*$")
        case "concern" | "shift" if spot.found is not None:
            kind = line.reads
            machines = (name.partition(".")[2] for name in spot.found.machines if name.startswith(f"{kind}."))
            return offer((Choice(name, kind) for name in machines), text)
        case "duration" | "gap" | "wait" | "turns" | "chance" | "share":
            return _amount(spot, line.reads, text)
        case "limit":
            return offer((Choice(f"up to {n} acts", "value") for n in (2, 3, 4)), text, r".*$")
        case "declaration" | "type":
            return _declaration(spot, text)
        case "template":
            return _template(spot, text)
        case "guard" | "pattern" | "check" | "norm" | "value" | "event" | "name" | "state" if spot.found is not None:
            if line.reads in ("event", "name", "state"):
                return offer(_named(spot), text, r"[\w.]*$")
            return expression(spot, line.reads, text)
    return NOTHING


def _amount(spot: Spot, reads: str, text: str) -> Offer:
    if not re.search(r"\d$", text):
        return NOTHING
    if reads in ("chance", "share"):
        return Offer((Choice("%", "unit"),))
    units = [unit for unit, _ in FAMILIES["duration"].units] if reads != "turns" else []
    turns = [" turns", " turn"] if reads in ("wait", "turns") else []
    return Offer(tuple(Choice(unit.strip(), "unit", insert=unit) for unit in (*units, *turns)))


def _declaration(spot: Spot, text: str) -> Offer:
    types = [Choice(name, "type") for name in BUILT_IN if name != "money"] + [Choice("money(EUR)", "type")]
    if spot.found is not None:
        types += [Choice(n, "type", f"one of {' | '.join(e.members)}") for n, e in spot.found.types.items()]
    if re.search(r"=\s*[\w.]*$", text) and spot.found is not None:
        return offer(variables(spot.here().scope), text, r"[\w.]*$")
    if re.fullmatch(r"[\w /]*", text):
        return offer(types, text, r"[\w /]*$")
    return NOTHING


def _modules(spot: Spot) -> Iterator[Choice]:
    """Modules beside the file and in the folders above, up to the editor's folder."""
    seen: set[str] = set()
    top = next((root for root in spot.desk.roots if spot.path.is_relative_to(root)), spot.path.parent)
    for folder in (spot.path.parent, *spot.path.parent.parents):
        for root, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            if len(Path(root).relative_to(folder).parts) > 2:
                folders.clear()
            for name in sorted(files):
                file = Path(root, name)
                module = file.relative_to(folder).as_posix().removesuffix(".yaml")
                if name.endswith(ENDINGS[0]) and module not in seen and file != spot.path:
                    seen.add(module)
                    if not spot.desk.is_scenario(file):
                        yield Choice(module, "file")
            if len(seen) > MOST:
                return
        if folder == top:
            return


def _template(spot: Spot, text: str) -> Offer:
    opened = max(text.rfind("{{"), text.rfind("{%"))
    if opened < 0 or max(text.rfind("}}"), text.rfind("%}")) > opened or spot.found is None:
        return NOTHING
    inside = text[opened + 2 :]
    if re.search(r"\|\s*\w*$", inside):
        return offer((Choice(name, "filter", about) for name, about in FILTERS.items()), inside)
    event = next((name for what, name in reversed(spot.fits.names) if what == "wordings"), "")
    declared = spot.found.events.get(event)
    fields = [Choice(f.name, "field", show_type(f.type)) for f in (declared.fields if declared else ())]
    hers = declared is None or declared.actor == spot.found.speaker()  # of others' traits nobody else may speak
    named = (*spot.found.constants, *spot.found.variables) if hers else ()
    traits = [name for name in named if name.startswith("persona.")]
    public = [v for v in spot.found.variables.values() if v.view in ("public", "agent")]
    more = [Choice(name, "trait") for name in traits]
    more += [Choice(v.name, "variable", show_type(v.type)) for v in public if v.kind != "trait"]
    return offer([*fields, *more], inside, r"[\w.]*$")


# --- names alone ------------------------------------------------------------------------------------------------------


def _named(spot: Spot) -> Iterator[Choice]:
    assert spot.found is not None
    found = spot.found
    match spot.fits.key:
        case "emit":
            yield from (event_choice(e.name, e) for e in found.events.values() if e.actor == "world")
        case "wakes":
            yield from (Choice(name, "person") for name in found.persons)
            yield from (Choice(name, "word") for name in WAKE_UPS)
            yield from (event_choice(e.name, e) for e in found.events.values() if e.actor == "world")
        case "do":
            person = spot.person()
            moves = (e for e in found.events.values() if e.actor == person and not e.name.endswith(".voice"))
            yield from (event_choice(e.name.partition(".")[2], e) for e in moves)
            yield Choice("nothing", "word", "", "Silence.")
        case "go":
            yield from (Choice(state, "state") for state in found.machines.get(f"task.{spot.owner()}", ()))
        case "persona":
            yield from _declared(spot, "personas", "persona")
        case "play":
            yield from _declared(spot, "recordings", "recording")
        case "of":
            yield from (Choice(name, "person") for name in found.persons)
        case "returns":
            for name, variable in found.variables.items():
                if variable.kind in ("world", "parameter"):
                    yield Choice(name, "variable", show_type(variable.type))


def _declared(spot: Spot, section: str, kind: str) -> Iterator[Choice]:
    if spot.home is not None and spot.home.seen.tree is not None:
        trees = [spot.home.seen.tree, *(module.tree for module in spot.home.seen.library.modules)]
        for tree in trees:
            for entry in getattr(tree.get(section), "entries", ()):
                yield Choice(entry.key.text, kind)


def _after(shape: Shape) -> str:
    """What follows a key's colon: a blank where its value stands on the same line."""
    return " " if isinstance(shape, Line | shapes.Forms | Each) else ""

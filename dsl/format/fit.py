"""Holding a file against its shape: what does not fit is said once, and taken out.

The result is a tree that fits, so whoever reads it next needs no defence: a misspelt key has been read as the key that was
meant, and a value of the wrong kind is gone. Names whose declaration was damaged are remembered as ``broken``, so that what
speaks of them is left alone instead of being blamed for somebody else's mistake.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from operator import is_

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.expressions.parser import RESERVED
from dramaturg.dsl.expressions.spelling import WORD, is_name, spelled
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.refit import refit
from dramaturg.dsl.format.shapes import Each, Forms, Key, Line, Names, Record, Shape, demands
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq


@dataclass(slots=True)
class Fitting:
    """What was found while a tree was held against a shape."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    lost: bool = False
    """Whether declarations were dropped, so that names may be missing through no fault of the lines that use them."""

    def add(self, other: Fitting) -> None:
        """What was found in another tree as well."""
        self.diagnostics.extend(other.diagnostics)
        self.broken |= other.broken
        self.lost = self.lost or other.lost


def fit(node: Node, shape: Shape, found: Fitting, owner: str = "this") -> Node | None:
    """What of the node fits the shape, the very node where all of it does; None where nothing does."""
    match shape:
        case Line():
            return _line(node, shape, found, owner)
        case Each():
            if isinstance(node, Seq):
                items = [fit(item, shape.item, found, shape.what) for item in node.items]
                if all(map(is_, items, node.items)):
                    return node
                return Seq(tuple([item for item in items if item is not None]), node.span, node.flow)
            found.lost = True
            found.diagnostics.append(_wrong_kind(node, owner, f"a list, {shape.what} on each line", shape))
            return None
        case Record():
            if isinstance(node, Map):
                return _record(node, shape, found)
            if _is_empty(node):
                return Map((), node.span)
            found.lost = True
            found.diagnostics.append(_wrong_kind(node, owner, "a map with " + _keys(shape), shape))
            return None
        case Names():
            if isinstance(node, Map):
                before = len(found.diagnostics)
                if shape is shapes.TASKS and (nameless := _nameless(node)) is not None:
                    found.diagnostics.append(nameless)
                    found.lost = True
                    return Map((), node.span, damaged=True)
                kept = list(_named(node.entries, shape, found))
                if len(found.diagnostics) > before + 1:
                    _together(found, {it.value.span for it in node.entries} | {it.key.span for it in node.entries})
                return _mapped(node, kept, node.damaged or len(kept) < len(node.entries))
            if _is_empty(node):
                return Map((), node.span)
            found.lost = True
            found.diagnostics.append(_wrong_kind(node, owner, f"a map that names {shape.what} on each line", shape))
            return Map((), node.span, damaged=True)
        case Forms():
            form = shape.line if isinstance(node, Scalar) else shape.list if isinstance(node, Seq) else shape.map
            if isinstance(node, Scalar) and _is_empty(node) and shape.line is None:
                form = shape.map
            if form is not None:
                return fit(node, form, found, owner)
            found.diagnostics.append(_wrong_kind(node, owner, _forms(shape), shape))
            return None
    raise AssertionError(f"unknown shape {shape!r}")


def _mapped(node: Map, kept: list[Entry], damaged: bool) -> Map:
    """The map of these entries: the very node where they are all of its own."""
    if len(kept) == len(node.entries) and damaged == node.damaged and all(map(is_, kept, node.entries)):
        return node
    return Map(tuple(kept), node.span, node.flow, damaged)


def lacking(node: Node, shape: Shape, at: Span, found: Fitting, what: str = "") -> None:
    """Say which required keys are missing from a tree that fits. ``at`` is where the thing is named."""
    if not demands(shape):
        return
    match shape, node:
        case Record(), Map():
            absent = [name for name in shape.required if node.get(name) is None and not node.damaged]
            if absent and not (what and what in found.broken):
                names = " and ".join(f"`{name}`" for name in absent)
                first = shape.key(absent[0])
                assert first is not None
                notes = [f"`{key.name}` is {key.about}" for key in shape.keys if key.name in absent and key.about]
                subject = f"{shape.what} `{what}`" if what and shape.what != "a scenario" else shape.what
                found.diagnostics.append(diagnose("missing-key", at, f"{subject} lacks {names}", notes=notes))
                if what:
                    found.broken.add(what)
            for entry in node.entries:
                key = shape.key(entry.key.text)
                if key is not None:
                    if type(key.shape) is not Line:
                        lacking(entry.value, key.shape, entry.key.span, found)
                elif shape.rest is not None:
                    lacking(entry.value, shape.rest.value, entry.key.span, found, entry.key.text)
        case Names(), Map():
            for entry in node.entries:
                lacking(entry.value, shape.value, entry.key.span, found, entry.key.text)
        case Each(), Seq():
            for item in node.items:
                lacking(item, shape.item, _head(item), found)
        case Forms(), _:
            form = shape.line if isinstance(node, Scalar) else shape.list if isinstance(node, Seq) else shape.map
            if form is not None:
                lacking(node, form, at, found, what)


def _head(node: Node) -> Span:
    """Where to point for a thing that has no name: its first line's worth."""
    if isinstance(node, Map) and node.entries and not node.flow:
        return node.entries[0].key.span
    return node.span


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.style == "plain" and node.text in ("", "~", "null")


_NAMES = ("name", "event", "state", "slug", "path")
"""Lines that are nothing but names."""


def is_slug(text: str) -> bool:
    """Whether a text may name a file: letters and digits of any script, ``-`` and ``_``; no file system takes very long ones."""
    if not re.fullmatch(shapes.SLUG, text):
        return False
    return text.isascii() or (is_name("x" + text.replace("-", "_")) and len(text.encode()) <= 200)


def is_named(pattern: str, text: str) -> bool:
    """Whether a text is a name of this kind. Capitals and small letters are told apart where a script has both."""
    if not re.fullmatch(pattern, text):
        return False
    if text.isascii():
        return True
    parts = text.split(".")
    if pattern == shapes.STATE:
        cased = not (text[0].islower() or any(char.islower() and char != "ß" for char in text))
    else:
        cased = not any(part[:1].isupper() for part in parts)
    return cased and all(map(is_name, parts))


def _fits(names: Names, text: str) -> bool:
    return names.fits(text) is not None if text.isascii() else is_named(names.pattern, text)


def _suits(node: Node, shape: Shape) -> bool:
    """Whether the node is a plain text where one is wanted, so that nothing can be wrong with it here. Most of a file is."""
    if type(node) is not Scalar or type(shape) is not Line or shape.choices or shape.reads == "slug":
        return False
    return bool(node.text) and node.text.isascii() and not node.text.isspace()


def _line(node: Node, shape: Line, found: Fitting, owner: str) -> Node | None:
    if _suits(node, shape):
        return node
    what, example = shapes.READINGS[shape.reads]
    if not isinstance(node, Scalar):
        wanted = " or ".join(f"`{word}`" for word in shape.choices) if shape.choices else f"{what}, such as `{example}`"
        found.diagnostics.append(_wrong_kind(node, owner, wanted, shape))
        return None
    if not node.text.strip() and shape.reads != "template":
        found.diagnostics.append(
            diagnose(
                "empty-value", node.span, f"{owner} is left empty", notes=[f"it takes {what}, such as `{example}`"]
            )
        )
        return None
    if shape.reads in _NAMES:
        node = spelled(node, found.diagnostics) or Scalar("", node.span)
        if not node.text:
            return None
    if shape.reads == "slug" and not is_slug(node.text):
        found.diagnostics.append(
            diagnose(
                "bad-name",
                node.span,
                f"`{_short(node.text)}` cannot be the name of {owner.strip('`')}",
                notes=["letters and digits, with hyphens or underscores between them, 80 at most"],
                fixes=_slugged(node),
            )
        )
        return None
    if shape.choices and node.text not in shape.choices:
        other = shapes.MEANT.get(node.text)
        meant = other if other in shape.choices else closest(node.text, shape.choices)
        options = " or ".join(f"`{word}`" for word in shape.choices)
        fixes = [Fix(f"replace it with `{meant}`", ((node.span, meant),))] if meant else []
        said = f"; did you mean `{meant}`?" if meant else ""
        found.diagnostics.append(
            diagnose("unknown-choice", node.span, f"{owner} is {options}, not `{_short(node.text)}`{said}", fixes=fixes)
        )
        return None
    return node


def _slugged(leaf: Scalar) -> list[Fix]:
    """What stays of a text when all that no name of a file may hold becomes a hyphen."""
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", leaf.text).strip("-_")
    if leaf.style == "block" or not re.fullmatch(shapes.SLUG, slug):
        return []
    # A name in another script would lose its letters.
    return [Fix(f"replace it with `{slug}`", ((leaf.span, slug),))] if leaf.text.isascii() else []


def _record(node: Map, shape: Record, found: Fitting) -> Map:
    kept: list[Entry] = []
    damaged, unguessed, table = node.damaged, 0, shape.table
    others = [entry for entry in node.entries if entry.key.text not in table]
    present = {entry.key.text for entry in node.entries if entry.key.text in table} if others else set()
    strangers = [entry for entry in others if not _is_rest(entry, shape, present)]
    for entry in node.entries:
        key = table.get(entry.key.text)
        if key is None:
            if entry not in strangers:
                assert shape.rest is not None
                kept.extend(_named((entry,), shape.rest, found))
                continue
            single = _single_colon(entry, found)
            if single is not entry:
                if single.key.text in present:
                    continue
                key = table.get(single.key.text)
                if key is None and shape.rest is not None and _is_rest(single, shape, present):
                    kept.extend(_named((single,), shape.rest, found))
                    continue
                entry = single
            if key is None:
                key = _stranger(entry, shape, present, len(strangers), found)
            if key is None or key.name in present:
                found.broken |= declared(entry)
                unguessed += key is None
                damaged = damaged or key is not None
                continue
            present.add(key.name)
        if type(entry.value) is Scalar and entry.value.style != "quoted" and "\n" in entry.value.span.text:
            damaged = _swallowed(entry, shape, node, found) or damaged
        suits = _suits(entry.value, key.shape)
        value = entry.value if suits else fit(entry.value, key.shape, found, f"`{key.name}`")
        if value is entry.value and key.name == entry.key.text:
            kept.append(entry)
        elif value is not None:
            kept.append(Entry(_renamed(entry.key, key.name), value))
            damaged = damaged or (isinstance(value, Map) and value.damaged and not value.entries)
        elif key.required:
            # The key is there, however damaged: an empty text keeps it from being reported as missing as well.
            kept.append(Entry(_renamed(entry.key, key.name), Scalar("", entry.value.span)))
        else:
            damaged = True
    if unguessed > 1:
        _together(found, {entry.key.span for entry in strangers})
    # A key that nobody knows may have been meant for one that is missing: the two are one mistake.
    absent = sum(name not in present for name in shape.required) if unguessed else 0
    return _mapped(node, kept, damaged or (unguessed > 0 and unguessed >= absent))


def _together(found: Fitting, places: Collection[Span]) -> None:
    """Several entries of one map that do not belong there are told as one: they stand elsewhere, or below the wrong name."""
    said = [it for it in found.diagnostics if it.span in places and it.name in _STRANGE and not it.fixes]
    if len(said) < 2:
        return
    first, more = said[0], said[1:]
    message, before = first.message, first.message.partition(" has no key ")[0]
    if all(it.message.startswith(f"{before} has no key ") for it in said):
        *names, last = [f"`{_short(it.span.text)}`" for it in said]
        if len(names) > 10:
            names, last = names[:10], f"{len(names) - 9} more"
        message = f"{before} has no keys {', '.join(names)} and {last}"
    labels = [Label(it.span, "nor does this belong here") for it in more[:10]]
    told = diagnose(first.name, first.span, message, labels=[*first.labels, *labels], notes=first.notes)
    others = set(map(id, more))
    found.diagnostics[:] = [told if it is first else it for it in found.diagnostics if id(it) not in others]


_STRANGE = ("unknown-key", "wrong-kind", "reserved-word")
"""What is said of entries that are none of what their map holds."""


def _single_colon(entry: Entry, found: Fitting) -> Entry:
    """The entry without a second colon behind its name, which is complained of."""
    name = entry.key.text.rstrip(": ")
    if not entry.key.text.endswith(":") or entry.key.style != "plain" or not name:
        return entry
    at = entry.key.span
    more = Span(at.source, at.start + len(name.encode()), at.end)
    fix = Fix("take it away", ((more, ""),))
    found.diagnostics.append(
        diagnose("bad-name", more, f"there is a colon too many behind `{_short(name)}`", fixes=[fix])
    )
    return Entry(Scalar(name, Span(at.source, at.start, more.start)), entry.value)


def _fits_at_all(entry: Entry, key: Key) -> bool:
    """Whether the value of an unknown key is one that a key may have, perhaps in another form."""
    value, shape = entry.value, key.shape
    if isinstance(value, Scalar) and isinstance(shape, Line):
        if shape.reads == "state":
            return is_named(shapes.STATE, value.text)
        if shape.reads == "name":
            return is_named(shapes.NAME, value.text)
        return shape.reads not in _DIGITS or value.text[:1].isdigit()
    found = Fitting()
    fit(value, shape, found)
    return not found.diagnostics or any(it.fixes for it in found.diagnostics)


_DIGITS = ("duration", "wait", "turns", "whole", "chance")


def declared(entry: Entry) -> set[str]:
    """The names that an entry would have declared, had it been one: what speaks of them is not to blame."""
    names = {entry.key.text.rpartition(".")[2]} if re.fullmatch(shapes.EVENT, entry.key.text) else set[str]()
    if isinstance(entry.value, Map):
        names = names.union(*map(declared, entry.value.entries))
    return names - shapes.KEY_NAMES


def _swallowed(entry: Entry, shape: Record, around: Map, found: Fitting) -> bool:
    """Complain about a key of the record that is indented like the text above it, and so is read as part of that."""
    assert isinstance(entry.value, Scalar)
    at = entry.value.span
    for match in re.finditer(rb"(?m)^( *)([a-z_]+):(?= |\r?$)", at.source.data[at.start : at.end]):
        name = match[2].decode()
        if name not in shape.table or around.get(name) is not None or not match.start():
            continue
        start = at.start + match.start(2)
        column = entry.key.span.column - 1
        line = Span(at.source, at.start + match.start(1), start)
        fixes = [Fix(f"begin it below `{entry.key.text}`", ((line, " " * column),), safe=False)]
        found.diagnostics.append(
            diagnose(
                "bad-indentation",
                Span(at.source, start, start + len(name)),
                f"`{name}:` is indented as far as the text of `{entry.key.text}`, so it is read as part of it",
                labels=[Label(entry.key.span, "the text begins here")],
                fixes=fixes,
            )
        )
        return True
    return False


def _is_rest(entry: Entry, shape: Record, present: Collection[str]) -> bool:
    """Whether the entry is one whose key the author makes up, and not a known key misspelt."""
    if shape.rest is None or not _fits(shape.rest, normal(entry.key)):
        return False
    if not shape.guarded:
        return True
    if shape.near and foreign_key(entry, shape, present) is not None:
        return False
    near = closest(entry.key.text, list(shape.table))
    known = shape.key(near) if near is not None else None
    if known is not None and isinstance(known.shape, Line) and known.shape.choices and isinstance(entry.value, Scalar):
        return entry.value.text not in known.shape.choices  # `vew: agent` declares no field of the type `agent`
    return not (shape.near and near)


def foreign_key(entry: Entry, shape: Record, present: Collection[str]) -> str | None:
    """The key that is called otherwise elsewhere, where the thing has it, does not say it yet, and the value would do."""
    known = [name for name in shapes.ELSEWHERE.get(entry.key.text, ()) if name in shape.table and name not in present]
    return next((name for name in known if _fits_at_all(entry, shape.table[name])), None)


def _led(entry: Entry) -> Diagnostic | None:
    """What to say of ``user.take: DONE``, a line that is what it waits for and where that leads."""
    key, value = entry.key, entry.value
    if not isinstance(value, Scalar) or not (is_named(shapes.EVENT, key.text) and is_named(shapes.STATE, value.text)):
        return None
    opening, closing = ("", "") if key.span.source.data[: key.span.start].rstrip(b" ").endswith(b"{") else ("{", "}")
    meant = f"when: {key.text}, go: {value.text}"
    place = Span(key.span.source, key.span.start, value.span.end)
    fix = Fix(f"write `{meant}`", ((place, f"{opening}{meant}{closing}"),))
    return diagnose("unknown-key", key.span, f"what a line waits for stands behind `when`: `{meant}`", fixes=[fix])


def _stranger(entry: Entry, shape: Record, present: set[str], strangers: int, found: Fitting) -> Key | None:
    """Report an unknown key; the key that it is read as, where one can be told."""
    word = entry.key.text
    free = [key.name for key in shape.keys if key.name not in present]
    meant = foreign_key(entry, shape, present) or closest(word, free) or closest(word, [key.name for key in shape.keys])
    if meant is not None and not _fits_at_all(entry, shape.table[meant]):
        meant = None  # it looks alike, and cannot have been meant
    absent = [key.name for key in shape.keys if key.required and key.name not in present and _fits_at_all(entry, key)]
    foreign = word in shapes.KEY_NAMES
    if meant is None and shape.rest is not None and not foreign and _fits(shape.rest, word.upper().replace("-", "_")):
        upper = word.upper().replace("-", "_")
        found.diagnostics.append(
            diagnose(
                "bad-name",
                entry.key.span,
                f"the name of {shape.rest.what} is written in capitals: `{upper}`",
                fixes=[Fix(f"replace it with `{upper}`", ((entry.key.span, upper),))],
            )
        )
        found.broken.update((word, upper))
        found.lost = True
        return None
    if meant is None and shape.rest is not None and not foreign:
        found.diagnostics.append(_bad_name(entry.key, shape.rest))
        found.lost = True
        return None
    if shape is shapes.TRANSITION and strangers == 1 and not present and (pair := _led(entry)) is not None:
        found.diagnostics.append(pair)
        found.lost = True
        return None
    guessed = meant or (absent[0] if strangers == 1 and len(absent) == 1 else None)
    said = f"; did you mean `{guessed}`?" if guessed else ""
    notes = [] if guessed else ["it may have " + ", ".join(f"`{key.name}`" for key in shape.keys)]
    if guessed in present:
        said, notes = f"; `{guessed}` is there already", []
        fixes = []
    else:
        fixes = [Fix(f"replace it with `{guessed}`", ((entry.key.span, guessed),))] if guessed else []
    found.diagnostics.append(
        diagnose(
            "unknown-key",
            entry.key.span,
            f"{shape.what} has no key `{_short(word)}`{said}",
            notes=notes,
            fixes=fixes,
        )
    )
    found.lost = found.lost or (guessed is None and not isinstance(entry.value, Scalar))
    return shape.key(guessed) if guessed else None


def _named(entries: Iterable[Entry], shape: Names, found: Fitting) -> Iterator[Entry]:
    for entry in entries:
        if entry.key.text.endswith(":"):
            entry = _single_colon(entry, found)
        key = spelled(entry.key, found.diagnostics)
        if key is None:
            found.lost = True
            continue
        if key.text != entry.key.text:
            entry = Entry(_renamed(entry.key, key.text), entry.value)
        name = entry.key.text
        if not _fits(shape, name):
            found.diagnostics.append(_bad_name(entry.key, shape))
            found.lost = True
            continue
        if shape.mentioned and (name in RESERVED or ("." in name and not RESERVED.isdisjoint(name.split(".")))):
            word = next(part for part in name.split(".") if part in RESERVED)
            found.diagnostics.append(
                diagnose(
                    "reserved-word",
                    entry.key.span,
                    f"`{word}` is a word of the language and cannot be the name of {shape.what}",
                )
            )
            found.lost = True
            continue
        if _suits(entry.value, shape.value):
            yield entry
            continue
        before = len(found.diagnostics)
        value = fit(entry.value, shape.value, found, f"`{name}`")
        if value is None or (len(found.diagnostics) > before and isinstance(shape.value, Line | Forms)):
            found.broken.update((name, name.rsplit(".", 1)[-1]))
        if value is not None:
            yield entry if value is entry.value else Entry(entry.key, value)
        elif not isinstance(shape.value, Line):
            yield Entry(entry.key, Map((), entry.value.span))


def normal(key: Scalar) -> str:
    """The key as it is read, whatever has to be said about its letters."""
    meant = spelled(key, [])
    return "" if meant is None else meant.text


def _nameless(tasks: Map) -> Diagnostic | None:
    """States where tasks are: the name of the task around them is missing."""
    own = {key.name for key in shapes.TASK.keys}
    inside = [it for it in tasks.entries if it.key.text in own or is_named(shapes.STATE, it.key.text)]
    states = [it for it in inside if it.key.text not in own]
    if not states or len(inside) < len(tasks.entries) or not states[0].key.text.isupper():
        return None
    return diagnose(
        "bad-name",
        inside[0].key.span,
        f"`{states[0].key.text}` is a state, and stands in no task: the name of the task is missing above it",
        labels=[Label(it.key.span, "and this") for it in inside[1:]],
        notes=["under `tasks` each task has a name in small letters, and its states stand below that"],
    )


def _bad_name(key: Scalar, shape: Names) -> Diagnostic:
    rule = "capitals, digits and underscores" if shape.pattern == shapes.STATE else "letters, digits and underscores"
    start = "a capital" if shape.pattern == shapes.STATE else "a small letter"
    dots = ", with dots between its parts" if shape.pattern == shapes.EVENT else ""
    return diagnose(
        "bad-name",
        key.span,
        f"`{_short(key.text)}` cannot be the name of {shape.what}",
        notes=[f"a name starts with {start} and goes on with {rule}{dots}"],
        fixes=_spelt(key, shape),
    )


def _spelt(key: Scalar, shape: Names) -> list[Fix]:
    """The name with underscores, in the case that its kind has; what speaks of it is not changed, so it is for a person to
    say."""
    name = re.sub(r"[\s-]+" if shape.pattern == shapes.EVENT else r"[\s.-]+", "_", key.text)
    if shape.pattern == shapes.STATE:
        name = name.upper()
    else:
        name = ".".join(part[:1].lower() + part[1:] for part in name.split("."))
    if key.style == "block" or not re.fullmatch(shape.pattern, name) or not RESERVED.isdisjoint(name.split(".")):
        return []
    return [Fix(f"replace it with `{name}`", ((key.span, name),), safe=False)]


def _renamed(key: Scalar, name: str) -> Scalar:
    return key if key.text == name else Scalar(name, key.span, key.style)


def _wrong_kind(node: Node, owner: str, wanted: str, shape: Shape) -> Diagnostic:
    given = {Scalar: "a text", Map: "a map", Seq: "a list"}[type(node)]
    if _is_empty(node):
        given = "nothing"
    fix = refit(node, shape)
    message = f"{owner} takes {wanted}, but {given} is given"
    return diagnose("wrong-kind", node.span, message, fixes=[fix] if fix is not None else [])


def _forms(shape: Forms) -> str:
    forms = []
    if shape.line is not None:
        forms.append(shapes.READINGS[shape.line.reads][0])
    if shape.list is not None:
        forms.append(f"a list, {shape.list.what} on each line")
    if isinstance(shape.map, Record):
        forms.append("a map with " + _keys(shape.map))
    elif shape.map is not None:
        forms.append(f"a map that names {shape.map.what} on each line")
    return ", or ".join(forms)


def _keys(shape: Record) -> str:
    names = [f"`{key.name}`" for key in shape.keys]
    if shape.rest is not None:
        names.append(f"a name for {shape.rest.what} on each line")
    return ", ".join(names)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 40 else flat[:37] + "…"


def mentions(text: str, names: Collection[str]) -> bool:
    """Whether a line of text contains one of these names as a word."""
    if not names:
        return False
    words = set(re.findall(WORD, text))
    return not words.isdisjoint(names)

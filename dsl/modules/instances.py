"""Instances: a module's tree with its parameters filled in, and with names of its own where it is used under one.

The tree is walked along its shape, which says how each text is read: a parameter stands in an expression as a name, in a text
between double braces, in a declaration as an end of a range or in the start. What is put in keeps its origin (``splice``), so
nothing in the module captures a name of an argument. ``as: outbound`` puts ``outbound_`` before every name that the module
declares, there and wherever the module itself speaks of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from dramaturg.dsl.declarations.inventory import entries
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.expressions.mistakes import Mistake, Word, words
from dramaturg.dsl.expressions.parser import parse
from dramaturg.dsl.expressions.surface import At
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.shapes import Each, Forms, Line, Names, Record, Shape
from dramaturg.dsl.modules.needs import Argument, shown
from dramaturg.dsl.modules.splice import Cut, splice
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq
from dramaturg.dsl.wording import placeholders
from dramaturg.dsl.wording.allowlist import PARSER
from dramaturg.dsl.wording.placeholders import Tag

RENAMED = (
    "types",
    "parameters",
    "world",
    "events",
    "acts",
    "personas",
    "concerns",
    "tasks",
    "triggers",
    "shifts",
    "rules",
    "check",
    "recordings",
)
"""Sections whose entries belong to an instance."""
NAMED = ("recordings", "personas", "world", "parameters", "events", "concerns", "shifts", "tasks", "triggers")
"""Sections whose entries a line can name that is nothing but a name."""
MACHINES = {"task": "tasks", "concern": "concerns", "trigger": "triggers", "shift": "shifts"}
FIXED = ("duration", "wait", "turns", "gap", "chance", "whole", "yes/no", "limit", "share", "count")
"""Readings that take an amount and no expression."""
LITERAL = ("slug", "path", "choice", "state", "need")
"""Readings in which no parameter can stand."""
_BRACES = re.compile(r"\{\{\s*([a-z]\w*)\s*(?:\|\s*(\w+)\s*)?\}\}")


@dataclass(slots=True)
class Instance:
    """One use of a module: what stands for its parameters, and the names that are its own."""

    arguments: Mapping[str, Argument] = field(default_factory=dict)
    prefix: str = ""
    own: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The names that the module declares, by section."""
    said: list[Diagnostic] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    """Parameters that stand somewhere."""
    spliced: list[Scalar] = field(default_factory=list)
    slots: frozenset[str] = frozenset()
    """The slots of the task that is being walked."""

    def named(self, name: str, *sections: str) -> str | None:
        """The name that something of the module's own has in this instance."""
        if self.prefix and any(name in self.own.get(section, ()) for section in sections):
            return f"{self.prefix}_{name}"
        return None

    def put(self, scalar: Scalar, cuts: list[Cut]) -> Scalar:
        if not cuts:
            return scalar
        out = splice(scalar, cuts)
        if any(cut.given is not None for cut in cuts):
            self.spliced.append(out)
        return out


def declared(tree: Map) -> dict[str, frozenset[str]]:
    """The names that a module declares, by section."""
    return {name: frozenset(entry.key.text for entry in entries(tree.get(name))) for name in RENAMED}


def instantiate(tree: Map, instance: Instance, only: Iterable[str] = ()) -> Map:
    """The fitted tree of a module as this instance has it; with ``only``, no other of its keys."""
    out = []
    for entry in tree.entries:
        key = shapes.MODULE.key(entry.key.text)
        if key is None or (only and key.name not in only):
            continue
        value = _walked(entry.value, key.shape, instance)
        if key.name in RENAMED and isinstance(value, Map):
            value = replace(value, entries=tuple(_renamed(inner, key.name, instance) for inner in value.entries))
        out.append(replace(entry, value=value))
    return replace(tree, entries=tuple(out))


def _renamed(entry: Entry, section: str, instance: Instance) -> Entry:
    name = instance.named(entry.key.text, section)
    if name is None:
        return entry
    return replace(entry, key=splice(entry.key, [Cut((0, len(entry.key.text)), name, entry.key.text)]))


def _walked(node: Node, shape: Shape, instance: Instance) -> Node:
    match shape, node:
        case Line(), Scalar():
            return _line(node, shape.reads, instance)
        case Each(), Seq():
            return replace(node, items=tuple(_walked(item, shape.item, instance) for item in node.items))
        case Names(), Map():
            made = (replace(it, value=_walked(it.value, shape.value, instance)) for it in node.entries)
            if shape is shapes.SETS:
                made = (replace(it, key=_variable(it.key, instance)) for it in made)
            elif shape is shapes.WORDS:
                made = (replace(it, key=_event(it.key, instance)) for it in made)
            return replace(node, entries=tuple(made))
        case Record(), Map():
            slots, instance.slots = instance.slots, _slots(node, shape) or instance.slots
            out = [replace(it, value=_walked(it.value, _of(it, shape), instance)) for it in node.entries]
            instance.slots = slots
            return replace(node, entries=tuple(out))
        case Forms(), _:
            form = shape.line if isinstance(node, Scalar) else shape.list if isinstance(node, Seq) else shape.map
            return node if form is None else _walked(node, form, instance)
    return node


def _of(entry: Entry, shape: Record) -> Shape:
    key = shape.key(entry.key.text)
    if key is not None:
        return key.shape
    assert shape.rest is not None, f"{entry.key.text} does not fit"
    return shape.rest.value


def _slots(node: Map, shape: Record) -> frozenset[str]:
    return frozenset(entry.key.text for entry in entries(node.get("slots"))) if shape is shapes.TASK else frozenset()


def _line(line: Scalar, reads: str, instance: Instance) -> Scalar:
    if reads in LITERAL:
        return line
    match reads:
        case "text":
            return instance.put(line, list(_in_text(line, instance)))
        case "template":
            return instance.put(line, list(_in_template(line, instance)))
        case "declaration" | "type":
            # a quoted line is a text that stands for itself (the greeting of a persona)
            return (
                instance.put(line, list(_in_text(line, instance)))
                if line.style != "plain"
                else _declaration(line, instance)
            )
        case "concern" | "shift":
            name = instance.named(line.text, f"{reads}s")
            return line if name is None else instance.put(line, [Cut((0, len(line.text)), name, line.text)])
        case "name" | "event" | "concern" | "shift":
            return _name(line, reads, instance)
        case "constant":
            found = instance.arguments.get(line.text)
            return line if found is None else instance.put(line, [_whole(line, found, instance)])
    return _expression(line, reads, instance)


# --- expressions --------------------------------------------------------------------------------------------------------


def _expression(line: Scalar, reads: str, instance: Instance) -> Scalar:
    found = list(words(line.text))
    cuts = list(_names_in(found, line, reads in FIXED, instance))
    if not cuts or len(found) == 1 or reads not in ("value", "argument"):
        return instance.put(line, cuts)
    # Words of a text stand where a value does: they are one only if they read like one.
    made = splice(line, cuts)
    if isinstance(parse(line.text, "value"), Mistake) and isinstance(parse(made.text, "value"), Mistake):
        return line
    return instance.put(line, cuts)


def _names_in(found: list[Word], line: Scalar, fixed: bool, instance: Instance) -> Iterator[Cut]:
    """What is to be replaced among the words of an expression."""
    for index, word in enumerate(found):
        before = found[index - 1].text if index else ""
        if word.kind != "name" or before == ".":
            continue
        argument = instance.arguments.get(word.text)
        if argument is not None:
            exact = fixed or before in ("for", "in last", "within")
            yield _cut(
                word.at, argument, line, exact, instance, index + 1 < len(found) and found[index + 1].text in (".", "(")
            )
            continue
        yield from _own(_path(found, index), before, instance)


def _path(found: list[Word], index: int) -> list[Word]:
    out = [found[index]]
    while index + 2 < len(found) and found[index + 1].text == "." and found[index + 2].kind in ("name", "keyword"):
        index += 2
        out.append(found[index])
    return out


def _own(path: list[Word], before: str, instance: Instance) -> Iterator[Cut]:
    """The new name of something of the module's own, where a path speaks of one."""
    if not instance.prefix:
        return
    parts = [word.text for word in path]
    second: str | None = None
    if len(parts) > 1 and parts[0] in ("agent", "result"):
        second = instance.named(parts[1], "acts")
    elif len(parts) > 1 and parts[0] in MACHINES:
        second = instance.named(parts[1], MACHINES[parts[0]])
    if second is not None:
        yield Cut(path[1].at, second, parts[1])
        return
    first = instance.named(parts[0], "triggers") if before == "matches" else None
    if first is None and len(parts) > 1:
        first = instance.named(parts[0], "tasks")
    events = instance.own.get("events", ())
    if first is None and any(".".join(parts[:end]) in events for end in range(1, len(parts) + 1)):
        first = f"{instance.prefix}_{parts[0]}"
    if first is None:
        first = instance.named(parts[0], "world", "parameters")
    if first is not None:
        yield Cut(path[0].at, first, parts[0])


def _cut(at: At, argument: Argument, line: Scalar, exact: bool, instance: Instance, joined: bool = False) -> Cut:
    """An argument in the place of its parameter. ``exact`` places take an amount, ``joined`` ones go on behind the name."""
    name, text = argument.need.name.text, argument.scalar.text
    instance.used.add(name)
    lead = len(text) - len(text.lstrip())
    bare, skip = text.strip(), -lead
    if exact and not argument.fixed:
        _not_fixed(argument, line, at, instance)
    if argument.words:
        quoted = len(bare) > 1 and bare[0] == bare[-1] == '"'
        return Cut(at, bare if quoted else f'"{_escaped(text)}"', name, argument.scalar, skip=skip if quoted else 1)
    if joined and argument.name is not None:
        return Cut(at, argument.name if "(" in bare else bare, name, argument.scalar, skip=skip)
    if argument.fixed or argument.name == bare:
        return Cut(at, bare, name, argument.scalar, argument.choice, skip)
    return Cut(at, f"({bare})", name, argument.scalar, skip=skip + 1)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _not_fixed(argument: Argument, line: Scalar, at: At, instance: Instance) -> None:
    instance.said.append(
        diagnose(
            "not-fixed",
            argument.scalar.span,
            f"`{argument.need.name.text}` has to be fixed: the module uses it where nothing can vary",
            labels=[Label(line.part(*at), "it stands here"), Label(argument.need.line.span, "it is needed here")],
            notes=["give an amount, a choice or a text, and not a name whose value may change"],
        )
    )


def _whole(line: Scalar, argument: Argument, instance: Instance) -> Cut:
    cut = _cut((0, len(line.text)), argument, line, True, instance)
    return replace(cut, text=shown(argument, None), skip=0) if argument.fixed else cut


# --- names --------------------------------------------------------------------------------------------------------------


def _name(line: Scalar, reads: str, instance: Instance) -> Scalar:
    """A line that is the name of something: of an event in full, of a move or an act without whose it is."""
    argument = instance.arguments.get(line.text)
    if argument is not None:
        instance.used.add(line.text)
        name = argument.name
        if name is None:
            _not_a_name(argument, line, instance)
            return line
        short = name.rpartition(".")[2] if reads == "name" and argument.need.kind in ("act", "move") else name
        return instance.put(
            line, [Cut((0, len(line.text)), short, line.text, argument.scalar, skip=-len(name) + len(short))]
        )
    new = instance.named(line.text, *NAMED)
    return line if new is None else splice(line, [Cut((0, len(line.text)), new, line.text)])


def _variable(key: Scalar, instance: Instance) -> Scalar:
    """The key of an assignment: a slot of the task at hand, a variable that was given, or one of the module's own."""
    if key.text in instance.slots:
        return key
    argument = instance.arguments.get(key.text)
    if argument is not None:
        return _name(key, "event", instance)
    new = instance.named(key.text, "world")
    return key if new is None else splice(key, [Cut((0, len(key.text)), new, key.text)])


def _event(key: Scalar, instance: Instance) -> Scalar:
    """The key of wordings: an event that was given, or one of the module's own."""
    if key.text in instance.arguments:
        return _name(key, "event", instance)
    found = list(words(key.text))
    return splice(key, list(_own(_path(found, 0), "", instance))) if found else key


def _not_a_name(argument: Argument, line: Scalar, instance: Instance) -> None:
    instance.said.append(
        diagnose(
            "not-fixed",
            argument.scalar.span,
            f"`{argument.need.name.text}` has to be one single name here",
            labels=[Label(line.span, "it stands here"), Label(argument.need.line.span, "it is needed here")],
        )
    )


# --- declarations -------------------------------------------------------------------------------------------------------


def _declaration(line: Scalar, instance: Instance) -> Scalar:
    """Parameters as ends and steps of ranges, in the names of a condition and in the start; named types that are the module's."""
    found = list(words(line.text))
    equals = next((index for index, word in enumerate(found) if word.text == "="), len(found))
    head, cuts, listing = found[:equals], list[Cut](), False
    for index, word in enumerate(head):
        before = head[index - 1].text if index else ""
        after = head[index + 1].text if index + 1 < len(head) else ""
        listing = listing or (before == "condition" and word.text == "on")
        if word.kind != "name" or before == ".":
            continue
        argument = instance.arguments.get(word.text)
        if argument is not None and (before in ("..", "step", "-") or after == ".."):
            cuts.append(_cut(word.at, argument, line, True, instance))
        elif argument is not None and listing:
            cuts.append(_cut(word.at, argument, line, False, instance, joined=True))
        elif listing:
            cuts.extend(_own(_path(head, index), "", instance))
        elif (new := instance.named(word.text, "types")) is not None and before not in ("one of", "|"):
            cuts.append(Cut(word.at, new, word.text))
    start = found[equals:]
    if not (head and head[0].text == "text" and len(start) > 2):  # else it is the words of a text
        cuts.extend(_names_in(start, line, False, instance))
    return instance.put(line, cuts)


# --- texts --------------------------------------------------------------------------------------------------------------


def _in_text(line: Scalar, instance: Instance) -> Iterator[Cut]:
    for match in _BRACES.finditer(line.text):
        argument = instance.arguments.get(match[1])
        if argument is not None:
            yield _shown(match.span(), argument, match[2], line, instance)


def _shown(at: At, argument: Argument, filter_: str | None, line: Scalar, instance: Instance) -> Cut:
    """A fixed argument as words."""
    instance.used.add(argument.need.name.text)
    if not argument.fixed:
        _not_fixed(argument, line, at, instance)
    return Cut(at, shown(argument, filter_), argument.need.name.text, argument.scalar)


def _in_template(line: Scalar, instance: Instance) -> Iterator[Cut]:
    tags, _ = placeholders.tags(PARSER, line.text)
    for tag in tags:
        for name in placeholders.names(tag) if tag.end is not None else ():
            head = name.dotted.partition(".")[0]
            argument = instance.arguments.get(head)
            at = (name.start, name.start + len(head))
            if argument is None:
                found = [Word("name", part, (0, 0)) for part in name.dotted.split(".")]
                yield from (replace(cut, at=at) for cut in _own(found, "", instance) if cut.name == head)
            elif argument.fixed and _alone(tag, name.start):
                filter_ = name.filters[0].text if name.filters else None
                yield _shown((tag.start, tag.end or tag.start), argument, filter_, line, instance)
            elif argument.fixed:
                instance.used.add(head)
                yield Cut(at, f'"{_escaped(shown(argument, None))}"', head, argument.scalar)
            elif argument.name is not None:
                yield _cut(at, argument, line, False, instance, joined=True)
            else:
                _not_fixed(argument, line, at, instance)


def _alone(tag: Tag, start: int) -> bool:
    """Whether a tag shows one name and nothing else."""
    return (
        tag.kind == "show" and tag.tokens[0].start == start and all(before.text == "|" for before in tag.tokens[1::2])
    )

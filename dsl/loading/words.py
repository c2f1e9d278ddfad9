"""Pass two for words: each wording is checked against the names in view of the event that it words.

In view are the event's own fields, and for what a person says the persona as well. Every other name is handed to the template
checker with its view, so that a hidden one is told apart from an unknown one.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

from dramaturg.dsl.declarations.inventory import Inventory, entries, items, pick
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.format.fit import mentions
from dramaturg.dsl.reading import traps
from dramaturg.dsl.scenario import Concern, EventType, Person, Shift, Wording
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Node, Scalar, Seq
from dramaturg.dsl.types import Type, visible_to_agent
from dramaturg.dsl.wording import placeholders, templates
from dramaturg.dsl.wording.allowlist import structure


def words(found: Inventory) -> Mapping[str, tuple[Wording, ...]]:
    out: dict[str, tuple[Wording, ...]] = {}
    seen = _Seen(found)
    for entry in found.section("words"):
        if not found.ready(entry.key):
            continue
        event = found.events.get(entry.key.text)
        if event is None:
            pick(entry.key, found.events, "there is no event {}", "unknown-event", found)
            continue
        lines = items(entry.value) if isinstance(entry.value, Seq) else (entry.value,)
        if isinstance(entry.value, Seq) and entry.value.flow:
            found.sink.extend(_split(lines))
        # Nobody but its own view reads the words of a hidden event, so they may name whatever they like.
        visible = visible_to_agent if visible_to_agent(event.view) else _anything
        read = []
        for line in lines:
            if isinstance(line, Scalar) and not ("{" in line.text and mentions(line.text, found.broken)):
                view, types, declared = seen.by(event) if "{" in line.text else _NOTHING
                wording, problems = templates.check(line, view, types=types, declared=declared, visible=visible)
                problems = problems or list(_captured(line, event))
                found.sink.extend(problems)
                if wording is not None:
                    read.append(wording)
        if read or lines:  # words that are wrong are words: nothing is said of lacking ones
            out[event.name] = tuple(read)
    return out


_ENDS = ".?!…。？！:;”’»)}"
"""What a wording may end with that is complete."""
_OPENING = "“„«‘‚"


def _split(lines: Sequence[Node]) -> Iterator[Diagnostic]:
    """Wordings of a flow list that a comma seems to have made of one sentence: `[Yes, take it.]` is `Yes` and `take it.`."""
    for first, second in pairwise(lines):
        if not (isinstance(first, Scalar) and isinstance(second, Scalar)) or {first.style, second.style} != {"plain"}:
            continue
        source = first.span.source
        comma = source.data.find(b",", first.span.end, second.span.start)
        if first.pieces or second.pieces or comma < 0 or second.span.source is not source:
            continue
        before, after = first.text.strip(), second.text.strip()
        opening = before.lstrip(_OPENING)
        if not opening or not after or before[-1] in _ENDS or not (opening[0].isupper() and after[0].islower()):
            continue
        start, end = first.span.start, second.span.end
        whole = source.data[start:end].decode()
        cut = (len(whole[0].encode()), len(whole[-1].encode())) if traps.curly(whole) else (0, 0)
        edits = ((Span(source, start, start + cut[0]), '"'), (Span(source, end - cut[1], end), '"'))
        fixes = [] if set(whole) & set('"\\\n') else [Fix("take it as one wording, in quotes", edits)]
        yield diagnose(
            "split-wording",
            Span(source, comma, comma + 1),
            f"the comma makes two wordings of this, `{before}` and `{after}`",
            notes=["a wording that holds a comma must stand in quotes"],
            fixes=fixes,
        )


View: TypeAlias = tuple[Mapping[str, str], Mapping[str, Type], Mapping[str, Span]]
"""Of each name that a wording might try to read: the view that decides whether it may, its type, and where it was declared."""
_NOTHING: View = ({}, {}, {})


class _Seen:
    """The names in view of each event, worked out when a wording first has a name."""

    def __init__(self, found: Inventory) -> None:
        self.found = found
        self.speaker = found.speaker()
        self.events: dict[str, View] = {}

    @cached_property
    def places(self) -> dict[str, Span]:
        return _places(self.found)

    @cached_property
    def spoken(self) -> tuple[dict[str, str], dict[str, Type]]:
        return _everywhere(True, self.found)

    @cached_property
    def unspoken(self) -> tuple[dict[str, str], dict[str, Type]]:
        return _everywhere(False, self.found)

    def by(self, event: EventType) -> View:
        if event.name not in self.events:
            view, types = self.spoken if event.actor == self.speaker else self.unspoken
            own = event.fields
            self.events[event.name] = (
                ChainMap({field.name: field.view for field in own}, view),
                ChainMap({field.name: field.type for field in own}, types),
                ChainMap({field.name: field.span for field in own}, self.places),
            )
        return self.events[event.name]


def _places(found: Inventory) -> dict[str, Span]:
    """Where the names that a wording might try to read were declared, under every name that they have."""
    out = dict(found.places)
    for entry in found.section("concerns"):
        full = f"concern.{entry.key.text}"
        out.update({f"{full}.{inner.key.text}": inner.key.span for inner in entries(entry.value)})
    for name, variable in sorted(found.variables.items(), key=lambda it: visible_to_agent(it[1].view)):
        out[name] = variable.span
        out.setdefault(name.rpartition(".")[2], variable.span)
    return out


def _captured(line: Scalar, event: EventType) -> Iterator[Diagnostic]:
    """Arguments of a module that are called as a field of the event: a text could not tell the two apart."""
    tags = structure(line)[0] if line.pieces else []
    for name in (name for tag in tags for name in placeholders.names(tag)):
        piece = line.piece(name.start)
        if piece is None or piece.given is None:
            continue
        for field in event.fields:
            if field.name == name.dotted.partition(".")[0]:
                yield diagnose(
                    "ambiguous-name",
                    line.part(piece.start, piece.end),
                    f"`{field.name}` is what stands for `{piece.name}`, and a field of `{event.name}` as well",
                    labels=[Label(field.span, "the field"), Label(piece.given, f"what stands for `{piece.name}`")],
                    notes=["rename one of the two"],
                )


def _anything(view: str) -> bool:
    return True


def in_view(event: EventType, found: Inventory) -> tuple[dict[str, str], dict[str, Type]]:
    """Every name that a wording might try to read: the view that decides whether it may, and its type where it has one."""
    return _with_fields(event, *_everywhere(event.actor == found.speaker(), found))


def _with_fields(
    event: EventType, views: Mapping[str, str], types: Mapping[str, Type]
) -> tuple[dict[str, str], dict[str, Type]]:
    shown = {field.name: field.view for field in event.fields}
    return {**views, **shown}, {**types, **{field.name: field.type for field in event.fields}}


def _everywhere(spoken: bool, found: Inventory) -> tuple[dict[str, str], dict[str, Type]]:
    """The names that are the same for every event, or for every event that the person says whose traits ``persona`` has."""
    views: dict[str, str] = dict.fromkeys(found.concern_fields, "user")
    types: dict[str, Type] = {}
    for entry in found.section("concerns"):
        views.update({f"concern.{entry.key.text}.{part}": "user" for part in ("story", "says")})
    for machine in found.machines:
        views[machine] = "user" if machine.startswith("concern.") else "judge"
    for name, variable in found.variables.items():
        for known in {name, name.rsplit(".", 1)[-1]} if variable.kind != "trait" else {name}:
            # of several variables of one short name, one that is hidden decides: it might be the one that is shown
            if known not in views or visible_to_agent(views[known]):
                views[known], types[known] = variable.view, variable.type
    for name in (*found.constants, *(v for v in found.variables if v.startswith("persona."))):
        views[name] = "public" if spoken else "user"
        types[name] = found.constants[name][0] if name in found.constants else found.variables[name].type
    return views, types


def unworded(
    found: Inventory,
    words: Mapping[str, tuple[Wording, ...]],
    concerns: tuple[Concern, ...],
    shifts: tuple[Shift, ...],
    cast: tuple[Person, ...],
) -> None:
    """Note the moves that have no words of their own and will be said by a plain default."""
    told = {it.voiced_as.event for it in concerns if it.voiced_as is not None and it.says}
    told |= {it.move.event for it in shifts if it.move is not None and it.says}
    plainly = {it.voiced_as.event for it in concerns if it.voiced_as is not None and not it.says}
    plainly |= {it.move.event for it in shifts if it.move is not None and not it.says}
    for one in cast:
        made = [one.opens, *(reply.do for reply in one.replies)]
        plainly |= {move.event for move in made if move is not None}
    for person, _ in found.people():
        if person.text not in found.persons:  # its name is that of something else, which has been said
            continue
        plain = [
            name.split(".", 1)[1]
            for name, event in found.events.items()
            if event.actor == person.text
            and not name.endswith(".voice")
            and name not in words
            and not (name in told and name not in plainly)
        ]
        if plain:
            listed = ", ".join(f"`{name}`" for name in plain)
            found.sink.append(
                diagnose(
                    "plain-words",
                    found.events[f"{person.text}.{plain[0]}"].span,
                    f"nothing says how `{person.text}` words {listed}; a plain default is used",
                    notes=[f'write some under `words`, such as `{person.text}.{plain[0]}: ["…"]`'],
                )
            )

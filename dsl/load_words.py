"""Pass two for words: each wording is checked against the names in view of the event that it words.

In view are the event's own fields, and for what a person says the persona as well. Every other name is handed to the template
checker with its view, so that a hidden one is told apart from an unknown one.
"""

from __future__ import annotations

from collections.abc import Mapping

from dramaturg.dsl import templates
from dramaturg.dsl.diagnostics import diagnose
from dramaturg.dsl.inventory import Inventory, items, pick
from dramaturg.dsl.scenario import Concern, EventType, Shift, Wording
from dramaturg.dsl.tree import Scalar, Seq
from dramaturg.dsl.types import visible_to_agent


def words(found: Inventory) -> Mapping[str, tuple[Wording, ...]]:
    out: dict[str, tuple[Wording, ...]] = {}
    for entry in found.section("words"):
        if not found.ready(entry.key):
            continue
        event = found.events.get(entry.key.text)
        if event is None:
            pick(entry.key, found.events, "event", "no-such-event", found)
            continue
        lines = items(entry.value) if isinstance(entry.value, Seq) else (entry.value,)
        view = in_view(event, found)
        read = []
        for line in lines:
            if isinstance(line, Scalar):
                wording, problems = templates.check(line, view)
                found.sink.extend(problems)
                if wording is not None:
                    read.append(wording)
        if read:
            out[event.name] = tuple(read)
    return out


def in_view(event: EventType, found: Inventory) -> dict[str, str]:
    """Every name that a wording might try to read, with the view that decides whether it may."""
    out: dict[str, str] = {}
    for name in found.concern_fields:
        out[name] = "user"
    for machine in found.machines:
        out[machine] = "user" if machine.startswith("concern.") else "judge"
    for name, variable in found.variables.items():
        out[name] = variable.view
        short = name.rsplit(".", 1)[-1]
        if not name.startswith("persona."):
            out.setdefault(short, variable.view)
    spoken = event.actor in found.persons
    for name in (*found.constants, *(v for v in found.variables if v.startswith("persona."))):
        out[name] = "public" if spoken else "user"
    for field in event.fields:
        # A hidden event may be worded with everything it carries: nobody but its own view reads the words.
        out[field.name] = field.view if visible_to_agent(event.view) else "public"
    return out


def unworded(
    found: Inventory,
    words: Mapping[str, tuple[Wording, ...]],
    concerns: tuple[Concern, ...],
    shifts: tuple[Shift, ...],
) -> None:
    """Note the moves that have no words of their own and will be said by a plain default."""
    told = {it.voiced_as.event for it in concerns if it.voiced_as is not None and it.says}
    told |= {it.move.event for it in shifts if it.move is not None and it.says}
    for person, body in found.people():
        plain = [
            name.split(".", 1)[1]
            for name, event in found.events.items()
            if event.actor == person.text
            and not name.endswith(".voice")
            and name not in words
            and not (name in told and name in found.implied)
        ]
        if plain:
            listed = ", ".join(f"`{name}`" for name in plain)
            moves = next((e.key.span for e in body.entries if e.key.text == "moves"), person.span)
            found.sink.append(
                diagnose(
                    "plain-words",
                    moves,
                    f"nothing says how `{person.text}` words {listed}; a plain default is used",
                    notes=[f'write some under `words`, such as `{person.text}.{plain[0]}: ["…"]`'],
                )
            )

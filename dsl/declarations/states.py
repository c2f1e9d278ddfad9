"""States as they are written: the entries of a task, however deep they lie in each other, in document order.

A state lies at the top of its task, under ``states`` of another one, or in one of its ``regions``. Pass one of the loader takes the
names from here, pass two the bodies (``loading.states``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dramaturg.dsl.declarations.inventory import entries
from dramaturg.dsl.tree import Entry, Map, Node, Scalar


@dataclass(frozen=True, slots=True)
class Written:
    """A state where it stands."""

    entry: Entry
    parent: str = ""
    """The state that it lies in; empty at the top of the task."""
    region: str = ""
    """The region of its parent; empty where that is not divided."""

    @property
    def name(self) -> str:
        return self.entry.key.text


def written(task: Node | None) -> Iterator[Written]:
    """The states of a task's body, each before those that lie in it."""
    for entry in entries(task):
        if entry.key.text != "slots":
            yield from _below(Written(entry))


def _below(state: Written) -> Iterator[Written]:
    yield state
    body = state.entry.value
    if not isinstance(body, Map):
        return
    for entry in entries(body.get("states")):
        yield from _below(Written(entry, state.name))
    for region in regions(state):
        for entry in entries(region[1]):
            yield from _below(Written(entry, state.name, region[0].text))


def regions(state: Written) -> tuple[tuple[Scalar, Node], ...]:
    """The regions of a state: name and body."""
    body = state.entry.value
    return tuple((entry.key, entry.value) for entry in entries(body.get("regions") if isinstance(body, Map) else None))

"""Immutable: values that are never changed, without paying for the guard.

``@immutable`` is ``@dataclass(frozen=True, slots=True)`` to whoever checks types, so an assignment to a field does not pass the
type checker. At run time the class is a plain dataclass with slots that compares and hashes by value: Python's own guard calls
``object.__setattr__`` once for every field, which makes a node three times as dear, and the front end makes hundreds a millisecond.
For the nodes of trees and expressions; everything else is frozen the ordinary way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def immutable(cls: type[T]) -> type[T]:
    """The class as a dataclass with slots, equal and hashed by value."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


def changer(cls: type[T]) -> Callable[..., T]:
    """``dataclasses.replace`` for one class, several times as quick: ``changer(Scope)(scope, own=())``."""
    names = [it.name for it in fields(cls)]  # type: ignore[arg-type]
    values: Callable[[T], tuple[object, ...]] = attrgetter(*names)

    def changed(value: T, **changes: object) -> T:
        made = cls(*values(value))
        for name, other in changes.items():
            object.__setattr__(made, name, other)
        return made

    return changed

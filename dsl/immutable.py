"""Immutable: values that are never changed, without paying for the guard.

``@immutable`` is ``@dataclass(frozen=True, slots=True)`` to whoever checks types, so an assignment to a field does not pass the
type checker. At run time the class is a plain dataclass with slots that compares and hashes by value: Python's own guard calls
``object.__setattr__`` once for every field, which makes a node three times as dear, and the front end makes hundreds a millisecond.
For the nodes of trees and expressions; everything else is frozen the ordinary way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def immutable(cls: type[T]) -> type[T]:
    """The class as a dataclass with slots, equal and hashed by value."""
    return dataclass(slots=True, unsafe_hash=True)(cls)

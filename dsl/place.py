"""Place: what elaboration carries along while it reads one expression.

The scalar that the expression was written in, the scope, where diagnostics go, the fields of the pattern inside which it
stands, and what is known not to be unknown (``x is known and x > 3``). Every complaint about an expression is made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from dramaturg.dsl.core import Expr
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.spans import Span
from dramaturg.dsl.surface import At
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.types import Type


@dataclass(frozen=True, slots=True)
class Typed:
    """A core expression and the type of its value."""

    expr: Expr
    type: Type
    declared: Span | None = None
    """Where the name that it is was declared, for labels."""


@dataclass(frozen=True, slots=True)
class Place:
    scalar: Scalar
    scope: Scope
    sink: list[Diagnostic]
    pattern: Mapping[str, Type] | None = None
    """Fields of the event pattern around, if any."""
    known: frozenset[Expr] = frozenset()
    """Optional values that cannot be unknown here."""
    allowed: tuple[str, ...] | None = field(default=None)
    """The only variables that may be named, in a condition that the agent writes."""

    def inside(self, pattern: Mapping[str, Type]) -> Place:
        return replace(self, pattern=pattern)

    def knowing(self, exprs: Iterable[Expr]) -> Place:
        return replace(self, known=self.known | frozenset(exprs))

    def __post_init__(self) -> None:
        if not self.scope.known <= self.known:
            object.__setattr__(self, "known", self.known | self.scope.known)

    def text(self, at: At) -> str:
        return self.scalar.text[at[0] : at[1]]

    def span(self, at: At) -> Span:
        return self.scalar.part(*at)

    def say(
        self,
        name: str,
        at: At,
        message: str,
        *notes: str,
        labels: Iterable[tuple[Span | None, str]] = (),
        fixes: Iterable[tuple[str, tuple[tuple[At, str], ...]]] = (),
    ) -> None:
        """Add a diagnostic about the characters ``at``. Labels without a place are left out."""
        self.sink.append(
            diagnose(
                name,
                self.span(at),
                message,
                labels=[Label(span, text) for span, text in labels if span is not None],
                notes=notes,
                fixes=[Fix(title, tuple((self.span(part), text) for part, text in edits)) for title, edits in fixes],
            )
        )

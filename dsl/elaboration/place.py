"""Place: what elaboration carries along while it reads one expression.

The scalar that the expression was written in, the scope, where diagnostics go, the fields of the pattern inside which it
stands, and what is known not to be unknown (``x is known and x > 3``). Every complaint about an expression is made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from dramaturg.dsl.core import Expr
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.elaboration import names
from dramaturg.dsl.expressions.surface import At, Path
from dramaturg.dsl.immutable import changer, immutable
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Piece, Scalar
from dramaturg.dsl.types import Type


@immutable
class Typed:
    """A core expression and the type of its value."""

    expr: Expr
    type: Type
    declared: Span | None = None
    """Where the name that it is was declared, for labels."""


@immutable
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
    home: Piece | None = field(default=None)
    """The argument of a module in which the pattern around was opened."""
    meanings: dict[tuple[str, ...], names.Meaning | None] = field(default_factory=dict, compare=False, repr=False)
    """What names were found to stand for here: both sides of a comparison are asked several times what they are."""

    def inside(self, pattern: Mapping[str, Type], at: At) -> Place:
        """The place between the parentheses of a pattern; ``at`` is the pattern from its name to its last condition."""
        return _changed(self, pattern=pattern, home=self._argument(at), meanings={})

    def meaning(self, path: Path) -> names.Meaning | None:
        """What a name stands for here.

        A name in an argument of a module means what it means to whoever gave the argument: no field, slot or stance at hand in the
        module captures it. A parameter that is also called as one of those is reported here, as nobody can tell which is meant.
        """
        if not self.scalar.pieces:
            if path.parts not in self.meanings:
                self.meanings[path.parts] = names.resolve(path.parts, self.scope, self.pattern)
            return self.meanings[path.parts]
        piece = self.scalar.piece(path.at[0])
        if piece is None:
            return names.resolve(path.parts, self.scope, self.pattern if self.home is None else None)
        if piece.start == path.at[0] and (local := self._local(piece.name)) is not None:
            if piece.given is None:
                return names.resolve((piece.name, *path.parts[1:]), self.scope, self.pattern)
            self.say(
                "ambiguous-name",
                path.at,
                f"`{piece.name}` is a parameter of the module and {local} as well",
                "Give the parameter another name under `needs`.",
            )
        if piece.given is None:
            return names.resolve(path.parts, self.scope, self.pattern)
        if piece.choice is not None and path.text in piece.choice.members:
            return names.ConstantName(piece.choice, path.text)
        outer = self.scope.outside()
        return names.resolve(path.parts, outer, self.pattern if self.home == piece else None)

    def _argument(self, at: At) -> Piece | None:
        """The innermost argument that all of these characters belong to."""
        around = (it for it in reversed(self.scalar.pieces) if it.given is not None)
        return next((it for it in around if it.start <= at[0] and at[1] <= it.end), None)

    def _local(self, name: str) -> str | None:
        """What is called so close by: a field or a slot."""
        if name in self.scope.fields or (self.home is None and name in (self.pattern or {})):
            return "a field of the event at hand"
        if any(f"{prefix}.{name}" in self.scope.variables for prefix in self.scope.own):
            return f"a variable of `{self.scope.own[0]}`"
        return None

    def knowing(self, exprs: Iterable[Expr]) -> Place:
        more = frozenset(exprs)
        if not more:
            return self
        return _changed(self, known=self.known | more)

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
        safe: bool = True,
    ) -> None:
        """Add a diagnostic about the characters ``at``. Labels without a place are left out."""
        repairs = [
            Fix(title, tuple((self.span(part), self.scalar.written(text)) for part, text in edits), safe)
            for title, edits in fixes
        ]
        self.sink.append(
            diagnose(
                name,
                self.span(at),
                message,
                labels=[Label(span, text) for span, text in labels if span is not None],
                notes=notes,
                fixes=repairs,
            )
        )


_changed = changer(Place)

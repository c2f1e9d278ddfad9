"""The inventory: everything in a scenario that has a name, declared before a single expression is read.

Pass one of the loader fills it (``naming``), pass two reads it through ``scope``. Types, parameters, world variables, traits,
slots, stance, events, moves, acts, results and machines are entered with their types and views; START values stay scalars
until every name is known. What was declared wrongly is entered as ``broken``: its name exists, but nothing that mentions it
is read, so one mistake stays one diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.expressions.lookalikes import alike
from dramaturg.dsl.expressions.spelling import look_alike
from dramaturg.dsl.expressions.suggest import closest, kindred, part_of
from dramaturg.dsl.format.fit import mentions
from dramaturg.dsl.scenario import EventType, Persona, Variable
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq
from dramaturg.dsl.types import Enum, Type, Value

PREFIXES = ("agent", "result", "task", "concern", "trigger", "shift", "persona")
"""Words that begin the full names of things, and so cannot name anything else."""
ACTORS = ("world", "clock", "chance", "nothing")
SPOKEN, DONE = "public", "agent"
"""The views of what is said and of what is done, where nothing else is written."""


@dataclass(slots=True)
class Inventory:
    """What pass one collects. Mutable while it is filled, then read through ``scope``."""

    tree: Map
    sink: list[Diagnostic]
    broken: set[str]
    types: dict[str, Enum] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    starts: dict[str, Scalar] = field(default_factory=dict)
    events: dict[str, EventType] = field(default_factory=dict)
    machines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    concern_fields: dict[str, str] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)
    constants: dict[str, tuple[Type, Value]] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    personas: dict[str, Persona] = field(default_factory=dict)
    """By the name of the person."""
    characters: dict[str, Map] = field(default_factory=dict)
    """What is written of the persona, by the name of the person."""
    drawn: set[str] = field(default_factory=set)
    """Concerns that only some people have."""
    implied: set[str] = field(default_factory=set)
    """Moves that a shift declares by naming them."""
    spoiled: set[Span] = field(default_factory=set)
    """Arguments of modules that were wrong."""
    scope: Scope = field(default_factory=Scope)

    def ready(self, scalar: Scalar) -> bool:
        """Whether an expression is worth reading: it is there, and speaks of nothing that is broken."""
        if scalar.pieces and any(piece.given in self.spoiled for piece in scalar.pieces):
            return False
        return bool(scalar.text) and not scalar.text.isspace() and not mentions(scalar.text, self.broken)

    def sound(self, line: Scalar) -> bool:
        """Whether a declaration line is worth reading: it names no type whose own declaration is broken."""
        named = {entry.key.text for entry in self.section("types")} & self.broken if self.broken else set[str]()
        return not named or not mentions(line.text, named)

    def section(self, name: str) -> tuple[Entry, ...]:
        return entries(self.tree.get(name))

    def people(self) -> tuple[tuple[Scalar, Map], ...]:
        """The cast: the name and the body of each person."""
        out = [(e.key, e.value) for e in self.tree.entries if e.key.text == "user" and isinstance(e.value, Map)]
        out.extend((e.key, e.value) for e in self.section("cast") if isinstance(e.value, Map))
        return tuple(out)

    def speaker(self) -> str | None:
        """The person whom ``persona.TRAIT`` speaks of: the first whose persona has any."""
        for name, persona in self.characters.items():
            if entries(persona.get("traits")) or isinstance(persona.get("background"), Map):
                return name
        return None

    def principal(self) -> str:
        """The person whom concerns and shifts belong to where they do not say: the first in the role of user."""
        return next((name for name, role in self.persons.items() if role == "user"), "user")


def entries(node: Node | None) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Map) else ()


def items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Seq) else ()


def listed(node: Node | None) -> list[str]:
    """The texts of a list, or the one text that stands in its place."""
    return [text(item) for item in ((node,) if isinstance(node, Scalar) else items(node))]


def scalar(node: Node | None) -> Scalar | None:
    return node if isinstance(node, Scalar) else None


def text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def pick(name: Scalar, names: Iterable[str], says: str, code: str, found: Inventory) -> str | None:
    """Report a name that is not among those declared; the one that was probably meant, to go on with, where there is one.

    ``says`` is the sentence, with ``{}`` for the name.
    """
    if mentions(name.text, found.broken):
        return None
    names = list(names)
    twin = next((other for other in names if alike(other, name.text)), None)
    if twin is not None:
        found.sink.append(look_alike(name.text, name.span, twin, found.places.get(twin)))
        return twin
    sure = closest(name.text, names) or kindred(name.text, names)
    meant = sure or part_of(name.text, names)
    said = f"; did you mean `{meant}`?" if meant else ""
    fixes = [Fix(f"replace it with `{meant}`", ((name.span, meant),), safe=sure is not None)] if meant else []
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    notes = [] if meant or not names else ["there is " + ", ".join(f"`{other}`" for other in names[:12]) + more]
    found.sink.append(diagnose(code, name.span, says.format(f"`{name.text}`") + said, notes=notes, fixes=fixes))
    return meant


def resolve(name: Scalar, found: Inventory, own: str | None = None) -> Variable | None:
    """The variable of that name, short or full; None (and a diagnostic) where there is none or it cannot be told."""
    if own is not None and f"{own}.{name.text}" in found.variables:
        return found.variables[f"{own}.{name.text}"]
    if name.text in found.variables:
        return found.variables[name.text]
    ends = [full for full in found.variables if full.endswith("." + name.text) and not full.startswith("persona.")]
    if len(ends) == 1:
        return found.variables[ends[0]]
    if ends:
        found.sink.append(
            diagnose(
                "ambiguous-name",
                name.span,
                f"`{name.text}` may be " + " or ".join(f"`{end}`" for end in ends),
                fixes=[Fix(f"write `{end}`", ((name.span, end),), safe=False) for end in ends],
            )
        )
        return None
    shorts = {full.rsplit(".", 1)[-1] for full in found.variables} | set(found.variables)
    pick(name, sorted(shorts), "there is no variable {}", "unknown-name", found)
    return None


def reserved(name: Scalar) -> Diagnostic:
    return diagnose("reserved-word", name.span, f"`{name.text}` is a word of the language and cannot be a name")


def line_and_view(node: Node) -> tuple[Scalar | None, str | None]:
    if isinstance(node, Map):
        return scalar(node.get("type")), text(node.get("view")) or None
    return scalar(node), None


def claim(name: Scalar, what: str, found: Inventory, full: str | None = None) -> bool:
    """Enter a plain name; False (and a diagnostic) where it is reserved or taken."""
    if name.text in PREFIXES or name.text in ACTORS:
        found.sink.append(reserved(name))
        found.broken.add(name.text)
        return False
    first = found.places.get(name.text)
    if first is not None:
        found.sink.append(
            diagnose(
                "name-taken",
                name.span,
                f"`{name.text}` cannot be {what}: the name is taken",
                labels=[Label(first, "it is taken here")],
            )
        )
        found.broken.add(name.text)
        return False
    found.places[full or name.text] = name.span
    return True

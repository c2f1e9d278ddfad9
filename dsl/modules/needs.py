"""Needs: what a module asks of whoever uses it, and what it is given.

A module's head lists its parameters, each with a type (``limit: money(EUR)``), or with one of a few kinds of thing that are no
values (``offer: act``), and perhaps a default behind ``=``. An argument is held against that where it is written, before anything
of the module is read with it: what is wrong with an argument is said there, and what is wrong inside the module in the module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dramaturg.dsl import core
from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import Inventory, resolve
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.elaboration import elaborate
from dramaturg.dsl.expressions import amounts, surface
from dramaturg.dsl.expressions.mistakes import Mistake, diagnostic, words
from dramaturg.dsl.expressions.parser import parse
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.tree import Entry, Map, Node, Scalar
from dramaturg.dsl.types import Enum, Text

KINDS = {
    "act": ("an act of the agent", "agent.follow_up"),
    "move": ("a move of a person", "user.accept"),
    "event": ("something that happens", "fare.changed"),
    "condition": ("a condition", "fare <= max_price"),
    "variable": ("a world variable or a slot", "fare"),
    "person": ("a person of the cast", "user"),
    "trigger": ("a trigger", "affordable_seat"),
    "wait": ("a time to wait", "30m"),
}
"""What a module can need that is no value: how a sentence calls it, and an example."""
PATTERNS = ("act", "move", "event")
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, slots=True)
class Need:
    """One parameter of a module."""

    name: Scalar
    line: Scalar
    kind: str
    """A word of ``KINDS``, or the type as written."""
    default: Scalar | None = None

    @property
    def what(self) -> str:
        return KINDS[self.kind][0] if self.kind in KINDS else f"a value of the type `{self.kind}`"


@dataclass(frozen=True, slots=True)
class Argument:
    """What stands for a parameter in one instance of a module."""

    need: Need
    scalar: Scalar
    fixed: bool
    """Whether it is an amount, a choice or a text that stands on the page, and not something that varies."""
    choice: Enum | None = None
    """Its type, where it is one of a few words."""

    @property
    def words(self) -> bool:
        """Whether it is a text, which expressions put into quotes."""
        return self.need.kind in ("text", "text?")

    @property
    def name(self) -> str | None:
        """The one name that it is, conditions on the fields of an event apart."""
        found = NAME.match(self.scalar.text.strip())
        text = self.scalar.text.strip()
        if found is None or self.fixed or self.words:
            return None
        rest = text[found.end() :].lstrip()
        return found[0] if not rest or (rest[0] == "(" and self.need.kind in PATTERNS) else None


def read(node: Node | None) -> dict[str, Need]:
    """The parameters of a module, from its fitted ``needs``."""
    out: dict[str, Need] = {}
    for entry in node.entries if isinstance(node, Map) else ():
        if not isinstance(entry.value, Scalar):
            continue
        head, default = _halves(entry.value)
        out[entry.key.text] = Need(entry.key, entry.value, head.strip(), default)
    return out


def _halves(line: Scalar) -> tuple[str, Scalar | None]:
    level = 0
    for word in words(line.text):
        level += (word.text == "(") - (word.text == ")")
        if word.text == "=" and level == 0:
            after = len(line.text) - len(line.text[word.at[1] :].lstrip())
            return line.text[: word.at[0]], line.tail(after) if after < len(line.text) else None
    return line.text, None


def match(
    asked: Scalar,
    given: Iterable[Entry],
    needs: Mapping[str, Need],
    enums: Mapping[str, Enum],
    said: list[Diagnostic],
    under: Scalar | None = None,
) -> tuple[dict[str, Argument], bool]:
    """The argument for each parameter that can be read, and whether that is all; else something is said of what is missing
    (at the key ``under`` which arguments stand), unknown or unreadable."""
    out: dict[str, Argument] = {}
    tried: set[str] = set()
    fine = True
    given = list(given)
    absent = needs.keys() - {entry.key.text for entry in given}
    missed = [needs[name] for name in needs if name in absent and needs[name].default is None]
    strangers = [entry.key for entry in given if entry.key.text not in needs]
    swapped = len(strangers) == len(missed) == 1  # one was given for the other
    for entry in given:
        need = needs.get(entry.key.text)
        if need is None:
            said.append(_unknown(asked, entry.key, needs, missed[0] if swapped else None))
            tried.add(missed[0].name.text if swapped else closest(entry.key.text, needs) or "")
            fine = False
            continue
        tried.add(entry.key.text)
        argument = _argument(need, entry.value, enums, said) if isinstance(entry.value, Scalar) else None
        if argument is None:
            fine = False
        else:
            out[entry.key.text] = argument
    lacking = [need for name, need in needs.items() if name not in tried and need.default is None]
    if lacking:
        names = " and ".join(f"`{need.name.text}`" for need in lacking)
        example = ", ".join(f"{need.name.text}: …" for need in lacking)
        said.append(
            diagnose(
                "missing-module-argument",
                asked.span if under is None else under.span,
                f"`{asked.text}` is used without {names}, which it needs",
                labels=[Label(need.line.span, f"it needs {need.what}") for need in lacking],
                notes=[f"write `{{module: {asked.text}, with: {{{example}}}}}`"],
            )
        )
        fine = False
    for name, need in needs.items():
        if name not in tried and need.default is not None:
            argument = _argument(need, need.default, enums, said)
            if argument is None:
                fine = False
            else:
                out[name] = argument
    return out, fine


def _unknown(asked: Scalar, key: Scalar, needs: Mapping[str, Need], missed: Need | None = None) -> Diagnostic:
    """``missed`` is the one need that nothing is given for."""
    if missed is not None and _reads(missed.name, key.text) and not _reads(missed.name, missed.name.text):
        return diagnose(
            "stray-module-argument",
            missed.name.span,
            f"nothing in this module reads `{missed.name.text}`, and it reads `{key.text}`, which it does not need",
            labels=[Label(key.span, "what it needs is given here under the name that it reads")],
        )
    near = closest(key.text, needs) or (missed.name.text if missed is not None else None)
    said = f"; did you mean `{near}`?" if near else ""
    offers = ", ".join(f"`{name}`" for name in needs)
    return diagnose(
        "stray-module-argument",
        key.span,
        f"`{asked.text}` needs no `{key.text}`{said}",
        labels=[Label(needs[near].name.span, "it needs this one")] if near else [],
        notes=[] if near else [f"it needs {offers}" if needs else "it needs nothing, so it takes no `with`"],
        fixes=[Fix(f"replace it with `{near}`", ((key.span, near),))] if near else [],
    )


def _reads(name: Scalar, word: str) -> bool:
    """Whether a module (in which ``name`` stands) speaks of a word below its needs."""
    data = name.span.source.data[name.span.end :].decode("utf-8", "replace")
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", data) is not None


def _argument(need: Need, scalar: Scalar, enums: Mapping[str, Enum], said: list[Diagnostic]) -> Argument | None:
    """An argument as far as it can be told before the names of the scenario are known."""
    if need.kind in ("text", "text?"):
        return Argument(need, scalar, True)
    sink: list[Diagnostic] = []
    if need.kind == "wait":
        declare.wait(scalar, sink)
        said.extend(_blamed(sink, need))
        return None if sink else Argument(need, scalar, True)
    tree = parse(scalar.text, "guard" if need.kind in KINDS else "value")
    if isinstance(tree, Mistake):
        said.extend(_blamed([diagnostic(tree, scalar)], need))
        return None
    if need.kind in KINDS:
        return Argument(need, scalar, False)
    declared = declare.declaration(typed(need), enums, [])
    kind = declared.type if declared is not None else None
    members = kind.members if isinstance(kind, Enum) else ()
    fixed = _literal(tree) or (isinstance(tree, surface.Path) and tree.text in members)
    if fixed and kind is not None:
        elaborate.value(scalar, Scope(types=enums), kind, sink)
        said.extend(_blamed(sink, need))
    chosen = kind if isinstance(kind, Enum) and isinstance(tree, surface.Path) and fixed else None
    return None if sink else Argument(need, scalar, fixed, chosen)


def _literal(tree: surface.Surface) -> bool:
    match tree:
        case surface.Negative(item):
            return _literal(item)
        case surface.Number() | surface.Quantity() | surface.Clock() | surface.YesNo() | surface.Quote():
            return True
    return False


def typed(need: Need) -> Scalar:
    """The type of a parameter as a line of its own."""
    line = need.line
    end = line.text.find(need.kind) + len(need.kind)
    offsets = None if line.offsets is None else line.offsets[: end + 1]
    pieces = tuple(piece for piece in line.pieces if piece.end <= end)
    return replace(line, text=line.text[:end], span=line.part(0, end), offsets=offsets, pieces=pieces)


def _blamed(sink: Iterable[Diagnostic], need: Need) -> list[Diagnostic]:
    """The diagnostics, each with the line of the module that asked for the argument."""
    label = Label(need.line.span, f"`{need.name.text}` is {need.what}")
    return [replace(it, labels=(*it.labels, label)) if it.span != label.span else it for it in sink]


def verify(arguments: Iterable[Argument], found: Inventory) -> None:
    """Hold every argument against its parameter, in the scope of the scenario. What speaks of a wrong one is not read."""
    for argument in arguments:
        sink: list[Diagnostic] = []
        _verify(argument, found, sink)
        found.sink.extend(_blamed(sink, argument.need))
        if any(it.severity == "error" for it in sink):
            found.spoiled.add(argument.scalar.span)


def _verify(argument: Argument, found: Inventory, sink: list[Diagnostic]) -> None:
    need, scalar = argument.need, argument.scalar
    if not found.ready(scalar):
        found.spoiled.add(scalar.span)
        return
    match need.kind:
        case "wait" | "text" | "text?":
            return
        case "condition":
            elaborate.guard(scalar, found.scope, sink)
            return
        case "act" | "move" | "event":
            guard = elaborate.pattern(scalar, found.scope, sink)
            names = (
                [name for part in core.walk(guard.expr) if isinstance(part, core.Happened) for name in part.events]
                if guard
                else []
            )
            known: Iterable[str] = [it.name for it in found.events.values() if _is(need.kind, it.actor, found)]
            wrong = next((name for name in names if name not in known), None)
        case "variable":
            variable = resolve(scalar, Inventory(found.tree, sink, found.broken, variables=found.variables))
            known = [name for name, it in found.variables.items() if it.kind in ("world", "slot")]
            wrong = None if variable is None or variable.name in known else scalar.text
        case "person":
            known, wrong = found.persons, scalar.text if scalar.text not in found.persons else None
        case "trigger":
            known = [name.removeprefix("trigger.") for name in found.machines if name.startswith("trigger.")]
            wrong = scalar.text if scalar.text.removeprefix("trigger.") not in known else None
        case _:
            declared = declare.declaration(typed(need), found.types, sink)
            if declared is not None and not (argument.fixed and isinstance(declared.type, Text)):
                elaborate.value(scalar, found.scope, declared.type, sink)
            return
    if wrong is not None and not sink:
        what, example = KINDS[need.kind]
        near = closest(wrong, known)
        said = f"; did you mean `{near}`?" if near else ""
        sink.append(
            diagnose(
                "wrong-module-argument",
                scalar.span,
                f"`{wrong}` is not {what}{said}",
                notes=[] if near else [f"{what}, such as `{next(iter(known), example)}`"],
                fixes=[Fix(f"replace it with `{near}`", ((scalar.span, near),))]
                if near and wrong == scalar.text
                else [],
            )
        )


def _is(kind: str, actor: str, found: Inventory) -> bool:
    match kind:
        case "act":
            return actor == "agent"
        case "move":
            return actor in found.persons
    return True


def shown(argument: Argument, filter_: str | None) -> str:
    """A fixed argument as words of a text."""
    text = argument.scalar.text.strip()
    if argument.words:
        plain = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else argument.scalar.text
        return {"lower": plain.lower(), "title": plain.title()}.get(filter_ or "", plain)
    try:
        family, value = amounts.quantity(text)
        return amounts.show_amount(value, family)
    except ValueError:
        return text.strip('"')

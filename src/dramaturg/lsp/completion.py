"""Completion: what may stand where somebody is typing.

Keys come from the format, names from the latest understanding of the scenario, both by the place that ``context`` tells. In an
expression the words before the cursor decide: after ``agent.`` stand acts, after ``task.trip is`` states, after ``topic ==`` the
choices of that field, after a number the units of what it is compared with.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dramaturg.dsl.declarations.declare import BUILT_IN
from dramaturg.dsl.declarations.inventory import Inventory
from dramaturg.dsl.editing.indexing_lines import Here, at_hand
from dramaturg.dsl.editing.renaming import Known
from dramaturg.dsl.elaboration import names as naming
from dramaturg.dsl.elaboration.kinds import bare
from dramaturg.dsl.expressions.amounts import show_type
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.shapes import Each, Line, Names, Record, Shape
from dramaturg.dsl.loading.people import WAKE_UPS
from dramaturg.dsl.modules.needs import Need
from dramaturg.dsl.scenario import EventType
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.spans import NOWHERE
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.types import FAMILIES, Bool, Enum, Number, TimeOfDay, Type
from dramaturg.lsp.context import Context, Fits, context, line_of, shape_at
from dramaturg.lsp.desk import ENDINGS, Desk
from dramaturg.lsp.hover import HELP

FILTERS = {
    "money": "an amount of money, as people write it",
    "duration": "a duration, as people say it",
    "lower": "in small letters",
    "title": "With Capitals",
}
OPERATORS = ("and", "or", "is", "is not", "in", "for", "since", "in last", "implies", "is known")
STARTERS = ("not", "once", "earlier", "judged")
CLAIMS = ("always", "never", "eventually", "possible", "winnable")
MOST = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may stand there."""

    label: str
    kind: str
    """A kind of symbol, or ``key``, ``word``, ``unit``, ``value``, ``filter``, ``file``."""
    detail: str = ""
    about: str = ""
    insert: str = ""
    """What is written, where that is not the label."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What may stand at the cursor, and how many characters before it are replaced."""

    choices: tuple[Choice, ...]
    replaces: int = 0


NOTHING = Offer(())


def complete(desk: Desk, path: Path, offset: int) -> Offer:
    """What may stand at a byte of a file."""
    data = desk.data(path)
    before = data[:offset].decode("utf-8", "replace")
    after = data[offset:].decode("utf-8", "replace").split("\n")[1:200]
    at = context(before, after)
    if at is None:
        return NOTHING
    top = shapes.SCENARIO if desk.is_scenario(path) or b"acts:" not in data[:2000] else shapes.MODULE
    if desk.users(path) and not desk.is_scenario(path):
        top = shapes.MODULE
    fits = shape_at(at, top)
    home = desk.home(path)
    typing = _Typing(desk, path, at, fits, home.seen.names if home is not None else None, home)
    if at.value is None:
        return typing.keys()
    return typing.value(at.value)


def _word(text: str, pattern: str = r"[\w-]*$") -> str:
    found = re.search(pattern, text)
    return found.group() if found is not None else ""


@dataclass(frozen=True, slots=True)
class _Typing:
    desk: Desk
    path: Path
    at: Context
    fits: Fits
    found: Inventory | None
    home: Known | None

    # Keys

    def keys(self) -> Offer:
        typed = self.at.typed
        out: list[Choice] = []
        match self.fits.shape:
            case Record() as record:
                for key in record.keys:
                    if key.name not in self.at.beside or key.name == typed:
                        need = "must be there" if key.required else ""
                        out.append(Choice(key.name, "key", need, key.about, f"{key.name}:{_after(key.shape)}"))
                if record.rest is not None:
                    out.extend(self._names(record.rest))
            case Names() as names:
                out.extend(self._names(names))
        word = _word(typed, r"[\w.-]*$")
        return Offer(tuple(_starting(out, word)), len(word))

    def _names(self, shape: Names) -> Iterator[Choice]:
        """Names that an author need not make up: they are declared elsewhere."""
        if self.found is None:
            return
        match shape.what:
            case "an argument":
                event = self._given()
                for field in event.fields if event is not None else ():
                    if field.name not in self.at.beside:
                        yield Choice(field.name, "field", show_type(field.type), insert=f"{field.name}: ")
            case "an assignment":
                kinds = {"a feeling": ("stance",), "a stream entry": ("world",)}.get(
                    self.fits.record, ("slot", "world")
                )
                for full, variable in self.found.variables.items():
                    owner, _, short = full.rpartition(".")
                    if variable.kind in kinds and owner in ("", self._owner()):
                        yield Choice(short, "variable", show_type(variable.type), insert=f"{short}: ")
            case "wordings":
                for name, event in self.found.events.items():
                    if not name.startswith("result.") and not name.endswith(".voice") and name not in self.at.beside:
                        yield Choice(name, _kind(event), _signature(event), insert=f"{name}: ")
            case "an argument of a module":
                for name, need in self._needs().items():
                    if name not in self.at.beside:
                        yield Choice(name, "need", need.what, insert=f"{name}: ")
            case "a concern" | "an act" | "a persona":
                section = {"a concern": "concerns", "an act": "acts", "a persona": "personas"}[shape.what]
                for module in self.home.seen.library.modules if self.home is not None else ():
                    listed = module.tree.get(section)
                    for entry in getattr(listed, "entries", ()):
                        if entry.key.text not in self.at.beside:
                            name = entry.key.text
                            yield Choice(name, DECLARES[shape.what], f"of {module.path}", insert=f"{name}: ")

    def _needs(self) -> Mapping[str, Need]:
        """What the module needs that is being used here."""
        used = next((frame.beside["module"] for frame in reversed(self.at.frames) if "module" in frame.beside), "")
        files = self.home.seen.library.files if self.home is not None else {}
        for path, file in files.items():
            if used and (path == used or path.endswith(f"/{used}")):
                return file.needs
        return {}

    def _given_for(self, need: Need, text: str) -> Offer:
        """What may be given for a parameter of a module."""
        assert self.found is not None
        events = self.found.events.values()
        named: list[Choice] = []
        match need.kind:
            case "act":
                named = [_event(event.name, event) for event in events if event.actor == "agent"]
            case "move":
                named = [_event(event.name, event) for event in events if event.actor in self.found.persons]
            case "event":
                named = [_event(event.name, event) for event in events]
            case "trigger":
                machines = self.found.machines
                named = [Choice(name[8:], "trigger") for name in machines if name.startswith("trigger.")]
            case "person":
                named = [Choice(name, "person") for name in self.found.persons]
            case "variable":
                named = list(self._variables(self.found.scope))
            case "wait":
                return self._amount("wait", text)
            case "condition":
                return self._expression("guard", text)
            case kind if kind in self.found.types:
                named = _values(self.found.types[kind])
            case _:
                return self._expression("value", text)
        return _offer(named, text, r"[\w.]*$")

    def _owner(self) -> str:
        """The task or person inside which the cursor stands."""
        for what, name in reversed(self.fits.names):
            if what in ("a task", "a person"):
                return name
        return "user" if self.at.path[:1] == ("user",) else ""

    def _given(self) -> EventType | None:
        """The event whose fields are given under ``with``."""
        assert self.found is not None
        for frame in reversed(self.at.frames):
            for key in ("do", "emit", "as"):
                if key in frame.beside:
                    name = frame.beside[key].partition("(")[0].strip()
                    return self.found.events.get(f"{self._person()}.{name}" if key == "do" else name)
        return None

    def _person(self) -> str:
        owner = self._owner()
        return owner if self.found is not None and owner in self.found.persons else "user"

    # Values

    def value(self, text: str) -> Offer:
        if isinstance(self.fits.shape, Each):
            return NOTHING
        line = line_of(self.fits)
        if line is None:
            return NOTHING
        quote = text[:1] if text[:1] in "\"'" else ""
        text = text[1:] if quote else text
        match line.reads:
            case "choice":
                return _offer((Choice(choice, "value") for choice in line.choices), text)
            case "yes/no":
                return _offer((Choice(word, "value") for word in ("yes", "no")), text)
            case "argument" if self.found is not None and self.fits.names:
                need = self._needs().get(self.fits.names[-1][1])
                return NOTHING if need is None else self._given_for(need, text)
            case "path":
                return _offer(self._modules(), text, r"[\w/-]*$")
            case "concern" | "shift" if self.found is not None:
                kind = line.reads
                machines = (name.partition(".")[2] for name in self.found.machines if name.startswith(f"{kind}."))
                return _offer((Choice(name, kind) for name in machines), text)
            case "duration" | "gap" | "wait" | "turns" | "chance" | "share":
                return self._amount(line.reads, text)
            case "limit":
                return _offer((Choice(f"up to {n} acts", "value") for n in (2, 3, 4)), text, r".*$")
            case "declaration" | "type":
                return self._declaration(text)
            case "template":
                return self._template(text)
            case "guard" | "pattern" | "check" | "norm" | "value" | "event" | "name" | "state" if (
                self.found is not None
            ):
                if line.reads in ("event", "name", "state"):
                    return _offer(self._named(), text, r"[\w.]*$")
                return self._expression(line.reads, text)
        return NOTHING

    def _amount(self, reads: str, text: str) -> Offer:
        if not re.search(r"\d$", text):
            return NOTHING
        if reads in ("chance", "share"):
            return Offer((Choice("%", "unit"),))
        units = [unit for unit, _ in FAMILIES["duration"].units] if reads != "turns" else []
        turns = [" turns", " turn"] if reads in ("wait", "turns") else []
        return Offer(tuple(Choice(unit.strip(), "unit", insert=unit) for unit in (*units, *turns)))

    def _declaration(self, text: str) -> Offer:
        types = [Choice(name, "type") for name in BUILT_IN if name != "money"] + [Choice("money(EUR)", "type")]
        if self.found is not None:
            types += [Choice(n, "type", f"one of {' | '.join(e.members)}") for n, e in self.found.types.items()]
        if re.search(r"=\s*[\w.]*$", text) and self.found is not None:
            return _offer(self._variables(self._here().scope), text, r"[\w.]*$")
        if re.fullmatch(r"[\w /]*", text):
            return _offer(types, text, r"[\w /]*$")
        return NOTHING

    def _modules(self) -> Iterator[Choice]:
        """Modules beside the file and in the folders above, up to the editor's folder."""
        seen: set[str] = set()
        top = next((root for root in self.desk.roots if self.path.is_relative_to(root)), self.path.parent)
        for folder in (self.path.parent, *self.path.parent.parents):
            for root, folders, files in os.walk(folder):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                if len(Path(root).relative_to(folder).parts) > 2:
                    folders.clear()
                for name in sorted(files):
                    file = Path(root, name)
                    module = file.relative_to(folder).as_posix().removesuffix(".yaml")
                    if name.endswith(ENDINGS[0]) and module not in seen and file != self.path:
                        seen.add(module)
                        if not self.desk.is_scenario(file):
                            yield Choice(module, "file")
                if len(seen) > MOST:
                    return
            if folder == top:
                return

    def _template(self, text: str) -> Offer:
        opened = max(text.rfind("{{"), text.rfind("{%"))
        if opened < 0 or max(text.rfind("}}"), text.rfind("%}")) > opened or self.found is None:
            return NOTHING
        inside = text[opened + 2 :]
        if re.search(r"\|\s*\w*$", inside):
            return _offer((Choice(name, "filter", about) for name, about in FILTERS.items()), inside)
        event = next((name for what, name in reversed(self.fits.names) if what == "wordings"), "")
        declared = self.found.events.get(event)
        fields = [Choice(f.name, "field", show_type(f.type)) for f in (declared.fields if declared else ())]
        hers = declared is None or declared.actor == self.found.speaker()  # of others' traits nobody else may speak
        named = (*self.found.constants, *self.found.variables) if hers else ()
        traits = [name for name in named if name.startswith("persona.")]
        public = [v for v in self.found.variables.values() if v.view in ("public", "agent")]
        more = [Choice(name, "trait") for name in traits]
        more += [Choice(v.name, "variable", show_type(v.type)) for v in public if v.kind != "trait"]
        return _offer([*fields, *more], inside, r"[\w.]*$")

    # Names alone

    def _named(self) -> Iterator[Choice]:
        assert self.found is not None
        found = self.found
        match self.fits.key:
            case "emit":
                yield from (_event(e.name, e) for e in found.events.values() if e.actor == "world")
            case "wakes":
                yield from (Choice(name, "person") for name in found.persons)
                yield from (Choice(name, "word") for name in WAKE_UPS)
                yield from (_event(e.name, e) for e in found.events.values() if e.actor == "world")
            case "do":
                person = self._person()
                moves = (e for e in found.events.values() if e.actor == person and not e.name.endswith(".voice"))
                yield from (_event(e.name.partition(".")[2], e) for e in moves)
                yield Choice("nothing", "word", "", "Silence.")
            case "go":
                yield from (Choice(state, "state") for state in found.machines.get(f"task.{self._owner()}", ()))
            case "persona":
                yield from self._declared("personas", "persona")
            case "play":
                yield from self._declared("recordings", "recording")
            case "of":
                yield from (Choice(name, "person") for name in found.persons)
            case "returns":
                for name, variable in found.variables.items():
                    if variable.kind in ("world", "parameter"):
                        yield Choice(name, "variable", show_type(variable.type))

    def _declared(self, section: str, kind: str) -> Iterator[Choice]:
        if self.home is not None and self.home.seen.tree is not None:
            trees = [self.home.seen.tree, *(module.tree for module in self.home.seen.library.modules)]
            for tree in trees:
                for entry in getattr(tree.get(section), "entries", ()):
                    yield Choice(entry.key.text, kind)

    # Expressions

    def _here(self) -> Here:
        """The scope of the line, with the fields of the event that stands beside it."""
        assert self.found is not None
        owner = self._owner()
        if not owner and self.at.path[:1] in (("concerns",), ("shifts",)):
            owner = self.found.principal()
        here = Here(self.found, self.found.scope.within(*((owner,) if owner else ())))
        for frame in reversed(self.at.frames):
            beside = frame.beside.get("when") or frame.beside.get("to")
            if beside and frame.key not in ("when", "to"):
                here = here.during(at_hand(Scalar(beside, NOWHERE), here))
            if (emitted := frame.beside.get("emit")) in self.found.events and self.fits.record != "a trigger":
                event = self.found.events[emitted or ""]
                here = here.during({f.name: (f.type, (event.name,)) for f in event.fields})
        return here

    def _expression(self, reads: str, text: str) -> Offer:
        assert self.found is not None
        here = self._here()
        pattern = self._pattern(text, here.scope)
        word = _word(text, r"[\w.]*$")
        before = text[: len(text) - len(word)].rstrip()
        owner, _, last = word.rpartition(".")
        if owner:
            return Offer(tuple(_starting(self._parts(owner, here.scope), last)), len(last))
        if re.search(r"\d$", word) and not re.search(r"[A-Za-z_]", word):
            return self._units(before, text, here.scope, pattern)
        if (states := self._states(before)) is not None:
            return Offer(tuple(_starting(states, word)), len(word))
        if (compared := self._compared(before, here.scope, pattern)) is not None:
            choices = [*compared, *self._variables(here.scope, pattern)]
            return Offer(tuple(_starting(choices, word)), len(word))
        if re.search(r"\bmatches$", before):
            triggers = (name.partition(".")[2] for name in self.found.machines if name.startswith("trigger."))
            return Offer(tuple(_starting((Choice(name, "trigger") for name in triggers), word)), len(word))
        return Offer(tuple(_starting(self._beginnings(reads, before, here.scope, pattern), word)), len(word))

    def _beginnings(self, reads: str, before: str, scope: Scope, pattern: Mapping[str, Type]) -> Iterator[Choice]:
        assert self.found is not None
        begins = not before or bool(
            re.search(
                r"(\(|\b(and|or|not|implies|once|earlier|since|until|leads to|else|" + "|".join(CLAIMS) + r"))$", before
            )
        )
        if not begins and not re.search(r"([=<>+*/-]|\.\.|\|)$", before):
            yield from (Choice(word, "word", "", HELP.get(word, "")) for word in OPERATORS)
            if reads == "check":
                yield from (Choice(word, "word", "", HELP[word]) for word in ("leads to", "until", "within"))
            return
        if reads in ("check", "norm") and not before:
            claims = CLAIMS if reads == "check" else CLAIMS[:2]
            yield from (Choice(word, "word", "", HELP[word], f"{word} ") for word in claims)
        if not before and self.fits.key in ("expect", "otherwise", "allow"):  # nothing but an act can be meant
            acts = [event for event in scope.events.values() if event.actor == "agent"]
            yield from (_event(event.name, event) for event in acts)
            return
        yield from self._variables(scope, pattern)
        if begins and reads != "value":
            yield from self._heads(scope)
            yield from (Choice(word, "word", "", HELP[word], f"{word} ") for word in STARTERS)
            yield Choice("count", "word", "", HELP["count"], "count(")

    def _variables(self, scope: Scope, pattern: Mapping[str, Type] | None = None) -> Iterator[Choice]:
        fields = {**scope.fields, **(pattern or {})}
        for name, type in fields.items():
            yield Choice(name, "field", show_type(type))
        for full, variable in scope.variables.items():
            short = full.rpartition(".")[2]
            if full.startswith("persona.") or short in fields:
                continue
            meaning = naming.resolve((short,), scope)
            name = short if isinstance(meaning, naming.VariableName) and meaning.variable.name == full else full
            yield Choice(name, "variable", show_type(variable.type))

    def _heads(self, scope: Scope) -> Iterator[Choice]:
        """Words with which a longer name begins."""
        kinds = dict.fromkeys(name.partition(".")[0] for name in scope.machines)
        yield from (Choice(kind, kind, f"{kind}.… is …", insert=f"{kind}.") for kind in kinds)
        yield Choice("agent", "act", "any act", "", "agent")
        yield from (Choice(name, "person", "any move") for name in scope.persons)
        if any(name.startswith("persona.") for name in (*scope.constants, *scope.variables)):
            yield Choice("persona", "persona", insert="persona.")
        if any(event.actor == "result" for event in scope.events.values()):
            yield Choice("result", "act", "the result of an act", insert="result.")
        for event in scope.events.values():
            if event.actor == "world":
                yield _event(event.name, event)

    def _parts(self, owner: str, scope: Scope) -> Iterator[Choice]:
        """What may stand behind ``owner.``."""
        written = naming.person_meant(tuple(owner.split(".")), scope)
        head = ".".join(written)
        event = scope.events.get(head)
        if event is not None:
            yield from (Choice(field.name, "field", show_type(field.type)) for field in event.fields)
        offered: set[str] = set()
        things: list[tuple[str, Choice]] = []
        for name, declared in scope.events.items():
            things.append((name, _event(name, declared)))
        for name, states in scope.machines.items():
            things.append((name, Choice(name, name.partition(".")[0], " | ".join(states))))
        for name, variable in scope.variables.items():
            things.append((name, Choice(name, "variable", show_type(variable.type))))
        for name, (type, _) in scope.constants.items():
            things.append((name, Choice(name, "trait", show_type(type))))
        things += [(name, Choice(name, "constant", text)) for name, text in scope.concern_fields.items()]
        things += [(f"{name}.resistance", Choice(name, "word", "", HELP["resistance"])) for name in scope.persons]
        for name, choice in things:
            if name.startswith(head + ".") and (rest := name[len(head) + 1 :]) not in offered:
                if rest == "voice":
                    continue
                offered.add(rest)
                yield Choice(rest, choice.kind, choice.detail, choice.about)

    def _pattern(self, text: str, scope: Scope) -> Mapping[str, Type]:
        """The fields of the event pattern whose parentheses are open at the end of the text."""
        depth = 0
        for at in range(len(text) - 1, -1, -1):
            if text[at] == ")":
                depth += 1
            elif text[at] == "(":
                depth -= 1
                if depth < 0:
                    called = _word(text[:at], r"[\w.]+$")
                    meaning = naming.resolve(tuple(called.split(".")), scope) if called else None
                    if isinstance(meaning, naming.EventsName):
                        return naming.common_fields(scope.events[name] for name in meaning.names)
                    depth = 0
        return {}

    def _states(self, before: str) -> list[Choice] | None:
        assert self.found is not None
        found = re.search(r"\b((?:task|concern|trigger|shift)\.\w+)\s+is(?:\s+not)?((?:\s+\w+\s*\|)*)$", before)
        if found is None:
            return None
        there = set(re.findall(r"\w+", found.group(2)))
        kind = found.group(1).partition(".")[0]
        states = self.found.machines.get(found.group(1), ())
        return [Choice(state, "state", f"of {kind}") for state in states if state not in there]

    def _compared(self, before: str, scope: Scope, pattern: Mapping[str, Type]) -> list[Choice] | None:
        """The choices of what stands before ``==`` or ``is``; None where no comparison is being typed."""
        found = re.search(r"([\w.]+)\s*(==|!=|<=|>=|<|>|\bis(?:\s+not)?)((?:\s*\w+\s*\|)*)$", before)
        if found is None:
            return None
        type = self._type(found.group(1), scope, pattern)
        there = set(re.findall(r"\w+", found.group(3)))
        out = [choice for choice in _values(type) if choice.label not in there]
        if found.group(2) == "is":
            out += [Choice("known", "word", "", HELP["known"]), Choice("not", "word", "", HELP["is not"])]
        return out

    def _type(self, name: str, scope: Scope, pattern: Mapping[str, Type]) -> Type | None:
        match naming.resolve(tuple(name.split(".")), scope, pattern):
            case naming.FieldName(_, type) | naming.LatestName(_, _, type) | naming.ConstantName(type):
                return type
            case naming.VariableName(variable):
                return variable.type
        return None

    def _units(self, before: str, text: str, scope: Scope, pattern: Mapping[str, Type]) -> Offer:
        """The units of an amount: of what it is compared with, or set to."""
        type: Type | None = None
        for name in reversed(re.findall(r"[A-Za-z_][\w.]*", before)):
            type = self._type(name, scope, pattern)
            if type is not None:
                break
        if type is None and re.search(r"\b(for|last|within)$", before):
            type = Number("duration")
            turns = (Choice("turns", "unit", insert=" turns"),)
            return Offer((*_units(type), *turns))
        if type is None and self.found is not None:
            what, name = self.fits.names[-1] if self.fits.names else ("", "")
            if what == "an assignment":
                full = f"{self._owner()}.{name}"
                variable = self.found.variables.get(full) or self.found.variables.get(name)
                type = variable.type if variable is not None else None
            elif what == "an argument" and (event := self._given()) is not None:
                type = next((f.type for f in event.fields if f.name == name), None)
        return Offer(tuple(_units(type)))


DECLARES = {"a concern": "concern", "an act": "act", "a persona": "persona"}


def _after(shape: Shape) -> str:
    """What follows a key's colon: a blank where its value stands on the same line."""
    return " " if isinstance(shape, Line | shapes.Forms | Each) else ""


def _values(type: Type | None) -> list[Choice]:
    kind = bare(type) if type is not None else None
    match kind:
        case Enum(members):
            return [Choice(member, "choice", show_type(kind)) for member in members]
        case Bool():
            return [Choice("yes", "value"), Choice("no", "value")]
    return []


def _units(type: Type | None) -> Iterator[Choice]:
    kind = bare(type) if type is not None else None
    if isinstance(kind, Number) and kind.family.startswith("money("):
        yield Choice(kind.family[6:-1], "unit", show_type(kind), insert=f" {kind.family[6:-1]}")
    elif isinstance(kind, Number) and kind.family in FAMILIES:
        yield from (Choice(unit, "unit", kind.family) for unit, _ in FAMILIES[kind.family].units)
    elif isinstance(kind, TimeOfDay):
        yield Choice(":00", "unit", "time of day")


def _kind(event: EventType) -> str:
    return {"world": "event", "agent": "act", "result": "act"}.get(event.actor, "move")


def _signature(event: EventType) -> str:
    return ", ".join(f"{field.name}: {show_type(field.type)}" for field in event.fields)


def _event(label: str, event: EventType) -> Choice:
    return Choice(label, _kind(event), _signature(event))


def _starting(choices: Iterable[Choice], word: str) -> Iterator[Choice]:
    """Those that begin with what was typed; all that hold it where none does. The editor sorts and filters further."""
    listed = list({choice.label: choice for choice in reversed(list(choices))}.values())[::-1]
    lowered = word.casefold()
    begins = [choice for choice in listed if choice.label.casefold().startswith(lowered)]
    yield from (begins or [choice for choice in listed if lowered in choice.label.casefold()])[:MOST]


def _offer(choices: Iterable[Choice], text: str, pattern: str = r"[\w]*$") -> Offer:
    word = _word(text, pattern)
    return Offer(tuple(_starting(choices, word)), len(word))

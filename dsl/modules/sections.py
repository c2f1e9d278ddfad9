"""Sections: the scenario's own declarations laid over those of the modules that it uses.

The result is one tree in the shape of a scenario file, as if everything had been written in one place. A declaration of the
scenario's own replaces one of the same name from a module; where both are maps it adds to it, key by key, and its own
keys win. Two modules that declare the same name clash, unless the scenario declares it as well.

Lists (``stream``) are put one behind the other, those of the modules first. From modules come all acts, tasks, events and the
like, but only those concerns that the scenario names under ``concerns`` or that a persona draws from (a bank is a stock to
choose from), and only those personas and recordings that somebody is or plays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dramaturg.dsl.diagnostics import Fix, Label, diagnose
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.format.fit import Fitting
from dramaturg.dsl.format.refit import without_item
from dramaturg.dsl.format.shapes import SHARED, Each, Names
from dramaturg.dsl.modules.uses import Module
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq

CHOSEN = ("personas", "concerns", "recordings")
"""Sections of a module of which a scenario takes only what it names."""


def assemble(tree: Map, modules: Iterable[Module], found: Fitting) -> Map:
    """One tree for the scenario and its modules. Clashes and modules that nothing is taken from are reported."""
    modules = list(modules)
    agent = tree.get("agent")
    own = {key.name: _entries(tree.get(key.name)) for key in SHARED if isinstance(key.shape, Names)}
    own["acts"] = _entries(agent.get("acts") if isinstance(agent, Map) else None)
    merged: dict[str, Map | Seq] = {}
    used: set[str] = set()
    for section in (key.name for key in SHARED if isinstance(key.shape, Each)):
        lines = [(module.path, item) for module in modules for item in _items(module.tree.get(section))]
        if lines:
            used.update(path for path, _ in lines)
            items = (*(item for _, item in lines), *_items(tree.get(section)))
            merged[section] = Seq(items, lines[0][1].span)
    for section, mine in own.items():
        if section == "concerns":
            mine = tuple(_meant(entry, mine, modules, found) for entry in mine)
        named = _chosen(section, tree, mine, merged.get("stream") or tree.get("stream"))
        if section == "concerns" and named is not None:
            named |= _possible(tree, modules, named)
        base: dict[str, tuple[Entry, Module]] = {}
        for module in modules:
            for entry in _entries(module.tree.get(section)):
                name = entry.key.text
                if named is None or name in named:
                    used.add(module.path)
                elif section == "concerns":
                    continue
                else:  # kept, so that a misspelt name can be told from an unknown one
                    base.setdefault(name, (entry, module))
                    continue
                if name in base and all(name != entry.key.text for entry in mine):
                    other = base[name]
                    found.diagnostics.append(
                        diagnose(
                            "module-clash",
                            entry.key.span,
                            f"`{name}` is declared by `{other[1].path}` and by `{module.path}`",
                            labels=[Label(other[0].key.span, "the other one is here")],
                            notes=[
                                "declare it in the scenario to settle which is meant, or use one of the two modules only"
                                if other[1].path != module.path
                                else "give one of the two uses a name with `as`"
                            ],
                        )
                    )
                elif name not in base:
                    base[name] = (entry, module)
        entries = list(_overlay([entry for entry, _ in base.values()], mine))
        if entries:
            node = tree.get(section)
            span = node.span if isinstance(node, Map) else entries[0].key.span
            merged[section] = Map(tuple(entries), span)
    _report_unused(modules, used, tree, found)
    return _rebuilt(tree, merged)


def _meant(entry: Entry, mine: tuple[Entry, ...], modules: list[Module], found: Fitting) -> Entry:
    """A concern that the scenario takes from a module: where none has it, under the name that was probably meant."""
    name, body = entry.key.text, entry.value
    offered = [other.key.text for module in modules for other in _entries(module.tree.get("concerns"))]
    own = isinstance(body, Map) and (body.get("story") is not None or body.get("says") is not None)
    if own or name in offered:
        return entry
    taken = {other.key.text for other in mine}
    meant = closest(name, [other for other in offered if other not in taken])
    if meant is None:
        return entry
    found.diagnostics.append(
        diagnose(
            "unknown-name",
            entry.key.span,
            f"no module has a concern `{name}` to take; did you mean `{meant}`?",
            notes=["a concern of the scenario's own needs `story` and `says`"],
            fixes=[Fix(f"replace it with `{meant}`", ((entry.key.span, meant),))],
        )
    )
    return Entry(Scalar(meant, entry.key.span, entry.key.style), body)


def _entries(node: Node | None) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Map) else ()


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Seq) else ()


def _overlay(base: list[Entry], own: Iterable[Entry]) -> Iterator[Entry]:
    mine = {entry.key.text: entry for entry in own}
    for entry in base:
        over = mine.pop(entry.key.text, None)
        if over is None:
            yield entry
        elif isinstance(entry.value, Map) and isinstance(over.value, Map):
            yield Entry(
                over.key,
                Map(tuple(_replaced(entry.value, over.value)), over.value.span, over.value.flow, over.value.damaged),
            )
        else:
            yield over
    yield from mine.values()


def _replaced(base: Map, own: Map) -> Iterator[Entry]:
    mine = {entry.key.text: entry for entry in own.entries}
    for entry in base.entries:
        yield mine.pop(entry.key.text, entry)
    yield from mine.values()


def _chosen(section: str, tree: Map, mine: Iterable[Entry], stream: Node | None) -> set[str] | None:
    """The names that the scenario takes from modules in this section; None where it takes them all."""
    match section:
        case "concerns":
            return {entry.key.text for entry in mine}
        case "personas":
            people = [tree.get("user"), *(entry.value for entry in _entries(tree.get("cast")))]
            return {_text(person.get("persona")) for person in people if isinstance(person, Map)}
        case "recordings":
            lines = _items(stream)
            return {_text(line.get("play")) for line in lines if isinstance(line, Map)}
    return None


def _possible(tree: Map, modules: list[Module], named: set[str]) -> set[str]:
    """The concerns that a persona of the scenario draws from, and those that any of them or of ``named`` needs."""
    people = [tree.get("user"), *(entry.value for entry in _entries(tree.get("cast")))]
    bodies: list[Node | None] = [person.get("persona") for person in people if isinstance(person, Map)]
    trees = (tree, *(module.tree for module in modules))
    for label in {body.text for body in bodies if isinstance(body, Scalar)}:
        bodies += [e.value for one in trees for e in _entries(one.get("personas")) if e.key.text == label]
    concerns = [body.get("concerns") for body in bodies if isinstance(body, Map)]
    todo = [name for each in concerns if isinstance(each, Map) for name in _list(each.get("from"))]
    out, todo = set[str](), [*todo, *named]
    for name in todo:
        if name not in out:
            out.add(name)
            entries = (e for one in trees for e in _entries(one.get("concerns")) if e.key.text == name)
            todo += [need for e in entries if isinstance(e.value, Map) for need in _list(e.value.get("needs"))]
    return out


def _list(node: Node | None) -> list[str]:
    return [_text(item) for item in (node.items if isinstance(node, Seq) else (node,))] if node is not None else []


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _report_unused(modules: list[Module], used: set[str], tree: Map, found: Fitting) -> None:
    for module in modules:
        if module.path in used or module.tree.get("uses") is not None:
            continue
        offered = [entry.key.text for name in CHOSEN for entry in _entries(module.tree.get(name))]
        notes = [f"it offers {', '.join(f'`{name}`' for name in offered[:8])}"] if offered else ["it declares nothing"]
        found.diagnostics.append(
            diagnose(
                "unused-module",
                module.asked,
                f"nothing of `{module.path}` is used",
                notes=notes,
                fixes=_unused(module, tree),
            )
        )


def _unused(module: Module, tree: Map) -> list[Fix]:
    """Taking the module out of the list that asked for it, where that is the scenario's own."""
    listed = tree.get("uses")
    if not isinstance(listed, Seq):
        return []
    number = next((number for number, item in enumerate(listed.items) if item.span == module.asked), None)
    return [] if number is None else without_item(listed.items, number, listed.flow, "do not use it", safe=False)


def _rebuilt(tree: Map, merged: dict[str, Map | Seq]) -> Map:
    """The tree with its sections replaced by the merged ones, acts under ``agent``."""
    acts = merged.pop("acts", None)
    entries: list[Entry] = []
    for entry in tree.entries:
        name, value = entry.key.text, entry.value
        if name in merged:
            value = merged.pop(name)
        elif name == "agent" and isinstance(value, Map) and acts is not None:
            kept = [inner for inner in value.entries if inner.key.text != "acts"]
            key = next((inner.key for inner in value.entries if inner.key.text == "acts"), entry.key)
            value = Map((*kept, Entry(Scalar("acts", key.span), acts)), value.span, value.flow, value.damaged)
        entries.append(Entry(entry.key, value))
    entries.extend(Entry(Scalar(name, _at(section)), section) for name, section in merged.items())
    return Map(tuple(entries), tree.span, tree.flow, tree.damaged)


def _at(section: Map | Seq) -> Span:
    return section.entries[0].key.span if isinstance(section, Map) and section.entries else section.span

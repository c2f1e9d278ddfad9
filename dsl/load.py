"""Loading: from the path of a scenario file to its typed scenario, or to everything that is wrong with it.

The phases, in order, each a package: read the file and the modules it uses (``reading``, ``modules``), hold each against the
format (``format``), lay them over each other, enter every name (``declarations``), read every line (``loading``), and look at the
whole (``whole``). Each phase works on what the one before it left standing, so all mistakes of a file are said in one run and
none is said twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dramaturg.dsl.declarations import declare, naming
from dramaturg.dsl.declarations.inventory import Inventory, text
from dramaturg.dsl.diagnostics import Diagnostic, diagnose
from dramaturg.dsl.format import misplaced, shapes
from dramaturg.dsl.format.fit import lacking
from dramaturg.dsl.loading import people, personas, shifts, tasks, words, world
from dramaturg.dsl.loading.lines import small, whole
from dramaturg.dsl.memory.collector import held_off
from dramaturg.dsl.modules import leftovers, manners, needs, shelf
from dramaturg.dsl.modules.sections import assemble
from dramaturg.dsl.modules.uses import ENDING, Library, bring_in, outermost
from dramaturg.dsl.reading.reader import NOTHING_OVER, Overlay, open_below, open_source
from dramaturg.dsl.reading.recovery import read_on
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.spans import Source, Span, readable
from dramaturg.dsl.tree import Map
from dramaturg.dsl.whole import braces, consequences, consistency, outlasting, unused, views, weights
from dramaturg.dsl.whole.consequences import hangs
from dramaturg.dsl.whole.gathered import gathered

DEFAULT_PACE = 20_000
"""ms of a spoken move where the scenario does not say."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a file: a scenario where nothing is wrong with it, and all that there is to say about it."""

    scenario: Scenario | None
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]
    """Every file that was read, the scenario's own first. Their paths are relative to the root."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A file as the loader saw it, for whoever wants to know more than what is wrong with it (an editor does)."""

    loaded: Loaded
    tree: Map | None = None
    """The file's own tree, as far as it fits the format; of a file with errors as well."""
    library: Library = field(default_factory=Library)
    names: Inventory | None = None
    """Every name that was entered; None where the file is no scenario."""


def load(path: Path, root: Path | None = None, overlay: Overlay = NOTHING_OVER) -> Loaded:
    """Read a scenario file and what it uses. ``root`` is the folder that bounds what may be read (see ``uses``).

    ``overlay`` gives texts by absolute path that are read in place of the files there, whether or not there are any: the
    unsaved buffers of an editor, or scenarios that are on no disk.

    Never raises for what a file contains; the scenario is None exactly where a diagnostic is an error.
    """
    with held_off():
        return understand(path, root, overlay).loaded


def understand(path: Path, root: Path | None = None, overlay: Overlay = NOTHING_OVER) -> Understood:
    """``load``, with what it saw on the way."""
    seen = _read(path, root, overlay)
    if not any(hangs(diagnostic) for diagnostic in seen.loaded.diagnostics) or seen.library.found.lost:
        return seen
    return _gathered_by_module(seen, Path(os.path.abspath(path)), root, overlay)


def _gathered_by_module(seen: Understood, path: Path, root: Path | None, overlay: Overlay) -> Understood:
    """What was understood, with one diagnostic for all that hangs on modules which are not in ``uses`` (see ``shelf``)."""
    tree, library, beside = seen.tree, seen.library, ""
    if tree is None or sum(len(source.data) for source in library.sources) > shelf.LARGEST:
        return seen
    place = library.root
    if root is None and not library.files and place == path.parent and place.parent != place:
        place, beside = place.parent, place.name  # nothing says where its modules lie
    words = shelf.spoken(one for one in seen.loaded.diagnostics if hangs(one))
    on = shelf.shelf(place, library.files, overlay, words, beside)
    if not on:
        return seen
    if beside:
        seen = _read(path, place, overlay)
        tree = seen.tree
        assert tree is not None

    def again(modules: Sequence[str]) -> tuple[Diagnostic, ...]:
        return _read(path, place, overlay, modules).loaded.diagnostics

    said = shelf.collapse(seen.loaded.diagnostics, hangs, on, again, tree)
    said = tuple(_placed(said, seen.library.sources))
    return replace(seen, loaded=replace(seen.loaded, diagnostics=said))


def _read(path: Path, root: Path | None, overlay: Overlay, also: Sequence[str] = ()) -> Understood:
    """The file and what it uses, and the modules ``also`` as if it used them."""
    path = Path(os.path.abspath(path))
    bound = Path(os.path.abspath(root)) if root is not None else None
    shown = path.relative_to(bound).as_posix() if bound is not None and path.is_relative_to(bound) else path.name
    if bound is not None and not path.is_relative_to(bound):
        nowhere = Source(shown, b"")
        problem = diagnose("outside-root", Span(nowhere, 0, 0), f"`{shown}` lies outside the folder of the scenarios")
        return Understood(Loaded(None, (problem,), (nowhere,)))
    if readable(shown) != shown:
        nowhere = Source(readable(shown), b"")
        problem = diagnose(
            "unreadable-file", Span(nowhere, 0, 0), f"the name of the file `{nowhere.path}` is not UTF-8"
        )
        return Understood(Loaded(None, (problem,), (nowhere,)))
    source = _own(path, shown, bound, overlay)
    if isinstance(source, Diagnostic):
        return Understood(Loaded(None, (source,), (source.span.source,)))
    node, problems = read_on(source)
    if node is not None and bound is None and isinstance(node, Map):
        bound = outermost(node, path.parent, overlay)
        source.called(readable(path.relative_to(bound).as_posix()))
    library = Library(sources=[source], root=bound or path.parent, overlay=overlay)
    library.found.diagnostics.extend(problems)
    scenario, tree, found = None, None, None
    if node is not None:
        tree = _fitted(node, library)
    if tree is not None:
        found = _named(tree, path, library, also)
        scenario = _elaborate(found, library)
    said = _settled(library, found)
    if any(diagnostic.severity == "error" for diagnostic in said):
        scenario = None
    return Understood(Loaded(scenario, said, tuple(library.sources)), tree, library, found)


def _own(path: Path, shown: str, bound: Path | None, overlay: Overlay) -> Source | Diagnostic:
    """The scenario's own file: within the bounds where there are any, else wherever its user says."""
    if bound is None:
        return open_source(path, shown, overlay=overlay)
    found = open_below(bound, shown, overlay=overlay)
    if found is None:
        return diagnose("unreadable-file", Span(Source(shown, b""), 0, 0), f"there is no file `{shown}`")
    return found if isinstance(found, Diagnostic) else found.source


def _fitted(node: object, library: Library) -> Map | None:
    """The tree as far as it fits; None where the file is no scenario."""
    found = library.found
    source = library.sources[0]
    if not isinstance(node, Map):
        span = getattr(node, "span", Span(source, 0, 0))
        found.diagnostics.append(
            diagnose(
                "not-a-scenario",
                span,
                "this file is not a scenario",
                notes=["a scenario file begins with `scenario: NAME`"],
            )
        )
        return None
    if node.get("scenario") is None and any(shapes.MODULE.key(e.key.text) for e in node.entries):
        others = [e.key.text for e in node.entries if shapes.MODULE.key(e.key.text) is None]
        if not others:
            found.diagnostics.append(
                diagnose(
                    "not-a-scenario",
                    node.entries[0].key.span,
                    "this file is a module, not a scenario",
                    notes=["a scenario file begins with `scenario: NAME`; modules are brought in with `uses`"],
                )
            )
            return None
    fitted = misplaced.fitted(node, shapes.SCENARIO, found, "a scenario")
    assert isinstance(fitted, Map)
    return fitted


def _named(fitted: Map, path: Path, library: Library, also: Sequence[str]) -> Inventory:
    """Every name of the scenario and of the modules that it uses."""
    found = library.found
    own = library.sources[0].path.removesuffix(ENDING)
    library.types.append(fitted)
    bring_in(fitted, path.parent, library, ((own, None),), also)
    tree = manners.worn(assemble(fitted, library.modules, found))
    leftovers.lacking_parts(library.modules, tree, found)
    named = tree.get("scenario")
    lacking(tree, shapes.SCENARIO, named.span if named is not None else Span(library.sources[0], 0, 0), found)
    names = naming.take(tree, found.diagnostics, found.broken)
    leftovers.check(library.modules, names)
    for need in library.unread:
        found.diagnostics.append(
            diagnose("unused-need", need.name.span, f"nothing in the module reads `{need.name.text}`, which it needs")
        )
    needs.verify(library.given, names)
    return names


def _elaborate(found: Inventory, library: Library) -> Scenario:
    tree = found.tree
    concerns, drifts = people.concerns(found), shifts.shifts(found)
    wordings = words.words(found)
    variables, drawn = world.variables(found), personas.variable(concerns)
    if drawn is not None:  # among the variables only now, so that no expression can name it
        variables[drawn.name] = drawn
    scenario = Scenario(
        name=text(tree.get("scenario")),
        about=text(tree.get("about")),
        domain=text(tree.get("domain")),
        family=text(tree.get("family")),
        horizon=small(tree.get("horizon"), declare.some_time, 0, found),
        turns=small(tree.get("turns"), whole(1), 0, found),
        pace=small(tree.get("pace"), declare.duration, DEFAULT_PACE, found),
        variables=variables,
        events=found.events,
        stream=world.stream(found),
        agent=people.agent(found),
        cast=people.cast(found),
        concerns=concerns,
        tasks=tasks.tasks(found),
        triggers=tasks.triggers(found),
        shifts=drifts,
        words=wordings,
        rules=tasks.rules(found),
        checks=tasks.checks(found),
        files=tuple(source.path for source in library.sources),
        digest=_digest(library.sources),
        span=tree.span,
        draws=personas.draws(found, concerns),
        constraints=personas.constraints(found),
        sample=small(tree.get("sample"), whole(1), None, found),
    )
    words.unworded(found, wordings, concerns, drifts, scenario.cast)
    if all(diagnostic.severity != "error" for diagnostic in found.sink):
        found.sink.extend(consistency.check(scenario))
        found.sink.extend(braces.check(found))
        found.sink.extend(weights.check(scenario))
        found.sink.extend(outlasting.check(scenario, found))
        found.sink.extend(outlasting.brief(scenario, found))
        found.sink.extend(views.check(scenario, found))
        found.sink.extend(unused.check(scenario, found, library.sources[0].path))
    return scenario


def _digest(sources: Iterable[Source]) -> str:
    """sha256 over the files: of each its path, its length and its bytes."""
    total = hashlib.sha256()
    for source in sources:
        total.update(f"{source.path}\0{len(source.data)}\0".encode())
        total.update(source.data)
    return total.hexdigest()


def _settled(library: Library, names: Inventory | None) -> tuple[Diagnostic, ...]:
    """In order of place; each once, and nothing that only follows from what could not be read."""
    out: dict[tuple[str, int, int, str], Diagnostic] = {}
    for it in consequences.told_apart([library.explained(it) for it in library.found.diagnostics], library.found.lost):
        out.setdefault((it.span.path, it.span.start, it.span.end, it.name), it)
    trees = (*library.types[:1], *(module.tree for module in library.modules))
    return gathered(_placed(out.values(), library.sources), names, library.sources, trees)


def _placed(said: Iterable[Diagnostic], sources: Iterable[Source]) -> list[Diagnostic]:
    return consequences.placed(said, [source.path for source in sources])

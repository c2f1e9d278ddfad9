"""``uses``: finding and reading the modules that a scenario brings in, and nothing else on the disk.

A module is named by its path below the root without the ending, ``personas/commuters``. It is looked for beside the file that
names it, then in each folder above, up to the root. Where no root is given, the root is the outermost folder in which a module
of the scenario was found. Only regular files below the root are opened: a name that climbs, a link that leads out, a
pipe or a folder is a diagnostic, and not a byte of it is read. A text of the overlay counts as a regular file at its path, and
is held to the same bounds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from dramaturg.dsl import limits
from dramaturg.dsl.declarations.declare import declaration
from dramaturg.dsl.declarations.inventory import entries
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.format import misplaced, shapes
from dramaturg.dsl.format.fit import Fitting
from dramaturg.dsl.format.refit import without_item
from dramaturg.dsl.memory.memo import Memo
from dramaturg.dsl.modules import needs
from dramaturg.dsl.modules.instances import RENAMED, Instance, declared, instantiate
from dramaturg.dsl.modules.needs import Argument, Need
from dramaturg.dsl.reading.reader import NOTHING_OVER, Below, Overlay, open_below
from dramaturg.dsl.reading.recovery import read_on
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq
from dramaturg.dsl.types import Enum

ENDING = ".yaml"
MODULE_PATH = re.compile(rf"{shapes.SLUG}(/{shapes.SLUG})*")


@dataclass(frozen=True, slots=True)
class Use:
    """One entry under ``uses``: the module, what it is given, and the name that this use has."""

    module: Scalar
    given: tuple[Entry, ...] = ()
    name: Scalar | None = None
    under: Scalar | None = None
    """The key ``with``, where something is given."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module that was brought in: the path that names it, its tree as this use has it, and where it was first asked for."""

    path: str
    tree: Map
    asked: Span
    name: str = ""
    """The name of this use, where the module is used under one."""
    arguments: Mapping[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read as a module. Nothing in it depends on who uses it, so what was read once serves all."""

    source: Source
    node: Node | None
    problems: list[Diagnostic]
    fitted: Node | None
    found: Fitting
    needs: Mapping[str, Need]


@dataclass(slots=True)
class Library:
    """Everything that was read for one scenario."""

    sources: list[Source] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    """In the order in which declarations count: what a module uses comes before it."""
    found: Fitting = field(default_factory=Fitting)
    files: dict[str, File] = field(default_factory=dict)
    """The files of the modules, by their paths."""
    types: list[Map] = field(default_factory=list)
    """The named types of the scenario, as far as they are told without its modules."""
    given: list[Argument] = field(default_factory=list)
    """What was given to modules, also to those that could not be brought in with it."""
    spliced: list[Scalar] = field(default_factory=list)
    """Texts of modules into which arguments were put."""
    unread: list[Need] = field(default_factory=list)
    """Parameters that no line of their module reads."""
    folders: dict[str, bool] = field(default_factory=dict)
    """Whether there is anything at a place below the root, as far as it was asked."""
    root: Path = field(default_factory=Path)
    overlay: Overlay = field(default_factory=lambda: NOTHING_OVER)

    def explained(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic, with what stood for a parameter where it speaks of a line of a module that has some."""
        at, labels = diagnostic.span, list(diagnostic.labels)
        for line in self.spliced:
            if line.span.path == at.path and line.span.start <= at.start and at.end <= line.span.end:
                for piece in line.pieces:
                    label = Label(piece.given, f"here `{piece.name}` is this") if piece.given is not None else None
                    if label is not None and label.span != at and label not in labels:
                        labels.append(label)
        return replace(diagnostic, labels=tuple(labels))


def outermost(tree: Map, start: Path, overlay: Overlay = NOTHING_OVER) -> Path:
    """The root where none is given: the outermost folder, from ``start`` up, in which a module of the scenario is found first.

    For a module that is nowhere, the nearest folder above that has its folder counts, so that what lies there can be suggested.
    """
    root = start
    for use in listed(tree):
        item = use.module
        if MODULE_PATH.fullmatch(item.text):
            above = (start, *start.parents)
            file, folder = item.text + ENDING, item.text.rpartition("/")[0]
            found = next((place for place in above if _stands(place / file, overlay)), None)
            if found is None and folder:
                found = next((place for place in above if (place / folder).is_dir()), start.parent)
            if found is not None and len(found.parts) < len(root.parts):
                root = found
    return root


def bring_in(
    tree: Map,
    folder: Path,
    library: Library,
    chain: tuple[tuple[str, Scalar | None], ...],
    also: Iterable[str] = (),
) -> None:
    """Read the modules that ``tree`` (of a file in ``folder``) uses, depth first, into the library.

    ``chain`` are the files on the way here, outermost first, each with the line that asked for it. ``also`` are modules that
    no line asks for; they are taken as if the first place of the file did.
    """
    seen: dict[tuple[str, str], Scalar] = {}
    for use in listed(tree):
        item, key = use.module, (use.module.text, use.name.text if use.name is not None else "")
        if key in seen:
            library.found.diagnostics.append(
                diagnose(
                    "module-twice",
                    item.span,
                    f"`{item.text}` is used twice",
                    labels=[Label(seen[key].span, "first used here")],
                    notes=["give each use a name with `as`"] if use.given else [],
                    fixes=_once(tree, item),
                )
            )
            continue
        seen[key] = item
        if not _bring_one(use, folder, library, chain):
            library.found.lost = True
    for name in also:
        if not _bring_one(Use(Scalar(name, Span(tree.span.source, 0, 0))), folder, library, chain):
            library.found.lost = True


def _once(tree: Map, item: Scalar) -> list[Fix]:
    """Taking a module out of the list that has it already."""
    uses = tree.get("uses")
    if not isinstance(uses, Seq):
        return []
    number = next((number for number, other in enumerate(uses.items) if other.span == item.span), None)
    return [] if number is None else without_item(uses.items, number, uses.flow, "use it once", safe=True)


def _bring_one(use: Use, folder: Path, library: Library, chain: tuple[tuple[str, Scalar | None], ...]) -> bool:
    """Read one module and what it uses; False where it could not be read or not be used like this."""
    item = use.module
    say = library.found.diagnostics.append
    problem = _malformed(item)
    if problem is not None:
        say(problem)
        return False
    found = _locate(item, folder, library)
    if found is None:
        say(_missing(item, folder, library))
        return False
    if isinstance(found, Diagnostic):
        say(found)
        return False
    name, source = found.real.removesuffix(ENDING), found.source
    for index, (other, _) in enumerate(chain):
        if other == name:
            steps = [step.span for _, step in chain[index + 1 :] if step is not None]
            names = [other for other, _ in chain[index:]] + [name]
            say(
                diagnose(
                    "module-cycle",
                    item.span,
                    "the modules use each other in a circle: " + " uses ".join(f"`{name}`" for name in names),
                    labels=[Label(step, "which is used here") for step in steps],
                )
            )
            return False
    most = limits.allowed()
    if len(chain) > most.chain:
        notes = [limits.how_to_raise("chain", len(chain))]
        message = f"modules use modules more than {most.chain} deep"
        say(diagnose("too-many-modules", item.span, message, notes=notes))
        return False
    if name not in library.files and len(library.files) >= most.modules:
        notes = [limits.how_to_raise("modules", len(library.files))]
        message = f"a scenario uses no more than {most.modules} modules"
        if all(it.message != message for it in library.found.diagnostics):  # the others are as much too many
            say(diagnose("too-many-modules", item.span, message, notes=notes))
        return False
    taken = library.files.get(name)
    if taken is None:
        taken = library.files[name] = _take(source)
        library.sources.append(taken.source)
        library.found.diagnostics.extend(taken.problems)
        library.found.add(taken.found)
    if isinstance(taken.node, Map) and taken.node.get("scenario") is not None:
        say(diagnose("not-a-module", item.span, f"`{item.text}` is a scenario of its own, not a module"))
        return False
    if not isinstance(taken.fitted, Map):
        return False
    return _instance(use, name, taken.fitted, taken.needs, (taken.source.path, chain), library)


_TAKEN: Memo[tuple[str, bytes, str], File] = Memo(256, 256 * 1024)
"""By the path, the bytes and the limits: the bytes are read anew each time, and only what follows from them is not."""
_KEPT = 32 * 1024
"""Bytes of a module that is kept, at most."""


def _take(source: Source) -> File:
    key = (source.path, source.data, os.environ.get(limits.VARIABLE, ""))
    known = _TAKEN.get(key)
    if known is not None:
        return known
    node, problems = read_on(source)
    found = Fitting()
    module = node is not None and not (isinstance(node, Map) and node.get("scenario") is not None)
    fitted = misplaced.fitted(node, shapes.MODULE, found, "a module") if node is not None and module else None
    wanted = needs.read(fitted.get("needs")) if isinstance(fitted, Map) else {}
    if isinstance(fitted, Map):
        found.diagnostics.extend(_taken(fitted, wanted))
    taken = File(source, node, problems, fitted, found, wanted)
    if len(source.data) <= _KEPT:
        _TAKEN.keep(key, taken, len(source.data))
    return taken


def _taken(tree: Map, wanted: Mapping[str, Need]) -> Iterator[Diagnostic]:
    """Parameters that are called as something that the module declares."""
    for section in (*RENAMED, "slots"):
        tasks = [entry.value for entry in entries(tree.get("tasks")) if isinstance(entry.value, Map)]
        for node in [tree.get(section)] if section != "slots" else [task.get("slots") for task in tasks]:
            for entry in entries(node):
                if entry.key.text in wanted:
                    yield diagnose(
                        "name-taken",
                        wanted[entry.key.text].name.span,
                        f"`{entry.key.text}` cannot be a parameter of the module: it declares that name itself",
                        labels=[Label(entry.key.span, "it is taken here")],
                    )


def _instance(
    use: Use,
    name: str,
    tree: Map,
    wanted: Mapping[str, Need],
    place: tuple[str, tuple[tuple[str, Scalar | None], ...]],
    library: Library,
) -> bool:
    """The module with its parameters filled in, behind the modules that it uses itself."""
    say = library.found.diagnostics
    prefix = use.name.text if use.name is not None else ""
    if use.name is not None and not re.fullmatch(shapes.NAME, prefix):
        say.append(
            diagnose(
                "bad-name",
                use.name.span,
                f"`{prefix}` cannot be the name of a use: it becomes the beginning of names",
                notes=["a name starts with a small letter and goes on with letters, digits and underscores"],
            )
        )
        return False
    if not (prefix or wanted or use.given):
        if all((module.path, module.name) != (name, "") for module in library.modules):
            bring_in(tree, (library.root / place[0]).parent, library, (*place[1], (name, use.module)))
            library.modules.append(Module(name, tree, use.module.span))
        return True
    own = declared(tree)
    first = Instance(prefix=prefix, own=own)
    wanted = needs.read(instantiate(tree, first, only=("needs",)).get("needs")) if prefix else wanted
    enums = _enums([*library.types, *(module.tree for module in library.modules), tree])
    if prefix:
        enums |= {first.named(it, "types") or it: enum for it, enum in _enums([tree]).items()}
    arguments, fine = needs.match(use.module, use.given, wanted, enums, say, use.under)
    library.given.extend(arguments.values())
    if not fine:
        return False
    for earlier in library.modules:
        if (earlier.path, earlier.name) == (name, prefix):
            return _same(use, earlier, arguments, library)
    instance = Instance(arguments, prefix, own)
    path, chain = place
    filled = instantiate(tree, instance)
    if instance.said:
        say.extend(instance.said)
        blamed = {it.span for it in instance.said}
        library.given[:] = [it for it in library.given if it.scalar.span not in blamed]
        return False
    bring_in(filled, (library.root / path).parent, library, (*chain, (name, use.module)))
    library.modules.append(Module(name, filled, use.module.span, prefix, arguments))
    library.spliced.extend(instance.spliced)
    library.unread.extend(need for it, need in wanted.items() if it not in instance.used)
    return True


def _same(use: Use, earlier: Module, arguments: Mapping[str, Argument], library: Library) -> bool:
    """Whether a module that is here already was given the same; else which of the two is meant would be left to chance."""
    for name, argument in arguments.items():
        other = earlier.arguments[name]
        if argument.scalar.text.strip() != other.scalar.text.strip():
            library.found.diagnostics.append(
                diagnose(
                    "module-given-otherwise",
                    argument.scalar.span,
                    f"`{earlier.path}` is used already, and was given another `{name}`",
                    labels=[
                        Label(other.scalar.span, "it was given this"),
                        Label(earlier.asked, "where it was used first"),
                    ],
                    notes=["give one of the two uses a name with `as`, so that there are two of it"],
                )
            )
            return False
    return True


def _enums(trees: Iterable[Map]) -> dict[str, Enum]:
    """The named types of some trees, as far as they can be told."""
    out: dict[str, Enum] = {}
    for tree in trees:
        for entry in entries(tree.get("types")):
            found = declaration(entry.value, out, []) if isinstance(entry.value, Scalar) else None
            if found is not None and isinstance(found.type, Enum):
                out.setdefault(entry.key.text, Enum(found.type.members, entry.key.text))
    return out


def listed(tree: Map) -> list[Use]:
    """What stands under ``uses``, as far as it can be read."""
    node = tree.get("uses")
    out = []
    for item in node.items if isinstance(node, Seq) else ():
        module = item.get("module") if isinstance(item, Map) else item
        if isinstance(item, Map) and isinstance(module, Scalar) and module.text:
            name = item.get("as")
            given = next((entry for entry in item.entries if entry.key.text == "with"), None)
            under = given.key if given is not None and entries(given.value) else None
            out.append(Use(module, entries(item.get("with")), name if isinstance(name, Scalar) else None, under))
        elif isinstance(module, Scalar):
            out.append(Use(module))
    return out


def _malformed(item: Scalar) -> Diagnostic | None:
    text = item.text
    if MODULE_PATH.fullmatch(text):
        return None
    for ending in (".yaml", ".yml"):
        if text.endswith(ending) and MODULE_PATH.fullmatch(text[: -len(ending)]):
            short = text[: -len(ending)]
            return diagnose(
                "bad-module-path",
                item.span,
                f"a module is named without `{ending}`",
                fixes=[Fix(f"replace it with `{short}`", ((item.span, short),))],
            )
    plain = re.sub(r"/+", "/", text.replace("\\", "/").removeprefix("./")).strip("/ ")
    if not text.startswith(("/", "\\")) and MODULE_PATH.fullmatch(plain):
        return diagnose(
            "bad-module-path",
            item.span,
            f"a module is named with `/` between folders and nothing around: `{plain}`",
            fixes=[Fix(f"replace it with `{plain}`", ((item.span, plain),))],
        )
    climbs = text.startswith(("/", "~", "\\")) or ".." in re.split(r"[/\\]", text) or re.match(r"[A-Za-z]:", text)
    if climbs:
        return diagnose(
            "outside-root",
            item.span,
            f"`{text[:60]}` leads out of the folder of the scenarios",
            notes=["a module is named by its path below that folder, such as `personas/commuters`"],
        )
    return diagnose(
        "bad-module-path",
        item.span,
        f"`{text[:60]}` is not the name of a module",
        notes=["letters, digits, `_` and `-`, with `/` between folders, such as `personas/commuters`"],
    )


def _locate(item: Scalar, folder: Path, library: Library) -> Below | Diagnostic | None:
    """The file of that name beside ``folder`` or in a folder above it, up to the root; or why it cannot be read."""
    above = folder.relative_to(library.root).as_posix()
    first, _, deeper = item.text.partition("/")
    while True:
        found = None
        if above == "." or not deeper or _has(above, first, library):
            name = item.text + ENDING if above == "." else f"{above}/{item.text}{ENDING}"
            found = open_below(library.root, name, item.span, overlay=library.overlay)
        if found is not None or above == ".":
            return found
        above = above.rpartition("/")[0] or "."


def _has(above: str, first: str, library: Library) -> bool:
    """Whether anything of that name stands in a folder: most folders on the way up have no folder of modules, and saying so once
    saves looking for each module there. Only a reason not to look; what is opened is opened by ``folder``."""
    place = f"{above}/{first}"
    if place not in library.folders:
        library.folders[place] = bool(library.overlay) or os.path.lexists(os.path.join(library.root, place))
    return library.folders[place]


def _stands(path: Path, overlay: Overlay) -> bool:
    return path in overlay or os.path.lexists(path)


def _missing(item: Scalar, folder: Path, library: Library) -> Diagnostic:
    near = closest(item.text, _available(item.text, folder, library)) or closest(item.text, _others(folder, library))
    said = f"; did you mean `{near}`?" if near else ""
    return diagnose(
        "missing-module",
        item.span,
        f"there is no module `{item.text}`{said}",
        notes=[f"`{item.text}{ENDING}` is looked for beside the file that uses it and in the folders above"],
        fixes=[Fix(f"replace it with `{near}`", ((item.span, near),))] if near else [],
    )


def _others(folder: Path, library: Library) -> list[str]:
    """Modules in any folder from here up, for a name whose folder and file are both wrong (``act/sobserver``)."""
    out: list[str] = []
    for place in (folder, *folder.parents):
        try:
            inner = sorted(entry.name for entry in os.scandir(place) if entry.is_dir(follow_symlinks=False))[:50]
            for name in inner:
                with os.scandir(place / name) as entries:
                    files = [entry.name for entry in islice(entries, 200) if entry.name.endswith(ENDING)]
                out += [f"{name}/{file.removesuffix(ENDING)}" for file in sorted(files)]
        except OSError:
            continue
        if place == library.root:
            break
    return out


def _available(name: str, folder: Path, library: Library) -> list[str]:
    """Modules in the same or a sibling folder of where the name points, for a suggestion."""
    parts = name.split("/")
    laid = (path for path in sorted(library.overlay) if path.suffix == ENDING and path.is_relative_to(library.root))
    out = [path.relative_to(library.root).as_posix().removesuffix(ENDING) for path in laid]
    for place in (folder, *folder.parents):
        for inner in [place / "/".join(parts[:-1]), *([place] if len(parts) == 2 else [])]:
            try:
                entries = sorted(os.scandir(inner), key=lambda entry: entry.name)[:200]
            except OSError:
                continue
            for entry in entries:
                if entry.name.endswith(ENDING) and inner != place:
                    out.append("/".join([*parts[:-1], entry.name.removesuffix(ENDING)]))
                elif inner == place and entry.is_dir(follow_symlinks=False) and len(parts) == 2:
                    candidate = place / entry.name / (parts[-1] + ENDING)
                    if candidate.is_file():
                        out.append(f"{entry.name}/{parts[-1]}")
        if place == library.root:
            break
    return out

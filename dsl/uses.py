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
from dataclasses import dataclass, field
from pathlib import Path

from dramaturg.dsl import shapes
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.fit import Fitting, fit
from dramaturg.dsl.reader import NOTHING_OVER, Below, Overlay, open_below, read
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.suggest import closest
from dramaturg.dsl.tree import Map, Scalar, Seq

ENDING = ".yaml"
MODULE_PATH = re.compile(rf"{shapes.SLUG}(/{shapes.SLUG})*")
DEEPEST = 32
"""Modules that use modules that use modules, at most."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module that was read: the path that names it, its tree, and where it was first asked for."""

    path: str
    tree: Map
    asked: Span


@dataclass(slots=True)
class Library:
    """Everything that was read for one scenario."""

    sources: list[Source] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    """In the order in which declarations count: what a module uses comes before it."""
    found: Fitting = field(default_factory=Fitting)
    root: Path = field(default_factory=Path)
    overlay: Overlay = field(default_factory=lambda: NOTHING_OVER)


def outermost(tree: Map, start: Path, overlay: Overlay = NOTHING_OVER) -> Path:
    """The root where none is given: the outermost folder, from ``start`` up, in which a module of the scenario is found first.

    For a module that is nowhere, the nearest folder above that has its folder counts, so that what lies there can be suggested.
    """
    root = start
    for item in _listed(tree):
        if MODULE_PATH.fullmatch(item.text):
            above = (start, *start.parents)
            file, folder = item.text + ENDING, item.text.rpartition("/")[0]
            found = next((place for place in above if _stands(place / file, overlay)), None)
            if found is None and folder:
                found = next((place for place in above if (place / folder).is_dir()), start.parent)
            if found is not None and len(found.parts) < len(root.parts):
                root = found
    return root


def bring_in(tree: Map, folder: Path, library: Library, chain: tuple[tuple[str, Scalar | None], ...]) -> None:
    """Read the modules that ``tree`` (of a file in ``folder``) uses, depth first, into the library.

    ``chain`` are the files on the way here, outermost first, each with the line that asked for it.
    """
    seen: dict[str, Scalar] = {}
    for item in _listed(tree):
        if item.text in seen:
            library.found.diagnostics.append(
                diagnose(
                    "module-twice",
                    item.span,
                    f"`{item.text}` is used twice",
                    labels=[Label(seen[item.text].span, "first used here")],
                )
            )
            continue
        seen[item.text] = item
        if not _bring_one(item, folder, library, chain):
            library.found.lost = True


def _bring_one(item: Scalar, folder: Path, library: Library, chain: tuple[tuple[str, Scalar | None], ...]) -> bool:
    """Read one module and what it uses; False where it could not be read."""
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
    if len(chain) > DEEPEST:
        say(diagnose("too-many-modules", item.span, f"modules use modules more than {DEEPEST} deep"))
        return False
    if any(module.path == name for module in library.modules):
        return True
    library.sources.append(source)
    node, problems = read(source)
    library.found.diagnostics.extend(problems)
    if node is None:
        return False
    if isinstance(node, Map) and node.get("scenario") is not None:
        say(diagnose("not-a-module", item.span, f"`{item.text}` is a scenario of its own, not a module"))
        return False
    module = fit(node, shapes.MODULE, library.found, "a module")
    if isinstance(module, Map):
        bring_in(module, (library.root / source.path).parent, library, (*chain, (name, item)))
        library.modules.append(Module(name, module, item.span))
    return True


def _listed(tree: Map) -> list[Scalar]:
    listed = tree.get("uses")
    return [item for item in listed.items if isinstance(item, Scalar)] if isinstance(listed, Seq) else []


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
    for place in (folder, *folder.parents):
        name = (place / (item.text + ENDING)).relative_to(library.root).as_posix()
        found = open_below(library.root, name, item.span, overlay=library.overlay)
        if found is not None or place == library.root:
            return found
    return None


def _stands(path: Path, overlay: Overlay) -> bool:
    return path in overlay or os.path.lexists(path)


def _missing(item: Scalar, folder: Path, library: Library) -> Diagnostic:
    near = closest(item.text, _available(item.text, folder, library))
    said = f"; did you mean `{near}`?" if near else ""
    return diagnose(
        "missing-module",
        item.span,
        f"there is no module `{item.text}`{said}",
        notes=[f"`{item.text}{ENDING}` is looked for beside the file that uses it and in the folders above"],
        fixes=[Fix(f"replace it with `{near}`", ((item.span, near),))] if near else [],
    )


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

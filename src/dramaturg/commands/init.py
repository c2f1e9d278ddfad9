"""``dramaturg init``: a small complete scenario to begin with, and what an editor needs to help with it.

The templates are files under ``starters/``, each folder one of them; they are copied as they stand, with a first line that tells an
editor where the schema lies.
"""

from __future__ import annotations

import os
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from dramaturg.commands.outcome import REFUSED, Outcome

TEMPLATES = ("minimal", "travel", "sales", "support")
SCHEMA = "scenario.schema.json"


@click.command(short_help="Begin a scenario from a template.")
@click.argument("target", default=".", type=click.Path(path_type=Path))
@click.option(
    "--template",
    type=click.Choice(TEMPLATES),
    default="minimal",
    show_default=True,
    help="What the scenario is like: one short file, or one with modules from travel, sales or support.",
)
def init(target: Path, template: str) -> None:
    """Begin a scenario: write a small complete one with comments into TARGET, a folder or the name of a file.

    It checks clean, plays and passes its gate as it is. The JSON Schema of the format is written beside it, so that an editor
    with a YAML language server completes and explains. Nothing is ever overwritten.
    """
    folder, name = (target.parent, target.stem) if target.suffix in (".yaml", ".yml") else (target, None)
    texts = _texts(template, name, target.name)
    taken = [path for path in texts if path != SCHEMA and os.path.lexists(folder / path)]
    if taken:
        raise Outcome(REFUSED, f"{_shown(folder / taken[0])} is there already; nothing was written")
    written = []
    for path, text in texts.items():
        place = folder / path
        if path == SCHEMA and os.path.lexists(place):
            continue  # one schema serves every scenario of a folder
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError as error:
            raise Outcome(REFUSED, f"{_shown(place)} cannot be written: {(error.strerror or '').lower()}") from error
        written.append(place)
    for place in written:
        print(f"wrote {_shown(place)}")
    first = _shown(folder / next(iter(texts)))
    print(f"\nNext:\n  dramaturg check {first}\n  dramaturg simulate {first}\n  dramaturg graph {first}")


def _texts(template: str, name: str | None, file: str) -> dict[str, str]:
    """The text of each file by its path, the scenario first and the schema last. With ``name`` the scenario is called that, and
    its file ``file``."""
    from dramaturg.dsl.format import jsonschema, shapes

    if name is not None and not re.fullmatch(shapes.SLUG, name):
        raise Outcome(REFUSED, f"{name!r} cannot name a scenario: letters, digits and hyphens can")
    out: dict[str, str] = {}
    for path, text in sorted(_walk(files("dramaturg").joinpath("starters", template)), key=lambda it: it[0].count("/")):
        if "/" not in path and name is not None:
            path, text = file, re.sub(r"^(scenario|family): .*$", rf"\1: {name}", text, count=2, flags=re.MULTILINE)
        up = "../" * path.count("/")
        out[path] = f"# yaml-language-server: $schema={up}{SCHEMA}\n{text}"
    return {**out, SCHEMA: jsonschema.text()}


def _walk(folder: Traversable, prefix: str = "") -> list[tuple[str, str]]:
    out = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            out += _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".yaml"):
            out.append((f"{prefix}{entry.name}", entry.read_text(encoding="utf-8")))
    return out


def _shown(path: Path) -> str:
    return os.path.normpath(path).replace(os.sep, "/")

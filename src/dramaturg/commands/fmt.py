"""``dramaturg fmt``: the files of a library in order, with every comment where it was."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from dramaturg.commands.outcome import FINDINGS, NOTHING, REFUSED, Outcome


@click.command(short_help="Put the layout of files in order.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--check", "only", is_flag=True, help="Write nothing; exit 1 and list the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; exit 1 and print what would change.")
def fmt(paths: tuple[Path, ...], only: bool, diff: bool) -> None:
    """Put the layout of the scenarios and modules in PATHS in order: indentation, blanks, blank lines, the spacing of conditions.

    Comments, order, quotes and line breaks stay. A folder stands for every YAML file below it; `-` reads a file from
    stdin and writes it to stdout. What cannot be read is left alone, with the reason.
    """
    from dramaturg.commands.screen import colour
    from dramaturg.commands.writing import difference, replace_text
    from dramaturg.dsl.editing.layout import Laid, layout
    from dramaturg.dsl.messages.present import present, summary
    from dramaturg.dsl.reading.reader import open_source
    from dramaturg.dsl.spans import Source

    problems = []
    changed: list[tuple[Path, bytes, Laid]] = []
    piped = list(paths) == [Path("-")]
    if Path("-") in paths and not piped:
        raise Outcome(REFUSED, "- stands alone: nothing else can be formatted beside stdin")
    files = [Path("-")] if piped else _files(paths)
    for path in files:
        shown = "<stdin>" if piped else os.path.relpath(path).replace(os.sep, "/")
        source = Source(shown, sys.stdin.buffer.read()) if piped else open_source(path, shown)
        if not isinstance(source, Source):
            problems.append(source)
            continue
        laid = layout(source)
        problems += laid.problems
        if laid.reason:
            print(f"{shown} is left as it is: {laid.reason}", file=sys.stderr)
        if laid.data != source.data:
            changed.append((path, source.data, laid))
        if diff:
            sys.stdout.write(difference(shown, source.data, laid.data, colour=colour(sys.stdout)))
        elif only:
            if laid.data != source.data:
                print(shown)
        elif piped:
            sys.stdout.buffer.write(laid.data)
    if not (only or diff or piped):
        for path, before, laid in changed:
            replace_text(path, before, laid.data, Path(os.path.abspath(path)).parent)
    sys.stderr.write(present(problems, colour=colour(sys.stderr)))
    count = f"{len(changed)} of {len(files)} file{'' if len(files) == 1 else 's'}"
    if problems:
        raise Outcome(FINDINGS, f"{summary(problems)}; what cannot be read is left as it is")
    if changed and (only or diff):
        raise Outcome(FINDINGS, f"{count} would change; nothing was written")
    if not piped:
        print(f"{count} {'would change' if only or diff else 'changed'}", file=sys.stderr)


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files meant, each once: those named, and every YAML file below a folder. Ends the command where there are none."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found.update((file, None) for file in sorted(_below(path)))
        elif path.exists():
            found[path] = None
        else:
            raise Outcome(REFUSED, f"there is no {path}")
    if not found:
        raise Outcome(NOTHING, f"nothing to do: no YAML file under {', '.join(map(str, paths))}")
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for ending in ("*.yaml", "*.yml"):
        for path in folder.rglob(ending):
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
                yield path

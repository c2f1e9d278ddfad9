"""Revisions: files as they were at some commit, for whoever compares them with what is there now.

``HEAD~1:scenarios/travel/delayed-train.yaml`` names a path at a commit, as git itself writes it. All of that commit is unpacked
into a folder of its own, because a scenario is nothing without its modules.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from dramaturg.commands.outcome import REFUSED, Outcome


@contextmanager
def at_revision(named: str) -> Iterator[Path]:
    """The path that an argument names: one that is there as it is, ``REVISION:PATH`` as it was at that commit, for as long as the
    context lasts. Ends the command where there is neither."""
    revision, colon, path = named.partition(":")
    if Path(named).exists() or not colon or not revision or not path:
        if not Path(named).exists():
            raise Outcome(REFUSED, f"there is no {named}")
        yield Path(named)
        return
    if revision.startswith("-") or PurePosixPath(path).is_absolute():
        raise Outcome(REFUSED, f"{named} names no path at a commit; write `HEAD:scenarios/travel/delayed-train.yaml`")
    with TemporaryDirectory() as folder:
        packed = _git("archive", "--format=tar", revision)
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        found = Path(folder, path)
        if not found.exists():
            raise Outcome(REFUSED, f"there is no {path} at {revision}")
        yield found


def _git(*arguments: str) -> bytes:
    """The output of git, from the top of the repository around the current directory."""
    try:
        top = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, check=False)
        folder = top.stdout.decode().strip() if top.returncode == 0 else "."
        made = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except OSError as missing:
        raise Outcome(REFUSED, "a commit can be named only where git is installed") from missing
    if made.returncode != 0:
        raise Outcome(REFUSED, " ".join(made.stderr.decode("utf-8", "replace").split()) or "git gave no reason")
    return made.stdout

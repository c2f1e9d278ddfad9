"""The manifest of a folder of corpora: what was emitted from what, and the hash of every file.

Nothing in it depends on when or where: two emissions are equal exactly where their manifests are. It is written last, so a folder
with a manifest is complete.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict

from dramaturg.runtime.journal import atomic_write

FORMAT = "dramaturg-corpora/1"
NAME = "corpora.json"


class File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    corpus: str
    split: str
    """train | heldout"""
    rows: int
    sha256: str


class Source(BaseModel):
    """A scenario that rows come from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: str
    family: str
    digest: str
    benchmark: str
    """Id of the benchmark whose split was used."""
    train_bindings: list[str]
    heldout_bindings: list[str]
    seeds: list[int]
    """Seeds of the episodes, sorted."""
    episodes: dict[str, int]
    """Split to number of episodes."""
    unlabelled: int
    """Turns of training episodes at which no act is right whatever the agent cannot see; they teach nothing."""


class Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str
    versions: dict[str, str]
    seed: int
    sources: list[Source]
    rows: dict[str, int]
    """Corpus to its number of training rows."""
    signatures: dict[str, int]
    """Failure signature to its number of training rows in dpo."""
    files: list[File]


def digest(path: Path) -> str:
    """sha256 (hex) of a file."""
    return sha256(path.read_bytes()).hexdigest()


def write(folder: Path, manifest: Manifest) -> Path:
    path = folder / NAME
    atomic_write(path, orjson.dumps(manifest.model_dump(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return path


def read(folder: Path) -> Manifest:
    """The manifest of a folder. Raises ValueError where there is none, or where it is of another format."""
    try:
        manifest = Manifest.model_validate_json((folder / NAME).read_bytes())
    except FileNotFoundError as error:
        raise ValueError(f"{folder} holds no {NAME}: it is no folder of corpora, or not a complete one") from error
    if manifest.format != FORMAT:
        raise ValueError(f"{folder / NAME} has the format {manifest.format!r}, not {FORMAT!r}")
    return manifest


def verify(folder: Path) -> list[str]:
    """The files of a folder that are not what its manifest says; empty where all is well."""
    changed = []
    for file in read(folder).files:
        path = folder / file.path
        if not path.is_file() or digest(path) != file.sha256:
            changed.append(file.path)
    return changed

"""The manifest of a build: what was built from what, and the hash of every file beside it.

Sorted, canonical, and without anything that depends on when or where: two builds are equal exactly where their
manifests are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dramaturg import __version__
from dramaturg.building.staging import MANIFEST
from dramaturg.runtime.record import Json, canonical

FORMAT = "dramaturg-build/1"

READ = ("lark", "networkx", "numpy", "scipy", "pyarrow", "jinja2", "pyyaml")
"""Libraries whose version may show in what is built."""
TRAINED = ("torch", "transformers", "trl", "peft", "tokenizers", "datasets", "accelerate")


def digest(path: Path) -> str:
    """sha256 (hex) of a file."""
    with path.open("rb") as file:
        total = sha256()
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def files(folder: Path) -> dict[str, Json]:
    """Every file below a folder, the manifest itself left out: its path to its size and hash, sorted."""
    found = (path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": digest(path)}
        for path in sorted(found, key=lambda path: path.relative_to(folder).as_posix())
    }


def versions(names: Sequence[str]) -> dict[str, Json]:
    """The versions of those of these libraries that are installed."""
    out: dict[str, Json] = {"dramaturg": __version__}
    for name in names:
        try:
            out[name] = version(name)
        except PackageNotFoundError:
            continue
    return out


def write(folder: Path, parts: Mapping[str, Json]) -> None:
    """Write the manifest of what lies in ``folder``; ``parts`` are what there is to say beside the files."""
    rest = {key: canonical(value) for key, value in parts.items()}
    lines = [f'"format":{canonical(FORMAT)}', *(f"{canonical(key)}:{text}" for key, text in rest.items())]
    listed = ",\n".join(f"{canonical(path)}:{canonical(entry)}" for path, entry in files(folder).items())
    lines.append('"files":{\n' + listed + "\n}")
    (folder / MANIFEST).write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")

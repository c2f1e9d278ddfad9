"""The corpora of a build: what each worker read off its own scenario, put together in the order of the scenarios.

Unless two scenarios say the very same things, their rows never teach the same, so putting the parts together is what
reading all scenarios at once gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dramaturg.training import files
from dramaturg.training.manifest import File, Manifest, digest, read, write


def assemble(parts: Sequence[Path], out: Path) -> Manifest:
    """Write every corpus of these folders into one, with a manifest of the whole."""
    manifests = [read(part) for part in parts]
    signatures: Counter[str] = Counter()
    for manifest in manifests:
        signatures.update(manifest.signatures)
    out.mkdir(parents=True)
    written: list[File] = []
    for corpus, split in dict.fromkeys((file.corpus, file.split) for file in manifests[0].files):
        listed = [next(f for f in manifest.files if (f.corpus, f.split) == (corpus, split)) for manifest in manifests]
        rows = sum(file.rows for file in listed)
        written += [
            File(path=path.name, corpus=corpus, split=split, rows=rows, sha256=digest(path))
            for path in files.join(parts, out, Path(listed[0].path).stem)
        ]
    whole = Manifest(
        format=manifests[0].format,
        versions=manifests[0].versions,
        seed=manifests[0].seed,
        sources=[source for manifest in manifests for source in manifest.sources],
        rows={name: sum(manifest.rows[name] for manifest in manifests) for name in manifests[0].rows},
        signatures=dict(sorted(signatures.items())),
        files=written,
    )
    write(out, whole)
    return whole

"""The corpora of a build: what each worker read off its own scenario, put together in the order of the scenarios.

Rows of different scenarios never teach the same thing (a prompt names its scenario's own acts), so putting the parts together is
the same as reading all scenarios at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dramaturg.training import files
from dramaturg.training.corpora import corpora
from dramaturg.training.manifest import File, Manifest, digest, read, write


def assemble(parts: Sequence[Path], out: Path) -> Manifest:
    """Write every corpus of these folders into one, with a manifest of the whole."""
    manifests = [read(part) for part in parts]
    signatures: Counter[str] = Counter()
    for manifest in manifests:
        signatures.update(manifest.signatures)
    out.mkdir(parents=True)
    written: list[File] = []
    kinds = {kind.name: kind.row for kind in corpora()}
    for corpus, split in dict.fromkeys((file.corpus, file.split) for file in manifests[0].files):
        name = next(file.path for file in manifests[0].files if (file.corpus, file.split) == (corpus, split))
        rows = [row for part in parts for row in files.read((part / name).with_suffix(".jsonl"), kinds[corpus])]
        written += [
            File(path=path.name, corpus=corpus, split=split, rows=len(rows), sha256=digest(path))
            for path in files.write(out, Path(name).stem, kinds[corpus], rows)
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

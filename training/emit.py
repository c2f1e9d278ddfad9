"""Emit: from compiled scenarios and their benchmarks to a folder of corpora with a manifest.

Episodes are played and read one by one; a row that teaches nothing new is left out. Rows of held-out bindings go into files of
their own (``NAME.heldout.jsonl``), which no trainer reads. Before anything is written every text that a deployed model would see or
write is searched for what the scenario hides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dramaturg import __version__
from dramaturg.dsl.scenario import Scenario
from dramaturg.runtime.benchmark import HELDOUT, TRAIN, Benchmark
from dramaturg.training import files
from dramaturg.training.corpora import Corpus, Row, corpora
from dramaturg.training.corpora.dpo import DpoRow
from dramaturg.training.corpora.origin import binding_text
from dramaturg.training.demonstrations import Plan, demonstrate, plans, splits
from dramaturg.training.manifest import FORMAT, File, Manifest, Source, digest
from dramaturg.training.manifest import write as write_manifest
from dramaturg.training.turns import labelled

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled

EPISODES = 240
"""Training episodes of one scenario."""
HELDOUT_EPISODES = 24
PER_TURN = 3
"""One episode in this many gives rows turn by turn."""

READ = ("numpy", "orjson", "pyarrow", "pydantic")
"""Libraries whose version may show in the files."""

Progress = Callable[[str, int, int], None]
"""(scenario, episodes done, episodes in all)"""


class Leak(AssertionError):
    """A text that a deployed model would see holds something that the scenario hides: a bug of ours, never the author's."""


class Shelf:
    """The rows of one split, by corpus, each teaching something new."""

    def __init__(self, kinds: Sequence[Corpus[Row]]) -> None:
        self.rows: dict[str, list[Row]] = {kind.name: [] for kind in kinds}
        self._kinds = kinds
        self._taught: dict[str, set[bytes]] = {kind.name: set() for kind in kinds}

    def add(self, kind: Corpus[Row], row: Row) -> None:
        keys = {sha256(text.encode()).digest() for text in kind.keys(row)}
        if not keys <= self._taught[kind.name]:
            self._taught[kind.name] |= keys
            self.rows[kind.name].append(row)


def emit(
    compiled: Sequence[Compiled],
    benchmarks: Sequence[Benchmark],
    out: Path,
    *,
    seed: int = 0,
    episodes: int = EPISODES,
    heldout_episodes: int = HELDOUT_EPISODES,
    progress: Progress | None = None,
) -> Manifest:
    """Write every corpus of these scenarios to ``out``; ``benchmarks`` (one per scenario, same order) say what is held out.

    The same inputs give the same bytes. Raises ValueError where a benchmark is not of its scenario.
    """
    kinds = corpora()
    shelves = {TRAIN: Shelf(kinds), HELDOUT: Shelf(kinds)}
    sources = []
    for made, benchmark in zip(compiled, benchmarks, strict=True):
        if benchmark.digest != made.scenario.digest:
            raise ValueError(
                f"the benchmark of {benchmark.scenario} is of another version of the scenario: build it again"
            )
        counts = {TRAIN: episodes, HELDOUT: heldout_episodes}
        planned = {split: plans(benchmark, split, counts[split], seed) for split in splits(benchmark)}
        unlabelled = _fill(shelves, made, planned, progress)
        sources.append(_source(made, benchmark, planned, unlabelled))
    out.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(
        format=FORMAT,
        versions={"dramaturg": __version__, **{name: version(name) for name in READ}},
        seed=seed,
        sources=sources,
        rows={kind.name: len(shelves[TRAIN].rows[kind.name]) for kind in kinds},
        signatures=_signatures(shelves[TRAIN].rows["dpo"]),
        files=list(_write(out, kinds, shelves)),
    )
    write_manifest(out, manifest)
    return manifest


def _fill(shelves: dict[str, Shelf], made: Compiled, planned: dict[str, list[Plan]], progress: Progress | None) -> int:
    """Play what is planned and put its rows on the shelves. Gives the number of unlabelled training turns."""
    total, done, unlabelled = sum(len(part) for part in planned.values()), 0, 0
    secrets = hidden_texts(made.scenario)
    for split, part in planned.items():
        for place, plan in enumerate(part):
            turns = labelled(made, demonstrate(made, plan))
            if split == TRAIN:
                unlabelled += sum(at.gold is None for at in turns)
            for kind in corpora():
                if kind.per_turn and place % PER_TURN:
                    continue
                for row in kind.rows(turns):
                    guard(kind, row, secrets)
                    shelves[split].add(kind, row)
            done += 1
            if progress is not None:
                progress(made.scenario.name, done, total)
    return unlabelled


def hidden_texts(scenario: Scenario) -> tuple[str, ...]:
    """What no deployed model may read: the stories of concerns, and the names of what is hidden from the agent."""
    stories = [" ".join(concern.story.split()) for concern in scenario.concerns]
    names = [f"concern.{concern.name}" for concern in scenario.concerns]
    names += [variable.name for variable in scenario.variables.values() if variable.kind in ("stance", "trait")]
    return tuple(text for text in (*stories, *names) if text)


def guard(kind: Corpus[Row], row: Row, secrets: Sequence[str]) -> None:
    """Raises Leak where a text of the row that a deployed model sees or writes holds a secret."""
    for text in kind.prompts(row):
        for secret in secrets:
            if secret in text:
                raise Leak(
                    f"{kind.name}, trace {row.trace[:12]}, turn {row.turn}: {secret!r:.80} would reach the agent"
                )


def _source(made: Compiled, benchmark: Benchmark, planned: dict[str, list[Plan]], unlabelled: int) -> Source:
    held = benchmark.heldout()
    values = {item.binding: item.values for item in benchmark.items}
    texts = {binding: binding_text(made.scenario, args) for binding, args in values.items()}
    return Source(
        scenario=made.scenario.name,
        family=made.scenario.family,
        digest=made.scenario.digest,
        benchmark=benchmark.id,
        train_bindings=[text for binding, text in texts.items() if binding not in held],
        heldout_bindings=[text for binding, text in texts.items() if binding in held],
        seeds=sorted({plan.seed for part in planned.values() for plan in part}),
        episodes={split: len(part) for split, part in planned.items()},
        unlabelled=unlabelled,
    )


def _signatures(rows: Sequence[Row]) -> dict[str, int]:
    counts = Counter(row.signature for row in rows if isinstance(row, DpoRow))
    return dict(sorted(counts.items()))


def _write(out: Path, kinds: Sequence[Corpus[Row]], shelves: dict[str, Shelf]) -> Iterator[File]:
    for kind in kinds:
        for split, shelf in shelves.items():
            stem = kind.name if split == TRAIN else f"{kind.name}.{split}"
            rows = shelf.rows[kind.name]
            for path in files.write(out, stem, kind.row, rows):
                yield File(path=path.name, corpus=kind.name, split=split, rows=len(rows), sha256=digest(path))

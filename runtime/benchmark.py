"""The benchmark: items that a scenario's graph yields, and how an agent is run on them.

An item is a binding, a seed, and a *witness script* of what people, the world and chance decide, found by letting the
reference policy play against draws that are steered towards what no item shows yet. The items of one binding hold one
of each class, a class being a branch with the shifts that happened, and together they show every authored line
(reply, transition, stream entry, window, concern, shift) that such play can reach: all-transitions coverage of what
the author wrote. Labels are never written by hand: the branch of an item is what its witness shows.

Branches: ``positive``, the opportunity comes and is taken: every task reaches a good end, or, in a scenario where
stopping is the only good end, a window for a proactive act was served. ``negative``: it does not come, and the
episode stops well without it. ``lost``: the draws leave no good end though every act was right; such items measure
conduct, and do not count for completion. An item on which the reference policy itself goes wrong stays winnable, and
so fails the gate.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from dramaturg.compiler.authored import authored
from dramaturg.compiler.chance import Stream, key
from dramaturg.compiler.coverage import coverable, covered, tour
from dramaturg.dsl.spans import Span
from dramaturg.runtime.agents import Oracle
from dramaturg.runtime.draws import Decision
from dramaturg.runtime.episode import AgentFailure, Episode
from dramaturg.runtime.journal import Journal, read
from dramaturg.runtime.metrics import Case, Facts, completed, facts
from dramaturg.runtime.policy import Policy
from dramaturg.runtime.record import BadRecord, Json, args_json, args_of, canonical, decode, encode
from dramaturg.runtime.steering import Steering, shows_more, steered
from dramaturg.runtime.together import Start, groups, play_all
from dramaturg.runtime.trace import Args, Trace

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled

FORMAT = "dramaturg-benchmark/1"
TRAIN, HELDOUT = "train", "heldout"
HELDOUT_SHARE = 4
"""One binding in this many is held out."""
PATIENCE = 8
"""Witness plays of one binding in a row that may show nothing new before the search ends."""
PLAYS = 32
"""Witness plays of one binding at most."""


@dataclass(frozen=True, slots=True)
class Item:
    """One episode to be played."""

    id: str
    """Twelve hex digits over everything that decides the episode."""
    binding: int
    values: Args
    """The binding's values."""
    seed: int
    """Of the generator, which decides where the script does not."""
    script: tuple[Decision, ...]
    branch: str
    """positive | negative | lost"""
    shifts: tuple[str, ...]
    """The shifts that happen in the witness."""
    split: str = TRAIN
    """train | heldout"""


@dataclass(frozen=True, slots=True)
class Benchmark:
    scenario: str
    digest: str
    family: str
    items: tuple[Item, ...]
    shown: tuple[str, ...]
    """The authored lines that some item exercises, as ``path:line:column``, in document order."""
    met: tuple[str, ...]
    """Those that the reference policy can meet at all, whatever people, the world and chance do."""
    coverable: tuple[str, ...]
    """Those that can occur while every act is right, its own or another; the others only follow a mistake."""
    lines: int
    """All authored lines."""

    @property
    def id(self) -> str:
        """sha256 of the canonical text."""
        return sha256(to_json(self).encode()).hexdigest()

    def heldout(self) -> frozenset[int]:
        """The bindings that are held out."""
        return frozenset(item.binding for item in self.items if item.split == HELDOUT)


def build(
    compiled: Compiled,
    *,
    seed: int = 0,
    per_class: int = 2,
    heldout_families: Collection[str] = (),
    bindings: Iterable[int] | None = None,
) -> Benchmark:
    """The benchmark of a compiled scenario: at most ``per_class`` items of each class per binding, and whatever shows
    more.

    ``heldout_families`` names families of which every item is held out. Same inputs, same bytes.
    """
    scenario, known = compiled.scenario, facts(compiled.scenario)
    steering = Steering(compiled, known.opportunities)
    chosen = range(len(compiled.semantics.bindings)) if bindings is None else bindings
    shown: dict[Span, None] = {}
    items: list[Item] = []
    for binding in chosen:
        counts: defaultdict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
        for witness in _witnesses(compiled, steering, binding, seed):
            branch = _branch(Case(witness.trace(), known))
            kind = (branch, witness.shifts())
            news = [span for span in witness.touched if span not in shown]
            if counts[kind] >= per_class and not news:
                continue
            counts[kind] += 1
            shown.update(dict.fromkeys(news))
            items.append(_item(scenario.digest, witness, binding, branch))
    split = splits(scenario.family, items, heldout_families)
    lines = authored(scenario)
    paths = [item.path for item in tour(compiled.graph, compiled.solution, compiled.resolve)]
    met, _ = covered(compiled.graph, paths)
    return Benchmark(
        scenario.name,
        scenario.digest,
        scenario.family,
        tuple(replace(item, split=split[item.values]) for item in items),
        tuple(str(line.span) for line in lines if line.span in shown),
        tuple(str(line.span) for line in met),
        tuple(str(line.span) for line in coverable(compiled.solution)),
        len(lines),
    )


def _item(digest: str, witness: Episode, binding: int, branch: str) -> Item:
    script, seed = tuple(witness.script), witness.seed
    parts: Json = [digest, args_json(witness.binding), seed, [[d.menu, d.choice] for d in script]]
    name = sha256(canonical(parts).encode()).hexdigest()[:12]
    return Item(name, binding, witness.binding, seed, script, branch, witness.shifts())


def _witnesses(compiled: Compiled, steering: Steering, binding: int, seed: int) -> Iterable[Episode]:
    """Plays of the reference policy against steered draws, each different, until they show nothing new.

    In turn: towards lines not shown yet, away from any opportunity, towards one, and as chance has it.
    """
    shown: set[Span] = set()
    kinds: set[tuple[tuple[str, ...], str]] = set()
    played: set[tuple[Decision, ...]] = set()
    merits = (shows_more(shown), steering.keeps_calm, steering.comes_near, None)
    idle = 0
    for number in range(PLAYS):
        chance = Stream(key(compiled.scenario.digest, "witness", binding, seed, number))
        choose = steered(merits[number % len(merits)], chance)
        episode = Episode(compiled, binding, seed + number, "oracle", choose=choose)
        while episode.view is not None:
            episode.answer(Oracle().answer(episode.view))
        script = tuple(episode.script)
        kind = (episode.shifts(), canonical(dict(episode.trace().final)))
        fresh = script not in played and (kind not in kinds or not shown.issuperset(episode.touched))
        if script not in played:
            played.add(script)
            yield episode
        shown.update(episode.touched)
        kinds.add(kind)
        idle = 0 if fresh else idle + 1
        if not script or idle >= PATIENCE:
            return


def _branch(case: Case) -> str:
    trace, known = case.trace, case.facts
    if not completed(case):
        return "lost" if all(turn.ok for turn in trace.turns) else "positive"
    if known.good:
        return "positive" if known.won(trace.final) else "negative"
    served = {name for turn in trace.turns for name in turn.served}
    return "positive" if served & known.opportunities else "negative"


def splits(family: str, items: Sequence[Item], heldout_families: Collection[str] = ()) -> dict[Args, str]:
    """The split of each binding's values: about one binding in four is held out, chosen by a hash of family and
    values.

    A binding is never divided. Bindings are drawn within groups that show the same branches, so that each split shows
    both branches where at least two bindings show each; a scenario of one binding is for training.
    """
    branches: defaultdict[Args, set[str]] = defaultdict(set)
    for item in items:
        branches[item.values].add(item.branch)
    if family in heldout_families:
        return dict.fromkeys(branches, HELDOUT)
    order = sorted(
        branches, key=lambda values: (key(family, canonical(args_json(values))), canonical(args_json(values)))
    )
    split = dict.fromkeys(order, TRAIN)
    groups: defaultdict[tuple[str, ...], list[Args]] = defaultdict(list)
    for values in order:
        groups[tuple(sorted(branches[values]))].append(values)
    for group in groups.values():
        if len(group) > 1:
            for values in group[: max(1, round(len(group) / HELDOUT_SHARE))]:
                split[values] = HELDOUT
    sides = {branch: [values for values in order if branch in branches[values]] for branch in ("positive", "negative")}
    for having in sides.values():
        if len(having) > 1 and not _divided(having, split):
            # One more binding changes sides, such that a branch which is on both sides stays there: one of two always can.
            kept = [other for other in sides.values() if _divided(other, split)]
            for values in having:
                moved = split | {values: HELDOUT if split[values] == TRAIN else TRAIN}
                if all(_divided(other, moved) for other in kept):
                    split = moved
                    break
    return split


def _divided(bindings: Sequence[Args], split: Mapping[Args, str]) -> bool:
    return len({split[values] for values in bindings}) > 1


# Running an agent


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one item: a trace, or why the agent could not be asked."""

    item: Item
    trace: Trace | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """An agent's results on a benchmark, in the order of the items."""

    benchmark: Benchmark
    agent: str
    facts: Facts
    results: tuple[Result, ...]

    @property
    def traces(self) -> list[Trace]:
        return [result.trace for result in self.results if result.trace is not None]

    @property
    def counts(self) -> dict[str, int]:
        """``n_in = n_ok + n_invalid + n_error``; an episode with any answer that could not be used is invalid."""
        invalid = sum(any(turn.answer.invalid for turn in trace.turns) for trace in self.traces)
        n_in, n_error = len(self.results), sum(result.trace is None for result in self.results)
        return {"n_in": n_in, "n_ok": n_in - invalid - n_error, "n_invalid": invalid, "n_error": n_error}

    def cases(self, split: str = "") -> list[Case]:
        """The traces as cases for the metrics, of one split or of all."""
        return [
            Case(result.trace, self.facts, result.item.branch, result.item.shifts, result.item.split)
            for result in self.results
            if result.trace is not None and split in ("", result.item.split)
        ]


def run(
    benchmark: Benchmark, compiled: Compiled, policy: Policy, *, split: str = "", journal: Path | None = None
) -> Run:
    """Play every item (of ``split``) with this agent.

    With a journal, each result is written as it comes, and a run that was interrupted goes on where it stopped: the
    finished journal has the same bytes either way. An agent that cannot be asked makes its item an error and the run
    goes on. Raises ValueError where the benchmark is of another scenario, or the journal of another run.
    """
    if benchmark.digest != compiled.scenario.digest:
        raise ValueError(
            f"the benchmark of {benchmark.scenario} was built from another version of the scenario: build it again"
        )
    items = [item for item in benchmark.items if split in ("", item.split)]
    known = facts(compiled.scenario)
    if journal is None:
        results = [result for group in groups(len(items), policy) for result in _play(compiled, items, group, policy)]
        return Run(benchmark, policy.name, known, tuple(results))
    header: Json = {"benchmark": benchmark.id, "agent": policy.name, "split": split}
    with Journal(journal) as log:
        if log.records and log.records[0] != header:
            raise ValueError(f"{journal} is the journal of another run: {canonical(log.records[0]):.120}")
        if not log.records:
            log.append(header)
        done = [_result_of(record, item) for record, item in zip(log.records[1:], items, strict=False)]
        for group in groups(len(items), policy):
            if group.stop > len(done):
                for result in _play(compiled, items, group, policy)[len(done) - group.start :]:
                    log.append(_result_json(result))
                    done.append(result)
    return Run(benchmark, policy.name, known, tuple(done))


def read_run(benchmark: Benchmark, compiled: Compiled, journal: Path) -> Run:
    """A run from its journal, as far as it came. The file is only read: the run may still be going on."""
    records, _ = read(journal)
    match records[:1]:
        case [{"benchmark": str(of), "agent": str(agent), "split": str(split)}] if of == benchmark.id:
            items = [item for item in benchmark.items if split in ("", item.split)]
            results = tuple(_result_of(record, item) for record, item in zip(records[1:], items, strict=False))
            return Run(benchmark, agent, facts(compiled.scenario), results)
    raise ValueError(f"{journal} holds no run of this benchmark")


def _play(compiled: Compiled, items: Sequence[Item], group: range, policy: Policy) -> list[Result]:
    """Play the items at these places."""
    chosen = [items[place] for place in group]
    starts = [Start(item.binding, item.seed, item.script) for item in chosen]
    ends = play_all(compiled, starts, policy)
    return [
        Result(item, None, str(end)) if isinstance(end, AgentFailure) else Result(item, end)
        for item, end in zip(chosen, ends, strict=True)
    ]


def _result_json(result: Result) -> Json:
    trace = None if result.trace is None else encode(result.trace)
    return {"item": result.item.id, "trace": trace, "error": result.error}


def _result_of(record: Json, item: Item) -> Result:
    match record:
        case {"item": item.id, "trace": trace, "error": str(error)}:
            return Result(item, None if trace is None else decode(trace), error)
    raise ValueError(f"the journal has another record where item {item.id} belongs")


# The written form


def to_json(benchmark: Benchmark) -> str:
    """The canonical text of a benchmark, one line per item."""
    head: dict[str, Json] = {
        "format": FORMAT,
        "scenario": benchmark.scenario,
        "digest": benchmark.digest,
        "family": benchmark.family,
        "shown": benchmark.shown,
        "met": benchmark.met,
        "coverable": benchmark.coverable,
        "lines": benchmark.lines,
    }
    items = ",\n".join(canonical(_item_json(item)) for item in benchmark.items)
    return f'{canonical(head)[:-1]},"items":[\n{items}\n]}}\n'


def _item_json(item: Item) -> Mapping[str, Json]:
    return {
        "id": item.id,
        "binding": item.binding,
        "values": args_json(item.values),
        "seed": item.seed,
        "script": [[entry.menu, entry.choice] for entry in item.script],
        "branch": item.branch,
        "shifts": item.shifts,
        "split": item.split,
    }


def from_json(text: str) -> Benchmark:
    """The benchmark of its text. Raises BadRecord where it is none."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise BadRecord(f"not a benchmark of format {FORMAT}: {data['format']!r}")
        items = tuple(
            Item(
                row["id"],
                row["binding"],
                args_of(row["values"]),
                row["seed"],
                tuple(Decision(menu, choice) for menu, choice in row["script"]),
                row["branch"],
                tuple(row["shifts"]),
                row["split"],
            )
            for row in data["items"]
        )
        return Benchmark(
            data["scenario"],
            data["digest"],
            data["family"],
            items,
            tuple(data["shown"]),
            tuple(data["met"]),
            tuple(data["coverable"]),
            data["lines"],
        )
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise BadRecord(f"not a benchmark: {error}") from error

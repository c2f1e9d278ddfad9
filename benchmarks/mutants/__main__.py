"""``python -m benchmarks.mutants``: a table of the kinds of mistake, and how many were reported, in the right place, once.

    python -m benchmarks.mutants                     # everything, two processes
    python -m benchmarks.mutants --show "unit left out" --worst 5

"reported" is the share of mutants of which anything is said, "placed" of those whose first error is on the mutated line, "single"
of those with exactly one diagnostic (errors, warnings and notes together). Legal variants are counted apart.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from benchmarks.mutants import (
    amounts,
    declared,
    exchanges,
    fifth,
    fourth_layout,
    fourth_modules,
    fourth_terms,
    fourth_wholes,
    later,
    marks,
    meaning,
    naming,
    persons,
    signs,
    sixth,
    structure,
    third,
    wording,
)
from benchmarks.mutants.library import Library, library
from benchmarks.mutants.mutant import KINDS, Mutant
from benchmarks.mutants.verdict import Verdict, judge

MODULES = (
    structure,
    amounts,
    naming,
    wording,
    meaning,
    later,
    third,
    fourth_layout,
    fourth_terms,
    fourth_wholes,
    fourth_modules,
    fifth,
    sixth,
    exchanges,
    declared,
    marks,
    persons,
    signs,
)
"""Importing them enters their kinds."""


def make(known: Library, name: str, seed: int, most: int) -> list[Mutant]:
    """The mutants of one kind, at most ``most``, the same for the same seed; texts that YAML reads alike are left out."""
    rng = random.Random(f"{seed} {name}")
    unique: dict[tuple[str, str], Mutant] = {}
    for mutant in KINDS[name].make(known, rng):
        if mutant.text != known.files[mutant.file].text:
            unique.setdefault((mutant.file, mutant.text), mutant)
    made = list(unique.values())
    return made if len(made) <= most else [made[i] for i in sorted(rng.sample(range(len(made)), most))]


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:6.1f}" if whole else "     –"


def row(name: str, verdicts: list[Verdict]) -> str:
    total = len(verdicts)
    placed = sum(v.placed for v in verdicts)
    guesses = [v.guessed for v in verdicts if v.guessed is not None]
    return (
        f"{name:<34}{total:>6} {share(sum(v.reported for v in verdicts), total)} {share(placed, total)} "
        f"{share(sum(v.single for v in verdicts), total)} {share(sum(map(bool, guesses)), len(guesses))} "
        f"{1000 * sum(v.seconds for v in verdicts) / max(total, 1):8.0f}"
    )


def show(known: Library, verdict: Verdict) -> str:
    mutant = verdict.mutant
    before = known.files[mutant.file].text.splitlines()
    after = mutant.text.splitlines()
    at = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), min(len(before), len(after)) - 1)
    lines = [f"── {mutant.file}:{at + 1} (places {sorted(mutant.lines)[:6]}), seen through {mutant.scenario}"]
    lines += [
        f"  - {before[at][:150]}" if at < len(before) else "",
        f"  + {after[at][:150]}" if at < len(after) else "  + (end)",
    ]
    lines += [f"  {d.span} {d.code} {d.name}: {d.message}" for d in verdict.said[:6]] or [
        f"  nothing said {verdict.crash}"
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=80, help="mutants of a kind")
    parser.add_argument("--deep", type=int, default=24, help="mutants of a kind that only the graph can show")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kind", action="append", help="only kinds whose name contains this")
    parser.add_argument("--show", help="print the worst mutants of kinds whose name contains this")
    parser.add_argument("--worst", type=int, default=4)
    parser.add_argument("--codes", action="store_true", help="count the codes that are said for each kind")
    parser.add_argument("--shallow", action="store_true", help="leave out the graph, and the kinds that need it")
    given = parser.parse_args()
    known = library()
    wanted = given.kind or ([given.show] if given.show else [""])
    names = [name for name in KINDS if any(part in name for part in wanted)]
    if given.shallow:
        names = [name for name in names if not KINDS[name].deep and not KINDS[name].legal]
    mutants = [
        m for name in names for m in make(known, name, given.seed, given.deep if KINDS[name].deep else given.most)
    ]
    began = time.perf_counter()
    with ProcessPoolExecutor(given.jobs) as pool:
        verdicts = list(pool.map(partial(judge, known, deep=not given.shallow), mutants, chunksize=8))
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[verdict.mutant.kind].append(verdict)
    print(f"{'kind':<34}{'count':>6} reported placed single guessed ms CPU")
    for name in sorted(groups, key=lambda name: (KINDS[name].legal, name)):
        print(row(name + (" (legal)" if KINDS[name].legal else ""), groups[name]))
        if given.codes:
            print(
                "      "
                + ", ".join(
                    f"{code} {n}"
                    for code, n in Counter(v.primary.name for v in groups[name] if v.primary).most_common(8)
                )
            )
        if given.show and given.show in name:
            worst = [v for v in groups[name] if not (v.reported and v.placed and v.single) or v.guessed is False]
            print("\n".join(show(known, verdict) for verdict in worst[: given.worst]))
    wrong = [v for name, found in groups.items() if not KINDS[name].legal for v in found]
    print(row("TOTAL", wrong))
    nowhere, crashed = sum(v.nowhere for v in wrong), [v for v in verdicts if v.crash]
    kinds = sum(not KINDS[name].legal for name in groups)
    print(
        f"{len(wrong)} mutants of {kinds} kinds in {time.perf_counter() - began:.0f} s; "
        f"{nowhere} without a place, {len(crashed)} crashes"
    )
    for verdict in crashed[:5]:
        print(show(known, verdict))


if __name__ == "__main__":
    main()

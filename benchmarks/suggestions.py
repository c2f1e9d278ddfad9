"""Whether the first suggestion for a misspelt name is the right one: every name of every scenario, misspelt where it is used.

A site is a place where a name is used: events, moves, acts, fields, variables, states, choices, machines, people, modules,
types, keys of the format, filters and units. Each is misspelt once per kind of typo and seed (a letter left out, put in, hit
beside, replaced at random, two swapped, one in the wrong case), the file is loaded as an author would load it, and the first
diagnostic at the place is read: it is right where its first repair gives the old file back, or its sentence names the old word.
Typos that are names themselves (or amounts of another currency) are left out, as are names of fewer than three letters, in
which nobody recognises anything.

Usage: python -m benchmarks.suggestions [--seeds N] [--sites N] [--part N] [--misses]
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dramaturg.commands.library import find
from dramaturg.dsl.declarations.declare import BUILT_IN
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.editing.indexing import index
from dramaturg.dsl.expressions.parser import RESERVED
from dramaturg.dsl.format import shapes
from dramaturg.dsl.load import load, understand

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
KINDS = ("deletion", "insertion", "neighbour", "random", "transposition", "case")
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
GOAL = 0.95


@dataclass(frozen=True, slots=True)
class Site:
    """A name where it is used: the scenario that is loaded, the file, and the bytes of the name."""

    scenario: Path
    file: Path
    start: int
    end: int
    kind: str
    word: str


def beside(letter: str) -> str:
    """The keys around a key."""
    for at, row in enumerate(ROWS):
        if (place := row.find(letter.lower())) >= 0:
            around = row[max(0, place - 1) : place] + row[place + 1 : place + 2]
            for other in (ROWS[at - 1] if at else "", ROWS[at + 1] if at + 1 < len(ROWS) else ""):
                around += other[max(0, place - 1) : place + 2]
            return around.upper() if letter.isupper() else around
    return ""


def misspelt(word: str, kind: str, chosen: random.Random) -> str:
    """The word with one slip of this kind."""
    places = [i for i, char in enumerate(word) if char.isalpha()]
    at = chosen.choice(places)
    letter = chosen.choice(LETTERS)
    letter = letter.upper() if word[at].isupper() else letter
    match kind:
        case "deletion":
            return word[:at] + word[at + 1 :]
        case "insertion":
            return word[:at] + letter + word[at:]
        case "neighbour":
            around = beside(word[at])
            return word[:at] + (chosen.choice(around) if around else letter) + word[at + 1 :]
        case "random":
            return word[:at] + letter + word[at + 1 :]
        case "transposition":
            at = min(at, len(word) - 2)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at].swapcase() + word[at + 1 :]


def format_keys() -> frozenset[str]:
    """Every key that the format itself has."""
    out: set[str] = set()
    todo: list[object] = [shapes.SCENARIO, shapes.MODULE]
    seen: set[int] = set()
    while todo:
        at = todo.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        match at:
            case shapes.Record(keys=keys, rest=rest):
                out.update(key.name for key in keys)
                todo.extend(key.shape for key in keys)
                todo.append(rest)
            case shapes.Each(item):
                todo.append(item)
            case shapes.Names(value):
                todo.append(value)
            case shapes.Forms(_, items, inner):
                todo.extend((items, inner))
    return frozenset(out)


KEYS = format_keys()
WORDS = {
    "key": re.compile(rb"(?m)(?:^[ -]*|[{,] )([a-z_]+)(?=:(?: |$))"),
    "type": re.compile(rb"(?<=: )(duration|percent|number|text|money(?=\())(?= |\(|\?|,|\}|$)", re.MULTILINE),
    "filter": re.compile(rb"\| ?(money|duration|lower|title)(?= ?\}\})"),
    "unit": re.compile(rb"(?<=[0-9] )(EUR|turns)\b"),
}


def sites(path: Path, most: int) -> Iterator[Site]:
    """Up to ``most`` sites of every name of a scenario and of the files that it uses."""
    seen = understand(path, SCENARIOS)
    assert seen.loaded.scenario is not None, f"{path} has errors of its own"
    counts: Counter[tuple[str, str]] = Counter()
    for it in index(seen).occurrences:
        word = it.span.text
        at = (it.symbol.kind, it.symbol.name)
        if it.declares or len(word) < 3 or word != it.symbol.short or counts[at] >= most:
            continue
        counts[at] += 1
        yield Site(path, SCENARIOS / it.span.path, it.span.start, it.span.end, it.symbol.kind, word)
    for kind, pattern in WORDS.items():
        for found in pattern.finditer(path.read_bytes()):
            word = found[1].decode()
            if len(word) < 3 or (kind == "key" and word not in KEYS) or counts[kind, word] >= most:
                continue
            counts[kind, word] += 1
            yield Site(path, path, *found.span(1), kind, word)


def told(said: tuple[Diagnostic, ...], site: Site, typo: str, data: bytes) -> bool:
    """Whether the first diagnostic at the place gives the word back."""
    end = site.start + len(typo.encode())
    shown = site.file.relative_to(SCENARIOS).as_posix()
    here = [it for it in said if it.span.path == shown and it.span.start < end and site.start < it.span.end]
    errors = sorted(here, key=lambda it: (it.severity != "error", it.span.start))
    for it in errors[:1]:
        for fix in it.fixes[:1]:
            fixed = data
            for span, text in sorted(fix.edits, key=lambda edit: edit[0].start, reverse=True):
                fixed = fixed[: span.start] + text.encode() + fixed[span.end :]
            if fixed == site.file.read_bytes():
                return True
        if re.search(rf"`(?:[\w.]+\.)?{re.escape(site.word)}`", it.message):
            return True
    return False


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, default=1)
    options.add_argument("--sites", type=int, default=1)
    options.add_argument("--part", type=int, default=1, help="only every so manieth site")
    options.add_argument("--misses", action="store_true")
    given = options.parse_args()
    every = [(path, list(sites(path, given.sites))) for path in find([SCENARIOS])]
    tried: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    for path, found in every:
        names = {site.word for site in found} | KEYS | RESERVED | set(BUILT_IN)
        lowered = {word.lower() for word in names}
        for site in found[:: given.part]:
            data = site.file.read_bytes()
            for seed in range(given.seeds):
                for kind in KINDS:
                    chosen = random.Random(f"{path.name} {site.start} {kind} {seed}")
                    typo = misspelt(site.word, kind, chosen)
                    currency = site.kind == "unit" and re.fullmatch("[A-Z]{3}", typo)
                    if typo == site.word or typo in names or (typo.lower() in lowered and kind != "case") or currency:
                        continue
                    changed = data[: site.start] + typo.encode() + data[site.end :]
                    right = told(load(path, SCENARIOS, {site.file: changed}).diagnostics, site, typo, changed)
                    tried[kind, site.kind][right] += 1
                    if given.misses and not right:
                        line = data.count(b"\n", 0, site.start) + 1
                        print(f"{site.file.name}:{line}: {site.kind} {site.word} -> {typo}", flush=True)
    report(tried)


def report(tried: dict[tuple[str, str], Counter[bool]]) -> None:
    """The shares of right first suggestions, per kind of typo and per kind of name."""
    for title, part in (("typo", 0), ("name", 1)):
        sums: dict[str, Counter[bool]] = defaultdict(Counter)
        for key, counts in tried.items():
            sums[key[part]].update(counts)
        print(f"{title:<16}{'tried':>8}{'right':>8}{'share':>9}")
        for name, counts in sorted(sums.items()):
            total = counts.total()
            print(f"{name:<16}{total:>8}{counts[True]:>8}{counts[True] / total:>9.1%}")
    whole = sum((counts for counts in tried.values()), Counter[bool]())
    share = whole[True] / whole.total()
    print(
        f"{'all':<16}{whole.total():>8}{whole[True]:>8}{share:>9.1%}  (goal {GOAL:.0%}: {'met' if share >= GOAL else 'missed'})"
    )


if __name__ == "__main__":
    main()

"""What repairs do to an author's files: for each shipped scenario, each kind of slip that has a fix, made at several places in
files full of comments.

Every slip is made in a text with a comment at the end of every line and between lines, repaired with all fixes that are
offered, and looked at: whether the mistake is gone, whether the author's text came back to the byte, and whether every
comment is still there, and still a comment. The table says so for each code; a lost comment ends the run with an error.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from dramaturg.commands.library import find
from dramaturg.dsl.diagnostics import codes
from dramaturg.dsl.load import Loaded, load
from dramaturg.dsl.messages.repair import Repaired, Seen, repair
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.reading.trivia import comments, leaves
from dramaturg.dsl.spans import Source

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
PLACES = 6
"""Places of a file at which one kind of slip is made, at most."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One mistake that people make: what of a file it can befall, and what it makes of that."""

    code: str
    pattern: str
    """A regular expression over the lines of a file."""
    made: Callable[[re.Match[str]], str]
    what: str = ""


def swapped(word: str) -> str:
    """A word with two letters in the middle swapped."""
    for at in range(len(word) // 2, len(word) - 1):
        if word[at] != word[at + 1] and word[at].isalpha() and word[at + 1].isalpha():
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word + word[-1]


def part(number: int, change: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    """The match with one of its groups changed."""

    def made(found: re.Match[str]) -> str:
        start, end = found.start(number) - found.start(), found.end(number) - found.start()
        return found[0][:start] + change(found[number]) + found[0][end:]

    return made


NAME = r"[a-z][a-z_]*"
SLIPS = (
    Slip("E104", r"^about: (\w)", part(1, lambda _: "\udce9"), "a letter in another encoding"),
    Slip("E105", r"^about: (\w)", part(1, lambda text: f"{text}\x07"), "an invisible character"),
    Slip("E106", r"^about: (\w)", part(1, lambda text: f"{text}\u202e"), "a mark that turns the direction"),
    Slip("E108", r"^(  )(?=\w+:)", part(1, lambda _: "\t"), "a tab"),
    Slip("E109", rf"^(?:  )*{NAME}:( )(?=[a-z0-9])", part(1, lambda _: ""), "no space after the colon"),
    Slip("E114", rf"^{NAME}: ()(?=[a-z])", part(1, lambda _: "!!str "), "a tag"),
    Slip(
        "E117",
        r"^((?:domain|family|turns|horizon): [^\n#]*?)( *#[^\n]*)\n",
        lambda m: f"{m[0]}{m[1]}\n",
        "a line twice",
    ),
    Slip("E117", r"(when: [^,}\n]*, )", lambda m: m[0] + m[0], "an entry twice"),
    Slip("E119", r'"(\{\{[^"\n]*)"', lambda m: m[1], "a wording without quotes"),
    Slip(
        "E120",
        r'[:\[,] (")([^"\n{}:]+, [^"\n{}:]+)(")(?=[,\]}])',
        lambda m: m[0].replace('"', ""),
        "a comma without quotes",
    ),
    Slip("E121", r"^about: (?=\w)", lambda m: f"{m[0]}Note: ", "a second colon"),
    Slip("E122", r"([}\]])(?= +#[^\n]*\n)", lambda m: "", "no closing bracket"),
    Slip(
        "E122",
        r"^(?: *)about: (\w[^\n#\"]*?)(?= *#? ?\d*\n)",
        lambda m: m[0].replace(m[1], f'"{m[1]}'),
        "no closing quote",
    ),
    Slip("E123", r"^about: ()(?=\w)", part(1, lambda _: "@"), "a sign that YAML keeps for itself"),
    Slip("E124", rf"^((?:  )+)(?={NAME}: [^\n]*\n(?!\1 ))", lambda m: m[0] + " ", "a blank too many"),
    Slip("E125", rf"(?<=[{{,]) ?{NAME}:( )(?=[a-z])", part(1, lambda _: ""), "no space after the colon, in brackets"),
    Slip(
        "E127", r"(?<=agent\.)([a-z_]*e[a-z_]*)", part(1, lambda text: text.replace("e", "e\u0301", 1)), "a mark apart"
    ),
    Slip(
        "E128", r"(?<=agent\.)([a-z_]*a[a-z_]*)", part(1, lambda text: text.replace("a", "\u0430", 1)), "a look-alike"
    ),
    Slip("E130", r"^turns: (\d)", part(1, lambda text: chr(0x660 + int(text))), "a digit of another script"),
    Slip("E201", rf"^(?:  )*({NAME})(?=: ?[\[{{0-9]|:\n|: +#)", part(1, swapped), "a key misspelt"),
    Slip("E201", r"(?<=\{)(when|kind|emit)(?=:)", part(1, swapped), "a key misspelt, in brackets"),
    Slip("E203", r"^  opens: (\{do: (\w+)\})", part(1, lambda text: text[5:-1]), "a move without `do`"),
    Slip("E203", r"^  wakes: \[(\w+)(?:, [\w.]+)*\]", lambda m: f"  wakes: {m[1]}", "one wake-up, not a list"),
    Slip("E203", rf"^    {NAME}: (\{{kind: says\}})", part(1, lambda _: "says"), "an act without `kind`"),
    Slip("E204", r"kind: (says|does|silent)", part(1, swapped), "a choice misspelt"),
    Slip("E204", r"end: (good)", part(1, lambda _: "god"), "a choice misspelt"),
    Slip("E205", r"^    ([A-Z_]{3,})(?=:)", part(1, str.lower), "a state in small letters"),
    Slip("E205", r"^scenario: ([a-z]+-[a-z-]+)", part(1, lambda text: text.replace("-", " ")), "a name with blanks"),
    Slip(
        "E212",
        rf"(?<=[{{,]) ?{NAME}: (int \S+\.\.\d+|yes/no)(?=[,}}])",
        part(1, lambda text: f"{text} = 1"),
        "a field with a start",
    ),
    Slip("E218", r"\{kind: says, ()(?=about)", part(1, lambda _: "takes: 2s, "), "what this kind has not"),
    Slip("E218", r"^    kind: says(?: *#[^\n]*)?\n", lambda m: f"{m[0]}    takes: 2s\n", "what this kind has not"),
    Slip(
        "E235",
        rf"^  {NAME}: (int \S+\.\.\d+)(?= +#| *\n)",
        part(1, lambda text: f"{text} = 1"),
        "a parameter with a start",
    ),
    Slip(
        "E238",
        r"\{when: ([^,{}\n]+), go: (\w+)\}",
        lambda m: f"{{when: {m[2]}, go: {m[1]}}}",
        "two keys with each other's values",
    ),
    Slip("E239", r"^    (within: [^\n]*\n)(?=  \w)", lambda m: f"  {m[1]}", "a line one level too far out"),
    Slip("E254", r"(?<=from: \[)([a-z_]{4,})", part(1, swapped), "a concern misspelt"),
    Slip("E260", r"^    (?:instead_of|undoes): ([a-z_]{4,})", part(1, swapped), "a shift misspelt"),
    Slip("E301", r"(?<=\w )(and)(?= \w)", part(1, lambda _: "&&"), "an operator of another language"),
    Slip("E304", r"(?<= )(\d+)m(?= +#|,)", lambda m: f"{m[1]} minuts", "a unit misspelt"),
    Slip("E305", r"(?<=: )(one of)(?= \w+ \|)", part(1, lambda _: "oneof"), "a type misspelt"),
    Slip("E305", r"(?<=: )(duration)(?= \d)", part(1, swapped), "a type misspelt"),
    Slip("E315", r'(judged "[^"]*") else (?:no|yes)', lambda m: m[1], "a question without an answer"),
    Slip("E317", r"is [A-Z_]+ (\|) [A-Z_]+", part(1, lambda _: "or"), "two states with `or`"),
    Slip("E401", r"(?<=if: )([a-z_]{4,})(?= [<>=])", part(1, swapped), "a name misspelt"),
    Slip("E401", r"(?<=when: agent\.)([a-z_]{4,})", part(1, swapped), "an act misspelt"),
    Slip("E403", r"go: ([A-Z_]{4,})", part(1, swapped), "a state misspelt"),
    Slip("E404", r"(?<== )([a-z]{4,})(?=,| +#|\))", part(1, swapped), "a choice misspelt, in a condition"),
    Slip("E405", r"(?<=agent\.)\w+\(([a-z]{4,})(?= )", part(1, swapped), "a field misspelt"),
    Slip("E451", r"^uses: \[\w+/(\w+)", part(1, swapped), "a module misspelt"),
    Slip("E456", r"^uses: \[\w+/\w+", lambda m: f"{m[0]}.yaml", "a module with its ending"),
    Slip("E456", r"^uses: \[(\w+/\w+)", part(1, lambda text: "./" + text.replace("/", "\\")), "a module as a path"),
    Slip("E459", r"^uses: \[(\w+/\w+)", lambda m: f"{m[0]}, {m[1]}", "a module twice"),
    Slip("E461", r"emit: ([a-z.]{4,})", part(1, swapped), "an event misspelt"),
    Slip("E461", r"emit: ([a-z]+\.)(?=[a-z])", part(1, lambda _: ""), "an event without its first part"),
    Slip("E462", r"(?<=do: )([a-z_]{4,})(?=\}|,)", part(1, swapped), "a move misspelt"),
    Slip("E462", r"(?<=do: )()(?!nothing)(?=[a-z_]{4,}\})", part(1, lambda _: "user."), "a move with its person"),
    Slip("E466", r"persona: ([a-z_]+)", part(1, swapped), "a persona misspelt"),
    Slip("E468", r"play: ([a-z_0-9]+)", part(1, swapped), "a recording misspelt"),
    Slip("E504", r"\{\{ ([a-z_]{4,})", part(1, swapped), "a name misspelt, in a text"),
    Slip("E505", r"\{\{ [a-z_.]+ \| ([a-z_]{4,})", part(1, swapped), "a filter misspelt"),
    Slip(
        "W319",
        r"(\()([^()\n]+ and [^()\n]+)(\)) for \d",
        lambda m: m[0].replace("(", "").replace(")", ""),
        "no parentheses",
    ),
    Slip("W322", r"step \d+m = (\d+)(?=m\b)", part(1, lambda text: str(int(text) + 1)), "an amount between two steps"),
    Slip("W458", r"^uses: \[", lambda m: f"{m[0]}concerns/travel, ", "a module for nothing"),
)


@dataclass(slots=True)
class Tally:
    """What became of the slips that raised one code."""

    made: int = 0
    mended: int = 0
    unasked: int = 0
    """… by safe fixes alone."""
    restored: int = 0
    """… to the very text that was there before the slip."""
    comments: int = 0
    lost: int = 0
    scenarios: set[str] = field(default_factory=set)


def sprinkled(text: str, shown: str = "x.yaml") -> str:
    """The text with a comment of its own number at the end of every line and below, wherever one may stand."""
    tree, problems = read(Source(shown, text.encode()))
    assert tree is not None and not problems, f"{shown} is in order"
    data = text.encode()
    taken = bytearray(len(data) + 1)
    for leaf in leaves(tree):
        taken[leaf.span.start : leaf.span.end] = b"\1" * (leaf.span.end - leaf.span.start)
    out, number, start = [], 0, 0
    while (end := data.find(b"\n", start)) >= 0:
        line = data[start:end].decode()
        if not taken[end] and line.strip() and not line.lstrip().startswith("#") and " #" not in line:
            line += f"  # {number}"
            number += 1
        out.append(line)
        if not taken[end] and number % 3 == 0:
            out.append(f"# line {number}")
            number += 1
        start = end + 1
    return "".join(f"{line}\n" for line in out)


def slipped(text: str, slip: Slip) -> Iterator[str]:
    """The text with the slip made at one place after the other, at most ``PLACES`` of them; never inside a comment."""
    made = 0
    for found in re.finditer(slip.pattern, text, re.MULTILINE):
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if " #" in line or line.startswith("#"):
            continue
        changed = text[: found.start()] + slip.made(found) + text[found.end() :]
        if changed != text:
            yield changed
            made += 1
        if made == PLACES:
            return


@cache
def _tagged(scenario: Path) -> Loaded:
    return load(scenario)


def remarks(data: bytes) -> Counter[str]:
    """The comments of a file that can be read."""
    source = Source("x.yaml", data)
    tree, _ = read(source)
    assert tree is not None
    return Counter(text for text, _ in comments(source, tree))


def lost(wanted: Counter[str], data: bytes) -> int:
    """How many of the comments are not in a text as comments; where it still cannot be read, not at all."""
    source = Source("x.yaml", data)
    tree, problems = read(source)
    if tree is not None and not problems:
        return (wanted - remarks(data)).total()
    held = data.decode("utf-8", "replace")
    return sum(max(0, count - held.count(text)) for text, count in wanted.items())


def mended(scenario: Path, file: Path, data: bytes, others: Mapping[Path, bytes], unsafe: bool) -> Repaired:
    """The scenario repaired, with ``data`` in the place of one of its files."""

    def look(texts: Mapping[Path, bytes]) -> Seen:
        loaded = load(scenario, SCENARIOS, overlay=texts)
        return Seen(loaded.diagnostics, SCENARIOS)

    return repair(look, {**others, file: data}, unsafe=unsafe)


def measure(scenarios: list[Path], places: int = PLACES) -> dict[tuple[str, str], Tally]:
    """Make every slip at some places of each scenario, repair it, and count. Keyed by (code, what the slip is)."""
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for scenario in scenarios:
        files = [SCENARIOS / source.path for source in _tagged(scenario).sources]
        files = [file for file in files if file.stat().st_size < 20_000]
        texts = {file: sprinkled(file.read_text(encoding="utf-8"), file.name) for file in files}
        for slip in SLIPS:
            made = [(file, spoilt) for file in files for spoilt in slipped(texts[file], slip)][:places]
            for file, spoilt in made:
                _count(tallies[slip.code, slip.what], slip, scenario, file, texts[file], spoilt)
    return tallies


def _count(tally: Tally, slip: Slip, scenario: Path, file: Path, before: str, spoilt: str) -> None:
    data = spoilt.encode("utf-8", "surrogateescape")
    loaded = load(scenario, SCENARIOS, overlay={file: data})
    if slip.code not in {item.code for item in loaded.diagnostics}:
        return
    tally.made += 1
    tally.scenarios.add(scenario.stem)
    safely = mended(scenario, file, data, {}, unsafe=False)
    result = safely if not _left(safely, slip.code) else mended(scenario, file, data, {}, unsafe=True)
    tally.unasked += not _left(safely, slip.code)
    tally.mended += not _left(result, slip.code)
    after = result.files[file]
    tally.restored += after == before.encode()
    wanted = remarks(before.encode())
    tally.comments += wanted.total()
    tally.lost += lost(wanted, after)


def _left(result: Repaired, code: str) -> bool:
    return any(item.code == code for item in result.left.diagnostics)


def main() -> int:
    tallies = measure(find([SCENARIOS]))
    print("| code | slip | made | mended | unasked | to the byte | comments | lost |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for (code, what), tally in sorted(tallies.items()):
        counts = (tally.made, tally.mended, tally.unasked, tally.restored, tally.comments, tally.lost)
        print(f"| {code} | {what} | {' | '.join(f'{count:,}' for count in counts)} |")
    made, done = sum(tally.made for tally in tallies.values()), sum(tally.mended for tally in tallies.values())
    gone, seen = sum(tally.lost for tally in tallies.values()), sum(tally.comments for tally in tallies.values())
    fixable = {code for (code, _), tally in tallies.items() if tally.mended}
    print(f"\n{made} slips, {done} mended; {gone} of {seen:,} comments lost")
    print(f"{len(fixable)} of {len(codes())} codes were mended here")
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m benchmarks.fuzz``: whatever is in a file, reading it ends with diagnostics, soon and in bounded memory.

    python -m benchmarks.fuzz --count 1000000 --jobs 2     # the nightly target
    python -m benchmarks.fuzz --seconds 60
    python -m benchmarks.fuzz --replay 4711                # one input again, shown

Inputs are numbered; each is a function of the seed and its number. They come from the shipped scenarios and the examples of the
diagnostics' pages: bytes changed, words of dictionaries put in, trees grown from the file format's own shapes, expressions
derived from the grammar, templates made of pieces. Each goes through the whole front end, is shown in every form, and where it is
clean compiled under a small budget. A worker may take 512 MB more than it began with, and each input one second of CPU time.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.queues import Queue
from pathlib import Path
from types import FrameType

from lark import Lark
from lark.grammar import NonTerminal, Terminal

from dramaturg.compiler.compiled import OverBudget, compile_scenario
from dramaturg.compiler.explore import Budget
from dramaturg.dsl.format import shapes
from dramaturg.dsl.load import load
from dramaturg.dsl.memory.memo import forget
from dramaturg.dsl.messages.present import FORMS, present

HERE = Path(__file__).resolve().parent.parent
ROOT = Path(os.path.abspath("no-such-folder"))
"""The inputs are on no disk."""
STATES = 100
"""Of the graphs of clean inputs."""
SLOW = 1.0
"""Seconds of CPU time."""
MEMORY = 512 * 1024 * 1024
HANG = 20.0
"""Seconds of CPU time after which an input is given up."""

WORDS = r"""
and or not is in for since once earlier known matches judged else yes no implies always never eventually possible
winnable until within leads to last one of step turns turn user agent result world task concern trigger shift persona
nothing money(EUR) duration percent int number text time set list condition on true false null ~ 10m 20 EUR 5% 3 turns
1h30m 08:30 -1 0 0.5 1e9 .. +- == != <= >= < > = + - * / | ( ) { } [ ] , : ; . ? ! & % @ ` ' " # -- --- ... > | >- |2
<<: *a &a !!str !x {{ }} {% %} {# #} \ \x00
"""
BYTES = (
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\x80",
    b"\xf4\x90\x80\x80",
    b"\r",
    b"\t",
    b"\x0b",
    b"\x85",
    "\u2028\u202e\u200b\ufeff\u00a0\u0000\U0001f600\ufdd0\u0301ае“”–…٣५".encode(),
    b"9" * 400,
    b"(" * 300,
    b"[" * 90,
    b"{a: " * 90,
    b"- " * 90,
    b"not " * 200,
    b'"' * 3,
    b"{{ 9**(9**9) }}",
    b"{% for a in b %}{% endfor %}",
    b"${jndi:x}",
    b"../../etc/passwd",
    b"<script>alert(1)</script>",
    b"9" * 5000 + b" EUR",
    b"1" + b"0" * 30 + b"d",
    b"a." * 200,
    b"a | " * 200,
    b"or x " * 300,
    b"? ",
    b"\n\n\n",
    b"%YAML 1.2\n",
    b"x" * 3000,
)


@cache
def shipped() -> Mapping[str, bytes]:
    folder = HERE / "scenarios"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}


@cache
def mains() -> tuple[str, ...]:
    return tuple(name for name, data in shipped().items() if re.search(rb"^scenario:", data, re.M))


@cache
def examples() -> tuple[bytes, ...]:
    """The complete examples of the diagnostics' pages, right and wrong."""
    pages = sorted((HERE / "dsl" / "codes").glob("*.md"))
    blocks = [
        block for page in pages for block in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    ]
    return tuple(dict.fromkeys(block.encode() for block in blocks if "scenario:" in block))


@cache
def naughty() -> tuple[bytes, ...]:
    """The strings of the Big List of Naughty Strings where it lies beside the checkout, else a few of our own."""
    path = HERE.parent / "shared" / "data" / "blns" / "blns.json"
    if path.is_file():
        return tuple(text.encode("utf-8", "surrogatepass") for text in json.loads(path.read_text(encoding="utf-8")))
    return (
        b"undefined",
        b"NaN",
        "﷽".encode(),
        "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮".encode(),
        b"'; DROP TABLE x",
        b"{0}",
        b"%s%n",
        b"file:///etc/passwd",
    )


# generators


def small(rng: random.Random) -> dict[str, bytes]:
    return {"small.yaml": rng.choice(examples())}


def large(rng: random.Random) -> dict[str, bytes]:
    """A shipped scenario with its modules, itself first."""
    main = rng.choice(mains())
    return {
        main: shipped()[main],
        **{name: data for name, data in shipped().items() if name != main and name not in mains()},
    }


def based(rng: random.Random) -> tuple[dict[str, bytes], str]:
    """A project, and the file of it to change."""
    files = small(rng) if rng.random() < 0.9 else large(rng)
    main = next(iter(files))
    used = [name for name in files if name[:-5].encode() in files[main]]
    return files, rng.choice([main, main, *used])


def mutated(data: bytes, rng: random.Random) -> bytes:
    """One change: a byte, a chunk, a line."""
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + 1 + int(rng.expovariate(0.15)))
    lines = data.splitlines(keepends=True)
    match rng.randrange(9):
        case 0:
            return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        case 1:
            return data[:at] + bytes([rng.choice(b"{}[]():,.|&*!?-#\"'%@`<>=+/ \t\n~\\_09azAZ")]) + data[at:]
        case 2:
            return data[:at] + data[end:]
        case 3:
            other = rng.choice(examples())
            start = rng.randrange(len(other))
            return data[:at] + other[start : start + rng.randrange(1, 60)] + data[end:]
        case 4:
            return data[:at] + data[at:end] * rng.randrange(2, 40) + data[end:]
        case 5:
            return data[:at]
        case 6 if len(lines) > 1:
            one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[one], lines[two] = lines[two], lines[one]
            return b"".join(lines)
        case 7 if lines:
            line = rng.randrange(len(lines))
            lines[line] = b" " * rng.randrange(9) + lines[line].lstrip(b" ")
            return b"".join(lines)
        case _:
            return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :] if at < len(data) else data


def by_bytes(rng: random.Random) -> dict[str, bytes]:
    files, name = based(rng)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        files[name] = mutated(files[name], rng)
    return files


def by_dictionary(rng: random.Random) -> dict[str, bytes]:
    files, name = based(rng)
    for _ in range(rng.choice((1, 1, 2, 5))):
        data = files[name]
        places = [m.span() for m in re.finditer(rb"[\w.]+|[^\w\s]+", data)]
        word = (
            rng.choice(WORDS.split()).encode()
            if rng.random() < 0.6
            else rng.choice(BYTES)
            if rng.random() < 0.6
            else rng.choice(naughty())
        )
        start, end = rng.choice(places) if places else (0, 0)
        files[name] = data[:start] + word + (data[end:] if rng.random() < 0.7 else b" " + data[start:])
    return files


@cache
def grammar() -> tuple[dict[str, list[list[str]]], dict[str, int]]:
    """The rules of the expressions' grammar, and how deep the shallowest derivation of each symbol is."""
    parser = Lark(
        (HERE / "grammars" / "expression.lark").read_text(encoding="utf-8"),
        start=["guard", "check", "value"],
        parser="lalr",
    )
    rules: dict[str, list[list[str]]] = {}
    for rule in parser.rules:
        rules.setdefault(rule.origin.name, []).append([symbol.name for symbol in rule.expansion])
    assert all(isinstance(symbol, NonTerminal | Terminal) for rule in parser.rules for symbol in rule.expansion)
    depth = dict.fromkeys(rules, 1000)
    for _ in range(60):
        for name, choices in rules.items():
            depth[name] = min(1 + max((depth.get(s, 0) for s in choice), default=0) for choice in choices)
    return rules, depth


NAMES = r"""
fare delay seats trip user agent task trigger concern persona result world topic limit price ask thank answer accept
help OPEN DONE LOST open idle voiced eased cost effort greeting resistance small count a b c x
"""


def token(name: str, rng: random.Random) -> str:
    match name:
        case "NAME":
            return rng.choice(NAMES.split())
        case "QUANTITY":
            return rng.choice(
                ("10m", "20 EUR", "3 turns", "5%", "2h", "0m", "99999999999d", "7 USD", "3kg", "12parsecs")
            )
        case "NUMBER":
            return rng.choice(("0", "1", "3", "0.5", "12.345678", "9" * 40))
        case "TIME":
            return rng.choice(("08:30", "24:00", "99:99"))
        case "STRING":
            return rng.choice(('"x"', '""', '"a \\" b"', '"' + "long " * 50 + '"'))
        case "CMP":
            return rng.choice(("==", "!=", "<=", ">=", "<", ">"))
        case "LEADS_TO" | "IN_LAST" | "NOT_IN" | "IS_NOT" | "ONE_OF":
            return name.lower().replace("_", " ")
    signs = {
        "SPREAD": "+-",
        "PLUS": "+",
        "MINUS": "-",
        "STAR": "*",
        "SLASH": "/",
        "DOTS": "..",
        "DOT": ".",
        "LPAR": "(",
        "RPAR": ")",
        "LBRACE": "{",
        "RBRACE": "}",
        "COMMA": ",",
        "BAR": "|",
    }
    return signs.get(name, name.lower())


@cache
def within(name: str, left: int) -> list[list[str]]:
    """The expansions of a symbol that can end ``left`` levels further down; where there are none, the shallowest."""
    rules, depth = grammar()
    deep = [(max((depth.get(symbol, 0) for symbol in choice), default=0), choice) for choice in rules[name]]
    least = min(level for level, _ in deep)
    return [choice for level, choice in deep if level < max(left, least + 1)]


def derived(start: str, rng: random.Random, most: int = 18) -> str:
    """A random derivation of the grammar from ``start``."""
    rules, _ = grammar()

    def expand(name: str, left: int) -> Iterator[str]:
        if name not in rules:
            yield token(name, rng)
            return
        for symbol in rng.choice(within(name, left)):
            yield from expand(symbol, left - 1)

    return " ".join(expand(start, most)).replace(" . ", ".")


def by_grammar(rng: random.Random) -> dict[str, bytes]:
    """An expression of an example replaced by one derived from the grammar, in quotes that hold it."""
    files, name = based(rng)
    data = files[name]
    lines = list(
        re.finditer(
            rb"\b(when|if|until|to|expect|surfaces|eased|as|hardens|do|with|set|within)(: )([^,{}\[\]\n]+)", data
        )
    )
    lines += list(
        re.finditer(rb"^  (\w+)(: )((?:never|always|possible|winnable|money|int|duration)[^\n]*)", data, re.M)
    )
    for match in rng.sample(lines, min(len(lines), rng.choice((1, 1, 2)))):
        kind = "guard" if match[1] in (b"when", b"if", b"until") else rng.choice(("guard", "check", "value"))
        text = derived(kind, rng, rng.choice((9, 14, 18, 22)))
        quoted = "'" + text.replace("'", "''") + "'"
        files[name] = data[: match.start(3)] + quoted.encode() + data[match.end(3) :]
    return files


def by_template(rng: random.Random) -> dict[str, bytes]:
    """Words made of pieces of templates."""
    pieces = (
        "{{ ",
        " }}",
        "{% if ",
        "{% else %}",
        "{% elif ",
        "{% endif %}",
        " %}",
        "limit",
        "persona.x",
        " | money",
        " | lower",
        "== ",
        '"a"',
        "text ",
        "{#",
        "#}",
        "()",
        "[0]",
        "9**9",
        "{%- ",
        "-}}",
        "not ",
        " and ",
        ".",
        "\\n",
        "é",
        "{% raw %}",
        "{{{",
        "}}}",
    )
    files, name = based(rng)
    text = "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 25)))
    event = rng.choice(("user.ask", "user.thank", "agent.answer", "fare.changed"))
    files[name] += b"words:\n  " + event.encode() + b": " + json.dumps([text]).encode() + b"\n"
    return files


def grown(shape: shapes.Shape, rng: random.Random, left: int) -> object:
    """A value in this shape, or now and then in another."""
    if rng.random() < 0.04 or left < 0:
        return rng.choice(("x", "", [], {}, ["a"], {"a": "b"}, "5", None, [[["a"]]], {"x": {"y": []}}))
    match shape:
        case shapes.Line(reads, choices):
            return rng.choice(choices) if choices else line(reads, rng)
        case shapes.Each(item):
            return [grown(item, rng, left - 1) for _ in range(rng.randrange(4))]
        case shapes.Record(keys=keys, rest=rest):
            out = {key.name: grown(key.shape, rng, left - 1) for key in keys if key.required or rng.random() < 0.5}
            if rest is not None:
                out |= {
                    rng.choice((*NAMES.split(), "PENDING", "S2")): grown(rest.value, rng, left - 1)
                    for _ in range(rng.randrange(4))
                }
            return out
        case shapes.Names(value, pattern=pattern):
            names = NAMES.split() if pattern != shapes.STATE else ["OPEN", "DONE", "LOST", "S4"]
            found = rng.sample(names, rng.randrange(min(4, len(names))))
            return {name if rng.random() < 0.9 else f"user.{name}": grown(value, rng, left - 1) for name in found}
        case _:
            forms = [form for form in (shape.line, shape.list, shape.map) if form is not None]
            return grown(rng.choice(forms), rng, left)


def line(reads: str, rng: random.Random) -> str:
    """What a field that reads this might hold."""
    match reads:
        case "guard" | "norm" | "check" | "value":
            return derived(reads if reads in ("guard", "value") else "check", rng, rng.choice((8, 12, 16)))
        case "declaration" | "type":
            kinds = (
                "int 0..9 = 4",
                "yes/no = no",
                "money(EUR) 0 EUR..90 EUR step 10 EUR = 20 EUR",
                "one of a | b",
                "text",
                "duration 0m..1h",
                "condition on fare",
                "set of topic",
                "list of int 0..3",
                "text?",
                "time of day",
                "percent 0%..100% step 5%",
                "int",
                "topic",
            )
            return rng.choice(kinds)
        case "pattern":
            return rng.choice(
                ("agent", "agent.ask", "agent.answer(topic == cost)", "user.thank", "agent.ask(price <= 10 EUR)")
            )
        case "state":
            return rng.choice(("OPEN", "DONE", "LOST"))
        case "template":
            return rng.choice(("Hello.", "{{ limit }}", "{{ limit | money }}", "{% if x %}a{% endif %}"))
        case _:
            return rng.choice(
                (
                    shapes.READINGS[reads][1] if reads in shapes.READINGS else "x",
                    rng.choice(NAMES.split()),
                    "10m",
                    "2 turns",
                    "yes",
                    "40%",
                )
            )


def by_shape(rng: random.Random) -> dict[str, bytes]:
    """A file grown from the format itself, written as YAML in flow style (JSON)."""
    tree = grown(shapes.SCENARIO, rng, 7)
    if isinstance(tree, dict):
        tree["horizon"], tree["turns"] = "1h", "4"
        tree.pop("uses", None)
        if rng.random() < 0.3:
            tree["uses"] = ["acts/assistant"]
    text = json.dumps(tree, ensure_ascii=False, indent=rng.choice((None, 1)))
    return {"small.yaml": text.encode(), "acts/assistant.yaml": shipped()["acts/assistant.yaml"]}


GENERATORS: tuple[tuple[Callable[[random.Random], dict[str, bytes]], int], ...] = (
    (by_bytes, 8),
    (by_dictionary, 5),
    (by_grammar, 4),
    (by_template, 2),
    (by_shape, 3),
)


def made(seed: int, number: int) -> tuple[str, dict[str, bytes]]:
    """Input ``number``: what made it, and the files, the scenario first."""
    rng = random.Random(f"{seed} {number}")
    generator = rng.choices([g for g, _ in GENERATORS], [weight for _, weight in GENERATORS])[0]
    return generator.__name__, generator(rng)


# running


def through(files: Mapping[str, bytes]) -> bool:
    """An input through the front end, all forms, and where it is clean the compiler. Whether it was clean."""
    main = next(iter(files))
    loaded = load(ROOT / main, ROOT, {ROOT / name: data for name, data in files.items()})
    said = loaded.diagnostics
    clean = loaded.scenario is not None
    assert clean == all(d.severity != "error" for d in said), "a scenario stands exactly where there is no error"
    if loaded.scenario is not None:
        try:
            said += compile_scenario(loaded.scenario, Budget.of(STATES)).diagnostics
        except OverBudget as over:
            said += (over.diagnostic,)
    for form in FORMS:
        text = present(said, form)
        assert str(ROOT) not in text, "the place of the folder is nobody's business"
        text.encode()
    for diagnostic in said:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(diagnostic.span.source.data), (
            "a place in the file"
        )
    return clean


@dataclass(slots=True)
class Tally:
    count: int = 0
    clean: int = 0
    slowest: float = 0.0
    slowest_at: int = -1
    memory: int = 0
    """Bytes above the start, the most of any worker."""
    failures: dict[str, int] = field(default_factory=dict)
    """By what went wrong, the first input that did."""
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.count += other.count
        self.clean += other.clean
        if other.slowest > self.slowest:
            self.slowest, self.slowest_at = other.slowest, other.slowest_at
        self.memory = max(self.memory, other.memory)
        for what, number in other.failures.items():
            self.failures[what] = min(number, self.failures.get(what, number))
        self.kinds += other.kinds


class Hung(BaseException):
    """An input took so long that it was given up."""


def give_up(_: int, __: FrameType | None) -> None:
    raise Hung


def failure(error: BaseException) -> str:
    """What went wrong, and where in our code: two inputs that fail alike give the same."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "dramaturg" in f.filename or "benchmarks" in f.filename]
    at = f"{Path(ours[-1].filename).name}:{ours[-1].lineno} in {ours[-1].name}" if ours else "?"
    return f"{type(error).__name__} at {at}"


def fuzz(seed: int, numbers: range, seconds: float | None = None) -> Tally:
    """These inputs in this process, as many as the CPU time allows."""
    tally = Tally()
    through({"small.yaml": examples()[0]})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.signal(signal.SIGPROF, give_up)
    began = time.process_time()
    for number in numbers:
        started = time.process_time()
        if seconds is not None and started - began > seconds:
            break
        name, files = made(seed, number)
        tally.kinds[name] += 1
        ready = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, HANG)
        try:
            tally.clean += through(files)
        except (Exception, Hung) as error:  # every one is a finding
            tally.failures.setdefault(failure(error), number)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        took = time.process_time() - ready
        tally.count += 1
        if took > SLOW:  # once more: the first time may have paid for imports, or for a neighbour
            ready = time.process_time()
            try:
                through(files)
            except Exception as error:
                tally.failures.setdefault(failure(error), number)
            took = min(took, time.process_time() - ready)
            if took > SLOW:
                tally.failures.setdefault(f"slow: {name}", number)
        if took > tally.slowest:
            tally.slowest, tally.slowest_at = took, number
    tally.memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    return tally


def bound_memory() -> None:
    """At most 512 MB more address space than there is now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def worker(seed: int, numbers: range, seconds: float | None, out: Queue[Tally]) -> None:
    import dramaturg.compiler.analyses  # noqa: F401  what is imported later would count as memory of an input

    through({"small.yaml": examples()[0]})
    bound_memory()
    began = time.process_time()
    for first in range(0, len(numbers), 500):
        left = None if seconds is None else seconds - (time.process_time() - began)
        if left is not None and left <= 0:
            break
        forget()  # what is kept between inputs is bounded, but is not the memory of an input
        out.put(fuzz(seed, numbers[first : first + 500], left))


def shrunk(files: dict[str, bytes], what: str, most: int = 400) -> bytes:
    """The changed file, made smaller as long as it fails alike."""
    main = max(files, key=lambda name: files[name] != shipped().get(name))
    tries = 0
    size = max(1, len(files[main]) // 2)
    while size and tries < most:
        at = 0
        while at < len(files[main]) and tries < most:
            less = files | {main: files[main][:at] + files[main][at + size :]}
            tries += 1
            try:
                through(less)
                alike = False
            except Exception as error:
                alike = failure(error) == what
            if alike:
                files = less
            else:
                at += size
        size //= 2
    return files[main]


def run(seed: int, count: int, seconds: float | None, jobs: int, first: int = 0) -> Tally:
    """``count`` inputs from number ``first`` on in ``jobs`` processes, each with at most ``seconds`` of CPU time."""
    context = multiprocessing.get_context("fork")
    total = Tally()
    out: Queue[Tally] = context.Queue()
    workers = [
        context.Process(target=worker, args=(seed, range(first + job, first + count, jobs), seconds, out))
        for job in range(jobs)
    ]
    for process in workers:
        process.start()
    began, told = time.monotonic(), time.monotonic()
    while any(process.is_alive() for process in workers) or not out.empty():
        try:
            total.add(out.get(timeout=1))
        except Exception:  # nothing came yet
            continue
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(
                f"{total.count} inputs, {total.count / (told - began):.0f}/s, {len(total.failures)} failures {total.failures}",
                flush=True,
            )
    for process in workers:
        process.join()
        if process.exitcode:
            total.failures.setdefault(f"a worker ended with {process.exitcode}", -1)
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seconds", type=float, help="of CPU time, for each process")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--replay", type=int, help="show one input and what becomes of it")
    given = parser.parse_args()
    if given.replay is not None:
        name, files = made(given.seed, given.replay)
        print(f"{name}: {next(iter(files))}")
        began = time.process_time()
        try:
            print("clean" if through(files) else "diagnostics", f"{time.process_time() - began:.2f} s")
        except Exception as error:
            traceback.print_exc()
            sys.stdout.buffer.write(shrunk(files, failure(error)) + b"\n")
        return 0
    began = time.monotonic()
    total = run(given.seed, given.count, given.seconds, given.jobs, given.first)
    took = time.monotonic() - began
    print(
        f"{total.count} inputs in {took:.0f} s ({total.count / took:.0f}/s), {total.clean} of them clean, {dict(total.kinds)}"
    )
    print(f"slowest {total.slowest:.2f} s (input {total.slowest_at}), {total.memory / 2**20:.0f} MB above the start")
    for what, number in sorted(total.failures.items(), key=lambda item: item[1]):
        print(f"FAILED {what}: input {number} (python -m benchmarks.fuzz --seed {given.seed} --replay {number})")
    return 1 if total.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""What inputs are made of: the shipped scenarios, the examples of the diagnostics' pages, naughty strings, words and bytes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]

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
    *(sign.encode() for sign in "：，、،•–％٪\u3000\u00a0（】"),
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

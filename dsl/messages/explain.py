"""Explanations: the page of a diagnostic, by its code or its name, and the list of all of them."""

from __future__ import annotations

import re
from importlib.resources import files

from dramaturg.dsl.diagnostics import codes
from dramaturg.dsl.expressions.suggest import closest

AREAS = {
    "1": "Reading a file",
    "2": "The form of a file",
    "3": "Expressions, types and units",
    "4": "Names and modules",
    "5": "What may be seen, and texts",
    "6": "The state graph, and what is proved of it",
    "7": "Recordings, imports and training data",
}
"""What the first digit of a code says."""


class UnknownCode(ValueError):
    """Nothing is documented under that code or name; the message says what may have been meant."""


def explain(code_or_name: str) -> str:
    """The Markdown page of ``E201`` or ``unknown-key`` (or both, as messages write them). Raises UnknownCode."""
    wanted = code_or_name.strip().split(" ")[0].strip("[]:")
    known = codes()
    by_code = {code: name for name, code in known.items()}
    code = wanted.upper()
    if code not in by_code:
        name = wanted.casefold().replace("_", "-")
        if name not in known:
            raise UnknownCode(_unknown(wanted, known))
        code = known[name]
    return files("dramaturg.dsl").joinpath("codes", f"{code}-{by_code[code]}.md").read_text(encoding="utf-8")


def listed() -> list[tuple[str, str, str]]:
    """Every diagnostic, by area and number: code, name and the first sentence of its page."""
    by_code = sorted(((code, name) for name, code in codes().items()), key=lambda it: (it[0][1:], it[0]))
    return [(code, name, _gist(explain(code))) for code, name in by_code]


def index() -> str:
    """The list as a Markdown page beside the folder of pages, ``docs/diagnostics.md``."""
    out = [
        "# Diagnostics",
        "",
        "Everything that `check` may say, each with a page of its own: what it means, why it matters to the conversation, a",
        "wrong and a right example. `dramaturg explain CODE` prints the page, by code or by name. E is an error, W a warning,",
        "N a note.",
        "",
        "This page is written by `python -m tests.diagnostics`.",
    ]
    area = ""
    for code, name, gist in listed():
        if code[1] != area:
            area = code[1]
            out += ["", f"## {AREAS[area]}", "", "| code | name | what it says |", "| --- | --- | --- |"]
        escaped = gist.replace("|", "\\|")
        out.append(f"| [{code}](../dsl/codes/{code}-{name}.md) | {name} | {escaped} |")
    return "\n".join(out) + "\n"


def _gist(page: str) -> str:
    """The first sentence of a page, below its heading."""
    said = " ".join(page.split("\n\n")[1].split())
    return re.split(r"(?<=[.?])\s(?=[A-Z`])", said, maxsplit=1)[0]


def _unknown(wanted: str, known: dict[str, str]) -> str:
    near = closest(wanted, known) or closest(wanted, known.values())
    shown = wanted if len(wanted) <= 40 else wanted[:39] + "…"
    return f"there is no diagnostic `{shown}`" + (f"; did you mean `{near}`?" if near else "")

"""Explanations: the page of a diagnostic, by its code or its name."""

from __future__ import annotations

from importlib.resources import files

from dramaturg.dsl.diagnostics import codes
from dramaturg.dsl.suggest import closest


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


def _unknown(wanted: str, known: dict[str, str]) -> str:
    near = closest(wanted, known) or closest(wanted, known.values())
    shown = wanted if len(wanted) <= 40 else wanted[:39] + "…"
    return f"there is no diagnostic `{shown}`" + (f"; did you mean `{near}`?" if near else "")

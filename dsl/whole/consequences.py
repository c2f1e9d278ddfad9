"""Consequences: what only follows from another mistake, and is not said beside it.

Each rule looks at all that is said, and gives back which of it has its cause elsewhere: what stands in a line of which some was
not read, what a name is missing for that such a line may declare, what hangs on a section that is lost. A rule may let a mistake
of its own go unsaid that happens to look like a consequence; it is said once the cause is mended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.spans import Span

Follows: TypeAlias = Callable[[Diagnostic], bool]

HANGS_ON_MODULES = (
    "template-unknown-name",
    "bad-declaration",
    "missing-key",
    "no-acts",
    "no-task",
    "no-people",
    "no-states",
)
"""What is not worth saying while declarations are missing, beside the unknown names: they may be what is asked for."""

OF_THE_FORM = ("unknown-key", "unknown-choice")
"""What is unknown to the language itself, whatever else is declared."""

UNREAD = ("unclosed", "key-without-value", "text-cut-short", "comma-in-flow-text", "yaml-syntax")
"""What leaves some of its line unread."""

MAY_BE_UNREAD = (
    "unknown-name",
    "unknown-field",
    "unknown-move",
    "unknown-event",
    "missing-argument",
    "missing-module-argument",
    "recording-differs",
    "leak",
    "template-unknown-name",
)
"""What is said of a name that may stand in a line of which some was not read."""

MAY_BE_WRONG = ("unused-module", "unused-need", "plain-words")
"""What is said where a line is missing that uses or words something: any line that is wrong may be the one."""


def hangs(diagnostic: Diagnostic) -> bool:
    """Whether that which a diagnostic misses may be declared elsewhere, in a module or in what was not read."""
    name = diagnostic.name
    return (name.startswith("unknown-") and name not in OF_THE_FORM) or name in HANGS_ON_MODULES


def told_apart(said: Sequence[Diagnostic], lost: bool) -> list[Diagnostic]:
    """What is said without what follows from other things that are said. ``lost``: whole declarations were not read."""
    rules = [rule(said) for rule in (_unread, _halved, _tagged, _clashing, _guessed, _named_in_what_is_lost, _of_the_agent,
                                     _endless, _given_otherwise, _above_its_name)]  # fmt: skip
    lost = lost or any(d.name == "duplicate-key" and d.labels[1:] for d in said)
    wrong = any(d.severity == "error" for d in said)
    return [
        it
        for it in said
        if not (lost and hangs(it)) and not (wrong and it.name in MAY_BE_WRONG) and not any(rule(it) for rule in rules)
    ]


def _place(diagnostic: Diagnostic) -> tuple[str, int]:
    return diagnostic.span.path, diagnostic.span.line


def _unread(said: Sequence[Diagnostic]) -> Follows:
    """What stands where YAML itself went wrong."""
    spans = [d.span for d in said if d.code.startswith("E1")]
    spans += [label.span for d in said if d.name == "text-cut-short" for label in d.labels]
    return lambda it: not it.code.startswith("E1") and any(_touch(it.span, other) for other in spans)


def _halved(said: Sequence[Diagnostic]) -> Follows:
    """Of a line whose bracket is never closed nobody knows how it was to go on, and what stands below may have been read into
    it."""
    halves = {_place(d) for d in said if d.name == "unclosed" and d.message.endswith("never closed")}

    def follows(it: Diagnostic) -> bool:
        path, line = _place(it)
        return (not it.code.startswith("E1") and (path, line) in halves) or (
            it.name == "needs-quotes" and (path, line - 1) in halves
        )

    return follows


def _tagged(said: Sequence[Diagnostic]) -> Follows:
    """A tag says that something else was meant there."""
    tagged = {_place(d) for d in said if d.name == "tag"}
    return lambda it: it.name == "wrong-kind" and _place(it) in tagged


def _clashing(said: Sequence[Diagnostic]) -> Follows:
    """Where two modules declare one name, which of them is meant decides what fits it."""
    clash = any(d.name == "module-clash" for d in said)
    typed = ("type-mismatch", "mixed-units", "not-yes-no", "leak")
    return lambda it: clash and (hangs(it) or it.name in typed)


def _guessed(said: Sequence[Diagnostic]) -> Follows:
    """What is said of the name that one which there is not was taken for."""
    guesses = {(d.span.path, d.span.start, d.span.end) for d in said if d.name.startswith("unknown-") and d.fixes}
    names = ("missing-argument", "shifts-in-circle")
    return lambda it: it.name in names and (it.span.path, it.span.start, it.span.end) in guesses


def _named_in_what_is_lost(said: Sequence[Diagnostic]) -> Follows:
    """Names that stand in a line of which some was not read."""
    words = {
        word
        for d in said
        if d.name in UNREAD or (d.name == "wrong-kind" and d.span.source.data[: d.span.start].rstrip()[-5:] == b"with:")
        for word in re.findall(r"\w+", d.span.source.line(d.span.line))
    }
    fieldless = any(d.name == "wrong-kind" and "`with` takes a map that names a field" in d.message for d in said)
    shown = ("leak", "template-unknown-name")
    return lambda it: (
        (bool(words) and it.name in MAY_BE_UNREAD and _missed(it) <= words) or (fieldless and it.name in shown)
    )


def _missed(diagnostic: Diagnostic) -> set[str]:
    """The words that a diagnostic finds no declaration of, or no value for."""
    if diagnostic.name in ("missing-argument", "missing-module-argument", "recording-differs"):
        without = re.search(r" (?:without|has the field) ([^:]*)", diagnostic.message)
        return set(re.findall(r"`(\w+)`", without[1].partition(", which")[0])) if without is not None else {""}
    return {diagnostic.span.text.rpartition(".")[2]}


def _of_the_agent(said: Sequence[Diagnostic]) -> Follows:
    """Acts, where the section of the agent is missing."""
    missing = any(d.name == "missing-key" and d.message.endswith("lacks `agent`") for d in said)
    return lambda it: missing and hangs(it) and it.span.text.startswith("agent.")


def _endless(said: Sequence[Diagnostic]) -> Follows:
    """Nothing is ever done where the state that ends it is missing or wrong."""
    wrong = any(
        d.name == "unknown-state" or (d.name in ("unknown-choice", "wrong-kind") and "`end`" in d.message) for d in said
    )
    return lambda it: wrong and it.name == "never-done"


def _given_otherwise(said: Sequence[Diagnostic]) -> Follows:
    """What a module lacks, where what it is given does not read."""
    given = {_place(d) for d in said if d.name == "wrong-kind" and "`with`" in d.message}
    given |= {(path, line - 1) for path, line in given}
    keys = {d.span.text for d in said if d.name == "unknown-key"}

    def follows(it: Diagnostic) -> bool:
        if it.name not in ("missing-module-argument", "stray-module-argument"):
            return False
        lacking = set(re.findall(r"`([^`/]+)`", it.message))
        return (it.name == "missing-module-argument" and _place(it) in given) or (bool(lacking) and lacking <= keys)

    return follows


def _above_its_name(said: Sequence[Diagnostic]) -> Follows:
    """Who lacks a key, on the line below one that has it twice: the line stands above the name that it belongs to."""
    twice = {(d.span.path, d.span.line + 1, d.span.text) for d in said if d.name == "duplicate-key"}
    return lambda it: (
        it.name == "missing-key"
        and any(_place(it) == (path, line) and it.message.endswith(f"lacks `{text}`") for path, line, text in twice)
    )


def placed(said: Iterable[Diagnostic], files: Iterable[str]) -> list[Diagnostic]:
    """In order of the files and of the place."""
    order = {path: index for index, path in enumerate(files)}
    return sorted(said, key=lambda d: (order.get(d.span.path, -1), d.span.start, d.span.end, d.code))


def _touch(one: Span, other: Span) -> bool:
    return one.path == other.path and one.start <= other.end and other.start <= one.end

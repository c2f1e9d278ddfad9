"""Slips: YAML's syntax errors in the author's words.

The parser says what it expected; an author wants to know what she wrote. Each function recognises one kind of slip by
the parser's complaint and the text around it, points at the character to change, and offers the repair where one is
certain.
"""

from __future__ import annotations

import re

import yaml

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.expressions.lookalikes import COMMAS
from dramaturg.dsl.format.shapes import KEY_NAMES
from dramaturg.dsl.reading import keyboards, traps
from dramaturg.dsl.reading.characters import Characters
from dramaturg.dsl.reading.indentation import in_tab_indentation, misplaced, more_indented, tab_indentation

_GLUED = re.compile(r"(- )?[\w.-]+:(?=\S)")
"""A name whose colon is followed by no space."""


def explain(
    found: Characters,
    error: yaml.MarkedYAMLError,
    last: tuple[int, int] | None,
    in_flow: bool,
    opened: list[int],
) -> Diagnostic:
    """What the author did that made the parser raise ``error``.

    ``last`` is where the latest scalar starts and ends, ``in_flow`` whether the innermost collection is written with brackets,
    ``opened`` where each unfinished collection starts.
    """
    problem = str(error.problem or "")
    context = str(error.context or "")
    at = error.problem_mark.index if error.problem_mark is not None else 0
    since = error.context_mark.index if error.context_mark is not None else at
    at, since = min(at, len(found.text)), min(since, len(found.text))
    if in_tab_indentation(found, at):
        return tab_indentation(found, at)
    if in_flow and (hidden := _closed_in_comment(found, opened)) is not None:
        return hidden
    if "quoted scalar" in context:
        return _quoted(found, problem, since, at)
    above = len(found.text[: found.line_start(at)].rstrip())
    for place in sorted({at, since, above, last[0] if last is not None else at}):
        if (strange := keyboards.blank(found, place)) is not None:
            return strange
    if "block scalar" in context and not in_flow and more_indented(found, since):
        message = f"after `{found.text[since]}` the line must end; the text begins on the next one"
        return diagnose("yaml-syntax", found.span(at, found.line_end(at)), message)
    if any(word in context for word in ("block scalar", "alias", "anchor", "tag")) or "tag handle" in problem:
        return _needs_quotes(found, since, in_flow, f"`{found.text[since]}`")
    if "directive" in context or "%" in problem or "incompatible YAML document" in problem:
        message = "a line that begins with `%` is an instruction to YAML, and this language has none"
        return diagnose("yaml-syntax", found.span(since, found.line_end(since)), message)
    if "cannot start any token" in problem:
        return _needs_quotes(found, at, in_flow, "a backtick" if found.text[at] == "`" else f"`{found.text[at]}`")
    if "unexpected ':'" in problem:
        message = "a space is missing after the colon, or the text must stand in quotes"
        fix = Fix("put a space after the colon", ((found.span(at + 1, at + 1), " "),))
        return diagnose("yaml-syntax", found.span(at, at + 1), message, fixes=[fix])
    if "mapping keys are not allowed" in problem:
        return _needs_quotes(found, at, in_flow, "`? `")
    if in_flow or "flow" in context:
        return _flow(found, problem, since, at, last)
    if "mapping values are not allowed" in problem:
        return keyboards.bullet(found, at) or _glued_dash(found, at) or _second_colon(found, at, last)
    if "could not find expected ':'" in problem:
        return (
            _glued(found, since)
            or _equals(found, since)
            or keyboards.bullet(found, since)
            or diagnose(
                "yaml-syntax", found.span(since, found.line_end(since)), "this line has no colon: write `name: value`"
            )
        )
    if "block sequence entries are not allowed" in problem:
        return diagnose("yaml-syntax", found.span(at, at + 1), "a list with `-` begins on a line of its own")
    if last is not None and last[1] <= at and (open_quote := _runaway(found, *last)) is not None:
        return open_quote
    if (line := found.line_start(at)) != at and found.text[line:at].strip():
        return _rest_of_line(found, at, line)
    return misplaced(found, problem, at, opened)


def _quoted(found: Characters, problem: str, since: int, at: int) -> Diagnostic:
    opening = found.span(since, since + 1)
    if "end of stream" in problem or "document indicator" in problem:
        message = f"this quote {found.text[since]} is never closed"
        return diagnose("unclosed", opening, message, fixes=_close_quote(found, since))
    start = found.text.rfind("\\", since, at + 1)
    start = at if start < 0 else start
    return diagnose(
        "yaml-syntax",
        found.span(start, start + 2),
        f"`{found.text[start : start + 2]}` means nothing inside double quotes",
        labels=[Label(opening, "the text begins here")],
        notes=["use single quotes, in which a backslash is a backslash, or write \\\\"],
    )


def _runaway(found: Characters, start: int, end: int) -> Diagnostic | None:
    """A quoted text over several lines that swallowed names of the file: its closing quote was forgotten."""
    mark, text = found.text[start : start + 1], found.text[start:end]
    if mark not in ("'", '"') or not re.search(r"\n\s*(?:- |[\w.-]+:\s)", text):
        return None
    labels = [Label(found.span(end - 1, end), "this quote closes it")]
    message = f"this quote {mark} is not closed on its line"
    return diagnose("unclosed", found.span(start, start + 1), message, labels=labels, fixes=_close_quote(found, start))


def _needs_quotes(found: Characters, at: int, in_flow: bool, beginning: str) -> Diagnostic:
    line = found.line_start(at)
    if (begun := re.search(r"(?:^|[\[,:] *|- +)(\{\{[^{}\"']*\}\})$", found.text[line:at])) is not None:
        return traps.unquoted_template(found, line + begun.start(1))
    end = traps.end_in_flow(found.text, at) if in_flow else traps.end_in_block(found.text, at)
    fixes = [traps.quote(found, at, end)] if end > at else []
    message = f"a text that begins with {beginning} must stand in quotes"
    return diagnose("needs-quotes", found.span(at, at + 1), message, fixes=fixes)


def _glued_dash(found: Characters, at: int) -> Diagnostic | None:
    """A line that begins with ``-{``: the first item of a list, read as a name."""
    line = found.line_start(at)
    match = re.compile(r" *-(?=[{\[])").match(found.text, line)
    if match is None:
        return None
    fix = Fix("put a space after the `-`", ((found.span(match.end(), match.end()), " "),))
    place = found.span(match.end() - 1, match.end())
    return diagnose("bad-indentation", place, "a list item must begin with `- `", fixes=[fix])


def _glued(found: Characters, start: int) -> Diagnostic | None:
    """``name:value`` at ``start``: the space after the colon is missing."""
    match = _GLUED.match(found.text, start)
    if match is None:
        return None
    fix = Fix("put a space after the colon", ((found.span(match.end(), match.end()), " "),))
    place = found.span(match.end() - 1, match.end())
    return diagnose("yaml-syntax", place, "a space is missing after this colon", fixes=[fix])


def _second_colon(found: Characters, at: int, last: tuple[int, int] | None) -> Diagnostic:
    """``a: b: c`` on one line, or a line that was taken as the continuation of the text before it."""
    line = found.line_start(at)
    start = last[0] if last is not None else at
    if found.line_start(start) == line:
        if at - start > 1024 and start == line:
            return diagnose("yaml-syntax", found.span(start, at), "this name is longer than 1,024 characters")
        return (
            _before_bracket(found, line)
            or _unopened(found, at)
            or _colon(found, start, at, traps.end_in_block(found.text, start))
        )
    if (glued := _glued(found, start)) is not None:
        return glued
    begin = at - len(found.text[line:at].lstrip())
    first_line = found.span(start, found.line_end(start))
    alone = not found.text[found.line_start(start) : start].strip(" -")
    if alone and (equals := _equals(found, start)) is not None:
        return equals
    if alone and not more_indented(found, start):
        return diagnose("yaml-syntax", first_line, "this line has no colon: write `name: value`")
    if begin == line or start == found.line_start(start):
        return diagnose("yaml-syntax", first_line, "the text before this line has no name: a colon is missing")
    message = "this line is indented more than the one before, so it is read as part of its text"
    return diagnose(
        "bad-indentation", found.span(begin, at), message, labels=[Label(first_line, "the text begins here")]
    )


def _joined(found: Characters, start: int, at: int) -> Diagnostic | None:
    """Two lines that have become one: the word before the colon at ``at`` is a key, or begins lines elsewhere in the file."""
    line = found.line_start(at)
    word = re.compile(r"(?<=\S)( +)([\w.-]+)$").search(found.text, start, at)
    first = _ENTRY.match(found.text, line, at)
    if word is None or word.end() != at or first is None or found.text[start : start + 1] in ("'", '"'):
        return None
    others = found.text[:line] + found.text[found.line_end(at) :]
    if word[2] not in KEY_NAMES and not re.search(rf"(?m)^ *(?:- )?{re.escape(word[2])}:(?:\s|$)", others):
        return None
    margin = " " * (first.end() - line)
    fix = Fix("begin a new line", ((found.span(*word.span(1)), f"\n{margin}"),))
    message = f"`{word[2]}:` stands on a line of its own"
    return diagnose("yaml-syntax", found.span(*word.span(2)), message, fixes=[fix])


_ASSIGNED = re.compile(r"[\w.-]*\w( *=(?= |$)|：|(?: *(?:[-=]>|;)|[.,])(?=[ \r\n]|$))")
_SEMICOLON = re.compile(rf"([{COMMAS[1:]}]) *[\w.-]+$")
_ENTRY = re.compile(r" *(?:- +)?(?=[\w.-]+: )")
"""The beginning of a line up to its name."""


def _equals(found: Characters, start: int) -> Diagnostic | None:
    """``name = value`` where a line begins, which has a colon everywhere else."""
    match = _ASSIGNED.match(found.text, start, found.line_end(start))
    if match is None:
        return None
    blank = "" if found.text[match.end() : match.end() + 1] in ("", " ", "\r", "\n") else " "
    fix = Fix("write a colon", ((found.span(*match.span(1)), f":{blank}"),))
    place = found.span(match.end(1) - len(match[1].strip()), match.end(1))
    message = f"between a name and its value stands a colon, not `{match[1].strip()}`"
    return diagnose("yaml-syntax", place, message, fixes=[fix])


def _before_bracket(found: Characters, line: int) -> Diagnostic | None:
    """``name; {a: b, c: d}``: another sign than a colon, or none, before what stands in brackets."""
    match = re.compile(r" *(?:- +)?[\w.-]*\w( *(?:[-=]>|[;,=.]))? +[{\[].*[}\]] *(?:#.*)?$").match(
        found.text, line, found.line_end(line)
    )
    if match is None:
        return None
    if match[1] is None:
        at = match.end() - len(match[0].lstrip(" -").partition(" ")[2])
        fix = Fix("write a colon", ((found.span(at - 1, at - 1), ":"),))
        return diagnose("yaml-syntax", found.span(at - 1, at), "a colon is missing before this", fixes=[fix])
    fix = Fix("write a colon", ((found.span(*match.span(1)), ":"),))
    sign = match[1].strip()
    message = f"between a name and its value stands a colon, not `{sign}`"
    return diagnose("yaml-syntax", found.span(match.end(1) - len(sign), match.end(1)), message, fixes=[fix])


def _unopened(found: Characters, at: int) -> Diagnostic | None:
    """``- to: a, do: b}``: the bracket that a line closes was never opened. ``at`` is the second colon of the line."""
    line, end = found.line_start(at), found.line_end(at)
    text = found.text[line:end]
    text = text[: len(text) - len((re.search(r"(\s+#.*)?$", text) or [""])[0])]
    name = _ENTRY.match(text)
    if name is None or not text.endswith(("}", "]")) or text.count("}") <= text.count("{"):
        return None
    value = re.compile(r"[\w.-]+: *").match(text, name.end())
    assert value is not None
    listed = text[: name.end()].strip() == "-"
    opens = (
        value.end() if line + value.end() <= at and re.fullmatch(r"[\w.-]+", text[value.end() : at - line]) else None
    )
    start = line + (opens if opens is not None else name.end() if listed else value.end())
    fix = Fix("open it with `{`", ((found.span(start, start), "{"),))
    last = line + len(text)
    message = "nothing is open that this `}` could close"
    return diagnose("unclosed", found.span(last - 1, last), message, fixes=[fix])


def _colon(found: Characters, start: int, at: int, end: int) -> Diagnostic:
    mark = _SEMICOLON.search(found.text, start, at)
    if mark is not None and mark.end() == at:
        strange = keyboards.comma(found, mark.start())
        assert strange is not None
        return strange
    if (joined := _joined(found, start, at)) is not None:
        return joined
    return diagnose(
        "text-cut-short",
        found.span(at, at + 1),
        "a second `: ` on this line; a text that holds one must stand in quotes",
        fixes=[traps.quote(found, start, end)],
    )


def _flow(found: Characters, problem: str, since: int, at: int, last: tuple[int, int] | None) -> Diagnostic:
    """Something went wrong inside ``{…}`` or ``[…]``."""
    char = found.text[at : at + 1]
    if (strange := keyboards.comma(found, at)) is not None:
        return strange
    if _ran_on(found, since, at):
        if last is not None and (open_quote := _runaway(found, *last)) is not None:
            return open_quote
        message = f"this `{found.text[since]}` is never closed"
        return diagnose("unclosed", found.span(since, since + 1), message, fixes=_close_bracket(found, since))
    if last is not None and since <= last[0] and last[1] <= at:
        start, end = last
        meant = traps.end_in_flow(found.text, start)
        quoted = found.text[start : start + 1] in ("'", '"')
        beside = not found.text[end:at].strip(" \t")
        if beside and not quoted and char in ("[", "{"):
            return diagnose(
                "needs-quotes",
                found.span(at, at + 1),
                f"inside {{…}} and […] a text that holds `{char}` must stand in quotes",
                fixes=[traps.quote(found, start, meant)],
            )
        if beside and not quoted and char == ":" and "\n" not in found.text[start:end]:
            return _colon(found, start, at, meant)
        if not quoted and (cut := traps.cut_by_comment(found, start, end, in_flow=True)) is not None:
            return cut
        if quoted and (open_quote := _runaway(found, start, end)) is not None:
            return open_quote
        if beside and quoted and char not in ("", "\r", "\n", "}", "]", ",", ":"):
            return _after_quote(found, start, at, meant)
    if "expected node content" in problem:
        if char in (",", "}", "]"):
            return diagnose("yaml-syntax", found.span(at, at + 1), f"something is missing before this `{char}`")
        if char.strip():
            return _needs_quotes(found, at, True, f"`{char}`")
    bracket = found.text[since : since + 1]
    if char in ("}", "]") and char != {"{": "}", "[": "]"}.get(bracket):
        labels = [Label(found.span(since, since + 1), "opened here")]
        return diagnose("unclosed", found.span(at, at + 1), f"`{char}` closes what `{bracket}` opened", labels=labels)
    message = f"this `{bracket}` is never closed"
    return diagnose("unclosed", found.span(since, since + 1), message, fixes=_close_bracket(found, since))


_BEGINS = re.compile(r"\s*(?:- |[\w.-]+:(?:\s|$))")
"""How a line of its own begins."""


def _closed_in_comment(found: Characters, opened: list[int]) -> Diagnostic | None:
    """The outermost bracket of those begun at ``opened`` that is closed on its line, but behind the `` #`` of a comment."""
    for start in opened:
        if found.text[start : start + 1] not in ("{", "["):
            continue
        line = found.text[found.line_start(start) : found.line_end(start)]
        comment = re.search(r"\s+#", line)
        if comment is None or found.line_start(start) + comment.start() <= start:
            return None
        waiting = traps.balance(line[: comment.start()])
        if {*waiting} - {"}", "]"} or not waiting or traps.balance(line[comment.end() :], [*waiting]):
            return None  # with a quote or parenthesis open it is a text that the comment cuts
        mark = found.line_start(start) + comment.end() - 1
        return diagnose(
            "unclosed",
            found.span(start, start + 1),
            f"this `{found.text[start]}` is never closed",
            labels=[Label(found.span(mark, mark + 1), "what closes it belongs to this comment")],
            fixes=_close_bracket(found, start),
        )
    return None


def _ran_on(found: Characters, since: int, at: int) -> bool:
    """Whether the bracket at ``since`` was left open on its line, so that the next entry was read as part of it."""
    line = found.line_start(at)
    if since >= line or found.text[since : since + 1] not in ("{", "["):
        return False
    above = re.sub(r"\s#.*", "", found.text[found.line_start(since) : found.line_end(since)]).rstrip()
    below = found.text[found.line_end(since) :].lstrip("\r\n")
    return above[-1:] not in (",", "{", "[", "(") and _BEGINS.match(below) is not None


def _close_quote(found: Characters, start: int) -> list[Fix]:
    """The closing quote at the end of the line, before a comment."""
    line, end = found.text[found.line_start(start) : start], found.line_end(start)
    inside = re.split(r"\s#", found.text[start + 1 : end], maxsplit=1)[0].rstrip()
    if traps.balance(line) or not inside or not _line_is_over(found, start):
        return []
    at = start + 1 + len(inside)
    return [Fix("close it at the end of the line", ((found.span(at, at), found.text[start]),))]


def _close_bracket(found: Characters, start: int) -> list[Fix]:
    """The closing brackets at the end of the line, where the lines below do not go on with it."""
    begin, end = found.line_start(start), found.line_end(start)
    comment = re.search(r"\s+#", found.text[begin:end])
    stop = begin + len(found.text[begin : begin + comment.start() if comment else end].rstrip())
    waiting = traps.balance(found.text[begin:stop])
    if not waiting or '"' in waiting or ")" in waiting or stop <= start or not _line_is_over(found, start):
        return []
    if found.text[stop - 1] == ":":
        return []
    if found.text[stop - 1] == ",":  # nothing follows it any more
        if comment is None:
            return []
        return [Fix("close it before the comment", ((found.span(stop - 1, stop), "".join(reversed(waiting))),))]
    return [Fix("close it at the end of the line", ((found.span(stop, stop), "".join(reversed(waiting))),))]


def _line_is_over(found: Characters, at: int) -> bool:
    """Whether the next line with text is not indented more than the line of ``at``, or begins an entry of its own."""
    line = found.text[found.line_start(at) : found.line_end(at)]
    rest = found.text[found.line_end(at) :]
    following = re.search(r"^( *)(?=[^\s#])", rest, re.MULTILINE)
    return following is None or len(following[1]) <= len(line) - len(line.lstrip(" "))


def _after_quote(found: Characters, start: int, at: int, end: int) -> Diagnostic:
    return diagnose(
        "needs-quotes",
        found.span(at, max(end, at + 1)),
        "the quote before has ended the text, and this follows it",
        labels=[Label(found.span(start, start + 1), "the text begins here")],
        notes=["put the whole text in quotes of the other kind"],
        fixes=[traps.quote(found, start, end)],
    )


def _rest_of_line(found: Characters, at: int, line: int) -> Diagnostic:
    """Something follows a quoted text, a map or a list on its line."""
    if (unsaid := _before_bracket(found, line)) is not None:
        return unsaid
    value = re.search(r"""(?:^\s*(?:- )*|: +|- +)(['"\[{])""", found.text[line:at])
    end = max(traps.end_in_block(found.text, at), at + 1)
    if value is None:
        return diagnose("yaml-syntax", found.span(at, end), "this does not belong to anything before it on the line")
    start = line + value.start(1)
    opener, char = found.text[start], found.text[at]
    if found.text.startswith("{{", start):
        return traps.unquoted_template(found, start)
    if opener in "[{" and char in "]}":
        return diagnose("unclosed", found.span(at, at + 1), f"nothing is open that this `{char}` could close")
    if opener in "[{":
        return diagnose(
            "needs-quotes",
            found.span(at, end),
            f"a text that begins with `{opener}` must stand in quotes",
            fixes=[traps.quote(found, start, end)],
        )
    if opener == "'" and found.text[at - 1] == "'":
        return _apostrophe(found, start, at, end)
    return _after_quote(found, start, at, end)


def _apostrophe(found: Characters, start: int, at: int, end: int) -> Diagnostic:
    inside = found.text[start + 1 : end - 1]
    fixes = []
    if found.text[end - 1] == "'":
        edits = [(found.span(start + 1 + i, start + 1 + i), "'") for i, char in enumerate(inside) if char == "'"]
        fixes = [Fix("double the apostrophe", tuple(edits))]
    return diagnose(
        "needs-quotes",
        found.span(at - 1, at),
        "this apostrophe ends the text",
        labels=[Label(found.span(start, start + 1), "the text begins here")],
        notes=["inside single quotes an apostrophe is written twice"],
        fixes=fixes,
    )

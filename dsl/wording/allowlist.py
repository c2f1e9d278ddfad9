"""The allow-list of authored texts: what of Jinja's syntax may stand in one, whatever its names mean.

The tokens are checked first, because they know their places; then Jinja's parser builds its tree, and every node of it must be
on the list, whatever the tokens looked like. Nothing here compiles or runs anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dramaturg.dsl.diagnostics import Diagnostic, Fix, diagnose
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.wording import placeholders
from dramaturg.dsl.wording.placeholders import WORDS, Name, Tag, Token

FILTERS = ("money", "duration", "lower", "title")
MAX_CHARACTERS = 10_000
MAX_TOKENS = 100
"""In one tag. With ``MAX_NESTING`` it keeps Jinja's recursive parser far from Python's recursion limit."""
MAX_NESTING = 8

PARSER = ImmutableSandboxedEnvironment()
"""Splits and parses texts with Jinja's usual delimiters; it never compiles."""


def structure(text: Scalar) -> tuple[list[Tag], list[Diagnostic]]:
    """The tags of a text, and what is wrong with it whatever its names mean."""
    if len(text.text) > MAX_CHARACTERS:
        message = f"a text with placeholders may have {MAX_CHARACTERS:,} characters, and this has {len(text.text):,}"
        return [], [diagnose("template-syntax", text.part(0, 1), message)]
    if "{" not in text.text and "}" not in text.text:
        return [], []
    tags, unreadable = placeholders.tags(PARSER, text.text)
    if unreadable is not None:
        return tags, [_unreadable(text, unreadable)]
    if (unclosed := _unclosed(text, tags)) is not None:
        return tags, [unclosed]
    if (unopened := _unopened(text, tags)) is not None:
        return tags, [unopened]
    refused = [found for tag in tags if (found := _refused_token(text, tag)) is not None and not _ends(tag, tags)]
    problems = refused or _blocks(text, tags) or _syntax(text, tags)
    if not problems:
        for node, reason in refused_nodes(PARSER.parse(text.text), names_read(tags)):
            tag = next((tag for tag in tags if text.text.count("\n", 0, tag.start) + 1 >= node.lineno), tags[-1])
            return tags, [_forbidden(_whole(text, tag), reason)]
    return tags, problems


def names_read(tags: list[Tag]) -> set[str]:
    return {name.dotted for tag in tags for name in placeholders.names(tag)}


# --- what may stand in a text -----------------------------------------------------------------------------------------


def _forbidden(span: Span, message: str) -> Diagnostic:
    return diagnose(
        "template-forbidden", span, message, notes=["a text shows values and chooses words; it computes nothing"]
    )


def span_of(text: Scalar, token: Token | Name) -> Span:
    return text.part(token.start, token.end)


def _whole(text: Scalar, tag: Tag) -> Span:
    return text.part(tag.start, tag.end if tag.end is not None else len(text.text))


def _ends(tag: Tag, tags: list[Tag]) -> bool:
    """Whether a tag only ends another that is refused already (``endfor``)."""
    word = tag.tokens[0].text if tag.tokens else ""
    begins = (other.tokens[0].text for other in tags if other.tokens and other.start < tag.start)
    return tag.kind == "block" and word.startswith("end") and word.removeprefix("end") in begins


_OPERATORS = {
    **dict.fromkeys(("+", "-", "*", "/", "//", "%", "**"), "arithmetic is not part of texts"),
    **dict.fromkeys(("<", ">", "<=", ">="), "texts compare only with == and !="),
    **dict.fromkeys(("[", "]"), "square brackets are not part of texts; a part is named with a dot"),
    **dict.fromkeys(("{", "}", ":"), "maps are not part of texts"),
    "~": "`~` is not part of texts; write one placeholder after the other",
    ",": "a comma is not part of a placeholder",
    "=": "nothing is assigned in a text; a comparison is written ==",
    ";": "`;` is not part of texts",
}
_TESTS = {
    "is": "`is` is not part of texts; compare with == or !=",
    "in": "`in` is not part of texts; compare with == or !=",
}
_CONSTANTS = ("true", "false", "none", "True", "False", "None")


def _refused_token(text: Scalar, tag: Tag) -> Diagnostic | None:
    """The first thing in a tag that no text may hold; calls and tag words before numbers, which often only feed them."""
    if len(tag.tokens) > MAX_TOKENS:
        return _forbidden(_whole(text, tag), "this placeholder is too long")
    if tag.kind == "block":
        first = tag.tokens[0] if tag.tokens else None
        if first is not None and first.text not in ("if", "elif", "else", "endif"):
            return _forbidden(
                span_of(text, first), f"`{first.text}` is not part of texts; only if, elif, else and endif are"
            )
    numbers = None
    depth = 0
    for before, token in zip([None, *tag.tokens], tag.tokens):
        reason = None
        if token.kind == "operator" and token.text == "(":
            depth += 1
            if before is not None and (
                before.text == ")" or (before.kind in ("name", "string") and before.text not in WORDS)
            ):
                called = before.text if before.kind == "name" else "this"
                return _forbidden(
                    text.part(before.start, token.end), f"`{called}(` would call something, and texts call nothing"
                )
            if depth > MAX_NESTING:
                reason = "brackets are nested too deep"
        elif token.kind == "operator" and token.text == ")":
            depth -= 1
        elif token.kind == "operator":
            reason = _OPERATORS.get(token.text)
        elif token.kind == "name" and (before is None or before.text not in (".", "|")):
            reason = _TESTS.get(token.text)
            if token.text in _CONSTANTS:
                reason = f"`{token.text}` is not part of texts; a yes/no name is a condition by itself"
        if reason is not None:
            return _forbidden(span_of(text, token), reason)
        if numbers is None and token.kind in ("integer", "float"):
            numbers = _forbidden(span_of(text, token), "numbers are not part of placeholders; write them beside")
    return numbers


def refused_nodes(tree: nodes.Template, read: set[str]) -> Iterator[tuple[nodes.Node, str]]:
    """Every node of Jinja's tree that is not on the allow-list, and every name that the tokens did not show."""
    todo: list[nodes.Node] = [tree]
    while todo:
        node = todo.pop()
        match node:
            case nodes.Name() | nodes.Getattr():
                chain = dotted(node)
                if chain is None or chain not in read:
                    yield node, "only names and their parts can be shown"
                continue
            case nodes.Filter():
                # which filters there are is said with the names (``unknown_filter``)
                if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs or node.node is None:
                    yield node, f"`{node.name}` takes nothing in brackets"
            case nodes.Compare():
                if [operand.op for operand in node.ops] not in (["eq"], ["ne"]):
                    yield node, "texts compare only with == and !="
            case nodes.Const():
                if not isinstance(node.value, str):
                    yield node, "only texts in quotes can stand here"
            case nodes.CondExpr():
                if node.expr2 is None:
                    yield node, "`if` inside a placeholder needs an `else`"
            case nodes.Template() | nodes.Output() | nodes.TemplateData() | nodes.If():
                pass
            case nodes.And() | nodes.Or() | nodes.Not() | nodes.Operand():
                pass
            case _:
                yield node, "this is not part of texts"
                continue
        todo.extend(reversed(list(node.iter_child_nodes())))


def dotted(node: nodes.Node) -> str | None:
    """``a.b.c`` where the node is such a chain that is only read."""
    parts = []
    while isinstance(node, nodes.Getattr):
        parts.append(node.attr)
        node = node.node
    if not isinstance(node, nodes.Name) or node.ctx != "load":
        return None
    return ".".join([node.name, *reversed(parts)])


# --- what is said about it --------------------------------------------------------------------------------------------


def _unreadable(text: Scalar, found: placeholders.Unreadable) -> Diagnostic:
    comment = text.text.rfind("{#")
    if "comment" in found.reason and comment >= 0:
        return diagnose("template-syntax", text.part(comment, comment + 2), "this `{#` begins a remark that never ends")
    end = min(found.at + 1, len(text.text))
    return diagnose("template-syntax", text.part(min(found.at, end), end), "the placeholder cannot be read from here")


def _unclosed(text: Scalar, tags: list[Tag]) -> Diagnostic | None:
    for tag in tags:
        if tag.end is None:
            place = text.part(tag.start, tag.start + 2)
            return diagnose("template-syntax", place, f"this `{text.text[tag.start : tag.start + 2]}` is never closed")
    return None


_HALF = re.compile(
    r"(?<!\{)\{\s*[\w.]+(?:\s*\|\s*\w+)*\s*\}\}"
    r"|(?<!\{)\{\s*[\w.]+\s*\|\s*\w+\s*\}"
    r"|[{%]\s*(?:if|elif|else|endif)\b[^{}%]*%\}"
)
"""A placeholder with one brace too few at its beginning, which Jinja takes for words. A brace alone is one."""


def _unopened(text: Scalar, tags: list[Tag]) -> Diagnostic | None:
    spans = [(tag.start, len(text.text) if tag.end is None else tag.end) for tag in tags]
    for match in _HALF.finditer(text.text):
        if not any(start <= match.start() < end for start, end in spans):
            meant = "{% … %}" if match[0].endswith("%}") else "{{ name }}"
            message = f"this is half a placeholder, and would be read out as it stands: write `{meant}`"
            place = text.part(*match.span())
            inner = match[0].strip("{}").strip()
            sure = "%" not in match[0] and place.text == match[0]
            fixes = [Fix(f"write `{{{{ {inner} }}}}`", ((place, f"{{{{ {inner} }}}}"),))] if sure else []
            return diagnose("template-syntax", place, message, fixes=fixes)
    return None


def _blocks(text: Scalar, tags: list[Tag]) -> list[Diagnostic]:
    """Tags that are empty or do not belong to an ``if``."""
    opened: list[tuple[Tag, bool]] = []
    for tag in tags:
        if not tag.tokens:
            return [diagnose("template-syntax", _whole(text, tag), "there is nothing between the braces")]
        if tag.kind == "show":
            continue
        word = tag.tokens[0].text
        if word == "if":
            opened.append((tag, False))
            if len(opened) > MAX_NESTING:
                return [_forbidden(_whole(text, tag), "conditions are nested too deep")]
        elif not opened or (word in ("elif", "else") and opened[-1][1]):
            return [diagnose("template-syntax", _whole(text, tag), f"this `{word}` belongs to no `if`")]
        elif word == "else":
            opened[-1] = (opened[-1][0], True)
        elif word == "endif":
            opened.pop()
    return [diagnose("template-syntax", _whole(text, tag), "this `if` has no `endif`") for tag, _ in opened[-1:]]


def _syntax(text: Scalar, tags: list[Tag]) -> list[Diagnostic]:
    """What Jinja's parser does not take, tag by tag, so that each is placed."""
    out = []
    for tag in tags:
        inside = text.text[tag.start : tag.end]
        word = tag.tokens[0].text
        if tag.kind == "block":
            after = text.part(tag.tokens[-1].start, tag.tokens[-1].end)
            if word in ("else", "endif"):
                if len(tag.tokens) > 1:
                    out.append(diagnose("template-syntax", after, f"nothing follows `{word}`"))
                continue
            inside = "{% if" + inside[tag.tokens[0].end - tag.start :] + "{% endif %}"
        try:
            PARSER.parse(inside)
        except TemplateSyntaxError as error:
            if (filter_ := unknown_filter(text, tag)) is not None:
                out.append(filter_)
                continue
            got = (error.message or "").rpartition("got '")[2].rstrip("'")
            place = next((token for token in reversed(tag.tokens) if token.text == got), None)
            out.append(
                diagnose(
                    "template-syntax",
                    _whole(text, tag) if place is None else span_of(text, place),
                    "this placeholder cannot be read" if place is None else f"`{got}` cannot stand here",
                    notes=['a placeholder is {{ name }} or {{ name | money }}, a condition {% if name == "text" %}'],
                )
            )
    return out


def unknown_filter(text: Scalar, tag: Tag) -> Diagnostic | None:
    for token in placeholders.filters(tag):
        if token.text not in FILTERS:
            near = closest(token.text, FILTERS)
            place = span_of(text, token)
            hint = f"; did you mean `{near}`?" if near else ""
            fixes = [Fix(f"write `{near}`", ((place, near),))] if near else []
            notes = [f"the filters are {', '.join(FILTERS)}"]
            message = f"there is no filter `{token.text}`{hint}"
            return diagnose("template-unknown-filter", place, message, notes=notes, fixes=fixes)
    return None

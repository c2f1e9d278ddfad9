"""Authored texts: Jinja's syntax over an allow-list, checked before anything is compiled.

A text may show names in view (``{{ limit | money }}``, ``{{ persona.greeting }}``) and choose between wordings
(``{% if shifted %}``). It may not compute: no calls, arithmetic, loops, macros or subscripts. The tokens are checked first,
because they know their places; then Jinja's parser builds its tree, and every node of it must be on the allow-list,
whatever the tokens looked like. Only such a tree is compiled, in Jinja's sandbox, with its dotted names flattened so that
no attribute is ever looked up on a value. (``{{ 9**(9**9) }}`` hangs Jinja's compiler; it never gets there.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dramaturg.dsl import placeholders
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.placeholders import WORDS, Name, Tag, Token
from dramaturg.dsl.scenario import Wording
from dramaturg.dsl.spans import NOWHERE, Span
from dramaturg.dsl.suggest import closest
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.types import Number, Optional, Type, Value, visible_to_agent

FILTERS = ("money", "duration", "lower", "title")
MAX_CHARACTERS = 10_000
MAX_TOKENS = 100
"""In one tag. With ``MAX_NESTING`` it keeps Jinja's recursive parser far from Python's recursion limit."""
MAX_NESTING = 8


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in base units with its type, so that a text can show it in the author's units."""

    value: int | None
    type: Type


Shown: TypeAlias = Value | Amount


def check(
    text: Scalar,
    names: Mapping[str, str],
    *,
    types: Mapping[str, Type] | None = None,
    declared: Mapping[str, Span] | None = None,
    visible: Callable[[str], bool] = visible_to_agent,
) -> tuple[Wording | None, list[Diagnostic]]:
    """The wording that ``text`` is, or what is wrong with it.

    ``names`` gives the view of each dotted name that may be written here, ``visible`` which views the reader of the text has.
    Where ``types`` are given, ``money`` and ``duration`` are held against them; ``declared`` places a hidden name's label.
    """
    tags, problems = _read(text)
    if not problems:
        known, places = types or {}, declared or {}
        problems = [found for tag in tags for found in _names(text, tag, names, known, places, visible)]
    if problems:
        return None, problems
    return Wording(text.text, tuple(sorted(_read_names(tags))), text.span), []


def render(wording: Wording, values: Mapping[str, Shown]) -> str:
    """The words, with each name replaced by its value. Numbers with a unit come as ``Amount``.

    Raises ValueError where a value is missing, of the wrong kind, or the text was never checked.
    """
    template, flat = _compiled(wording.text)
    missing = sorted(dotted for dotted in flat if dotted not in values)
    if missing:
        raise ValueError(f"no value for {', '.join(missing)} in {wording.text!r}")
    try:
        return template.render({variable: values[dotted] for dotted, variable in flat.items()})
    except UndefinedError as error:
        raise ValueError(f"{wording.text!r} cannot be rendered: {error}") from error


def _read(text: Scalar) -> tuple[list[Tag], list[Diagnostic]]:
    """The tags of a text, and what is wrong with it whatever its names mean."""
    if len(text.text) > MAX_CHARACTERS:
        message = f"a text with placeholders may have {MAX_CHARACTERS:,} characters, and this has {len(text.text):,}"
        return [], [diagnose("template-syntax", text.part(0, 1), message)]
    tags, unreadable = placeholders.tags(_ENVIRONMENT, text.text)
    if unreadable is not None:
        return tags, [_unreadable(text, unreadable)]
    if (unclosed := _unclosed(text, tags)) is not None:
        return tags, [unclosed]
    refused = [found for tag in tags if (found := _refused_token(text, tag)) is not None and not _ends(tag, tags)]
    problems = refused or _blocks(text, tags) or _syntax(text, tags)
    if not problems:
        for node, reason in _refused_nodes(_ENVIRONMENT.parse(text.text), _read_names(tags)):
            tag = next((tag for tag in tags if text.text.count("\n", 0, tag.start) + 1 >= node.lineno), tags[-1])
            return tags, [_forbidden(_whole(text, tag), reason)]
    return tags, problems


def _read_names(tags: list[Tag]) -> set[str]:
    return {name.dotted for tag in tags for name in placeholders.names(tag)}


# --- what may stand in a text -----------------------------------------------------------------------------------------


def _forbidden(span: Span, message: str) -> Diagnostic:
    return diagnose(
        "template-forbidden", span, message, notes=["a text shows values and chooses words; it computes nothing"]
    )


def _place(text: Scalar, token: Token | Name) -> Span:
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
                _place(text, first), f"`{first.text}` is not part of texts; only if, elif, else and endif are"
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
            return _forbidden(_place(text, token), reason)
        if numbers is None and token.kind in ("integer", "float"):
            numbers = _forbidden(_place(text, token), "numbers are not part of placeholders; write them beside")
    return numbers


def _refused_nodes(tree: nodes.Template, read: set[str]) -> Iterator[tuple[nodes.Node, str]]:
    """Every node of Jinja's tree that is not on the allow-list, and every name that the tokens did not show."""
    todo: list[nodes.Node] = [tree]
    while todo:
        node = todo.pop()
        match node:
            case nodes.Name() | nodes.Getattr():
                dotted = _dotted(node)
                if dotted is None or dotted not in read:
                    yield node, "only names and their parts can be shown"
                continue
            case nodes.Filter():
                # which filters there are is said with the names (``_unknown_filter``)
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


def _dotted(node: nodes.Node) -> str | None:
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
            _ENVIRONMENT.parse(inside)
        except TemplateSyntaxError as error:
            if (filter_ := _unknown_filter(text, tag)) is not None:
                out.append(filter_)
                continue
            got = (error.message or "").rpartition("got '")[2].rstrip("'")
            place = next((token for token in reversed(tag.tokens) if token.text == got), None)
            out.append(
                diagnose(
                    "template-syntax",
                    _whole(text, tag) if place is None else _place(text, place),
                    "this placeholder cannot be read" if place is None else f"`{got}` cannot stand here",
                    notes=['a placeholder is {{ name }} or {{ name | money }}, a condition {% if name == "text" %}'],
                )
            )
    return out


def _names(
    text: Scalar,
    tag: Tag,
    names: Mapping[str, str],
    types: Mapping[str, Type],
    declared: Mapping[str, Span],
    visible: Callable[[str], bool],
) -> Iterator[Diagnostic]:
    for name in placeholders.names(tag):
        if name.dotted not in names:
            yield _unknown_name(text, name, [known for known, view in names.items() if visible(view)])
        elif not visible(names[name.dotted]):
            view = names[name.dotted]
            labels = (
                [Label(declared[name.dotted], f"declared here, for the {view} only")] if name.dotted in declared else []
            )
            yield diagnose(
                "leak",
                _place(text, name),
                f"`{name.dotted}` is hidden from whoever reads this text",
                labels=labels,
                notes=[f"only the {view} may see `{name.dotted}`; the words said to others reach the agent"],
            )
        else:
            yield from _unfit(text, name, types.get(name.dotted))
    if (unknown := _unknown_filter(text, tag)) is not None:
        yield unknown


def _unknown_name(text: Scalar, name: Name, known: list[str]) -> Diagnostic:
    place = _place(text, name)
    parts = [other for other in known if other.startswith(name.dotted + ".")]
    if parts:
        message = f"`{name.dotted}` has several parts; name one, such as `{parts[0]}`"
        return diagnose("template-unknown-name", place, message)
    owner = name.dotted.rpartition(".")[0]
    if owner in known:
        return diagnose("template-unknown-name", place, f"`{owner}` is a single value; it has no parts")
    near = closest(name.dotted, known)
    notes = (
        []
        if near or not known
        else [f"what can be shown here: {', '.join(known[:12])}{', …' if len(known) > 12 else ''}"]
    )
    fixes = [Fix(f"write `{near}`", ((place, near),))] if near else []
    hint = f"; did you mean `{near}`?" if near else ""
    return diagnose(
        "template-unknown-name", place, f"nothing here is called `{name.dotted}`{hint}", notes=notes, fixes=fixes
    )


def _unknown_filter(text: Scalar, tag: Tag) -> Diagnostic | None:
    for token in placeholders.filters(tag):
        if token.text not in FILTERS:
            near = closest(token.text, FILTERS)
            place = _place(text, token)
            hint = f"; did you mean `{near}`?" if near else ""
            fixes = [Fix(f"write `{near}`", ((place, near),))] if near else []
            notes = [f"the filters are {', '.join(FILTERS)}"]
            message = f"there is no filter `{token.text}`{hint}"
            return diagnose("template-unknown-filter", place, message, notes=notes, fixes=fixes)
    return None


def _unfit(text: Scalar, name: Name, kind: Type | None) -> Iterator[Diagnostic]:
    """``money`` and ``duration`` on what is no such amount: another filter's text, or a name of another type."""
    inner = kind.inner if isinstance(kind, Optional) else kind
    family = inner.family if isinstance(inner, Number) else ""
    for at, token in enumerate(name.filters):
        if token.text not in ("money", "duration"):
            continue
        if at:
            message = f"`{token.text}` must be the first filter: the one before it makes a text of the amount"
            yield diagnose("template-filter-mismatch", _place(text, token), message)
        elif kind is not None and not family.startswith("money(" if token.text == "money" else "duration"):
            what = "an amount of money" if token.text == "money" else "a duration"
            message = f"`{token.text}` shows {what}, and `{name.dotted}` is none"
            yield diagnose("template-filter-mismatch", _place(text, token), message)


# --- how it is rendered -----------------------------------------------------------------------------------------------


def _shown(value: Shown) -> str:
    match value:
        case Amount(None, _) | None:
            return "unknown"
        case Amount(amount, kind):
            from dramaturg.dsl.amounts import show

            return show(amount, kind)
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(_shown(item) for item in value)
        case _:
            return str(value)


def _family(wanted: str) -> Callable[[Shown], str]:
    """The filter that shows amounts of the family ``wanted`` and nothing else."""

    def shown(value: Shown) -> str:
        if value is None:
            return _shown(value)
        kind = value.type if isinstance(value, Amount) else None
        kind = kind.inner if isinstance(kind, Optional) else kind
        if not isinstance(kind, Number) or not kind.family.startswith(wanted):
            raise ValueError(f"{value!r} is not an amount of {wanted}")
        return _shown(value)

    return shown


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, finalize=_shown, optimized=False)
    made.filters = {
        "money": _family("money"),
        "duration": _family("duration"),
        "lower": lambda value: _shown(value).lower(),
        "title": lambda value: _shown(value).title(),
    }
    made.tests = {}
    made.globals = {}
    return made


_ENVIRONMENT = _environment()


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[Template, dict[str, str]]:
    """The template of a checked text, and the variable that stands for each dotted name in it."""
    scalar = Scalar(text, NOWHERE, offsets=(0,) * (len(text) + 1))
    tags, problems = _read(scalar)
    problems = problems or [found for tag in tags if (found := _unknown_filter(scalar, tag)) is not None]
    if problems:
        raise ValueError(f"{text[:80]!r} was never checked: {problems[0].message}")
    tree = _ENVIRONMENT.parse(text)
    flat: dict[str, str] = {}
    _flatten(tree, flat)
    return _ENVIRONMENT.from_string(tree), flat


def _flatten(node: nodes.Node, flat: dict[str, str]) -> None:
    """Replace each chain ``a.b`` in place by one plain variable, and note which."""

    def single(child: nodes.Node) -> nodes.Node:
        dotted = _dotted(child)
        if dotted is None:
            _flatten(child, flat)
            return child
        variable = flat.setdefault(dotted, f"v{len(flat)}")
        return nodes.Name(variable, "load", lineno=child.lineno)

    for name, value in list(node.iter_fields()):
        if isinstance(value, list):
            setattr(node, name, [single(item) if isinstance(item, nodes.Node) else item for item in value])
        elif isinstance(value, nodes.Node):
            setattr(node, name, single(value))

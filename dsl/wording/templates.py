"""Authored texts: Jinja's syntax over an allow-list, checked before anything is compiled.

A text may show names in view (``{{ limit | money }}``, ``{{ persona.greeting }}``) and choose between wordings
(``{% if shifted %}``). It may not compute: no calls, arithmetic, loops, macros or subscripts. The tokens are checked first,
because they know their places; then Jinja's parser builds its tree, and every node of it must be on the allow-list,
whatever the tokens looked like. Only such a tree is compiled, in Jinja's sandbox, with its dotted names flattened so that
no attribute is ever looked up on a value. (``{{ 9**(9**9) }}`` hangs Jinja's compiler; it never gets there.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from jinja2 import StrictUndefined, Template, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.expressions.amounts import show_type
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.memory.memo import Memo
from dramaturg.dsl.scenario import Wording
from dramaturg.dsl.spans import NOWHERE, Span
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.types import Bool, Enum, Number, Optional, Text, Type, Value, visible_to_agent
from dramaturg.dsl.wording import placeholders
from dramaturg.dsl.wording.allowlist import dotted, names_read, span_of, structure, unknown_filter
from dramaturg.dsl.wording.placeholders import Name, Tag


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in base units with its type, so that a text can show it in the author's units."""

    value: int | None
    type: Type


Shown: TypeAlias = Value | Amount

_STRUCTURES: Memo[str, tuple[list[Tag], tuple[str, ...]]] = Memo(4096, 200_000)
"""The tags of texts that are well built, whatever their names mean, and these names."""


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
    built = _STRUCTURES.get(text.text)
    if built is None:
        tags, problems = structure(text)
        if problems:
            return None, problems
        built = tags, tuple(sorted(names_read(tags)))
        _STRUCTURES.keep(text.text, built, len(text.text))
    tags, read = built
    if tags:
        known, places = types or {}, declared or {}
        problems = [found for tag in tags for found in _names(text, tag, names, known, places, visible)]
        if problems:
            return None, problems
    return Wording(text.text, read, text.span), []


def render(wording: Wording, values: Mapping[str, Shown]) -> str:
    """The words, with each name replaced by its value. Numbers with a unit come as ``Amount``.

    Raises ValueError where a value is missing, of the wrong kind, or the text was never checked.
    """
    template, flat = _compiled(wording.text)
    missing = sorted(name for name in flat if name not in values)
    if missing:
        raise ValueError(f"no value for {', '.join(missing)} in {wording.text!r}")
    try:
        return template.render({variable: values[name] for name, variable in flat.items()})
    except UndefinedError as error:
        raise ValueError(f"{wording.text!r} cannot be rendered: {error}") from error


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
            yield _unquoted(text, name, types) or _unknown_name(
                text, name, [known for known, view in names.items() if visible(view)]
            )
        elif not visible(names[name.dotted]):
            view = names[name.dotted]
            labels = (
                [Label(declared[name.dotted], f"declared here, for the {view} only")] if name.dotted in declared else []
            )
            yield diagnose(
                "leak",
                span_of(text, name),
                f"`{name.dotted}` is hidden from whoever reads this text",
                labels=labels,
                notes=[f"only the {view} may see `{name.dotted}`; the words said to others reach the agent"],
            )
        else:
            yield from _unfit(text, name, types.get(name.dotted))
            yield from _never(text, tag, name, types.get(name.dotted))
    if (unknown := unknown_filter(text, tag)) is not None:
        yield unknown


_HELD_AGAINST = re.compile(r"([^\W\d][\w.]*)\s*[=!]=\s*$")


def _unquoted(text: Scalar, name: Name, types: Mapping[str, Type]) -> Diagnostic | None:
    """A choice that a name is held against without quotes; None where it is none."""
    before = _HELD_AGAINST.search(text.text[: name.start])
    kind = None if before is None else types.get(before[1])
    inner = kind.inner if isinstance(kind, Optional) else kind
    if not isinstance(inner, Enum) or name.dotted not in inner.members:
        return None
    mark = "'" if text.written('"') != '"' else '"'
    meant = f"{mark}{name.dotted}{mark}"
    place = span_of(text, name)
    message = f"in a text a choice stands between quotes: `{meant}`"
    return diagnose("template-unknown-name", place, message, fixes=[Fix(f"write `{meant}`", ((place, meant),))])


def _unknown_name(text: Scalar, name: Name, known: list[str]) -> Diagnostic:
    place = span_of(text, name)
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


def _unfit(text: Scalar, name: Name, kind: Type | None) -> Iterator[Diagnostic]:
    """``money`` and ``duration`` on what is no such amount: another filter's text, or a name of another type."""
    inner = kind.inner if isinstance(kind, Optional) else kind
    family = inner.family if isinstance(inner, Number) else ""
    for at, token in enumerate(name.filters):
        if token.text not in ("money", "duration"):
            continue
        if at:
            message = f"`{token.text}` must be the first filter: the one before it makes a text of the amount"
            yield diagnose("template-filter-mismatch", span_of(text, token), message)
        elif kind is not None and not family.startswith("money(" if token.text == "money" else "duration"):
            what = "an amount of money" if token.text == "money" else "a duration"
            message = f"`{token.text}` shows {what}, and `{name.dotted}` is none"
            yield diagnose("template-filter-mismatch", span_of(text, token), message)


def _never(text: Scalar, tag: Tag, name: Name, kind: Type | None) -> Iterator[Diagnostic]:
    """A name that is held against a text which it never is, so that one of the two wordings is never said."""
    inner = kind.inner if isinstance(kind, Optional) else kind
    constant = placeholders.compared(tag, name)
    if constant is None or inner is None or name.filters or isinstance(inner, Text):
        return
    said, place = constant.text[1:-1], text.part(constant.start + 1, constant.end - 1)
    if not isinstance(inner, Enum):
        message = f"`{name.dotted}` is {show_type(inner)}, which is never the text `{said}`"
        notes = ["a yes/no name is a condition by itself"] if isinstance(inner, Bool) else []
        yield diagnose("type-mismatch", text.part(constant.start, constant.end), message, notes=notes)
    elif said not in inner.members:
        near = closest(said, inner.members)
        hint = f"; did you mean `{near}`?" if near else ""
        fixes = [Fix(f"write `{near}`", ((place, near),))] if near else []
        message = f"`{said}` is not one of {', '.join(inner.members)}{hint}"
        yield diagnose("unknown-member", place, message, fixes=fixes)


# --- how it is rendered -----------------------------------------------------------------------------------------------


def _shown(value: Shown) -> str:
    match value:
        case Amount(None, _) | None:
            return "unknown"
        case Amount(amount, kind):
            from dramaturg.dsl.expressions.amounts import show

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
    tags, problems = structure(scalar)
    problems = problems or [found for tag in tags if (found := unknown_filter(scalar, tag)) is not None]
    if problems:
        raise ValueError(f"{text[:80]!r} was never checked: {problems[0].message}")
    tree = _ENVIRONMENT.parse(text)
    flat: dict[str, str] = {}
    _flatten(tree, flat)
    return _ENVIRONMENT.from_string(tree), flat


def _flatten(node: nodes.Node, flat: dict[str, str]) -> None:
    """Replace each chain ``a.b`` in place by one plain variable, and note which."""

    def single(child: nodes.Node) -> nodes.Node:
        chain = dotted(child)
        if chain is None:
            _flatten(child, flat)
            return child
        variable = flat.setdefault(chain, f"v{len(flat)}")
        return nodes.Name(variable, "load", lineno=child.lineno)

    for name, value in list(node.iter_fields()):
        if isinstance(value, list):
            setattr(node, name, [single(item) if isinstance(item, nodes.Node) else item for item in value])
        elif isinstance(value, nodes.Node):
            setattr(node, name, single(value))

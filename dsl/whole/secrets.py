"""Secrets: texts that are written for the agent and repeat what is hidden from it.

No program can tell what a sentence gives away; but one that stands word for word in a concern's story does. Looked at are all
texts of which the agent's prompt is made: its role, what its acts are about, the first sentence of what the scenario is about,
the words of whatever it sees or hears, and what concerns and shifts say. Hidden are the stories of concerns, what people need,
their backgrounds, and what a concern says as long as it is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dramaturg.dsl.declarations.inventory import Inventory, entries, scalar
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Node, Scalar
from dramaturg.dsl.types import visible_to_agent

ENOUGH = 4
"""Words that must agree, except for a whole story: fewer are said by accident."""
_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r".*?[.!?](?=\s|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that is hidden."""

    what: str
    span: Span
    sentences: tuple[str, ...]
    """Its sentences as plain words, with a blank at either end."""
    voiced: bool = False
    """Whether whoever it is about may say it, so that words may hold it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that reaches the agent's prompt."""

    text: str
    span: Span
    said: bool = False
    """Whether somebody says it, or it words what happens."""


def check(found: Inventory) -> Iterator[Diagnostic]:
    """One error for each text that repeats something hidden."""
    secrets = list(_secrets(found))
    names = [entry.key for entry in found.section("concerns")]
    if not secrets and not names:
        return
    texts = list(_shown(found))
    secrets = _repeated(secrets, texts)
    if not secrets and not any("concern." in shown.text for shown in texts):
        return
    for shown in texts:
        plain = _plain(shown.text)
        for secret in secrets:
            if secret.voiced and shown.said:
                continue
            if any(sentence in plain for sentence in secret.sentences):
                yield diagnose(
                    "hidden-flow",
                    shown.span,
                    f"the agent would read {secret.what} here",
                    labels=[Label(secret.span, "it is hidden here")] if secret.span != shown.span else [],
                )
                break
        else:
            for name in names if "concern." in shown.text else ():
                if re.search(rf"\bconcern\.{re.escape(name.text)}\b", shown.text) and "{" not in shown.text:
                    yield diagnose(
                        "hidden-flow",
                        shown.span,
                        f"the agent would read of the concern `{name.text}` here",
                        labels=[Label(name.span, "the concern")],
                    )
                    break


def _repeated(secrets: list[Secret], texts: list[Shown]) -> list[Secret]:
    """The secrets that any text at all repeats: almost always none, which a few searches through all texts at once tell."""
    said = "\n".join([_plain(shown.text) for shown in texts if shown.said])
    written = "\n".join([_plain(shown.text) for shown in texts if not shown.said])
    return [
        secret
        for secret in secrets
        if any(it in written or (not secret.voiced and it in said) for it in secret.sentences)
    ]


def first_sentence(about: str) -> str:
    """The public part of ``about``: authors say in one sentence what the scene is, and may tell its secret after it."""
    text = " ".join(about.split())
    found = _SENTENCE.match(text)
    return found[0] if found else text


def _secrets(found: Inventory) -> Iterator[Secret]:
    for entry in found.section("concerns"):
        lines = {it.key.text: scalar(it.value) for it in entries(entry.value)}
        story, says = lines.get("story"), lines.get("says")
        if story is not None:
            yield _secret(f"the story of the concern `{entry.key.text}`", story, 1)
        if says is not None:
            yield _secret(f"what the concern `{entry.key.text}` says", says, ENOUGH, voiced=True)
    for name, body in found.people():
        needs = scalar(body.get("needs"))
        if needs is not None:
            yield _secret(f"what `{name.text}` needs", needs, ENOUGH, voiced=True)
        persona = found.personas.get(name.text)
        if persona is not None:
            for background in (persona.background, *persona.backgrounds.values()):
                sentences = _sentences(background, ENOUGH)
                yield Secret(f"the background of `{persona.name}`", persona.span, sentences, voiced=True)


def _secret(what: str, text: Scalar, least: int, voiced: bool = False) -> Secret:
    return Secret(what, text.span, _sentences(text.text, least), voiced)


@lru_cache(maxsize=4096)
def _sentences(text: str, least: int) -> tuple[str, ...]:
    """The whole text if it has ``least`` words, and each of its sentences that has enough."""
    whole = _plain(text)
    each = [_plain(it) for it in _SENTENCE.findall(text)]
    long = [it for it in each if len(it.split()) >= ENOUGH]
    return tuple(it for it in ([whole] if len(whole.split()) >= least else []) + long if it.strip())


def _shown(found: Inventory) -> Iterator[Shown]:
    agent = found.tree.get("agent")
    about = scalar(found.tree.get("about"))
    if about is not None:
        yield Shown(first_sentence(about.text), about.span)
    plain: list[Node] = [e.value for e in entries(agent) if e.key.text == "role"]
    for act in entries(next((e.value for e in entries(agent) if e.key.text == "acts"), None)):
        plain += [e.value for e in entries(act.value) if e.key.text == "about"]
    yield from (Shown(line.text, line.span) for node in plain if (line := scalar(node)) is not None)
    for section in found.section("words"):
        event = found.events.get(section.key.text)
        if event is not None and visible_to_agent(event.view):
            for node in getattr(section.value, "items", (section.value,)):
                if (line := scalar(node)) is not None:
                    yield Shown(line.text, line.span, said=True)
    for kind in ("concerns", "shifts"):
        for entry in found.section(kind):
            for inner in entries(entry.value):
                if inner.key.text == "says" and (line := scalar(inner.value)) is not None:
                    yield Shown(line.text, line.span, said=True)


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "

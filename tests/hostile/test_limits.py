"""Limits: one less, exactly as much, one more; and what the diagnostic says to do about it does it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from dramaturg.dsl.limits import DEFAULT, VARIABLE
from dramaturg.dsl.load import load

ROOT = Path(os.path.abspath("no-such-folder"))
MAIN = ROOT / "small.yaml"
SCENARIO = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
agent:
  wakes: [user]
  acts: {answer: {kind: says}}
user:
  moves: {ask: {}, thank: {}}
  opens: {do: ask}
  replies: [{to: agent.answer, do: thank}]
tasks:
  help:
    OPEN: [{when: user.thank, go: DONE}]
    DONE: {end: good}
words: {user.ask: [A?], user.thank: [B.]}
"""
Files = Mapping[Path, bytes]


def size(count: int) -> Files:
    return {MAIN: SCENARIO.encode().ljust(count, b"#").replace(b"\n#", b"\n#", 1)}


def text(count: int) -> Files:
    return {MAIN: SCENARIO.encode() + b"about: " + b"x" * count + b"\n"}


def depth(count: int) -> Files:
    """The innermost list of ``about`` lies ``count`` deep."""
    return {MAIN: SCENARIO.encode() + b"about: " + b"[" * (count - 1) + b"]" * (count - 1) + b"\n"}


def nodes(count: int) -> Files:
    """What ``SCENARIO`` holds, the key ``about``, and a list of texts."""
    own = sum(isinstance(event, yaml.NodeEvent) for event in yaml.parse(SCENARIO, Loader=yaml.CSafeLoader))
    listed = b", ".join([b"x"] * (count - own - 2))
    return {MAIN: SCENARIO.encode() + b"about: [" + listed + b"]\n"}


def module(uses: str) -> bytes:
    return (f"uses: [{uses}]\n" if uses else "").encode() + b"types: {}\n"


def chain(count: int) -> Files:
    files = {ROOT / f"m{at}.yaml": module(f"m{at + 1}" if at < count else "") for at in range(1, count + 1)}
    return {MAIN: SCENARIO.encode() + b"uses: [m1]\n", **files}


def modules(count: int) -> Files:
    files = {ROOT / f"m{at}.yaml": module("") for at in range(count)}
    listed = ", ".join(f"m{at}" for at in range(count))
    return {MAIN: SCENARIO.encode() + f"uses: [{listed}]\n".encode(), **files}


@dataclass(frozen=True)
class Bound:
    make: Callable[[int], Files]
    """Files that take exactly that much."""
    name: str
    """The diagnostic of one more."""


BOUNDS = {
    "size": Bound(size, "file-too-large"),
    "text": Bound(text, "text-too-long"),
    "depth": Bound(depth, "too-deep"),
    "nodes": Bound(nodes, "too-many-nodes"),
    "chain": Bound(chain, "too-many-modules"),
    "modules": Bound(modules, "too-many-modules"),
}


def names(files: Files) -> set[str]:
    return {diagnostic.name for diagnostic in load(MAIN, ROOT, files).diagnostics}


@pytest.mark.parametrize("limit", BOUNDS)
def test_what_is_within_a_limit_is_read(limit: str) -> None:
    most, bound = getattr(DEFAULT, limit), BOUNDS[limit]
    for count in (most - 1, most):
        assert bound.name not in names(bound.make(count)), count


@pytest.mark.parametrize("limit", BOUNDS)
def test_one_more_is_refused_and_can_be_allowed(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    most, bound = getattr(DEFAULT, limit), BOUNDS[limit]
    files = bound.make(most + 1)
    found = [d for d in load(MAIN, ROOT, files).diagnostics if d.name == bound.name]
    assert len(found) == 1
    said = re.search(rf"{VARIABLE}=(\w+=\d+)", " ".join(found[0].notes))
    assert said is not None, "the way to raise it is said"
    assert said[1].startswith(f"{limit}=")
    monkeypatch.setenv(VARIABLE, said[1])
    assert bound.name not in names(files)

"""Bad input: whatever a folder of scenarios holds, its author gets one diagnostic at the right place, at once, and no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dramaturg.dsl.load import load
from dramaturg.dsl.messages.present import FORMS, present
from tests.clock import within

GOOD = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
uses: [people/helpers]
world:
  price: money(EUR) 0 EUR..200 EUR step 10 EUR = 80 EUR
agent:
  wakes: [user]
  acts:
    answer: {kind: says}
user:
  persona: helper
  needs: An answer.
  moves: {ask: {limit: money(EUR)}, thank: {}}
  opens: {do: ask, with: {limit: 20 EUR}}
  replies:
    - {to: agent.answer, do: thank}
tasks:
  help:
    OPEN:
      - {when: user.thank, if: price <= 100 EUR, go: DONE}
      - {after: 30m, go: LOST}
    DONE: {end: good}
    LOST: {end: bad}
words:
  user.ask: ["At most {{ limit | money }}?"]
  user.thank: ["Thanks."]
"""
MODULE = "personas:\n  helper: {background: Somebody who asks.}\n"

Edit = Callable[[Path], None]
"""Spoils the folder in which a good scenario (``small.yaml``) and a good module lie."""


def change(old: str, new: str) -> Edit:
    def edit(folder: Path) -> None:
        assert GOOD.count(old) == 1
        (folder / "small.yaml").write_bytes(GOOD.replace(old, new).encode())

    return edit


def write(name: str, data: str | bytes) -> Edit:
    def edit(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)

    return edit


def both(*edits: Edit) -> Edit:
    def edit(folder: Path) -> None:
        for one in edits:
            one(folder)

    return edit


def link(name: str, target: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)

    return edit


def pipe(name: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return edit


def bomb() -> str:
    rows = [f"{c}: &{c} [*{p}, *{p}, *{p}]\n" for p, c in zip("abcdefghijkl", "bcdefghijklm")]
    return "a: &a [x, x]\n" + "".join(rows)


BAD: dict[str, tuple[Edit, str, str]] = {
    # what: (the edit, the diagnostic's name or "" for any, the place or its beginning)
    "wrong type": (change("if: price <= 100 EUR", "if: price <= 10m"), "", "small.yaml:23:"),
    "wrong kind": (change("turns: 4", "turns: [4]"), "", "small.yaml:5:8"),
    "unknown name": (change("if: price <=", "if: prise <="), "", "small.yaml:23:32"),
    "unknown key": (change("horizon: 1h", "horizont: 1h"), "unknown-key", "small.yaml:4:1"),
    "unknown event": (change("when: user.thank", "when: user.thanks"), "", "small.yaml:23:16"),
    "duplicate key": (change("turns: 4", "turns: 4\nturns: 5"), "duplicate-key", "small.yaml:6:1"),
    "duplicate state": (
        change("LOST: {end: bad}", "DONE: {end: bad}\n    LOST: {end: bad}"),
        "duplicate-key",
        "small.yaml:26:5",
    ),
    "tab": (change("  needs", "\tneeds"), "tab-indentation", "small.yaml:15:1"),
    "tag": (change("turns: 4", "turns: !!int 4"), "tag", "small.yaml:5:8"),
    "running tag": (change("turns: 4", "turns: !!python/object/apply:os.abort []"), "tag", "small.yaml:5:8"),
    "alias bomb": (write("small.yaml", bomb()), "anchor-or-alias", "small.yaml:1:4"),
    "merge key": (change("DONE: {end: good}", "DONE: {<<: *x}"), "merge-key", "small.yaml:25:12"),
    "brackets": (write("small.yaml", "[" * 100_000), "too-deep", "small.yaml:1:65"),
    "closed brackets": (write("small.yaml", "[" * 100_000 + "]" * 100_000), "too-deep", "small.yaml:1:65"),
    "braces": (change("turns: 4", "turns: " + "{a: " * 100_000), "too-deep", "small.yaml:5:"),
    "brackets in an expression": (
        change("price <= 100 EUR", "(" * 50_000 + "price" + ")" * 50_000),
        "",
        "small.yaml:23:",
    ),
    "negations": (change("price <= 100 EUR", "not " * 15_000 + "yes"), "", "small.yaml:23:"),
    "long sum": (change("price <= 100 EUR", "price " + "+ price " * 7_000 + "> 3 EUR"), "", "small.yaml:23:"),
    "big number": (change("100 EUR", "9" * 5_000 + " EUR"), "", "small.yaml:23:"),
    "2 MB": (write("small.yaml", b"# " + b"x" * 2_000_000), "file-too-large", "small.yaml:1:1"),
    "binary": (write("small.yaml", bytes(range(256)) * 40), "not-text", "small.yaml:1:1"),
    "picture": (write("small.yaml", b"\x89PNG\r\n\x1a\n" + b"\xde\xad\xbe\xef" * 99), "not-text", "small.yaml:1:1"),
    "latin-1": (
        write("small.yaml", GOOD.replace("An answer.", "An answer at the café.").encode("latin-1")),
        "not-utf8",
        "small.yaml:15:30",
    ),
    "utf-16": (write("small.yaml", GOOD.encode("utf-16")), "not-utf8", "small.yaml:1:1"),
    "zero byte": (change("An answer.", "An \0 answer."), "not-text", "small.yaml:15:13"),
    "reversed": (change("An answer.", "An \u202e answer."), "hidden-direction", "small.yaml:15:13"),
    "empty": (write("small.yaml", b""), "empty-file", "small.yaml:1:1"),
    "a list": (write("small.yaml", "- a\n- b\n"), "not-a-scenario", "small.yaml:1:1"),
    "a word": (write("small.yaml", "hello\n"), "not-a-scenario", "small.yaml:1:1"),
    "two documents": (write("small.yaml", GOOD + "---\n" + GOOD), "several-documents", "small.yaml:30:1"),
    "open quote": (change("needs: An", 'needs: "An'), "unclosed", "small.yaml:15:10"),
    "comma in a flow map": (
        change("if: price <= 100 EUR", "if: count(user.thank, user.ask) > 1"),
        "comma-in-flow-text",
        "small.yaml:23:",
    ),
    "missing uses": (change("people/helpers", "people/helper"), "missing-module", "small.yaml:6:8"),
    "cycle of uses": (
        both(
            write("people/helpers.yaml", "uses: [people/others]\n" + MODULE),
            write("people/others.yaml", "uses: [people/helpers]\ntypes:\n  mood: one of glad | sad\n"),
        ),
        "module-cycle",
        "people/others.yaml:1:8",
    ),
    "uses itself": (
        write("people/helpers.yaml", "uses: [people/helpers]\n" + MODULE),
        "module-cycle",
        "people/helpers.yaml:1:8",
    ),
    "climbing uses": (change("people/helpers", "../../../../etc/passwd"), "outside-root", "small.yaml:6:8"),
    "absolute uses": (change("people/helpers", "/etc/passwd"), "outside-root", "small.yaml:6:8"),
    "uses with a scheme": (change("people/helpers", '"https://example.org/x"'), "bad-module-path", "small.yaml:6:8"),
    "link out": (link("people/helpers.yaml", "/etc/passwd"), "outside-root", "small.yaml:6:8"),
    "link to itself": (link("people/helpers.yaml", "helpers.yaml"), "", "small.yaml:6:8"),
    "pipe": (pipe("people/helpers.yaml"), "unreadable-file", "small.yaml:6:8"),
    "binary module": (write("people/helpers.yaml", b"\x7fELF\0\0"), "not-text", "people/helpers.yaml:1:5"),
    "2 MB module": (write("people/helpers.yaml", b"#" * 2_000_000), "file-too-large", "people/helpers.yaml:1:1"),
    "call in a text": (change("{{ limit | money }}", "{{ open(limit) }}"), "template-forbidden", "small.yaml:28:26"),
    "power in a text": (change("{{ limit | money }}", "{{ 9**(9**9) }}"), "template-forbidden", "small.yaml:28:27"),
    "escape from a text": (
        change("{{ limit | money }}", "{{ limit.__class__.__mro__ }}"),
        "template-unknown-name",
        "small.yaml:28:26",
    ),
    "loop in a text": (
        change("{{ limit | money }}", "{% for x in limit %}{% endfor %}"),
        "template-forbidden",
        "small.yaml:28:26",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people").mkdir()
    (tmp_path / "small.yaml").write_text(GOOD)
    (tmp_path / "people" / "helpers.yaml").write_text(MODULE)
    return tmp_path


def test_the_good_scenario_is_good(folder: Path) -> None:
    """Every edit below spoils this one; were it bad already, nothing would be shown."""
    assert load(folder / "small.yaml").diagnostics == ()


@pytest.mark.parametrize("what", BAD)
def test_one_diagnostic_at_the_place_at_once(what: str, folder: Path) -> None:
    edit, name, place = BAD[what]
    edit(folder)
    loaded = within(1, lambda: load(folder / "small.yaml", folder))
    assert loaded.scenario is None
    assert len(loaded.diagnostics) == 1, [f"{d.span}: {d.name}: {d.message}" for d in loaded.diagnostics]
    (diagnostic,) = loaded.diagnostics
    assert diagnostic.severity == "error"
    assert len(diagnostic.message) < 300
    assert not [word for word in ("Traceback", "Error", "object", "integer string") if word in diagnostic.message]
    assert not name or diagnostic.name == name
    assert str(diagnostic.span).startswith(place)
    said = present(loaded.diagnostics)
    assert str(folder) not in said
    assert len(said) < 4_000
    for form in FORMS:
        present(loaded.diagnostics, form)


@pytest.mark.parametrize("what", ["absent", "folder", "pipe", "link to itself"])
def test_a_scenario_that_is_no_file(what: str, folder: Path) -> None:
    path = folder / "other.yaml"
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "link to itself":
        path.symlink_to(path)
    (diagnostic,) = load(path).diagnostics
    assert diagnostic.name == "unreadable-file"


SPOKEN = [
    "wrong type",
    "tab",
    "closed brackets",
    "alias bomb",
    "2 MB",
    "binary",
    "cycle of uses",
    "climbing uses",
    "power in a text",
]


@pytest.mark.parametrize("what", SPOKEN)
def test_the_command_says_it_and_ends_with_one(what: str, folder: Path) -> None:
    edit, name, place = BAD[what]
    edit(folder)
    done = subprocess.run(
        [sys.executable, "-m", "dramaturg", "check", "--format", "json", "small.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    (record,) = json.loads(done.stdout)
    assert not name or record["name"] == name
    assert f"{record['path']}:{record['start']['line']}:{record['start']['column']}".startswith(place)

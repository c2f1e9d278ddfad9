"""Repairs: every safe fix of a file is made, nothing is made worse, and what was not repaired is as it was."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic, Fix, diagnose
from dramaturg.dsl.load import load
from dramaturg.dsl.messages.repair import Repaired, Seen, edited, repair
from dramaturg.dsl.spans import Source, Span

STAGE = Path(__file__).parent / "stage" / "travel" / "delayed-train.yaml"
ROOT = Path("/root-of-these-tests")


def look_at(path: Path, unsaved: Mapping[Path, bytes]) -> Seen:
    loaded = load(path, path.parent, unsaved)
    return Seen(loaded.diagnostics, path.parent)


def repaired(path: Path, text: str, unsafe: bool = False) -> Repaired:
    path.write_bytes(text.encode())
    return repair(lambda unsaved: look_at(path, unsaved), unsafe=unsafe)


SCENARIO = """\
scenario: tea   # a name
domain: home
family: tea
horizn: 1h      # how long
turns: 4
agent:
  wakes: [usr]
  acts:
    tell: {kind: say}   # speech
user:
  moves: {ask: {}}
  opens: {do: ask}
words:
  user.ask: ["What, now?", Really: yes]
tasks:
  tea:
    open:
      - {when: agent.tel, go: DONE}
    DONE: {end: good}
"""


def test_all_that_is_beyond_doubt_is_repaired_and_the_rest_kept(tmp_path: Path) -> None:
    path = tmp_path / "tea.yaml"
    result = repaired(path, SCENARIO)
    assert path.read_text() == SCENARIO, "a repair writes nothing"
    text = result.files[path].decode()
    for old, new in {"horizn": "horizon", "usr": "user", "say}": "says}", "open:": "OPEN:", "tel,": "tell,"}.items():
        assert new in text
        assert f"{old} " not in text.replace(new, "")
    assert [line.partition("#")[2] for line in text.splitlines()] == [
        line.partition("#")[2] for line in SCENARIO.splitlines()
    ]
    assert text.count("\n") == SCENARIO.count("\n")


def numbers(fixes: Mapping[str, str], unsafe: Mapping[str, str] | None = None) -> Repaired:
    """Repairs of a text in which every listed word is a mistake, whose fix replaces it."""
    every = {**fixes, **(unsafe or {})}
    path = ROOT / "x.yaml"

    def look(files: Mapping[Path, bytes]) -> Seen:
        source = Source("x.yaml", files.get(path, b"one two three"))
        said: list[Diagnostic] = []
        for word, better in every.items():
            at = source.data.find(word.encode())
            if at >= 0:
                span = Span(source, at, at + len(word))
                fix = Fix(f"write {better}", ((span, better),), safe=word in fixes)
                said.append(diagnose("unknown-name", span, f"{word} is wrong", fixes=[fix]))
        return Seen(tuple(said), ROOT)

    return repair(look, unsafe=False)


def test_one_bad_fix_does_not_keep_the_others_from_being_made() -> None:
    assert numbers({"one": "1", "two": "two too", "three": "3"}).files == {ROOT / "x.yaml": b"1 two 3"}


def test_a_fix_that_brings_a_new_error_is_undone() -> None:
    result = numbers({"one": "four", "four": "one", "three": "3"})
    assert result.files == {ROOT / "x.yaml": b"one two 3"}
    assert [item.span.text for item, _ in result.done] == ["three"]


def test_an_unsafe_fix_waits_to_be_asked_for() -> None:
    assert numbers({"one": "1"}, unsafe={"two": "2"}).files == {ROOT / "x.yaml": b"1 two three"}


def test_repairs_come_to_an_end() -> None:
    result = numbers({"one": "seven", "seven": "one"})
    assert len(result.done) <= 10


def test_edits_may_not_overlap() -> None:
    source = Source("x", b"abcdef")
    with pytest.raises(ValueError, match="does not fit"):
        edited(source.data, [(Span(source, 0, 3), "x"), (Span(source, 2, 4), "y")])
    assert (
        edited(source.data, [(Span(source, 4, 6), "Z"), (Span(source, 0, 0), ">"), (Span(source, 1, 2), "")])
        == b">acdZ"
    )


def test_what_a_repair_brings_to_light_does_not_undo_it(tmp_path: Path) -> None:
    """A text that must stand in quotes keeps a whole file from being read; the mistakes below it were there before."""
    text = SCENARIO.replace("domain: home", "domain: @home").replace("family: tea", "family: tea\nturs: 3")
    path = tmp_path / "tea.yaml"
    result = repaired(path, text)
    assert "domain: home" in result.files[path].decode()


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("delay => 20 minutes", "delay >= 20m"),
        ("delay =< 1.5 hours AND delay => 20 minutes", "delay <= 1.5h and delay >= 20m"),
    ],
)
def test_slips_that_hide_each_other_are_repaired_together(tmp_path: Path, wrong: str, meant: str) -> None:
    text = STAGE.read_text()
    path = tmp_path / "delayed-train.yaml"
    shutil.copytree(STAGE.parent.parent, tmp_path, dirs_exist_ok=True)
    right = re.sub(r"when: \(fare <= max_price and [^)]*\) for 10m", f"when: ({meant}) for 10m", text)
    assert right != text
    result = repaired(path, right.replace(meant, wrong))
    assert result.files[path].decode() == right, [item.message for item in result.left.diagnostics]

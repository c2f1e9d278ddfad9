"""``uses``: where modules are found, what is never read, and how what they declare is laid together."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import Loaded, load, understand

SMALL = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
uses: [USES]
agent:
  wakes: [user]
  acts:
    answer: {kind: says}
user:
  moves: {ask: {}, thank: {}}
  opens: {do: ask}
  replies:
    - {to: agent.answer, do: thank}
tasks:
  help:
    OPEN:
      - {when: user.thank, go: DONE}
    DONE: {end: good}
"""


def stage(folder: Path, uses: str, **files: str) -> Path:
    """A small scenario in ``folder/travel`` that uses these modules, and further files below ``folder`` (``__`` is ``/``)."""
    path = folder / "travel" / "small.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SMALL.replace("USES", uses), encoding="utf-8")
    for name, content in files.items():
        place = folder / (name.replace("__", "/") + ".yaml")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
    return path


def errors(loaded: Loaded) -> list[Diagnostic]:
    return [d for d in loaded.diagnostics if d.severity == "error"]


def only(loaded: Loaded) -> Diagnostic:
    (diagnostic,) = errors(loaded)
    assert loaded.scenario is None
    return diagnostic


LATE = "events:\n  train.late: {}\n"


def test_a_module_is_found_beside_the_scenario_first(tmp_path: Path) -> None:
    path = stage(tmp_path, "acts/more", acts__more="acts:\n  far: {kind: says}\n")
    (tmp_path / "travel" / "acts").mkdir()
    (tmp_path / "travel" / "acts" / "more.yaml").write_text("acts:\n  near: {kind: says}\n")
    scenario = load(path).scenario
    assert scenario is not None
    assert [act.name for act in scenario.agent.acts] == ["near", "answer", "keep_silent"]
    assert scenario.files == ("small.yaml", "acts/more.yaml")


def test_a_module_is_found_in_a_folder_above_and_that_is_the_root(tmp_path: Path) -> None:
    path = stage(tmp_path, "acts/more", acts__more="acts:\n  far: {kind: says}\n")
    scenario = load(path).scenario
    assert scenario is not None
    assert scenario.files == ("travel/small.yaml", "acts/more.yaml")
    assert load(path, tmp_path).scenario == scenario


def test_the_digest_depends_on_the_bytes_and_not_on_the_place(tmp_path: Path) -> None:
    one = load(stage(tmp_path / "one", "acts/more", acts__more="acts:\n  far: {kind: says}\n")).scenario
    two = load(stage(tmp_path / "two", "acts/more", acts__more="acts:\n  far: {kind: says}\n")).scenario
    three = load(stage(tmp_path / "three", "acts/more", acts__more="acts:\n  far: {kind: says} \n")).scenario
    assert one is not None
    assert two is not None
    assert three is not None
    assert one.digest == two.digest != three.digest
    assert len(one.digest) == len(hashlib.sha256().hexdigest())


def test_a_module_above_the_given_root_is_not_found(tmp_path: Path) -> None:
    path = stage(tmp_path, "acts/more", acts__more="acts:\n  far: {kind: says}\n")
    assert only(load(path, tmp_path / "travel")).name == "missing-module"


def test_a_scenario_outside_the_given_root_is_not_read(tmp_path: Path) -> None:
    path = stage(tmp_path, "")
    (tmp_path / "other").mkdir()
    assert only(load(path, tmp_path / "other")).name == "outside-root"


@pytest.mark.parametrize(
    ("uses", "name"),
    [
        ("/etc/passwd", "outside-root"),
        ("../acts/more", "outside-root"),
        ("acts/../../more", "outside-root"),
        ("~/more", "outside-root"),
        ('"C:\\\\more"', "outside-root"),
        ("acts/more.yaml", "bad-module-path"),
        ('"acts/mo re"', "bad-module-path"),
        ("acts//more", "bad-module-path"),
        ("./acts/more", "bad-module-path"),
        ("acts/mote", "missing-module"),
        ("act/more", "missing-module"),
        ("travel/other", "not-a-module"),
        ("travel/small", "module-cycle"),
        ("acts/more, acts/more", "module-twice"),
    ],
)
def test_what_cannot_be_used_is_said_where_it_is_asked_for(tmp_path: Path, uses: str, name: str) -> None:
    path = stage(tmp_path, uses, acts__more="acts:\n  far: {kind: says}\n", travel__other="scenario: other\n")
    said = only(load(path))
    assert said.name == name
    assert said.span.line == 6


def test_a_near_miss_is_suggested(tmp_path: Path) -> None:
    path = stage(tmp_path, "acts/mote", acts__more="acts:\n  far: {kind: says}\n")
    assert only(load(path)).fixes[0].edits[0][1] == "acts/more"
    for slip in ("act/more", "act/smore"):
        path = stage(tmp_path, slip)
        assert only(load(path)).fixes[0].edits[0][1] == "acts/more"


def test_a_folder_a_pipe_and_a_link_that_leads_out_are_not_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    path = stage(root, "acts/more", acts__other=LATE)
    (root / "acts" / "more.yaml").mkdir()
    assert only(load(path, root)).name == "unreadable-file"
    (root / "acts" / "more.yaml").rmdir()
    os.mkfifo(root / "acts" / "more.yaml")
    started = time.monotonic()
    assert only(load(path, root)).name == "unreadable-file"
    assert time.monotonic() - started < 5
    (root / "acts" / "more.yaml").unlink()
    secret = tmp_path / "secret.yaml"
    secret.write_text("acts:\n  far: {kind: says}\n")
    (root / "acts" / "more.yaml").symlink_to(secret)
    said = only(load(path, root))
    assert said.name == "outside-root"
    assert "far" not in repr(load(path, root).sources)
    (root / "acts" / "more.yaml").unlink()
    (root / "acts" / "more.yaml").symlink_to(root / "acts" / "more.yaml")
    assert only(load(path, root)).name == "outside-root"


def test_a_link_inside_the_root_is_the_file_that_it_leads_to(tmp_path: Path) -> None:
    path = stage(tmp_path, "acts/more, acts/link", acts__more="acts:\n  far: {kind: says}\n")
    (tmp_path / "acts" / "link.yaml").symlink_to(tmp_path / "acts" / "more.yaml")
    loaded = load(path)
    assert loaded.scenario is not None
    assert [act.name for act in loaded.scenario.agent.acts] == ["far", "answer", "keep_silent"]


def test_a_cycle_is_one_error_that_shows_the_way(tmp_path: Path) -> None:
    path = stage(
        tmp_path,
        "acts/one",
        acts__one="uses: [acts/two]\nacts:\n  first: {kind: says}\n",
        acts__two="uses: [acts/three]\nacts:\n  second: {kind: says}\n",
        acts__three="uses: [acts/one]\nacts:\n  third: {kind: says}\n",
    )
    said = only(load(path))
    assert said.name == "module-cycle"
    assert said.message.endswith("`acts/one` uses `acts/two` uses `acts/three` uses `acts/one`")
    assert said.span.path == "acts/three.yaml"
    assert [label.span.path for label in said.labels] == ["acts/one.yaml", "acts/two.yaml"]


def test_a_chain_may_not_be_endless(tmp_path: Path) -> None:
    files = {f"acts__m{n}": f"uses: [acts/m{n + 1}]\n" for n in range(400)}
    path = stage(tmp_path, "acts/m0", **files)
    assert "too-many-modules" in [d.name for d in errors(load(path))]


def test_too_many_modules_are_told_once(tmp_path: Path) -> None:
    files = {f"acts__m{n}": f"acts: {{act_{n}: {{kind: says}}}}\n" for n in range(300)}
    path = stage(tmp_path, ", ".join(f"acts/m{n}" for n in range(300)), **files)
    assert [d.name for d in errors(load(path))] == ["too-many-modules"]


def test_one_module_by_two_ways_counts_once(tmp_path: Path) -> None:
    path = stage(
        tmp_path,
        "acts/one, acts/two",
        acts__one="uses: [acts/shared]\nacts:\n  first: {kind: says}\n",
        acts__two="uses: [acts/shared]\nacts:\n  second: {kind: says}\n",
        acts__shared="acts:\n  third: {kind: says}\n",
    )
    loaded = load(path)
    assert errors(loaded) == []
    assert loaded.scenario is not None
    assert [act.name for act in loaded.scenario.agent.acts] == ["third", "first", "second", "answer", "keep_silent"]


CLASH = {"acts__one": "acts:\n  greet: {kind: says}\n", "acts__two": "acts:\n  greet: {kind: does}\n"}


def test_two_modules_clash_with_both_places(tmp_path: Path) -> None:
    said = only(load(stage(tmp_path, "acts/one, acts/two", **CLASH)))
    assert said.name == "module-clash"
    assert [said.span.path, said.labels[0].span.path] == ["acts/two.yaml", "acts/one.yaml"]


def test_the_scenario_settles_a_clash(tmp_path: Path) -> None:
    path = stage(tmp_path, "acts/one, acts/two", **CLASH)
    path.write_text(path.read_text().replace("    answer:", "    greet: {kind: says}\n    answer:"))
    loaded = load(path)
    assert errors(loaded) == []


def test_the_scenario_completes_and_overrides_what_a_module_declares(tmp_path: Path) -> None:
    path = stage(
        tmp_path,
        "acts/more, concerns/bank",
        acts__more="acts:\n  answer: {kind: says, with: {price: int 0..9}, about: Says a price.}\n",
        concerns__bank=(
            "concerns:\n"
            "  doubt: {story: He was cheated before., says: I am not sure., weight: 2}\n"
            "  haste: {story: He has a train to catch., says: Be quick.}\n"
        ),
    )
    text = path.read_text().replace("answer: {kind: says}", "answer: {proactive: yes}")
    path.write_text(text + "concerns:\n  doubt: {weight: 3, surfaces: agent.answer}\n")
    loaded = load(path)
    assert errors(loaded) == []
    assert loaded.scenario is not None
    answer = loaded.scenario.agent.acts[0]
    assert (answer.kind, answer.proactive, answer.about) == ("says", True, "Says a price.")
    assert [field.name for field in answer.fields] == ["price"]
    (doubt,) = loaded.scenario.concerns
    assert (doubt.weight, doubt.says) == (3, "I am not sure.")


def test_a_bank_that_nothing_is_taken_from_is_a_warning(tmp_path: Path) -> None:
    path = stage(tmp_path, "personas/bank", personas__bank="personas:\n  calm: {background: A patient man.}\n")
    loaded = load(path)
    assert [d.name for d in loaded.diagnostics if d.severity == "warning"] == ["unused-module"]
    assert loaded.scenario is not None


def test_mistakes_in_a_module_are_said_there(tmp_path: Path) -> None:
    path = stage(tmp_path, "acts/more", acts__more="acts:\n  far: {kind: says, wiht: {price: int 0..9}}\n")
    said = only(load(path))
    assert (said.name, said.span.path, said.span.line) == ("unknown-key", "acts/more.yaml", 2)


@pytest.mark.parametrize("content", ["", "just words", "- a\n- b\n", "\x00\x01", "a: [", "&a [*a]\n", "acts: 5\n"])
def test_a_damaged_module_is_one_error(tmp_path: Path, content: str) -> None:
    assert len(errors(load(stage(tmp_path, "acts/more", acts__more=content)))) == 1


@pytest.mark.parametrize("content", ["", "just words", "- a\n- b\n", "\x00\x01", "a: [", "personas:\n  calm: {}\n"])
def test_a_damaged_scenario_is_one_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(content, encoding="utf-8")
    only(load(path))


def test_a_scenario_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    assert only(load(tmp_path / "absent.yaml")).name == "unreadable-file"
    assert only(load(tmp_path)).name == "unreadable-file"


def test_a_file_with_mistakes_is_understood_as_far_as_it_goes(tmp_path: Path) -> None:
    path = stage(tmp_path, "acts/more", acts__more="acts:\n  help: {kind: says}\n")
    seen = understand(path, overlay={path: path.read_bytes().replace(b"agent.answer", b"agent.hold")})
    assert only(seen.loaded).name == "unknown-name"
    assert seen.tree is not None and seen.names is not None
    assert {"agent.answer", "agent.help"} <= set(seen.names.events)
    assert [module.path for module in seen.library.modules] == ["acts/more"]

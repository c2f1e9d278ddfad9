"""The command that holds recorded episodes against their record."""

from __future__ import annotations

from pathlib import Path

from tests.test_cli import invoke, reason

SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "work" / "coding-session.yaml"


def test_a_record_replays_and_a_changed_one_does_not(tmp_path: Path) -> None:
    said = invoke("simulate", str(SCENARIO), "--agent", "random", "--seed", "4", "--format", "json")
    assert said.returncode == 0, said.stderr
    record = tmp_path / "episode.jsonl"
    record.write_text(said.stdout * 2, encoding="utf-8")
    again = invoke("replay", str(SCENARIO), str(record))
    assert (again.returncode, again.stdout) == (0, "2 episodes replayed to the same bytes\n")

    record.write_text(said.stdout + said.stdout.replace('"seed":4', '"seed":5'), encoding="utf-8")
    changed = invoke("replay", str(SCENARIO), str(record))
    assert changed.returncode == 1
    assert changed.stdout.startswith(f"{record}:2: ")
    assert "1 of 2" in reason(changed)


def test_nothing_to_replay_is_three_and_no_trace_is_a_finding(tmp_path: Path) -> None:
    record = tmp_path / "empty.jsonl"
    record.write_text("\n", encoding="utf-8")
    assert invoke("replay", str(SCENARIO), str(record)).returncode == 3
    record.write_text("{}\n", encoding="utf-8")
    assert invoke("replay", str(SCENARIO), str(record)).returncode == 1
    assert invoke("replay", str(SCENARIO), str(tmp_path / "none.jsonl")).returncode == 2

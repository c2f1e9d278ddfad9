"""``dramaturg replay``: play recorded episodes again and hold them against their record."""

from __future__ import annotations

from pathlib import Path

import click

from dramaturg.commands.outcome import FINDINGS, NOTHING, REFUSED, Outcome


@click.command(short_help="Play recorded episodes again; the same bytes must come out.")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("traces", type=click.Path(path_type=Path))
def replay(file: Path, traces: Path) -> None:
    """Play the episodes in TRACES (one trace as JSON per line, as `build` and `simulate --format json` write them) again.

    The answers and draws are taken from the record, everything else from the scenario in FILE. An episode that comes out with
    other bytes is a finding: the record was changed, or the scenario means something else now.
    """
    from dramaturg.commands.library import compiled
    from dramaturg.commands.screen import write
    from dramaturg.runtime import episode
    from dramaturg.runtime.record import BadRecord, from_json, to_json

    made = compiled(file)
    try:
        lines = [line for line in traces.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise Outcome(REFUSED, f"{traces} cannot be read: {error}") from error
    if not lines:
        raise Outcome(NOTHING, f"nothing to do: {traces} holds no trace")
    other = []
    for number, line in enumerate(lines, start=1):
        try:
            same = to_json(episode.replay(made, from_json(line))) == line
            why = "other bytes came out"
        except (BadRecord, ValueError) as error:
            same, why = False, str(error)
        if not same:
            other.append(number)
            write(f"{traces}:{number}: {why}\n")
    if other:
        raise Outcome(FINDINGS, f"{len(other)} of {len(lines)} episodes did not replay to the same bytes")
    write(f"{len(lines)} {'episode' if len(lines) == 1 else 'episodes'} replayed to the same bytes\n")

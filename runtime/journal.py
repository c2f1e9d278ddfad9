"""The journal: records that survive a kill, and files that appear whole or not at all.

A journal is a text file of JSON lines, ``{"sum": …, "record": …}``, the sum being the first 16 hex digits of the
sha256 of the record's text. A record is one ``write`` call, and the file is synced when the last sync is a second
old, and on closing: a killed process loses nothing that the system had, a killed machine at most about a second.
Reading stops at the first line whose sum does not fit; what stands from there on is the torn tail, which is moved to
``NAME.torn`` before writing goes on. A run that appends its records in a fixed order therefore ends with the same
bytes however often it was interrupted.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from dramaturg.runtime.record import Json, canonical

SYNC_SECONDS = 1.0


def line(record: Json) -> bytes:
    """One record as it stands in a journal."""
    text = canonical(record)
    return f'{{"sum":"{sha256(text.encode()).hexdigest()[:16]}","record":{text}}}\n'.encode()


def read(path: Path) -> tuple[list[Json], int]:
    """The sound records from the start, and how many bytes they take. A file that is not there holds none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    records: list[Json] = []
    sound = 0
    while (end := data.find(b"\n", sound) + 1) > 0:
        record = _record(data[sound:end])
        if record is None:
            break
        records.append(record[0])
        sound = end
    return records, sound


def _record(raw: bytes) -> tuple[Json] | None:
    """The record of a line, in a tuple because it may itself be None; None where the line is not sound."""
    try:
        record = json.loads(raw)["record"]
    except (ValueError, KeyError, TypeError):
        return None
    return (record,) if line(record) == raw else None


class Journal:
    """A journal that is open for appending. ``records`` are those that it already held."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records, sound = read(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        size = os.fstat(self._file).st_size
        if sound < size:
            tail = os.pread(self._file, size - sound, sound)
            with path.with_name(path.name + ".torn").open("ab") as torn:
                torn.write(tail)
            os.ftruncate(self._file, sound)
        os.lseek(self._file, 0, os.SEEK_END)
        self._synced = time.monotonic()

    def append(self, record: Json) -> None:
        data = line(record)
        written = os.write(self._file, data)
        if written != len(data):  # the disk is full: the tail is torn and will be set aside
            raise OSError(f"only {written} of {len(data)} bytes of a record could be written to {self.path}")
        if time.monotonic() - self._synced >= SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        os.fsync(self._file)
        self._synced = time.monotonic()

    def close(self) -> None:
        self.sync()
        os.close(self._file)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def atomic_write(path: Path, data: bytes | str) -> None:
    """Write the whole file or nothing: a temporary file in the same folder, synced, then renamed over ``path``.

    Readers see the old content or the new. A kill in between leaves at most a ``.NAME.*.tmp`` beside it, never a half
    file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data.encode() if isinstance(data, str) else data)
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise

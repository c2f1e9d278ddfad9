"""Corpus files: rows as JSONL and as Parquet, the same bytes for the same rows.

JSONL has one row a line, fields in the order of the row's model. Parquet has the same fields as columns, with a schema that
follows from the model and not from the rows, so that an empty file has its columns too; it carries no timestamp. Both are
written once, whole, and renamed into place.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Union, get_args, get_origin

import orjson
from pydantic import BaseModel

from dramaturg.runtime.journal import atomic_write
from dramaturg.training.corpora.origin import Row

if TYPE_CHECKING:
    import pyarrow as pa


def jsonl(rows: Sequence[Row]) -> bytes:
    return b"".join(orjson.dumps(row.model_dump(), option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def parquet(model: type[Row], rows: Sequence[Row]) -> bytes:
    import pyarrow as pa

    return _written(pa.Table.from_pylist([row.model_dump() for row in rows], schema=schema(model)))


def _written(table: pa.Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=3, version="2.6", store_schema=False)
    return bytes(sink.getvalue())


def schema(model: type[BaseModel]) -> pa.Schema:
    """The Parquet schema of a row model."""
    import pyarrow as pa

    return pa.schema([pa.field(name, _arrow(field.annotation)) for name, field in model.model_fields.items()])


def _arrow(annotation: object) -> pa.DataType:
    import pyarrow as pa

    plain = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    if isinstance(annotation, type) and annotation in plain:
        return plain[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return pa.struct([pa.field(name, _arrow(field.annotation)) for name, field in fields])
    if get_origin(annotation) is list:
        return pa.list_(_arrow(get_args(annotation)[0]))
    if get_origin(annotation) in (Union, UnionType):
        rest = [part for part in get_args(annotation) if part is not NoneType]
        if len(rest) == 1:
            return _arrow(rest[0])
    raise TypeError(f"a row cannot have a field of type {annotation!r}")


def write(folder: Path, stem: str, model: type[Row], rows: Sequence[Row]) -> list[Path]:
    """Write ``STEM.jsonl`` and ``STEM.parquet``. Gives their paths."""
    out = [folder / f"{stem}.jsonl", folder / f"{stem}.parquet"]
    atomic_write(out[0], jsonl(rows))
    atomic_write(out[1], parquet(model, rows))
    return out


def join(parts: Sequence[Path], folder: Path, stem: str) -> list[Path]:
    """Write the rows of one corpus in several folders, one after the other, as ``write`` would have written them all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = [folder / f"{stem}.jsonl", folder / f"{stem}.parquet"]
    atomic_write(out[0], b"".join((part / out[0].name).read_bytes() for part in parts))
    tables = [pq.read_table(part / out[1].name) for part in parts]
    atomic_write(out[1], _written(pa.concat_tables(tables).combine_chunks()))
    return out


def read(path: Path, model: type[Row]) -> list[Row]:
    """The rows of a JSONL file, validated. Raises ValueError naming the first line that holds no such row."""
    rows = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            rows.append(model.model_validate_json(line))
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number}, is no row of {model.__name__}: {error}") from error
    return rows

"""Positions: columns in all three encodings, for every kind of character and line end."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dramaturg.lsp.positions import ENCODINGS, Text

LINE = "a: '\U0001f682 متأخر é e\u0301'"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_columns_count_the_units_agreed_on(encoding: str, end: str) -> None:
    text = Text(f"x{end}{LINE}{end}z".encode(), encoding)
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    start = len(f"x{end}".encode())
    for index in range(len(LINE) + 1):
        byte = start + len(LINE[:index].encode())
        column = len(LINE[:index].encode(codec)) // ENCODINGS[encoding]
        assert text.position(byte) == (1, column)
        assert text.offset((1, column)) == byte
    assert text.position(len(text.data)) == (2, 1)


def test_places_outside_are_the_nearest_inside() -> None:
    text = Text(b"ab\ncd", "utf-16")
    assert text.offset((0, 99)) == 2 and text.offset((9, 0)) == 5 and text.offset((-1, 0)) == 0
    assert text.position(99) == (1, 2) and text.position(-3) == (0, 0)
    assert Text("\U0001f682x".encode()).offset((0, 1)) == 0  # between the halves of a pair


@given(
    st.text(alphabet=st.sampled_from("ab\n\r :é\u0301ع\U0001f682\U0001f469\u200d"), max_size=40),
    st.sampled_from(sorted(ENCODINGS)),
)
def test_the_start_of_every_character_comes_back(written: str, encoding: str) -> None:
    text = Text(written.encode(), encoding)
    for index in range(len(written)):
        byte = len(written[:index].encode())
        if written[index] not in "\r\n":
            assert text.offset(text.position(byte)) == byte


@example(b"\n\x00\x80\x00", 1, 2)
@example(b"\xff" * 4, 0, 9)
@given(st.binary(max_size=60), st.integers(-1, 70), st.integers(-1, 70))
def test_no_bytes_are_too_strange(data: bytes, line: int, column: int) -> None:
    text = Text(data)
    assert 0 <= text.offset((line, column)) <= len(data)
    assert text.position(column) >= (0, 0)

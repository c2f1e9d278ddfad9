"""What is kept between files stays small: a process that reads on and on must not grow with what it has read."""

from __future__ import annotations

from dramaturg.dsl.expressions import parser
from dramaturg.dsl.expressions.mistakes import Mistake


def test_a_long_expression_is_read_and_not_kept() -> None:
    """Found by fuzzing: twenty thousand long texts with their trees took half a gigabyte."""
    text = " and ".join(f"once user.ask_{at}" for at in range(60))
    kept = len(parser._TREES.known)
    assert len(text) > parser.MEMORABLE
    assert not isinstance(parser.parse(text, "guard"), Mistake)
    assert len(parser._TREES.known) == kept
    assert not isinstance(parser.parse("once user.ask_me_as_nobody_else", "guard"), Mistake)
    assert len(parser._TREES.known) == kept + 1

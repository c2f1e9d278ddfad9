"""Memos: whatever was read before, a file loads to the same scenario and the same diagnostics, places included.

Everything that ships, every example of the pages and several hundred files with one mistake each are loaded with memos disabled,
cold and warm, and the results are compared down to the last span.
"""

from __future__ import annotations

import gc
import random
import re
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from dramaturg.dsl.declarations import declare
from dramaturg.dsl.expressions import parser
from dramaturg.dsl.expressions.mistakes import Mistake
from dramaturg.dsl.expressions.moulds import Shapes
from dramaturg.dsl.load import Loaded, load
from dramaturg.dsl.memory import memo
from dramaturg.dsl.memory.memo import Memo
from dramaturg.dsl.modules import uses
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.wording import templates
from tests.dsl.test_codes import WHOLE

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SHIPPED = [path for path in sorted(SCENARIOS.rglob("*.yaml")) if path.read_text("utf-8").startswith("scenario:")]
MUTANTS = 500


def written(value: object) -> object:
    """All of a value, the bytes of its spans as well, in a form that compares."""
    if isinstance(value, Span):
        return ("span", value.path, value.start, value.end, value.text)
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, *((it.name, written(getattr(value, it.name))) for it in fields(value)))
    if isinstance(value, Mapping):
        return tuple((key, written(item)) for key, item in value.items())
    if isinstance(value, tuple | list):
        return tuple(written(item) for item in value)
    return value


def said(loaded: Loaded) -> object:
    return written((loaded.scenario, loaded.diagnostics, [(it.path, it.data) for it in loaded.sources]))


def mutants(count: int) -> Iterator[str]:
    """Shipped scenarios with one word, sign, number or line changed."""
    draw = random.Random(3)
    texts = [path.read_text("utf-8") for path in SHIPPED]
    for number in range(count):
        text = draw.choice(texts)
        pieces = list(re.finditer(r"\w+|[^\w\s]", text))
        hit, other = draw.choice(pieces), draw.choice(pieces)
        match number % 5:
            case 0:
                instead = hit[0][:-1]
            case 1:
                instead = hit[0] + draw.choice("xX7_:\"'#,)")
            case 2:
                instead = other[0]
            case 3:
                instead = draw.choice(["é", "\ue001", "not", "in", "3 turns", "12:30", "(", '"'])
            case _:
                lines = text.splitlines(keepends=True)
                del lines[draw.randrange(len(lines))]
                yield "".join(lines)
                continue
        yield text[: hit.start()] + instead + text[hit.end() :]


def test_memos_change_nothing(tmp_path: Path) -> None:
    for folder in ("acts", "catalogues", "concerns", "personas", "recordings", "words"):
        (tmp_path / folder).symlink_to(SCENARIOS / folder)
    texts = [path.read_text("utf-8") for path in SHIPPED]
    texts += [example.text for example in WHOLE]
    texts += mutants(MUTANTS)
    path = tmp_path / "it.yaml"
    overlays = [{path: text.encode()} for text in texts]
    with memo.disabled():
        bare = [said(load(path, None, overlay)) for overlay in overlays]
    memo.forget()
    cold = [said(load(path, None, overlay)) for overlay in overlays]
    warm = [said(load(path, None, overlay)) for overlay in reversed(overlays)][::-1]
    for text, one, two, three in zip(texts, bare, cold, warm):
        assert one == two, text
        assert one == three, text


SHAPES = [
    ("a.b <= 3", "fare_now.x <= 12.5"),
    ("(a <= 3 EUR or b > 4m) for 10m", "(c1 <= 30 EUR or d_ > 40% ) for 2 turns"),
    ('judged "is it?" else a', 'judged "a \\"b\\" (" else not_so'),
    ("not (x is A | B) and y in {c, 3, 4 EUR}", "not (zed is AA | BB) and y in {cc, 33, 44 kg}"),
    ("agent.ask(topic == (a), n == (3))", "agent.tell(why == (bb), m == ( 44))"),
    ("x in 0..3", "y in 10..300"),
    ("a == 12:30", "b == 9:05"),
    ("3 turns == 2 turns", "3 turn == 2 turn"),
]


@pytest.mark.parametrize(("one", "other"), SHAPES)
def test_a_mould_gives_what_the_parser_gives(one: str, other: str) -> None:
    memo.forget()
    with memo.disabled():
        plain = [repr(parser.parse(text, "guard")) for text in (one, other)]
    assert "Mistake" not in "".join(plain)
    for _ in range(2):  # a shape that is seen twice has a mould
        parser._TREES.known.clear()
        parser.parse(one, "guard")
    parser._TREES.known.clear()
    assert [repr(parser.parse(text, "guard")) for text in (one, other)] == plain
    shape = parser._shapes().take_apart(one)[0]
    assert callable(parser._MOULDS.get(("guard", shape)))


def test_open_terminals_are_those_that_were_thought_of() -> None:
    """A new kind of literal in the grammar must be looked at here: what may a token of it be, and is it part of a shape?"""
    assert set(parser._shapes().open) == {"QUANTITY", "TIME", "NUMBER", "NAME", "STRING"}


def test_a_text_is_taken_apart_at_its_own_places() -> None:
    shapes: Shapes = parser._shapes()
    text = 'once fare.b or c < 3 turns and not "or" == 12:30'
    shape, tokens, places = shapes.take_apart(text)
    assert tokens == ["fare", "b", "c", "3 turns", '"or"', "12:30"]
    assert list(zip(places[::2], places[1::2])) == [hole[1:] for hole in shapes.holes(text)]
    assert shape.startswith("once ")
    assert " and not " in shape


def test_what_does_not_parse_is_never_kept() -> None:
    memo.forget()
    for _ in range(3):
        assert isinstance(parser.parse("a and or b", "guard"), Mistake)
    assert not parser._TREES.known


def test_a_memo_is_bounded_and_forgets_the_older_half() -> None:
    few: Memo[int, int] = Memo(10, 1000)
    for number in range(95):
        few.keep(number, number, 1)
        assert len(few.known) <= 10
        assert few.get(number) == number
    memo.forget()
    assert few.get(94) is None


def test_threads_may_share_a_memo() -> None:
    few: Memo[int, int] = Memo(50, 1000)
    wrong: list[object] = []

    def work(seed: int) -> None:
        draw = random.Random(seed)
        try:
            for _ in range(20_000):
                key = draw.randrange(200)
                held = few.get(key)
                if held is not None and held != key * 3:
                    wrong.append((key, held))
                few.keep(key, key * 3, 1)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def cost(keep: Callable[[int], int], count: int = 12) -> float:
    """Bytes that are kept per character of different texts: ``keep`` reads one, given a number, and says how long it was."""
    memo.forget()
    gc.collect()
    tracemalloc.start()
    length = sum(keep(number) for number in range(count))
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    memo.forget()
    return held / length


def expression(number: int) -> int:
    text = " or ".join(f"v{number}_{at} >= {at}" for at in range(24))
    parser.parse(text, "guard")
    return len(text)


def shape(number: int) -> int:
    """Read twice, for what is seen once has no mould; the tree itself is not counted here."""
    bits = f"{number:b}".zfill(30)
    text = " or ".join("a >= 1" if bit == "0" else "not b" for bit in bits)
    for _ in range(2):
        parser.parse(text, "guard")
        parser._TREES.clear()
    return len(text)


def wording(number: int) -> int:
    text = " ".join(f"{{{{ v{number}_{at} }}}}" for at in range(60))
    span = Span(Source("a.yaml", text.encode()), 0, len(text))
    templates.check(Scalar(text, span), {f"v{number}_{at}": "public" for at in range(60)})
    return len(text)


def module(number: int) -> int:
    lines = "".join(f"  e{at}.a: {{}}\n" for at in range(300))
    data = f"# {number}\nevents:\n{lines}".encode()
    uses._take(Source(f"m{number}.yaml", data))
    return len(data)


def typed(number: int) -> int:
    text = f"one of {' | '.join(f'a{number}_{at}' for at in range(30))}"
    span = Span(Source("a.yaml", text.encode()), 0, len(text))
    declare.declaration(Scalar(text, span), {}, [])
    return len(text)


def test_all_memos_together_stay_below_64_megabytes_whatever_is_read() -> None:
    for read in (expression, shape, wording, module, typed):
        read(1_000_000)
    made = (
        (parser._TREES, expression),
        (parser._MOULDS, shape),
        (templates._STRUCTURES, wording),
        (uses._TAKEN, module),
        (declare._TYPES, typed),
    )
    assert len(made) == len([one for one in memo._ALL if one.text > 1000])
    most = {read.__name__: kept.text * cost(read) / 2**20 for kept, read in made}
    assert all(megabytes > 0.5 for megabytes in most.values()), most
    assert sum(most.values()) < 64, most


def test_a_full_memo_forgets_by_text_too() -> None:
    small: Memo[int, str] = Memo(100, 1000)
    try:
        for number in range(50):
            small.keep(number, "x", 90)
            assert small.held == 90 * len(small.known) <= 1000
            assert small.get(number) == "x"
        small.keep(50, "too long", 5000)
        assert small.get(50) is None and small.get(49) == "x"
        small.clear()
        assert small.held == 0 and small.get(49) is None
    finally:
        memo._ALL.remove(small)  # type: ignore[arg-type]

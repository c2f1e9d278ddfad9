"""Tables: the parser's LALR tables, kept between runs.

Building them from the grammar takes longer than reading a hundred scenarios. They follow from the grammar and from the parser
generator and nothing else, so they are kept under the hash of both (see ``kept``) as the generator's own serialisation,
in JSON. Whatever is wrong with them, they are built again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dramaturg.dsl.memory import kept

if TYPE_CHECKING:
    from lark import Lark, Transformer

HEAD = b"dramaturg tables 1 "
LARGEST = 8_000_000


def parser(grammar: str, start: tuple[str, ...], callbacks: Transformer[object, object]) -> Lark:
    """The parser of a grammar, with the callbacks that build its trees."""
    import lark

    total = hashlib.sha256(f"{lark.__version__}\0{sys.version}\0{start}\0{grammar}".encode())
    place = kept.place("tables")
    path = None if place is None else place / f"{total.hexdigest()[:40]}.json"
    if path is not None:
        try:
            return _loaded(json.loads(kept.read(path, HEAD, LARGEST)), callbacks)
        except Exception:  # the generator believes what it is given and fails in its own ways
            pass
    options = {"start": list(start), "parser": "lalr", "lexer": "contextual", "maybe_placeholders": False}
    if path is not None:
        try:
            kept.write(path, HEAD, json.dumps(_written(lark.Lark(grammar, **options))).encode())
            return _loaded(json.loads(kept.read(path, HEAD, LARGEST)), callbacks)
        except (OSError, ValueError, TypeError, KeyError):
            pass
    return lark.Lark(grammar, transformer=callbacks, **options)


def _written(made: Lark) -> list[object]:
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    return list(made.memo_serialize([TerminalDef, Rule]))


def _loaded(held: list[Mapping[str, object]], callbacks: Transformer[object, object]) -> Lark:
    from lark import Lark

    data, memo = held
    table = data["parser"]["parser"]  # type: ignore[index]
    table["states"] = {int(state): _numbered(actions) for state, actions in table["states"].items()}
    table["tokens"] = _numbered(table["tokens"])
    made: Lark = Lark.__new__(Lark)
    return made._load({"data": data, "memo": _numbered(memo)}, transformer=callbacks)


def _numbered(held: Mapping[str, object]) -> dict[int, object]:
    """JSON has only texts for keys."""
    return {int(key): value for key, value in held.items()}

"""Crowds: which of many bindings are meant, in as few words as say it exactly.

A binding is known by how it is written, ``budget = 80 EUR, persona.patience = short``. Some of them are told by the values that
tell them from the others, where there are such values, else one by one; what all bindings have in common is never said.
"""

from __future__ import annotations

from collections.abc import Sequence

Parts = dict[str, str]


def told(some: Sequence[str], among: Sequence[str], most: int = 3) -> str:
    """These bindings among those: ``all 6``, ``3 of 6: those with persona.concerns = nausea``, or the first ``most`` of them."""
    if len(some) == len(among):
        return f"all {len(among)}" if len(among) > 1 else among[0]
    everybody = [_parts(name) for name in among]
    varying = [part for part in everybody[0] if len({each.get(part) for each in everybody}) > 1] if everybody else []
    chosen = [_parts(name) for name in some]
    ways = {part: list(dict.fromkeys(each.get(part, "") for each in chosen)) for part in varying}
    telling = [part for part in varying if len(ways[part]) < len({each.get(part) for each in everybody})]
    those = sum(all(each.get(part) in ways[part] for part in telling) for each in everybody)
    if telling and those == len(some) > 1:
        with_these = ", ".join(f"{part} = {' or '.join(ways[part])}" for part in telling)
        return f"{len(some)} of {len(among)}, those with {with_these}"
    listed = [", ".join(f"{part} = {each[part]}" for part in varying if part in each) for each in chosen[:most]]
    more = [f"{len(some) - most} more"] if len(some) > most else []
    return "; ".join([*listed, *more])


def _parts(name: str) -> Parts:
    """The values of a binding by name. A value may hold commas (`concerns = a, b`), so what has no `=` goes on."""
    out: Parts = {}
    last = ""
    for piece in name.split(", "):
        key, equals, value = piece.partition(" = ")
        if equals:
            last = key
            out[key] = value
        elif last:
            out[last] += f", {piece}"
        else:
            out[piece] = ""
    return out

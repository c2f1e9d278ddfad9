"""The past and the judged: operators whose truth needs a memory, or a model, elaborated.

``for`` and ``in last`` measure in time or in turns, and a bare ``for`` reaches only the condition before it. Something that happens
does so in an instant: it can have been ``in last 10m``, but it never lasts ``for 10m``.
"""

from __future__ import annotations

from collections.abc import Sequence

from dramaturg.dsl import core
from dramaturg.dsl.elaboration import truths
from dramaturg.dsl.elaboration.place import Place
from dramaturg.dsl.expressions import amounts, surface
from dramaturg.dsl.expressions.surface import At, Surface
from dramaturg.dsl.types import Wait


def past(tree: Surface, place: Place) -> core.Expr | None:
    """``for``, ``in last``, ``since``, ``once`` and ``earlier``."""
    match tree:
        case surface.Timed(op, item, amount):
            inner, waited = truths.truth(item, place), wait(amount, place)
            if inner is None or waited is None:
                return None
            if op == "in last":
                return core.InLast(inner, waited)
            if core.is_event(inner):
                text = place.text(item.at)
                place.say(
                    "event-does-not-last",
                    tree.at,
                    f"`{text}` happens in an instant, so it never lasts for {amount.text}",
                    f"`{text} in last {amount.text}` says that it happened within that time.",
                    fixes=[("write `in last`", (((item.at[1], amount.at[0]), " in last "),))],
                    safe=place.scalar.text[: tree.at[0]].rstrip().endswith("not"),
                )
                return None
            return core.Held(inner, waited)
        case surface.Since(left, right):
            first, second = truths.truth(left, place), truths.truth(right, place)
            return None if first is None or second is None else core.Since(first, second)
        case surface.Once(item, since):
            inner = truths.truth(item, place)
            after = None if since is None else truths.truth(since, place)
            if inner is None or (since is not None and after is None):
                return None
            return core.Once(inner, after)
        case surface.Earlier(item, amount):
            inner = truths.truth(item, place)
            within = None if amount is None else wait(amount, place)
            if inner is None or (amount is not None and within is None):
                return None
            return core.Earlier(inner, within)
    raise AssertionError(f"not of the past: {tree!r}")


def wait(amount: surface.Quantity, place: Place) -> Wait | None:
    """``10m`` or ``2 turns`` behind ``for``, ``in last`` or ``within``."""
    try:
        family, value = amounts.quantity(amount.text)
    except ValueError as error:
        place.say("bad-amount", amount.at, str(error))
        return None
    if family not in ("duration", "turns"):
        message = f"`{amount.text}` is {amounts.family_name(family)}; a time such as `10m` or `2 turns` is wanted"
        place.say("bad-amount", amount.at, message)
        return None
    return Wait(turns=value) if family == "turns" else Wait(ms=value)


def judged(tree: Surface, question: str, otherwise: Surface | None, place: Place) -> core.Expr | None:
    """``judged "…" else ATOM``, in which the ATOM is not optional."""
    if otherwise is None:
        end: At = (tree.at[1], tree.at[1])
        place.say(
            "judged-without-else",
            tree.at,
            'say what decides where no model judges, as in `judged "…" else no`',
            fixes=[("end with `else no`", ((end, " else no"),))],
        )
        return None
    decides = truths.truth(otherwise, place)
    return None if decides is None else core.Judged(question, decides)


def warn_of_reach(before: tuple[Surface, ...], held: surface.Timed, place: Place) -> None:
    """``a and b for 10m`` speaks of ``b`` alone; where no parentheses say so, both readings are offered."""
    if held.op != "for" or _grouped(held):
        return
    first, last = before[0].at[0], held.item.at[1]
    inner, amount = place.text(held.item.at), held.amount.text
    place.say(
        "for-binds-tightly",
        held.at,
        f"`for {amount}` speaks of `{inner}` alone",
        f"For both, write `({place.text((first, last))}) for {amount}`.",
        fixes=[
            (f"only `{inner}` lasts", ((held.at, f"({place.text(held.at)})"),)),
            ("both last", (((first, held.at[1]), f"({place.text((first, last))}) for {amount}"),)),
        ],
    )


def warn_of_now(items: Sequence[Surface], exprs: Sequence[core.Expr | None], place: Place) -> None:
    """``a and a in last 30m``: what was asks of the present moment as well, at which ``a`` happens, so it says nothing more."""
    for item, expr in zip(items, exprs, strict=False):
        if not isinstance(expr, core.InLast | core.Once) or (isinstance(expr, core.Once) and expr.since is not None):
            continue
        if not core.is_event(expr.item) or expr.item not in exprs:
            continue
        text = place.text(item.at)
        meant = f"earlier {text.removeprefix('once').strip()}"
        place.say(
            "always-so-now",
            item.at,
            f"`{text}` includes the present moment, at which that happens anyhow: beside it this always holds",
            f"`earlier` leaves the present moment out: `{meant}`",
            fixes=[(f"write `{meant}`", ((item.at, meant),))],
            safe=False,
        )


def _grouped(tree: surface.Timed) -> bool:
    return tree.at[1] != tree.amount.at[1]

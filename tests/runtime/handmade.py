"""Traces written by hand, for what is computed from traces: turn by turn, with as little as a metric reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dramaturg.runtime.metrics import Case, Facts
from dramaturg.runtime.trace import ActKey, Answer, Seen, Step, Trace, Turn

FACTS = Facts(
    silent=frozenset({"keep_silent"}),
    proactive=frozenset({"follow_up"}),
    retrieving=frozenset({"retrieve"}),
    completing=frozenset({"complete_task"}),
    expects={"seat": frozenset({"follow_up"}), "close": frozenset({"complete_task"})},
    good=frozenset({("flight", "COMPLETED")}),
    initial={"flight": "PENDING"},
    stance=("user.trust",),
    people=frozenset({"user"}),
)


@dataclass(frozen=True)
class T:
    """One agent turn, and what others do after it."""

    act: str = "keep_silent"
    ok: bool = True
    open: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    broke: tuple[str, ...] = ()
    """Violations of the act itself."""
    then: tuple[str, ...] = ()
    """Moves of others after it, full event names."""
    later: tuple[str, ...] = ()
    """Violations on the clock's move after it."""
    seen: tuple[str, ...] = ()
    """Origins of what was seen before it."""
    state: str = "IN_PROGRESS"
    claims: str = ""
    value: tuple[float, float] = (1.0, 1.0)
    invalid: str = ""


def trace(turns: Sequence[T], *, ended: str = "good", final: str = "IN_PROGRESS", trust: Sequence[int] = ()) -> Trace:
    steps: list[Step] = [Step(0, "user", "user.ask")]
    out: list[Turn] = []
    for index, t in enumerate(turns):
        act = "" if t.invalid else t.act
        steps.append(Step(index, "agent", f"agent.{t.act}", violations=t.broke, served=t.served))
        steps += [Step(index, event.split(".")[0], event) for event in t.then]
        steps.append(Step(index, "clock", "tick", violations=t.later))
        out.append(
            Turn(
                index=index,
                at=index,
                node=index,
                seen=tuple(Seen(index, origin, "world", "fare.changed") for origin in t.seen),
                answer=Answer(act, status=(("flight", t.claims),) if t.claims else (), invalid=t.invalid),
                acceptable=(ActKey(t.act),) if t.ok else (ActKey("other"),),
                robust=(ActKey(t.act),) if t.ok else (ActKey("other"),),
                reference=None,
                ok=t.ok,
                value_before=t.value[0],
                value_after=t.value[1],
                open_triggers=t.open,
                status=(("flight", t.state),),
                violations=t.broke,
                served=t.served,
            )
        )
    return Trace(
        scenario="flight",
        digest="d",
        family="f",
        binding=(("limit", 12000),),
        seed=0,
        agent="hand",
        steps=tuple(steps),
        turns=tuple(out),
        ended=ended,
        final=(("flight", final),),
        violations=tuple(label for step in steps for label in step.violations),
        stance=tuple((n, {"user.trust": value, "concern.cost": "hidden"}) for n, value in enumerate(trust)),
    )


def case(
    turns: Sequence[T], branch: str = "", *, ended: str = "good", final: str = "IN_PROGRESS", trust: Sequence[int] = ()
) -> Case:
    return Case(trace(turns, ended=ended, final=final, trust=trust), FACTS, branch)

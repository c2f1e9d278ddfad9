"""Small scenarios as values, for tests of the compiler that should not depend on the language's front end."""

from __future__ import annotations

from dataclasses import replace

from dramaturg.dsl import core
from dramaturg.dsl.core import And, Compare, Const, Expr, Field, Happened, Var
from dramaturg.dsl.scenario import (
    Act,
    Agent,
    Check,
    EventField,
    EventType,
    Guard,
    MoveSpec,
    Person,
    Reply,
    Rule,
    Scenario,
    StreamEntry,
    Task,
    TaskState,
    Transition,
    Trigger,
    Variable,
)
from dramaturg.dsl.types import Condition, Enum, Number, Wait

DAY = 86_400_000


def g(expr: Expr, text: str = "") -> Guard:
    return Guard(expr, text or repr(expr))


def on(event: str, where: Expr | None = None) -> Guard:
    return g(Happened((event,), where), event)


def watch() -> Scenario:
    """A price watch: the user asks, the agent arms a reminder, the price falls on day 3 (or does not), the agent follows up.

    Two bindings: ``branch`` positive and negative.
    """
    price = Number("int", 0, 20, 1)
    acts = (
        Act("arm", "does", (EventField("condition", Condition(("price",))),)),
        Act("follow_up", "says", (EventField("at", price),), proactive=True),
        Act("complete", "says"),
        Act("keep_silent", "silent"),
    )
    names = [("user.ask", "user"), ("user.accept", "user"), ("user.decline", "user")]
    events = {name: EventType(name, actor) for name, actor in names}
    events["price.changed"] = EventType("price.changed", "world", (EventField("to", price),))
    for act in acts:
        events[f"agent.{act.name}"] = EventType(f"agent.{act.name}", "agent", act.fields)
    cheap = Compare("<=", Var("price"), Const(10))
    return Scenario(
        name="watch",
        about="",
        domain="test",
        family="watch",
        horizon=5 * DAY,
        turns=8,
        pace=1000,
        variables={
            "branch": Variable("branch", Enum(("positive", "negative")), "parameter"),
            "price": Variable("price", price, "world", g(Const(15))),
        },
        events=events,
        stream=(
            StreamEntry(
                "at", DAY, DAY, emit="price.changed", fields=(("to", g(Const(12))),), sets=(("price", g(Field("to"))),)
            ),
            StreamEntry(
                "at",
                3 * DAY,
                3 * DAY,
                condition=g(Compare("==", Var("branch"), Const("positive"))),
                emit="price.changed",
                fields=(("to", g(Const(8))),),
                sets=(("price", g(Field("to"))),),
            ),
        ),
        agent=Agent(wakes=("user", "update"), acts=acts),
        cast=(
            Person(
                "user",
                moves=tuple(n for n, _ in names),
                opens=MoveSpec("user.ask"),
                replies=(
                    Reply(on("agent.follow_up", Compare("<=", Field("at"), Const(10))), do=MoveSpec("user.accept")),
                    Reply(on("agent.follow_up"), do=MoveSpec("user.decline")),
                ),
            ),
        ),
        concerns=(),
        tasks=(
            Task(
                "buy",
                (
                    TaskState("PENDING", (Transition(when=on("agent.arm"), go="WAITING"),)),
                    TaskState(
                        "WAITING",
                        (
                            Transition(
                                when=on("agent.complete"),
                                condition=g(core.Once(Happened(("user.accept",)))),
                                go="DONE",
                            ),
                            Transition(when=on("user.decline"), go="FAILED"),
                        ),
                        if_over="quiet",
                    ),
                    TaskState("DONE", end="good"),
                    TaskState("FAILED", end="bad"),
                ),
            ),
        ),
        triggers=(
            Trigger(
                "arm",
                on("user.ask"),
                within=Wait(turns=1),
                expect=on("agent.arm", core.Matches(Field("condition"), "cheap")),
            ),
            Trigger(
                "cheap",
                g(cheap, "price <= 10"),
                until=g(core.Not(cheap)),
                within=Wait(ms=DAY),
                expect=on("agent.follow_up", Compare("==", Field("at"), Var("price"))),
                otherwise="agent.keep_silent",
            ),
            Trigger("close", on("user.accept"), within=Wait(turns=1), expect=on("agent.complete")),
        ),
        shifts=(),
        words={},
        rules=(
            Rule(
                "no_presuming",
                "never",
                g(And((Happened(("agent.complete",)), core.Not(core.Once(Happened(("user.accept",))))))),
            ),
        ),
        checks=(Check("winnable", "winnable", g(core.InState("task.buy", ("DONE",)), "task.buy is DONE")),),
        digest="watch",
    )


def with_chance(scenario: Scenario, chance: float) -> Scenario:
    """The same, the user accepting only with a chance."""
    person = scenario.cast[0]
    replies = (replace(person.replies[0], chance=chance), *person.replies[1:])
    return replace(scenario, cast=(replace(person, replies=replies),))

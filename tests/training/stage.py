"""A small scenario as a value, for tests of prompts and corpora: numbers to copy, a concern to keep, several bindings.

A traveller says what she would pay at most. The agent arms a condition on the price, sleeps, follows up with the price when it
has fallen, and completes after she accepts. She has a hidden concern, a hidden stance, and an event carries a judge's field.
"""

from __future__ import annotations

from dramaturg.dsl import core
from dramaturg.dsl.core import And, Arith, Compare, Const, Expr, Field, Happened, Var
from dramaturg.dsl.scenario import (
    Act,
    Agent,
    Concern,
    EventField,
    EventType,
    Feel,
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
    Wording,
)
from dramaturg.dsl.types import Bool, Condition, Enum, Number, Text, Wait

DAY = 86_400_000
EUR = 100

SECRETS = ("SECRET-STORY", "secret_concern", "secret_mood", "secret_label", "SECRET-ABOUT")
"""Every text and name of the scenario that no prompt may hold; what a concern says is public once it is voiced."""


def g(expr: Expr, text: str = "") -> Guard:
    return Guard(expr, text or repr(expr))


def on(event: str, where: Expr | None = None) -> Guard:
    return g(Happened((event,), where), event)


def flights(most: int = 300) -> Scenario:
    """Limits of 100 EUR to ``most`` in steps of 20, two branches: (most - 80) / 10 bindings."""
    price = Number("money(EUR)", 0, 1000 * EUR, 10 * EUR)
    limit = Number("money(EUR)", 100 * EUR, most * EUR, 20 * EUR)
    acts = (
        Act("set_reminder", "does", (EventField("condition", Condition(("price",))),)),
        Act("follow_up", "says", (EventField("price", price),), proactive=True),
        Act("complete_task", "says"),
        Act("keep_silent", "silent"),
    )
    moves = {
        "user.ask": (EventField("limit", price),),
        "user.accept": (),
        "user.decline": (),
        "user.voice": (EventField("concern", Text(), view="user"),),
    }
    events = {name: EventType(name, "user", fields) for name, fields in moves.items()}
    label = EventField("secret_label", Bool(), view="judge")
    events["price.changed"] = EventType("price.changed", "world", (EventField("to", price), label))
    for act in acts:
        events[f"agent.{act.name}"] = EventType(f"agent.{act.name}", "agent", act.fields)
    cheap = Compare("<=", Var("price"), Var("flight.max_price"))

    def fall(day: int, by: int, condition: Guard | None = None) -> StreamEntry:
        to = Arith("+", Var("limit"), Const(by * EUR))
        fields = (("to", g(to)), ("secret_label", g(Const(True))))
        return StreamEntry(
            "at",
            day * DAY,
            day * DAY,
            condition=condition,
            emit="price.changed",
            fields=fields,
            sets=(("price", g(Field("to"))),),
        )

    accepted = core.Once(Happened(("user.accept",)))
    return Scenario(
        name="flights",
        about="A traveller wants a cheap seat. SECRET-ABOUT she is afraid.",
        domain="test",
        family="flights",
        horizon=5 * DAY,
        turns=8,
        pace=1000,
        variables={
            "branch": Variable("branch", Enum(("positive", "negative")), "parameter"),
            "limit": Variable("limit", limit, "parameter"),
            "price": Variable("price", price, "world", g(Arith("+", Var("limit"), Const(50 * EUR)))),
            "flight.max_price": Variable("flight.max_price", price, "slot", g(Var("limit"))),
            "user.secret_mood": Variable(
                "user.secret_mood", Number("int", 0, 3, 1), "stance", g(Const(2)), view="user"
            ),
        },
        events=events,
        stream=(
            fall(1, 20),
            fall(3, -10, g(Compare("==", Var("branch"), Const("positive")))),
        ),
        agent=Agent(wakes=("user", "update"), acts=acts),
        cast=(
            Person(
                "user",
                moves=tuple(name for name in moves if name != "user.voice"),
                opens=MoveSpec("user.ask", (("limit", g(Var("limit"))),)),
                replies=(
                    Reply(
                        on("agent.follow_up", Compare("<=", Field("price"), Var("flight.max_price"))),
                        do=MoveSpec("user.accept"),
                    ),
                    Reply(on("agent.follow_up"), do=MoveSpec("user.decline")),
                ),
                feels=(
                    Feel(
                        on("agent.follow_up"), (("user.secret_mood", g(Arith("+", Var("user.secret_mood"), Const(1)))),)
                    ),
                ),
            ),
        ),
        concerns=(
            Concern(
                "secret_concern",
                "user",
                story="SECRET-STORY",
                says="SECRET-SAYS",
                surfaces=on("agent.complete_task"),
                eased=on("user.accept"),
            ),
        ),
        tasks=(
            Task(
                "flight",
                (
                    TaskState("PENDING", (Transition(when=on("agent.set_reminder"), go="IN_PROGRESS"),)),
                    TaskState(
                        "IN_PROGRESS",
                        (
                            Transition(when=on("agent.complete_task"), condition=g(accepted), go="COMPLETED"),
                            Transition(when=on("user.decline"), go="FAILED"),
                        ),
                        if_over="quiet",
                    ),
                    TaskState("COMPLETED", end="good"),
                    TaskState("FAILED", end="bad"),
                ),
            ),
        ),
        triggers=(
            Trigger(
                "arm",
                on("user.ask"),
                within=Wait(turns=1),
                expect=on("agent.set_reminder", core.Matches(Field("condition"), "cheap")),
            ),
            Trigger(
                "cheap",
                g(cheap, "price <= max_price"),
                until=g(core.Not(cheap)),
                within=Wait(ms=DAY),
                expect=on("agent.follow_up", Compare("==", Field("price"), Var("price"))),
                otherwise="agent.keep_silent",
            ),
            Trigger("close", on("user.accept"), within=Wait(turns=1), expect=on("agent.complete_task")),
        ),
        shifts=(),
        words={
            "user.ask": (Wording("I would pay {{ limit | money }} at most.", ("limit",)),),
            "price.changed": (Wording("A seat now costs {{ to | money }}.", ("to",)),),
            "agent.follow_up": (Wording("There is a seat for {{ price | money }}.", ("price",)),),
        },
        rules=(Rule("no_presuming", "never", g(And((Happened(("agent.complete_task",)), core.Not(accepted))))),),
        checks=(),
        digest="flights",
    )

"""A small scenario made by hand, with a bit of everything that an episode meets, and the compiled form of it.

A user asks for cheap coffee. The price falls once to just above the limit, and later, in half of the bindings, below it. A good
agent stays silent at the first change, speaks at the second, and closes when the user accepts. The user has a concern that a
question brings up, and may change her mind.
"""

from __future__ import annotations

from functools import cache

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.scenario import (
    Act,
    Agent,
    Concern,
    EventField,
    EventType,
    Guard,
    MoveSpec,
    Person,
    Reply,
    Rule,
    Scenario,
    Shift,
    StreamEntry,
    Task,
    TaskState,
    Transition,
    Trigger,
    Variable,
    Wording,
)
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.types import Bool, Number, Value, Wait

MINUTE = 60_000
PRICE = Number("money(EUR)", 100, 900, 100)
SOURCE = Source("coffee.yaml", b"\n" * 100)


class _Lines:
    """Spans, one line of the imagined file each."""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self) -> Span:
        self.last += 1
        return Span(SOURCE, self.last, self.last + 1)


line = _Lines()


def guard(expr: Expr, text: str) -> Guard:
    return Guard(expr, text)


def event(name: str, where: Expr | None = None) -> Guard:
    return Guard(core.Happened((name,), where), name)


def const(value: Value) -> Guard:
    return Guard(core.Const(value), str(value))


def fits(op: str) -> Expr:
    return core.Compare(op, core.Var("price"), core.Var("limit"))


def right_price() -> Expr:
    return core.Compare("==", core.Field("at"), core.Var("price"))


def acts() -> tuple[Act, ...]:
    return (
        Act("tell", "says", (EventField("at", PRICE),), proactive=True, span=line()),
        Act("ask_why", "says", span=line()),
        Act("look", "does", returns=("price",), takes=2000, span=line()),
        Act("finish", "says", span=line()),
        Act("keep_silent", "silent", span=line()),
    )


def events(agent: tuple[Act, ...]) -> dict[str, EventType]:
    found = [
        EventType("price.changed", "world", (EventField("to", PRICE), EventField("why", Bool(), view="judge"))),
        EventType("user.ask", "user"),
        EventType("user.accept", "user"),
        EventType("user.decline", "user"),
        EventType("user.change_mind", "user"),
        EventType("user.voice", "user", (EventField("concern", Bool(), view="user"),)),
        EventType("result.look", "result", (EventField("price", PRICE),), view="agent"),
        *(EventType(f"agent.{act.name}", "agent", act.fields) for act in agent),
    ]
    return {kind.name: kind for kind in found}


def scenario() -> Scenario:
    line.last = 0
    agent = acts()
    price_event = (("why", const(True)),)
    fair = core.And((right_price(), core.Compare("<=", core.Field("at"), core.Var("limit"))))
    told = core.Happened(("agent.tell",), fair)
    looked = core.Happened(("agent.look",))
    return Scenario(
        name="coffee",
        about="A user waits for cheap coffee.",
        domain="test",
        family="coffee",
        horizon=180 * MINUTE,
        turns=8,
        pace=20_000,
        variables={
            v.name: v
            for v in (
                Variable("comes", Bool(), "parameter", view="world"),
                Variable("limit", Number("money(EUR)", 200, 400, 100), "parameter", view="public"),
                Variable("price", PRICE, "world", const(800)),
                Variable("user.mood", Number("int", 0, 3), "stance", const(2), view="user"),
            )
        },
        events=events(agent),
        stream=(
            StreamEntry(
                "at",
                30 * MINUTE,
                emit="price.changed",
                fields=(("to", const(700)), *price_event),
                sets=(("price", guard(core.Field("to"), "to")),),
                span=line(),
            ),
            StreamEntry(
                "at",
                60 * MINUTE,
                condition=guard(core.Var("comes"), "comes"),
                emit="price.changed",
                fields=(("to", guard(core.Var("limit"), "limit")), *price_event),
                sets=(("price", guard(core.Field("to"), "to")),),
                span=line(),
            ),
        ),
        agent=Agent(wakes=("user", "result", "price.changed"), acts=agent, role="Watch the price."),
        cast=(
            Person(
                "user",
                moves=("user.ask", "user.accept", "user.decline", "user.change_mind"),
                opens=MoveSpec("user.ask", span=line()),
                replies=(
                    Reply(guard(told, "agent.tell"), chance=0.7, do=MoveSpec("user.accept"), span=line()),
                    Reply(event("agent.tell"), do=MoveSpec("user.decline"), span=line()),
                ),
                span=line(),
            ),
        ),
        concerns=(
            Concern(
                "debt",
                "user",
                story="She owes money.",
                says="I have to save.",
                surfaces=event("agent.ask_why"),
                span=line(),
            ),
        ),
        tasks=(
            Task(
                "buy",
                (
                    TaskState(
                        "OPEN",
                        (
                            Transition(
                                when=event("agent.finish"),
                                condition=guard(core.Once(core.Happened(("user.accept",))), "once user.accept"),
                                go="DONE",
                                span=line(),
                            ),
                            Transition(when=event("user.decline"), go="LOST", span=line()),
                        ),
                        if_over="quiet",
                        span=line(),
                    ),
                    TaskState("DONE", end="good", span=line()),
                    TaskState("LOST", end="bad", span=line()),
                ),
                span=line(),
            ),
        ),
        triggers=(
            Trigger(
                "cheap",
                guard(fits("<="), "price <= limit"),
                until=guard(fits(">"), "price > limit"),
                within=Wait(ms=30 * MINUTE),
                expect=event("agent.tell", right_price()),
                otherwise="agent.keep_silent",
                span=line(),
            ),
            Trigger("close", event("user.accept"), within=Wait(turns=1), expect=event("agent.finish"), span=line()),
        ),
        shifts=(
            Shift(
                "doubt",
                "user",
                event("agent.look"),
                chance=0.5,
                move=MoveSpec("user.change_mind"),
                says="Or tea, perhaps?",
                span=line(),
            ),
        ),
        words={
            "user.ask": (Wording("Coffee, please."), Wording("Is it cheap yet?")),
            "price.changed": (Wording("Coffee is {{ to | money }} now.", ("to",)),),
        },
        rules=(
            Rule(
                "honest",
                "never",
                guard(
                    core.And((core.Happened(("agent.finish",)), core.Not(core.Once(core.Happened(("user.accept",)))))),
                    "agent.finish and not once user.accept",
                ),
                span=line(),
            ),
            Rule(
                "not_twice",
                "never",
                guard(core.And((looked, core.Earlier(looked))), "agent.look and earlier agent.look"),
                span=line(),
            ),
        ),
        checks=(),
        files=("coffee.yaml",),
        digest="c0ffee",
        span=line(),
    )


@cache
def compiled() -> Compiled:
    return compile_scenario(scenario(), analyse=False)

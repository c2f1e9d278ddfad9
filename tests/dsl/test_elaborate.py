"""Expressions mean what the language says, and each mistake is one diagnostic at its exact place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dramaturg.dsl import core
from dramaturg.dsl.core import And, Compare, Const, Expr, Field, Happened, InState, Latest, Not, Or, Var
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.elaboration import effects, elaborate
from dramaturg.dsl.scenario import EventField, EventType, Guard, Variable
from dramaturg.dsl.scope import CONCERN_STATES, SHIFT_STATES, TRIGGER_STATES, Scope
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.types import (
    Bool,
    Condition,
    Enum,
    ListOf,
    Number,
    Optional,
    SetOf,
    Text,
    TimeOfDay,
    Type,
    Value,
    Wait,
)

EUR = Number("money(EUR)", 0, 50_000, 1_000)
TIME = Number("duration", 0, 7_200_000, 300_000)
TOPIC = Enum(("cost", "effort", "purpose"), "topic")
LEVEL = Enum(("gold", "silver"))
DECLARED = Source("declared.yaml", b"declared here\n")


def span(at: int) -> Span:
    return Span(DECLARED, at, at + 1)


def variable(name: str, type: Type, kind: str, at: int = 0) -> tuple[str, Variable]:
    return name, Variable(name, type, kind, span=span(at))


def event(name: str, actor: str, /, **fields: Type) -> tuple[str, EventType]:
    return name, EventType(name, actor, tuple(EventField(key, type) for key, type in fields.items()), span=span(5))


SCOPE = Scope(
    variables=dict(
        [
            variable("budget", EUR, "parameter"),
            variable("level", LEVEL, "parameter"),
            variable("fare", EUR, "world", 3),
            variable("delay", TIME, "world"),
            variable("seats", Number("int", 0, 9), "world"),
            variable("ratio", Number("number", 0, 2_000, 100), "world"),
            variable("risk", Number("percent", 0, 10_000, 500), "world"),
            variable("late", Bool(), "world"),
            variable("gate", Optional(Number("int", 0, 9)), "world"),
            variable("note", Text(), "world"),
            variable("opening", TimeOfDay(), "world"),
            variable("tags", SetOf(TOPIC), "world"),
            variable("trip.max_price", EUR, "slot"),
            variable("trip.limit", Number("int", 0, 9), "slot"),
            variable("back.limit", Number("int", 0, 9), "slot"),
            variable("ann.trust", Number("int", 0, 5), "stance"),
            variable("persona.patience", Number("int", 0, 3), "trait"),
        ]
    ),
    events=dict(
        [
            event("fare.changed", "world", to=EUR),
            event("activity", "world", app=LEVEL, help_wanted=Bool()),
            event("agent.ask", "agent", topic=TOPIC),
            event("agent.follow_up", "agent", price=EUR),
            event("agent.arm", "agent", condition=Condition(("fare", "seats"))),
            event("result.retrieve", "result", fare=EUR),
            event("ann.accept", "ann"),
            event("ann.object", "ann", about=TOPIC),
            event("ann.give", "ann", name=Text(), order=Optional(Text()), age=Number("int", 0, 99)),
            event("ann.voice", "ann"),
            event("bo.bye", "bo"),
        ]
    ),
    machines={
        "task.trip": ("PENDING", "DONE", "FAILED"),
        "concern.cost": CONCERN_STATES,
        "trigger.cheap": TRIGGER_STATES,
        "shift.cheaper": SHIFT_STATES,
    },
    concern_fields={"concern.cost.topic": "cost"},
    persons={"ann": "user", "bo": "colleague"},
    constants={"persona.name": (Text(), "Ann")},
    types={"topic": TOPIC},
)


def scalar(text: str) -> Scalar:
    data = f"if: {text}\n".encode()
    return Scalar(text, Span(Source("t.yaml", data), 4, 4 + len(text.encode())))


def guard(text: str, scope: Scope = SCOPE) -> Expr:
    sink: list[Diagnostic] = []
    found = elaborate.guard(scalar(text), scope, sink)
    assert [it for it in sink if it.severity == "error"] == []
    assert found is not None
    assert found.text == text.strip()
    return found.expr


def compare(op: str, name: str, value: Value) -> Expr:
    return Compare(op, Var(name), Const(value))


HERS = ("ann.accept", "ann.object", "ann.give", "ann.voice")
CHEAP = compare("<=", "fare", 10_000)
PURPOSE = Happened(("agent.ask",), Compare("==", Field("topic"), Const("purpose")))


@pytest.mark.parametrize(
    ("text", "expr"),
    [
        ("fare <= 100 EUR", CHEAP),
        ("100 EUR >= fare", Compare(">=", Const(10_000), Var("fare"))),
        ("fare <= max_price", Compare("<=", Var("fare"), Var("trip.max_price"))),
        ("fare <= trip.max_price", Compare("<=", Var("fare"), Var("trip.max_price"))),
        ("fare <= task.trip.max_price", Compare("<=", Var("fare"), Var("trip.max_price"))),
        ("trust >= 3", compare(">=", "ann.trust", 3)),
        ("user.trust >= 3", compare(">=", "ann.trust", 3)),
        ("persona.patience > 1", compare(">", "persona.patience", 1)),
        ("level == gold", compare("==", "level", "gold")),
        ("gold == level", Compare("==", Const("gold"), Var("level"))),
        ("level is gold", compare("==", "level", "gold")),
        ("level is not gold", compare("!=", "level", "gold")),
        ("level is gold | silver", core.Member(Var("level"), ("gold", "silver"))),
        ("level not in {gold, silver}", Not(core.Member(Var("level"), ("gold", "silver")))),
        ("seats is 1 | 2", core.Member(Var("seats"), (1, 2))),
        ("late", Var("late")),
        ("not late", Not(Var("late"))),
        ("late is yes", compare("==", "late", True)),
        ("seats in 1..3", And((compare(">=", "seats", 1), compare("<=", "seats", 3)))),
        ("ratio > 1", compare(">", "ratio", 1_000)),
        ("ratio > 0.5", compare(">", "ratio", 500)),
        ("opening > 12:30", compare(">", "opening", 45_000_000)),
        ('note == "ok"', compare("==", "note", "ok")),
        ("note == persona.name", compare("==", "note", "Ann")),
        ("fare <= 100 EUR and late and seats > 0", And((CHEAP, Var("late"), compare(">", "seats", 0)))),
        ("late implies fare <= 100 EUR", Or((Not(Var("late")), CHEAP))),
        ("agent.ask", Happened(("agent.ask",))),
        ("agent.ask(topic == purpose)", PURPOSE),
        ("agent.ask(topic is purpose)", PURPOSE),
        ("agent", Happened(("agent.ask", "agent.follow_up", "agent.arm"))),
        ("user", Happened(HERS)),
        ("ann", Happened(HERS)),
        ("user.accept", Happened(("ann.accept",))),
        ("activity(help_wanted)", Happened(("activity",), Field("help_wanted"))),
        ("activity(not help_wanted)", Happened(("activity",), Not(Field("help_wanted")))),
        ("agent.follow_up(price == fare)", Happened(("agent.follow_up",), Compare("==", Field("price"), Var("fare")))),
        ("agent.arm(condition matches cheap)", Happened(("agent.arm",), core.Matches(Field("condition"), "cheap"))),
        (
            "agent.ask(topic == concern.cost.topic)",
            Happened(("agent.ask",), Compare("==", Field("topic"), Const("cost"))),
        ),
        ("result.retrieve and late", And((Happened(("result.retrieve",)), Var("late")))),
        ("result.retrieve.fare == fare", Compare("==", Latest("result.retrieve", "fare"), Var("fare"))),
        ("activity.help_wanted", Compare("==", Latest("activity", "help_wanted"), Const(True))),
        ("ann.give.order is known", core.Known(Latest("ann.give", "order"))),
        ("gate is not known", Not(core.Known(Var("gate")))),
        ("gate == 3", compare("==", "gate", 3)),
        ("gate is known and gate > 3", And((core.Known(Var("gate")), compare(">", "gate", 3)))),
        ("gate is not known or gate > 3", Or((Not(core.Known(Var("gate"))), compare(">", "gate", 3)))),
        ("gate is known implies gate > 3", Or((Not(core.Known(Var("gate"))), compare(">", "gate", 3)))),
        ("task.trip is DONE | FAILED", InState("task.trip", ("DONE", "FAILED"))),
        ("task.trip in {DONE, FAILED}", InState("task.trip", ("DONE", "FAILED"))),
        ("task.trip is not DONE", Not(InState("task.trip", ("DONE",)))),
        ("concern.cost is voiced | hidden", InState("concern.cost", ("voiced", "hidden"))),
        ("not trigger.cheap is open", Not(InState("trigger.cheap", ("open",)))),
        ("user.resistance < 3", Compare("<", core.Resistance("ann"), Const(3))),
        ("count(user.accept) >= 4", Compare(">=", core.Count(Happened(("ann.accept",)), 5), Const(4))),
        ("4 <= count(user.accept)", Compare("<=", Const(4), core.Count(Happened(("ann.accept",)), 5))),
        ("count(user.accept) > seats", Compare(">", core.Count(Happened(("ann.accept",)), 10), Var("seats"))),
        ("(fare <= 100 EUR and late) for 10m", core.Held(And((CHEAP, Var("late"))), Wait(ms=600_000))),
        ("user.accept in last 1 turn", core.InLast(Happened(("ann.accept",)), Wait(turns=1))),
        ("late since user.accept", core.Since(Var("late"), Happened(("ann.accept",)))),
        ("once user.accept since bo.bye", core.Once(Happened(("ann.accept",)), Happened(("bo.bye",)))),
        ("once user.accept", core.Once(Happened(("ann.accept",)))),
        ("earlier agent.ask(topic == purpose)", core.Earlier(PURPOSE)),
        ("earlier agent.ask(topic == purpose) in last 2d", core.Earlier(PURPOSE, Wait(ms=2 * 86_400_000))),
        ("earlier user.accept in last 1 turn", core.Earlier(Happened(("ann.accept",)), Wait(turns=1))),
        ('judged "is it late" else late', core.Judged("is it late", Var("late"))),
        ('bo.bye and judged "really" else no', And((Happened(("bo.bye",)), core.Judged("really", Const(False))))),
    ],
)
def test_a_guard_means(text: str, expr: Expr) -> None:
    assert guard(text) == expr


def test_a_field_of_the_event_at_hand_comes_before_all_else() -> None:
    scope = SCOPE.during({"fare": Number("int", 0, 9)})
    assert guard("fare > 3", scope) == Compare(">", Field("fare"), Const(3))


def test_inside_a_task_its_own_slots_come_first() -> None:
    assert guard("limit > 3", SCOPE.within("back")) == compare(">", "back.limit", 3)


def test_fields_at_hand_are_those_of_every_event() -> None:
    assert elaborate.fields_of(guard("agent.ask and late"), SCOPE) == {"topic": TOPIC}
    assert elaborate.fields_of(guard("agent.ask or user.accept"), SCOPE) == {}
    assert elaborate.fields_of(guard("agent"), SCOPE) == {}
    assert elaborate.fields_of(guard("once agent.ask"), SCOPE) == {}


MISTAKES = [
    ("fares <= 100 EUR", "unknown-name", "fares", "nothing is named `fares` here; did you mean `fare`?"),
    ("late and true", "unknown-name", "true", "`true` is written `yes` here"),
    ("fare <= 100", "bad-amount", "100", "`100` has no unit; an amount of EUR is wanted"),
    ("fare <= 10m", "mixed-units", "fare <= 10m", None),
    ("fare <= 100 USD", "mixed-units", "fare <= 100 USD", None),
    ("fare + 10% > budget", "mixed-units", "fare + 10%", None),
    ("delay > 10min", "bad-amount", "10min", "`10min` is written `10m` here"),
    ("fare <= 0.001 EUR", "bad-amount", "0.001 EUR", None),
    ("late and delay", "not-yes-no", "delay", "`delay` is a duration, where a condition is wanted"),
    ("delay or late", "not-yes-no", "delay", None),
    ("not seats", "not-yes-no", "seats", None),
    ("level", "not-yes-no", "level", None),
    ("count(user)", "not-yes-no", "count(user)", None),
    ("task.trip", "not-yes-no", "task.trip", "say which state `task.trip` is in, as in `task.trip is PENDING`"),
    ("level < gold", "type-mismatch", "level < gold", "`<` asks which is more, but `level` is one of gold, silver"),
    ("level == gild", "unknown-member", "gild", "`gild` is not one of gold, silver; did you mean `gold`?"),
    ("level is gold | siver", "unknown-member", "siver", "`siver` is not one of gold, silver; did you mean `silver`?"),
    ("level == late", "type-mismatch", "level == late", None),
    ("agent.ask == 3", "type-mismatch", "agent.ask", "`agent.ask` is something that happens, not a value"),
    ("agent.ask(tpoic == cost)", "unknown-field", "tpoic", "`agent.ask` has no field `tpoic`; did you mean `topic`?"),
    ("agent.ask(topic == price)", "unknown-member", "price", None),
    ("agent.ask.topik == cost", "unknown-field", "agent.ask.topik", None),
    ("agent.aks", "unknown-name", "agent.aks", "nothing is named `agent.aks` here; did you mean `agent.ask`?"),
    ("fare(late)", "not-a-pattern", "fare", "`fare` is not an event, so it takes no parentheses"),
    ("task.trip is DNE", "unknown-state", "DNE", "`task.trip` has no state `DNE`; did you mean `DONE`?"),
    ("task.trip is DONE or FAILED", "is-a-or-b", "task.trip is DONE or FAILED", None),
    ("level == gold or silver", "is-a-or-b", "level == gold or silver", None),
    ("gate > 3", "may-be-unknown", "gate", "`gate` may be unknown here"),
    ("gate is known or gate > 3", "may-be-unknown", "gate", None),
    ("ann.give.age > 3", "may-be-unknown", "ann.give.age", None),
    ("fare is known", "always-known", "fare", "`fare` is never unknown"),
    ("limit > 3", "ambiguous-name", "limit", "`limit` could be `trip.limit` or `back.limit`"),
    ("count(user) > count(agent)", "count-without-bound", "count(agent)", None),
    ('judged "is it late"', "judged-without-else", 'judged "is it late"', None),
    ("late for 3 EUR", "bad-amount", "3 EUR", None),
    (
        "agent.arm(condition matches chaep)",
        "unknown-name",
        "chaep",
        "no trigger is named `chaep`; did you mean `cheap`?",
    ),
    ("fare matches cheap", "type-mismatch", "fare", None),
    ("fare / 0 > 1 EUR", "type-mismatch", "0", "this divides by zero"),
    ("opening > 25:00", "bad-amount", "25:00", None),
    ("DONE", "unknown-name", "DONE", "nothing is named `DONE` here"),
    ("price > 30 EUR", "unknown-name", "price", "nothing is named `price` here"),
]


def mistakes(text: str) -> list[Diagnostic]:
    sink: list[Diagnostic] = []
    assert elaborate.guard(scalar(text), SCOPE, sink) is None
    return sink


@pytest.mark.parametrize(("text", "name", "where", "message"), MISTAKES)
def test_a_mistake_is_one_diagnostic_at_its_place(text: str, name: str, where: str, message: str | None) -> None:
    (found,) = mistakes(text)
    assert (found.name, found.span.text) == (name, where)
    assert message is None or found.message == message
    assert all(label.span.source is DECLARED for label in found.labels)


@pytest.mark.parametrize(("text", "name"), [row[:2] for row in MISTAKES])
def test_a_fix_repairs_what_it_is_offered_for(text: str, name: str) -> None:
    (found,) = mistakes(text)
    for fix in found.fixes:
        data = found.span.source.data
        for where, new in sorted(fix.edits, key=lambda edit: -edit[0].start):
            data = data[: where.start] + new.encode() + data[where.end :]
        sink: list[Diagnostic] = []
        elaborate.guard(scalar(data.decode()[4:-1]), SCOPE, sink)
        assert name not in [it.name for it in sink]


def test_a_mistake_shows_where_the_name_was_declared() -> None:
    (found,) = mistakes("fare <= 10m")
    assert [(label.span.start, label.text) for label in found.labels] == [(3, "declared here")]


def test_independent_mistakes_are_all_reported() -> None:
    assert [it.span.text for it in mistakes("fares > 1 EUR and delay > 3 EUR and late")] == ["fares", "delay > 3 EUR"]


def test_places_are_right_behind_characters_of_several_bytes() -> None:
    (found,) = mistakes('note == "Überfällig" and fares > 1 EUR')
    assert found.span.text == "fares"


@pytest.mark.parametrize(
    ("text", "name", "repaired"),
    [
        (
            "late and fare <= 100 EUR for 10m",
            "for-binds-tightly",
            {"late and (fare <= 100 EUR for 10m)", "(late and fare <= 100 EUR) for 10m"},
        ),
    ],
)
def test_what_is_probably_not_meant_is_warned_of(text: str, name: str, repaired: set[str]) -> None:
    sink: list[Diagnostic] = []
    assert elaborate.guard(scalar(text), SCOPE, sink) is not None
    (found,) = sink
    assert (found.name, found.severity) == (name, "warning")
    fixed = set()
    for fix in found.fixes:
        ((where, new),) = fix.edits
        data = where.source.data
        fixed.add((data[: where.start] + new.encode() + data[where.end :]).decode()[4:-1])
    assert fixed == repaired


def test_what_happens_in_an_instant_does_not_last() -> None:
    sink: list[Diagnostic] = []
    assert elaborate.guard(scalar("agent.ask for 2m"), SCOPE, sink) is None
    assert [(found.name, found.severity) for found in sink] == [("event-does-not-last", "error")]


def test_parentheses_say_what_lasts_and_end_the_warning() -> None:
    guard("late and (fare <= 100 EUR for 10m)")
    sink: list[Diagnostic] = []
    elaborate.guard(scalar("late and (fare <= 100 EUR for 10m)"), SCOPE, sink)
    assert sink == []


def value(text: str, expected: Type, draws: bool = False, scope: Scope = SCOPE) -> tuple[Guard | None, list[str]]:
    sink: list[Diagnostic] = []
    found = elaborate.value(scalar(text), scope, expected, sink, draws)
    assert (found is None) == any(it.severity == "error" for it in sink)
    return found, [it.name for it in sink]


@pytest.mark.parametrize(
    ("text", "expected", "expr"),
    [
        ("120 EUR", EUR, Const(12_000)),
        ("budget + 60 EUR", EUR, core.Arith("+", Var("budget"), Const(6_000))),
        ("fare * 2", EUR, core.Arith("*", Var("fare"), Const(2))),
        ("2 * fare", EUR, core.Arith("*", Const(2), Var("fare"))),
        ("fare * 1.5", EUR, core.Arith("*", Var("fare"), Const(1_500), 1_000)),
        ("fare * 50%", EUR, core.Arith("*", Var("fare"), Const(5_000), 10_000)),
        ("fare / 2", EUR, core.Arith("/", Var("fare"), Const(2))),
        ("fare / 0.5", EUR, core.Arith("/", Var("fare"), Const(500), 1_000)),
        ("fare / budget", Number("number"), core.Arith("/", Var("fare"), Var("budget"), 1_000)),
        ("seats + 1", Number("int", 0, 9), core.Arith("+", Var("seats"), Const(1))),
        ("-5", Number("int", -9, 9), Const(-5)),
        ("ratio * ratio", Number("number"), core.Arith("*", Var("ratio"), Var("ratio"), 1_000)),
        ("risk * 2", Number("percent"), core.Arith("*", Var("risk"), Const(2))),
        ("1.5 * risk", Number("percent"), core.Arith("*", Const(1_500), Var("risk"), 1_000)),
        ("seats * 50%", Number("int"), core.Arith("*", Var("seats"), Const(5_000), 10_000)),
        ("seats * risk", Number("int"), core.Arith("*", Var("seats"), Var("risk"), 10_000)),
        ("1.5", Number("number"), Const(1_500)),
        ("cost", TOPIC, Const("cost")),
        ("concern.cost.topic", TOPIC, Const("cost")),
        ("level", LEVEL, Var("level")),
        ("late", Bool(), Var("late")),
        ("(level == gold) or late", Bool(), Or((compare("==", "level", "gold"), Var("late")))),
        ("unknown", Optional(EUR), Const(None)),
        ("120 EUR", Optional(EUR), Const(12_000)),
        ("gate", Optional(Number("int")), Var("gate")),
        ("12:30", TimeOfDay(), Const(45_000_000)),
        ("Good morning, you", Text(), Const("Good morning, you")),
        ('"note"', Text(), Const("note")),
        ("note", Text(), Var("note")),
        ("fare <= 90 EUR", Condition(("fare",)), Const("fare <= 90 EUR")),
        ("cost | effort", SetOf(TOPIC), Const(("cost", "effort"))),
        ("none", SetOf(TOPIC), Const(())),
        ("none", SetOf(Enum(("none", "all"))), Const(("none",))),
        ("a, b", ListOf(Text(), 1, 5), Const(("a", "b"))),
        ("none", ListOf(Number("int")), Const(())),
    ],
)
def test_a_value_means(text: str, expected: Type, expr: Expr) -> None:
    found, names = value(text, expected)
    assert names == []
    assert found is not None
    assert found.expr == expr


@pytest.mark.parametrize(
    ("text", "expected", "expr"),
    [
        ("5m..30m", TIME, core.Uniform(Const(300_000), Const(1_800_000))),
        ("fare +- 30 EUR", EUR, core.Spread(Var("fare"), Const(3_000))),
        ("one of cost | effort", TOPIC, core.Pick(("cost", "effort"))),
        ("one of 1 | 3", Number("int", 0, 9), core.Pick((1, 3))),
        ("one of yes | no", Bool(), core.Pick((True, False))),
    ],
)
def test_a_draw_means_where_draws_are_allowed(text: str, expected: Type, expr: Expr) -> None:
    found, _ = value(text, expected, draws=True)
    assert found is not None
    assert found.expr == expr
    assert value(text, expected)[1] == ["draw-not-allowed"]


@pytest.mark.parametrize(
    ("text", "expected", "name"),
    [
        ("900 EUR", EUR, "out-of-range"),
        ("fare", TIME, "mixed-units"),
        ("late", EUR, "type-mismatch"),
        ("gate", Number("int"), "may-be-unknown"),
        ("silver", TOPIC, "unknown-member"),
        ("30m..5m", TIME, "draw-not-allowed"),
        ("5m..9h", TIME, "out-of-range"),
        ("one of cost | fare", TOPIC, "type-mismatch"),
        ("cost..effort", TOPIC, "draw-not-allowed"),
        ("fare +", EUR, "bad-expression"),
        ("agent.ask", EUR, "type-mismatch"),
        ("cost | efort", SetOf(TOPIC), "unknown-member"),
        ("none", ListOf(Text(), 1, 5), "bad-amount"),
    ],
)
def test_a_value_that_does_not_fit_is_one_diagnostic(text: str, expected: Type, name: str) -> None:
    assert value(text, expected, draws=True)[1] == [name]


@pytest.mark.parametrize(
    ("text", "meant"), [("tags == none", "count(tags) == 0"), ("tags is not none", "count(tags) > 0")]
)
def test_whether_a_set_is_empty_is_counted(text: str, meant: str) -> None:
    (said,) = mistakes(text)
    (fix,) = said.fixes
    assert [new for _, new in fix.edits] == [meant]
    guard(meant)


def test_a_draw_that_is_called_as_elsewhere_is_told_how_it_is_written() -> None:
    sink: list[Diagnostic] = []
    assert elaborate.value(scalar("uniform(5m, 30m)"), SCOPE, TIME, sink, True) is None
    (said,) = sink
    (fix,) = said.fixes
    assert [new for _, new in fix.edits] == ["5m..30m"]


@pytest.mark.parametrize(
    ("read", "text", "meant"),
    [
        (elaborate.check, "alwys (seats > 1)", "always"),
        (elaborate.check, "possible (seats > 1 adn late)", "and"),
        (elaborate.rule, "nevr (agent.ask and late)", "never"),
        (elaborate.guard, "gate is knwon", "known"),
        (elaborate.guard, "seats > 1 adn late", "and"),
    ],
)
def test_a_misspelt_word_of_the_language_is_known_again(read: Callable[..., object], text: str, meant: str) -> None:
    sink: list[Diagnostic] = []
    assert read(scalar(text), SCOPE, sink) is None
    (said,) = sink
    (fix,) = said.fixes
    assert [new for _, new in fix.edits] == [meant]


def test_a_stranger_in_a_set_is_told_where_it_stands() -> None:
    sink: list[Diagnostic] = []
    assert elaborate.value(scalar("cost | efort"), SCOPE, SetOf(TOPIC), sink, False) is None
    (said,) = sink
    assert said.span.text == "efort"
    assert said.message.endswith("; did you mean `effort`?")


def test_patterns_are_events_only() -> None:
    sink: list[Diagnostic] = []
    found = elaborate.pattern(scalar("agent.ask(topic == cost) or user.accept"), SCOPE, sink)
    assert found is not None
    assert isinstance(found.expr, Or)
    assert sink == []
    for text in ("late", "agent.ask and late", "fare <= 3 EUR", "count(agent)"):
        assert elaborate.pattern(scalar(text), SCOPE, sink) is None
    assert [it.name for it in sink] == ["not-a-pattern"] * 4


def test_a_move_fixes_its_arguments() -> None:
    sink: list[Diagnostic] = []
    spec = elaborate.move(scalar("user.object(about == concern.cost.topic)"), SCOPE, sink)
    assert spec is not None
    assert (spec.event, [(name, it.expr) for name, it in spec.fields]) == ("ann.object", [("about", Const("cost"))])
    for text in ("user", "user.object(about != cost)", "user.object(abot == cost)", "late"):
        assert elaborate.move(scalar(text), SCOPE, sink) is None
    assert [it.name for it in sink] == ["not-a-pattern", "not-a-pattern", "unknown-field", "not-a-pattern"]


def test_checks_and_rules() -> None:
    sink: list[Diagnostic] = []
    claim = elaborate.check(scalar("late leads to task.trip is DONE | FAILED or late within 6h"), SCOPE, sink)
    assert claim is not None
    assert claim.right is not None
    assert (claim.kind, claim.left.text, claim.right.text) == ("leads_to", "late", "task.trip is DONE | FAILED or late")
    assert claim.deadline == Wait(ms=21_600_000)
    turns = elaborate.check(scalar("winnable task.trip is DONE within 12 turns"), SCOPE, sink)
    assert turns is not None
    assert turns.deadline == Wait(turns=12)
    norm = elaborate.rule(scalar("never (agent.ask and not once user.accept)"), SCOPE, sink)
    assert norm is not None
    assert (norm.kind, norm.left.span.text) == ("never", "(agent.ask and not once user.accept)")
    assert sink == []
    assert elaborate.rule(scalar("possible late"), SCOPE, sink) is None
    assert elaborate.check(scalar("late"), SCOPE, sink) is None
    assert elaborate.check(scalar("late and always late"), SCOPE, sink) is None
    assert [it.name for it in sink] == ["not-a-claim", "not-a-claim", "looks-forward"]


WATCHED = Condition(("fare", "trip.max_price"))


@pytest.mark.parametrize(
    ("text", "expr"),
    [
        ("fare <= 100 EUR", CHEAP),
        ("fare <= max_price", Compare("<=", Var("fare"), Var("trip.max_price"))),
        ("(fare <= 100 EUR) for 10m", core.Held(CHEAP, Wait(ms=600_000))),
    ],
)
def test_an_agent_writes_conditions_over_the_names_it_was_given(text: str, expr: Expr) -> None:
    found, said = elaborate.agent_condition(text, WATCHED, SCOPE)
    assert said == ()
    assert found is not None
    assert found.expr == expr
    assert set(effects.effect(found.expr).reads) <= set(WATCHED.names)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("delay > 5m", "hidden-from-condition"),
        ("fares <= 100 EUR", "hidden-from-condition"),
        ("trust > 3 or fare <= 100 EUR", "hidden-from-condition"),
        ("agent.ask", "hidden-from-condition"),
        ("agent", "hidden-from-condition"),
        ("task.trip is DONE", "hidden-from-condition"),
        ("user.resistance < 3", "hidden-from-condition"),
        ("once fare <= 100 EUR", "not-a-condition"),
        ("count(agent) > 3", "not-a-condition"),
        ('judged "cheap" else no', "not-a-condition"),
        ("fare <= 100", "bad-amount"),
        ("fare", "not-yes-no"),
        ("", "bad-expression"),
        ("(" * 5_000, "nested-too-deep"),
        ("__import__('os')", "bad-expression"),
        ("fare <= 100 EUR \ud800", "bad-expression"),
    ],
)
def test_what_else_an_agent_writes_is_refused(text: str, name: str) -> None:
    found, said = elaborate.agent_condition(text, WATCHED, SCOPE)
    assert found is None
    assert [it.name for it in said] == [name]


def test_the_names_of_a_condition_type_are_resolved() -> None:
    sink: list[Diagnostic] = []
    line = scalar("condition on fare | max_price")
    assert elaborate.condition_type(Condition(("fare", "max_price")), line, SCOPE, sink) == WATCHED
    line = scalar("condition on fare | max_prize")
    assert elaborate.condition_type(Condition(("fare", "max_prize")), line, SCOPE, sink) is None
    assert [(it.name, it.span.text) for it in sink] == [("unknown-name", "max_prize")]

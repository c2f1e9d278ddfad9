"""People: the moves that a person may make, and who owes an answer to what.

A reply is the first line whose pattern, condition and draw hold; a shift that fired and a concern that surfaced settle her next
move before any line is asked. A person may always say nothing.
"""

from __future__ import annotations

from dramaturg.compiler.configuration import (
    AgentTurn,
    Args,
    Config,
    Duty,
    Forced,
    Move,
    Owed,
)
from dramaturg.compiler.draft import Draft
from dramaturg.compiler.draws import Drawer, combinations, drawers, outcomes
from dramaturg.compiler.evaluate import Context
from dramaturg.compiler.growth import refused
from dramaturg.compiler.occasions import Answer, occasion
from dramaturg.compiler.stage import Stage
from dramaturg.compiler.step import happen, open_on_event
from dramaturg.dsl.scenario import MoveSpec
from dramaturg.dsl.spans import Span


def owed(stage: Stage, after: Context, args: Args, *, speech: bool, by: int) -> list[Duty]:
    """Who may answer the event at hand: the persons with a line for it. What is not spoken must be named by the line.

    Whether a line's pattern matches is judged here, on the state after the event; its ``if`` when she answers.
    """
    out: list[Duty] = []
    concerned = occasion(stage.tables, after.event)
    for index, lines in enumerate(concerned.answers if speech else concerned.noticed):
        if lines is not None and index != by:
            recalled = stage.tables.recalled[index]
            kept = tuple((name, value) for name, value in args if name in recalled)
            out.append(Owed(index, after.event if kept else "", kept, _in_question(lines, after)))
    return out


def _in_question(lines: tuple[Answer, ...], after: Context) -> tuple[int, ...]:
    """The lines that match the event, up to the first that needs nothing else: no later one can be reached."""
    out: list[int] = []
    for line in lines:
        if line.to(after):
            out.append(line.number)
            if line.last:
                break
    return tuple(out)


def spoken(
    stage: Stage,
    config: Config,
    rest: tuple[Duty, ...],
    person: int,
    lines: list[tuple[float, MoveSpec | None, str, tuple[Span, ...]]],
    event: str = "",
    args: Args = (),
    shift: int | None = None,
    voice: str = "",
) -> tuple[Move, ...]:
    """A person's moves, each line with its probability; a line without a move is silence."""
    who = stage.tables.people[person].name
    out: list[Move] = []
    for weight, spec, guard, spans in lines:
        if spec is None:
            draft = Draft.of(stage.tables, config)
            out.append(
                stage.compose(
                    config, draft, "", (), who, rest=rest, name="nothing", chance=weight, guard=guard, spans=spans
                )
            )
            continue
        before = Draft.of(stage.tables, config).context(event, args)
        drawer = drawn_by(stage, spec)
        draws = combinations(drawer, before)
        if stage.budget is not None and draws > stage.budget.states:
            message = f"the draws of {spec.event} have {draws:,} outcomes: too many for a graph of {stage.budget.states:,} states"
            raise refused(spec.span, message, stage.budget, needed=draws)
        for fields, share in outcomes(drawer, before):
            draft = Draft.of(stage.tables, config)
            if shift is not None:
                machine = stage.tables.first_shift + shift
                draft.enter(machine, "done", draft.clocks[machine] + 1)
                for other in stage.tables.shifts[shift].takes_back:
                    if draft.states[other] == "done":
                        draft.enter(other, "undone", draft.clocks[other])
            happen(draft, spec.event, fields, sets=(), by_agent=False, by_person=True)
            open_on_event(draft, spec.event, fields, config.memory)
            after = draft.context(spec.event, fields, config.memory)
            answers = owed(stage, after, fields, speech=True, by=person)
            wakes = stage.wakes_on(spec.event, person)
            move = stage.compose(
                config,
                draft,
                spec.event,
                fields,
                who,
                first=[AgentTurn(not answers, 0)] if wakes else [],
                owed=answers,
                rest=rest,
                voice=voice,
                chance=weight * share,
                guard=guard,
                spans=spans,
            )
            out.append(move)
    return tuple(out)


def drawn_by(stage: Stage, spec: MoveSpec) -> tuple[Drawer, ...]:
    """The draws of a move, prepared once."""
    key = id(spec)
    if key not in stage.move_drawers:
        stage.move_drawers[key] = drawers(spec.fields, stage.scenario.events.get(spec.event), stage.tables.layout)
    return stage.move_drawers[key]


def forced(stage: Stage, config: Config, rest: tuple[Duty, ...], person: int, machine: str) -> tuple[Move, ...]:
    """The move that a shift or a concern settled."""
    kind, name = machine.split(".", 1)
    who = stage.tables.people[person].name
    if kind == "shift":
        number = next(i for i, s in enumerate(stage.tables.shifts) if s.source.name == name)
        shift = stage.tables.shifts[number].source
        spec = shift.move
        assert spec is not None
        return spoken(stage, config, rest, person, [(1.0, spec, "", (shift.span,))], shift=number)
    concern = next(c.source for c in stage.tables.concerns if c.source.name == name)
    if concern.voiced_as is not None:
        lines = [(1.0, concern.voiced_as, "", (concern.span,))]
        return spoken(stage, config, rest, person, list(lines), voice=concern.says)
    draft = Draft.of(stage.tables, config)
    event, args = f"{who}.voice", (("concern", name),)
    happen(draft, event, args, sets=(), by_agent=False, by_person=True)
    open_on_event(draft, event, args, config.memory)
    first: list[Duty] = [AgentTurn(True, 0)] if stage.wakes_on(event, person) else []
    spans = (concern.span,)
    return (
        stage.compose(
            config, draft, event, args, who, first=first, rest=rest, voice=concern.says, chance=1.0, spans=spans
        ),
    )


def reply(stage: Stage, config: Config, rest: tuple[Duty, ...], duty: Owed) -> tuple[Move, ...]:
    """A person's lines for an event, each with the chance that it is reached and falls."""
    ctx = Draft.of(stage.tables, config).context(duty.event, duty.args)
    lines: list[tuple[float, MoveSpec | None, str, tuple[Span, ...]]] = []
    left = 1.0
    for number in duty.lines:
        line = stage.tables.replies[duty.person][number]
        if left <= 0 or (line.condition is not None and not line.condition(ctx)):
            continue
        source = line.source
        text = source.to.text if source.condition is None else f"{source.to.text}, if {source.condition.text}"
        if source.chance > 0:
            lines.append((left * source.chance, source.do, text, (source.span,)))
        left *= 1 - source.chance
    if left > 1e-12:
        lines.append((left, None, "", ()))
    return spoken(stage, config, rest, duty.person, lines, duty.event, duty.args)


def shift(stage: Stage, config: Config, rest: tuple[Duty, ...], number: int) -> tuple[Move, ...]:
    """Whether a shift that fired takes place. It does not where what it undoes was taken back since it fired, or where it
    fired more than once and has taken place as often as it may."""
    lowered = stage.tables.shifts[number]
    spent = config.clocks[stage.tables.first_shift + number] >= lowered.source.times
    if spent or any(config.states[machine] != "done" for machine in lowered.undoes):
        idle = Draft.of(stage.tables, config)
        return (stage.compose(config, idle, "", (), "chance", rest=rest, name="draw", chance=1.0),)
    person = lowered.person
    rest = tuple(d for d in rest if not (isinstance(d, Owed) and d.person == person))
    settled = Forced(person, f"shift.{lowered.source.name}")
    spans = (lowered.source.span,)
    out = []
    for share, first, then in (
        (lowered.source.chance, [settled], rest),
        (1 - lowered.source.chance, [], config.agenda[1:]),
    ):
        if share > 0:
            draft = Draft.of(stage.tables, config)
            out.append(
                stage.compose(
                    config, draft, "", (), "chance", first=first, rest=then, name="draw", chance=share, spans=spans
                )
            )
    return tuple(out)

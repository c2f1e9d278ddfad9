"""The world: what the environment does, and how time passes when nobody has anything left to say.

A stream entry that falls due offers every outcome of its draws, by region where a graph is explored. Dormancy jumps to the next
deadline: a clock of some machine, an entry of the stream, the horizon, or the next tick where gaps are drawn.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import product

from dramaturg.compiler.clocks import next_deadline, pass_time, verdict
from dramaturg.compiler.configuration import (
    AgentTurn,
    Args,
    Config,
    Duty,
    Move,
    Over,
    Raised,
    StreamDue,
    TaskDraw,
    changed,
)
from dramaturg.compiler.draft import Draft, put
from dramaturg.compiler.draws import combinations, outcomes
from dramaturg.compiler.evaluate import Context
from dramaturg.compiler.growth import refused
from dramaturg.compiler.lowering import saturated
from dramaturg.compiler.recalled import as_before
from dramaturg.compiler.stage import Fall, Stage
from dramaturg.compiler.step import happen, open_on_event
from dramaturg.compiler.tables import LoweredEntry
from dramaturg.compiler.taking import take
from dramaturg.dsl.types import Value

REMEMBERED = 20_000
"""Places in a stream whose outcomes are remembered."""


def task_draw(stage: Stage, config: Config, rest: tuple[Duty, ...], duty: TaskDraw) -> tuple[Move, ...]:
    """Whether a transition with a chance is taken; where not, the next one that was enabled with it."""
    (state, number), *later = duty.lines
    source = stage.tables.tasks[duty.task].lines[state][number].source
    taken, passed = Draft.of(stage.tables, config), Draft.of(stage.tables, config)
    _take(stage, taken, duty, (state, number))
    if later:
        following = stage.tables.tasks[duty.task].lines[later[0][0]][later[0][1]].source
        if following.chance < 1:
            passed.duties.append(duty._replace(lines=tuple(later)))
        else:
            _take(stage, passed, duty, later[0])
    yes = stage.compose(config, taken, "", (), "chance", rest=rest, name="draw")
    no = stage.compose(config, passed, "", (), "chance", rest=rest, name="draw")
    return (
        changed(yes, chance=source.chance, spans=(source.span, *yes.spans)),
        changed(no, chance=1 - source.chance, spans=(source.span, *no.spans)),
    )


def _take(stage: Stage, draft: Draft, duty: TaskDraw, line: tuple[str, int]) -> None:
    """Take a line that was drawn, unless its state was left meanwhile."""
    chart, key = stage.tables.tasks[duty.task].chart, draft.states[duty.task]
    if line[0] == key if chart is None else line[0] in chart.inner_first(key):
        take(draft, duty.task, [line], as_before(duty, draft.context(duty.event, duty.args)))


def raised(stage: Stage, config: Config, rest: tuple[Duty, ...], duty: Raised) -> Move:
    """An event that a task raised happens."""
    draft = Draft.of(stage.tables, config)
    happen(draft, duty.event, duty.args, sets=(), by_agent=False, by_person=False)
    open_on_event(draft, duty.event, duty.args, config.memory)
    if stage.wakes_on(duty.event, None) or updates(stage, draft):
        draft.wake = True
    span = stage.scenario.events[duty.event].span
    return stage.compose(config, draft, duty.event, duty.args, "world", rest=rest, chance=1.0, spans=(span,))


def result(stage: Stage, config: Config, rest: tuple[Duty, ...], act: str) -> Move:
    """The result of an act arrives, a snapshot of what it returns."""
    event = f"result.{act}"
    index = stage.tables.layout.variables
    source = stage.tables.acts[f"agent.{act}"]
    args = tuple((name, config.values[index[name]]) for name in source.returns)
    draft = Draft.of(stage.tables, config)
    happen(draft, event, args, sets=(), by_agent=False, by_person=False)
    open_on_event(draft, event, args, config.memory)
    first: list[Duty] = []
    if not any(isinstance(d, AgentTurn) for d in rest) and "result" in stage.scenario.agent.wakes:
        first.append(AgentTurn(False, 0))
    return stage.compose(config, draft, event, args, "world", first=first, rest=rest, chance=1.0, spans=(source.span,))


def draw_gap(stage: Stage, config: Config, rest: tuple[Duty, ...], index: int) -> tuple[Move, ...]:
    """When a repeated entry comes first (only where the stream is exact)."""
    options = gap_options(stage, stage.tables.stream[index])
    out = []
    for gap in options:
        pending = list(config.stream)
        pending[index] = (0, gap)
        target = config._replace(agenda=rest, stream=tuple(pending))
        out.append(Move("world", "draw", target, chance=1 / len(options), visible=False))
    return tuple(out)


def gap_options(stage: Stage, entry: LoweredEntry) -> list[int]:
    """The ticks at which a repeated entry may come next."""
    lo, hi = entry.source.gap_lo, entry.source.gap_hi
    return list(range(lo, hi + 1, stage.tick))


def stream(stage: Stage, config: Config, rest: tuple[Duty, ...], duty: StreamDue) -> tuple[Move, ...]:
    """A stream entry falls due: every outcome of its draws, or that it stays quiet."""
    index, source = duty.entry, stage.tables.stream[duty.entry].source
    pending = list(config.stream)
    row: Mapping[str, Value] | None = None
    if source.kind == "play":
        assert source.recording is not None
        number = config.stream[index][0]
        offset, row = source.recording.rows[number]
        if number + 1 < len(source.recording.rows):
            wait = source.recording.rows[number + 1][0] - offset
            pending[index] = (number + 1, wait)
            if wait == 0:
                # The next row comes at this very instant, before it settles.
                rest, duty = (StreamDue(index, duty.last), *rest), StreamDue(index, False)
        else:
            pending[index] = (number + 1, -1)
    elif source.kind == "at":
        pending[index] = (1, -1)
    elif source.kind == "every" and not stage.drawn[index]:
        pending[index] = (0, source.gap_lo)
    config = config._replace(stream=tuple(pending))
    gaps: list[int] = [-1]
    if stage.drawn[index] and stage.exact:
        if config.stream[index][1] > 0:
            return (changed(quiet(stage, config, rest, duty), chance=1.0),)
        gaps = gap_options(stage, stage.tables.stream[index])
    out: list[Move] = []
    may = stage.drawn[index] and not stage.exact
    occurs = source.chance
    if may:
        mean = (source.gap_lo + source.gap_hi) / 2
        occurs = min(1.0, source.chance * stage.tick / mean)
    for gap in gaps:
        at = config
        if gap >= 0:
            after = list(config.stream)
            after[index] = (0, gap)
            at = config._replace(stream=tuple(after))
        if occurs > 0:
            out += [
                changed(move, chance=(move.chance or 0.0) * occurs / len(gaps), may=may)
                for move in emissions(stage, at, rest, duty, row)
            ]
        if occurs < 1:
            out.append(changed(quiet(stage, at, rest, duty), chance=(1 - occurs) / len(gaps), may=may))
    return tuple(out)


def quiet(stage: Stage, config: Config, rest: tuple[Duty, ...], duty: StreamDue) -> Move:
    """The entry stays quiet."""
    draft = Draft.of(stage.tables, config)
    spans = (stage.tables.stream[duty.entry].source.span,)
    return stage.compose(config, draft, "", (), "world", rest=rest, name="skip", settled=duty.last, spans=spans)


def emissions(
    stage: Stage, config: Config, rest: tuple[Duty, ...], duty: StreamDue, row: Mapping[str, Value] | None
) -> list[Move]:
    """What the entry may do now: for every value that its regional variables may have, every draw; like outcomes merged."""
    entry = stage.tables.stream[duty.entry]
    source = entry.source
    event = source.emit or ""
    out: list[Move] = []
    for fall in falls(stage, config, duty.entry, row):
        if fall.quiet:
            out.append(changed(quiet(stage, config, rest, duty), chance=fall.weight))
            continue
        values = config.values
        for index, value in fall.values:
            values = put(values, index, value)
        concrete = config._replace(values=values)
        draft = Draft.of(stage.tables, concrete)
        happen(draft, event, fall.args, sets=entry.sets, by_agent=False, by_person=False)
        if event:
            open_on_event(draft, event, fall.args, concrete.memory)
        if (event and stage.wakes_on(event, None)) or updates(stage, draft):
            draft.wake = True
        move = stage.compose(
            concrete,
            draft,
            event,
            fall.shown,
            "world",
            rest=rest,
            settled=duty.last,
            name="set",
            chance=fall.weight,
            guard=source.condition.text if source.condition is not None else "",
            spans=(source.span,),
        )
        out.append(move)
    return out


def falls(stage: Stage, config: Config, index: int, row: Mapping[str, Value] | None) -> tuple[Fall, ...]:
    """How an entry may fall, first whether it stays quiet. Remembered but for recordings, of which each row comes once, and
    where judgements are supposed."""
    if row is not None or stage.bench is not None:
        return tuple(_falls(stage, config, index, row))
    version = 0 if stage.regions is None else stage.regions.version
    read = stage.entry_reads[index](Context(config.values, config.states, config.memory, config.memory))
    key = (index, config.binding, version, read)
    found = stage.falls.get(key)
    if found is None:
        if len(stage.falls) >= REMEMBERED:
            stage.falls.clear()
        found = stage.falls[key] = tuple(_falls(stage, config, index, row))
    return found


def _falls(stage: Stage, config: Config, index: int, row: Mapping[str, Value] | None) -> Iterator[Fall]:
    entry = stage.tables.stream[index]
    event = entry.source.emit or ""
    found: dict[tuple[Hashable, ...], Fall] = {}
    idle = 0.0
    choices = concretions(stage, config, index)
    _affordable(stage, config, index, len(choices))
    for choice in choices:
        values = config.values
        for at, value in choice:
            values = put(values, at, value)
        ctx = Context(values, config.states, config.memory, config.memory)
        if entry.condition is not None and not entry.condition(ctx):
            idle += 1 / len(choices)
            continue
        if row is not None:
            options = [(tuple((f.name, row.get(f.name)) for f in stage.scenario.events[event].fields), 1.0)]
        else:
            options = outcomes(stage.entry_drawers[index], ctx)
        for drawn, weight in options:
            args = by_region(stage, config, index, drawn)
            shown = tuple((n, None if n in stage.unread[index] else v) for n, v in args)
            key = (shown, *written(stage, values, config, entry, event, args))
            old = found.get(key, Fall(shown, choice, args, 0.0, False))
            found[key] = old._replace(weight=old.weight + weight / len(choices))
    if idle > 0:
        yield Fall((), (), (), idle, True)
    yield from found.values()


def _affordable(stage: Stage, config: Config, index: int, choices: int) -> None:
    """Raises OverBudget where the outcomes of an entry at one configuration are more than a graph may have states."""
    entry = stage.tables.stream[index].source
    if stage.budget is None or entry.recording is not None:
        return
    ctx = Context(config.values, config.states, config.memory, config.memory)
    draws = combinations(stage.entry_drawers[index], ctx)
    if draws * choices > stage.budget.states:
        what = f"the draws of {entry.emit or 'this entry'} have {draws:,} outcomes" + (
            f" for each of {choices:,} values" if choices > 1 else ""
        )
        raise refused(
            entry.span,
            f"{what}: too many for a graph of {stage.budget.states:,} states",
            stage.budget,
            needed=draws * choices,
        )


def written(
    stage: Stage, values: tuple[Value, ...], config: Config, entry: LoweredEntry, event: str, args: Args
) -> Iterable[Value]:
    """What the entry's ``set`` writes, each value by its region: outcomes that agree in it are one move."""
    ctx = Context(values, config.states, config.memory, config.memory, event, dict(args))
    for index, evaluate, kind in entry.sets:
        value = saturated(evaluate(ctx), kind)
        yield value if stage.regions is None else stage.regions.representative(config.binding, index, value)


def concretions(stage: Stage, config: Config, index: int) -> list[tuple[tuple[int, Value], ...]]:
    """The valuations that a configuration stands for, as far as the entry reads them."""
    if stage.regions is None:
        return [()]
    indices = stage.entry_variables[index]
    options = [stage.regions.members(config.binding, i, config.values[i]) for i in indices]
    return [tuple(zip(indices, choice, strict=True)) for choice in product(*options)]


def by_region(stage: Stage, config: Config, index: int, args: Args) -> Args:
    """The fields with those that only carry a regional variable's next value replaced by its region's representative."""
    if stage.regions is None:
        return args
    carried = stage.carried[index]
    return tuple(
        (n, stage.regions.representative(config.binding, carried[n], v) if n in carried else v) for n, v in args
    )


def updates(stage: Stage, draft: Draft) -> bool:
    """Whether a name that the armed condition reads was written, and the agent wakes for that."""
    if draft.armed is None or "update" not in stage.scenario.agent.wakes:
        return False
    names = stage.conditions.names(draft.armed)
    return any(stage.tables.variables[i].name in names for i in draft.written)


def dormancy(stage: Stage, config: Config) -> tuple[Move, ...]:
    """Dormancy: time moves to the next deadline."""
    tables = stage.tables
    wait = next_deadline(config, tables, stage.conditions.wait(config.armed))
    if stage.tick and stage.exact:  # a graph has the way to the next tick in its stream
        to_tick = stage.tick - config.now % stage.tick
        wait = to_tick if wait is None else min(wait, to_tick)
    left = stage.scenario.horizon - config.now if config.now >= 0 else None
    if wait is None or (left is not None and wait >= left):
        return (cut_off(stage, config, max(left or 0, 0)),)
    draft = Draft.of(tables, config)
    pass_time(draft, wait, stage.conditions.wait(config.armed))
    struck = stage.exact and stage.tick > 0 and draft.now % stage.tick == 0
    due = [
        i
        for i, (_, remaining) in enumerate(draft.stream)
        if (struck and stage.drawn[i]) or (config.stream[i][1] > 0 and remaining == 0)
    ]
    if not stage.exact:
        draft.stream = tuple(
            (0, stage.tick) if stage.drawn[i] and i in due else pending for i, pending in enumerate(draft.stream)
        )
    duties: tuple[Duty, ...] = tuple(StreamDue(i, n == len(due) - 1) for n, i in enumerate(due))
    move = stage.compose(config, draft, "", (), "clock", rest=duties, name="tick", settled=not due)
    out = [changed(move, delay=wait, chance=1.0)]
    if left is None:
        # The horizon is not kept in such a graph: the episode may be cut off at any instant.
        horizon_chance = min(1.0, wait / max(stage.scenario.horizon, 1))
        out[0] = changed(out[0], chance=1 - horizon_chance)
        out.append(changed(cut_off(stage, config, 0), chance=horizon_chance, may=True))
    return tuple(out)


def cut_off(stage: Stage, config: Config, left: int) -> Move:
    """The episode is over because nothing is left to happen before the horizon, or the horizon is here."""
    draft = Draft.of(stage.tables, config)
    if left and not stage.repeats:
        pass_time(draft, left, stage.conditions.wait(config.armed))
    end = verdict(config.states, stage.tables, truncated=True)
    assert end is not None
    target = draft.config((Over(end),))
    return Move(
        "clock",
        "over",
        stage.canonical(target),
        delay=left,
        chance=1.0,
        violations=tuple(draft.violations),
        facts=stage.facts(draft, config, "", ()),
        spans=tuple(draft.spans),
    )

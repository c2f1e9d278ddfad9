"""Taking: which transitions of the tasks are enabled, which of them are taken, and what that does to a draft.

One selection serves an event, a settled instant and a timer; they differ in which lines count as enabled. Lines of a state come
in the order in which they are written, lines inside a state before those around it, and states side by side each get one.
All conditions and all values are read in the state before. What is set and raised follows the order: leaving (from the
inside out), the lines themselves, entering (from the outside in); where one variable is set twice the later one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dramaturg.compiler.configuration import URGENT, Args, Raised, TaskDraw
from dramaturg.compiler.draft import Draft, put
from dramaturg.compiler.evaluate import Context
from dramaturg.compiler.lowering import saturated
from dramaturg.compiler.occasions import Stirred
from dramaturg.compiler.tables import Effect, Line, LoweredTask, Raises

Options = tuple[tuple[str, int], ...]
"""State and number of lines, in the order in which they are tried."""


def take_enabled(
    draft: Draft, task: int, lines: Mapping[str, Sequence[Stirred]], ctx: Context, event: str = "", args: Args = ()
) -> bool:
    """Take what is enabled of one task, of the lines given by state. False where nothing is.

    Lines with a chance are not taken but become duties to draw, each with the lines that come next should the draw fail.
    """
    lowered, key = draft.tables.tasks[task], draft.states[task]
    if lowered.chart is None and key not in lines:
        return False

    def options(states: Iterable[str]) -> Options:
        """The enabled lines of these states, up to the first that is taken for certain."""
        out: list[tuple[str, int]] = []
        for state in states:
            for stirred in lines.get(state, ()):
                level = stirred.line.level
                if (level is None or not draft.levels[level]) and stirred.holds(ctx):
                    out.append((state, stirred.number))
                    if stirred.line.source.chance >= 1:
                        return tuple(out)
        return tuple(out)

    chart = lowered.chart
    if chart is None:
        chosen = [found] if (found := options((key,))) else []
    else:
        chosen = [found for _, found in chart.chosen(key, lambda name: options((name,)) or None)]
        chosen = [options(chart.outward(found[0][0])) if _chance(lowered, found[0]) < 1 else found for found in chosen]
    if not chosen:
        return False
    certain: list[tuple[str, int]] = []
    for found in chosen:
        for state, number in found:
            level = lowered.lines[state][number].level
            if level is not None:
                draft.levels = put(draft.levels, level, True)
        if _chance(lowered, found[0]) < 1:
            draft.duties.append(TaskDraw(task, found, event, args))
        else:
            certain.append(found[0])
    if certain:
        take(draft, task, certain, ctx)
    return True


def _chance(lowered: LoweredTask, line: tuple[str, int]) -> float:
    return lowered.lines[line[0]][line[1]].source.chance


def take(draft: Draft, task: int, lines: Sequence[tuple[str, int]], ctx: Context) -> None:
    """Take transitions of one task, each of another state, in document order. Those that conflict with an earlier one are not."""
    lowered = draft.tables.tasks[task]
    chart, key = lowered.chart, draft.states[task]
    chosen = [(state, lowered.lines[state][number]) for state, number in lines]
    if chart is None:
        ((state, line),) = chosen
        go = line.source.go
        left: tuple[str, ...] = () if go is None else (state,)
        entered: tuple[str, ...] = () if go is None else (go,)
    else:
        agree = chart.agreeing(key, [(state, line.source.go) for state, line in chosen])
        chosen = [one for one, together in zip(chosen, agree, strict=True) if together]
        going = tuple((state, line.source.go) for state, line in chosen if line.source.go is not None)
        key, left, entered = chart.move(key, going) if going else (key, (), ())
    effects: list[Effect | Line] = [lowered.on_exit[name] for name in left if name in lowered.on_exit]
    effects += [line for _, line in chosen]
    effects += [lowered.on_entry[name] for name in entered if name in lowered.on_entry]
    _apply(draft, effects, ctx)
    for _, line in chosen:
        draft.spans.append(line.source.span)
        draft.because(line.source.when)
        draft.because(line.source.condition)
    if chart is None and entered:
        draft.enter(task, entered[0], 0)
    elif entered:
        draft.states = put(draft.states, task, key)
    _restart(draft, lowered, (*left, *entered))
    if left:
        # A line that leads back to its own state has seen its condition become true; the others of the state have not.
        for _, line in chosen:
            if line.level is not None and line.source.go in entered:
                draft.levels = put(draft.levels, line.level, True)


def begin(draft: Draft, task: int, ctx: Context) -> None:
    """The task starts: what its first states do on entry."""
    lowered = draft.tables.tasks[task]
    entered = (lowered.source.states[0].name,) if lowered.chart is None else lowered.chart.start().entered
    _apply(draft, [lowered.on_entry[name] for name in entered if name in lowered.on_entry], ctx)


def _apply(draft: Draft, effects: Iterable[Effect | Line], ctx: Context) -> None:
    for effect in effects:
        draft.assign(effect.sets, ctx)
        if effect.raises is not None:
            draft.duties.append(_raised(effect.raises, ctx))


def _raised(raises: Raises, ctx: Context) -> Raised:
    return Raised(raises.event, tuple((name, saturated(value(ctx), kind)) for name, value, kind in raises.fields))


def _restart(draft: Draft, lowered: LoweredTask, states: Iterable[str]) -> None:
    """The clocks and levels of states that are left or entered begin anew."""
    for name in states:
        if name in lowered.clocks:
            draft.clocks = put(draft.clocks, lowered.clocks[name][0], 0)
        for level in lowered.levels.get(name, ()):
            draft.levels = put(draft.levels, level, False)


def pending(draft: Draft) -> bool:
    """Whether the step left something to be drawn or raised before the instant can settle."""
    return bool(draft.duties) and any(isinstance(duty, URGENT) for duty in draft.duties)

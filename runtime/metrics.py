"""Metrics: what traces say about an agent, one function per figure.

Every figure is a pure function of cases; a case is a trace together with what the benchmark and the scenario say of
it. The sources are the four systems that a scenario must be able to express (arXiv 2601.09382, 2410.12361,
2605.22240, 2605.24900); where a paper's formula could not be found, the formula is ours, has a name of our own, and
says so. An undefined figure (0 of 0) is None and never 0. Plain shares carry Wilson's interval, everything else a
bootstrap over episodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dramaturg.dsl.core import Happened, walk
from dramaturg.dsl.nesting import Nesting, leaves
from dramaturg.dsl.scenario import Guard, Scenario, Task
from dramaturg.dsl.scope import ABSENT
from dramaturg.dsl.types import Number
from dramaturg.runtime.arguments import silence
from dramaturg.runtime.intervals import Measure, bootstrap, share
from dramaturg.runtime.trace import Step, Trace, Turn

ACCEPTS = ("accept",)
REJECTS = ("decline", "reject", "refuse")
"""How the name of a person's move begins that accepts or rejects what was just proposed."""

ENVIRONMENT = ("environment", "environment_monitor")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the metrics need to know of a scenario."""

    silent: frozenset[str]
    """Short names of the acts that say nothing."""
    proactive: frozenset[str]
    retrieving: frozenset[str]
    """Acts that do something and return something."""
    completing: frozenset[str]
    """Acts that take a task to a good end."""
    expects: Mapping[str, frozenset[str]]
    """Trigger name to the short names of the acts that it expects."""
    good: frozenset[tuple[str, str]]
    """(task, state) that are good ends."""
    initial: Mapping[str, str]
    stance: tuple[str, ...]
    """Stance variables that are numbers."""
    people: frozenset[str]

    def won(self, final: Iterable[tuple[str, str]]) -> bool:
        """Whether every task is at a good end."""
        return all(any((task, state) in self.good for state in leaves(place)) for task, place in final)

    @property
    def opportunities(self) -> frozenset[str]:
        """The triggers that expect a proactive act."""
        return frozenset(name for name, acts in self.expects.items() if acts & self.proactive)


def facts(scenario: Scenario) -> Facts:
    acts = scenario.agent.acts
    return Facts(
        silent=frozenset({silence(scenario), *(act.name for act in acts if act.kind == "silent")}),
        proactive=frozenset(act.name for act in acts if act.proactive),
        retrieving=frozenset(act.name for act in acts if act.kind == "does" and act.returns),
        completing=frozenset(act for task in scenario.tasks for act in _completing(task)),
        expects={trigger.name: acts_in(trigger.expect) for trigger in scenario.triggers},
        good=frozenset((t.name, s.name) for t in scenario.tasks for s in t.states if s.end == "good"),
        initial={task.name: Nesting(task).initial for task in scenario.tasks},
        stance=tuple(v.name for v in scenario.variables.values() if v.kind == "stance" and isinstance(v.type, Number)),
        people=frozenset(person.name for person in scenario.cast),
    )


def acts_in(guard: Guard | None) -> frozenset[str]:
    """Short names of the acts that a guard speaks of."""
    patterns = () if guard is None else (part for part in walk(guard.expr) if isinstance(part, Happened))
    events = (event for pattern in patterns for event in pattern.events)
    return frozenset(event.removeprefix("agent.") for event in events if event.startswith("agent."))


def _completing(task: Task) -> Iterator[str]:
    ends = {state.name for state in task.states if state.end == "good"}
    for state in task.states:
        for transition in state.transitions:
            if transition.go in ends:
                yield from acts_in(transition.when)


@dataclass(frozen=True, slots=True)
class Case:
    """A trace and what is known of it beside."""

    trace: Trace
    facts: Facts
    branch: str = ""
    """positive | negative | lost; empty where no benchmark says."""
    shifts: tuple[str, ...] = ()
    split: str = ""

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.trace.turns

    @property
    def winnable(self) -> bool:
        """Whether the item can be completed: on a lost one the draws leave no good end."""
        return self.branch != "lost"


def act_of(turn: Turn, known: Facts) -> str:
    """The short name of the act that was played: an answer that could not be used is played as silence."""
    return turn.answer.act or min(known.silent)


def silent(turn: Turn, known: Facts) -> bool:
    return act_of(turn, known) in known.silent


# Paper 1: the long-term task-oriented agent (arXiv 2601.09382)


def completed(case: Case) -> bool:
    """Whether one episode is completed.

    Positive branch: a good end, and no violation on the way. Negative branch: the episode stops well, no violation on
    the way, and at the latest update that asked for nothing (the last turn to which the environment brought something
    while no window was open that expects an act) the agent kept silent. Reaching the turn cap is a failure, as in the
    paper. The paper takes the status that the agent writes; ours is the machine's, which an agent cannot claim into being.
    """
    trace, known = case.trace, case.facts
    if trace.violations or not trace.turns or trace.ended != "good":
        return False
    if case.branch != "negative":
        return True
    updates = [
        turn
        for turn in trace.turns
        if any(seen.origin in ENVIRONMENT for seen in turn.seen)
        and not any(known.expects.get(name) for name in turn.open_triggers)
    ]
    return not updates or silent(updates[-1], known)


def completion(cases: Sequence[Case]) -> Measure:
    """Task completion: the share of winnable episodes that are ``completed``."""
    winnable = [case for case in cases if case.winnable]
    return share(sum(completed(case) for case in winnable), len(winnable))


def overall(cases: Sequence[Case]) -> tuple[Measure, Measure]:
    """Completion over everything: (equal weight, pooled).

    Equal weight is the mean of the completion of each cell of scenario × branch × with or without shift; its interval
    draws episodes within their cells as the bootstrap of a weighted mean. Pooled is the share over all episodes. The
    paper names its "overall" an equal-weight mean, yet one published row only fits pooling, so both are given.
    """
    winnable = [case for case in cases if case.winnable]
    cells: Counter[tuple[str, str, bool]] = Counter(_cell(case) for case in winnable)
    weights = [1 / cells[_cell(case)] for case in winnable]
    right = [weight * completed(case) for weight, case in zip(weights, winnable, strict=True)]
    return bootstrap(right, weights, note=f"mean of {len(cells)} cells"), completion(cases)


def _cell(case: Case) -> tuple[str, str, bool]:
    return case.trace.scenario, case.branch, bool(case.shifts)


def action_accuracy(cases: Sequence[Case]) -> Measure:
    """Action accuracy: the share of agent turns whose act is acceptable at the true configuration.

    The paper counts turns without a "false action" as judged by a critic; here the solved graph judges.
    """
    turns = [turn for case in cases for turn in case.turns]
    return share(sum(turn.ok for turn in turns), len(turns))


def robust_accuracy(cases: Sequence[Case]) -> Measure:
    """Ours: the share of agent turns whose act is among the acts that are right wherever the agent could be (the gold
    label).

    Turns without any such act are left out. Arguments count as given, so an act of the right class with other
    arguments than the label's is judged by whether it was acceptable.
    """
    turns = [(turn, case.facts) for case in cases for turn in case.turns if turn.robust]
    return share(
        sum(turn.ok and act_of(turn, known) in {act.act for act in turn.robust} for turn, known in turns), len(turns)
    )


def status_accuracy(cases: Sequence[Case]) -> Measure:
    """Status accuracy: the share of agent turns whose claimed status is every task's state after the act.

    A turn that claims nothing is not right. An agent that never claims anything has no status accuracy: "not claimed".
    """
    turns = [turn for case in cases for turn in case.turns if turn.status]
    claimed = sum(bool(turn.answer.status) for turn in turns)
    if not claimed:
        return Measure(None, note="not claimed")
    right = sum(dict(turn.answer.status) == dict(turn.status) for turn in turns)
    silent_turns = len(turns) - claimed
    return share(right, len(turns), note=f"{silent_turns} of {len(turns)} turns claim nothing" if silent_turns else "")


SIGNATURES = {
    "completed without acknowledgement": "an act that completes a task, made against a rule of the scenario",
    "silence in the positive branch": "silence that is not acceptable while a window for a proactive act is open",
    "follow-up in the negative branch": "a proactive act that no open window asked for",
    "status not advanced": "a claimed status that was true before the act and no longer is (PENDING after a reminder)",
    "wrong arguments": "ours: the act that an open window expects, with arguments that do not serve it",
    "another rule broken": "ours: any other act against a rule of the scenario",
    "redundant retrieval": "a warning: the same retrieval again, though nobody else has moved since",
}
"""The published failure signatures, and what we count for each."""


def signatures(cases: Sequence[Case]) -> dict[str, int]:
    """How often each failure signature occurs, in agent turns. The last is a warning and no failure, as the paper
    says."""
    found: Counter[str] = Counter()
    for case in cases:
        before = dict(case.facts.initial)
        retrieved: dict[str, bool] = {}
        for turn in case.turns:
            act = act_of(turn, case.facts)
            if any(label.startswith("rule:") for label in turn.violations):
                completes = act in case.facts.completing
                found["completed without acknowledgement" if completes else "another rule broken"] += 1
            waiting = set(turn.open_triggers) & case.facts.opportunities
            if waiting and act in case.facts.silent and not turn.ok:
                found["silence in the positive branch"] += 1
            if any(label.startswith("invented:") for label in turn.violations):
                found["follow-up in the negative branch"] += 1
            if any(label.startswith("wrong:") for label in turn.violations):
                found["wrong arguments"] += 1
            claimed, after = dict(turn.answer.status), dict(turn.status)
            if any(claimed[t] != after.get(t) and claimed[t] == before.get(t) for t in claimed):
                found["status not advanced"] += 1
            if any(seen.origin != "tool_call" for seen in turn.seen):
                retrieved.clear()
            if act in case.facts.retrieving:
                found["redundant retrieval"] += retrieved.get(act, False)
                retrieved[act] = True
            before = after
    return {name: found[name] for name in SIGNATURES}


# Paper 2: Proactive Agent, ProactiveBench (arXiv 2410.12361)


@dataclass(frozen=True, slots=True)
class Confusion:
    """Turns by what was proposed and what the user made of it."""

    tp: int = 0
    fp: int = 0
    tn: int = 0
    fn: int = 0


def verdict(case: Case, turn: Turn) -> str:
    """``tp``, ``fp``, ``tn``, ``fn``, or empty where the turn is no matter of proposing.

    A proactive act is accepted (TP) or rejected (FP): by the next move of a person before the agent's next turn where
    its name says so (accept…, decline…, reject…, refuse…), else by whether it served an open window. Not proposing is
    a missed need (FN) where an open window for a proactive act is missed before the agent's next turn, or the episode
    ends badly inside it, and right (TN) where none is open and the agent is silent. Turns inside a window that stays
    open decide nothing yet, and acts that answer or look something up while none is open propose nothing: neither is
    counted.
    """
    act = act_of(turn, case.facts)
    opportunities = case.facts.opportunities
    after = _until_next_turn(case.trace, turn)
    if act in case.facts.proactive:
        said = _reply(case, after)
        accepted = said if said is not None else bool(set(turn.served) & opportunities)
        return "tp" if accepted else "fp"
    waiting = opportunities.intersection(turn.open_triggers)
    if waiting:
        missed = any(f"missed:{name}" in step.violations for step in after for name in waiting)
        lost = turn is case.turns[-1] and case.trace.ended == "bad"
        return "fn" if missed or lost else ""
    return "tn" if act in case.facts.silent else ""


def _until_next_turn(trace: Trace, turn: Turn) -> tuple[Step, ...]:
    """The steps from the agent's own of this turn up to that of its next."""
    own = [number for number, step in enumerate(trace.steps) if step.actor == "agent"]
    stop = own[turn.index + 1] if turn.index + 1 < len(own) else len(trace.steps)
    return trace.steps[own[turn.index] : stop]


def _reply(case: Case, steps: Sequence[Step]) -> bool | None:
    """Whether a person accepted what the agent proposed; None where no move says so."""
    for step in steps:
        if step.actor in case.facts.people and step.event.startswith(f"{step.actor}."):
            move = step.event.removeprefix(f"{step.actor}.")
            if move.startswith(ACCEPTS):
                return True
            if move.startswith(REJECTS):
                return False
    return None


def confusion(cases: Sequence[Case]) -> Confusion:
    """TP, FP, TN and FN over all agent turns, by ``verdict``."""
    found = Counter(verdict(case, turn) for case in cases for turn in case.turns)
    return Confusion(found["tp"], found["fp"], found["tn"], found["fn"])


def _confusions(cases: Sequence[Case]) -> list[Confusion]:
    return [confusion((case,)) for case in cases]


def precision(cases: Sequence[Case]) -> Measure:
    """TP / (TP + FP)."""
    c = confusion(cases)
    return share(c.tp, c.tp + c.fp)


def recall(cases: Sequence[Case]) -> Measure:
    """TP / (TP + FN). An eager agent gets nearly 1 by construction: read it beside the trivial agents only."""
    c = confusion(cases)
    return share(c.tp, c.tp + c.fn)


def accuracy(cases: Sequence[Case]) -> Measure:
    """(TP + TN) / (TP + FP + TN + FN)."""
    c = confusion(cases)
    return share(c.tp + c.tn, c.tp + c.fp + c.tn + c.fn)


def f1(cases: Sequence[Case]) -> Measure:
    """2·TP / (2·TP + FP + FN), the harmonic mean of precision and recall. None where nothing was proposed and nothing
    needed."""
    each = _confusions(cases)
    return bootstrap([2 * c.tp for c in each], [2 * c.tp + c.fp + c.fn for c in each])


def false_alarm(cases: Sequence[Case]) -> Measure:
    """FP / (TP + FP): what the paper calls false alarm is a false-discovery rate, not FP / (FP + TN)."""
    c = confusion(cases)
    return share(c.fp, c.tp + c.fp)


# Paper 3: Unlocking Proactivity in Task-Oriented Dialogue (arXiv 2605.22240)


def acceptance(cases: Sequence[Case], turns: int | None = None) -> Measure:
    """The share of episodes in which every task reaches a good end within ``turns`` agent turns (None: the scenario's
    own cap), of those whose scenario has a good end to reach.

    Whatever rules were broken on the way: acceptance is what the person decides. See ``completion`` for both.
    """
    open_ended = [case for case in cases if case.facts.good]
    won = sum(
        case.trace.ended == "good" and case.facts.won(case.trace.final) and (turns is None or len(case.turns) <= turns)
        for case in open_ended
    )
    return share(won, len(open_ended))


def stance_change(cases: Sequence[Case]) -> dict[str, Measure]:
    """Per stance variable, its change from the first to the last record, per agent turn, pooled over episodes. Base
    units."""
    out: dict[str, Measure] = {}
    for name in sorted({name for case in cases for name in case.facts.stance}):
        changes: list[float] = []
        lengths: list[float] = []
        for case in cases:
            values = [value for _, here in case.trace.stance if isinstance(value := here.get(name), int)]
            if values and case.turns:
                changes.append(values[-1] - values[0])
                lengths.append(len(case.turns))
        out[name] = bootstrap(changes, lengths)
    return out


def concerns(cases: Sequence[Case]) -> dict[str, Measure]:
    """Per final state (hidden, voiced, eased, hardened): the share of concerns, over episodes, that ended in it. A concern that
    the person of the episode does not have is not counted."""
    found: Counter[str] = Counter()
    for case in cases:
        if case.trace.stance:
            last = case.trace.stance[-1][1]
            found.update(str(state) for name, state in last.items() if name.startswith("concern.") and state != ABSENT)
    total = sum(found.values())
    return {state: share(found[state], total) for state in ("hidden", "voiced", "eased", "hardened")} if total else {}


# Paper 4: ProActor (arXiv 2605.24900). Its formulas (PT, FTR, AC, RAR, PRI) were not found: these and their names are ours.


@dataclass(frozen=True, slots=True)
class Instance:
    """One time that a trigger's window opened in one episode."""

    trigger: str
    opened: int | None
    """Agent turn at which it was first open; None where it opened and closed between two turns."""
    served: int | None = None
    """Agent turn that served it."""
    missed: bool = False
    matched: bool | None = None
    """Whether the first act of the expected kind inside the window also had the right arguments; None where there was
    none."""


def instances(case: Case) -> tuple[Instance, ...]:
    """Every window of an episode, in order of opening. One that a good end or the turn cap cut off is neither served nor missed;
    one inside which the episode ended badly is missed."""
    own = [number for number, step in enumerate(case.trace.steps) if step.actor == "agent"]
    out: list[Instance] = []
    for trigger, expected in case.facts.expects.items():
        if not expected:
            continue
        opened: int | None = None
        matched: bool | None = None
        for turn in case.turns:
            if trigger in turn.open_triggers and opened is None:
                opened, matched = turn.index, None
            if opened is not None and matched is None and act_of(turn, case.facts) in expected:
                matched = trigger in turn.served
            missed = sum(f"missed:{trigger}" in step.violations for step in _until_next_turn(case.trace, turn))
            if trigger in turn.served:
                out.append(Instance(trigger, opened, turn.index, matched=matched))
                opened = None
            elif missed and opened is not None:
                out.append(Instance(trigger, opened, missed=True, matched=matched))
                opened, missed = None, missed - 1
            out += [Instance(trigger, None, missed=True)] * missed
        if opened is not None:
            out.append(Instance(trigger, opened, missed=case.trace.ended == "bad", matched=matched))
        first = own[0] if own else len(case.trace.steps)
        missed = sum(f"missed:{trigger}" in step.violations for step in case.trace.steps[:first])
        out += [Instance(trigger, None, missed=True)] * missed
    return tuple(sorted(out, key=lambda i: (i.opened is None, i.opened or 0, i.trigger)))


def served_in_window(cases: Sequence[Case]) -> Measure:
    """Ours: the share of windows, of those that closed or were served, in which the expected act came in time."""
    closed = [i for case in cases for i in instances(case) if i.served is not None or i.missed]
    return share(sum(i.served is not None for i in closed), len(closed))


def turns_from_opening(cases: Sequence[Case]) -> Measure:
    """Ours: agent turns from the first at which a window was open to the one that served it, mean over served
    windows."""
    delays = [
        [i.served - i.opened for i in instances(case) if i.served is not None and i.opened is not None]
        for case in cases
    ]
    return bootstrap([sum(d) for d in delays], [len(d) for d in delays])


def argument_match(cases: Sequence[Case]) -> Measure:
    """Ours: of the windows in which an act of the expected kind was tried, the share whose first such act had the
    right arguments."""
    tried = [i.matched for case in cases for i in instances(case) if i.matched is not None]
    return share(sum(tried), len(tried))


def outside_rate(cases: Sequence[Case]) -> Measure:
    """Ours: the share of proactive acts made while no window that expects them was open."""
    made = [
        any(act_of(turn, case.facts) in case.facts.expects[name] for name in turn.open_triggers)
        for case in cases
        for turn in case.turns
        if act_of(turn, case.facts) in case.facts.proactive
    ]
    return share(sum(not inside for inside in made), len(made))


# Of the solved graph


def regret(cases: Sequence[Case]) -> Measure:
    """Ours: value lost per agent turn: max(0, value before − value after), the act's own violation counting as value
    0 after.

    Value is the probability of a good end without violation from there on, the agent playing best with full sight.
    """
    lost = [sum(max(0.0, turn.value_before - turn.value_after) for turn in case.turns) for case in cases]
    return bootstrap(lost, [len(case.turns) for case in cases])


def invalid_rate(cases: Sequence[Case]) -> Measure:
    """The share of agent turns whose answer could not be used; they were played as silence."""
    turns = [turn for case in cases for turn in case.turns]
    return share(sum(bool(turn.answer.invalid) for turn in turns), len(turns))

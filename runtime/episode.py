"""Episodes: one conversation from its first move to its end, played on the exact engine.

The engine lists what may happen next; people, the world and chance draw one of the alternatives, the agent is asked.
Every move is also found in the state graph, which labels each agent turn: what was acceptable, what a policy that
sees no more than the agent would have done, and what the act was worth. An agent's answer that cannot be used is
data: it is played as silence and keeps its reason. An ``Episode`` goes turn by turn, for whoever asks one agent at a
time or lets a person play; ``play`` runs a policy through it.

Timestamps are for readers: virtual time of the engine, moved on by ``pace`` for every spoken move and by ``takes``
for every act that is done. They never go back, and no guard reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dramaturg.compiler.chance import stream
from dramaturg.compiler.configuration import AgentTurn, Forced, Over
from dramaturg.compiler.graph import AGENT, END
from dramaturg.dsl.scenario import Act, Scenario
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Condition, Value, visible_to_agent
from dramaturg.runtime.arguments import act_named, fit, silence
from dramaturg.runtime.draws import Choose, Decision, generated, menu, recorded, scripted
from dramaturg.runtime.policy import Policy, TurnView, past
from dramaturg.runtime.record import args_json, canonical, sealed
from dramaturg.runtime.trace import ActKey, Answer, Args, Seen, Step, Trace, Turn
from dramaturg.runtime.wording import SILENT_EVENTS, words

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled
    from dramaturg.compiler.configuration import Config, Move

DIGITS = 9
"""Decimals of a value in a trace: below what any reader needs, above what the order of a summation moves."""


class AgentFailure(RuntimeError):
    """The agent could not be asked (its server is down, its file is gone): the episode has no result."""


class Episode:
    """One episode. ``view`` is the agent's next turn, None when the episode is over."""

    def __init__(
        self,
        compiled: Compiled,
        binding: int,
        seed: int,
        agent: str,
        script: Iterable[Decision] = (),
        choose: Choose | None = None,
    ) -> None:
        self.scenario: Scenario = compiled.scenario
        self._compiled = compiled
        self._engine = compiled.semantics
        self.binding: Args = tuple(self._engine.bindings[binding].items())
        self.seed = seed
        self._agent = agent
        key = (self.scenario.digest, canonical(args_json(self.binding)), seed)
        self._choose = choose or scripted(script, generated(stream(*key, "moves")))
        self._agent_chance = stream(*key, "agent")
        self._word_chance = stream(*key, "words")
        self._beliefs = compiled.beliefs
        self._belief: frozenset[int] | None = None
        self._acted: tuple[str, Args] | None = None
        self._astray = False
        self._named: dict[int, ActKey] = {}
        self._observed: list[object] = []
        self._config: Config
        self._config, begun = self._engine.beginning(binding)
        self._node = compiled.locate(self._config)
        self._clock = self._engine.elapsed(self._config)
        self._decisions = 0
        self._new = 0
        self._spent = 0
        """Turns of the agent that have begun; acts that continue one begin none."""
        self.script: list[Decision] = []
        """Every decision that was drawn, as a script that leads the same way again."""
        self.steps: list[Step] = []
        self.turns: list[Turn] = []
        self.history: list[Seen] = []
        self.touched: dict[Span, None] = dict.fromkeys(begun)
        """Every authored place that some move came from or set off, in order of first use."""
        self._intent: list[str] = []
        self._stance: list[tuple[int, Mapping[str, Value]]] = []
        self._snapshot()
        self.ended = ""
        self.view: TurnView | None = None
        self._advance()

    def answer(self, answer: Answer) -> Turn:
        """Play the agent's answer to ``view`` and go on to its next turn. Gives the turn with its labels.

        Of an answer that makes several acts each is a turn of the record, with labels of its own, and all of them spend one
        turn of the scenario's; gives the last. What follows an act that could not be used, or that ended the turn, is not played.
        """
        turn = self._play(replace(answer, then=()))
        for further in answer.then:
            if not self._goes_on():
                break
            turn = self._play(further)
        return turn

    def _goes_on(self) -> bool:
        """Whether the agent is asked again within a turn that it has begun."""
        duty = self._config.agenda[0] if self._config.agenda else None
        return self.view is not None and isinstance(duty, AgentTurn) and duty.used > 0

    def _play(self, answer: Answer) -> Turn:
        view, node = self.view, self._node
        if view is None:
            raise ValueError("the episode is over: there is no turn to answer")
        graph, solution = self._compiled.graph, self._compiled.solution
        played, move, args = self._usable(answer)
        edge = self._compiled.edge_of(node, move)
        opened = self._engine.open_triggers(self._config)
        seen = tuple(self.history[len(self.history) - self._new :])
        self._new = 0
        intent = tuple(self._intent)
        self._acted = (move.event, args)
        self._astray = edge < 0
        step = self._make(move, -1, edge, "" if played.invalid else played.say)
        turn = Turn(
            index=view.index,
            at=view.at,
            node=node,
            seen=seen,
            answer=played,
            acceptable=tuple(key for index, key in self._named.items() if index >= 0 and solution.acceptable[index]),
            robust=tuple(self._concrete(choice) for choice in self._robust()),
            reference=view.reference,
            ok=edge >= 0 and bool(solution.acceptable[edge]),
            value_before=round(float(solution.value[node]), DIGITS) if node >= 0 else 0.0,
            value_after=self._value(edge) if edge >= 0 and not graph.edges[edge].violations else 0.0,
            open_triggers=opened,
            status=tuple(self._engine.tasks(self._config).items()),
            violations=tuple(move.violations),
            served=tuple(move.served),
            intent=intent,
        )
        self.turns.append(turn)
        if not played.invalid:
            self.history.append(Seen(step.at, "agent", "agent", step.event, step.args, step.text))
        self.view = None
        self._advance()
        return turn

    def trace(self) -> Trace:
        """The record of the episode. ValueError where it is not over."""
        if not self.ended:
            raise ValueError("the episode is not over: it waits for the agent")
        return sealed(
            Trace(
                scenario=self.scenario.name,
                digest=self.scenario.digest,
                family=self.scenario.family,
                binding=self.binding,
                seed=self.seed,
                agent=self._agent,
                steps=tuple(self.steps),
                turns=tuple(self.turns),
                ended=self.ended,
                final=tuple(self._engine.tasks(self._config).items()),
                violations=tuple(label for step in self.steps for label in step.violations),
                stance=tuple(self._stance),
            )
        )

    def shifts(self) -> tuple[str, ...]:
        """The shifts that have happened."""
        states = self._engine.machine_states(self._config)
        return tuple(shift.name for shift in self.scenario.shifts if states[f"shift.{shift.name}"] != "waiting")

    def _advance(self) -> None:
        """Let everyone else move until the agent has the floor or the episode is over."""
        while True:
            owner = self._engine.owner(self._config)
            if owner == END:
                self.ended = self._verdict()
                return
            if owner == AGENT:
                duty = self._config.agenda[0]
                assert isinstance(duty, AgentTurn), "the agent has the floor without a turn"
                self._spent += duty.used == 0
                if self._spent > self.scenario.turns:
                    self.ended = "turns"
                else:
                    self.view = self._view()
                return
            moves = self._engine.moves(self._config)
            assert moves, "a configuration that is no end has no move"
            choice = -1
            if len(moves) > 1:
                choice = self._choose(moves, self._decisions)
                self.script.append(Decision(menu(moves), choice))
                self._decisions += 1
            move = moves[max(choice, 0)]
            self._make(move, choice, self._compiled.edge_of(self._node, move) if move.visible else -1, "")

    def _verdict(self) -> str:
        """``good`` or ``bad``, of an episode that is over."""
        end = self._config.agenda[0]
        assert isinstance(end, Over), "an end whose agenda is not the end"
        return end.verdict

    def _make(self, move: Move, choice: int, edge: int, said: str) -> Step:
        """Make a move: the graph node, the step with its text, what the agent sees of it, and the clock."""
        scenario, number = self.scenario, len(self.steps)
        text = said or self._says(self._config)
        if not text:
            values = self._engine.valuation(self._config)
            text = words(scenario, move.event, move.args, values, self._word_chance, number)
        self.touched.update(dict.fromkeys(move.spans))
        if (shift := self._shifts(self._config)) is not None:
            self._intent.append(shift)
        self._config = move.target
        self._clock = max(self._clock, self._engine.elapsed(self._config))
        # The engine knows more instants than the graph (ticks in which nothing falls due), so the place is looked up, not followed.
        self._node = self._compiled.locate(self._config)
        known = self._compiled.graph.edges[edge] if edge >= 0 else None
        if known is not None and known.observation is not None and move.actor != "agent":
            self._observed.append(known.observation)
        step = Step(
            at=self._clock,
            actor=move.actor,
            event=move.event,
            args=move.args,
            text=text,
            node=self._node,
            edge=edge,
            violations=tuple(move.violations),
            served=tuple(move.served),
            effect="" if known is None else known.effect,
            choice=choice,
        )
        self.steps.append(step)
        if move.observation is not None and move.actor != "agent":
            self._look(move, step)
        if self._spoken(move):
            self._clock += scenario.pace
            self._snapshot()
        elif move.actor == "agent" and (act := act_named(scenario, _short(move.event))) is not None:
            self._clock += act.takes
        return step

    def _says(self, config: Config) -> str:
        """The text that a concern or a shift brings along, where this person's next move is its."""
        duty = config.agenda[0] if config.agenda else None
        if not isinstance(duty, Forced):
            return ""
        kind, _, name = duty.machine.partition(".")
        sources = self.scenario.concerns if kind == "concern" else self.scenario.shifts
        return next((source.says for source in sources if source.name == name), "")

    def _shifts(self, config: Config) -> str | None:
        """The shift that this person's next move tells, where it does."""
        duty = config.agenda[0] if config.agenda else None
        kind, _, name = duty.machine.partition(".") if isinstance(duty, Forced) else ("", "", "")
        return name if kind == "shift" else None

    def _look(self, move: Move, step: Step) -> None:
        """Append what the agent sees of a move of somebody else: the move itself, and the reminder that it set off."""
        event = self.scenario.events.get(move.event)
        if event is not None and visible_to_agent(event.view):
            self._see(Seen(step.at, self._origin(move), *_who(self.scenario, move), self._fields(move), step.text))
        if _reminds(move.observation):
            armed = self._config.armed
            condition = "" if armed is None else armed.text
            fields: Args = (("condition", condition),)
            self._see(Seen(step.at, "environment_monitor", "world", "reminder", fields, f"reminder: {condition}"))

    def _see(self, seen: Seen) -> None:
        self.history.append(seen)
        self._new += 1

    def _fields(self, move: Move) -> Args:
        """The arguments whose view admits the agent."""
        views = {field.name: field.view for field in self.scenario.events[move.event].fields}
        return tuple((name, value) for name, value in move.args if visible_to_agent(views[name]))

    def _origin(self, move: Move) -> str:
        """Where an observation comes from; what the world does reaches an agent that waits for it through the
        monitor."""
        actor = self.scenario.events[move.event].actor
        if actor == "result":
            return "tool_call"
        if actor != "world":
            return next(person.role for person in self.scenario.cast if person.name == actor)
        return "environment" if self._config.armed is None else "environment_monitor"

    def _spoken(self, move: Move) -> bool:
        """Whether the move is something that a person or the agent says."""
        if move.actor == "agent":
            act = act_named(self.scenario, _short(move.event))
            return act is not None and act.kind == "says"
        return move.event not in SILENT_EVENTS and any(move.actor == person.name for person in self.scenario.cast)

    def _usable(self, answer: Answer) -> tuple[Answer, Move, Args]:
        """The answer as it is kept, and the act that is played: its own, or silence where it cannot be used."""
        reason = answer.invalid
        act = act_named(self.scenario, answer.act)
        if not reason and act is None:
            reason = f"there is no act {answer.act!r}" if answer.act else "no act is named"
        if not reason and act is not None:
            if act.staged and answer.stage == "draft":
                return answer, *self._silent()
            try:
                args = fit(act, answer.args)
                self._parse_conditions(act, args)
                return answer, self._engine.act(self._config, act.name, args), args
            except ValueError as error:
                reason = str(error)
        return replace(answer, act="", invalid=reason), *self._silent()

    def _parse_conditions(self, act: Act, args: Args) -> None:
        """Raises ValueError in the author's words where a condition that the agent wrote is none."""
        for field, (_, value) in zip(act.fields, args, strict=True):
            if isinstance(field.type, Condition) and isinstance(value, str):
                self._engine.stage.conditions.parse(value, field.type)

    def _silent(self) -> tuple[Move, Args]:
        return self._engine.act(self._config, silence(self.scenario), ()), ()

    def _believe(self) -> None:
        """Bring what the agent can know of where it is up to the present turn.

        Where its last act, or the condition that it armed, is of no class that the graph knows, nothing can be known
        until the episode is back on the graph; from there the belief starts anew at the true node.
        """
        seen, self._observed = tuple(self._observed), []
        if self._node < 0:
            self._belief = None
        elif self._acted is None:
            self._belief = self._beliefs.initial(seen)
        elif self._belief is None or self._astray:
            self._belief = frozenset((self._node,))
        else:
            self._belief = self._beliefs.update(self._belief, *self._acted, seen)

    def _robust(self) -> tuple[tuple[str, Args], ...]:
        return () if self._belief is None else self._beliefs.robust(self._belief)

    def _concrete(self, choice: tuple[str, Args]) -> ActKey:
        """A labelled act with the arguments that its class has at the true configuration (a fare as it is now, not
        its region's)."""
        edge = self._compiled.resolve(self._node, *choice)
        known = None if edge is None else self._named.get(edge)
        return ActKey(_short(choice[0]), choice[1]) if known is None else known

    def _value(self, edge: int) -> float:
        return round(float(self._compiled.solution.value[self._compiled.graph.edges[edge].dst]), DIGITS)

    def _view(self) -> TurnView:
        self._believe()
        possible = [
            (edge, ActKey(_short(move.event), move.args)) for move, edge in self._compiled.options(self._config)
        ]
        self._named = {}
        for edge, act in possible:
            self._named.setdefault(edge, act)
        found = None if self._belief is None else self._beliefs.reference(self._belief)
        reference = None if found is None else self._concrete(found)
        status: tuple[tuple[str, str], ...] = ()
        if reference is not None:
            after = self._engine.act(self._config, reference.act, reference.args).target
            status = tuple(self._engine.tasks(after).items())
        return TurnView(
            scenario=self.scenario,
            index=len(self.turns),
            at=self._clock,
            history=tuple(self.history),
            new=self._new,
            options=tuple(dict.fromkeys(act for _, act in possible)),
            reference=reference,
            reference_status=status,
            draw=self._agent_chance.unit(len(self.turns)),
            past=past(self.turns),
        )

    def _snapshot(self) -> None:
        """Record stance and concerns, where the scenario has any."""
        variables = [v.name for v in self.scenario.variables.values() if v.kind == "stance"]
        if variables or self.scenario.concerns:
            values, states = self._engine.valuation(self._config), self._engine.machine_states(self._config)
            here: dict[str, Value] = {name: values[name] for name in variables}
            here |= {f"concern.{concern.name}": states[f"concern.{concern.name}"] for concern in self.scenario.concerns}
            self._stance.append((len(self.steps) - 1, here))


def play(compiled: Compiled, binding: int, policy: Policy, seed: int, script: Iterable[Decision] = ()) -> Trace:
    """Play one episode to its end. Raises AgentFailure where the policy cannot be asked."""
    episode = Episode(compiled, binding, seed, policy.name, script)
    while episode.view is not None:
        try:
            answer = policy.answer(episode.view)
        except (
            Exception
        ) as error:  # the boundary to code and servers that are not ours: a failure there has one name here
            raise AgentFailure(f"{policy.name}: {type(error).__name__}: {error}") from error
        episode.answer(answer)
    return episode.trace()


def replay(compiled: Compiled, trace: Trace) -> Trace:
    """Play the recorded answers and draws again. The result has the bytes of ``trace`` unless the record was changed.

    Raises ValueError where the trace is of another scenario, or where the episode goes on differently from its record.
    """
    if trace.digest != compiled.scenario.digest:
        raise ValueError(f"the trace is of scenario {trace.scenario} with digest {trace.digest[:12]}, not of this one")
    bindings = [tuple(binding.items()) for binding in compiled.semantics.bindings]
    if trace.binding not in bindings:
        raise ValueError(f"the scenario has no binding {dict(trace.binding)}")
    choices = [step.choice for step in trace.steps if step.choice >= 0]
    episode = Episode(compiled, bindings.index(trace.binding), trace.seed, trace.agent, choose=recorded(choices))
    for turn in trace.turns:
        if episode.view is None:
            raise ValueError(f"the episode is over before turn {turn.index} of its record")
        episode.answer(turn.answer)
    return episode.trace()


def _short(event: str) -> str:
    return event.removeprefix("agent.")


def _who(scenario: Scenario, move: Move) -> tuple[str, str]:
    """Who did what: the person or the world, and the event."""
    person = any(move.actor == person.name for person in scenario.cast)
    return (move.actor if person else "world"), move.event


def _reminds(observation: object) -> bool:
    """Whether an observation holds the reminder of an armed condition."""
    return isinstance(observation, tuple) and (
        observation[:1] == ("reminder",) or any(_reminds(part) for part in observation)
    )

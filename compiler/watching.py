"""Watching: the conditions that an agent may arm, as the engine knows them.

A condition is text of the language that the agent writes at run time. The graph knows one representative per class (exact,
wide, narrow, unrelated to the trigger that it is meant for, see ``conditions``); any other text falls to one of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from dramaturg.compiler import conditions, growth
from dramaturg.compiler.configuration import Armed
from dramaturg.compiler.evaluate import Context, Eval, compiled
from dramaturg.compiler.lowering import reads
from dramaturg.compiler.reading import agent_condition
from dramaturg.compiler.tables import Tables
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.types import Condition, Number, Value


class Conditions:
    """The conditions of one scenario. ``tables`` is set once the scenario is lowered (which needs ``matches``)."""

    tables: Tables
    budget: growth.Budget | None = None
    """Of the graph that is explored; None in episodes."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._known: dict[str, Expr] = {}
        self._proposed: dict[tuple[Hashable, ...], tuple[str, ...]] = {}
        self._relations: dict[tuple[Hashable, ...], Value] = {}
        self._exact: dict[tuple[Hashable, ...], Expr] = {}
        self._aims: dict[Condition, list[int]] = {}
        self._hidden: dict[tuple[int, Condition], tuple[str, ...]] = {}
        self._levels: dict[str, tuple[Eval, int]] = {}
        self._names: dict[str, frozenset[str]] = {}

    def expr(self, text: str) -> Expr:
        """A condition that was parsed or proposed before."""
        return self._known[text]

    def parse(self, text: str, kind: Condition) -> Expr:
        """An agent-written condition, parsed and typed. Raises ValueError in the author's words where it is none."""
        if text not in self._known:
            self._known[text] = agent_condition(text, kind, self.scenario)
        return self._known[text]

    def _holds(self, expr: Expr, valuation: Mapping[str, Value]) -> bool:
        values = tuple(valuation.get(v.name) for v in self.tables.variables)
        return bool(compiled(expr, self.tables.layout)(Context(values, (), (), ())))

    def _targets(self, kind: Condition) -> list[int]:
        """The triggers that a condition of this kind can be meant for."""
        if kind not in self._aims:
            self._aims[kind] = [
                i
                for i, trigger in enumerate(self.tables.triggers)
                if not trigger.when.on_event and reads(trigger.source.when.expr) & set(kind.names)
            ]
        return self._aims[kind]

    def _meant(self, trigger: int, kind: Condition, values: tuple[Value, ...]) -> Expr:
        """What the agent would have to write to be woken exactly when this trigger may open."""
        source = self.tables.triggers[trigger].source
        index = self.tables.layout.variables
        names = self._hidden.get((trigger, kind))
        if names is None:
            names = self._hidden[trigger, kind] = tuple(sorted(reads(source.when.expr) - set(kind.names)))
        hidden = {name: values[index[name]] for name in names}
        key = (trigger, kind, *hidden.values())
        if key not in self._exact:
            self._exact[key] = conditions.of_trigger(source, kind.names, hidden)
        return self._exact[key]

    def representatives(self, kind: Condition, ctx: Context) -> tuple[str, ...]:
        """One condition per class that the graph knows, for each trigger that it can be meant for, the exact one first."""
        out: list[str] = []
        for trigger in self._targets(kind):
            exact = self._meant(trigger, kind, ctx.values)
            memo = (exact, kind)
            if memo not in self._proposed:
                self._affordable(trigger, exact)
                self._proposed[memo] = tuple(self._classes(exact, kind))
            out += [text for text in self._proposed[memo] if text not in out]
        return tuple(out)

    def _affordable(self, trigger: int, exact: Expr) -> None:
        """Raises OverBudget where armed conditions would have to be held against this one at far too many valuations."""
        if self.budget is None:
            return
        count = conditions.valuations((exact,), self.scenario.variables)
        if count > self.budget.states:
            source = self.tables.triggers[trigger].source
            read = sorted(conditions.names(exact))
            raise growth.refused(
                source.when.span,
                f"the condition of the trigger {source.name} reads {len(read)} names with {count:,} sets of values that matter "
                f"({', '.join(read)}): an armed condition would be held against it at each of them",
                self.budget,
                notes=("let the condition read fewer names, or let a variable say what several of them come to",),
                needed=count,
            )

    def _classes(self, exact: Expr, kind: Condition) -> Iterable[str]:
        variables = self.scenario.variables
        state, _ = conditions.strip_held(exact)
        proposals: list[Expr] = []
        if isinstance(state, core.And):
            proposals += list(state.items)
        proposals.append(core.Not(state))
        number = next((n for n in kind.names if isinstance(variables[n].type, Number)), None)
        if number is not None:
            bounds = variables[number].type
            assert isinstance(bounds, Number)
            if bounds.lo is not None:
                # Always and never true on the declared range: they cut no region that the exact one does not cut.
                proposals += [core.Compare(op, core.Var(number), core.Const(bounds.lo)) for op in (">=", "<")]
        found: dict[str, Expr] = {conditions.EXACT: exact}
        for proposal in proposals:
            expr = core.Held(proposal, exact.wait) if isinstance(exact, core.Held) else proposal
            found.setdefault(conditions.relation(expr, exact, variables, self._holds), expr)
        for expr in found.values():
            text = conditions.write(expr, variables)
            self._known.setdefault(text, expr)
            yield text

    def classify(self, text: Value, kind: Condition, ctx: Context) -> Value:
        """The representative that a condition text falls to; None where it falls to none."""
        if not isinstance(text, str):
            return None
        representatives = self.representatives(kind, ctx)
        if text in representatives:
            return text
        memo = (text, representatives)
        if memo not in self._relations:
            self._relations[memo] = self._nearest(text, kind, representatives)
        return self._relations[memo]

    def _nearest(self, text: str, kind: Condition, representatives: tuple[str, ...]) -> Value:
        try:
            mine = self.parse(text, kind)
        except ValueError:
            return None
        variables = self.scenario.variables
        exact = self._known[representatives[0]] if representatives else None
        if exact is None:
            return None
        wanted = conditions.relation(mine, exact, variables, self._holds, conditions.MAX_VALUATIONS)
        for candidate in representatives:
            if conditions.relation(self._known[candidate], exact, variables, self._holds) == wanted:
                return candidate
        return None

    def matches(self, text: Value, trigger: str, values: tuple[Value, ...]) -> bool:
        if not isinstance(text, str):
            return False
        index = next(i for i, t in enumerate(self.tables.triggers) if t.source.name == trigger)
        kind = next(
            (f.type for act in self.scenario.agent.acts for f in act.fields if isinstance(f.type, Condition)), None
        )
        if kind is None:
            return False
        theirs = self._meant(index, kind, values)
        memo = ("matches", text, theirs)
        if memo not in self._relations:
            try:
                mine = self.parse(text, kind)
            except ValueError:
                self._relations[memo] = False
            else:
                self._relations[memo] = (
                    conditions.relation(mine, theirs, self.scenario.variables, self._holds, conditions.MAX_VALUATIONS)
                    == conditions.EXACT
                )
        return bool(self._relations[memo])

    def level(self, armed: Armed, values: tuple[Value, ...]) -> tuple[bool, int]:
        """Whether the state part of an armed condition holds, and the ms that it must have held."""
        state, wait = self._lowered(armed.text)
        return bool(state(Context(values, (), (), ()))), wait

    def wait(self, armed: Armed | None) -> int:
        """The ms that an armed condition must hold."""
        return 0 if armed is None else self._lowered(armed.text)[1]

    def names(self, armed: Armed) -> frozenset[str]:
        """The variables that an armed condition reads."""
        if armed.text not in self._names:
            self._names[armed.text] = conditions.names(self._known[armed.text])
        return self._names[armed.text]

    def _lowered(self, text: str) -> tuple[Eval, int]:
        if text not in self._levels:
            state, wait = conditions.strip_held(self._known[text])
            self._levels[text] = compiled(state, self.tables.layout), wait
        return self._levels[text]

    def watching(self, text: str) -> str:
        """Where updates wake the agent rather than the condition itself, only the names that it reads matter."""
        read = sorted(conditions.names(self._known[text]))
        name = f"watching {', '.join(read)}"
        self._known.setdefault(name, core.And(tuple(core.Known(core.Var(each)) for each in read)))
        return name

"""Everything that is read off one scenario, written below one directory.

``graph.*`` (the state graph, three renderings and the data), ``findings.json`` (what ``check`` says), ``proofs.json``
(the scenario's own theorems), ``benchmark.json``, ``runs/AGENT.jsonl`` (the trivial agents on it), ``report.json``,
``report.md`` and ``report.html``, and ``episodes.jsonl`` (the traces of the reference policy, one per item). Every file
is a function of the scenario, the seed and the agents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dramaturg.building.workers import say
from dramaturg.runtime.record import Json, canonical, plain

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled
    from dramaturg.dsl.diagnostics import Diagnostic
    from dramaturg.runtime.benchmark import Benchmark, Run
    from dramaturg.runtime.report import Gate

REFERENCE = "oracle"
"""The agent whose episodes are the reference."""


class SameName(ValueError):
    """Two scenarios have one name, and so one folder."""


@dataclass(frozen=True, slots=True)
class Job:
    """One scenario to build."""

    path: Path
    out: Path
    """The directory of the whole build; the scenario's own is ``out / NAME``."""
    parts: Path
    """Where each scenario's corpora wait, in a folder of its name, to be put together."""
    seed: int
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """What the summary says of one scenario. A scenario that does not compile has only what ``failed``."""

    path: Path
    name: str = ""
    family: str = ""
    digest: str = ""
    bindings: int = 0
    states: int = 0
    edges: int = 0
    proved: int = 0
    checks: int = 0
    items: int = 0
    gate: bool = False
    reasons: tuple[str, ...] = ()
    """Why the gate does not hold."""
    warnings: int = 0
    rows: tuple[tuple[str, int], ...] = ()
    """Corpus to its number of rows."""
    failed: tuple[Diagnostic, ...] = ()


def build(job: Job) -> Built:
    """Compile one scenario and write everything that is read off it."""
    from dramaturg.commands.library import attempt
    from dramaturg.training.emit import emit

    who = job.path.stem
    say(who, "graph")
    tried = attempt(job.path, analyse=True)
    made = tried.compiled
    if made is None or tried.errors:
        return Built(job.path, name=who, failed=tried.errors)
    folder = job.out / made.scenario.name
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise SameName(f"two scenarios are called {made.scenario.name}, one of them in {job.path}") from None
    proved = write_graph(made, tried.diagnostics, folder)
    say(who, "benchmark")
    items, runs = write_benchmark(made, job.seed, job.agents, folder, who)
    gate = write_report(runs, folder)
    say(who, "corpora")
    emitted = emit([made], [items], job.parts / made.scenario.name, seed=job.seed)
    return Built(
        job.path,
        name=made.scenario.name,
        family=made.scenario.family,
        digest=made.scenario.digest,
        bindings=len(made.graph.bindings),
        states=len(made.graph),
        edges=len(made.graph.edges),
        proved=proved,
        checks=len(made.scenario.checks),
        items=len(items.items),
        gate=gate.passed,
        reasons=gate.reasons,
        warnings=sum(item.severity == "warning" for item in tried.diagnostics),
        rows=tuple(emitted.rows.items()),
    )


def write_graph(made: Compiled, diagnostics: tuple[Diagnostic, ...], folder: Path) -> int:
    """The graph and what is proved of it. Gives the number of theorems that hold."""
    from dramaturg.compiler.analyses.theorems import proofs
    from dramaturg.compiler.render import RENDERERS
    from dramaturg.dsl.messages.present import present

    for ending, render in RENDERERS.items():
        (folder / f"graph.{ending}").write_text(render(made.graph, made.solution), encoding="utf-8")
    (folder / "graph.json").write_text(graph_json(made), encoding="utf-8")
    (folder / "findings.json").write_text(present(diagnostics, "json"), encoding="utf-8")
    found = proofs(made.graph, made.solution, made.supposed)
    rows: list[Mapping[str, Json]] = [
        {
            "check": proof.check.name,
            "claim": proof.check.text,
            "holds": proof.holds,
            "reason": proof.reason,
            # Edges of the graph that is written; a run in which judgements are supposed is not in it.
            "path": [int(edge) for edge in proof.path]
            if proof.path is not None and proof.graph is made.graph
            else None,
            "rests_on_may": proof.rests_on_may,
        }
        for proof in found
    ]
    (folder / "proofs.json").write_text(lines(rows), encoding="utf-8")
    return sum(proof.holds for proof in found)


def write_benchmark(
    made: Compiled, seed: int, agents: tuple[str, ...], folder: Path, who: str
) -> tuple[Benchmark, list[Run]]:
    """The items, each agent's run on them, and the reference episodes."""
    from dramaturg.commands.bench import file_name
    from dramaturg.runtime import benchmark
    from dramaturg.runtime.agents import agent
    from dramaturg.runtime.record import to_json

    items = benchmark.build(made, seed=seed)
    (folder / "benchmark.json").write_text(benchmark.to_json(items), encoding="utf-8")
    runs = []
    for name in agents:
        say(who, f"run of {name}")
        runs.append(benchmark.run(items, made, agent(name), journal=folder / "runs" / f"{file_name(name)}.jsonl"))
    reference = next(run for run in runs if run.agent == REFERENCE)
    episodes = "".join(to_json(trace) + "\n" for trace in reference.traces)
    (folder / "episodes.jsonl").write_text(episodes, encoding="utf-8")
    return items, runs


def write_report(runs: list[Run], folder: Path) -> Gate:
    """The report of one scenario. Gives its gate."""
    from dramaturg.runtime import report as reports
    from dramaturg.runtime.page import html

    found = reports.report(runs)
    (folder / "report.json").write_text(reports.to_json(found), encoding="utf-8")
    (folder / "report.md").write_text(reports.markdown(found), encoding="utf-8")
    (folder / "report.html").write_text(html(found), encoding="utf-8")
    return found.scenarios[0].gate


def graph_json(made: Compiled) -> str:
    """The state graph as data: a line per node and per edge, spans as ``path:line:column``."""
    graph, solution = made.graph, made.solution
    nodes: list[Mapping[str, Json]] = [
        {
            "node": node,
            "owner": int(graph.owner[node]),
            "verdict": graph.verdict.get(node),
            "view": dict(graph.readable[node]),
            "level": int(solution.level[node]),
            "value": round(float(solution.value[node]), 9),
        }
        for node in range(len(graph))
    ]
    edges: list[Mapping[str, Json]] = [
        {
            "src": edge.src,
            "dst": edge.dst,
            "actor": edge.actor,
            "event": edge.event,
            "args": {name: plain(value) for name, value in edge.args},
            "guard": edge.guard,
            "effect": edge.effect,
            "delay": edge.delay,
            "chance": None if edge.chance is None else round(edge.chance, 12),
            "may": edge.may,
            "violations": edge.violations,
            "served": edge.served,
            "acceptable": bool(solution.acceptable[index]),
            "spans": [str(span) for span in edge.spans],
        }
        for index, edge in enumerate(graph.edges)
    ]
    head: dict[str, Json] = {
        "scenario": graph.scenario.name,
        "digest": graph.scenario.digest,
        "tick": graph.tick,
        "exact": graph.exact,
    }
    return f'{canonical(head)[:-1]},"nodes":{lines(nodes).rstrip()},"edges":{lines(edges).rstrip()}}}\n'


def lines(rows: Sequence[Mapping[str, Json]]) -> str:
    """A JSON list with a row per line."""
    return "[\n" + ",\n".join(canonical(row) for row in rows) + "\n]\n"

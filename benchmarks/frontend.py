"""The front end against the usual stack, on a thousand scenarios that nobody has seen before.

Both read the same files in the same process, a hundred of one and then the same hundred of the other, so that a slow moment of
the machine meets both; the figure is the median of the ratios of their CPU times. Ours is ``load`` with everything that it says
(names, types, units, views, templates, places of all of it) and the same graphs of the tasks. The peer (``stack``) says nothing
but what pydantic and Lark say. It comes in two forms: as documented (Lark's tree with positions, then a ``Transformer``) and tuned
(the transformer inlined into the parser). Each has read one folder before the clock starts, so that tables and schemas are built.

Collections are as Python does them, for both, over what was made since the clock started (``check`` freezes what is older as well);
``--no-gc`` switches them off for both.

First of all ours must be right: of the same thousand with a mistake in one of fifty, exactly those mistakes are reported.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import networkx as nx

from benchmarks import stack
from benchmarks.thousand import Shelf, fill
from dramaturg.commands.library import find
from dramaturg.commands.remembered import Found, open_memory
from dramaturg.dsl.load import load
from dramaturg.dsl.memory import memo
from dramaturg.dsl.scenario import Scenario

BATCH = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--no-gc", action="store_true", help="no cyclic collections, for either side")
    parser.add_argument("--shipped", action="store_true", help="only variants of the scenarios that ship")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        _right(fill(top / "mistaken", chosen.files, chosen.seed + 1, mistaken=0.02))
        shelf = fill(top / "files", chosen.files, chosen.seed, varied=1.0 if chosen.shipped else 0.3)
        size = statistics.mean(path.stat().st_size for path in shelf.paths)
        warm = fill(top / "warm", 20, chosen.seed + 2)
        if chosen.no_gc:
            gc.disable()
        print(f"{len(shelf.paths)} files of {size:.0f} bytes on average, collections {'off' if chosen.no_gc else 'on'}")
        ours, documented, tuned = _measure(shelf, warm)
        for name, peer in (("as documented", documented), ("tuned", tuned)):
            ratios = sorted(theirs / mine for theirs, mine in zip(peer, ours))
            print(
                f"stack {name:<14} {1000 * sum(peer) / len(shelf.paths):6.2f} ms a file; ours is "
                f"{statistics.median(ratios):5.2f} times as fast ({ratios[0]:.2f} to {ratios[-1]:.2f} by hundreds)"
            )
        unchanged = _unchanged(shelf, top / "cache")
        for name, peer in (("as documented", documented), ("tuned", tuned)):
            spent = sum(peer) / len(shelf.paths)
            print(
                f"nothing changed: {spent / unchanged[0]:6.0f} times as fast as the stack {name}, in one process; "
                f"{spent / unchanged[1]:.0f} times with a whole command line, its start included"
            )
        print(
            f"nothing changed      {1e6 * unchanged[0]:6.1f} µs a file ({1e6 * unchanged[1]:.1f} with the command line)"
        )
        print(f"ours                 {1000 * sum(ours) / len(shelf.paths):6.2f} ms a file")


def _right(shelf: Shelf) -> None:
    """Exactly the planted mistakes are reported."""
    for path in shelf.paths:
        loaded = load(path, shelf.root)
        said = [diagnostic.span.text for diagnostic in loaded.diagnostics]
        planted = [shelf.mistakes[path]] if path in shelf.mistakes else []
        if said != planted or (loaded.scenario is None) != bool(planted):
            sys.exit(f"{path}: planted {planted}, reported {[str(it) for it in loaded.diagnostics]}")
    print(f"{len(shelf.mistakes)} mistakes planted in {len(shelf.paths)} files, exactly these reported")


def _measure(shelf: Shelf, warm: Shelf) -> tuple[list[float], list[float], list[float]]:
    """CPU seconds for each hundred: ours, the stack as documented, the stack tuned."""
    memo.forget()
    lines = [_ours(), _stack(stack.documented()), _stack(stack.tuned())]
    for line in lines:
        line(warm.paths, warm.root)
    gc.collect()
    gc.freeze()
    spent: list[list[float]] = [[] for _ in lines]
    for start in range(0, len(shelf.paths), BATCH):
        batch = shelf.paths[start : start + BATCH]
        for turn in range(len(lines)):
            at = (turn + start // BATCH) % len(lines)
            began = time.process_time()
            lines[at](batch, shelf.root)
            spent[at].append(time.process_time() - began)
    return spent[0], spent[1], spent[2]


def _unchanged(shelf: Shelf, cache: Path) -> tuple[float, float]:
    """CPU seconds for each file where nothing has changed: in this process, and of a whole ``dramaturg check``.

    What was found is that of loading; what the state graphs would add takes long to find and no longer to remember.
    """
    os.environ.update(XDG_CACHE_HOME=str(cache), DRAMATURG_CACHE="on")
    options = {"limits": "", "states": "None"}
    time.sleep(2.1)  # a file that was written just now is read again
    memory = open_memory()
    for path in find([shelf.root], memory):
        loaded = load(path, shelf.root)
        memory.remember(path, options, Found(loaded.sources[0].path, loaded.sources, loaded.diagnostics))
    memory.save()
    spent, whole = [], []
    for _ in range(5):
        began = time.process_time()
        memory = open_memory()
        hits = [memory.recall(path, options) for path in find([shelf.root], memory)]
        spent.append(time.process_time() - began)
        hit = sum(it is not None for it in hits)
        if hit != len(shelf.paths):
            sys.exit(f"only {hit} of {len(shelf.paths)} were remembered")
        before = os.times()
        subprocess.run(
            [sys.executable, "-m", "dramaturg", "check", str(shelf.root)], check=True, stderr=subprocess.DEVNULL
        )
        after = os.times()
        whole.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return statistics.median(spent) / len(shelf.paths), statistics.median(whole) / len(shelf.paths)


Work = Callable[[Sequence[Path], Path], None]


def _ours() -> Work:
    def work(paths: Sequence[Path], root: Path) -> None:
        for path in paths:
            loaded = load(path, root)
            assert loaded.scenario is not None, path
            for _ in graphs(loaded.scenario):
                pass

    return work


def _stack(read: stack.Read) -> Work:
    modules: dict[Path, stack.Module] = {}

    def work(paths: Sequence[Path], root: Path) -> None:
        with stack.reading(read):
            for path in paths:
                stack.load(path, root, modules)

    return work


def graphs(scenario: Scenario) -> list[nx.MultiDiGraph]:
    """The tasks as they were authored."""
    out = []
    for task in scenario.tasks:
        graph: nx.MultiDiGraph = nx.MultiDiGraph()
        for state in task.states:
            graph.add_node(state.name, end=state.end)
        for state in task.states:
            for line in state.transitions:
                graph.add_edge(
                    state.name,
                    line.go or state.name,
                    when=line.when,
                    after=line.after,
                    condition=line.condition,
                    set=line.sets,
                )
        out.append(graph)
    return out


if __name__ == "__main__":
    main()

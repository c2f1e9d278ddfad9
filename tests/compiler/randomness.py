"""Random small state graphs: connected from the root, ends without moves, chances that sum to one."""

from __future__ import annotations

from hypothesis import strategies as st

from dramaturg.compiler.graph import StateGraph
from dramaturg.dsl.scenario import Scenario
from tests.compiler.graphs import graph

EVENTS = ("agent.follow_up", "agent.keep_silent", "agent.ask")


@st.composite
def texts(draw: st.DrawFn, words: tuple[str, ...] = ("!missed:t",)) -> str:
    """The text of a graph of at most eight inner nodes and three ends."""
    size = draw(st.integers(2, 8))
    names = [draw(st.sampled_from("aapwc")) + str(i) for i in range(size)]
    ends = ["g0", "b0", "g1"]
    lines = [
        f"r -> {name} bind" for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    ]
    for name in names:
        degree = draw(st.integers(1, 3))
        weights = [draw(st.integers(1, 4)) for _ in range(degree)]
        for number, weight in enumerate(weights):
            target = draw(st.sampled_from([*names, *ends]))
            event = EVENTS[number] if name[0] == "a" else "tick" if name[0] == "w" else f"user.move{number}"
            extra = [] if name[0] == "a" else [repr(weight / sum(weights))]
            if name[0] == "w":
                extra.append(f"+{5 * draw(st.integers(0, 2))}m")
            extra += [word for word in words if draw(st.integers(0, 4)) == 0]
            lines.append(f"{name} -> {target} {event} {' '.join(extra)}")
    return "\n".join(lines)


def graphs(setting: Scenario | None = None, words: tuple[str, ...] = ("!missed:t",)) -> st.SearchStrategy[StateGraph]:
    return texts(words).map(lambda text: graph(text, setting))

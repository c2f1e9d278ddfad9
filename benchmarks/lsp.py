"""How long an author waits for the language server: from a keystroke to what is shown, and for an answer.

Run by hand: ``python -m benchmarks.lsp``. A real server over its pipes, on the shipped scenarios: each edit types one wrong
letter or takes it back. The pause that the server makes before it checks is part of what is measured.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from lsprotocol import types
from tests.lsp.editor import Editor

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
FILES = ("travel/delayed-train.yaml", "travel/flight-watch.yaml", "support/return-item.yaml")
ROUNDS = 60
GOAL = 100.0


async def timed(answer: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds until an answer is there."""
    begun = time.perf_counter()
    await answer()
    return (time.perf_counter() - begun) * 1000


def say(what: str, times: list[float]) -> None:
    ranked = sorted(times)
    last = ranked[min(len(ranked) - 1, round(0.95 * len(ranked)))]
    mark = "" if statistics.median(ranked) < GOAL else f"  over the goal of {GOAL:.0f} ms"
    print(f"  {what:<28} median {statistics.median(ranked):7.1f} ms   p95 {last:7.1f} ms   n {len(ranked)}{mark}")


async def measured(editor: Editor, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wrong = text.replace("go: ", "go: X", 1)
    opening = await timed(lambda: editor.open(path))
    typing, hovers, completions, definitions = [], [], [], []
    document = editor.document(path)
    for at in range(ROUNDS):
        new = text if at % 2 else wrong
        typing.append(await timed(partial(editor.change, path, new)))
        place = editor.at(path, "agent.", 7)
        hovering = types.HoverParams(document, place)
        hovers.append(await timed(partial(editor.client.text_document_hover_async, hovering)))
        asked = types.CompletionParams(document, place)
        completions.append(await timed(partial(editor.client.text_document_completion_async, asked)))
        wanted = types.DefinitionParams(document, place)
        definitions.append(await timed(partial(editor.client.text_document_definition_async, wanted)))
    print(f"{path.relative_to(SCENARIOS)} ({len(text.splitlines())} lines; opened in {opening:.0f} ms)")
    say("change to diagnostics", typing)
    say("hover, first after a change", hovers)
    say("completion", completions)
    say("definition", definitions)


async def main() -> None:
    editor = Editor(SCENARIOS)
    begun = time.perf_counter()
    await editor.start()
    print(f"the server answers after {(time.perf_counter() - begun) * 1000:.0f} ms")
    for name in FILES:
        await measured(editor, SCENARIOS / name)
    await editor.stop()


if __name__ == "__main__":
    asyncio.run(main())

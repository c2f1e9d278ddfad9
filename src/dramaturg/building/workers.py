"""Worker processes: one scenario each, and none of them outlives the build.

Workers are spawned, not forked, so they inherit neither locks nor threads. Each watches its parent: when that is
killed without a chance to say so, its workers end as well, and nobody goes on writing into an abandoned directory.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import connection
from multiprocessing.queues import Queue
from queue import Empty
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

POLL_SECONDS = 0.1

_news: Queue[tuple[str, str]] | None = None
"""In a worker, where it says what it is at."""


def say(who: str, what: str) -> None:
    """In a worker: tell whoever watches the build what is being done. Elsewhere: nothing."""
    if _news is not None:
        _news.put((who, what))


def run(
    work: Callable[[Job], Result],
    jobs: Sequence[Job],
    processes: int,
    heard: Callable[[str, str], None],
    done: Callable[[Result], None],
) -> list[Result]:
    """``work`` on every job, in their order. ``heard`` gets what workers ``say``, ``done`` each result as it comes.

    With one process the work is done right here. What a worker raises is raised here, and the others are ended.
    """
    if processes <= 1 or len(jobs) <= 1:
        results = []
        for job in jobs:
            results.append(work(job))
            done(results[-1])
        return results
    context = multiprocessing.get_context("spawn")
    news: Queue[tuple[str, str]] = context.Queue()
    pool = ProcessPoolExecutor(min(processes, len(jobs)), context, initializer=_begin, initargs=(news,))
    try:
        futures = [pool.submit(work, job) for job in jobs]
        for future in _completed(futures, lambda: _drain(news, heard)):
            done(future.result())
        return [future.result() for future in futures]
    except BaseException:
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _completed(futures: Sequence[Future[Result]], meanwhile: Callable[[], None]) -> Iterator[Future[Result]]:
    waiting = set(futures)
    while waiting:
        ready, waiting = wait(waiting, POLL_SECONDS, FIRST_COMPLETED)
        meanwhile()
        yield from (future for future in futures if future in ready)


def _drain(news: Queue[tuple[str, str]], heard: Callable[[str, str], None]) -> None:
    while True:
        try:
            heard(*news.get_nowait())
        except Empty:
            return


def _begin(news: Queue[tuple[str, str]]) -> None:
    """A worker's first act: let the parent deal with ^C, and watch the parent."""
    global _news
    _news = news
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker has a parent"
    threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)

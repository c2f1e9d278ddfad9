"""``python -m benchmarks.fuzz``: whatever is in a file, reading it ends with diagnostics, soon and in bounded memory.

    python -m benchmarks.fuzz --count 1000000 --jobs 2     # the nightly target
    python -m benchmarks.fuzz --seconds 60
    python -m benchmarks.fuzz --replay 4711                # one input again, shown

Inputs are numbered; each is a function of the seed and its number. They come from the shipped scenarios and the examples of the
diagnostics' pages: bytes changed, words of dictionaries put in, trees grown from the file format's own shapes, expressions
derived from the grammar, templates made of pieces. Each goes through the whole front end, is shown in every form, and where it is
clean compiled under a small budget. A worker may take 512 MB more than it began with, and each input one second of CPU time.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback

from benchmarks.fuzz.inputs import made
from benchmarks.fuzz.trial import failure, run, shrunk, through


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seconds", type=float, help="of CPU time, for each process")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--replay", type=int, help="show one input and what becomes of it")
    given = parser.parse_args()
    if given.replay is not None:
        name, files = made(given.seed, given.replay)
        print(f"{name}: {next(iter(files))}")
        began = time.process_time()
        try:
            print("clean" if through(files) else "diagnostics", f"{time.process_time() - began:.2f} s")
        except Exception as error:
            traceback.print_exc()
            sys.stdout.buffer.write(shrunk(files, failure(error)) + b"\n")
        return 0
    began = time.monotonic()
    total = run(given.seed, given.count, given.seconds, given.jobs, given.first)
    took = time.monotonic() - began
    print(
        f"{total.count} inputs in {took:.0f} s ({total.count / took:.0f}/s), {total.clean} of them clean, {dict(total.kinds)}"
    )
    print(f"slowest {total.slowest:.2f} s (input {total.slowest_at}), {total.memory / 2**20:.0f} MB above the start")
    for what, number in sorted(total.failures.items(), key=lambda item: item[1]):
        print(f"FAILED {what}: input {number} (python -m benchmarks.fuzz --seed {given.seed} --replay {number})")
    return 1 if total.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())

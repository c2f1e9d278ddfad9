"""The verdict on a mutant: what ``check`` says of it, and whether that is what an author needs.

The whole front end reads it from memory; where nothing is wrong there, the graph is compiled and looked at, as ``check`` does.
Everything that is said counts, warnings and notes included: one mistake should be one diagnostic.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mutants.library import Library
from benchmarks.mutants.mutant import Mutant
from dramaturg.compiler.analyses.hanging import beside
from dramaturg.compiler.compiled import OverBudget, compile_scenario
from dramaturg.compiler.explore import Budget
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load

ROOT = Path(os.path.abspath("no-such-folder"))
"""The mutants are on no disk."""
STATES = 60_000


@dataclass(frozen=True, slots=True)
class Verdict:
    mutant: Mutant
    said: tuple[Diagnostic, ...]
    seconds: float
    """CPU time."""
    crash: str = ""

    @property
    def reported(self) -> bool:
        return bool(self.said)

    @property
    def primary(self) -> Diagnostic | None:
        """The first error, else the first of what is said."""
        return next((d for d in self.said if d.severity == "error"), self.said[0] if self.said else None)

    @property
    def placed(self) -> bool:
        first = self.primary
        if first is None:
            return False
        here = first.span.path == self.mutant.file and first.span.line in self.mutant.lines
        return here or (first.span.path, first.span.line) in self.mutant.elsewhere

    @property
    def nowhere(self) -> bool:
        """Whether a diagnostic has no place in a file."""
        return any(d.span.path.startswith("<") for d in self.said)

    @property
    def single(self) -> bool:
        return len(self.said) == 1

    @property
    def guessed(self) -> bool | None:
        """Whether the right word is the first suggestion; None where nothing was misspelt, or nothing is suggested with reason."""
        if not self.mutant.meant or self.primary is None:
            return None
        texts = [text for fix in self.primary.fixes[:1] for _, text in fix.edits] + [*self.primary.notes]
        said = " ".join((self.primary.message, *texts))
        return re.search(rf"(?<![\w]){re.escape(self.mutant.meant)}(?![\w])", said) is not None


def judge(library: Library, mutant: Mutant, *, deep: bool = True) -> Verdict:
    """What is said of a mutant. Without ``deep`` only the front end looks at it."""
    texts = {ROOT / name: file.text.encode() for name, file in library.files.items()}
    texts[ROOT / mutant.file] = mutant.text.encode("utf-8", "surrogatepass")
    began = time.process_time()
    try:
        loaded = load(ROOT / mutant.scenario, ROOT, texts)
        said = loaded.diagnostics
        if loaded.scenario is not None and deep:
            try:
                said = beside(said, compile_scenario(loaded.scenario, Budget.of(STATES)).diagnostics)
            except OverBudget as over:
                said += (over.diagnostic,)
        crash = ""
    except Exception as error:  # a crash is a finding here
        said, crash = (), f"{type(error).__name__}: {error}"
    return Verdict(mutant, said, time.process_time() - began, crash)

"""Corpora: what a solved graph and its traces teach, one module per kind of training.

A module of this package that defines ``CORPUS`` is a corpus; adding one touches that file and its test. Each is a pure
function from a compiled scenario and one trace to rows. Hidden concerns reach two fields only: the teacher's view in
``distill`` and the judge's in ``reward``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from dramaturg.training.corpora.kinds import Corpus
from dramaturg.training.corpora.origin import Row

__all__ = ["Corpus", "Row", "corpora"]


@cache
def corpora() -> tuple[Corpus[Row], ...]:
    """Every corpus, by name."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found = [corpus for module in modules if isinstance(corpus := getattr(module, "CORPUS", None), Corpus)]
    return tuple(sorted(found, key=lambda corpus: corpus.name))

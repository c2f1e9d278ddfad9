"""Dramaturg: a scenario language and compiler for proactive agents.

Text becomes machines, machines become one annotated state graph, and every artefact (episodes, benchmark, proofs,
corpora) is a pure function of that graph or of a trace through it. The folders ``dsl``, ``compiler``, ``runtime`` and
``training`` hold the code; imports point downward only, in that order reversed.
"""

__version__ = "0.1.0"

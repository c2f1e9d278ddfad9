"""The commands, one module each. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import click

from dramaturg.commands.bench import bench
from dramaturg.commands.build import build
from dramaturg.commands.check import check
from dramaturg.commands.compile import compiling
from dramaturg.commands.diff import diff
from dramaturg.commands.emit import emit
from dramaturg.commands.explain import explain
from dramaturg.commands.fmt import fmt
from dramaturg.commands.graph import graph
from dramaturg.commands.imports import importing
from dramaturg.commands.init import init
from dramaturg.commands.lsp import lsp
from dramaturg.commands.replay import replay
from dramaturg.commands.sample import sample
from dramaturg.commands.schema import schema
from dramaturg.commands.simulate import simulate
from dramaturg.commands.train import train

COMMANDS: tuple[click.Command, ...] = (
    init,
    check,
    explain,
    fmt,
    schema,
    compiling,
    diff,
    graph,
    sample,
    simulate,
    replay,
    bench,
    emit,
    train,
    build,
    importing,
    lsp,
)
"""Every command, in the order in which ``--help`` lists them."""

"""The commands, one module each. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
"""Every command, in the order in which ``--help`` lists them."""

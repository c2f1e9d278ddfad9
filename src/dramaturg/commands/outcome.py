"""How a command ends when it does not end well: an exit code and the one line that says why."""

from __future__ import annotations

FINDINGS, REFUSED, NOTHING = 1, 2, 3
"""Exit codes: findings, usage or internal error, nothing to do."""


class Outcome(Exception):
    """Ends the command with this exit code and this reason on stderr."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

"""The session of one editor: what it has open, what it was shown, and who answers.

Everything that reads the desk runs on one thread of its own, one thing after another, so the desk needs no locks and reading
messages never waits for a scenario.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from dramaturg import __version__
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.editing.renaming import Known
from dramaturg.lsp.desk import Desk
from dramaturg.lsp.positions import Text

T = TypeVar("T")
LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Shown:
    """What an editor was shown of one file: the diagnostics, and the scenario in which they were found."""

    said: list[tuple[Diagnostic, Known]] = field(default_factory=list)


class Server(LanguageServer):
    """The state of one editor's session."""

    def __init__(self) -> None:
        # Whole texts: what is sent is then what the editor has, whatever each side takes for the end of a line.
        super().__init__("dramaturg", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.desk = Desk()
        self.worker = ThreadPoolExecutor(1, "desk")
        self.versions: dict[Path, int] = {}
        self.uris: dict[Path, str] = {}
        """How the editor itself writes the path of a file that it opened."""
        self.numbers: dict[Path, int] = {}
        """The editor's own number of the text that was checked last, by file."""
        self.shown: dict[Path, Shown] = {}
        self.proved: dict[Path, dict[Path, list[Diagnostic]]] = {}
        """What the graph of a scenario had to say, by scenario and by file, as long as nothing of it was changed."""
        self.proofs: dict[Path, asyncio.Task[None]] = {}
        self.dismissed = False
        """Whether the editor has asked for the end."""
        self.tasks: set[asyncio.Future[None]] = set()

    @property
    def encoding(self) -> str:
        return str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding))

    async def ask(self, question: Callable[[], T], otherwise: T) -> T:
        """The answer of something that reads the desk; ``otherwise`` where it fails, which is logged and must not be."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self.worker, question)
        except RefusedRename:
            raise
        except Exception:
            LOG.exception("a request failed")
            return otherwise

    def later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def text(self, path: Path) -> Text:
        return Text(self.desk.data(path), self.encoding)


class RefusedRename(Exception):
    """A name that cannot be given, with the reason."""

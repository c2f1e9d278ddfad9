"""An editor to talk to the real server with: it starts the command, opens and changes texts, and waits for what is shown."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds after which an answer is taken to be missing; a loaded machine may need many of them."""
CURSOR = "‸"


class Editor:
    """One session with a server in a process of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient("editor", "1")
        self.shown: dict[str, list[types.Diagnostic]] = {}
        self.news = asyncio.Event()
        self.versions: dict[Path, int] = {}
        self.texts: dict[Path, str] = {}

        def published(params: types.PublishDiagnosticsParams) -> None:
            number = next((n for path, n in self.versions.items() if self.uri(path) == params.uri), None)
            if params.version is None or params.version == number:
                self.shown[params.uri] = list(params.diagnostics)
                self.news.set()

        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)

    async def start(self, encodings: list[types.PositionEncodingKind] | None = None) -> types.InitializeResult:
        environment = {**os.environ, "DRAMATURG_CACHE": "off"}
        await self.client.start_io(sys.executable, "-m", "dramaturg", "lsp", "--stdio", env=environment)
        result = await self.client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(
                    general=types.GeneralClientCapabilities(position_encodings=encodings) if encodings else None
                ),
                process_id=os.getpid(),
                root_uri=self.root.as_uri(),
                workspace_folders=[types.WorkspaceFolder(self.root.as_uri(), "root")],
            )
        )
        self.client.initialized(types.InitializedParams())
        return result

    async def stop(self) -> int:
        """Say goodbye; the exit code of the server."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        process = self.client._server
        assert process is not None
        code = await asyncio.wait_for(process.wait(), PATIENCE)
        await self.client.stop()  # type: ignore[no-untyped-call]  # pygls leaves it without types
        return code

    def uri(self, path: Path) -> str:
        return path.as_uri()

    async def open(self, path: Path, text: str | None = None) -> list[types.Diagnostic]:
        """Open a file, with the text that it has or with another one; what is shown of it."""
        self.texts[path] = path.read_text(encoding="utf-8") if text is None else text
        self.versions[path] = 1
        self.shown.pop(self.uri(path), None)
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                types.TextDocumentItem(self.uri(path), types.LanguageKind.Yaml, 1, self.texts[path])
            )
        )
        return await self.until(path)

    def type(self, path: Path, text: str) -> None:
        """Change an open file, without waiting."""
        self.texts[path] = text
        self.versions[path] += 1
        self.shown.pop(self.uri(path), None)
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[path], self.uri(path)),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def change(self, path: Path, text: str) -> list[types.Diagnostic]:
        self.type(path, text)
        return await self.until(path)

    def save(self, path: Path) -> None:
        path.write_text(self.texts[path], encoding="utf-8")
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self.document(path)))

    async def until(
        self, path: Path, wanted: Callable[[list[types.Diagnostic]], bool] = lambda _: True
    ) -> list[types.Diagnostic]:
        """Wait until what is shown of a file is as wanted; fails after a long while."""

        async def waiting() -> list[types.Diagnostic]:
            while True:
                now = self.shown.get(self.uri(path))
                if now is not None and wanted(now):
                    return now
                self.news.clear()
                await self.news.wait()

        return await asyncio.wait_for(waiting(), PATIENCE)

    def document(self, path: Path) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(path))

    def at(self, path: Path, near: str, into: int = 0) -> types.Position:
        """The position of ``near`` in an open text, ``into`` characters further, in UTF-16."""
        text = self.texts[path]
        index = text.index(near) + into
        line = text.count("\n", 0, index)
        start = text.rfind("\n", 0, index) + 1
        return types.Position(line, len(text[start:index].encode("utf-16-le")) // 2)

    async def hover(self, path: Path, near: str, into: int = 0) -> str:
        found = await self.client.text_document_hover_async(
            types.HoverParams(self.document(path), self.at(path, near, into))
        )
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def complete(self, path: Path, text: str) -> list[str]:
        """The labels offered at the cursor in a text; the text is typed first."""
        index = text.index(CURSOR)
        self.type(path, text.replace(CURSOR, ""))
        where = self.at(path, text[:index], len(text[:index]))
        found = await self.client.text_document_completion_async(types.CompletionParams(self.document(path), where))
        assert isinstance(found, types.CompletionList)
        return [item.label for item in found.items]

    async def definition(self, path: Path, near: str, into: int = 0) -> list[tuple[str, int]]:
        """(file, line from 1) of what is declared."""
        found = await self.client.text_document_definition_async(
            types.DefinitionParams(self.document(path), self.at(path, near, into))
        )
        assert isinstance(found, Sequence)
        out = []
        for place in found:
            assert isinstance(place, types.Location)
            out.append((place.uri.rsplit("/", 2)[-2] + "/" + place.uri.rsplit("/", 1)[-1], place.range.start.line + 1))
        return out


def talk(root: Path, conversation: Callable[[Editor], Coroutine[None, None, T]]) -> T:
    """Hold a conversation with a server, and see that it ends well."""

    async def whole() -> T:
        editor = Editor(root)
        await editor.start()
        try:
            out = await asyncio.wait_for(conversation(editor), PATIENCE)
        except BaseException:
            process = editor.client._server
            if process is not None and process.returncode is None:
                process.kill()
            raise
        assert await editor.stop() == 0
        return out

    return asyncio.run(whole())


@asynccontextmanager
async def speaking(
    root: Path, encoding: types.PositionEncodingKind
) -> AsyncIterator[tuple[Editor, types.InitializeResult]]:
    """A server that was asked to count columns in this way."""
    editor = Editor(root)
    result = await editor.start([encoding])
    try:
        yield editor, result
    finally:
        await editor.stop()

"""The real yaml-language-server, given our schema: the editor's side of a talk with it, over its pipes.

It is an npm package and run by node (``benchmarks/node.py`` says where it is looked for). A file names its schema in its first
line, as ``dramaturg schema`` says that it may.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

from benchmarks import node
from lsprotocol import types
from pygls.lsp.client import LanguageClient

T = TypeVar("T")
PACKAGE = "yaml-language-server"
PATIENCE = 60.0
"""Seconds after which an answer is taken to be missing; a loaded machine may need many of them."""
CURSOR = "‸"


class YamlEditor:
    """One session with yaml-language-server, in a folder of its own that holds the schemas."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient("editor", "1")
        self.shown: dict[str, list[types.Diagnostic]] = {}
        self.news = asyncio.Event()
        self.opened = 0

        def published(params: types.PublishDiagnosticsParams) -> None:
            self.shown[params.uri] = list(params.diagnostics)
            self.news.set()

        def configured(params: types.ConfigurationParams) -> list[object]:
            """What an editor with default settings has to say: nothing, but that the schemas that the net knows are not asked."""
            mine = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
            return [mine if item.section == "yaml" else {} for item in params.items]

        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
        self.client.feature(types.WORKSPACE_CONFIGURATION)(configured)
        self.client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: None)

    async def start(self) -> None:
        program = node.folder() / PACKAGE / "bin" / PACKAGE
        await self.client.start_io("node", str(program), "--stdio")
        await self.client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(
                    workspace=types.WorkspaceClientCapabilities(configuration=True),
                    text_document=types.TextDocumentClientCapabilities(
                        completion=types.CompletionClientCapabilities(
                            completion_item=types.ClientCompletionItemOptions(snippet_support=True)
                        ),
                        hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
                    ),
                ),
                process_id=os.getpid(),
                root_uri=self.root.as_uri(),
                workspace_folders=[types.WorkspaceFolder(self.root.as_uri(), "root")],
            )
        )
        self.client.initialized(types.InitializedParams())

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        process = self.client._server
        assert process is not None
        await asyncio.wait_for(process.wait(), PATIENCE)
        await self.client.stop()  # type: ignore[no-untyped-call]  # pygls leaves it without types

    def document(self, text: str, schema: str) -> tuple[types.TextDocumentIdentifier, str]:
        """A new open document with this text, and the text as it stands in it."""
        self.opened += 1
        uri = (self.root / f"file-{self.opened}.yaml").as_uri()
        whole = f"# yaml-language-server: $schema={schema}\n{text}"
        item = types.TextDocumentItem(uri, types.LanguageKind.Yaml, 1, whole)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return types.TextDocumentIdentifier(uri), whole

    async def diagnostics(self, text: str, schema: str = "any.json") -> list[types.Diagnostic]:
        document, _ = self.document(text, schema)

        async def waiting() -> list[types.Diagnostic]:
            while document.uri not in self.shown:
                self.news.clear()
                await self.news.wait()
            return self.shown[document.uri]

        return await asyncio.wait_for(waiting(), PATIENCE)

    async def complete(self, text: str, schema: str = "any.json") -> list[types.CompletionItem]:
        document, whole = self.document(text.replace(CURSOR, ""), schema)
        where = position(whole, whole.index("\n") + 1 + text.index(CURSOR))
        found = await self.client.text_document_completion_async(types.CompletionParams(document, where))
        return list(found.items) if isinstance(found, types.CompletionList) else list(found or [])

    async def hover(self, text: str, schema: str = "any.json") -> str:
        document, whole = self.document(text.replace(CURSOR, ""), schema)
        where = position(whole, whole.index("\n") + 1 + text.index(CURSOR))
        found = await self.client.text_document_hover_async(types.HoverParams(document, where))
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value


def position(text: str, index: int) -> types.Position:
    start = text.rfind("\n", 0, index) + 1
    return types.Position(text.count("\n", 0, index), len(text[start:index].encode("utf-16-le")) // 2)


def talk(root: Path, conversation: Callable[[YamlEditor], Coroutine[None, None, T]]) -> T:
    async def whole() -> T:
        editor = YamlEditor(root)
        await editor.start()
        try:
            return await conversation(editor)
        finally:
            await editor.stop()

    return asyncio.run(whole())

"""The server: requests of an editor, passed to the desk and answered on the wire.

Everything that reads the desk runs on one thread of its own, one thing after another, so the desk needs no locks and reading
messages never waits for a scenario; checks that newer typing has overtaken are left out. Graphs are searched after a save, in
another process (``proving``), and given up when the file changes. An editor may ask for anything at any time: what cannot be
answered is answered with nothing, and no request ends the server.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from dramaturg import __version__
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.editing.layout import layout
from dramaturg.dsl.editing.occurrences import Index, Occurrence
from dramaturg.dsl.editing.renaming import Known, Refused, movable, rename
from dramaturg.dsl.format import shapes
from dramaturg.dsl.load import understand
from dramaturg.dsl.messages.repair import Seen, repair
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Map
from dramaturg.lsp import wire
from dramaturg.lsp.completion import complete
from dramaturg.lsp.desk import Desk
from dramaturg.lsp.hover import hover
from dramaturg.lsp.outline import folds, outline
from dramaturg.lsp.positions import Text
from dramaturg.lsp.proving import prove

T = TypeVar("T")
Findings = dict[Path, list[tuple[Diagnostic, Known]]]
"""What there is to say, by file, each with the scenario in which it was found."""

PAUSE = 0.02
"""Seconds without typing before a file is checked."""
LOG = logging.getLogger(__name__)
EMPTY = Index(())
NONE: list[Path] = []
NOTHING: Findings = {}


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


def serve() -> bool:
    """Serve an editor over standard input and output until it leaves; whether it said goodbye first."""
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(message)s")
    server = made()
    wire_out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing but messages may go where the editor listens
    try:
        server.start_io(stdout=wire_out)
    finally:
        server.worker.shutdown(wait=False, cancel_futures=True)
    return server.dismissed


def made() -> Server:
    """A server with all its features."""
    server = Server()
    _texts(server)
    _questions(server)
    _names(server)
    return server


# --- texts that come and go -------------------------------------------------------------------------------------------


def _texts(server: Server) -> None:
    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        folders = [wire.path_of(uri) for uri in server.workspace.folders]
        roots = tuple(folder for folder in folders if folder is not None)
        if not roots and (root := server.workspace.root_path):
            roots = (Path(root),)
        server.desk.roots = roots
        server.later(_look_around(server))
        _watch(server)

    @server.feature(types.SHUTDOWN)
    def dismissed(_: None = None) -> None:
        server.dismissed = True
        for task in server.proofs.values():
            task.cancel()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        path = wire.path_of(params.text_document.uri)
        if path is not None:
            server.uris[path] = params.text_document.uri
            server.numbers[path] = params.text_document.version
        _changed(server, path, params.text_document.text, 0.0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        path = wire.path_of(uri)
        if path is not None:
            server.numbers[path] = params.text_document.version
        _changed(server, path, server.workspace.get_text_document(uri).source, PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        path = wire.path_of(params.text_document.uri)
        if path is not None:
            server.later(_prove(server, path))

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        path = wire.path_of(params.text_document.uri)
        if path is not None:
            server.versions[path] = server.versions.get(path, 0) + 1
            server.later(_forget(server, path))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        async def again() -> None:
            await server.ask(server.desk.forget, None)
            await _look_around(server)
            for path in list(server.uris):
                await _check(server, path, server.versions.get(path, 0))

        server.later(again())


async def _look_around(server: Server) -> None:
    """Understand every scenario of the workspace once, one at a time, so that whoever asks meanwhile waits for one at most; then
    it is known who uses which module, and modules that were opened before that are checked by way of those."""
    for path in await server.ask(server.desk.scenarios, NONE):
        await server.ask(partial(server.desk.known, path), None)
    for path in list(server.uris):
        if not await server.ask(partial(server.desk.is_scenario, path), True):
            await _check(server, path, server.versions.get(path, 0))


def _watch(server: Server) -> None:
    """Ask to be told of files that change on the disk, where the editor does that."""
    folders = server.client_capabilities.workspace
    watching = folders.did_change_watched_files if folders is not None else None
    if watching is None or not watching.dynamic_registration:
        return
    wanted = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*.{yaml,yml}")])
    asked = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, wanted)
    server.client_register_capability(types.RegistrationParams([asked]))


def _changed(server: Server, path: Path | None, text: str, pause: float) -> None:
    if path is None:
        return
    version = server.versions[path] = server.versions.get(path, 0) + 1
    data = text.encode("utf-8", "surrogatepass")
    server.later(_check(server, path, version, data, pause))


async def _check(server: Server, path: Path, version: int, data: bytes | None = None, pause: float = 0.0) -> None:
    """Check a file and show what there is to say, unless it has changed again by then."""
    if data is not None:
        text = data

        def put() -> list[Path]:
            server.desk.put(path, text)
            return server.desk.users(path)

        _give_up(server, path, await server.ask(put, NONE))
    if pause:
        await asyncio.sleep(pause)
    if server.versions.get(path) != version:
        return
    found = await server.ask(lambda: _findings(server, path), NOTHING)
    if server.versions.get(path) == version:
        _publish(server, found)


def _findings(server: Server, path: Path) -> Findings:
    """What there is to say of a file and of those around it."""
    desk = server.desk
    out: Findings = {}
    users = desk.users(path)
    for user in users:
        found = desk.known(user)
        for source in found.seen.loaded.sources:
            out.setdefault(found.file(source.path), [])
    for file, said in desk.findings(path).items():
        scenario = desk.known(users[0]) if users else Known(path, understand(path, overlay=desk.opened), EMPTY)
        out.setdefault(file, []).extend((one, _finder(desk, users, one) or scenario) for one in said)
    for user in users:
        for file, proved in server.proved.get(user, {}).items():
            out.setdefault(file, []).extend((one, desk.known(user)) for one in proved)
    return out


def _finder(desk: Desk, users: list[Path], one: Diagnostic) -> Known | None:
    return next((found for user in users if one in (found := desk.known(user)).seen.loaded.diagnostics), None)


def _publish(server: Server, found: Findings) -> None:
    """Show diagnostics; of files that are not open only while there is something to say."""
    for path, said in found.items():
        before = server.shown.get(path)
        if not said and path not in server.desk.opened and (before is None or not before.said):
            continue
        server.shown[path] = Shown(said)
        server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri=server.uris.get(path, wire.uri_of(path)),
                version=server.numbers.get(path),
                diagnostics=[wire.diagnostic_of(one, scenario, server.encoding) for one, scenario in said],
            )
        )


async def _forget(server: Server, path: Path) -> None:
    def close() -> list[Path]:
        users = server.desk.users(path)
        server.desk.close(path)
        return users

    users = await server.ask(close, NONE)
    _give_up(server, path, users)
    for user in users:
        if user in server.desk.opened:
            await _check(server, user, server.versions.get(user, 0))
    if not any(user in server.desk.opened for user in users):
        _publish(server, {path: []})
        uri = server.uris.pop(path, wire.uri_of(path))
        server.shown.pop(path, None)
        server.numbers.pop(path, None)
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))


# --- graphs -----------------------------------------------------------------------------------------------------------


def _give_up(server: Server, path: Path, users: list[Path]) -> None:
    """A file was changed: what was proved of the scenarios that read it is about another text."""
    for user in [*users, path]:
        server.proved.pop(user, None)
        task = server.proofs.pop(user, None)
        if task is not None:
            task.cancel()


async def _prove(server: Server, path: Path) -> None:
    users = await server.ask(lambda: server.desk.users(path), NONE)
    for user in users:
        old = server.proofs.pop(user, None)
        if old is not None:
            old.cancel()
        task = asyncio.ensure_future(_prove_one(server, user, path))
        server.proofs[user] = task
        await asyncio.gather(task, return_exceptions=True)


async def _prove_one(server: Server, user: Path, path: Path) -> None:
    version = server.versions.get(path, 0)
    found = await server.ask(lambda: server.desk.known(user), None)
    if found is None or found.seen.loaded.scenario is None:
        return
    proof = await prove(user)
    if proof is None or server.versions.get(path, 0) != version:
        return
    by_file: dict[Path, list[Diagnostic]] = {}
    for one in proof.diagnostics:
        by_file.setdefault(Path(one.span.path), []).append(one)
    server.proved[user] = by_file
    _publish(server, await server.ask(lambda: _findings(server, user), NOTHING))


# --- questions about a place ------------------------------------------------------------------------------------------


def _questions(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        def answer() -> types.Hover | None:
            path = wire.path_of(params.text_document.uri)
            if path is None:
                return None
            text = server.text(path)
            shown = [one for one, _ in server.shown.get(path, Shown()).said]
            found = hover(server.desk, path, wire.offset_of(text, params.position), shown)
            if found is None:
                return None
            said = types.MarkupContent(types.MarkupKind.Markdown, found[0])
            return types.Hover(said, wire.range_of(text, found[1].start, found[1].end))

        return await server.ask(answer, None)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=[".", " ", ":", "(", "|", "{", ",", "/"]),
    )
    async def completed(params: types.CompletionParams) -> types.CompletionList:
        def answer() -> types.CompletionList:
            path = wire.path_of(params.text_document.uri)
            if path is None:
                return types.CompletionList(False, [])
            text = server.text(path)
            offset = wire.offset_of(text, params.position)
            return wire.completion_of(complete(server.desk, path, offset), text, offset)

        return await server.ask(answer, types.CompletionList(False, []))

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        def answer() -> list[types.DocumentSymbol]:
            path, tree = _tree(server, params.text_document.uri)
            if path is None or tree is None:
                return []
            shape = shapes.SCENARIO if server.desk.is_scenario(path) else shapes.MODULE
            return [wire.symbol_of(item, server.text(path)) for item in outline(tree, shape)]

        return await server.ask(answer, [])

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folded(params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        def answer() -> list[types.FoldingRange]:
            path, tree = _tree(server, params.text_document.uri)
            if path is None or tree is None:
                return []
            text = server.text(path)
            lines = {(text.position(start)[0], text.position(end)[0]) for start, end in folds(tree)}
            return [types.FoldingRange(first, last) for first, last in sorted(lines) if first < last]

        return await server.ask(answer, [])

    @server.feature(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        types.SemanticTokensLegend(list(wire.TOKENS), ["declaration"]),
    )
    async def tokens(params: types.SemanticTokensParams) -> types.SemanticTokens:
        def answer() -> types.SemanticTokens:
            path = wire.path_of(params.text_document.uri)
            home = server.desk.home(path) if path is not None else None
            if path is None or home is None:
                return types.SemanticTokens([])
            name = _shown_as(server, home, path)
            return wire.tokens_of(home.index.within(name) if name else (), server.text(path))

        return await server.ask(answer, types.SemanticTokens([]))

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    async def formatted(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        def answer() -> list[types.TextEdit]:
            path = wire.path_of(params.text_document.uri)
            if path is None or not server.desk.is_ours(path):
                return []
            source = Source(path.name, server.desk.data(path))
            laid = layout(source).data
            if laid == source.data:
                return []
            span, new = _shrunk(source, laid)
            return [types.TextEdit(wire.range_of(server.text(path), span.start, span.end), new)]

        return await server.ask(answer, [])

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(
            code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll], resolve_provider=False
        ),
    )
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await server.ask(lambda: _actions(server, params), [])


def _tree(server: Server, uri: str) -> tuple[Path | None, Map | None]:
    """The tree of a file as it is written, whether or not it fits the format."""
    path = wire.path_of(uri)
    if path is None or not server.desk.is_ours(path):
        return path, None
    node, _ = read(Source(path.name, server.desk.data(path)))
    return path, node if isinstance(node, Map) else None


def _actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    path = wire.path_of(params.text_document.uri)
    if path is None or path not in server.shown:
        return []
    text = server.text(path)
    first, last = wire.offset_of(text, params.range.start), wire.offset_of(text, params.range.end)
    only = params.context.only or [types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]
    wanted = {str(getattr(kind, "value", kind)) for kind in only}
    out: list[types.CodeAction] = []
    said = [(one, k) for one, k in server.shown[path].said if one.span.source.data == text.data]
    if any("quickfix".startswith(kind) for kind in wanted):
        for one, scenario in said:
            if one.span.start <= last and first <= one.span.end:
                wired = wire.diagnostic_of(one, scenario, server.encoding)
                out += [wire.fix_of(wired, fix, scenario, server.encoding) for fix in one.fixes if fix.edits]
    fixable = [one for one, _ in said if any(fix.safe and fix.edits for fix in one.fixes)]
    if fixable and any("source.fixAll".startswith(kind) or kind.startswith("source.fixAll") for kind in wanted):
        edit = _all_fixed(server, said[0][1])
        if edit is not None:
            out.append(
                types.CodeAction("Fix all that can be fixed safely", types.CodeActionKind.SourceFixAll, edit=edit)
            )
    return out


def _all_fixed(server: Server, scenario: Known) -> types.WorkspaceEdit | None:
    """Every safe fix of a scenario, as whole texts: what repairs are worth is seen only once all are made."""

    def look(unsaved: Mapping[Path, bytes]) -> Seen:
        seen = understand(scenario.path, overlay={**server.desk.opened, **unsaved})
        return Seen(seen.loaded.diagnostics, seen.library.root)

    changed = repair(look).files
    edits = []
    for path, data in sorted(changed.items()):
        before = server.desk.data(path)
        if data != before:
            source = Source(path.name, before)
            edits.append((path, *_shrunk(source, data)))
    return wire.edits_of(edits, server.encoding) if edits else None


def _shrunk(source: Source, after: bytes) -> tuple[Span, str]:
    """The one edit that makes a text another, without what both begin and end with."""
    before = source.data
    start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), min(len(before), len(after)))
    while start and (before[start : start + 1] or after[start : start + 1])[0] & 0xC0 == 0x80:
        start -= 1
    most = min(len(before), len(after)) - start
    end = next((i for i in range(most) if before[-1 - i] != after[-1 - i]), most)
    while end and before[len(before) - end] & 0xC0 == 0x80:
        end -= 1
    return Span(source, start, len(before) - end), after[start : len(after) - end].decode("utf-8", "replace")


# --- names ------------------------------------------------------------------------------------------------------------


def _shown_as(server: Server, scenario: Known, path: Path) -> str | None:
    """How a scenario calls a file, where it read it as it is written now."""
    for source in scenario.seen.loaded.sources:
        if scenario.file(source.path) == path and source.data == server.desk.data(path):
            return source.path
    return None


def _named(server: Server, uri: str, position: types.Position) -> tuple[Known, tuple[Occurrence, ...]] | None:
    path = wire.path_of(uri)
    home = server.desk.home(path) if path is not None else None
    if path is None or home is None:
        return None
    name = _shown_as(server, home, path)
    if name is None:
        return None
    found = home.index.at(name, wire.offset_of(server.text(path), position))
    return (home, found) if found else None


def _places(server: Server, path: Path, found: tuple[Occurrence, ...], declaring: bool) -> list[tuple[Known, Span]]:
    """Where these symbols stand in all scenarios that share a file with the one at hand, each place once."""
    out: dict[tuple[Path, int], tuple[Known, Span]] = {}
    family = server.desk.family(path)
    files: set[Path] = set()
    for scenario in family:
        here = [one for one in scenario.index.occurrences if one.symbol in {o.symbol for o in found}]
        mine = {scenario.file(one.span.path) for one in here}
        if scenario is family[0] or mine & files:
            files |= mine
            for one in here:
                if one.declares or not declaring:
                    out.setdefault((scenario.file(one.span.path), one.span.start), (scenario, one.span))
    return [out[key] for key in sorted(out)]


def _names(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def defined(params: types.DefinitionParams) -> list[types.Location]:
        def answer() -> list[types.Location]:
            found = _named(server, params.text_document.uri, params.position)
            if found is None:
                return []
            home, here = found
            out = []
            for one in here:
                if one.symbol.kind == "module":
                    file = home.file(f"{one.symbol.name}.yaml")
                    out.append(
                        types.Location(wire.uri_of(file), types.Range(types.Position(0, 0), types.Position(0, 0)))
                    )
                spans = [it.span for it in home.index.declarations(one.symbol)]
                out += [wire.location_of(home, span, server.encoding) for span in spans]
            return out

        return await server.ask(answer, [])

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(params: types.ReferenceParams) -> list[types.Location]:
        def answer() -> list[types.Location]:
            path = wire.path_of(params.text_document.uri)
            found = _named(server, params.text_document.uri, params.position)
            if found is None or path is None:
                return []
            places = _places(server, path, found[1], False)
            if not params.context.include_declaration:
                declared = {(k.file(s.path), s.start) for k, s in _places(server, path, found[1], True)}
                places = [(k, s) for k, s in places if (k.file(s.path), s.start) not in declared]
            return [wire.location_of(scenario, span, server.encoding) for scenario, span in places]

        return await server.ask(answer, [])

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def highlighted(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        def answer() -> list[types.DocumentHighlight]:
            found = _named(server, params.text_document.uri, params.position)
            if found is None:
                return []
            home, here = found
            text = Text(here[0].span.source.data, server.encoding)
            symbols = {one.symbol for one in here}
            return [
                types.DocumentHighlight(
                    wire.range_of(text, one.span.start, one.span.end),
                    types.DocumentHighlightKind.Write if one.declares else types.DocumentHighlightKind.Read,
                )
                for one in home.index.within(here[0].span.path)
                if one.symbol in symbols
            ]

        return await server.ask(answer, [])

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def preparing(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        def answer() -> types.PrepareRenamePlaceholder | None:
            found = _named(server, params.text_document.uri, params.position)
            if found is None:
                return None
            home, (one, *_) = found
            if (reason := movable(one.symbol, [home])) is not None:
                raise RefusedRename(reason)
            text = Text(one.span.source.data, server.encoding)
            return types.PrepareRenamePlaceholder(wire.range_of(text, one.span.start, one.span.end), one.symbol.short)

        return await _refusing(server.ask(answer, None))

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    async def renamed(params: types.RenameParams) -> types.WorkspaceEdit | None:
        def answer() -> types.WorkspaceEdit | None:
            path = wire.path_of(params.text_document.uri)
            found = _named(server, params.text_document.uri, params.position)
            if found is None or path is None:
                raise RefusedRename("there is no name here that can be changed")
            symbols = {one.symbol for one in found[1]}
            if len(symbols) > 1:
                raise RefusedRename("this word names the fields of several events; rename them where they are declared")
            made = rename(symbols.pop(), params.new_name, server.desk.family(path), server.desk.opened)
            if isinstance(made, Refused):
                raise RefusedRename(made.reason)
            return wire.edits_of(made.edits, server.encoding)

        return await _refusing(server.ask(answer, None))


async def _refusing(answer: Awaitable[T]) -> T:
    """A refusal, as the error that an editor shows."""
    try:
        return await answer
    except RefusedRename as refused:
        raise JsonRpcInvalidParams(str(refused)) from refused

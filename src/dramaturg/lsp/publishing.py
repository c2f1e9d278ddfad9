"""Texts that come and go, and what there is to say of them.

Checks that newer typing has overtaken are left out. Graphs are searched after a save, in another process (``proving``), and
given up when the file changes.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from lsprotocol import types

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.editing.occurrences import Index
from dramaturg.dsl.editing.renaming import Known
from dramaturg.dsl.load import understand
from dramaturg.lsp import wire
from dramaturg.lsp.desk import Desk
from dramaturg.lsp.proving import prove
from dramaturg.lsp.session import Server, Shown

Findings = dict[Path, list[tuple[Diagnostic, Known]]]
"""What there is to say, by file, each with the scenario in which it was found."""

PAUSE = 0.02
"""Seconds without typing before a file is checked."""
EMPTY = Index(())
NONE: list[Path] = []
NOTHING: Findings = {}


def register(server: Server) -> None:
    """Hear of every text that is opened, changed, saved and closed."""

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

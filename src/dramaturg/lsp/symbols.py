"""Names: where they are declared and used, and how they are changed everywhere."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from dramaturg.dsl.editing.occurrences import Occurrence
from dramaturg.dsl.editing.renaming import Known, Refused, movable, rename
from dramaturg.dsl.spans import Span
from dramaturg.lsp import wire
from dramaturg.lsp.positions import Text
from dramaturg.lsp.session import RefusedRename, Server

T = TypeVar("T")


def _named(server: Server, uri: str, position: types.Position) -> tuple[Known, tuple[Occurrence, ...]] | None:
    path = wire.path_of(uri)
    home = server.desk.home(path) if path is not None else None
    if path is None or home is None:
        return None
    name = home.shown_as(path, server.desk.data(path))
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


def register(server: Server) -> None:
    """Answer what an editor asks of the name at the cursor."""

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

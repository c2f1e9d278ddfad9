"""Questions about a place or a file: hover, completion, outline, folds, colours, layout, fixes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types

from dramaturg.dsl.editing.layout import layout
from dramaturg.dsl.editing.renaming import Known
from dramaturg.dsl.format import shapes
from dramaturg.dsl.load import understand
from dramaturg.dsl.messages.repair import Seen, repair
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Map
from dramaturg.lsp import wire
from dramaturg.lsp.completion import complete
from dramaturg.lsp.hover import hover
from dramaturg.lsp.outline import folds, outline
from dramaturg.lsp.session import Server, Shown


def register(server: Server) -> None:
    """Answer what an editor asks of the text at the cursor."""

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
            name = home.shown_as(path, server.desk.data(path))
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

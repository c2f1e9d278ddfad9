"""The wire: values of ours as the types of the Language Server Protocol, and places in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from dramaturg.dsl.diagnostics import Diagnostic, Fix
from dramaturg.dsl.editing.occurrences import Occurrence
from dramaturg.dsl.editing.renaming import Known
from dramaturg.dsl.spans import Source, Span
from dramaturg.lsp.choices import Choice, Offer
from dramaturg.lsp.outline import Item
from dramaturg.lsp.positions import Text

SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}
UNNECESSARY = ("unused-module", "unused-need", "unused-name", "move-never-made", "unreachable-state", "dead-line")
"""Diagnostics about what could be left out; editors fade it."""
KINDS = {
    "key": types.CompletionItemKind.Property,
    "word": types.CompletionItemKind.Keyword,
    "unit": types.CompletionItemKind.Unit,
    "value": types.CompletionItemKind.Value,
    "choice": types.CompletionItemKind.EnumMember,
    "state": types.CompletionItemKind.EnumMember,
    "variable": types.CompletionItemKind.Variable,
    "field": types.CompletionItemKind.Field,
    "event": types.CompletionItemKind.Event,
    "move": types.CompletionItemKind.Method,
    "act": types.CompletionItemKind.Function,
    "type": types.CompletionItemKind.TypeParameter,
    "file": types.CompletionItemKind.File,
    "filter": types.CompletionItemKind.Operator,
    "constant": types.CompletionItemKind.Constant,
    "trait": types.CompletionItemKind.Constant,
}
SYMBOLS = {
    "section": types.SymbolKind.Namespace,
    "line": types.SymbolKind.String,
    "variable": types.SymbolKind.Variable,
    "event": types.SymbolKind.Event,
    "move": types.SymbolKind.Method,
    "act": types.SymbolKind.Function,
    "field": types.SymbolKind.Field,
    "task": types.SymbolKind.Class,
    "state": types.SymbolKind.EnumMember,
    "trigger": types.SymbolKind.Event,
    "type": types.SymbolKind.Enum,
    "trait": types.SymbolKind.Constant,
    "constant": types.SymbolKind.Constant,
    "rule": types.SymbolKind.Boolean,
    "check": types.SymbolKind.Boolean,
}
TOKENS = (
    "variable",
    "property",
    "event",
    "function",
    "method",
    "class",
    "enumMember",
    "type",
    "namespace",
    "parameter",
)
TOKEN_OF = {
    "variable": "variable",
    "trait": "variable",
    "constant": "variable",
    "field": "property",
    "event": "event",
    "act": "function",
    "move": "method",
    "task": "class",
    "trigger": "class",
    "concern": "class",
    "shift": "class",
    "state": "enumMember",
    "choice": "enumMember",
    "type": "type",
    "person": "namespace",
    "persona": "namespace",
    "module": "namespace",
    "recording": "namespace",
    "rule": "parameter",
    "check": "parameter",
}


def uri_of(path: Path) -> str:
    return from_fs_path(str(path)) or path.as_uri()


def path_of(uri: str) -> Path | None:
    """The file of a URI; None for what is no file (an untitled buffer)."""
    try:
        found = to_fs_path(uri) if uri.startswith("file:") else None
    except (ValueError, AttributeError):
        return None
    return Path(found) if found else None


@lru_cache(maxsize=64)
def text_of(source: Source, encoding: str) -> Text:
    """The text of a source, once: its lines are counted for every place that is asked of it."""
    return Text(source.data, encoding)


def range_of(text: Text, start: int, end: int) -> types.Range:
    return types.Range(types.Position(*text.position(start)), types.Position(*text.position(max(start, end))))


def offset_of(text: Text, position: types.Position) -> int:
    return text.offset((position.line, position.character))


def page_of(code: str, name: str) -> str | None:
    """Where the page of a diagnostic lies."""
    page = files("dramaturg.dsl").joinpath("codes", f"{code}-{name}.md")
    return page.as_uri() if isinstance(page, Path) and page.is_file() else None


def diagnostic_of(diagnostic: Diagnostic, scenario: Known, encoding: str) -> types.Diagnostic:
    """A diagnostic with its labels as related places. Places are those of the text in which it was found."""

    def text(span: Span) -> Text:
        return text_of(span.source, encoding)

    span = diagnostic.span
    page = page_of(diagnostic.code, diagnostic.name)
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(
                uri_of(scenario.file(label.span.path)), range_of(text(label.span), label.span.start, label.span.end)
            ),
            label.text,
        )
        for label in diagnostic.labels
        if not label.span.path.startswith("<")
    ]
    message = "\n".join([diagnostic.message, *diagnostic.notes])
    return types.Diagnostic(
        range=range_of(text(span), span.start, max(span.end, span.start)),
        message=message,
        severity=SEVERITY[diagnostic.severity],
        code=diagnostic.code,
        code_description=types.CodeDescription(page) if page is not None else None,
        source="dramaturg",
        tags=[types.DiagnosticTag.Unnecessary] if diagnostic.name in UNNECESSARY else None,
        related_information=related or None,
        data=diagnostic.name,
    )


def edits_of(edits: Iterable[tuple[Path, Span, str]], encoding: str) -> types.WorkspaceEdit:
    changes: dict[str, list[types.TextEdit]] = {}
    for path, span, new in edits:
        place = range_of(text_of(span.source, encoding), span.start, span.end)
        changes.setdefault(uri_of(path), []).append(types.TextEdit(place, new))
    return types.WorkspaceEdit(changes=changes)


def fix_of(diagnostic: types.Diagnostic, fix: Fix, scenario: Known, encoding: str) -> types.CodeAction:
    edits = ((scenario.file(span.path), span, text) for span, text in fix.edits)
    return types.CodeAction(
        title=fix.title[:1].upper() + fix.title[1:],
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=edits_of(edits, encoding),
        is_preferred=fix.safe,
    )


def completion_of(offer: Offer, text: Text, offset: int) -> types.CompletionList:
    before = text.data[:offset].decode("utf-8", "replace")
    start = offset - len(before[len(before) - offer.replaces :].encode()) if offer.replaces else offset
    place = range_of(text, start, offset)
    items = [_item(choice, place, rank) for rank, choice in enumerate(offer.choices)]
    return types.CompletionList(is_incomplete=False, items=items)


def _item(choice: Choice, place: types.Range, rank: int) -> types.CompletionItem:
    return types.CompletionItem(
        label=choice.label,
        kind=KINDS.get(choice.kind, types.CompletionItemKind.Reference),
        detail=choice.detail or None,
        documentation=types.MarkupContent(types.MarkupKind.Markdown, choice.about) if choice.about else None,
        sort_text=f"{rank:04d}",
        filter_text=choice.label,
        text_edit=types.TextEdit(place, choice.insert or choice.label),
    )


def location_of(scenario: Known, span: Span, encoding: str) -> types.Location:
    place = range_of(text_of(span.source, encoding), span.start, span.end)
    return types.Location(uri_of(scenario.file(span.path)), place)


def symbol_of(item: Item, text: Text) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        name=item.name or "?",
        detail=item.detail or None,
        kind=SYMBOLS.get(item.kind, types.SymbolKind.Object),
        range=range_of(text, item.span.start, item.span.end),
        selection_range=range_of(text, item.key.start, item.key.end),
        children=[symbol_of(child, text) for child in item.children] or None,
    )


def tokens_of(occurrences: Sequence[Occurrence], text: Text) -> types.SemanticTokens:
    """Names by kind, in the protocol's running differences; bit 0 of the modifiers marks a declaration."""
    data: list[int] = []
    last = (0, 0)
    seen = -1
    for one in occurrences:
        start, end = text.position(one.span.start), text.position(one.span.end)
        if one.span.start < seen or start[0] != end[0] or one.symbol.kind not in TOKEN_OF:
            continue
        seen = one.span.end
        column = start[1] - last[1] if start[0] == last[0] else start[1]
        kind = TOKENS.index(TOKEN_OF[one.symbol.kind])
        data += [start[0] - last[0], column, end[1] - start[1], kind, int(one.declares)]
        last = start
    return types.SemanticTokens(data)

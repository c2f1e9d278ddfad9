"""The server, spoken to as an editor speaks to it: a real process, over its pipes, on the scenarios that ship."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from dramaturg.dsl.load import load
from tests.checkout import ROOT
from tests.lsp.editor import Editor, speaking, talk


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The shipped scenarios, to change as one likes."""
    folder = tmp_path / "scenarios"
    shutil.copytree(ROOT / "scenarios", folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    return folder


def train(library: Path) -> Path:
    return library / "travel" / "delayed-train.yaml"


def names(said: list[types.Diagnostic]) -> list[object]:
    return [one.data for one in said]


def test_what_is_wrong_is_shown_while_it_is_typed(library: Path) -> None:
    path = train(library)

    async def conversation(editor: Editor) -> None:
        assert await editor.open(path) == []
        (one,) = await editor.change(path, editor.texts[path].replace("go: AGREED", "go: AGREE"))
        assert one.data == "unknown-state" and one.severity == types.DiagnosticSeverity.Error
        assert one.range.start == editor.at(path, "AGREE}") and one.source == "dramaturg"
        assert one.code_description is not None and one.code_description.href.endswith("E403-unknown-state.md")
        assert await editor.change(path, path.read_text(encoding="utf-8")) == []
        twice = path.read_text(encoding="utf-8").replace("uses: [", "uses: [personas/commuters, ")
        (one,) = await editor.change(path, twice)
        assert one.related_information and "first used here" in one.related_information[0].message
        unread = twice.replace("uses: [personas/commuters, ", "uses: [").replace("events:", "events: [")
        assert await editor.change(path, unread)

    talk(library, conversation)


def test_fixes_are_offered_one_by_one_and_all_at_once(library: Path) -> None:
    path = train(library)
    wrong = (
        path.read_text(encoding="utf-8").replace("go: AGREED", "go: AGREE").replace("seat is gone", "Sitz ist weg 🚆 é")
    )
    wrong = wrong.replace("otherwise: agent.keep_silent", "otherwise: agent.keep_silnt")

    async def conversation(editor: Editor) -> None:
        said = await editor.open(path, wrong)
        assert names(said) == ["unknown-state", "unknown-name"]
        everywhere = types.Range(types.Position(0, 0), types.Position(200, 0))
        found = await editor.client.text_document_code_action_async(
            types.CodeActionParams(editor.document(path), everywhere, types.CodeActionContext(said))
        )
        assert found is not None
        actions = [action for action in found if isinstance(action, types.CodeAction)]
        quick = [action for action in actions if action.kind == types.CodeActionKind.QuickFix]
        assert len(quick) == 2 and all(action.diagnostics for action in quick)
        (every,) = [action for action in actions if action.kind == types.CodeActionKind.SourceFixAll]
        for chosen in (quick, [every]):
            text = wrong
            for action in reversed(chosen):
                text = applied(text, action.edit, editor.uri(path))
            assert load(path, overlay={path: text.encode()}).diagnostics == ()
            assert text.replace("Sitz ist weg 🚆 é", "seat is gone") == path.read_text(encoding="utf-8")
        none = await editor.client.text_document_code_action_async(
            types.CodeActionParams(
                editor.document(path),
                types.Range(types.Position(0, 0), types.Position(0, 1)),
                types.CodeActionContext([], only=[types.CodeActionKind.QuickFix]),
            )
        )
        assert not none

    talk(library, conversation)


def applied(text: str, edit: types.WorkspaceEdit | None, uri: str) -> str:
    """A text after the edits of one file, columns counted in UTF-16."""
    assert edit is not None and edit.changes is not None
    lines = text.split("\n")

    def index(position: types.Position) -> int:
        units = lines[position.line].encode("utf-16-le")[: position.character * 2]
        return sum(len(line) + 1 for line in lines[: position.line]) + len(units.decode("utf-16-le"))

    placed = [(index(e.range.start), index(e.range.end), e.new_text) for e in edit.changes.get(uri, ())]
    for start, end, new in sorted(placed, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def test_names_keys_and_words_are_explained(library: Path) -> None:
    path = train(library)

    async def conversation(editor: Editor) -> None:
        await editor.open(path)
        fare = await editor.hover(path, "fare <= max_price and delay", 1)
        assert "money(EUR) 0 EUR..300 EUR step 20 EUR = budget + 60 EUR" in fare
        assert "nobody on stage sees it" in fare and "travel/delayed-train.yaml:15" in fare
        assert "trip.max_price" in await editor.hover(path, "max_price and delay")
        act = await editor.hover(path, "agent.follow_up, if", 8)
        assert "initiative" in act and "Tell the user that what was asked for is there" in act
        assert "From here to" in await editor.hover(path, "AGREED:")
        assert "without a break" in await editor.hover(path, "for 10m", 1)
        assert "while no window is open" in await editor.hover(path, "otherwise:", 2)
        assert "gives the agent a turn" in await editor.hover(path, "wakes:", 2)
        assert await editor.hover(path, "# a conversation may", 4) == ""
        wrong = editor.texts[path].replace("go: AGREED", "go: AGREE")
        await editor.change(path, wrong)
        assert "E403 unknown-state" in await editor.hover(path, "AGREE}", 2)

    talk(library, conversation)


def test_comments_of_a_declaration_are_shown(library: Path) -> None:
    path = library / "travel" / "flight-watch.yaml"

    async def conversation(editor: Editor) -> None:
        await editor.open(path)
        assert "whether the opportunity comes in the end" in await editor.hover(path, "branch == positive", 2)

    talk(library, conversation)


def test_definitions_are_found_across_modules(library: Path) -> None:
    path, words = train(library), library / "words" / "trains.yaml"

    async def conversation(editor: Editor) -> None:
        await editor.open(path)
        await editor.open(words)
        assert await editor.definition(path, "agent.follow_up, if", 8) == [("acts/assistant.yaml", 10)]
        assert await editor.definition(path, "acts/assistant", 3) == [("acts/assistant.yaml", 1)]
        assert await editor.definition(path, "interview is eased", 3) == [
            ("concerns/travel.yaml", 4),
            ("travel/delayed-train.yaml", 54),
        ]
        assert await editor.definition(path, "go: AGREED", 5) == [("travel/delayed-train.yaml", 71)]
        assert await editor.definition(words, "user.cheaper", 7) == [("travel/delayed-train.yaml", 38)]
        assert await editor.definition(path, "horizon", 2) == []
        found = await editor.client.text_document_references_async(
            types.ReferenceParams(
                context=types.ReferenceContext(include_declaration=True),
                text_document=editor.document(path),
                position=editor.at(path, "agent.keep_silent", 8),
            )
        )
        assert {place.uri.rsplit("/", 1)[-1] for place in found or ()} >= {"assistant.yaml", "delayed-train.yaml"}
        marked = await editor.client.text_document_document_highlight_async(
            types.DocumentHighlightParams(editor.document(path), editor.at(path, "delay:", 1))
        )
        kinds = [mark.kind for mark in marked or ()]
        assert kinds.count(types.DocumentHighlightKind.Write) == 1 and len(kinds) == 6

    talk(library, conversation)


async def renamed(editor: Editor, path: Path, near: str, into: int, new: str) -> types.WorkspaceEdit:
    found = await editor.client.text_document_rename_async(
        types.RenameParams(editor.document(path), editor.at(path, near, into), new)
    )
    assert found is not None
    return found


def test_names_are_renamed_in_every_file_and_only_names(library: Path) -> None:
    path, flight = train(library), library / "travel" / "flight-watch.yaml"

    async def conversation(editor: Editor) -> None:
        await editor.open(path)
        place = await editor.client.text_document_prepare_rename_async(
            types.PrepareRenameParams(editor.document(path), editor.at(path, "agent.reassure, if", 9))
        )
        assert isinstance(place, types.PrepareRenamePlaceholder) and place.placeholder == "reassure"
        edit = await renamed(editor, path, "agent.reassure, if", 9, "comfort")
        assert edit.changes is not None
        assert {uri.rsplit("/", 1)[-1] for uri in edit.changes} == {
            "assistant.yaml",
            "delayed-train.yaml",
            "trains.yaml",
        }
        before = load(path).scenario
        texts = {}
        for uri in edit.changes:
            file = Path(uri.removeprefix("file://"))
            texts[file] = applied(file.read_text(encoding="utf-8"), edit, uri).encode()
        after = load(path, overlay=texts)
        assert after.diagnostics == () and after.scenario is not None and before is not None
        assert "comfort" in {act.name for act in after.scenario.agent.acts}
        assert [len(p.replies) for p in after.scenario.cast] == [len(p.replies) for p in before.cast]
        assert load(flight, overlay=texts).diagnostics == load(flight).diagnostics
        for new, says in (
            ("ask", "cannot become `ask`"),
            ("since", "word of the language"),
            ("No Name", "cannot name"),
        ):
            with pytest.raises(JsonRpcException, match=says):
                await renamed(editor, path, "agent.reassure, if", 9, new)
        with pytest.raises(JsonRpcException, match="word of the language"):
            await editor.client.text_document_prepare_rename_async(
                types.PrepareRenameParams(editor.document(path), editor.at(path, "interview is voiced", 15))
            )
        with pytest.raises(JsonRpcException, match="no name here"):
            await renamed(editor, path, "horizon", 2, "length")

    talk(library, conversation)


def test_unsaved_modules_count_for_those_who_use_them(library: Path) -> None:
    path, acts = train(library), library / "acts" / "assistant.yaml"

    async def conversation(editor: Editor) -> None:
        assert await editor.open(path) == []
        await editor.open(acts)
        editor.shown.pop(editor.uri(path), None)
        editor.type(acts, editor.texts[acts].replace("reassure:", "soothe:"))
        said = await editor.until(path, lambda said: bool(said))
        assert names(said) == ["unknown-name"] and "agent.reassure" in said[0].message
        editor.shown.pop(editor.uri(path), None)
        editor.type(acts, acts.read_text(encoding="utf-8"))
        assert await editor.until(path, lambda said: not said) == []  # what was said before the edit may come once more

    talk(library, conversation)


def test_a_module_on_its_own_is_held_against_the_format(tmp_path: Path) -> None:
    path = tmp_path / "acts.yaml"
    path.write_text("acts:\n  tell: {kind: says}\n", encoding="utf-8")
    other = tmp_path / "compose.yaml"
    other.write_text("services:\n  web: {image: x}\n", encoding="utf-8")

    async def conversation(editor: Editor) -> None:
        assert await editor.open(path) == []
        (one,) = await editor.change(path, "acts:\n  tell: {knd: says}\n")
        assert one.data == "unknown-key"
        assert await editor.open(other) == []  # no file of ours

    talk(tmp_path, conversation)


def test_an_outline_nests_as_the_file_does(library: Path) -> None:
    path = train(library)

    async def conversation(editor: Editor) -> None:
        await editor.open(path)
        found = await editor.client.text_document_document_symbol_async(
            types.DocumentSymbolParams(editor.document(path))
        )
        assert found is not None
        tops = {item.name: item for item in found if isinstance(item, types.DocumentSymbol)}
        assert list(tops)[:3] == ["scenario", "about", "domain"]
        trip = (tops["tasks"].children or [])[0]
        assert [item.name for item in trip.children or ()] == [
            "slots", "PENDING", "IN_PROGRESS", "AGREED", "COMPLETED", "FAILED",
        ]  # fmt: skip
        assert [item.name for item in tops["triggers"].children or ()] == ["arm", "affordable_seat", "close"]
        folds = await editor.client.text_document_folding_range_async(types.FoldingRangeParams(editor.document(path)))
        line = editor.at(path, "tasks:").line
        assert (line, editor.at(path, "FAILED: {end: bad}").line) in {(f.start_line, f.end_line) for f in folds or ()}
        tokens = await editor.client.text_document_semantic_tokens_full_async(
            types.SemanticTokensParams(editor.document(path))
        )
        assert tokens is not None and len(tokens.data) % 5 == 0 and len(tokens.data) > 500

    talk(library, conversation)


def test_a_file_is_put_in_order(library: Path) -> None:
    path = train(library)
    text = path.read_text(encoding="utf-8")

    async def conversation(editor: Editor) -> None:
        await editor.open(path, text.replace("turns: 16", "turns:    16").replace("# the seat is gone", "# 🚆 gone"))
        params = types.DocumentFormattingParams(editor.document(path), types.FormattingOptions(2, True))
        edits = await editor.client.text_document_formatting_async(params)
        assert edits is not None and len(edits) == 1
        whole = types.WorkspaceEdit(changes={editor.uri(path): list(edits)})
        assert "turns: 16\n" in applied(editor.texts[path], whole, editor.uri(path))
        await editor.change(path, text)
        assert not await editor.client.text_document_formatting_async(params)

    talk(library, conversation)


def test_completion_is_offered_while_a_line_is_half_written(library: Path) -> None:
    path = train(library)
    text = path.read_text(encoding="utf-8")

    async def conversation(editor: Editor) -> None:
        await editor.open(path)
        half = text.replace(
            "{to: agent.follow_up, if: fare > max_price, do: decline}", "{to: agent.follow_up, if: task.trip is ‸"
        )
        assert (await editor.complete(path, half))[:2] == ["PENDING", "IN_PROGRESS"]
        assert "max_price" in await editor.complete(path, text.replace("until: fare > max_price", "until: fare > m‸"))

    talk(library, conversation)


def test_what_the_graph_says_comes_after_a_save(library: Path) -> None:
    path = train(library)
    text = path.read_text(encoding="utf-8")

    async def conversation(editor: Editor) -> None:
        await editor.open(path)
        assert (
            await editor.change(
                path, text.replace("  winnable: winnable", "  lost: never task.trip is FAILED\n  winnable: winnable")
            )
            == []
        )
        editor.shown.pop(editor.uri(path), None)
        editor.save(path)
        said = await editor.until(path, lambda said: bool(said))
        assert {str(one.code)[1] for one in said} == {"6"} and said[0].range.start.line == editor.at(path, "lost:").line
        assert await editor.change(path, text) == []  # what was proved of another text is taken back

    talk(library, conversation)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_columns_are_counted_as_agreed(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "tea.yaml"
    lead = 'scenario: tea\r\nabout: "🫖 شاي e\u0301"\r\n'
    line = 'user: {needs: "🫖 شاي", persona: nobody}\r\n'
    path.write_text(lead + line, encoding="utf-8", newline="")

    async def conversation() -> None:
        async with speaking(tmp_path, types.PositionEncodingKind(encoding)) as (editor, result):
            assert result.capabilities.position_encoding == encoding
            said = await editor.open(path, lead + line)
            (one,) = [one for one in said if one.data == "unknown-persona"]
            codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
            width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
            before = line[: line.index("nobody")]
            assert one.range.start == types.Position(2, len(before.encode(codec)) // width)
            assert one.range.end.character == one.range.start.character + len("nobody")

    asyncio.run(conversation())


STRANGE = [
    "",
    "\x00\x01\x02",
    "{" * 3000,
    "a: b: c: d",
    "scenario: x\n" + "- " * 500,
    "- [",
    "scenario: [\n",
    "\ufeff",
    "scenario: x\nuses: [../../etc/passwd]",
]


def test_no_text_ends_the_server(library: Path) -> None:
    path = train(library)

    async def conversation(editor: Editor) -> None:
        await editor.open(path)
        text = editor.texts[path]
        for strange in (*STRANGE, text[:700], text[:1500] + "\u2028" + text[1500:], text.replace("\n", "\r")):
            await editor.change(path, strange)
            for line, column in ((0, 0), (10_000, 10_000), (3, 5)):
                place = types.Position(line, column)
                document = editor.document(path)
                await editor.client.text_document_hover_async(types.HoverParams(document, place))
                await editor.client.text_document_completion_async(types.CompletionParams(document, place))
                await editor.client.text_document_definition_async(types.DefinitionParams(document, place))
            await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
            await editor.client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document))
            await editor.client.text_document_code_action_async(
                types.CodeActionParams(document, types.Range(place, place), types.CodeActionContext([]))
            )
        assert await editor.change(path, text) == []

    talk(library, conversation)


def test_a_file_over_the_limit_is_refused_and_the_server_goes_on(library: Path) -> None:
    path = train(library)

    async def conversation(editor: Editor) -> None:
        await editor.open(path)
        text = editor.texts[path]
        said = await editor.change(path, text + "# " + "x" * (8 << 20) + "\n")
        assert names(said) == ["file-too-large"]
        assert "FAILED" in await editor.complete(path, text.replace("go: AGREED", "go: ‸"))
        assert await editor.change(path, text) == []

    talk(library, conversation)


def test_files_that_are_no_files_and_requests_before_opening_are_answered(library: Path) -> None:
    async def conversation(editor: Editor) -> None:
        nowhere = types.TextDocumentIdentifier("untitled:Untitled-1")
        editor.client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                types.TextDocumentItem(nowhere.uri, types.LanguageKind.Yaml, 1, "scenario: x")
            )
        )
        for document in (nowhere, editor.document(library / "travel" / "gone.yaml"), editor.document(library)):
            assert (
                await editor.client.text_document_hover_async(types.HoverParams(document, types.Position(0, 0))) is None
            )
            found = await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
            assert not found
        # Without opening it, a file on the disk is looked at as it is.
        path = train(library)
        editor.texts[path] = path.read_text(encoding="utf-8")
        assert "world variable" in await editor.hover(path, "fare <= max_price and delay", 1)

    talk(library, conversation)


def test_closing_a_file_takes_back_what_was_said(library: Path) -> None:
    path = train(library)

    async def conversation(editor: Editor) -> None:
        assert await editor.open(path, path.read_text(encoding="utf-8").replace("go: AGREED", "go: AGREE"))
        editor.shown.clear()
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(editor.document(path)))
        assert await editor.until(path) == []

    talk(library, conversation)


def test_a_server_without_pygls_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ImportError\n", encoding="utf-8")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from dramaturg.cli import run; sys.exit(run(['lsp']))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 2 and "pip install 'dramaturg[lsp]'" in run.stderr


def test_files_that_change_on_the_disk_are_looked_at_again(library: Path) -> None:
    path, acts = train(library), library / "acts" / "assistant.yaml"

    async def conversation(editor: Editor) -> None:
        assert await editor.open(path) == []
        acts.write_text(acts.read_text(encoding="utf-8").replace("reassure:", "soothe:"), encoding="utf-8")
        editor.shown.pop(editor.uri(path), None)
        changed = types.FileEvent(editor.uri(acts), types.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
        assert names(await editor.until(path, lambda said: bool(said))) == ["unknown-name"]

    talk(library, conversation)

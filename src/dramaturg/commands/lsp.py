"""``dramaturg lsp``: the language server, for an editor to start."""

from __future__ import annotations

import click

from dramaturg.commands.outcome import FINDINGS, REFUSED, Outcome


@click.command(short_help="Serve an editor: diagnostics, completion, renaming.")
@click.option("--stdio", is_flag=True, help="Speak over standard input and output, which it does in any case.")
def lsp(stdio: bool) -> None:
    """Serve an editor over standard input and output, in the Language Server Protocol.

    docs/editors.md says how to tell an editor about it.
    """
    try:
        import pygls.lsp.server  # noqa: F401
    except ImportError as missing:
        raise Outcome(REFUSED, "the language server needs pygls: pip install 'dramaturg[lsp]'") from missing
    from dramaturg.lsp.server import serve

    if not serve():
        raise Outcome(FINDINGS, "the editor left without saying goodbye")

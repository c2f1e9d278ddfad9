"""``dramaturg explain``: what a diagnostic means, at length, with a wrong and a right example."""

from __future__ import annotations

import sys

import click

from dramaturg.commands.outcome import REFUSED, Outcome


@click.command(short_help="Explain a diagnostic, with examples.")
@click.argument("code")
def explain(code: str) -> None:
    """Explain the diagnostic CODE: what it means, why it matters, and a wrong and a right example.

    CODE is what a message shows, such as E201 or unknown-key.
    """
    from dramaturg.commands.screen import colour, console, write
    from dramaturg.dsl.explain import UnknownCode
    from dramaturg.dsl.explain import explain as page

    try:
        text = page(code)
    except UnknownCode as unknown:
        raise Outcome(REFUSED, str(unknown)) from unknown
    if colour(sys.stdout):
        from rich.markdown import Markdown

        console(sys.stdout).print(Markdown(text))
    else:
        write(text)

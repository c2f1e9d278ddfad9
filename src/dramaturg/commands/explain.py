"""``dramaturg explain``: what a diagnostic means, at length, with a wrong and a right example."""

from __future__ import annotations

import sys

import click

from dramaturg.commands.outcome import REFUSED, Outcome


@click.command(short_help="Explain a diagnostic, with examples.")
@click.argument("code", required=False)
@click.option("--list", "listing", is_flag=True, help="One line for each diagnostic that there is.")
@click.option("--all", "every", is_flag=True, help="The pages of all of them.")
def explain(code: str | None, listing: bool, every: bool) -> None:
    """Explain the diagnostic CODE: what it means, why it matters, and a wrong and a right example.

    CODE is what a message shows, such as E201 or unknown-key.
    """
    from dramaturg.commands.screen import colour, console, write
    from dramaturg.dsl.messages.explain import UnknownCode, listed
    from dramaturg.dsl.messages.explain import explain as page

    if (code is not None) + listing + every != 1:
        raise Outcome(REFUSED, "give a CODE such as E201 or unknown-key, or --list, or --all")
    if listing:
        entries = listed()
        longest = max(len(name) for _, name, _ in entries)
        write("\n".join(f"{number} {name:<{longest}}  {gist}" for number, name, gist in entries))
        return
    try:
        text = page(code) if code is not None else "\n".join(page(number) for number, _, _ in listed())
    except UnknownCode as unknown:
        raise Outcome(REFUSED, str(unknown)) from unknown
    if colour(sys.stdout):
        from rich.markdown import Markdown

        console(sys.stdout).print(Markdown(text))
    else:
        write(text)

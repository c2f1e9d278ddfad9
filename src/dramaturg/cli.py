"""The command line: parse arguments, call, render.

Thin on purpose. Each command lives in a module of ``dramaturg.commands`` and imports what is heavy inside its own body,
so that ``--help`` answers at once. This module owns what all commands share: the exit codes, the one line on stderr
that every non-zero exit says, and signals.

Exit codes: 0 well, 1 findings, 2 usage or internal error, 3 nothing to do, 130 interrupted, 141 the reader of the
output went away, 143 terminated.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import click

from dramaturg import __version__
from dramaturg.commands import COMMANDS
from dramaturg.commands.outcome import REFUSED, Outcome


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.version_option(__version__, prog_name="dramaturg")
@click.pass_context
def dramaturg(context: click.Context, debug: bool) -> None:
    """A scenario language and compiler for proactive agents."""
    context.obj = {"debug": debug}


for _command in COMMANDS:
    dramaturg.add_command(_command)


class Terminated(BaseException):
    """SIGTERM, turned into an exception so that what is half-written is cleaned up on the way out."""


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def main() -> None:
    """Run the command line on ``sys.argv`` and exit."""
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line on these arguments and return the exit code; the reason of a non-zero one is on stderr."""
    try:
        # Not ``dramaturg.main``: it turns a reader that went away into exit 1 before we hear of it.
        with dramaturg.make_context("dramaturg", list(arguments)) as context:
            dramaturg.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as usage:
        print(usage.format_message())
        return _say("no command was given", 2)
    except click.UsageError as usage:
        where = f" (see `{usage.ctx.command_path} --help`)" if usage.ctx else ""
        return _say(_one_line(usage.format_message()) + where, 2)
    except click.ClickException as refused:
        return _say(_one_line(refused.format_message()), REFUSED)
    except Outcome as outcome:
        return _say(outcome.reason, outcome.status)
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", 130)
    except Terminated:
        return _say("terminated", 143)
    except BrokenPipeError:
        # Whatever is still buffered has no reader; keep the interpreter from failing on it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _say("the reader of the output went away", 141)
    except Exception as error:
        if "--debug" in arguments[:1]:
            raise
        what = _one_line(str(error)) or "no message"
        return _say(
            f"internal error: {type(error).__name__}: {what}; `dramaturg --debug …` shows where, please report it", 2
        )
    return 0


def _say(reason: str, status: int) -> int:
    print(f"dramaturg: {reason}", file=sys.stderr)
    return status


def _one_line(text: str) -> str:
    return " ".join(text.split())

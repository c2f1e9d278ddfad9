"""The server: requests of an editor, passed to the desk and answered on the wire.

An editor may ask for anything at any time: what cannot be answered is answered with nothing, and no request ends the server.
"""

from __future__ import annotations

import logging
import os
import sys

from dramaturg.lsp import publishing, questions, symbols
from dramaturg.lsp.session import Server


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
    for part in (publishing, questions, symbols):
        part.register(server)
    return server

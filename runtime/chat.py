"""``chat:MODEL``: a model behind any server that speaks OpenAI's chat completions (vLLM, ``transformers serve``, …).

The base URL comes from the caller or from ``DRAMATURG_BASE_URL``, the key, where one is needed, from ``OPENAI_API_KEY``. The
answer's JSON Schema is offered to servers that enforce schemas; one that refuses the request for it is asked again without it. What
the model writes is data: a text that is no usable answer is an invalid answer. A server that cannot be reached, or keeps failing
after bounded retries, is no answer at all, and an error of the run (``ServerError``).

Only the standard library is used; turns of different episodes are asked at once, one thread each.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dramaturg.runtime.dialects import DIALECTS, Dialect, Message, read_tool_message, tools
from dramaturg.runtime.policy import TurnView
from dramaturg.runtime.prompt import answer_schema, messages
from dramaturg.runtime.record import Json, canonical
from dramaturg.runtime.trace import Answer

BASE_URL = "DRAMATURG_BASE_URL"
API_KEY = "OPENAI_API_KEY"
RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
MAX_RESPONSE = 4_000_000
"""Bytes of a response that are read."""


class ServerError(RuntimeError):
    """The server could not be asked, or what it sent is no chat completion."""


@dataclass(frozen=True, slots=True)
class Chat:
    """The model of this name on a server."""

    model: str
    base_url: str = ""
    """Up to and including ``/v1``; empty for the environment's."""
    dialect: str = "native"
    temperature: float = 0.0
    max_tokens: int = 512
    timeout: float = 120.0
    """Seconds of one request."""
    retries: int = 2
    pause: float = 0.5
    """Seconds before the first retry; doubled before each further one."""
    width: int = 8
    """Requests in flight."""
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False, compare=False)

    @property
    def name(self) -> str:
        return f"chat:{self.model}"

    def answer(self, view: TurnView) -> Answer:
        """The model's answer. Raises ServerError where the server gives none."""
        dialect = DIALECTS[self.dialect]
        request = self._request(view, dialect)
        try:
            message = self._complete(request)
        except Refused:
            optional = ("response_format", "tool_choice")
            if not any(key in request for key in optional):
                raise
            message = self._complete({key: value for key, value in request.items() if key not in optional})
        if dialect.name == "tools" and message.get("tool_calls"):
            return read_tool_message(message, view.scenario)
        content = message.get("content")
        return dialect.read(content if isinstance(content, str) else "", view.scenario)

    def answer_all(self, views: Sequence[TurnView]) -> list[Answer]:
        """An answer for each view. Raises ServerError where the server fails for one of them."""
        with ThreadPoolExecutor(max_workers=self.width) as pool:
            return list(pool.map(self.answer, views))

    def _request(self, view: TurnView, dialect: Dialect) -> dict[str, Json]:
        prompt: Sequence[Message] = messages(view, dialect)
        request: dict[str, Json] = {
            "model": self.model,
            "messages": prompt,
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
        }
        if dialect.name == "tools":
            request |= {"tools": tools(view.scenario), "tool_choice": "required"}
        elif dialect.name == "native":
            schema: Json = {"name": "answer", "schema": answer_schema(view.scenario)}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        return request

    def _complete(self, request: Mapping[str, Json]) -> Mapping[str, Json]:
        """The assistant's message. Retries what may pass, at most ``retries`` times."""
        body = canonical(dict(request)).encode()
        pause = self.pause
        for left in range(self.retries, -1, -1):
            try:
                return _message(self._post(body))
            except (Passing, TimeoutError, http.client.HTTPException, OSError) as error:
                if left == 0:
                    raise ServerError(f"{self._url()}: {error}") from error
                self.sleep(pause)
                pause *= 2
        raise AssertionError("unreachable")

    def _url(self) -> str:
        base = self.base_url or os.environ.get(BASE_URL, "")
        if urlsplit(base).scheme not in ("http", "https"):
            told = f"is {base!r}" if base else "is not set"
            raise ServerError(
                f"the server's address {told}: give --base-url or {BASE_URL}, such as http://127.0.0.1:8000/v1"
            )
        return base.rstrip("/") + "/chat/completions"

    def _post(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        key = os.environ.get(API_KEY)
        if key:
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(self._url(), body, headers)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:
                data: bytes = response.read(MAX_RESPONSE + 1)
        except urllib.error.HTTPError as error:
            told = " ".join(error.read(2000).decode("utf-8", "replace").split())
            if error.code in RETRIED:
                raise Passing(f"{error.code} {told:.300}") from error
            if error.code in (400, 422):
                raise Refused(f"{self._url()}: {error.code} {told:.300}") from error
            raise ServerError(f"{self._url()}: {error.code} {told:.300}") from error
        if len(data) > MAX_RESPONSE:
            raise ServerError(f"{self._url()}: a response of more than {MAX_RESPONSE} bytes")
        return data


class Passing(RuntimeError):
    """A failure that may pass."""


class Refused(ServerError):
    """The server does not take the request as it is."""


def _message(data: bytes) -> Mapping[str, Json]:
    """The first choice's message. Raises Passing where the response is no chat completion."""
    try:
        body: Json = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Passing(f"the response is not JSON: {data[:80]!r}") from error
    match body:
        case {"choices": [{"message": dict(message)}, *_]}:
            return message
    raise Passing(f"the response is no chat completion: {data[:200]!r}")

"""The chat agent against a real server on this machine: what it asks, what it reads, and when it gives up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from jsonschema import Draft202012Validator

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.runtime import benchmark
from dramaturg.runtime.agents import Oracle
from dramaturg.runtime.chat import Chat, ServerError
from dramaturg.runtime.episode import Episode, play
from dramaturg.runtime.policy import TurnView
from dramaturg.runtime.prompt import messages, write_answer
from dramaturg.runtime.record import Json
from tests.training.stage import flights

Reply = tuple[int, Json]
Serve = Callable[[dict[str, Json]], Reply]

SILENT = '{"act":"keep_silent","with":{},"status":{}}'


@cache
def compiled() -> Compiled:
    return compile_scenario(flights(120), analyse=False)


def completion(content: str) -> Reply:
    return 200, {"choices": [{"index": 0, "message": {"role": "assistant", "content": content}}]}


@contextmanager
def server(serve: Serve) -> Iterator[tuple[str, list[dict[str, Json]]]]:
    """A server with one endpoint; gives its base URL and the requests that it got."""
    asked: list[dict[str, Json]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(request)
            status, body = serve(request) if self.path == "/v1/chat/completions" else (404, {"error": self.path})
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_address[1]}/v1", asked
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def first_view() -> TurnView:
    view = Episode(compiled(), 0, 0, "test").view
    assert view is not None
    return view


def chat(url: str, pauses: list[float] | None = None, **settings: str) -> Chat:
    return Chat("m", url, sleep=(pauses if pauses is not None else []).append, **settings)  # type: ignore[arg-type]


def test_a_request_holds_the_prompt_and_the_schema() -> None:
    with server(lambda request: completion(SILENT)) as (url, asked):
        answer = chat(url).answer(first_view())
    assert (answer.act, answer.raw) == ("keep_silent", SILENT)
    assert asked[0]["messages"] == messages(first_view())
    assert (asked[0]["model"], asked[0]["temperature"]) == ("m", 0.0)
    schema = asked[0]["response_format"]["json_schema"]["schema"]  # type: ignore[index, call-overload]
    assert isinstance(schema, dict)
    Draft202012Validator(schema).validate(json.loads(SILENT))


def test_a_whole_episode_is_played_over_http() -> None:
    reference = play(compiled(), 0, Oracle(), 0)
    lines = iter([write_answer(turn.answer, compiled().scenario) for turn in reference.turns])
    with server(lambda request: completion(next(lines))) as (url, asked):
        trace = play(compiled(), 0, chat(url), 0)
    assert trace.ended == "good"
    assert [turn.answer.act for turn in trace.turns] == [turn.answer.act for turn in reference.turns]
    assert asked[1]["messages"] != asked[0]["messages"]


def test_what_the_model_writes_is_data() -> None:
    with server(lambda request: completion("I would rather not.")) as (url, _):
        answer = chat(url).answer(first_view())
    assert answer.invalid == "the answer is not one JSON object"
    assert answer.raw == "I would rather not."


def test_what_may_pass_is_retried_with_growing_pauses() -> None:
    replies = iter([(503, "busy"), (200, "no JSON"), completion(SILENT)])
    pauses: list[float] = []
    with server(lambda request: next(replies)) as (url, asked):
        answer = chat(url, pauses).answer(first_view())
    assert answer.act == "keep_silent"
    assert (len(asked), pauses) == (3, [0.5, 1.0])


def test_retries_are_bounded() -> None:
    with server(lambda request: (500, "broken")) as (url, asked), pytest.raises(ServerError, match="500 broken"):
        chat(url).answer(first_view())
    assert len(asked) == 3


def test_what_will_not_pass_is_not_retried() -> None:
    with server(lambda request: (401, "who are you")) as (url, asked), pytest.raises(ServerError, match="401"):
        chat(url).answer(first_view())
    assert len(asked) == 1


def test_a_server_without_schemas_is_asked_without() -> None:
    def serve(request: dict[str, Json]) -> Reply:
        return (422, "response_format?") if "response_format" in request else completion(SILENT)

    with server(serve) as (url, asked):
        assert chat(url).answer(first_view()).act == "keep_silent"
    assert ["response_format" in request for request in asked] == [True, False]


def test_tool_calls_are_answers() -> None:
    call: Json = {"id": "1", "type": "function", "function": {"name": "follow_up", "arguments": '{"price": "100 EUR"}'}}
    message: Json = {"role": "assistant", "content": None, "tool_calls": [call]}
    with server(lambda request: (200, {"choices": [{"message": message}]})) as (url, asked):
        answer = chat(url, dialect="tools").answer(first_view())
    assert (answer.act, answer.args, answer.invalid) == ("follow_up", (("price", 10_000),), "")
    assert next(tool["function"]["name"] for tool in asked[0]["tools"]) == "set_reminder"  # type: ignore[union-attr, index, call-overload]


def test_a_server_that_is_not_there_makes_an_item_an_error_and_the_run_goes_on() -> None:
    with server(lambda request: completion(SILENT)) as (url, _):
        pass
    items = benchmark.build(compiled())
    result = benchmark.run(items, compiled(), chat(url))
    assert result.counts["n_error"] == result.counts["n_in"] > 0
    assert "chat/completions" in result.results[0].error


def test_several_turns_are_asked_at_once() -> None:
    with server(lambda request: completion(SILENT)) as (url, asked):
        answers = chat(url).answer_all([first_view()] * 5)
    assert [answer.act for answer in answers] == ["keep_silent"] * 5
    assert len(asked) == 5


@pytest.mark.parametrize("base", ["", "file:///etc", "example"])
def test_an_address_that_is_none_is_said(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAMATURG_BASE_URL", raising=False)
    with pytest.raises(ServerError, match="DRAMATURG_BASE_URL"):
        Chat("m", base).answer(first_view())


def test_the_address_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(lambda request: completion(SILENT)) as (url, _):
        monkeypatch.setenv("DRAMATURG_BASE_URL", url + "/")
        assert Chat("m").answer(first_view()).act == "keep_silent"

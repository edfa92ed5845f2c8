"""Against a Runtime API that behaves badly; the good one is in tests/aws."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from backend_lambda.streaming.runtime_api import Invocation, RuntimeApi, RuntimeApiError


class Api:
    """Answers each connection with the next of these bytes, once a request has begun."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.answers: list[bytes] = []
        self._threads: list[threading.Thread] = []

    def answering(self, *answers: bytes) -> RuntimeApi:
        self.answers += answers
        thread = threading.Thread(target=self._serve, args=(len(answers),))
        thread.start()
        self._threads.append(thread)
        return RuntimeApi(self.address)

    def _serve(self, count: int) -> None:
        for _ in range(count):
            connection, _ = self._listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(self.answers.pop(0))

    def close(self) -> None:
        for thread in self._threads:
            thread.join(10)
        self._listener.close()


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.close()


def answer(status: str, headers: str = "", body: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def invocation(seconds: float = 60) -> Invocation:
    return Invocation("id-1", b"{}", time.time() + seconds, "")


def test_the_next_event(api: Api) -> None:
    headers = "Lambda-Runtime-Aws-Request-Id: id-1\r\nLambda-Runtime-Deadline-Ms: 1700000000500\r\n"
    runtime = api.answering(answer("200 OK", headers, b'{"a": 1}'))
    assert runtime.next() == Invocation("id-1", b'{"a": 1}', 1_700_000_000.5, "")
    runtime.close()


def test_the_environment_ends_if_the_api_fails(api: Api) -> None:
    runtime = api.answering(answer("500 Container error"), answer("403 Forbidden"), answer("403 Forbidden"), b"")
    with pytest.raises(RuntimeApiError, match="next: 500"):
        runtime.next()
    with pytest.raises(RuntimeApiError, match="response: 403"):
        runtime.respond(invocation(), b"{}")
    with pytest.raises(RuntimeApiError, match="init/error: 403"):
        runtime.fail_init("Broken", "words", [])
    with pytest.raises(RuntimeApiError, match="RemoteDisconnected"):
        runtime.next()
    runtime.close()


@pytest.mark.expect_log("result too large bytes=2")
def test_a_result_that_is_too_large_fails_its_event_only(api: Api) -> None:
    runtime = api.answering(answer("413 Payload Too Large"))
    runtime.respond(invocation(), b"{}")
    runtime.close()


@pytest.mark.parametrize("said", [answer("403 Forbidden"), b"no HTTP\r\n\r\n", b""], ids=["refused", "junk", "nothing"])
def test_a_stream_that_is_not_taken_is_an_error_of_the_operating_systems_kind(api: Api, said: bytes) -> None:
    stream = api.answering(said).stream(invocation())
    stream.begin({"statusCode": 200})
    with pytest.raises(OSError):  # noqa: PT011 - whatever it says
        stream.end()
    stream.close()


def test_a_visitor_who_takes_nothing_does_not_hold_it_beyond_its_time(api: Api) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    stream = RuntimeApi(f"127.0.0.1:{silent.getsockname()[1]}").stream(invocation(seconds=0.7))
    stream.begin({"statusCode": 200})
    with pytest.raises(TimeoutError):
        stream.write(bytes(64 * 1024 * 1024))
    stream.close()
    silent.close()

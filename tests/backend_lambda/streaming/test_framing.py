from __future__ import annotations

import base64
import http.client
import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.streaming.framing import ERROR_BODY, LAST, chunk, last_with_error, prelude


class Socket:
    """What http.client reads a response from."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def read(body: bytes) -> bytes:
    response = http.client.HTTPResponse(Socket(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body))  # type: ignore[arg-type]
    response.begin()
    return response.read()


@given(st.lists(st.binary(max_size=50)))
def test_chunks_are_what_was_written(pieces: list[bytes]) -> None:
    assert read(b"".join(map(chunk, pieces)) + LAST) == b"".join(pieces)


def test_a_head_ends_with_eight_zeros_and_holds_none() -> None:
    head: dict[str, Any] = {"statusCode": 200, "headers": {"x": "a\0ß"}, "cookies": ["a=1"]}
    start, _, rest = prelude(head).partition(bytes(8))
    assert (json.loads(start), rest) == (head, b"")


def test_an_error_at_the_end_is_a_trailer_of_one_line() -> None:
    end = last_with_error("Hatchway.ResponseCut", "a\r\nb: ß")
    assert read(chunk(b"half") + end) == b"half"
    lines = end.decode("ascii").split("\r\n")
    assert lines[0] == "0"
    assert lines[-2:] == ["", ""]
    trailers = dict(line.split(": ") for line in lines[1:-2])
    assert json.loads(base64.b64decode(trailers[ERROR_BODY]))["errorMessage"] == "a\r\nb: ß"
    assert len(trailers) == 2

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from backend_lambda.adapters.http_result import MOST_BYTES, ResponseCut, TooLarge, result_of
from backend_lambda.core.model import PublicResponse


async def result(
    body: bytes | AsyncGenerator[bytes, None], *headers: tuple[str, str], status: int = 200
) -> dict[str, Any]:
    return await result_of(PublicResponse(status, list(headers), body))


async def test_text_goes_as_text_and_bytes_as_base64() -> None:
    text = await result("ü".encode(), ("Content-Type", "text/plain; charset=utf-8"))
    assert (text["body"], text["isBase64Encoded"]) == ("ü", False)
    data = await result(b"\0\xff", ("Content-Type", "image/png"))
    assert (base64.b64decode(data["body"]), data["isBase64Encoded"]) == (b"\0\xff", True)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("ü".encode("latin-1"), [("Content-Type", "text/plain; charset=latin-1")]),
        (gzip.compress(b"<p>", mtime=0), [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]),
        (b"{}", [("Content-Type", "application/problem+json")]),
    ],
)
async def test_whatever_could_be_damaged_as_text_goes_as_bytes(body: bytes, headers: list[tuple[str, str]]) -> None:
    sent = await result(body, *headers)
    assert sent["isBase64Encoded"]
    assert base64.b64decode(sent["body"]) == body


async def test_each_cookie_is_one_and_other_headers_are_joined() -> None:
    sent = await result(b"", ("Set-Cookie", "a=1, b"), ("set-cookie", "c=2"), ("Vary", "Cookie"), ("vary", "Accept"))
    assert sent["cookies"] == ["a=1, b", "c=2"]
    assert sent["headers"] == {"vary": "Cookie, Accept"}


async def test_what_the_gateway_says_itself_is_left_to_it() -> None:
    sent = await result(
        b"x", ("Content-Length", "1"), ("Date", "now"), ("Connection", "close"), ("Transfer-Encoding", "chunked"),
        ("Content-Type", "text/plain"), ("Server", "s"),
    )  # fmt: skip
    assert sent["headers"] == {"content-type": "text/plain", "server": "s"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\n<!DOCTYPE html><p>", "text/html"),
        (b"x < y", "text/plain"),
        ("größer".encode(), "text/plain"),
        (b"\x89PNG\r\n\x1a\n", "application/octet-stream"),
        (b"caf\xe9", "application/octet-stream"),
        (b"\0", "application/octet-stream"),
    ],
)
async def test_an_answer_without_a_type_is_what_browsers_take_it_for(body: bytes, kind: str) -> None:
    assert (await result(body))["headers"]["content-type"] == kind
    if kind == "text/html":
        sent = await result(body, ("X-Content-Type-Options", "nosniff"))
        assert sent["headers"]["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("status", [204, 304])
async def test_answers_that_have_no_body_have_none(status: int) -> None:
    sent = await result(b"oops", status=status)
    assert (sent["body"], sent["isBase64Encoded"]) == ("", False)


async def pieces(*parts: bytes, cut: str = "") -> AsyncGenerator[bytes, None]:
    for part in parts:
        yield part
    if cut:
        raise ResponseCut(cut)


async def test_a_stream_is_collected() -> None:
    assert (await result(pieces(b"", b"a", b"b"), ("Content-Type", "text/plain")))["body"] == "ab"


async def test_a_stream_that_breaks_off_is_no_answer() -> None:
    with pytest.raises(ResponseCut):
        await result(pieces(b"a", cut="upstream_cut"))


async def test_a_stream_that_is_too_long_is_closed_at_once() -> None:
    closed = False

    async def endless() -> AsyncGenerator[bytes, None]:
        nonlocal closed
        try:
            while True:
                yield b"x" * 1_000_000
        finally:
            closed = True

    with pytest.raises(TooLarge):
        await result(endless())
    assert closed


@pytest.mark.parametrize("body", [b"\xff" * 4_718_000, b'"' * 4_718_000])
async def test_the_limit_is_that_of_the_result_as_json(body: bytes) -> None:
    kind = "text/plain" if body.startswith(b'"') else "image/png"
    sent = await result(body[:-20_000], ("Content-Type", kind))
    assert len(json.dumps(sent)) <= MOST_BYTES < 6_291_556
    with pytest.raises(TooLarge):
        await result(body + body[:200_000], ("Content-Type", kind))

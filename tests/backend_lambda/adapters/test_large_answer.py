"""What becomes of an answer that a function cannot return as it is."""

from __future__ import annotations

import gzip
import random
from collections.abc import AsyncGenerator

import pytest

from backend_lambda.adapters.http_result import TooLarge
from backend_lambda.adapters.large_answer import MOST_BODY, returnable
from backend_lambda.core.model import Elsewhere, PublicRequest, PublicResponse, ResponseCut
from backend_lambda.protocol.messages import Headers

DATA = ("Content-Type", "application/octet-stream")
JSON = ("Content-Type", "application/json; charset=utf-8")
PAGE = ("Content-Type", "text/html")
GZIP = [("Accept-Encoding", "gzip, br")]
NOISE = random.Random(1).randbytes(1 << 20)


class Large:
    """An answer of so many MB; `read`: how many of them were fetched."""

    def __init__(self, *headers: tuple[str, str], megabytes: int = 6, piece: bytes = NOISE, status: int = 200) -> None:
        self.read = 0
        self.size = megabytes << 20
        self.closed = False
        self.response = PublicResponse(status, list(headers), self._pieces(megabytes, piece), self._elsewhere())

    def _elsewhere(self) -> Elsewhere:
        return Elsewhere(self.size, lambda headers: "https://bucket.test/?" + dict(headers)["Content-Type"])

    async def _pieces(self, megabytes: int, piece: bytes) -> AsyncGenerator[bytes, None]:
        try:
            for _ in range(megabytes):
                self.read += 1
                yield piece
        finally:
            self.closed = True

    async def to(self, method: str = "GET", headers: Headers | None = None) -> PublicResponse:
        request = PublicRequest(method, "/shop/x", headers or [], "https", "api.test", "203.0.113.7")
        return await returnable(self.response, request)


async def test_what_fits_is_collected() -> None:
    answer = await Large(DATA, megabytes=4).to()
    assert answer.body == NOISE * 4
    assert answer.headers == [DATA]


async def test_nothing_of_a_large_answer_is_fetched_when_the_visitor_can_fetch_it() -> None:
    large = Large(DATA, ("Set-Cookie", "a=1"), ("ETag", '"1"'), ("Access-Control-Allow-Origin", "*"), ("X-Own", "1"))
    answer = await large.to()
    assert large.read == 0
    assert (answer.status, answer.body) == (307, b"")
    assert answer.headers == [
        ("Set-Cookie", "a=1"),
        ("Access-Control-Allow-Origin", "*"),
        ("Location", "https://bucket.test/?application/octet-stream"),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
    ]


async def test_the_answer_to_a_form_is_fetched_with_get() -> None:
    assert (await Large(DATA).to("POST")).status == 303


async def test_an_answer_to_head_has_nothing_to_carry() -> None:
    large = Large(DATA)
    assert await large.to("HEAD") is large.response


@pytest.mark.parametrize("kind", [JSON, PAGE, ("Content-Type", "text/javascript")], ids=lambda pair: pair[1])
async def test_text_is_packed(kind: tuple[str, str]) -> None:
    text = b'{"some": "text"}' * 65_536
    large = Large(kind, ("ETag", '"1"'), ("Content-Length", "1"), ("Accept-Ranges", "bytes"), piece=text)
    answer = await large.to(headers=GZIP)
    assert isinstance(answer.body, bytes)
    assert gzip.decompress(answer.body) == text * 6
    assert answer.headers == [kind, ("ETag", 'W/"1"'), ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]


@pytest.mark.parametrize(
    ("more", "visitor"),
    [
        ([], []),
        ([("Content-Encoding", "br")], GZIP),
        ([("Content-Disposition", "attachment")], GZIP),
        ([("Cache-Control", "no-transform")], GZIP),
    ],
    ids=["not asked for", "packed already", "download", "forbidden"],
)
async def test_text_is_not_packed_where_that_is_wrong(more: Headers, visitor: Headers) -> None:
    large = Large(JSON, *more, piece=b"x" * (1 << 20))
    assert (await large.to(headers=visitor)).status == 307
    assert large.read == 0


async def test_text_that_stays_too_large_is_fetched_by_the_visitor() -> None:
    large = Large(JSON, megabytes=9)
    assert (await large.to(headers=GZIP)).status == 307
    assert large.closed
    assert (await Large(JSON, megabytes=25, piece=b"x" * (1 << 20)).to(headers=GZIP)).status == 307


@pytest.mark.parametrize(
    ("headers", "status", "visitor"),
    [
        ([PAGE], 200, []),
        ([("Content-Type", "text/css")], 200, []),
        ([("Content-Type", "text/javascript")], 200, [("Sec-Fetch-Dest", "worker"), ("Sec-Fetch-Mode", "same-origin")]),
        ([("Content-Type", "text/javascript")], 200, [("Sec-Fetch-Dest", "script"), ("Sec-Fetch-Mode", "cors")]),
        ([DATA], 200, [("Sec-Fetch-Dest", "empty"), ("Sec-Fetch-Mode", "same-origin")]),
        ([DATA], 404, []),
        ([DATA], 201, []),
        ([DATA, ("Content-Range", "bytes 5-6291460/9999999")], 206, []),
    ],
    ids=["page", "style sheet", "worker", "module", "own origin", "failure", "other status", "part"],
)
async def test_what_a_redirect_would_change_is_too_large(headers: Headers, status: int, visitor: Headers) -> None:
    large = Large(*headers, status=status)
    with pytest.raises(TooLarge):
        await large.to(headers=visitor)
    assert large.closed or large.read == 0


async def test_a_range_that_is_everything_is_everything() -> None:
    size = 6 << 20
    answer = await Large(DATA, ("Content-Range", f"bytes 0-{size - 1}/{size}"), status=206).to()
    assert answer.status == 307


async def test_a_rewritten_body_lies_nowhere_else() -> None:
    large = Large(DATA)
    large.response.elsewhere = None
    with pytest.raises(TooLarge):
        await large.to()
    assert large.closed
    assert large.read <= MOST_BODY // len(NOISE) + 1


async def test_an_answer_that_breaks_off_is_none() -> None:
    async def broken() -> AsyncGenerator[bytes, None]:
        yield b"half"
        raise ResponseCut("blob_failed")

    request = PublicRequest("GET", "/shop/x", [], "https", "api.test", "203.0.113.7")
    with pytest.raises(ResponseCut):
        await returnable(PublicResponse(200, [DATA], broken()), request)

from __future__ import annotations

import pytest

from app.domain.problems import HatchwayError
from app.engine.visit import visit
from tests.app.upstream.raw_server import RawServer, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("url", "line", "host"),
    [
        ("http://127.0.0.1:{0}/shop/", b"GET /shop/ HTTP/1.1", "127.0.0.1:{0}"),
        ("http://shop.localhost:{0}/", b"GET / HTTP/1.1", "shop.localhost:{0}"),
    ],
    ids=["path", "host"],
)
async def test_a_visit_comes_as_a_visitor_would(url: str, line: bytes, host: str) -> None:
    async with RawServer(answering(OK)) as server:
        assert await visit(url.format(server.port)) == 200
        (request,) = server.requests
    assert request.line == line
    assert request.values(b"host") == [host.format(server.port).encode()]
    assert request.values(b"user-agent") == [b"Hatchway test request"]


async def test_no_answer_is_a_problem() -> None:
    async with RawServer(answering(b"")) as server:
        port = server.port
    with pytest.raises(HatchwayError) as caught:
        await visit(f"http://shop.localhost:{port}/")
    assert caught.value.problem.code == "visit_failed"

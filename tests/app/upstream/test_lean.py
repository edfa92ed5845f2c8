"""What only the lean client promises: answers while it uploads, bounds, and a connection that is never out of step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.domain.upstream import Upstream
from app.upstream import lean
from app.upstream.api import UpstreamError, UpstreamOptions
from app.upstream.lean import LeanClient
from tests.app.upstream.conftest import fetch, get
from tests.app.upstream.raw_server import Peer, RawServer, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def client_of(server: RawServer, **options: float) -> LeanClient:
    return LeanClient(UpstreamOptions(Upstream("http", "127.0.0.1", server.port), **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("then", ["close", "stay"])
async def test_an_early_answer_to_an_upload_is_heard_and_stops_it(then: str) -> None:
    stopped = asyncio.Event()
    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge"

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(65536)
                await asyncio.sleep(0)
        finally:
            stopped.set()

    async def script(peer: Peer) -> None:
        if (await peer.head()).line.startswith(b"GET"):
            await peer.send(OK)
            return
        await peer.send(answer)
        if then == "close":
            peer.writer.write_eof()
            await peer.gone()  # unread bytes would turn the close into a reset that may destroy the answer
        else:
            await stopped.wait()  # reads nothing

    async with RawServer(script) as server, asyncio.timeout(10):
        client = client_of(server)
        assert (await fetch(client, get(method="POST", body=endless())))[::2] == (413, b"large")
        await stopped.wait()
        assert (await fetch(client, get()))[2] == b"ok"
        await client.aclose()
    assert server.connections == 2


@pytest.mark.parametrize(
    "surplus",
    [b"HTTP/1.1 500 Evil\r\nX-Evil: 1\r\nContent-Length: 4\r\n\r\nevil", b"garbage", b"\0", b"HTTP/1.1 2"],
    ids=["answer", "text", "byte", "half"],
)
async def test_more_than_one_answer_never_counts_for_another_request(surplus: bytes) -> None:
    async with RawServer(answering(OK + surplus, OK)) as server:
        client = client_of(server)
        for _ in range(2):
            assert await fetch(client, get()) == (200, [("Content-Length", "2")], b"ok")
        await client.aclose()
    assert server.connections == 2


async def test_a_body_after_head_closes_the_connection() -> None:
    async with RawServer(answering(OK)) as server:
        client = client_of(server)
        assert (await fetch(client, get(method="HEAD")))[2] == b""
        assert (await fetch(client, get()))[2] == b"ok"
        await client.aclose()
    assert server.connections == 2


async def test_endless_interim_answers_are_invalid() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        while True:
            await peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 64)

    async with RawServer(script) as server:
        with pytest.raises(UpstreamError) as raised:
            await fetch(client_of(server), get())
    assert raised.value.problem.code == "upstream_invalid"
    assert "256 KiB" in raised.value.problem.title


async def test_a_service_that_speaks_first_is_invalid() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"SSH-2.0-OpenSSH_9.6\r\n")
        await peer.gone()

    async with RawServer(script) as server:
        with pytest.raises(UpstreamError) as raised:
            await fetch(client_of(server), get())
    assert raised.value.problem.code == "upstream_invalid"


async def test_at_most_so_many_connections_are_open_and_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean, "_MOST_CONNECTIONS", 4)
    monkeypatch.setattr(lean, "_MOST_IDLE", 2)
    now, most = 0, 0

    async def script(peer: Peer) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        try:
            while True:
                await peer.request()
                await asyncio.sleep(0.005)
                await peer.send(OK)
        finally:
            now -= 1
            async with changed:
                changed.notify_all()

    changed = asyncio.Condition()
    async with RawServer(script) as server, asyncio.timeout(10):
        client = client_of(server)
        answers = await asyncio.gather(*(fetch(client, get()) for _ in range(20)))
        assert all(body == b"ok" for _, _, body in answers)
        assert most == 4
        for left in (2, 0):
            async with changed:
                await changed.wait_for(lambda left=left: now <= left)  # type: ignore[misc]
            await client.aclose()


async def test_a_failure_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean, "_MOST_CONNECTIONS", 1)

    async def script(peer: Peer) -> None:
        line = (await peer.request()).line
        if line.startswith(b"GET /ok"):
            await peer.send(OK)
        elif line.startswith(b"GET /cut"):
            await peer.send(OK[:-1])
        elif line.startswith(b"GET /hang"):
            await peer.gone()

    async with RawServer(script) as server, asyncio.timeout(10):
        client = client_of(server, response_timeout=0.02)
        for target in ("/die", "/cut", "/hang"):
            with pytest.raises(UpstreamError):
                await fetch(client, get(target))
            task = asyncio.get_running_loop().create_task(fetch(client, get("/hang")))
            await asyncio.sleep(0.005)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert (await fetch(client, get("/ok")))[2] == b"ok"
        await client.aclose()


async def test_a_connection_that_idled_too_long_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean, "_IDLE_SECONDS", 0.01)
    async with RawServer(answering(OK)) as server:
        client = client_of(server)
        await fetch(client, get())
        await asyncio.sleep(0.02)
        await fetch(client, get())
        await client.aclose()
    assert server.connections == 2


async def test_a_stalled_upload_can_be_cancelled() -> None:
    """The feeder waits for the service to read when it is cancelled; the resumed write must not fail then."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(65536)

    async def script(peer: Peer) -> None:
        await peer.head()
        head.set()
        await go.wait()
        await peer.gone()

    head, go = asyncio.Event(), asyncio.Event()
    async with RawServer(script) as server, asyncio.timeout(10):
        client = client_of(server)
        task = asyncio.get_running_loop().create_task(fetch(client, get(method="POST", body=endless())))
        await head.wait()
        await asyncio.sleep(0.05)
        go.set()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.gone.wait()

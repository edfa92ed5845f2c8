"""An HTTP exchange of which a body goes by the store: how it is decided, and that the record has everything."""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from app.agent import blobs, collected
from app.domain.exchange import ExchangeState
from backend_lambda.protocol.messages import Blob, Data, End, Error, Response
from tests.app.agent.conftest import Run
from tests.app.agent.fake_backend import FakeBackend, Recorder, request
from tests.app.agent.store import Store, status
from tests.app.upstream.raw_server import Peer, RawServer, answering

NOISE = random.Random(1).randbytes(5000)
LIMITS: dict[str, Any] = {"blob": 1000, "inline": 2000, "chunk": 2000}


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with Store() as running:
        yield running


def announced(body: bytes, *headers: bytes) -> Callable[[Peer], Awaitable[None]]:
    return answering(b"\r\n".join((b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % len(body), b"", body)))


def chunked(*pieces: bytes) -> Callable[[Peer], Awaitable[None]]:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))
    return answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)


@pytest.mark.parametrize(
    ("body", "by_store", "deflated"),
    [
        (b"", False, False),
        (NOISE[:1000], False, False),
        (b"text" * 1250, False, False),  # deflated it is small
        (NOISE[:1001], True, False),
        (NOISE, True, False),
        (NOISE * 2 + b"text" * 500, True, True),
        (b"text" * 600_000, True, True),  # deflated it is small as well, but no message may inflate to so much
    ],
    ids=["empty", "at the limit", "text", "above", "noise", "half text", "much text"],
)
@pytest.mark.parametrize("script", [announced, chunked])
async def test_the_stored_size_decides(
    backend: FakeBackend, run: Run, published: Recorder, store: Store, script: Any,
    body: bytes, by_store: bool, deflated: bool,
) -> None:  # fmt: skip
    async with RawServer(script(body)) as server:
        run(server.port, backend.where)
        link = await backend.online(limits=LIMITS)
        await link.send(request(1, reply_url=store.url("/r/1?sign")))
        answer = await link.expect(Response)
        (record,) = await published.finished()
    if by_store:
        assert (answer.blob, answer.body, answer.end) == (Blob(len(body), deflated), b"", True)
        stored = store.objects["/r/1"]
        assert (zlib.decompress(stored) if deflated else stored) == body
    else:
        assert (answer.blob, answer.body, store.objects) == (None, body, {})
    assert (record.state, record.response_body.data, record.response_body.size) == (
        ExchangeState.DONE,
        body[: record.response_body.limit],
        len(body),
    )


async def test_a_very_large_body_goes_by_a_file_as_it_is(
    backend: FakeBackend, run: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collected, "_MEMORY", 3000)
    body = b"text" * 100_000
    async with RawServer(announced(body)) as server:
        run(server.port, backend.where)
        link = await backend.online(limits=LIMITS)
        await link.send(request(1, reply_url=store.url("/r/1")))
        assert (await link.expect(Response)).blob == Blob(len(body))
    assert store.objects["/r/1"] == body


@pytest.mark.parametrize("script", [announced, chunked])
async def test_what_is_too_large_for_the_store_is_said(
    backend: FakeBackend, run: Run, published: Recorder, store: Store, monkeypatch: pytest.MonkeyPatch, script: Any
) -> None:
    monkeypatch.setattr(collected, "MAX_BLOB", 4000)
    async with RawServer(script(NOISE)) as server:
        run(server.port, backend.where)
        link = await backend.online(limits=LIMITS)
        await link.send(request(1, reply_url=store.url("/r/1")))
        assert (await link.expect(Error)).code == "answer_too_large"
        (record,) = await published.finished()
    assert record.problem.side == "your service"
    assert not store.objects


async def test_the_length_of_an_answer_to_head_is_no_body(backend: FakeBackend, run: Run, store: Store) -> None:
    async with RawServer(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")) as server:
        run(server.port, backend.where)
        link = await backend.online(limits=LIMITS)
        await link.send(request(1, method="HEAD", reply_url=store.url("/r/1")))
        answer = await link.expect(Response)
    assert (answer.status, answer.body, answer.blob) == (200, b"", None)


async def test_a_store_that_refuses_fails_the_exchange(
    backend: FakeBackend, run: Run, published: Recorder, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "_PAUSES", (0, 0))
    store.trouble += [status(403)]
    async with RawServer(announced(NOISE)) as server:
        run(server.port, backend.where)
        link = await backend.online(limits=LIMITS)
        await link.send(request(1, reply_url=store.url("/r/1?signature=secret")))
        assert (await link.expect(Error)).code == "blob_failed"
        (record,) = await published.finished()
    assert (record.state, record.problem.code, record.problem.side) == (ExchangeState.FAILED, "blob_failed", "AWS")
    assert record.response_body.data == NOISE  # what the service said is known all the same


async def test_a_backend_that_gives_no_place_gets_messages(backend: FakeBackend, run: Run) -> None:
    async with RawServer(announced(NOISE)) as server:
        run(server.port, backend.where)
        link = await backend.online(limits=LIMITS)
        head, body = await link.whole(request(1))
    assert (head.blob, head.end, body) == (None, False, NOISE)


async def test_a_front_door_that_streams_gets_what_has_no_length_as_it_comes(
    backend: FakeBackend, run: Run, store: Store
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        await asked.wait()
        await peer.send(b"4\r\nlast\r\n0\r\n\r\n")

    asked = asyncio.Event()
    async with RawServer(script) as server:
        run(server.port, backend.where)
        link = await backend.online(limits=LIMITS | {"window": None, "stream": 10_000})
        await link.send(request(1, reply_url=store.url("/r/1")))
        assert not (await link.expect(Response)).end
        assert (await link.expect(Data)).body == b"first"
        asked.set()
        assert (await link.expect(Data)).body == b"last"
        await link.expect(End)
    assert not store.objects


async def test_the_service_gets_a_request_body_that_lies_in_the_store(
    backend: FakeBackend, run: Run, published: Recorder, store: Store
) -> None:
    store.objects["/q/1"] = zlib.compress(NOISE + b"text" * 1000)
    whole = NOISE + b"text" * 1000
    async with RawServer(announced(b"ok")) as server:
        run(server.port, backend.where)
        link = await backend.online()
        blob = Blob(len(whole), True, store.url("/q/1?sign"))
        await link.send(request(1, method="PUT", headers=[("Host", "x"), ("Content-Length", "9000")], blob=blob))
        assert (await link.expect(Response)).body == b"ok"
        (record,) = await published.finished()
    (received,) = server.requests
    assert (received.body, received.values(b"content-length")) == (whole, [b"9000"])
    assert (record.request_body.data, record.request_body.size) == (whole, 9000)


async def test_a_request_body_that_is_not_there_reaches_no_service(
    backend: FakeBackend, run: Run, published: Recorder, store: Store
) -> None:
    store.trouble += [status(404)]
    async with RawServer(announced(b"ok")) as server:
        run(server.port, backend.where)
        link = await backend.online()
        await link.send(request(1, method="PUT", blob=Blob(5, url=store.url("/q/1"))))
        assert (await link.expect(Error)).code == "blob_failed"
        await link.send(request(2, method="PUT", blob=Blob(5, url="https://elsewhere.example/q/1")))
        assert (await link.expect(Error)).code == "relay_failure"
        await published.finished(2)
    assert not server.requests

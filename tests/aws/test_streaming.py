"""Visitors of the Function URL: the real loop, handler and agent; answers arrive as the service makes them."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import random
from collections.abc import AsyncIterator

import httpx
import pytest

from app.domain.exchange import ExchangeState
from app.domain.tasks import spawn
from tests.aws.backend import Backend
from tests.aws.emulator.lambda_environment import FunctionError
from tests.aws.streamed import config_of, streaming
from tests.e2e.service import Call, Service, answering
from tests.e2e.tunnels import Agent

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
DOWNLOAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    async with streaming() as backend:
        yield backend


@pytest.fixture
async def agent(backend: Backend) -> AsyncIterator[Agent]:
    agent = backend.agent()
    yield agent
    await agent.aclose()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with Service() as service:
        yield service


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def test_each_event_arrives_before_the_next_is_sent(backend: Backend, agent: Agent, service: Service) -> None:
    seen: asyncio.Queue[bytes] = asyncio.Queue()

    async def events(call: Call) -> None:
        await call.send(EVENTS)
        for number in range(3):
            event = b"data: %d\n\n" % number
            await call.send(chunk(event))
            assert await seen.get() == event
        await call.send(b"0\r\n\r\n")

    service.script = events
    await agent.open(service.port, "shop")
    async with asyncio.timeout(20), backend.visitor.stream("GET", "/shop/events") as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
        async for piece in answer.aiter_raw():
            seen.put_nowait(piece)
    assert backend.cloud.bill()["http_requests"] == 0


async def test_a_download_of_unknown_length_is_complete(backend: Backend, agent: Agent, service: Service) -> None:
    body = random.Random(5).randbytes(20_000_000)

    async def download(call: Call) -> None:
        await call.send(DOWNLOAD)
        for start in range(0, len(body), 500_000):
            await call.send(chunk(body[start : start + 500_000]))
        await call.send(b"0\r\n\r\n")

    service.script = download
    await agent.open(service.port, "shop")
    received = hashlib.sha256()
    async with backend.visitor.stream("GET", "/shop/file.zip") as answer:
        async for piece in answer.aiter_raw():
            received.update(piece)
    assert received.digest() == hashlib.sha256(body).digest()
    bill = backend.cloud.bill()
    # By the bucket: the table takes a megabyte a second of one connection, and what it does not take is lost.
    assert (bill["s3_puts"] > 4, bill["write_units"] < 50) == (True, True)


async def test_storage_that_fails_for_good_breaks_the_visitors_connection(
    backend: Backend, agent: Agent, service: Service
) -> None:
    begun = asyncio.Event()

    async def download(call: Call) -> None:
        await call.send(DOWNLOAD + chunk(b"the beginning"))
        await begun.wait()
        await call.send(chunk(random.Random(5).randbytes(200_000)) + b"0\r\n\r\n")

    async def read() -> None:
        async with backend.visitor.stream("GET", "/shop/file.zip") as answer:
            async for piece in answer.aiter_raw():
                assert piece == b"the beginning"
                begun.set()

    service.script = download
    await agent.open(service.port, "shop")
    backend.cloud.inject("s3-503", times=None)
    with pytest.raises(httpx.RemoteProtocolError):
        await read()


async def test_an_answer_that_breaks_off_breaks_the_visitors_connection(
    backend: Backend, agent: Agent, service: Service
) -> None:
    go_on = asyncio.Event()

    async def half(call: Call) -> None:
        await call.send(DOWNLOAD + chunk(b"the first half"))
        await go_on.wait()
        call.abort()

    service.script = half
    await agent.open(service.port, "shop")
    got = b""

    async def read() -> None:
        nonlocal got
        async with backend.visitor.stream("GET", "/shop/file.zip") as answer:
            async for piece in answer.aiter_raw():
                got += piece
                go_on.set()

    with pytest.raises(httpx.RemoteProtocolError):
        await read()
    assert got == b"the first half"
    # The environment has survived it.
    service.script = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    assert (await backend.visitor.get("/shop/")).text == "ok"
    assert backend.cloud.function.environments <= 2


async def test_pages_stream_while_they_are_rewritten(backend: Backend, agent: Agent, service: Service) -> None:
    first_is_there = asyncio.Event()

    async def page(call: Call) -> None:
        await call.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        await call.send(chunk(b"<!doctype html><title>x</title><p>" + b"a" * 5000 + b'<a href="/one">one</a><p>'))
        await first_is_there.wait()
        await call.send(chunk(b'<a href="/two">two</a>') + b"0\r\n\r\n")

    service.script = page
    await agent.open(service.port, "shop")
    text = b""
    async with asyncio.timeout(20), backend.visitor.stream("GET", "/shop/", headers={"Accept": "text/html"}) as answer:
        async for piece in answer.aiter_raw():
            text += piece
            if b'href="/shop/one"' in text:
                first_is_there.set()
    assert b'href="/shop/two"' in text


async def test_packed_answers_arrive_whole_though_the_front_door_unpacks_them(
    backend: Backend, agent: Agent, service: Service
) -> None:
    text = b"<!doctype html><title>x</title>" + b'<a href="/one">one</a>' * 1000
    packed = gzip.compress(text)
    head = DOWNLOAD.replace(b"application/zip", b"text/html\r\nContent-Encoding: gzip")
    service.script = answering(head + chunk(packed[:100]) + chunk(packed[100:]) + b"0\r\n\r\n")
    await agent.open(service.port, "shop")
    answer = await backend.visitor.get("/shop/", headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    assert answer.text.count('href="/shop/one"') == 1000
    assert "content-encoding" not in answer.headers


async def test_whatever_comes_whole_is_an_ordinary_answer(backend: Backend, agent: Agent, service: Service) -> None:
    await agent.open(service.port, "shop")

    async def script(call: Call) -> None:
        await call.read_body()
        await call.answer(call.target, "Content-Type: text/plain", "Set-Cookie: a=1", "Set-Cookie: b=2")

    service.script = script
    answer = await backend.visitor.post("/shop/a%2Fb?c=%20d", content=b"x" * 70_000)
    assert (answer.status_code, answer.text) == (200, "/a%2Fb?c=%20d")
    assert len(answer.headers.get_list("set-cookie")) == 2
    assert service.last.body == b"x" * 70_000
    head = await backend.visitor.head("/shop/")
    assert (head.status_code, head.content) == (200, b"")
    service.script = answering(b'HTTP/1.1 304 Not Modified\r\nETag: "e"\r\n\r\n')
    assert (await backend.visitor.get("/shop/")).status_code == 304


async def test_failures_before_the_head_are_pages(backend: Backend) -> None:
    answer = await backend.visitor.get("/nobody/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_tunnel")
    assert backend.cloud.function.last_error is None


async def test_an_answer_above_what_lambda_streams_is_refused_at_once(
    backend: Backend, agent: Agent, service: Service
) -> None:
    service.script = answering(b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: 300000000\r\n\r\n")
    await agent.open(service.port, "shop")
    answer = await backend.visitor.get("/shop/", headers={"Accept": "application/json"})
    assert answer.json()["error"]["code"] == "answer_too_large"


async def test_an_event_stream_ends_in_order_when_the_functions_time_does(service: Service) -> None:
    left = asyncio.Event()

    async def quiet(call: Call) -> None:
        await call.send(EVENTS + chunk(b"data: 1\n\n"))
        if await call.until_gone(20):
            left.set()

    service.script = quiet
    async with streaming() as backend:
        agent = backend.agent()
        await agent.open(service.port, "shop")
        backend.cloud.function.config = config_of(timeout=3.5).function
        finished = spawn(agent.finished(20), name="the exchange")
        whole = await backend.visitor.get("/shop/events")  # ends in order: the browser comes back by itself
        assert whole.content == b"data: 1\n\n"
        assert (await finished).state is ExchangeState.CANCELLED
        async with asyncio.timeout(20):
            await left.wait()
        await agent.aclose()
        assert backend.cloud.function.last_error is None


@pytest.mark.expect_log("event failed")
@pytest.mark.expect_log("event failed")
@pytest.mark.expect_log("event failed")
async def test_events_of_other_kinds_get_whole_results(backend: Backend) -> None:
    function, thread = backend.cloud.function, backend.cloud.thread
    schedule = json.dumps({"detail-type": "Scheduled Event"}).encode()
    assert await thread.run(function.invoke(schedule)) == b"{}"
    for payload, kind in ((b'{"a": 1}', "UnknownEvent"), (b"[1]", "UnknownEvent"), (b"{", "JSONDecodeError")):
        with pytest.raises(FunctionError, match=kind):
            await thread.run(function.invoke(payload))
    assert function.environments == 1

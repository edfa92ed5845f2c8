"""The demo as a visitor meets it: a real process, every endpoint, and nothing on the page that a prefix would break."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect

from app.domain.problems import HatchwayError
from app.services.demo import DemoService
from app.services.demo.asgi import demo as application
from app.services.demo.exchange import Exchange


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """One demo process for all tests that only talk to it."""
    command = [sys.executable, "-m", "app.services.demo"]
    root = Path(__file__).resolve().parents[4]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        process.stdin.close()
        assert process.wait(5) == 0


@pytest.fixture
async def demo(origin: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=origin, trust_env=False) as client:
        yield client


async def test_starts_once_stops_and_starts_again() -> None:
    service = DemoService()
    assert service.upstream is None
    first = await service.start()
    assert await service.start() is first
    assert (first.scheme, first.host) == ("http", "127.0.0.1")
    await service.stop()
    await service.stop()
    assert service.upstream is None
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(first.origin)
        second = await service.start()
        assert (await client.get(second.origin)).status_code == 200
    await service.stop()


async def test_a_taken_port_is_reported_in_plain_words() -> None:
    one, two = DemoService(), DemoService()
    upstream = await one.start()
    with pytest.raises(HatchwayError, match=f"cannot listen on port {upstream.port}"):
        await two.start(upstream.port)
    await one.stop()


async def test_stopping_does_not_wait_for_open_streams(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.process.child._GRACE_SECONDS", 30)
    service = DemoService()
    upstream = await service.start()
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("GET", f"{upstream.origin}/api/events?count=1000&ms=1000") as stream,
    ):
        assert stream.status_code == 200
        with caplog.at_level(logging.INFO, "app.process.child"):
            await service.stop()
        # It left by itself, long before its stream would have ended.
        assert not [message for message in caplog.messages if "terminating" in message]


async def test_the_page_and_its_parts_hold_relative_urls_only(demo: httpx.AsyncClient) -> None:
    page = await demo.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    parts = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert {"app.js", "style.css", "icon.svg", "image.png"} <= set(parts)
    for part in parts:
        assert not re.match(r"/|[a-z]+:", part), part
        answer = await demo.get(f"/{part}")
        assert answer.status_code == 200, part
        assert answer.content
    script = (await demo.get("/app.js")).text
    assert not re.search(r"""["'`](?:/api|/ws|https?://)""", script)
    assert "url(" not in (await demo.get("/style.css")).text


async def test_every_endpoint_of_the_page_exists(demo: httpx.AsyncClient) -> None:
    script = (await demo.get("/app.js")).text
    used = set(re.findall(r"api/[a-z-]+", script)) - {"api/no-such-thing"}
    assert len(used) >= 7
    for path in used:
        answer = await demo.post(f"/{path}", params={"ms": 0, "count": 1})
        assert answer.status_code != 404, path


@pytest.mark.parametrize("path", ["/", "/app.js", "/image.png"])
async def test_static_parts_answer_head_and_refuse_other_methods(demo: httpx.AsyncClient, path: str) -> None:
    head, full = await demo.head(path), await demo.get(path)
    assert head.content == b""
    assert head.headers["content-length"] == str(len(full.content))
    refused = await demo.delete(path)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"])
async def test_echo_tells_exactly_what_arrived(demo: httpx.AsyncClient, method: str) -> None:
    body = "é1".encode()
    answer = await demo.request(
        method, "/api/ech%6f?a=1&a=&b&c=%2F", content=body, headers=[("X-Twice", "1"), ("X-Twice", "2")]
    )
    seen = answer.json()
    assert (seen["method"], seen["path"], seen["query"]) == (method, "/api/ech%6f", "a=1&a=&b&c=%2F")
    assert [value for name, value in seen["headers"] if name == "x-twice"] == ["1", "2"]
    assert seen["body"] == {"length": 3, "sha256": hashlib.sha256(body).hexdigest(), "text": "é1"}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("body", "text"), [(b"\xff\x00", None), (b"x" * 2048, "x" * 2048), (b"x" * 2049, None)])
async def test_echo_repeats_short_text_only(demo: httpx.AsyncClient, body: bytes, text: str | None) -> None:
    assert (await demo.post("/api/echo", content=body)).json()["body"]["text"] == text


async def test_upload_counts_and_sums_a_streamed_body(demo: httpx.AsyncClient) -> None:
    part = bytes(range(256)) * 1024

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield part

    answer = await demo.post(
        "/api/upload", content=parts(), headers={"X-File-Name": "n%C3%B6ise.bin", "Content-Type": "image/x-noise"}
    )
    assert answer.status_code == 201
    assert answer.json() == {
        "name": "n%C3%B6ise.bin",
        "type": "image/x-noise",
        "length": 12 * len(part),
        "sha256": hashlib.sha256(part * 12).hexdigest(),
    }
    assert (await demo.get("/api/upload")).status_code == 405


@pytest.mark.parametrize("status", [400, 418, 500, 503, 599])
async def test_fails_with_the_status_asked_for(demo: httpx.AsyncClient, status: int) -> None:
    answer = await demo.get(f"/api/fail?status={status}")
    assert (answer.status_code, answer.json()["status"]) == (status, status)


async def test_slow_takes_the_time_asked_for(demo: httpx.AsyncClient) -> None:
    started = time.monotonic()
    assert (await demo.get("/api/slow?ms=300")).json() == {"waited_ms": 300}
    assert time.monotonic() - started > 0.29


async def test_redirect_is_relative_and_leads_to_the_echo(demo: httpx.AsyncClient) -> None:
    answer = await demo.get("/api/redirect")
    assert (answer.status_code, answer.headers["location"]) == (302, "echo?from=redirect")
    kept = await demo.post("/api/redirect?status=307", content=b"x", follow_redirects=True)
    assert (kept.json()["method"], kept.json()["query"]) == ("POST", "from=redirect")


async def test_events_are_sent_one_by_one_with_pauses_between(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: asyncio.Queue[float] = asyncio.Queue()
    over = asyncio.Semaphore(0)
    sent: list[MutableMapping[str, Any]] = []

    async def pause(_exchange: Exchange, seconds: float) -> bool:
        pauses.put_nowait(seconds)
        await over.acquire()
        return False

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    monkeypatch.setattr(Exchange, "leaves_within", pause)
    scope = {
        "type": "http", "method": "GET", "path": "/api/events", "query_string": b"count=3&ms=150", "headers": [],
    }  # fmt: skip
    answering = asyncio.get_running_loop().create_task(application(scope, receive, send))
    for number in (1, 2):
        assert await asyncio.wait_for(pauses.get(), 5) == 0.15
        assert [message.get("more_body") for message in sent] == [None, *[True] * number]
        over.release()
    await answering
    assert [message.get("more_body") for message in sent] == [None, True, True, True, None]


async def test_events_are_numbered_and_end(demo: httpx.AsyncClient) -> None:
    numbers, lines = [], []
    async with demo.stream("GET", "/api/events?count=3&ms=1") as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        async for line in stream.aiter_lines():
            lines.append(line)
            if line.startswith('data: {"number"'):
                numbers.append(json.loads(line[6:]))
    assert numbers == [{"number": number, "of": 3} for number in (1, 2, 3)]
    assert "event: done" in lines


async def test_sets_two_cookies_and_tells_which_came_back(demo: httpx.AsyncClient) -> None:
    first = await demo.get("/api/cookie")
    assert len(first.headers.get_list("set-cookie")) == 2
    received = (await demo.get("/api/cookie")).json()["received"]
    assert {"demo_flavour=oatmeal", "demo_secret=crumbs"} == set(received.split("; "))


@pytest.mark.parametrize(
    "path",
    [
        "/api/fail?status=200",
        "/api/fail?status=x",
        "/api/fail?status=",
        "/api/fail?status=-500",
        "/api/slow?ms=60001",
        "/api/slow?ms=1e3",
        "/api/slow?ms=²",
        "/api/events?count=0",
        "/api/events?count=99999999999999999999",
        "/api/redirect?status=304",
    ],
)
async def test_a_bad_parameter_gets_400_and_a_reason(demo: httpx.AsyncClient, path: str) -> None:
    answer = await demo.get(path)
    assert answer.status_code == 400
    assert re.match(r"(status|ms|count) must be ", answer.json()["error"])


async def test_unknown_paths_get_404_as_json(demo: httpx.AsyncClient) -> None:
    answer = await demo.get("/api/no-such-thing")
    assert (answer.status_code, answer.json()) == (404, {"error": "nothing here at /api/no-such-thing"})


async def test_the_image_is_a_whole_png(demo: httpx.AsyncClient) -> None:
    data = (await demo.get("/image.png")).content
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, kinds, pixels = 8, [], b""
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length) == (zlib.crc32(kind + content),)
        kinds.append(kind)
        pixels += content if kind == b"IDAT" else b""
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    assert len(zlib.decompress(pixels)) == 240 * (1 + 640 * 3)


async def test_the_web_socket_echoes_text_and_bytes(demo: httpx.AsyncClient) -> None:
    address = str(demo.base_url).replace("http", "ws").rstrip("/")
    async with connect(f"{address}/ws", proxy=None, subprotocols=["chat", "other"]) as socket:  # type: ignore[list-item]
        assert socket.subprotocol == "chat"
        for message in ("hello", "", "é", b"\x00\xff", b""):
            await socket.send(message)
            assert await asyncio.wait_for(socket.recv(), 5) == message


async def test_a_client_that_leaves_ends_its_stream(demo: httpx.AsyncClient) -> None:
    port = demo.base_url.port
    async with demo.stream("GET", "/api/events?count=1000&ms=60000") as stream:
        await anext(stream.aiter_bytes())
    for _ in range(50):
        held = [
            c for c in psutil.net_connections("tcp") if c.laddr and c.laddr.port == port and c.status == "ESTABLISHED"
        ]
        if not held:
            break
        await asyncio.sleep(0.05)
    assert (await demo.get("/api/echo")).status_code == 200
    assert not held

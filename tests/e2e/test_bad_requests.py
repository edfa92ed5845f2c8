"""What makes no sense is refused in our words; the connection closes, and everybody else is served meanwhile."""

from __future__ import annotations

import asyncio
import json

import pytest

from app.relay.application import RelayConfig
from app.relay.http_protocol import VisitorProtocol
from tests.e2e.service import Call, Service
from tests.e2e.tunnels import Agent, Tunnel, relay_here
from tests.e2e.visitor import Answer, Visitor, ask, get, post


def is_our_page(answer: Answer, status: int, code: str) -> None:
    """A page of ours, as JSON, that tells nothing private."""
    assert (answer.status, answer.error["code"], answer.error["status"]) == (status, code, status)
    assert answer.header("x-hatchway-error") == code
    assert answer.header("cache-control") == "no-store"
    assert answer.complete
    for private in (b"Traceback", b"127.0.0.1", b".py"):
        assert private not in answer.body


FRAMING = {
    "two lengths": post("/T/", b"ab", "Content-Length: 2"),
    "two different lengths": post("/T/", b"ab", "Content-Length: 3"),
    "length list": get("/T/", "Content-Length: 2, 2", method="POST") + b"ab",
    "negative length": get("/T/", "Content-Length: -1", method="POST"),
    "signed length": get("/T/", "Content-Length: +2", method="POST") + b"ab",
    "hex length": get("/T/", "Content-Length: 0x2", method="POST") + b"ab",
    "endless length": get("/T/", "Content-Length: " + "9" * 30, method="POST"),
    "length and chunks": get("/T/", "Content-Length: 3", "Transfer-Encoding: chunked", method="POST") + b"0\r\n\r\n",
    "chunks and length": get("/T/", "Transfer-Encoding: chunked", "Content-Length: 3", method="POST") + b"0\r\n\r\n",
    "unknown coding": get("/T/", "Transfer-Encoding: gzip", method="POST") + b"0\r\n\r\n",
    "unknown coding with an upgrade": get(
        "/T/", "Connection: Upgrade", "Upgrade: h2c", "Transfer-Encoding: gzip", method="POST"
    ),
    "stacked coding": get("/T/", "Transfer-Encoding: gzip, chunked", method="POST") + b"0\r\n\r\n",
    "hidden coding": get("/T/", "Transfer-Encoding: \x0bchunked", method="POST") + b"0\r\n\r\n",
    "chunked is not last": get("/T/", "Transfer-Encoding: chunked, identity", method="POST") + b"0\r\n\r\n",
    "obs-fold": get("/T/", "X-A: 1\r\n continued"),
    "space before colon": get("/T/", "X-A : 1"),
    "tab before colon": get("/T/", "X-A\t: 1"),
    "space before name": get("/T/", " X-A: 1"),
    "no colon": get("/T/", "X-A"),
    "empty name": get("/T/", ": 1"),
    "odd name": get("/T/", "X(A): 1"),
    "name above ASCII": get("/T/", "X-\xe4: 1"),
    "NUL in value": get("/T/", "X-A: a\0b"),
    "NUL in name": get("/T/", "X\0A: 1"),
    "bare CR in value": get("/T/", "X-A: a\rX-Injected: 1"),
    "bare LF in value": get("/T/", "X-A: a\nX-Injected : 1"),
    "DEL in value": get("/T/", "X-A: a\x7f"),
    "bell in value": get("/T/", "X-A: a\x07"),
    "NUL in target": get("/T/\0"),
    "TAB in target": get("/T/\t"),
    "space in target": get("/T/a b"),
    "CR in target": get("/T/a\rb"),
    "bare LF lines": b"GET /T/ HTTP/1.1\nHost: a\n\n",
    "no host": b"GET /T/ HTTP/1.1\r\nAccept: */*\r\n\r\n",
    "HTTP/2.0": get("/T/", version="2.0"),
    "two hosts": get("/T/", "Host: other"),
    "lower-case method": get("/T/", method="get"),
    "unknown method": get("/T/", method="FROBNICATE"),
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no version": b"GET /T/\r\nHost: a\r\n\r\n",
    "odd version": b"GET /T/ HTTP/x.y\r\nHost: a\r\n\r\n",
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)),
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "relative target": get("T/"),
    "other scheme": get("ftp://a/T/"),
    "CONNECT": get("example.com:443", method="CONNECT"),
    "CONNECT to a path": get("/T/", method="CONNECT"),
    "asterisk": get("*", method="OPTIONS"),
}
KEEPS_OPEN = {
    "unknown coding",
    "unknown coding with an upgrade",
    "stacked coding",
    "hidden coding",
    "two hosts",
    "no host",
    "HTTP/2.0",
    "no version",
    "other scheme",
    "CONNECT",
    "asterisk",
    "CONNECT to a path",
}


@pytest.mark.parametrize("name", FRAMING)
async def test_nonsense_is_a_400_and_the_connection_closes(tunnel: Tunnel, service: Service, name: str) -> None:
    wire = FRAMING[name].replace(b"/T/", f"/{tunnel.name}/".encode())
    async with Visitor(tunnel.relay.port) as visitor:
        answer = await visitor.ask(wire)
        is_our_page(answer, 400, "bad_request")
        if name not in KEEPS_OPEN:
            assert answer.header("connection") == "close"
            assert await visitor.closed(0.5)
    assert service.calls == []
    assert (await ask(tunnel.relay.port, get(tunnel.path()))).status == 200


@pytest.mark.parametrize("accept", ["text/html,*/*;q=0.8", "*/*"])
async def test_the_page_is_what_the_visitor_reads(tunnel: Tunnel, accept: str) -> None:
    for request in (get("/none/", f"Accept: {accept}"), get("/none/", f"Accept: {accept}", "X-A: 1\r\n folded")):
        answer = await ask(tunnel.relay.port, request)
        if accept == "*/*":
            assert answer.header("content-type") == "application/json"
            assert json.loads(answer.body)["error"]["status"] == answer.status
        else:
            assert answer.header("content-type") == "text/html; charset=utf-8"
            assert answer.body.startswith(b"<!doctype html>")


@pytest.mark.parametrize("bad", [b"xyz\r\n", b"-1\r\n", b"3\r\nabcd\r\n", b"ffffffffffffffffff\r\n"])
async def test_a_bad_chunk_is_a_400_and_the_service_sees_no_end(tunnel: Tunnel, service: Service, bad: bytes) -> None:
    ended = asyncio.get_running_loop().create_future()

    async def script(call: Call) -> None:
        try:
            await call.read_body()
        except (asyncio.IncompleteReadError, ConnectionError):
            ended.set_result("broken off")
            raise
        ended.set_result("complete")

    service.script = script
    async with Visitor(tunnel.relay.port) as visitor:
        await visitor.send(get(tunnel.path(), "Transfer-Encoding: chunked", method="POST") + b"5\r\nabcde\r\n")
        await asyncio.sleep(0.05)
        is_our_page(await visitor.ask(bad), 400, "bad_request")
        assert await visitor.closed()
    async with asyncio.timeout(2):
        assert await ended == "broken off"


async def test_nonsense_behind_a_good_request_waits_for_its_answer(tunnel: Tunnel, service: Service) -> None:
    async def slow(call: Call) -> None:
        await asyncio.sleep(0.1)
        await call.answer(b"the answer")

    service.script = slow
    async with Visitor(tunnel.relay.port) as visitor:
        answer = await visitor.ask(get(tunnel.path()) + b"\0\0nonsense\r\n\r\n")
        assert (answer.status, answer.body) == (200, b"the answer")
        assert await visitor.closed()


async def test_nonsense_in_a_running_answer_does_not_get_into_it(tunnel: Tunnel, service: Service) -> None:
    async def stream(call: Call) -> None:
        await call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"a" * 1000)
        await asyncio.sleep(0.2)
        await call.send(b"b" * 1000)

    service.script = stream
    async with Visitor(tunnel.relay.port) as visitor:
        await visitor.send(get(tunnel.path()))
        await visitor.head()
        await visitor.send(b"\0\0nonsense\r\n\r\n")
        assert await visitor.reader.readexactly(2000) == b"a" * 1000 + b"b" * 1000
        assert await visitor.closed()


HUGE_HEADS = {
    "total size": [f"X-{number}: {'v' * 1000}" for number in range(200)],
    "one header": ["X-Big: " + "v" * 200_000],
    "one header over the limit": ["X-Big: " + "v" * 66_000],
    "number of headers": [f"X-{number}: v" for number in range(1000)],
    "513 headers": [f"X-{number}: v" for number in range(513)],
    "cookies": ["Cookie: " + "; ".join(f"c{number}={'v' * 100}" for number in range(2000))],
}


@pytest.mark.parametrize("name", HUGE_HEADS)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
async def test_huge_heads_are_a_431(tunnel: Tunnel, service: Service, name: str, accept: str) -> None:
    request = get(tunnel.path(), f"Accept: {accept}", *HUGE_HEADS[name])
    answer = await ask(tunnel.relay.port, request)
    assert (answer.status, answer.header("x-hatchway-error")) == (431, "head_too_large")
    assert answer.header("content-type") in ("application/json", "text/html; charset=utf-8")
    assert service.calls == []
    assert (await ask(tunnel.relay.port, get(tunnel.path()))).status == 200


@pytest.mark.parametrize("size", [33_000, 200_000, 3_000_000])
async def test_long_urls_are_a_431(tunnel: Tunnel, service: Service, size: int) -> None:
    answer = await ask(tunnel.relay.port, get(tunnel.path("/" + "a" * size)))
    is_our_page(answer, 431, "head_too_large")
    assert (await ask(tunnel.relay.port, get(tunnel.path()))).status == 200


async def test_an_endless_head_is_refused_while_it_comes(tunnel: Tunnel) -> None:
    async with Visitor(tunnel.relay.port) as visitor:
        await visitor.send(get(tunnel.path())[:-2])
        sent = 0
        answering = asyncio.ensure_future(visitor.answer())
        try:
            while not answering.done() and sent < 64 * 1024 * 1024:
                await visitor.send(b"X-A: " + b"v" * 1000 + b"\r\n")
                sent += 1007
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        answer = await answering
    is_our_page(answer, 431, "head_too_large")
    assert sent < 16 * 1024 * 1024


@pytest.mark.parametrize(
    "headers",
    [
        [f"X-{number}: v" for number in range(511)],
        ["X-Big: " + "v" * (64 * 1024 - 40)],
        ["Referer: http://relay.test.localhost/x"] * 511,
        ["Origin: http://relay.test.localhost"] * 511,
        ["X-Latin: " + "\xff" * 60_000],
    ],
    ids=["number", "size", "mapped URLs", "mapped origins", "not ASCII"],
)
async def test_heads_at_the_limit_harm_nobody(
    agent: Agent, tunnel: Tunnel, service: Service, headers: list[str]
) -> None:
    """What the relay adds on the way must not make it too large for the agent, who would drop the connection."""
    answer = await ask(tunnel.relay.port, get(tunnel.path(), *headers))
    assert answer.status in (200, 431)
    assert (await ask(tunnel.relay.port, get(tunnel.path()))).status == 200
    status = agent.supervisor.status(tunnel.spec.id)
    assert status is not None
    assert status.generation == 1


@pytest.mark.parametrize(
    "host", ["a" * 60_000, "a" * 300 + ".localhost", "x y", "a\tb", "\xff\xff", "[::", "a:b:c", ""]
)
async def test_odd_hosts_harm_nobody(agent: Agent, tunnel: Tunnel, host: str) -> None:
    answer = await ask(tunnel.relay.port, get(tunnel.path(), host=host))
    assert answer.status in (200, 400, 404, 431)
    assert (await ask(tunnel.relay.port, get(tunnel.path()))).status == 200
    status = agent.supervisor.status(tunnel.spec.id)
    assert status is not None
    assert status.generation == 1


async def test_a_slow_head_is_a_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VisitorProtocol, "head_seconds", 0.3)
    async with relay_here(RelayConfig()) as relay, Visitor(relay.port) as visitor, Visitor(relay.port) as second:
        await visitor.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
        await second.send(get("/none/"))
        assert (await second.answer()).status == 404
        await second.send(b"G")
        for slow in (visitor, second):
            await slow.send(b"E")
            answer = await slow.answer()
            assert (answer.status, answer.header("connection")) == (408, "close")
            assert await slow.closed()


async def test_a_slow_body_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VisitorProtocol, "head_seconds", 0.1)
    async with relay_here(RelayConfig()) as relay, Service() as service:
        agent = Agent(relay)
        tunnel = await agent.open(service.port)
        async with Visitor(relay.port) as visitor:
            await visitor.send(get(tunnel.path(), "Content-Length: 3", method="POST"))
            for piece in (b"a", b"b", b"c"):
                await asyncio.sleep(0.1)
                await visitor.send(piece)
            assert (await visitor.answer()).status == 200
        assert service.last.body == b"abc"
        await agent.aclose()


async def test_idle_connections_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VisitorProtocol, "idle_seconds", 0.2)
    async with relay_here(RelayConfig()) as relay, Visitor(relay.port) as silent, Visitor(relay.port) as used:
        assert (await used.ask(get("/none/"))).status == 404
        assert await silent.closed(1)
        assert await used.closed(1)


class TestMaxBody:
    @pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
    @pytest.mark.parametrize("size", [100_001, 5_000_000])
    async def test_a_body_over_the_limit_is_a_413(self, chunked: bool, size: int) -> None:
        async with relay_here(RelayConfig(max_body=100_000)) as relay, Service() as service:
            agent = Agent(relay)
            tunnel = await agent.open(service.port)
            answer = await ask(relay.port, post(tunnel.path(), b"x" * size, chunked=chunked), seconds=5)
            is_our_page(answer, 413, "body_too_large")
            if not chunked:
                assert service.calls == []
            answer = await ask(relay.port, post(tunnel.path(), b"x" * 100_000, chunked=chunked))
            assert (answer.status, len(service.last.body)) == (200, 100_000)
            await agent.aclose()

    async def test_a_body_that_is_announced_too_large_is_not_asked_for(self) -> None:
        async with relay_here(RelayConfig(max_body=1000)) as relay, Service() as service:
            agent = Agent(relay)
            tunnel = await agent.open(service.port)
            request = get(tunnel.path(), "Content-Length: 1001", "Expect: 100-continue", method="POST")
            answer = await ask(relay.port, request)
            assert (answer.status, answer.interim) == (413, [])
            await agent.aclose()

    async def test_an_answer_that_streams_already_is_cut(self) -> None:
        async def early(call: Call) -> None:
            await call.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            await call.until_gone(3)

        async with relay_here(RelayConfig(max_body=1000)) as relay, Service(early) as service:
            agent = Agent(relay)
            tunnel = await agent.open(service.port)
            async with Visitor(relay.port) as visitor:
                await visitor.send(get(tunnel.path(), "Transfer-Encoding: chunked", method="POST"))
                answer = await visitor.head()
                assert await visitor.chunk() == b"abc"
                await visitor.send(b"7d0\r\n" + b"x" * 2000 + b"\r\n")
                assert await visitor.closed()
                assert answer.status == 200
            await agent.aclose()

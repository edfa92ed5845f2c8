"""The visitors' protocol below any relay: what reaches the application, and what an application can do to an answer."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from app.domain.tasks import spawn
from app.relay.http_protocol import VisitorProtocol
from app.relay.server import RelayServer
from app.relay.visit import Visit
from tests.e2e.visitor import Visitor, get, post

Application = Callable[[Any, Any, Any], Awaitable[None]]

if sys.platform != "win32":
    import uvloop

    LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
else:
    LOOPS = [asyncio.new_event_loop]


@pytest.fixture(params=LOOPS, ids=lambda factory: factory.__module__)
def run(request: pytest.FixtureRequest) -> Callable[[Any], None]:
    """Runs a coroutine on asyncio's own loop and on uvloop, whose transports differ in corners."""

    def run(main: Any) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(main)

    return run


class Server(uvicorn.Server):
    """uvicorn, saying when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextlib.asynccontextmanager
async def serving(application: Application) -> AsyncIterator[int]:
    config = uvicorn.Config(
        application, port=0, http=VisitorProtocol, lifespan="off", log_config=None, access_log=False, interface="asgi3"
    )
    server = Server(config)
    running = spawn(server._serve(), name="server")
    await server.ready.wait()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running


async def answer(send: Any, body: bytes = b"ok", *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": 200, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


def visit_of(scope: Any) -> Visit:
    visit = scope["hatchway"]
    assert isinstance(visit, Visit)
    return visit


def test_target_and_headers_are_those_of_the_wire(run: Any) -> None:
    async def main() -> None:
        visits: list[Visit] = []

        async def application(scope: Any, receive: Any, send: Any) -> None:
            visits.append(visit_of(scope))
            await answer(send)

        async with serving(application) as port, Visitor(port) as visitor:
            for target in (b"/a%2F//..?x=%zz", b"/\xc3\xa9", b"//h", b"http://x/y", b"*"):
                await visitor.ask(get(target, "X-A: 1", "x-a: 2"))
                assert visits[-1].target == target
                assert visits[-1].headers == [(b"Host", b"relay.test.localhost"), (b"X-A", b"1"), (b"x-a", b"2")]
                assert visits[-1].answered

    run(main())


def test_a_raw_target_belongs_to_its_own_request_only(run: Any) -> None:
    async def main() -> None:
        targets: list[bytes] = []

        async def application(scope: Any, receive: Any, send: Any) -> None:
            targets.append(visit_of(scope).target)
            await answer(send)

        async with serving(application) as port, Visitor(port) as visitor:
            await visitor.send(get(b"/\xc3\xa9") + get("/plain"))
            assert [(await visitor.answer()).status for _ in range(2)] == [200, 200]
            assert (await visitor.ask(post("/body", b"\xff" * 10))).status == 200
            await visitor.send(b"GET /half\xc3")
            await asyncio.sleep(0.05)
            assert (await visitor.ask(b"\xa9 HTTP/1.1\r\nHost: a\r\n\r\n")).status == 400
        assert targets == [b"/\xc3\xa9", b"/plain", b"/body"]

    run(main())


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_abort_cannot_be_taken_for_the_end(run: Any, version: str) -> None:
    async def main() -> None:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            visit = visit_of(scope)
            if scope["http_version"] == "1.0":
                visit.send_until_close()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            await asyncio.sleep(0.05)
            visit.abort()

        async with serving(application) as port, Visitor(port) as visitor:
            answer = await visitor.ask(get("/", version=version))
            assert (answer.status, answer.complete) == (200, False)

    run(main())


def test_until_close_for_http_1_0(run: Any) -> None:
    async def main() -> None:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            visit = visit_of(scope)
            visit.send_until_close()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(100):
                await send({"type": "http.response.body", "body": bytes(10_000), "more_body": True})
            visit.finish_by_close()

        async with serving(application) as port, Visitor(port) as visitor:
            answer = await visitor.ask(get("/", version="1.0"))
            assert answer.header("transfer-encoding") is None
            assert (answer.complete, len(answer.body)) == (True, 1_000_000)

    run(main())


@pytest.mark.parametrize("pipelined", [0, 1, 5])
def test_who_leaves_cancels_every_request_that_runs(run: Any, pipelined: int) -> None:
    async def main() -> None:
        cancelled = asyncio.Event()
        started = asyncio.Event()
        visits: list[Visit] = []

        async def application(scope: Any, receive: Any, send: Any) -> None:
            visits.append(visit_of(scope))
            visits[-1].cancel_when_gone()
            started.set()
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                cancelled.set()

        async with serving(application) as port:
            async with Visitor(port) as visitor:
                await visitor.send(get("/") * (1 + pipelined))
                await started.wait()
            async with asyncio.timeout(1):
                await cancelled.wait()
            await asyncio.sleep(0.05)
        assert len(visits) == 1, "those that wait for their turn never start"
        assert visits[0].gone

    run(main())


def test_an_answer_that_is_complete_is_not_cancelled(run: Any) -> None:
    async def main() -> None:
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def application(scope: Any, receive: Any, send: Any) -> None:
            visit_of(scope).cancel_when_gone()
            await answer(send)
            try:
                await asyncio.sleep(0.2)
                ended.set_result("finished")
            except asyncio.CancelledError:
                ended.set_result("cancelled")

        async with serving(application) as port:
            async with Visitor(port) as visitor:
                await visitor.ask(get("/"))
            assert await ended == "finished"

    run(main())


@pytest.mark.parametrize("chunked", [False, True])
def test_unknown_upgrades_keep_their_body_and_the_connection(run: Any, chunked: bool) -> None:
    async def main() -> None:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            body, more = b"", True
            while more:
                event = await receive()
                body, more = body + event.get("body", b""), event.get("more_body", False)
            await answer(send, visit_of(scope).target + body)

        upgrade = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
        async with serving(application) as port, Visitor(port) as visitor:
            wire = (
                post("/1", b"one", *upgrade, chunked=chunked)
                + get("/2", *upgrade)
                + post("/3", b"three", chunked=chunked)
            )
            for cut in (0, 20, len(get("/1", *upgrade)), 170, 180, 190, len(wire) - 3):
                await visitor.send(wire[:cut])
                await asyncio.sleep(0.01)
                await visitor.send(wire[cut:])
                assert [(await visitor.answer()).body for _ in range(3)] == [b"/1one", b"/2", b"/3three"]

    run(main())


def test_thousands_of_upgrades_in_one_packet(run: Any) -> None:
    async def main() -> None:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            await answer(send)

        async with serving(application) as port, Visitor(port) as visitor:
            sending = asyncio.ensure_future(visitor.send(get("/", "Connection: Upgrade", "Upgrade: x") * 3000))
            for _ in range(3000):
                assert (await visitor.answer()).status == 200
            await sending

    run(main())


@pytest.mark.parametrize("after", [0, 1])
def test_refusals_reach_a_visitor_who_still_sends(run: Any, after: int) -> None:
    """Closing at once would reset the connection, and the reset would take the answer along."""

    async def main() -> None:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            await answer(send)

        async with serving(application) as port:
            for _ in range(5):
                async with Visitor(port) as visitor:
                    for _ in range(after):
                        assert (await visitor.ask(get("/"))).status == 200
                    await visitor.send(b"nonsense\r\n\r\n")
                    with contextlib.suppress(ConnectionError):
                        for _ in range(20):
                            await visitor.send(bytes(100_000))
                    assert (await visitor.answer()).status == 400

    run(main())


def test_limits_are_those_of_the_server() -> None:
    assert VisitorProtocol.head_seconds == 20
    assert VisitorProtocol.idle_seconds == 75
    assert issubclass(RelayServer, uvicorn.Server)

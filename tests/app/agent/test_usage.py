from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.agent.usage import ConnectionMeter, TunnelMeter, greeted
from app.domain.events import Event, UsageChanged
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.domain.usage import Usage
from backend_lambda.protocol.limits import AWS_LIMITS, RELAY_LIMITS
from backend_lambda.protocol.messages import (
    Blob,
    Cancel,
    Data,
    End,
    Error,
    Goodbye,
    Message,
    Ping,
    Pong,
    Request,
    Response,
    Welcome,
    Window,
)

WELCOME = Welcome("shop", 1, "https://a1.execute-api.eu-central-1.amazonaws.com/shop/", None, "internet", AWS_LIMITS)
CONNECT = Usage(calls=1, busy_ms=20, reads=2, write_units=1)
KB = 1024


class Meters:
    """A tunnel's meter with one connection, and a clock that is set by hand."""

    def __init__(self, welcome: Welcome = WELCOME) -> None:
        self.now = 1000.0
        self.events: list[Event] = []
        self.tunnel = TunnelMeter(TunnelSpec("shop", Upstream("http", "localhost", 3000)), self.events.append)
        connection = self.tunnel.connected(welcome, Usage(), lambda: self.now)
        assert connection is not None
        self.connection = connection
        self.tunnel.usage.take()

    def exchange(self, request: Request, *replies: Message, seconds: float = 0.1) -> Usage:
        """What one request costs beside its messages."""
        self.connection.received(request, 0)
        self.now += seconds
        for reply in replies:
            self.connection.sent(reply, 0, 200)
        return self.tunnel.usage.take()


@pytest.fixture
async def meters() -> Meters:
    return Meters()


@pytest.fixture
def request_() -> Callable[..., Request]:
    return lambda **more: Request("r1", "GET", "/", [], **more)


async def test_nothing_is_counted_on_a_relay() -> None:
    events: list[Event] = []
    tunnel = TunnelMeter(TunnelSpec("shop", Upstream("http", "localhost", 3000)), events.append)
    assert tunnel.connected(replace(WELCOME, limits=RELAY_LIMITS), Usage(ws_messages=2)) is None
    tunnel.close()
    assert events == []


@pytest.mark.parametrize(("size", "steps"), [(1, 1), (32 * KB, 1), (32 * KB + 1, 2), (128 * KB, 4)])
async def test_messages_are_counted_in_steps_of_32_kb(meters: Meters, size: int, steps: int) -> None:
    meters.connection.received(Pong("1"), size)
    assert meters.tunnel.usage == Usage(ws_messages=steps)
    meters.connection.sent(Ping("1"), size, 0)
    assert meters.tunnel.usage.ws_messages == 2 * steps


@pytest.mark.parametrize(("row", "units", "reads"), [(1, 1, 1), (1024 - 32, 1, 1), (1025 - 32, 2, 1), (9000, 9, 3)])
async def test_replies_are_counted_as_rows(meters: Meters, row: int, units: int, reads: int) -> None:
    meters.connection.sent(Data("r1", 0, b""), 100, row)
    assert meters.tunnel.usage == Usage(ws_messages=1, write_units=units, reads=reads)


async def test_a_request_is_one_of_everything(meters: Meters, request_: Callable[..., Request]) -> None:
    spent = meters.exchange(request_(), Response("r1", 200, [], b"ok"))
    assert spent == Usage(requests=1, http_steps=1, write_units=1, calls=1, busy_ms=145, reads=2)
    again = meters.exchange(replace(request_(), id="r2"), Response("r2", 200, [], b"ok"), seconds=0.5)
    assert (again.busy_ms, again.reads) == (545, 1)  # the tunnel is known for ten seconds
    meters.now += 11
    assert meters.exchange(replace(request_(), id="r3"), Response("r3", 200, [])).reads == 2


async def test_an_answer_in_pieces_ends_with_its_end(meters: Meters, request_: Callable[..., Request]) -> None:
    part = bytes(600 * KB)
    head = Response("r1", 200, [], end=False)
    spent = meters.exchange(request_(), head, Data("r1", 0, part), Data("r1", 1, part), End("r1", 2))
    assert (spent.http_steps, spent.write_units, spent.busy_ms) == (3, 4, 100 + 45 + 3 * 15)


async def test_an_upload_counts_if_it_is_larger(meters: Meters, request_: Callable[..., Request]) -> None:
    meters.connection.received(request_(end=False), 0)
    meters.connection.received(Data("r1", 0, bytes(1300 * KB)), 0)
    meters.connection.sent(Response("r1", 200, [], bytes(600 * KB)), 0, 1)
    assert meters.tunnel.usage.http_steps == 3


async def test_bodies_through_the_bucket(meters: Meters, request_: Callable[..., Request]) -> None:
    spent = meters.exchange(request_(), Response("r1", 200, [], blob=Blob(2_000_000)))
    assert (spent.s3_puts, spent.s3_gets, spent.http_steps, spent.busy_ms) == (1, 1, 4, 100 + 45 + 20 + 50)
    uploaded = request_(blob=Blob(1_000_000, url="https://b"))
    spent = meters.exchange(replace(uploaded, id="r2"), Response("r2", 200, []))
    assert (spent.s3_puts, spent.s3_gets, spent.http_steps) == (1, 1, 2)
    redirected = meters.exchange(replace(request_(), id="r3"), Response("r3", 200, [], blob=Blob(90_000_000)))
    assert (redirected.s3_gets, redirected.http_steps) == (1, 1)


async def test_parts_of_a_stream_through_the_bucket(meters: Meters, request_: Callable[..., Request]) -> None:
    head = Response("r1", 200, [], end=False)
    parts = [Data("r1", number, b"", blob=Blob(4_000_000)) for number in range(3)]
    spent = meters.exchange(request_(), head, *parts, End("r1", 3))
    assert (spent.s3_puts, spent.s3_gets, spent.write_units) == (3, 3, 5)


async def test_failures_are_requests_too(meters: Meters, request_: Callable[..., Request]) -> None:
    assert meters.exchange(request_(), Error("r1", "upstream_refused")).requests == 1
    meters.connection.received(request_(), 0)
    meters.now += 25
    meters.connection.received(Cancel("r1"), 0)
    assert meters.tunnel.usage.busy_ms == 25_045


async def test_who_has_moved_leaves_the_request_to_the_other(meters: Meters, request_: Callable[..., Request]) -> None:
    spent = meters.exchange(request_(), Error("r1", "agent_moved"))
    assert spent == Usage(write_units=1, reads=2)
    assert meters.exchange(request_(), Response("r1", 200, [])).requests == 1


async def test_a_function_url_is_no_http_api(request_: Callable[..., Request]) -> None:
    meters = Meters(replace(WELCOME, path_url="https://x.lambda-url.eu-central-1.on.aws/shop/"))
    assert meters.exchange(request_(), Response("r1", 200, [])).http_steps == 0


async def test_the_function_waits_on_when_the_agent_is_gone(meters: Meters, request_: Callable[..., Request]) -> None:
    meters.connection.received(request_(), 0)
    meters.now += 3
    meters.connection.close()
    assert meters.tunnel.usage == Usage(
        requests=1, http_steps=1, connected_ms=3000, write_units=2, calls=2, busy_ms=25_045 + 20, reads=4
    )


async def test_a_request_that_came_twice_is_counted_once(meters: Meters, request_: Callable[..., Request]) -> None:
    meters.connection.received(request_(), 0)
    meters.exchange(request_(), Response("r1", 200, []))
    meters.connection.received(request_(), 0)  # a duplicate of what is answered
    meters.now += 30
    meters.connection.close()
    assert meters.tunnel.usage.requests == 0


async def test_every_message_of_a_websocket_passes_two_connections_and_the_function(meters: Meters) -> None:
    opening = Request("v1", "GET", "/ws", [], end=False, kind="websocket")
    opened = meters.exchange(opening, Response("v1", 101, [], end=False))
    assert opened == Usage(requests=1, http_steps=1, connected_ms=100, write_units=5, calls=2, busy_ms=190, reads=6)
    connection = meters.connection
    meters.now += 60
    connection.received(Data("v1", 0, bytes(24_000)), 33_000)  # deflated it would be less, there it never is
    connection.sent(Data("v1", 0, bytes(90_000)), 500, 0)
    connection.sent(Window("v1", 5000), 50, 0)
    assert meters.tunnel.usage == Usage(ws_messages=2 + 1 + 1 + 4 + 1 + 1, connected_ms=120_000, calls=3, busy_ms=45)
    meters.tunnel.usage.take()
    connection.received(End("v1", 1), 50)
    connection.sent(End("v1", 1), 50, 0)
    assert meters.tunnel.usage == Usage(ws_messages=4, write_units=2, calls=3, busy_ms=45)
    meters.tunnel.usage.take()
    meters.now += 60
    connection.tick()
    assert meters.tunnel.usage == Usage(connected_ms=60_000)


async def test_a_visitor_who_leaves_ends_the_socket(meters: Meters) -> None:
    opening = Request("v1", "GET", "/ws", [], end=False, kind="websocket")
    meters.exchange(opening, Response("v1", 101, [], end=False))
    meters.connection.received(Cancel("v1"), 50)
    assert meters.tunnel.usage == Usage(ws_messages=1, write_units=2, calls=1, busy_ms=15)
    meters.connection.sent(End("v1", 0), 50, 0)
    assert meters.tunnel.usage == Usage(ws_messages=2, write_units=2, calls=2, busy_ms=15)


async def test_visitors_are_told_that_the_agent_is_gone(meters: Meters) -> None:
    for id_ in ("v1", "v2"):
        opening = Request(id_, "GET", "/ws", [], end=False, kind="websocket")
        meters.exchange(opening, Response(id_, 101, [], end=False))
    meters.connection.close()
    assert meters.tunnel.usage == Usage(ws_messages=2, write_units=6, calls=3, busy_ms=50, reads=3)


async def test_a_refused_websocket_costs_the_asking(meters: Meters) -> None:
    opening = Request("v1", "GET", "/ws", [], end=False, kind="websocket")
    refused = meters.exchange(opening, Response("v1", 401, [], b"no", end=False), Data("v1", 0, b"x"), End("v1", 1))
    assert (refused.requests, refused.calls, refused.write_units) == (1, 2, 9)
    failed = meters.exchange(opening, Error("v1", "upstream_refused"))
    assert (failed.requests, failed.calls, failed.write_units) == (1, 2, 7)


async def test_the_agents_own_messages_call_the_function(meters: Meters) -> None:
    meters.connection.sent(Ping("1"), 30, 0)
    meters.connection.sent(Goodbye(), 30, 0)
    assert meters.tunnel.usage == Usage(ws_messages=2, write_units=2, calls=2, busy_ms=40, reads=4)


def test_a_greeting_is_a_hello_and_its_answer() -> None:
    usage = Usage()
    greeted(usage, 300, is_hello=True)
    greeted(usage, 500)
    assert usage == Usage(ws_messages=2, write_units=2, calls=1, busy_ms=20, reads=2)


async def test_what_was_used_is_told_soon_and_the_rest_at_the_end() -> None:
    told: asyncio.Queue[Event] = asyncio.Queue()
    spec = TunnelSpec("shop", Upstream("http", "localhost", 3000))
    tunnel = TunnelMeter(spec, told.put_nowait, tell_seconds=0.01)
    connection = tunnel.connected(WELCOME, Usage())
    assert isinstance(connection, ConnectionMeter)
    async with asyncio.timeout(10):
        first = await told.get()
    assert isinstance(first, UsageChanged)
    assert (first.tunnel_id, first.tunnel) == (spec.id, "shop")
    assert replace(first.spent, connected_ms=0) == CONNECT
    connection.sent(Goodbye(), 30, 0)
    tunnel.close()
    last = told.get_nowait()
    assert isinstance(last, UsageChanged)
    assert (last.spent.ws_messages, last.spent.calls) == (1, 2)  # the end of the connection is an event as well
    connection.received(Pong("1"), 10)
    await asyncio.sleep(0.03)
    assert told.empty(), "nothing is told after the end"

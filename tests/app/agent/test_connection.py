"""The handshake with a backend, its refusals, and how a dead backend is noticed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from app.agent import connection as module
from app.agent.connection import FINAL_CODES, AgentConnection, Endpoint
from app.domain.problems import HatchwayError, Problem
from backend_lambda.protocol.messages import (
    BackendMessage,
    Data,
    Error,
    Goodbye,
    Hello,
    Ping,
    Pong,
    Request,
    Superseded,
    TunnelOptions,
)
from tests.app.agent.fake_backend import FakeBackend, Link, request
from tests.app.upstream.raw_server import Peer, RawServer, answering

OPTIONS = TunnelOptions("http://localhost:3000", "public")


def opening(backend: FakeBackend) -> asyncio.Task[AgentConnection]:
    coroutine = AgentConnection.open(backend.endpoint, "shop", "owner-secret", OPTIONS)
    return asyncio.get_running_loop().create_task(coroutine)


async def opened(backend: FakeBackend, **changes: object) -> tuple[AgentConnection, Link]:
    task = opening(backend)
    return await_both(await backend.online(**changes), await task)


def await_both(link: Link, connection: AgentConnection) -> tuple[AgentConnection, Link]:
    return connection, link


async def problem_of(task: asyncio.Task[AgentConnection]) -> Problem:
    with pytest.raises(HatchwayError) as raised:
        async with asyncio.timeout(5):
            await task
    return raised.value.problem


async def test_hello_says_who_and_what_and_welcome_is_kept(backend: FakeBackend) -> None:
    task = opening(backend)
    link = await backend.link()
    hello = await link.expect(Hello)
    assert (hello.tunnel, hello.owner, hello.binary) == ("shop", "owner-secret", True)
    assert hello.options == replace(OPTIONS, blobs=True)
    welcome = backend.welcome(hello)
    await link.send(welcome)
    connection = await task
    assert connection.welcome == welcome
    assert connection.limits == welcome.limits
    assert backend.upgrades[0].headers["Authorization"] == "Bearer secret-token"
    assert "Origin" not in backend.upgrades[0].headers
    await connection.close()
    assert await link.ended() == 1000


async def test_without_a_token_none_is_sent(backend: FakeBackend) -> None:
    endpoint = Endpoint(backend.endpoint.url)
    task = asyncio.get_running_loop().create_task(AgentConnection.open(endpoint, "shop", "o", OPTIONS))
    await backend.online()
    await (await task).close()
    assert "Authorization" not in backend.upgrades[0].headers


async def test_hello_is_repeated_until_there_is_a_welcome(
    backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_HELLO_AGAIN_SECONDS", 0.02)
    task = opening(backend)
    link = await backend.link()
    first, second = await link.expect(Hello), await link.expect(Hello)
    assert first == second
    welcome = backend.welcome(first)
    await link.send(welcome, welcome, request())
    connection = await task
    got: list[BackendMessage] = []
    running = asyncio.get_running_loop().create_task(connection.run(got.append))
    await link.send(Superseded(2))
    await link.socket.close()
    assert await running is None
    # The second welcome was dropped.
    assert [type(message) for message in got] == [Request, Superseded]


async def test_what_overtakes_the_welcome_is_kept(backend: FakeBackend) -> None:
    task = opening(backend)
    link = await backend.link()
    hello = await link.expect(Hello)
    early = (request(1, method="POST", end=False), Data("r1", 0, b"body"), Superseded(9))
    await link.send(*early, backend.welcome(hello))
    connection = await task
    got: list[BackendMessage] = []
    await link.send(request(2))
    await link.socket.close()
    assert await connection.run(got.append) is None
    assert got == [*early, request(2)]


async def test_not_too_much_may_overtake_it(backend: FakeBackend) -> None:
    task = opening(backend)
    link = await backend.link()
    for seq in range(300):
        await link.send(Data("r1", seq, b""))
    assert (await problem_of(task)).code == "malformed"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_token_is_final(backend: FakeBackend, status: int) -> None:
    backend.refuse = status
    problem = await problem_of(opening(backend))
    assert (problem.code, problem.side) == ("bad_token", "you")
    assert problem.code in FINAL_CODES


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
async def test_another_refusal_of_the_upgrade_is_worth_another_try(backend: FakeBackend, status: int) -> None:
    backend.refuse = status
    problem = await problem_of(opening(backend))
    assert problem.code == "relay_refused"
    assert str(status) in problem.title
    assert problem.code not in FINAL_CODES


@pytest.mark.parametrize(
    ("code", "final"),
    [
        ("name_taken", True),
        ("bad_name", True),
        ("unsupported_version", True),
        ("bad_token", True),
        ("throttled", False),
        ("from_the_future", False),
    ],
)
async def test_an_error_instead_of_a_welcome_is_told(backend: FakeBackend, code: str, final: bool) -> None:
    task = opening(backend)
    link = await backend.link()
    await link.expect(Hello)
    await link.send(Error("", code, "Words from the backend."))
    problem = await problem_of(task)
    assert problem.code == code
    assert (problem.code in FINAL_CODES) is final
    assert problem.title
    await link.ended()


async def test_a_silent_backend_is_given_up(backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WELCOME_SECONDS", 0.1)
    task = opening(backend)
    link = await backend.link()
    assert (await problem_of(task)).code == "relay_silent"
    await link.ended()


@pytest.mark.parametrize("wire", ["garbage", b"\0\1", "[]", '{"type":"welcome"}', '{"type":"hello"}'])
async def test_a_backend_that_talks_nonsense_is_told_as_such(backend: FakeBackend, wire: str | bytes) -> None:
    task = opening(backend)
    link = await backend.link()
    await link.socket.send(wire)
    problem = await problem_of(task)
    assert problem.code == "malformed"
    assert "not a Hatchway relay" in problem.title
    await link.ended()


async def test_a_backend_that_hangs_up_during_the_handshake(backend: FakeBackend) -> None:
    task = opening(backend)
    await (await backend.link()).socket.close(1011)
    assert (await problem_of(task)).code == "relay_lost"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "bad_relay_url"),
        ("ws://", "bad_relay_url"),
        ("ws://no-such-host.invalid/", "relay_unreachable"),
    ],
)
async def test_an_address_that_leads_nowhere(url: str, code: str) -> None:
    with pytest.raises(HatchwayError) as raised:
        await AgentConnection.open(Endpoint(url), "shop", "o", OPTIONS)
    assert raised.value.problem.code == code


async def test_a_relay_that_does_not_run(dead_port: int) -> None:
    with pytest.raises(HatchwayError) as raised:
        await AgentConnection.open(Endpoint(f"ws://127.0.0.1:{dead_port}/"), "shop", "o", OPTIONS)
    assert raised.value.problem.code == "relay_unreachable"
    assert "not running" in raised.value.problem.title


async def _banner(peer: Peer) -> None:
    await peer.send(b"SSH-2.0-OpenSSH\r\n")
    await peer.gone()


async def test_something_that_is_no_relay() -> None:
    async with RawServer(_banner) as server:
        with pytest.raises(HatchwayError) as raised:
            await AgentConnection.open(Endpoint(f"ws://127.0.0.1:{server.port}/"), "shop", "o", OPTIONS)
        assert raised.value.problem.code == "relay_refused"


async def test_the_token_is_not_carried_to_another_place() -> None:
    """A relay that redirects elsewhere must not make the agent show its token there."""
    async with RawServer(answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as elsewhere:
        location = f"ws://localhost:{elsewhere.port}/stolen".encode()
        redirect = b"HTTP/1.1 307 Elsewhere\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
        async with RawServer(answering(redirect)) as server:
            endpoint = Endpoint(f"ws://127.0.0.1:{server.port}/", "secret-token")
            with pytest.raises(HatchwayError):
                await AgentConnection.open(endpoint, "shop", "o", OPTIONS)
        assert not any(request.values(b"authorization") for request in elsewhere.requests)


async def test_cancelling_the_handshake_drops_the_connection_at_once(backend: FakeBackend) -> None:
    task = opening(backend)
    link = await backend.link()
    await link.expect(Hello)
    before = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await link.ended()
    assert time.monotonic() - before < 0.5


@pytest.mark.parametrize(
    "wire",
    ["garbage", '{"type":"hello"}', '{"type":"request","id":"r1"}', b'{"type":"data","id":"r1"}\nx', "x" * 3_000_000],
    ids=lambda wire: str(wire)[:40],
)
async def test_a_backend_that_breaks_the_protocol_is_left(backend: FakeBackend, wire: str | bytes) -> None:
    connection, link = await opened(backend)
    await link.socket.send(wire)
    problem = await connection.run(lambda _: None)
    assert problem is not None
    assert (problem.code, problem.side) == ("malformed", "relay")
    await link.ended()


async def test_types_of_the_future_are_ignored(backend: FakeBackend) -> None:
    connection, link = await opened(backend)
    got: list[BackendMessage] = []
    await link.socket.send('{"type":"hologram","id":7}')
    await link.send(Data("r9", 0, b"x"))
    await link.socket.close()
    assert await connection.run(got.append) is None
    assert got == [Data("r9", 0, b"x")]


async def test_an_error_of_the_whole_connection_ends_it(backend: FakeBackend) -> None:
    connection, link = await opened(backend)
    await link.send(Error("", "name_taken"))
    problem = await connection.run(lambda _: None)
    assert problem is not None
    assert problem.code == "name_taken"


async def test_a_lost_connection_is_told(backend: FakeBackend) -> None:
    connection, link = await opened(backend)
    link.socket.transport.abort()
    problem = await connection.run(lambda _: None)
    assert problem is not None
    assert (problem.code, problem.side) == ("relay_lost", "network")


async def test_goodbye(backend: FakeBackend) -> None:
    connection, link = await opened(backend)
    await connection.say_goodbye(release=True)
    assert await link.expect(Goodbye) == Goodbye(True)
    link.socket.transport.abort()
    await connection.run(lambda _: None)
    await connection.say_goodbye(release=True)  # fine on a dead one


class TestHeartbeat:
    @pytest.fixture(autouse=True)
    def fast(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_PONG_SECONDS", 0.05)

    async def test_a_backend_that_answers_pings_stays(self, backend: FakeBackend) -> None:
        connection, link = await opened(backend, limits={"ping": 10})
        running = asyncio.get_running_loop().create_task(connection.run(lambda _: None))
        for number in ("1", "2", "3"):
            ping = await link.anything()
            assert ping == Ping(number)
            await link.send(Pong(number))
        assert not running.done()
        await link.socket.close()
        assert await running is None

    async def test_a_backend_that_talks_is_not_pinged(self, backend: FakeBackend) -> None:
        connection, link = await opened(backend, limits={"ping": 200})
        running = asyncio.get_running_loop().create_task(connection.run(lambda _: None))
        for seq in range(8):
            await asyncio.sleep(0.04)
            await link.send(Data("r1", seq, b""))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await link.socket.recv()
        await link.socket.close()
        assert await running is None

    async def test_a_dead_backend_is_noticed(self, backend: FakeBackend) -> None:
        connection, link = await opened(backend, limits={"ping": 10})
        async with asyncio.timeout(2):
            problem = await connection.run(lambda _: None)
        assert problem is not None
        assert problem.code == "relay_lost"
        await link.ended()

    async def test_a_backend_that_takes_nothing_any_more_is_noticed(self, backend: FakeBackend) -> None:
        """Then the ping itself cannot be sent."""
        connection, link = await opened(backend, limits={"ping": 50})
        link.socket.transport.pause_reading()

        async def flood() -> None:
            for seq in range(1000):
                await connection.send(Data("r1", seq, bytes(60_000)))

        flooding = asyncio.get_running_loop().create_task(flood())
        async with asyncio.timeout(3):
            problem = await connection.run(lambda _: None)
        assert problem is not None
        assert problem.code == "relay_lost"
        await asyncio.gather(flooding, return_exceptions=True)

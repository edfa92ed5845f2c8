"""The failure matrix of the first milestone, line by line: status, page and JSON; never a stack trace, never a hang."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from app.domain.problems import HatchwayError
from app.domain.tunnel import TunnelState
from app.relay.application import RelayConfig
from app.relay.server import bind
from tests.e2e.service import Call, Script, Service, closing, plain
from tests.e2e.tunnels import Agent, Relay, Tunnel, agent_process, kill, relay_here
from tests.e2e.visitor import Answer, Visitor, ask, get, post


def is_our_page(answer: Answer, status: int, code: str, *private: object) -> None:
    """A page of ours that names nothing private."""
    assert (answer.status, answer.header("x-hatchway-error")) == (status, code)
    for word in (b"Traceback", b"127.0.0.1", b"localhost", *(str(word).encode() for word in private)):
        assert word not in answer.body


BOTH = pytest.mark.parametrize("accept", ["text/html", "application/json"])


@BOTH
async def test_unknown_tunnel_404(relay: Relay, accept: str) -> None:
    wants = f"Accept: {accept}"
    for request in (get("/no-such/x", wants), get("/no-such", wants), get("/", wants, host="no-such.localhost")):
        answer = await ask(relay.port, request)
        is_our_page(answer, 404, "unknown_tunnel")
        assert (b"<!doctype" in answer.body) == (accept == "text/html")


@pytest.mark.parametrize(
    "target", ["/", "/UPPER/", "/-a/", "/a_b/", "/%61bc/", "/" + "a" * 64 + "/", "/__hw/", "/__hw/other", "/..", "/?x"]
)
async def test_names_that_no_tunnel_can_have_404(relay: Relay, target: str) -> None:
    is_our_page(await ask(relay.port, get(target)), 404, "unknown_tunnel")


@BOTH
async def test_known_tunnel_offline_503_with_retry_after(agent: Agent, tunnel: Tunnel, accept: str) -> None:
    await agent.supervisor.stop(tunnel.spec.id)
    answer = await ask(tunnel.relay.port, get(tunnel.path(), f"Accept: {accept}"))
    is_our_page(answer, 503, "agent_offline")
    assert int(answer.header("retry-after") or 0) > 0


async def test_a_released_name_is_forgotten_404(agent: Agent, tunnel: Tunnel) -> None:
    await agent.supervisor.stop(tunnel.spec.id, release=True)
    is_our_page(await ask(tunnel.relay.port, get(tunnel.path())), 404, "unknown_tunnel")


@BOTH
async def test_upstream_refuses_502_without_its_address(agent: Agent, relay: Relay, accept: str) -> None:
    async with Service() as service:
        port = service.port
    tunnel = await agent.open(port)
    answer = await ask(relay.port, get(tunnel.path(), f"Accept: {accept}"))
    is_our_page(answer, 502, "upstream_refused", port)
    assert b"service" in answer.body


async def test_upstream_slower_than_its_timeout_504(agent: Agent, service: Service) -> None:
    async def silent(call: Call) -> None:
        await call.until_gone(5)

    service.script = silent
    tunnel = await agent.open(service.port, response_timeout=0.2)
    is_our_page(await ask(tunnel.relay.port, get(tunnel.path())), 504, "upstream_timeout", service.port)


async def test_upstream_slower_than_the_relays_deadline_504(service: Service) -> None:
    gone = asyncio.get_running_loop().create_future()

    async def silent(call: Call) -> None:
        gone.set_result(await call.until_gone(5))

    service.script = silent
    async with relay_here(RelayConfig(deadline=0.2)) as relay:
        agent = Agent(relay)
        tunnel = await agent.open(service.port)
        is_our_page(await ask(relay.port, get(tunnel.path())), 504, "deadline", service.port)
        assert await gone, "the request at the service must be cancelled"
        await agent.aclose()


INVALID = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "status 999": b"HTTP/1.1 999 Request denied\r\nContent-Length: 0\r\n\r\n",
    "status 600": b"HTTP/1.1 600 Odd\r\nContent-Length: 0\r\n\r\n",
    "status 099": b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
    "101 unasked": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "600 headers": b"HTTP/1.1 200 OK\r\n"
    + b"".join(b"X-%d: v\r\n" % n for n in range(600))
    + b"Content-Length: 0\r\n\r\n",
    "huge header": b"HTTP/1.1 200 OK\r\nX-Big: " + b"v" * 100_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "control in value": b"HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 0\r\n\r\n",
    "NUL in value": b"HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n",
    "odd name": b"HTTP/1.1 200 OK\r\nX(A): b\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("name", INVALID)
async def test_answers_that_make_no_sense_are_a_502_and_the_tunnel_lives(
    agent: Agent, tunnel: Tunnel, service: Service, name: str
) -> None:
    service.script = closing(INVALID[name])
    answer = await ask(tunnel.relay.port, get(tunnel.path()))
    assert answer.status == 502
    assert answer.header("x-hatchway-error") in ("upstream_invalid", "upstream_cut")
    service.script = plain
    assert (await ask(tunnel.relay.port, get(tunnel.path()))).status == 200
    status = agent.supervisor.status(tunnel.spec.id)
    assert status is not None
    assert status.generation == 1, "the agent's connection must survive"


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"], ids=["silent", "in the head"])
async def test_upstream_dies_before_its_head_502(tunnel: Tunnel, service: Service, before: bytes) -> None:
    service.script = closing(before)
    is_our_page(await ask(tunnel.relay.port, get(tunnel.path())), 502, "upstream_cut", service.port)


@pytest.mark.parametrize("version", ["1.1", "1.0"])
@pytest.mark.parametrize("framing", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("how", ["close", "abort"])
async def test_upstream_dies_mid_body_is_cut_visibly(
    tunnel: Tunnel, service: Service, framing: str, version: str, how: str
) -> None:
    async def dies(call: Call) -> None:
        await call.send(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode())
        await call.send(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
        await asyncio.sleep(0.1)
        call.abort() if how == "abort" else call.writer.close()

    service.script = dies
    answer = await ask(tunnel.relay.port, get(tunnel.path(), version=version))
    assert (answer.status, answer.complete) == (200, False)


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
async def test_upstream_dies_mid_body_of_a_short_answer(tunnel: Tunnel, service: Service, framing: str) -> None:
    service.script = closing(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n3\r\nabc\r\n".encode())
    answer = await ask(tunnel.relay.port, get(tunnel.path()))
    # So short that nothing has gone out yet: then a page is better than a torn answer.
    assert (answer.status, answer.complete) in ((200, False), (502, True))


@pytest.mark.slow
class TestAgentKilled:
    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
    async def test_mid_request_502(self, relay: Relay, service: Service, how: signal.Signals) -> None:
        async def silent(call: Call) -> None:
            arrived.set()
            await call.until_gone(5)

        arrived = asyncio.Event()
        service.script = silent
        name = f"killed-{os.getpid()}-{int(how)}"
        async with agent_process(relay, service.port, name) as process, Visitor(relay.port) as visitor:
            await visitor.send(get(f"/{name}/"))
            await arrived.wait()
            kill(process, how)
            is_our_page(await visitor.answer(seconds=2), 502, "agent_gone", service.port)
            is_our_page(await visitor.ask(get(f"/{name}/")), 503, "agent_offline")

    async def test_mid_body_cut(self, relay: Relay, service: Service) -> None:
        async def stream(call: Call) -> None:
            await call.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            await call.until_gone(5)

        service.script = stream
        name = f"cut-{os.getpid()}"
        async with agent_process(relay, service.port, name) as process, Visitor(relay.port) as visitor:
            await visitor.send(get(f"/{name}/"))
            await visitor.head()
            assert await visitor.chunk() == b"abc"
            kill(process)
            assert await visitor.closed(2)

    async def test_mid_upload_502(self, relay: Relay, service: Service) -> None:
        async def half(call: Call) -> None:
            arrived.set()
            await call.until_gone(5)

        arrived = asyncio.Event()
        service.script = half
        name = f"upload-{os.getpid()}"
        async with agent_process(relay, service.port, name) as process, Visitor(relay.port) as visitor:
            await visitor.send(get(f"/{name}/", "Content-Length: 9000000", method="POST") + b"x" * 500_000)
            await arrived.wait()
            kill(process)
            is_our_page(await visitor.answer(seconds=2), 502, "agent_gone")


class TestOnlyTheConfiguredUpstream:
    @pytest.fixture
    async def canary(self) -> AsyncIterator[Service]:
        """A service next door that must never be reached."""
        async with Service() as canary:
            yield canary
            assert (canary.connections, canary.calls) == (0, [])

    @pytest.mark.parametrize(
        "target",
        [
            "//127.0.0.1:{canary}/x",
            "/@127.0.0.1:{canary}/x",
            "/..%2f..%2f127.0.0.1:{canary}",
            "/../../127.0.0.1:{canary}",
            "http://127.0.0.1:{canary}/x",
            "/http://127.0.0.1:{canary}/x",
            "/:{canary}/x",
            "/.localhost:{canary}/",
            "/\\127.0.0.1:{canary}\\x",
            "/;@127.0.0.1:{canary}",
            "/#@127.0.0.1:{canary}/",
            "/%0d%0aHost:%20127.0.0.1:{canary}",
            "/?url=http://127.0.0.1:{canary}/",
            "///127.0.0.1:{canary}",
        ],
    )
    async def test_paths(self, tunnel: Tunnel, service: Service, canary: Service, target: str) -> None:
        inner = target.format(canary=canary.port)
        port = tunnel.relay.port
        outer = inner if inner.startswith("http") else tunnel.path(inner)
        assert (await ask(port, get(outer))).status in (200, 308, 404)
        in_host_mode = await ask(port, get(inner, host=f"{tunnel.name}.localhost"))
        assert in_host_mode.status in (200, 308, 404)
        assert {call.target for call in service.calls} <= {inner.encode()}

    @pytest.mark.parametrize(
        "header",
        [
            "X-Forwarded-Host",
            "X-Forwarded-Server",
            "Forwarded",
            "X-Original-URL",
            "X-Rewrite-URL",
            "Referer",
            "Origin",
            "X-Host",
        ],
    )
    async def test_headers(self, tunnel: Tunnel, service: Service, canary: Service, header: str) -> None:
        value = f"http://127.0.0.1:{canary.port}/"
        assert (await ask(tunnel.relay.port, get(tunnel.path(), f"{header}: {value}"))).status == 200
        assert service.last.header("host") == f"127.0.0.1:{service.port}"

    async def test_hosts(self, tunnel: Tunnel, service: Service, canary: Service) -> None:
        host = f"127.0.0.1:{canary.port}"
        assert (await ask(tunnel.relay.port, get(tunnel.path(), host=host))).status == 200
        assert service.last.header("host") == f"127.0.0.1:{service.port}"

    async def test_redirects_are_passed_on_not_followed(
        self, tunnel: Tunnel, service: Service, canary: Service
    ) -> None:
        location = f"http://127.0.0.1:{canary.port}/x"
        service.script = closing(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
        answer = await ask(tunnel.relay.port, get(tunnel.path()))
        assert (answer.status, answer.header("location")) == (302, location)


async def test_header_injection_through_the_answer(tunnel: Tunnel, service: Service) -> None:
    service.script = closing(b"HTTP/1.1 200 OK\r\nX-A: b\rX-Injected: 1\r\nContent-Length: 0\r\n\r\n")
    answer = await ask(tunnel.relay.port, get(tunnel.path()))
    assert answer.status == 502
    assert answer.header("x-injected") is None


async def test_a_second_owner_is_refused_and_told_why(relay: Relay, tunnel: Tunnel, service: Service) -> None:
    other = Agent(relay, owner="somebody else")
    spec = other.start(service.port, tunnel.name)
    status = await other.reaches(spec, TunnelState.FAILED)
    assert status.problem is not None
    assert (status.problem.code, status.problem.side) == ("name_taken", "you")
    assert "another" in status.problem.title.lower()
    assert status.problem.hint
    assert (await ask(relay.port, get(tunnel.path()))).status == 200
    await other.aclose()


async def test_the_owner_keeps_the_name_while_offline(agent: Agent, tunnel: Tunnel, service: Service) -> None:
    await agent.supervisor.stop(tunnel.spec.id)
    other = Agent(tunnel.relay, owner="somebody else")
    await other.reaches(other.start(service.port, tunnel.name), TunnelState.FAILED)
    await other.aclose()
    again = await agent.open(service.port, tunnel.name)
    assert (await ask(again.relay.port, get(again.path()))).status == 200


async def test_a_port_in_use_is_explained(relay: Relay) -> None:
    with pytest.raises(HatchwayError) as caught:
        bind(RelayConfig(port=relay.port))
    assert caught.value.problem.code == "port_in_use"
    assert str(relay.port) in caught.value.problem.title
    assert caught.value.problem.side == "you"


def _script_of(head: bytes) -> Script:
    return closing(head)


async def test_one_broken_tunnel_does_not_touch_another(agent: Agent, tunnel: Tunnel) -> None:
    async with Service(_script_of(b"garbage")) as broken:
        bad = await agent.open(broken.port)
        answers = await asyncio.gather(
            *(ask(tunnel.relay.port, get((bad if number % 2 else tunnel).path())) for number in range(20))
        )
    assert [answer.status for answer in answers] == [502 if number % 2 else 200 for number in range(20)]


async def test_uploads_to_nowhere_end_in_the_page(agent: Agent, tunnel: Tunnel) -> None:
    await agent.supervisor.stop(tunnel.spec.id)
    for chunked in (False, True):
        answer = await ask(tunnel.relay.port, post(tunnel.path(), b"x" * 3_000_000, chunked=chunked))
        is_our_page(answer, 503, "agent_offline")

"""Who is let in: hosts that are ours, one Host that is a host, and a relay that proves itself without its secret."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from app.relay.__main__ import TOKEN_VARIABLE
from app.relay.application import RelayConfig
from tests.app.relay.test_process import relay_child
from tests.e2e.service import Service
from tests.e2e.tunnels import Agent, Relay, Tunnel, relay_here
from tests.e2e.visitor import Answer, ask, get

HANDSHAKE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
TOKEN = "a-token-of-good-length"
KINDS = pytest.mark.parametrize("more", [(), HANDSHAKE], ids=["HTTP", "WebSocket"])


def assert_refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.header("x-hatchway-error")) == (status, code)


@KINDS
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.5"])
async def test_a_rebound_name_reaches_no_service(
    tunnel: Tunnel, service: Service, host: str, more: tuple[str, ...]
) -> None:
    named = f"{host}:{tunnel.relay.port}"
    answer = await ask(tunnel.relay.port, get(tunnel.path(), f"Origin: http://{named}", *more, host=named))
    assert_refused(answer, 421, "misdirected")
    absolute = f"http://{named}{tunnel.path()}"
    assert_refused(await ask(tunnel.relay.port, get(absolute, *more)), 421, "misdirected")
    assert service.calls == []


async def test_a_browser_is_told_in_words(tunnel: Tunnel) -> None:
    answer = await ask(tunnel.relay.port, get(tunnel.path(), "Accept: text/html", host="evil.example"))
    assert answer.status == 421
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert b"does not answer for this host name" in answer.body


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "LOCALHOST.", "a.b.localhost"])
async def test_our_own_names_are_served(tunnel: Tunnel, service: Service, host: str) -> None:
    answer = await ask(tunnel.relay.port, get(tunnel.path(), host=f"{host}:{tunnel.relay.port}"))
    assert answer.status == 200
    assert service.last.header("host") == f"127.0.0.1:{service.port}"
    health = await ask(tunnel.relay.port, get("/__hw/health", host=host))
    assert json.loads(health.body)["hatchway"] == "relay"


async def test_the_health_is_for_our_own_names(relay: Relay) -> None:
    assert_refused(await ask(relay.port, get("/__hw/health", host="evil.example")), 421, "misdirected")
    without = b"GET /__hw/health HTTP/1.%d\r\n\r\n"
    assert (await ask(relay.port, without % 0)).status == 200
    assert_refused(await ask(relay.port, without % 1), 400, "bad_request")


@KINDS
@pytest.mark.parametrize("target", ["/T/", "http://localhost/T/"], ids=["origin form", "absolute form"])
@pytest.mark.parametrize(
    "hosts",
    [
        (),
        ("Host: localhost", "Host: localhost"),
        ('Host: a b"<x>',),
        ("Host: x@localhost",),
        ("Host: a:b:c",),
        ("Host:",),
    ],
    ids=["none", "two", "odd", "user", "colons", "empty"],
)
async def test_a_host_that_is_none_is_a_400(
    tunnel: Tunnel, service: Service, hosts: tuple[str, ...], more: tuple[str, ...], target: str
) -> None:
    lines = (f"GET {target.replace('T', tunnel.name)} HTTP/1.1", *hosts, *more, "", "")
    assert_refused(await ask(tunnel.relay.port, "\r\n".join(lines).encode()), 400, "bad_request")
    assert service.calls == []


@KINDS
async def test_the_absolute_target_chooses_the_tunnel(agent: Agent, more: tuple[str, ...]) -> None:
    async with Service() as one, Service() as other:
        first, second = await agent.open(one.port), await agent.open(other.port)
        target = f"http://{second.name}.localhost/x"
        answer = await ask(first.relay.port, get(target, *more, host=f"{first.name}.localhost"))
        assert answer.status == 200
        assert (one.calls, other.last.target) == ([], b"/x")


class TestAgents:
    async def test_without_a_token_only_our_own_names_connect_agents(self, relay: Relay) -> None:
        answer = await ask(relay.port, get("/__hw/agent", *HANDSHAKE, host="tunnels.example.com"))
        assert_refused(answer, 421, "misdirected")
        assert (await ask(relay.port, get("/__hw/agent", *HANDSHAKE))).status == 101

    async def test_a_token_says_more_than_a_name(self) -> None:
        async with relay_here(RelayConfig(tokens=(("me", TOKEN),))) as relay:
            request = get("/__hw/agent", *HANDSHAKE, f"Authorization: Bearer {TOKEN}", host="tunnels.example.com")
            assert (await ask(relay.port, request)).status == 101


class TestProof:
    NONCE = "0123456789abcdef" * 2

    async def test_the_embedded_relay_proves_its_token(self) -> None:
        async with relay_child(**{TOKEN_VARIABLE: TOKEN}) as (_, relay):
            for nonce in (self.NONCE, self.NONCE * 4):
                health = await ask(relay.port, get("/__hw/health", f"Hatchway-Nonce: {nonce}"))
                proof = hmac.new(TOKEN.encode(), nonce.encode(), hashlib.sha256).hexdigest()
                assert json.loads(health.body) == {"hatchway": "relay", "protocol": 1, "proof": proof}
            for odd in (self.NONCE[1:], self.NONCE * 5, "G" * 32, ""):
                health = await ask(relay.port, get("/__hw/health", f"Hatchway-Nonce: {odd}"))
                assert "proof" not in json.loads(health.body)

    async def test_no_other_relay_does(self) -> None:
        """Tokens that people chose could be guessed with it."""
        async with relay_here(RelayConfig(tokens=(("me", TOKEN),))) as relay:
            health = await ask(relay.port, get("/__hw/health", f"Hatchway-Nonce: {self.NONCE}"))
            assert (health.status, json.loads(health.body)) == (200, {"hatchway": "relay", "protocol": 1})

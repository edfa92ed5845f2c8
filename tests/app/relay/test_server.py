"""Where a relay may listen, the URL it then has, and what changes behind a proxy."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from websockets.asyncio.server import ServerConnection

from app.domain.problems import HatchwayError
from app.relay.application import RelayConfig
from app.relay.server import base_url, bind, claim_port
from tests.e2e.service import Service, Sockets, answering
from tests.e2e.tunnels import Agent, Relay, relay_here
from tests.e2e.visitor import Visitor, ask, get

TOKENS = (("me", "a-token-of-good-length"),)


@contextlib.contextmanager
def bound(config: RelayConfig) -> Iterator[socket.socket]:
    listener = bind(config)
    try:
        yield listener
    finally:
        listener.close()


def code_of(config: RelayConfig) -> str:
    with pytest.raises(HatchwayError) as caught, bound(config):
        pass
    assert caught.value.problem.side == "you"
    assert caught.value.problem.hint
    return caught.value.problem.code


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.5", "::1"])
def test_loopback_needs_no_token(host: str) -> None:
    with bound(RelayConfig(host)) as listener:
        assert listener.getsockname()[1] > 0


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "192.168.77.1", "example.com", "localhost.evil.test", "127.0.0.1.nip.io"]
)
def test_everything_else_is_refused_without_a_token(host: str) -> None:
    assert code_of(RelayConfig(host)) == "token_needed"


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_with_a_token_it_listens(host: str) -> None:
    with bound(RelayConfig(host, tokens=TOKENS)):
        pass


def test_a_port_in_use_is_named() -> None:
    with bound(RelayConfig()) as listener:
        assert code_of(RelayConfig(port=listener.getsockname()[1])) == "port_in_use"


@pytest.mark.parametrize("host", ["192.0.2.77", "a" * 70, "a..b"])
def test_an_address_of_somebody_else_is_refused(host: str) -> None:
    assert code_of(RelayConfig(host, tokens=TOKENS)) == "bad_address"


@pytest.mark.parametrize(
    "public_url", ["https://t.example.com", "http://192.168.1.5:4780", "https://localhost.evil.test"]
)
def test_behind_a_public_proxy_loopback_needs_a_token_too(public_url: str) -> None:
    assert code_of(RelayConfig("127.0.0.1", public_url=public_url)) == "token_needed"
    with bound(RelayConfig("127.0.0.1", public_url=public_url, tokens=TOKENS)):
        pass


@pytest.mark.parametrize("public_url", ["https://localhost", "http://a.localhost:8080", "http://[::1]:80"])
def test_behind_a_proxy_of_this_computer_it_needs_none(public_url: str) -> None:
    with bound(RelayConfig("127.0.0.1", public_url=public_url)):
        pass
    assert code_of(RelayConfig("0.0.0.0", public_url=public_url)) == "token_needed"


def test_a_local_name_that_means_a_public_address_needs_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every resolver knows that names below .localhost are this computer's."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.77", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert code_of(RelayConfig("relay.localhost")) == "token_needed"


@pytest.mark.parametrize(("platform", "option"), [("win32", -5), ("linux", socket.SO_REUSEADDR)])
def test_nobody_can_share_the_port(monkeypatch: pytest.MonkeyPatch, platform: str, option: int) -> None:
    class Options:
        def __init__(self) -> None:
            self.set: list[tuple[int, int, int]] = []

        def setsockopt(self, *option: int) -> None:
            self.set.append(option)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)
    monkeypatch.setattr("app.relay.server.sys", SimpleNamespace(platform=platform))
    options = Options()
    claim_port(options)  # type: ignore[arg-type]
    assert options.set == [(socket.SOL_SOCKET, option, 1)]


@pytest.mark.parametrize(
    ("config", "url"),
    [
        (RelayConfig(), "http://127.0.0.1:81"),
        (RelayConfig("localhost"), "http://localhost:81"),
        (RelayConfig("::1"), "http://[::1]:81"),
        (RelayConfig("192.168.1.5"), "http://192.168.1.5:81"),
        (RelayConfig(public_url="https://relay.example.com/"), "https://relay.example.com"),
        (RelayConfig("0.0.0.0", public_url="https://a.example:8443"), "https://a.example:8443"),
    ],
)
def test_the_url_of_a_relay(config: RelayConfig, url: str) -> None:
    assert base_url(config, 81) == url


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_a_relay_on_every_address_names_one_that_others_can_use(host: str) -> None:
    url = base_url(RelayConfig(host), 81)
    assert url.startswith("http://")
    assert url.endswith(":81")
    assert not any(useless in url for useless in ("0.0.0.0", "::", "//:"))


async def test_a_relay_on_ipv6_loopback_serves(service: Service) -> None:
    async with relay_here(RelayConfig("::1")) as relay:
        assert relay.url == f"http://[::1]:{relay.port}"
        async with Visitor(relay.port, "::1") as visitor:
            answer = await visitor.ask(get("/__hw/health", host=f"[::1]:{relay.port}"))
            assert json.loads(answer.body)["hatchway"] == "relay"


class TestBehindAProxy:
    """https://tunnels.example.com in front, plain HTTP to us; the proxy keeps Host."""

    HOST = "tunnels.example.com"

    @pytest.fixture
    async def relay(self) -> object:
        async with relay_here(RelayConfig(public_url=f"https://{self.HOST}", tokens=TOKENS)) as relay:
            yield relay

    async def test_urls_and_scope(self, relay: Relay, service: Service) -> None:
        agent = Agent(relay, TOKENS[0][1])
        tunnel = await agent.open(service.port)
        status = agent.supervisor.status(tunnel.spec.id)
        assert status is not None
        assert status.urls is not None
        assert (status.urls.path, status.urls.host) == (f"https://{self.HOST}/{tunnel.name}/", None)
        assert status.scope == "internet"
        await agent.aclose()

    async def test_cookies_redirects_and_origin(self, relay: Relay, service: Service) -> None:
        service.script = answering(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/next\r\nSet-Cookie: a=1; Path=/\r\n"
            b"Access-Control-Allow-Origin: http://127.0.0.1:%d\r\nContent-Length: 0\r\n\r\n"
            % (service.port, service.port)
        )
        agent = Agent(relay, TOKENS[0][1])
        tunnel = await agent.open(service.port)
        sent = (f"Origin: https://{self.HOST}", f"Referer: https://{self.HOST}{tunnel.path('/a?b')}")
        answer = await ask(relay.port, get(tunnel.path(), *sent, host=self.HOST))
        own = f"http://127.0.0.1:{service.port}"
        assert (service.last.header("origin"), service.last.header("referer")) == (own, f"{own}/a?b")
        assert answer.header("location") in (f"https://{self.HOST}/{tunnel.name}/next", f"/{tunnel.name}/next")
        assert answer.header("set-cookie") == f"a=1; Path=/{tunnel.name}; Secure"
        assert answer.header("access-control-allow-origin") == f"https://{self.HOST}"
        await agent.aclose()

    async def test_the_origin_of_a_websocket(self, relay: Relay) -> None:
        origins: list[str | None] = []

        async def look(connection: ServerConnection) -> None:
            assert connection.request is not None
            origins.append(connection.request.headers.get("Origin"))

        agent = Agent(relay, TOKENS[0][1])
        async with Sockets(look) as sockets:
            tunnel = await agent.open(sockets.port)
            handshake = (
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                f"Origin: https://{self.HOST}",
            )
            assert (await ask(relay.port, get(tunnel.path(), *handshake, host=self.HOST))).status == 101
            await agent.aclose()
        assert origins == [f"http://127.0.0.1:{sockets.port}"]

    async def test_sub_domains_name_tunnels(self, relay: Relay, service: Service) -> None:
        agent = Agent(relay, TOKENS[0][1])
        tunnel = await agent.open(service.port)
        assert (await ask(relay.port, get("/x", host=f"{tunnel.name}.{self.HOST}"))).status == 200
        assert service.last.target == b"/x"
        await agent.aclose()

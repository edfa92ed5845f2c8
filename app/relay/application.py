"""The relay as one ASGI application: its own few paths, agents, visitors' requests and WebSockets."""

from __future__ import annotations

import ipaddress
import json
import logging
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from uvicorn.protocols.utils import ClientDisconnected

from app.relay.agents import AgentEndpoint
from app.relay.push import SocketPush
from app.relay.replies import QueueReplyBox
from app.relay.sockets import SocketEndpoint
from app.relay.store import MemoryTunnelStore
from app.relay.tokens import Tokens
from app.relay.visitors import VisitorEndpoint
from backend_lambda.core.forward import Forwarder, FrontDoor
from backend_lambda.core.ports import Ports
from backend_lambda.core.sessions import Reach
from backend_lambda.protocol.limits import PROTOCOL_VERSION, RELAY_LIMITS, Limits

_log = logging.getLogger(__name__)

AGENT_PATH = "/__hw/agent"
HEALTH_PATH = "/__hw/health"


@dataclass(frozen=True, slots=True)
class RelayConfig:
    """host, port: where it listens; port 0 takes a free one
    public_url: where visitors reach it if a proxy stands in front, without a trailing slash
    tokens: (principal, token) pairs; none means that agents need no token
    max_body: bytes of a request body, None for no limit
    deadline: seconds until the head of an answer
    """

    host: str = "127.0.0.1"
    port: int = 0
    public_url: str | None = None
    tokens: tuple[tuple[str, str], ...] = ()
    max_body: int | None = None
    deadline: float = RELAY_LIMITS.deadline / 1000


class RelayApplication:
    """Wires the core to its in-process adapters; `base_url` is known only once the port is."""

    def __init__(self, config: RelayConfig, base_url: str) -> None:
        limits = _limits(config)
        push, replies = SocketPush(), QueueReplyBox(limits)
        ports = Ports(MemoryTunnelStore(), push, replies)
        parts = urlsplit(base_url)
        public_host = parts.hostname or "localhost"
        scheme = parts.scheme if config.public_url else None
        bases = tuple(dict.fromkeys(("localhost", public_host)))
        forwarder = Forwarder(ports, FrontDoor(limits, bases, config.max_body))
        reach = Reach(lambda name: tunnel_urls(base_url, name), scope_of(config.host, public_host))
        self._tokens = Tokens(config.tokens)
        self._agents = AgentEndpoint(ports, push, replies, limits, reach, self._tokens)
        self._visitors = VisitorEndpoint(forwarder, scheme)
        self._sockets = SocketEndpoint(ports, limits, forwarder, scheme)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            endpoint = self._agents if scope["raw_path"] == AGENT_PATH.encode() else self._sockets
            try:
                await endpoint.serve(scope, receive, send)
            except ClientDisconnected:
                return
            except Exception:
                # uvicorn's own report of it is switched off together with its chatter.
                _log.exception("websocket failed")
                raise
        elif scope["hatchway"].target == HEALTH_PATH.encode():
            await _health(send, self._knows(scope["headers"]))
        else:
            await self._visitors.serve(scope, receive, send)

    def _knows(self, headers: list[tuple[bytes, bytes]]) -> bool:
        """Whether the token, if one is shown, is of this relay: so a Hatchway can tell its own from a stranger's."""
        shown = next((value for name, value in headers if name.lower() == b"authorization"), None)
        return shown is None or self._tokens.principal(shown.decode("latin-1")) is not None


def tunnel_urls(base_url: str, name: str) -> tuple[str, str | None]:
    """(path URL, host URL) of a tunnel. Loopback gets *.localhost, which browsers resolve by themselves
    (RFC 6761 section 6.3); an IP address has no sub-domains."""
    parts = urlsplit(base_url)
    host, port = parts.hostname or "localhost", f":{parts.port}" if parts.port else ""
    path_url = f"{base_url}/{name}/"
    if host == "localhost" or _loopback(host):
        return path_url, f"{parts.scheme}://{name}.localhost{port}/"
    return path_url, None


def scope_of(bind_host: str, public_host: str) -> Literal["computer", "network", "internet"]:
    """How far the URLs really reach."""
    if public_host == "localhost" or public_host.endswith(".localhost") or _loopback(public_host):
        return "computer"
    try:
        return "network" if not ipaddress.ip_address(public_host).is_global else "internet"
    except ValueError:
        local = "." not in public_host or public_host.endswith((".local", ".lan", ".internal", ".home.arpa"))
        return "network" if local else "internet"


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _limits(config: RelayConfig) -> Limits:
    base = RELAY_LIMITS
    return Limits(
        base.message, base.inline, base.chunk, base.window, int(config.deadline * 1000), base.ping, base.lifetime
    )  # fmt: skip


async def _health(send: Any, known: bool) -> None:
    body = json.dumps({"hatchway": "relay", "protocol": PROTOCOL_VERSION}).encode() + b"\n"
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200 if known else 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})

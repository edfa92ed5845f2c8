"""The relay as one ASGI application: its own few paths, agents, visitors' requests and WebSockets."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from uvicorn.protocols.utils import ClientDisconnected

from app.domain.hosts import ip_address, is_loopback_host
from app.relay.agents import AgentEndpoint
from app.relay.hosts import Hosts, RequestRefused, Scope
from app.relay.push import SocketPush
from app.relay.replies import QueueReplyBox
from app.relay.sockets import SocketEndpoint, refuse_socket
from app.relay.store import MemoryTunnelStore
from app.relay.tokens import Tokens, prove
from app.relay.visitors import VisitorEndpoint, text_headers
from backend_lambda.core.forward import Forwarder
from backend_lambda.core.front_door import FrontDoor
from backend_lambda.core.model import PublicResponse, header
from backend_lambda.core.pages import failure_response
from backend_lambda.core.ports import Ports
from backend_lambda.core.sessions import Reach
from backend_lambda.protocol.limits import PROTOCOL_VERSION, RELAY_LIMITS, Limits

_log = logging.getLogger(__name__)

AGENT_PATH = "/__hw/agent"
HEALTH_PATH = "/__hw/health"
NONCE_HEADER = "hatchway-nonce"

# Long enough that no answer can have been collected before; hex, so that it is nothing else that somebody would sign.
_NONCE = re.compile(r"[0-9a-f]{32,128}")


@dataclass(frozen=True, slots=True)
class RelayConfig:
    """host, port: where it listens; port 0 takes a free one
    public_url: where visitors reach it if a proxy stands in front, without a trailing slash
    tokens: (principal, token) pairs; none means that agents need no token
    proof_token: whoever asks can see that the relay knows this token, though not the token itself; only for random
        ones, since others could be guessed with the answer
    max_body: bytes of a request body, None for no limit
    deadline: seconds until the head of an answer
    """

    host: str = "127.0.0.1"
    port: int = 0
    public_url: str | None = None
    tokens: tuple[tuple[str, str], ...] = ()
    proof_token: str | None = None
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
        door = FrontDoor(limits, bases, config.max_body, host_url=lambda name: tunnel_urls(base_url, name)[1])
        forwarder = Forwarder(ports, door)
        reaches = scope_of(public_host)
        reach = Reach(lambda name: tunnel_urls(base_url, name), reaches)
        self._hosts = Hosts(reaches, public_host)
        self._proof_token = config.proof_token
        self._tokens = Tokens(config.tokens)
        self._agents = AgentEndpoint(ports, push, replies, limits, reach, self._tokens)
        self._visitors = VisitorEndpoint(forwarder, self._hosts, scheme)
        self._sockets = SocketEndpoint(ports, limits, forwarder, self._hosts, scheme)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            try:
                await self._websocket(scope, receive, send)
            except ClientDisconnected:
                return
            except Exception:
                # uvicorn's own report of it is switched off together with its chatter.
                _log.exception("websocket failed")
                raise
        elif scope["hatchway"].target == HEALTH_PATH.encode():
            await self._health(scope, send)
        else:
            await self._visitors.serve(scope, receive, send)

    async def _websocket(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["raw_path"] != AGENT_PATH.encode():
            await self._sockets.serve(scope, receive, send)
            return
        if not self._tokens:
            # Behind a proxy that nobody told us of, everybody could be an agent. A token says more than a name.
            try:
                self._hosts.choose(_named(scope), scope["hatchway.authority"])
            except RequestRefused as refused:
                await refuse_socket(send, failure_response(refused.code, text_headers(scope["headers"])))
                return
        await self._agents.serve(scope, receive, send)

    async def _health(self, scope: Any, send: Any) -> None:
        """That a relay is here and, for whoever asks with a nonce, that it is the one that knows the token."""
        headers = text_headers(scope["headers"])
        try:
            self._hosts.choose(_named(scope), None, needed=scope["http_version"] == "1.1")
        except RequestRefused as refused:
            await _answer(send, failure_response(refused.code, headers))
            return
        fields: dict[str, object] = {"hatchway": "relay", "protocol": PROTOCOL_VERSION}
        nonce = header(headers, NONCE_HEADER)
        if nonce is not None and self._proof_token is not None and _NONCE.fullmatch(nonce):
            fields["proof"] = prove(self._proof_token, nonce)
        body = json.dumps(fields).encode() + b"\n"
        own = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        await _answer(send, PublicResponse(200, own, body))


def tunnel_urls(base_url: str, name: str) -> tuple[str, str | None]:
    """(path URL, host URL) of a tunnel. Loopback gets *.localhost, which browsers resolve by themselves
    (RFC 6761 section 6.3); an IP address has no sub-domains."""
    parts = urlsplit(base_url)
    host, port = parts.hostname or "localhost", f":{parts.port}" if parts.port else ""
    path_url = f"{base_url}/{name}/"
    if is_loopback_host(host):
        return path_url, f"{parts.scheme}://{name}.localhost{port}/"
    return path_url, None


def scope_of(public_host: str) -> Scope:
    """How far the URLs really reach."""
    if is_loopback_host(public_host):
        return "computer"
    if (address := ip_address(public_host)) is not None:
        return "internet" if address.is_global else "network"
    local = "." not in public_host or public_host.endswith((".local", ".lan", ".internal", ".home.arpa"))
    return "network" if local else "internet"


def _limits(config: RelayConfig) -> Limits:
    base = RELAY_LIMITS
    return Limits(
        base.message, base.inline, base.chunk, base.window, int(config.deadline * 1000), base.ping, base.lifetime
    )  # fmt: skip


def _named(scope: Any) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"host"]


async def _answer(send: Any, answer: PublicResponse) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})

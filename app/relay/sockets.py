"""Visitors' WebSockets: ASGI on one side, the bridge of the core on the other, both directions at once."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected

from app.relay.hosts import Hosts, RequestRefused
from app.relay.visitors import text_headers, visitor_address
from backend_lambda.core.bridge import Bridge, Closed, open_bridge
from backend_lambda.core.destination import Refused
from backend_lambda.core.forward import Forwarder
from backend_lambda.core.model import PublicRequest, PublicResponse
from backend_lambda.core.pages import failure_response
from backend_lambda.core.ports import ConnectionGone, Ports
from backend_lambda.protocol.limits import Limits

# Chosen by our server for this hop; the bridge's headers must not repeat them.
_HANDSHAKE = ("sec-websocket-accept", "sec-websocket-protocol", "sec-websocket-extensions", "upgrade", "connection")


class SocketEndpoint:
    """Serves every WebSocket that is not an agent's."""

    def __init__(
        self, ports: Ports, limits: Limits, forwarder: Forwarder, hosts: Hosts, proxy_scheme: str | None
    ) -> None:
        """proxy_scheme: http or https as visitors use it through a proxy in front of us, None without a proxy."""
        self._ports = ports
        self._limits = limits
        self._forwarder = forwarder
        self._hosts = hosts
        self._proxy_scheme = proxy_scheme

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Bridge one WebSocket to its end."""
        await receive()  # websocket.connect
        try:
            request = _request(scope, self._hosts, self._proxy_scheme)
            bridge = await self._open(request, receive)
        except Refused as refused:
            await refuse_socket(send, refused.response)
            return
        if bridge is None:
            return
        async with bridge:
            with contextlib.suppress(ClientDisconnected):
                await send(
                    {
                        "type": "websocket.accept",
                        "subprotocol": bridge.subprotocol,
                        "headers": [
                            (name.encode("latin-1"), value.encode("latin-1"))
                            for name, value in bridge.headers
                            if name.lower() not in _HANDSHAKE
                        ],
                    }
                )
                await self._run(bridge, receive, send)

    async def _open(self, request: PublicRequest, receive: Any) -> Bridge | None:
        """None if the visitor does not wait for the service's answer. Raises Refused."""
        destination = await self._forwarder.find(request)
        loop = asyncio.get_running_loop()
        opening = loop.create_task(open_bridge(self._ports, self._limits, request, destination), name="websocket open")
        # Before it is accepted, nothing but its end can come.
        leaving = loop.create_task(receive(), name="websocket left")
        try:
            await asyncio.wait((opening, leaving), return_when=asyncio.FIRST_COMPLETED)
            return opening.result() if opening.done() else None
        finally:
            for task in (opening, leaving):
                task.cancel()
            await asyncio.gather(opening, leaving, return_exceptions=True)

    async def _run(self, bridge: Bridge, receive: Any, send: Any) -> None:
        inbound = asyncio.get_running_loop().create_task(_to_upstream(bridge, receive), name="websocket in")
        outbound = asyncio.get_running_loop().create_task(_to_visitor(bridge, send), name="websocket out")
        try:
            await asyncio.wait((inbound, outbound), return_when=asyncio.FIRST_COMPLETED)
            if inbound.done() and not inbound.cancelled() and not inbound.result():
                # The agent went away under a message of the visitor: let the other direction say so.
                await asyncio.wait((outbound,), timeout=1)
        finally:
            for task in (inbound, outbound):
                task.cancel()
            await asyncio.gather(inbound, outbound, return_exceptions=True)


async def _to_upstream(bridge: Bridge, receive: Any) -> bool:
    """True when the visitor closed, False when there is no agent any more."""
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            code = event.get("code")
            if "reason" in event:  # a closing handshake; where it is missing, the bridge cancels
                # 1005 and 1006 are never sent (RFC 6455 section 7.4.1); they mean "without a code".
                await bridge.close(None if code in (1005, 1006) else code, event["reason"] or "")
            return True
        text = event.get("text")
        try:
            if text is not None:
                await bridge.send(text.encode("utf-8"), text=True)
            else:
                await bridge.send(event["bytes"], text=False)
        except ConnectionGone:
            return False


async def _to_visitor(bridge: Bridge, send: Any) -> None:
    while True:
        got = await bridge.receive()
        if isinstance(got, Closed):
            with contextlib.suppress(ClientDisconnected, RuntimeError):
                await send({"type": "websocket.close", "code": got.code, "reason": got.reason})
            return
        try:
            if got.text:
                await send({"type": "websocket.send", "text": got.body.decode("utf-8", "replace")})
            else:
                await send({"type": "websocket.send", "bytes": got.body})
        except (ClientDisconnected, RuntimeError):
            return


def _request(scope: Any, hosts: Hosts, proxy_scheme: str | None) -> PublicRequest:
    """Raises Refused (400, 421)."""
    query = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    headers = text_headers(scope["headers"])
    named = [value for name, value in headers if name.lower() == "host"]
    try:
        host = hosts.choose(named, scope["hatchway.authority"])
    except RequestRefused as refused:
        raise Refused(failure_response(refused.code, headers)) from None
    return PublicRequest(
        method="GET",
        target=target.decode("latin-1"),
        headers=headers,
        scheme=proxy_scheme or ("https" if scope["scheme"] == "wss" else "http"),
        host=host,
        client=visitor_address(scope, behind_proxy=proxy_scheme is not None),
        received=time.time_ns() // 1000,
    )


async def refuse_socket(send: Any, answer: PublicResponse) -> None:
    """Answer a handshake with an ordinary response; a streamed body is not passed on."""
    body = answer.body if isinstance(answer.body, bytes) else b""
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.headers
        if name.lower() not in ("transfer-encoding", "content-length")
    ]
    with contextlib.suppress(ClientDisconnected):
        await send({"type": "websocket.http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})

"""The agents' endpoint: one WebSocket an agent, the session of the core behind it."""

from __future__ import annotations

import contextlib
import logging
import secrets
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected

from app.relay.push import SocketPush
from app.relay.replies import QueueReplyBox
from app.relay.tokens import Tokens
from app.relay.watchdog import Watchdog
from backend_lambda.core.ports import ConnectionGone, Ports
from backend_lambda.core.sessions import AgentSession, Reach, failure
from backend_lambda.protocol.codec import decode, encode
from backend_lambda.protocol.errors import FAILURES, ProtocolError
from backend_lambda.protocol.limits import Limits

_log = logging.getLogger(__name__)


class AgentEndpoint:
    """Serves `/__hw/agent`."""

    def __init__(
        self, ports: Ports, push: SocketPush, replies: QueueReplyBox, limits: Limits, reach: Reach, tokens: Tokens
    ) -> None:
        self._ports = ports
        self._push = push
        self._replies = replies
        self._limits = limits
        self._reach = reach
        self._tokens = tokens

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Run one agent connection to its end."""
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        principal = self._tokens.principal(headers.get(b"authorization"))
        # Agents are programs. A browser always sends Origin on WebSockets, so no page can pose as an agent.
        if b"origin" in headers or principal is None:
            await _refuse(scope, send, "bad_token")
            return
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        watchdog = Watchdog(scope["hatchway.abort"], self._limits)
        try:
            await self._run(receive, send, principal, watchdog)
        finally:
            watchdog.stop()

    async def _run(self, receive: Any, send: Any, principal: str, watchdog: Watchdog) -> None:
        connection_id = secrets.token_hex(8)
        session = AgentSession(self._ports, self._limits, self._reach, connection_id, principal)
        self._push.sockets[connection_id] = _Socket(send, session, watchdog)
        try:
            while not session.closed:
                event = await receive()
                if event["type"] != "websocket.receive":
                    return
                watchdog.hear()
                wire = event.get("bytes")
                try:
                    message = decode(
                        event["text"] if wire is None else wire,
                        max_message=self._limits.message,
                        max_body=self._limits.message,
                    )
                    # Every type of the protocol decodes; those only a backend may send are not in the table.
                    if message is not None and await session.receive(message):  # type: ignore[arg-type]
                        self._replies.deliver(connection_id, message)  # type: ignore[arg-type]
                    watchdog.greeted = session.claimed
                except ProtocolError as error:
                    _log.info("agent refused connection=%s code=%s", connection_id, error.code)
                    await _last_words(send, error)
                    return
        except (ConnectionGone, ClientDisconnected):
            return
        finally:
            del self._push.sockets[connection_id]
            self._replies.connection_gone(connection_id)
            await session.ended()
            with contextlib.suppress(ClientDisconnected, RuntimeError):
                await send({"type": "websocket.close", "code": 1000})


class _Socket:
    def __init__(self, send: Any, session: AgentSession, watchdog: Watchdog) -> None:
        self._send = send
        self._session = session
        self._watchdog = watchdog

    @property
    def binary(self) -> bool:
        return self._session.binary

    async def send(self, wire: str | bytes) -> None:
        kind = "bytes" if isinstance(wire, bytes) else "text"
        number = self._watchdog.send_begins()
        try:
            await self._send({"type": "websocket.send", kind: wire})
        except (ClientDisconnected, RuntimeError) as error:
            raise ConnectionGone from error
        finally:
            self._watchdog.send_ends(number)

    async def close(self) -> None:
        with contextlib.suppress(ClientDisconnected, RuntimeError):
            await self._send({"type": "websocket.close", "code": 1000})


async def _last_words(send: Any, error: ProtocolError) -> None:
    with contextlib.suppress(ClientDisconnected, RuntimeError):
        await send({"type": "websocket.send", "text": encode(failure(error), binary=False)})
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})


async def _refuse(scope: Any, send: Any, code: str) -> None:
    words = FAILURES[code]
    body = f"{words.title} {words.hint}\n".encode()
    await send(
        {
            "type": "websocket.http.response.start",
            "status": words.status,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"www-authenticate", b"Bearer")],
        }
    )
    await send({"type": "websocket.http.response.body", "body": body})

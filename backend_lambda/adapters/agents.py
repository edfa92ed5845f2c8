"""Agents' connections as events: `$connect`, `$disconnect`, and every message that is no reply (those never come here).

Each event may run in another process, in any order, so what a connection is stands in the table.
"""

from __future__ import annotations

import logging
from typing import Any

from backend_lambda.adapters.connection_table import ConnectionTable
from backend_lambda.core.ports import ConnectionGone, Ports
from backend_lambda.core.sessions import AgentSession, Reach, failure
from backend_lambda.protocol.codec import decode
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import AgentMessage, Hello

_log = logging.getLogger(__name__)


class AgentEvents:
    """Serves the WebSocket API."""

    def __init__(self, ports: Ports, table: ConnectionTable, limits: Limits, reach: Reach) -> None:
        self._ports = ports
        self._table = table
        self._limits = limits
        self._reach = reach

    async def serve(self, event: dict[str, Any]) -> dict[str, Any]:
        """The result says to the gateway whether to accept a connection; for other events it says nothing."""
        context = event["requestContext"]
        connection_id = context["connectionId"]
        match context["eventType"]:
            case "CONNECT":
                return {"statusCode": self._connect(connection_id, event)}
            case "DISCONNECT":
                await self._disconnect(connection_id)
            case _:
                await self._message(connection_id, event.get("body") or "")
        return {"statusCode": 200}

    def _connect(self, connection_id: str, event: dict[str, Any]) -> int:
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        # Agents are programs. A browser always sends Origin on WebSockets, so no page can pose as an agent.
        if "origin" in headers:
            return 403
        scheme, _, token = headers.get("authorization", "").partition(" ")
        principal = self._table.principal(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
        if principal is None:
            return 401
        self._table.opened(connection_id, principal)
        return 200

    async def _disconnect(self, connection_id: str) -> None:
        row = self._table.read(connection_id)
        if row is not None and row.tunnel is not None:
            await self._ports.tunnels.release(row.tunnel, connection_id, forget=False)
        self._table.closed(connection_id)

    async def _message(self, connection_id: str, text: str) -> None:
        row = self._table.read(connection_id)
        if row is None:
            await self._ports.push.close(connection_id)
            return
        session = AgentSession(self._ports, self._limits, self._reach, connection_id, row.principal)
        try:
            message = decode(text, max_message=self._limits.message, max_body=self._limits.message)
            if message is None:
                return
            # A second hello means that the welcome was lost, or is late: claiming again is harmless.
            if not isinstance(message, Hello):
                session.resume(row.tunnel, row.generation)
            await session.receive(_of_agent(message))
            if isinstance(message, Hello):
                self._table.claimed(connection_id, *session.claim)
        except ProtocolError as error:
            _log.info("agent refused connection=%s code=%s", connection_id, error.code)
            await self._refuse(connection_id, error)
        except ConnectionGone:
            return

    async def _refuse(self, connection_id: str, error: ProtocolError) -> None:
        try:
            await self._ports.push.send(connection_id, failure(error))
        except ConnectionGone:
            return
        await self._ports.push.close(connection_id)


def _of_agent(message: Any) -> AgentMessage:
    """Every type of the protocol decodes; the session's table refuses those only a backend may send."""
    agent: AgentMessage = message
    return agent

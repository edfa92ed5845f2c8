"""The WebSocket API's events: `$connect`, `$disconnect`, and every message that is no reply (those never come here).

Agents' are served here, those of visitors' WebSockets handed on.

Each event may run in another process, in any order, so what a connection is stands in the table.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Coroutine
from typing import Any, Final

from backend_lambda.adapters.admission import Admission
from backend_lambda.adapters.clients import code_of
from backend_lambda.adapters.connection_table import ConnectionTable
from backend_lambda.adapters.patience import is_temporary, patiently
from backend_lambda.adapters.visitor_sockets import VisitorSockets
from backend_lambda.core.ports import ConnectionGone, Ports, Throttled
from backend_lambda.core.sessions import AgentSession, Reach, failure
from backend_lambda.core.visitor_messages import connection_of, is_of_visitor
from backend_lambda.protocol.codec import decode
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import AgentMessage, Data, End, Error, Hello, Window

TICKET: Final = "hw"
"""The query parameter with which visitors' WebSockets come."""

_OF_EXCHANGES: Final = frozenset({"data", "end", "window", "error"})
_log = logging.getLogger(__name__)


class AgentEvents:
    """Serves the WebSocket API."""

    def __init__(
        self,
        ports: Ports,
        table: ConnectionTable,
        visitors: VisitorSockets,
        limits: Limits,
        reach: Reach,
        admission: Admission,
    ) -> None:
        self._ports = ports
        self._admission = admission
        self._visitors = visitors
        self._table = table
        self._limits = limits
        self._reach = reach

    async def serve(self, event: dict[str, Any]) -> dict[str, Any]:
        """The result says to the gateway whether to accept a connection; for other events it says nothing."""
        context = event["requestContext"]
        connection_id = context["connectionId"]
        match context["eventType"]:
            case "CONNECT":
                return await self._connect(connection_id, event)
            case "DISCONNECT":
                await _guarded(self._disconnect(connection_id), connection_id, "disconnect")
            case _:
                text = event.get("body") or ""
                # Of a WebSocket no message may be lost in silence: if this fails, the gateway tells the sender, who
                # sends it again.
                if not await self._of_a_socket(connection_id, text):
                    await _guarded(self._message(connection_id, text), connection_id, "message")
        return {"statusCode": 200}

    async def _connect(self, connection_id: str, event: dict[str, Any]) -> dict[str, Any]:
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        ticket = (event.get("queryStringParameters") or {}).get(TICKET)
        if ticket is not None and "authorization" not in headers:
            work = self._visitors.connect(connection_id, ticket, headers.get("sec-websocket-protocol", ""))
            result = await _answered(work, connection_id)
            self._admission.count_visitor(result["statusCode"])
            return result
        return {"statusCode": await self._admission.open(connection_id, headers)}

    async def _disconnect(self, connection_id: str) -> None:
        row = await patiently(lambda: self._table.read(connection_id))
        if row is None:
            await self._visitors.left(connection_id)
            return
        if row.tunnel is not None:
            await self._ports.tunnels.release(row.tunnel, connection_id, forget=False)
        await patiently(lambda: self._table.closed(connection_id))
        await self._visitors.agent_left(connection_id)

    async def _message(self, connection_id: str, text: str) -> None:
        row = await patiently(lambda: self._table.read(connection_id))
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
                await patiently(lambda: self._table.claimed(connection_id, *session.claim))
        except ProtocolError as error:
            _log.info("agent refused connection=%s code=%s", connection_id, error.code)
            await self._refuse(connection_id, error)
        except ConnectionGone:
            return

    async def _of_a_socket(self, connection_id: str, text: str) -> bool:
        """Hand on what belongs to a visitor's WebSocket: the way of every message of it, so nothing is read for it that
        is remembered."""
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            return False
        if is_of_visitor(fields):
            await self._visitors.receive(connection_id, fields)
            return True
        if not isinstance(fields, dict) or fields.get("type") not in _OF_EXCHANGES:
            return False
        if connection_of(str(fields.get("id", ""))) is None:
            return False
        try:
            message = decode(text, max_message=self._limits.message, max_body=self._limits.message)
        except ProtocolError as error:
            _log.info("agent's message for a visitor refused connection=%s code=%s", connection_id, error.code)
            return True
        if isinstance(message, Data | End | Window | Error):
            await self._visitors.deliver(connection_id, message)
        return True

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


async def _answered(work: Coroutine[Any, Any, dict[str, Any]], connection_id: str) -> dict[str, Any]:
    """The result of a visitor's `$connect`; a failure is a status, and words in the log."""
    try:
        return await work
    except Exception as error:
        if not (isinstance(error, Throttled) or is_temporary(error)):
            _log.exception("a visitor's WebSocket could not be opened connection=%s", connection_id)
            return {"statusCode": 500}
        reason = code_of(error) or type(error).__name__
        _log.warning("AWS did not take a visitor's WebSocket connection=%s reason=%s", connection_id, reason)
        return {"statusCode": 503}


async def _guarded(work: Coroutine[Any, Any, None], connection_id: str, what: str) -> None:
    """AWS's bad moments are no failure of the function, and what they cost mends itself: an agent repeats its hello and
    its pings, rows of connections that are gone expire. Raises what is our own fault, with words in the log."""
    try:
        await work
    except Exception as error:
        if not (isinstance(error, Throttled) or is_temporary(error)):
            _log.exception("%s failed connection=%s", what, connection_id)
            raise
        reason = code_of(error) or type(error).__name__
        _log.warning("AWS did not take a %s connection=%s reason=%s", what, connection_id, reason)

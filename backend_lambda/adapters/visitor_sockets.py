"""Visitors' WebSockets as events of the WebSocket API, bridged to the agent's connection message by message.

Each event may run in another process and in any order: both ends put messages back in order by their numbers, and
neither sends more than the other has room for, so that they never get far apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import replace
from typing import Any, Final

from backend_lambda.adapters.clients import code_of
from backend_lambda.adapters.patience import is_temporary, patiently
from backend_lambda.adapters.visitor_table import VisitorRow, VisitorTable
from backend_lambda.core.bridge import open_bridge
from backend_lambda.core.destination import Refused
from backend_lambda.core.forward import Forwarder
from backend_lambda.core.model import PublicRequest
from backend_lambda.core.ports import ConnectionGone, Ports, SocketTicket, Throttled
from backend_lambda.core.visitor_messages import connection_of, exchange_of, for_visitor, from_visitor
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Window

# Seconds between looks for a ticket, which its page sends at the same time by the other API.
_LOOKS: Final = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2)
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
_MOST: Final = 500  # WebSockets of one agent: each is a connection on somebody's computer
_FRESH: Final = 30.0  # seconds; before its $connect has returned, a connection takes no posts
# Milliseconds for the service's answer; with the looks it must be less than the 29 s of the WebSocket API.
_DEADLINE: Final = 24_000
_log = logging.getLogger(__name__)


class VisitorSockets:
    """client: `apigatewaymanagementapi`"""

    def __init__(self, ports: Ports, forwarder: Forwarder, table: VisitorTable, client: Any, limits: Limits) -> None:
        self._ports = ports
        self._forwarder = forwarder
        self._table = table
        self._client = client
        self._limits = replace(limits, deadline=min(limits.deadline, _DEADLINE))

    async def connect(self, connection_id: str, ticket_id: str, protocols: str) -> dict[str, Any]:
        """`$connect` of a visitor: its result, once the service has accepted or refused."""
        ticket = await self._ticket(ticket_id)
        if ticket is None:
            return {"statusCode": 403}
        offered = [("Sec-WebSocket-Protocol", protocols)] if protocols else []
        request = PublicRequest(
            "GET", ticket.target, [*ticket.headers, *offered], "https", ticket.host, ticket.client,
            received=time.time_ns() // 1000,
        )  # fmt: skip
        row: VisitorRow | None = None
        try:
            exchange = exchange_of(connection_id)
            to = await self._forwarder.find(request, fresh=True)
            if len(self._table.visitors_of(to.connection_id)) >= _MOST:
                return {"statusCode": 429}
            # Before the agent is asked: what the service says at once must find it.
            row = await patiently(lambda: self._table.opened(connection_id, to.record.name, to.connection_id))
            bridge = await open_bridge(self._ports, self._limits, request, to, exchange)
        except Refused as refused:
            if row is not None:
                self._table.closed(connection_id, row)
            # A gateway takes 2xx for consent, whatever else it says.
            status = refused.response.status
            return {"statusCode": status if status >= 300 else 502}
        chosen = {"Sec-WebSocket-Protocol": bridge.subprotocol} if bridge.subprotocol else {}
        return {"statusCode": 200, "headers": chosen}

    async def receive(self, connection_id: str, fields: dict[str, Any]) -> None:
        """A message of a visitor, on its way to the agent. Raises Throttled, and what AWS raises."""
        row = await self._row(connection_id)
        if row is None:
            await self._ports.push.close(connection_id)
            return
        exchange = exchange_of(connection_id)
        try:
            message = from_visitor(fields, exchange, max_body=self._limits.chunk)
            await self._ports.push.send(row.agent, message)
        except ConnectionGone:
            await self._end(connection_id, row, "agent_gone")
        except ProtocolError as error:
            _log.info("visitor's WebSocket refused connection=%s %s", connection_id, error.detail)
            await self._cancel(connection_id, row)
            await self._end(connection_id, row, "malformed")

    async def deliver(self, agent: str, message: Data | End | Window | Error) -> None:
        """A message of an agent for a visitor; nothing happens if that is not one of its own."""
        connection_id = connection_of(message.id)
        if connection_id is None:
            return
        row = await self._row(connection_id)
        if row is None:
            if isinstance(message, Data | Window):
                await self._tell_gone(agent, message.id)
            return
        if row.agent != agent:
            _log.warning("a message for another agent's visitor connection=%s", agent)
            return
        if not await self._post(connection_id, row, for_visitor(message)):
            await self._cancel(connection_id, row)
            self._table.closed(connection_id, row)
            await self._ports.push.close(connection_id)

    async def left(self, connection_id: str) -> None:
        """`$disconnect` of a visitor; nothing happens if it was none."""
        row = await self._row(connection_id)
        if row is not None:
            await self._cancel(connection_id, row)
            self._table.closed(connection_id, row)

    async def agent_left(self, agent: str) -> None:
        """`$disconnect` of an agent: its visitors hear of it now, not with their next message."""
        for connection_id in self._table.visitors_of(agent):
            row = await self._row(connection_id)
            if row is not None:
                await self._end(connection_id, row, "agent_gone")

    async def _row(self, connection_id: str) -> VisitorRow | None:
        return await patiently(lambda: self._table.visitor(connection_id))

    async def _ticket(self, id: str) -> SocketTicket | None:
        for pause in (*_LOOKS, None):
            ticket = self._table.redeem(id)
            if ticket is not None or pause is None:
                return ticket
            await asyncio.sleep(pause)
        return None

    async def _end(self, connection_id: str, row: VisitorRow, code: str) -> None:
        """Tell the page that it is over; it closes, since the gateway can give no reason when it does."""
        await self._post(connection_id, row, for_visitor(Error("", code)))
        self._table.closed(connection_id, row)

    async def _cancel(self, connection_id: str, row: VisitorRow) -> None:
        await self._tell_gone(row.agent, exchange_of(connection_id))

    async def _tell_gone(self, agent: str, exchange: str) -> None:
        with contextlib.suppress(ConnectionGone, Throttled):
            await self._ports.push.send(agent, Cancel(exchange, "the visitor went away"))

    async def _post(self, connection_id: str, row: VisitorRow, text: str) -> bool:
        """False if the visitor has gone, or takes nothing any more."""
        for pause in (*_PAUSES, None):
            try:
                self._client.post_to_connection(ConnectionId=connection_id, Data=text.encode())
                self._table.reached(connection_id, row)
                return True
            except Exception as error:
                code = code_of(error)
                if code not in ("GoneException", "LimitExceededException"):
                    if pause is None or not is_temporary(error):
                        raise
                elif pause is None or (code == "GoneException" and self._table.age(row) > _FRESH):
                    return False
            await asyncio.sleep(pause)
        return False

"""One HTTP request: call the upstream, record every step, answer on the connection the request came on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator

from websockets.exceptions import ConnectionClosed

from app.agent.body import IncomingBody
from app.agent.connection import AgentConnection
from app.agent.context import TunnelContext
from app.domain.events import ExchangeFinished, ExchangeResponded, ExchangeStarted
from app.domain.exchange import Exchange, ExchangeState
from app.domain.problems import Problem
from app.domain.upstream import Upstream
from app.upstream.api import UpstreamError, UpstreamRequest, UpstreamResponse
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.heads import is_sendable
from backend_lambda.protocol.messages import Data, End, Error, Headers, Request, Response, Window

_log = logging.getLogger(__name__)

RELAY_LOST = Problem("relay_lost", "The connection to the relay ended before the answer was complete", "network")
OUR_FAULT = Problem("internal", "Hatchway failed to handle this request", "Hatchway", "Please report it with the log.")
VISITOR_GONE = Problem("visitor_gone", "The visitor went away before the answer was complete", "visitor")

# A short answer whose body comes in a second packet is still sent as one message if it comes this soon.
_LINGER_SECONDS = 0.005


class HttpExchange:
    """Run it once; `push` and `credit` are fed by the connection meanwhile."""

    def __init__(self, context: TunnelContext, connection: AgentConnection, request: Request) -> None:
        self._context = context
        self._connection = connection
        self._request = request
        self._record = context.exchange(request)
        self.credit = Credit(connection.limits.window)
        self.connection_lost = False  # set before the cancellation that it explains
        self.body = None if request.end else IncomingBody(connection.limits.window, self._grant)

    async def run(self) -> None:
        """Ends quietly whatever happens; what happened stands in the record and went to the relay."""
        record, publish = self._record, self._context.publish
        publish(ExchangeStarted(record))
        try:
            await self._forward()
            record.state = ExchangeState.DONE
        except UpstreamError as error:
            record.state, record.problem = ExchangeState.FAILED, error.problem
            await self._report(error.problem.code)
        except asyncio.CancelledError:
            if self.connection_lost:
                record.state, record.problem = ExchangeState.FAILED, RELAY_LOST
            else:
                record.state, record.problem = ExchangeState.CANCELLED, VISITOR_GONE
        except ConnectionClosed:
            record.state, record.problem = ExchangeState.FAILED, RELAY_LOST
        except ProtocolError as error:
            record.state = ExchangeState.FAILED
            record.problem = Problem("malformed", f"The relay broke the protocol ({error.detail})", "relay")
            await self._report("relay_failure")
        except Exception:
            _log.exception("exchange failed id=%s tunnel=%s", record.id, record.tunnel)
            record.state, record.problem = ExchangeState.FAILED, OUR_FAULT
            await self._report("agent_protocol")
        finally:
            record.finished_ns = time.time_ns()
            publish(ExchangeFinished(record))

    async def _forward(self) -> None:
        request, record = self._request, self._record
        body = request.body if self.body is None else self._pieces(self.body)
        outgoing = UpstreamRequest(request.method, request.target, request.headers, body)
        record.sent_ns = time.time_ns()
        response = await self._context.client.send(outgoing)
        try:
            record.first_byte_ns = time.time_ns()
            record.status, record.reason = response.status, response.reason
            record.response_headers = tuple(response.headers)
            self._context.publish(ExchangeResponded(record))
            check_head(response.status, response.headers, self._context.options.upstream)
            await self._answer(response)
        finally:
            await response.aclose()

    async def _answer(self, response: UpstreamResponse) -> None:
        connection, request, record = self._connection, self._request, self._record
        inline = connection.limits.inline
        body = response.complete()
        if body is None and 0 <= _announced(response) <= inline:
            body = await response.complete_within(_LINGER_SECONDS)
        if body is not None and len(body) <= inline:
            record.response_body.append(body)
            await connection.send(Response(request.id, response.status, response.headers, body))
            return
        await connection.send(Response(request.id, response.status, response.headers, end=False))
        seq, chunk = 0, connection.limits.chunk
        # What `complete` took belongs to us now and will not come again.
        piece = body if body is not None else await response.read()
        while piece:
            record.response_body.append(piece)
            for start in range(0, len(piece), chunk):
                part = piece[start : start + chunk]
                await self.credit.take(len(part))
                await connection.send(Data(request.id, seq, part))
                seq += 1
            piece = b"" if body is not None else await response.read()
        await connection.send(End(request.id, seq))

    async def _pieces(self, body: IncomingBody) -> AsyncIterator[bytes]:
        async for piece in body:
            self._record.request_body.append(piece)
            yield piece

    async def _grant(self, size: int) -> None:
        await self._connection.send(Window(self._request.id, size))

    async def _report(self, code: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(Error(self._request.id, code))

    @property
    def record(self) -> Exchange:
        return self._record


def check_head(status: int, headers: Headers, upstream: Upstream) -> None:
    """What the backend would take for a broken protocol ends this exchange, not the connection.

    Raises UpstreamError `upstream_invalid`.
    """
    if not 100 <= status <= 599:
        raise UpstreamError("upstream_invalid", f"status {status}", upstream)
    if not is_sendable(headers):
        raise UpstreamError("upstream_invalid", "its headers are too large, or no text", upstream)


def _announced(response: UpstreamResponse) -> int:
    for name, value in response.headers:
        if name.lower() == "content-length" and value.isdecimal():
            return int(value)
    return -1

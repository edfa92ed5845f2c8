"""What every exchange has in common, HTTP or WebSocket: its record, its end whatever happens, its word to the relay."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from abc import ABC, abstractmethod

from websockets.exceptions import ConnectionClosed

from app.agent.body import IncomingBody
from app.agent.connection import AgentConnection
from app.agent.context import TunnelContext
from app.domain.events import ExchangeFinished, ExchangeResponded, ExchangeStarted, FrameSeen
from app.domain.exchange import ExchangeState
from app.domain.frame import Direction, Frame, FrameKind
from app.domain.problems import HatchwayError, Problem
from app.upstream.api import UpstreamError
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.heads import is_sendable
from backend_lambda.protocol.messages import AgentMessage, Error, Headers, Request, Window

FRAME_BYTES = 64 * 1024
"""Of one message are kept at most."""
FRAMES_BYTES = 16 * 1024 * 1024
"""Of all messages of one exchange; those beyond are counted only."""

_log = logging.getLogger(__name__)

_RELAY_LOST = Problem("relay_lost", "The connection to the relay ended before the answer was complete", "network")
_OUR_FAULT = Problem("internal", "Hatchway failed to handle this request", "Hatchway", "Please report it with the log.")
_VISITOR_GONE = Problem("visitor_gone", "The visitor went away before the answer was complete", "visitor")


class ExchangeRun(ABC):
    """Run it once; `body` and `credit` are fed by the connection meanwhile.

    body: what comes of the visitor in `data`, None if the request has it all
    connection_lost: set before the cancellation that it explains
    """

    def __init__(self, context: TunnelContext, connection: AgentConnection, request: Request) -> None:
        self._context = context
        self._connection = connection
        self._request = request
        self.record = context.exchange(request, connection.socket_url)
        self.credit = Credit(connection.limits.window)
        self.connection_lost = False
        self.body: IncomingBody | None = None
        self._frames_room = FRAMES_BYTES

    @abstractmethod
    async def _carry(self) -> None:
        """Call the upstream and answer."""

    def granted(self, window: Window) -> None:
        """The backend takes more of the answer."""
        self.credit.grant(window.bytes)

    def _visitor_left(self) -> None:
        """Nobody waits any more: what that means for the record."""
        self.record.state, self.record.problem = ExchangeState.CANCELLED, _VISITOR_GONE

    async def run(self) -> None:
        """Ends quietly whatever happens; what happened stands in the record and went to the relay."""
        record, publish = self.record, self._context.publish
        publish(ExchangeStarted(record))
        try:
            await self._carry()
            record.state = ExchangeState.DONE
        except HatchwayError as error:  # the upstream's, or of the store of large bodies
            record.state, record.problem = ExchangeState.FAILED, error.problem
            await self._report(error.problem.code)
        except asyncio.CancelledError:
            if self.connection_lost:
                record.state, record.problem = ExchangeState.FAILED, _RELAY_LOST
            else:
                self._visitor_left()
        except ConnectionClosed:
            record.state, record.problem = ExchangeState.FAILED, _RELAY_LOST
        except ProtocolError as error:
            record.state = ExchangeState.FAILED
            record.problem = Problem("malformed", f"The relay broke the protocol ({error.detail})", "relay")
            await self._report("relay_failure")
        except Exception:
            _log.exception("exchange failed id=%s tunnel=%s", record.id, record.tunnel)
            record.state, record.problem = ExchangeState.FAILED, _OUR_FAULT
            await self._report("agent_protocol")
        finally:
            record.finished_ns = time.time_ns()
            publish(ExchangeFinished(record))

    def _responded(self, status: int, reason: str, headers: Headers) -> None:
        """The head of the answer is there. Raises UpstreamError `upstream_invalid` for what the backend would take
        for a broken protocol: that ends this exchange, not the connection."""
        record = self.record
        record.first_byte_ns = time.time_ns()
        record.status, record.reason, record.response_headers = status, reason, tuple(headers)
        self._context.publish(ExchangeResponded(record))
        upstream = self._context.options.upstream
        if not 100 <= status <= 599:
            raise UpstreamError("upstream_invalid", f"status {status}", upstream)
        if not is_sendable(headers):
            raise UpstreamError("upstream_invalid", "its headers are too large, or no text", upstream)

    def _frame(
        self, direction: Direction, kind: FrameKind, data: bytes, *, size: int | None = None, code: int | None = None
    ) -> None:
        """A message has passed: tell it, with as much of it as is kept."""
        record = self.record
        number = record.frames
        record.frames += 1
        kept = bytes(data[: min(FRAME_BYTES, self._context.spec.capture_bytes)])
        if len(kept) > self._frames_room:
            record.frames_lost += 1
            return
        self._frames_room -= len(kept)
        frame = Frame(number, direction, kind, time.time_ns(), kept, len(data) if size is None else size, code)
        self._context.publish(FrameSeen(record.id, record.tunnel_id, frame))

    async def _send(self, message: AgentMessage) -> None:
        await self._connection.send(message)

    async def _grant(self, size: int) -> None:
        await self._send(Window(self._request.id, size))

    async def _report(self, code: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._send(Error(self._request.id, code))

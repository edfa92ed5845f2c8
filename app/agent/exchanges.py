"""All exchanges of one connection: starts them, feeds them, ends them."""

from __future__ import annotations

import asyncio
import contextlib

from websockets.exceptions import ConnectionClosed

from app.agent.connection import AgentConnection
from app.agent.context import TunnelContext
from app.agent.ends import delivered
from app.agent.http_exchange import HttpExchange
from app.agent.socket_exchange import SocketExchange
from app.domain.events import ExchangeRewritten
from app.domain.exchange import Headers, Rewriting
from app.domain.tasks import spawn
from backend_lambda.protocol.messages import BackendMessage, Cancel, Data, End, Error, Leak, Report, Request, Window
from backend_lambda.protocol.session import REQUEST, Outcome, RequestState

# Ids of finished requests, so that a request delivered twice is answered once, and a report finds its exchange.
_REMEMBERED = 1024


class _Entry:
    __slots__ = ("exchange", "state", "task")

    def __init__(self, exchange: HttpExchange | SocketExchange, state: RequestState) -> None:
        self.exchange = exchange
        self.state = state
        self.task: asyncio.Task[None] | None = None


class Exchanges:
    """Dispatches the backend's messages by request id, following the REQUEST table."""

    def __init__(self, context: TunnelContext, connection: AgentConnection) -> None:
        self._context = context
        self._connection = connection
        self._entries: dict[str, _Entry] = {}
        # Request id → (id of the exchange, its raw headers, size of its raw body)
        self._finished: dict[str, tuple[str, Headers, int]] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._has_moved = False

    def refuse_new(self) -> None:
        """Another agent has the tunnel: a request that still comes here is to be sent there."""
        self._has_moved = True

    def handle(self, message: BackendMessage) -> None:
        """One message of an exchange; never waits."""
        match message:
            case Request():
                self._start(message)
            case Data() | End() | Window() | Cancel() | Error():
                self._feed(message)
            case Report():
                self._rewritten(message)
            case Leak():
                self._context.leaks.add(message)

    async def drained(self) -> None:
        """Wait until nothing runs."""
        await self._idle.wait()

    @property
    def running(self) -> int:
        return len(self._entries)

    async def abandon(self) -> None:
        """The connection is gone: end everything that runs on it."""
        tasks = []
        for entry in self._entries.values():
            entry.exchange.connection_lost = True
            if entry.task is not None:
                entry.task.cancel()
                tasks.append(entry.task)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, request: Request) -> None:
        if request.id in self._finished:
            self._connection.say_again(request.id)
            return
        if request.id in self._entries:
            return
        if self._has_moved:
            spawn(self._refuse(request), name=f"refuse {request.id}")
            return
        exchange: HttpExchange | SocketExchange
        if request.kind == "websocket":
            exchange = SocketExchange(self._context, self._connection, request)
        else:
            exchange = HttpExchange(self._context, self._connection, request)
        entry = _Entry(exchange, RequestState.OPEN if exchange.body is not None else RequestState.COMPLETE)
        self._entries[request.id] = entry
        self._idle.clear()
        entry.task = spawn(exchange.run(), name=f"exchange {request.id}")
        entry.task.add_done_callback(lambda _: self._ended(request.id))

    async def _refuse(self, request: Request) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(Error(request.id, "agent_moved"))

    def _feed(self, message: Data | End | Window | Cancel | Error) -> None:
        entry = self._entries.get(message.id)
        if entry is None:
            return  # late: the exchange is over
        entry.state, outcome = REQUEST[entry.state, type(message)]
        if outcome is Outcome.IGNORE:
            return
        match message:
            case Data() | End():
                body = entry.exchange.body
                assert body is not None  # the table only lets OPEN requests take data
                body.push(message)
            case Window():
                entry.exchange.granted(message)
            case Cancel() | Error():
                if entry.task is not None:
                    entry.task.cancel()

    def _rewritten(self, report: Report) -> None:
        rewriting = Rewriting(report.kind, tuple(report.layers), report.edits, tuple(report.notes))
        if (entry := self._entries.get(report.id)) is not None:
            record = entry.exchange.record
            of = record.id, record.response_headers, record.response_body.size
            record.rewriting, record.delivered = rewriting, delivered(report, *of[1:])
        elif (finished := self._finished.get(report.id)) is not None:
            of = finished
        else:
            return  # too late: nobody knows any more what it is about
        spec = self._context.spec
        self._context.publish(ExchangeRewritten(of[0], spec.id, spec.name, rewriting, delivered(report, *of[1:])))

    def _ended(self, request_id: str) -> None:
        record = self._entries.pop(request_id).exchange.record
        self._finished[request_id] = record.id, record.response_headers, record.response_body.size
        if len(self._finished) > _REMEMBERED:
            del self._finished[next(iter(self._finished))]
        if not self._entries:
            self._idle.set()

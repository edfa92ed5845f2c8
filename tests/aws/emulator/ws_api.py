"""The WebSocket API: handshake by `$connect`, routes, limits of frames, messages and time, `$disconnect` at best."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from app.domain.tasks import spawn
from tests.aws.emulator.clock import Clock
from tests.aws.emulator.direct_route import DirectRoute
from tests.aws.emulator.faults import Faults
from tests.aws.emulator.http_events import request_id
from tests.aws.emulator.lambda_environment import FunctionError
from tests.aws.emulator.lambda_service import LambdaFunction, RequestTooLarge, TooManyRequests
from tests.aws.emulator.meter import Meter
from tests.aws.emulator.throttle import Throttle
from tests.aws.emulator.unsure import Unsure
from tests.aws.emulator.ws_connection import FRAME_LIMIT, MESSAGE_LIMIT, BufferFull, Connection
from tests.aws.emulator.ws_events import connect_event, context, disconnect_event, message_event, select_route

# The library reports what clients do wrong, which is what tests make them do.
_quiet = logging.getLogger("tests.aws.emulator.ws_api.websockets")
_quiet.setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class WsConfig:
    """idle, lifetime: seconds of the clock. settle: seconds after the upgrade during which posts still get 410.
    jitter: (shortest, longest) delay of a message on its way to its route, so that order is never kept.
    buffer: bytes that a client may leave unread before posts get 429."""

    stage: str = "live"
    selection: str = "$request.body.type"
    idle: float = 600.0
    lifetime: float = 7200.0
    settle: float = 0.0
    jitter: tuple[float, float] = (0.0, 0.005)
    buffer: int = 1 << 20
    timeout: float = 29.0


class WsApi:
    """direct: routes without the function, by key; `$default` goes to the function."""

    def __init__(
        self,
        function: LambdaFunction,
        direct: Mapping[str, DirectRoute],
        config: WsConfig,
        *,
        clock: Clock,
        meter: Meter,
        faults: Faults,
        throttle: Throttle,
        unsure: Unsure | None = None,
    ) -> None:
        self.config = config
        self._unsure = unsure or Unsure()
        self.connections: dict[str, Connection] = {}
        self._function = function
        self._direct = direct
        self._keys = frozenset((*direct, "$default"))
        self._clock = clock
        self._meter = meter
        self._faults = faults
        self._throttle = throttle
        self._random = random.Random(3)
        self._server: Server | None = None
        self.port = 0

    async def start(self, port: int = 0) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            port,
            process_request=self._handshake,
            process_response=self._subprotocol,
            max_size=(MESSAGE_LIMIT, FRAME_LIMIT),
            compression="deflate" if self._unsure.deflates else None,
            ping_interval=None,
            close_timeout=2,
            open_timeout=60,
            server_header=None,
            logger=_quiet,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _handshake(self, socket: ServerConnection, request: Request) -> Response | None:
        path, _, query = request.path.partition("?")
        if path.strip("/") != self.config.stage:
            return socket.respond(HTTPStatus.FORBIDDEN, '{"message":"Forbidden"}')
        if not self._throttle.admits():
            return socket.respond(HTTPStatus.TOO_MANY_REQUESTS, '{"message":"Too Many Requests"}')
        agent = request.headers.get("User-Agent", "")
        connection = Connection(request_id(), socket, socket.remote_address[0], agent, self._clock, self.config.buffer)
        self.connections[connection.id] = connection
        event = connect_event(connection, request.headers, query, self.config.stage, self.port, self._clock.now())
        status, headers = await self._connect(event)
        if not 200 <= status < 300:
            self.connections.pop(connection.id)
            known = HTTPStatus(status) if status in HTTPStatus._value2member_map_ else HTTPStatus.INTERNAL_SERVER_ERROR
            return socket.respond(known, "")
        socket.hatchway = connection, headers.get("sec-websocket-protocol")  # type: ignore[attr-defined]
        return None

    async def _connect(self, event: dict[str, object]) -> tuple[int, dict[str, str]]:
        """Status and headers (names in lower case) that `$connect` returned."""
        try:
            payload = json.dumps(event).encode()
            result = json.loads(await asyncio.wait_for(self._function.invoke(payload), self.config.timeout))
            headers = result.get("headers") or {}
            return int(result["statusCode"]), {name.lower(): str(value) for name, value in headers.items()}
        except (FunctionError, TooManyRequests, RequestTooLarge, TimeoutError):
            return 502, {}
        except (KeyError, TypeError, ValueError, AttributeError):
            return 502, {}

    def _subprotocol(self, socket: ServerConnection, request: Request, response: Response) -> None:
        chosen = getattr(socket, "hatchway", (None, None))[1]
        if response.status_code == 101 and chosen:
            response.headers["Sec-WebSocket-Protocol"] = chosen

    async def _serve(self, socket: ServerConnection) -> None:
        connection: Connection = socket.hatchway[0]  # type: ignore[attr-defined]
        helpers = [
            spawn(connection.write(), name="ws-write"),
            spawn(self._end_in_time(connection), name="ws-limits"),
            spawn(self._open(connection), name="ws-open"),
        ]
        try:
            async for message in socket:
                if isinstance(message, bytes):
                    await connection.close(1003, "Binary is not supported")
                    break
                connection.touch()
                self._receive(connection, message)
        except ConnectionClosed:
            pass
        finally:
            connection.state = "closed"
            self.connections.pop(connection.id, None)
            for helper in helpers:
                helper.cancel()
            self._meter.add("ws_minutes", (self._clock.now() - connection.connected_at) / 60)
        if not self._faults.strikes("disconnect-lost", connection.id):
            await self._disconnect(connection, socket.close_code or 1006, socket.close_reason or "")

    async def _open(self, connection: Connection) -> None:
        await asyncio.sleep(self.config.settle)
        if connection.state == "pending":
            connection.state = "open"

    async def _end_in_time(self, connection: Connection) -> None:
        while True:
            moment = min(connection.last_active + self.config.idle, connection.connected_at + self.config.lifetime)
            if self._clock.now() >= moment:
                await connection.close(1001, "Going away")
                return
            await self._clock.sleep_until(moment)

    def _receive(self, connection: Connection, message: str) -> None:
        self._meter.message(len(message.encode()))
        if self._faults.strikes("message-429", connection.id) or not self._throttle.admits():
            self._tell(connection, "Too Many Requests")
            return
        spawn(self._dispatch(connection, message), name=f"ws-message-{connection.id}")

    async def _dispatch(self, connection: Connection, message: str) -> None:
        """Messages of one connection run side by side; nothing keeps their order."""
        await asyncio.sleep(self._random.uniform(*self.config.jitter))
        route = select_route(self.config.selection, message, self._keys)
        if route is None:
            self._tell(connection, "Forbidden")
            return
        values = context(connection, route, "MESSAGE", self.config.stage, self._clock.now())
        if route in self._direct:
            self._direct[route].put(message, values)
            return
        payload = json.dumps(message_event(message, values), ensure_ascii=False).encode("utf-8", "surrogatepass")
        try:
            await asyncio.wait_for(self._function.invoke(payload), self.config.timeout)
        except (FunctionError, TimeoutError, TooManyRequests, RequestTooLarge):
            self._tell(connection, "Internal server error", values["requestId"])

    def _tell(self, connection: Connection, text: str, id: str | None = None) -> None:
        """The gateway's own message to the client."""
        body = {"message": text, "connectionId": connection.id, "requestId": id or request_id()}
        data = json.dumps(body, separators=(",", ":")).encode()
        self._meter.message(len(data))
        try:
            connection.deliver(data)
        except BufferFull:
            return

    async def _disconnect(self, connection: Connection, code: int, reason: str) -> None:
        event = disconnect_event(connection, code, reason, self.config.stage, self._clock.now())
        try:
            await asyncio.wait_for(self._function.invoke(json.dumps(event).encode()), self.config.timeout)
        except (FunctionError, TimeoutError, TooManyRequests):
            return  # best effort

"""`@connections`: the function sends to clients, asks about them and closes their connections."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from urllib.parse import unquote

from app.domain.tasks import spawn
from tests.aws.emulator.faults import Faults
from tests.aws.emulator.http_server import Abort, HttpServer, Request, Response
from tests.aws.emulator.meter import Meter
from tests.aws.emulator.sigv4 import Keys, Refused, check_header
from tests.aws.emulator.throttle import Throttle
from tests.aws.emulator.ws_api import WsApi
from tests.aws.emulator.ws_connection import MESSAGE_LIMIT, BufferFull, Connection

_gone = (410, "GoneException", "")
_limited = (429, "LimitExceededException", "Rate exceeded, or the buffer of the client is full")
_forbidden = (403, "ForbiddenException", "Forbidden")


class CallbackApi:
    """The endpoint is `url`/stage. Every call needs a SigV4 Authorization header and takes a token of the account.
    gone: ids that took nothing, newest last"""

    def __init__(self, websockets: WsApi, *, keys: Keys, meter: Meter, faults: Faults, throttle: Throttle) -> None:
        self._websockets = websockets
        self._keys = keys
        self._meter = meter
        self._faults = faults
        self._throttle = throttle
        self.gone: list[str] = []
        self.server = HttpServer(self._handle)

    async def _handle(self, request: Request) -> Response:
        body = await request.read()
        try:
            check_header(request, body, self._keys, "execute-api", time.time())
        except Refused as error:
            return _failure(403, "ForbiddenException", error.message)
        prefix = f"/{self._websockets.config.stage}/@connections/"
        if not request.path.startswith(prefix):
            return _failure(*_forbidden)
        id = unquote(request.path.removeprefix(prefix))
        if self._faults.strikes("callback-403", id):
            return _failure(*_forbidden)
        if self._faults.strikes("callback-429", id) or not self._throttle.admits():
            return _failure(*_limited)
        if self._faults.strikes("callback-410", id):
            return _failure(*_gone)
        connection = self._websockets.connections.get(id)
        if connection is None or connection.state != "open":
            self.gone.append(id)
            return _failure(*_gone)
        if request.method == "POST":
            return self._post(connection, body)
        if request.method == "GET":
            return _described(connection)
        if request.method == "DELETE":
            spawn(connection.close(1000, "Connection Closed Normally"), name="ws-delete")
            return Response(204)
        return _failure(*_forbidden)

    def _post(self, connection: Connection, body: bytes) -> Response:
        self._meter.add("callback_posts")
        if len(body) > MESSAGE_LIMIT:
            return _failure(413, "PayloadTooLargeException", "Message too long")
        copies = 2 if self._faults.strikes("callback-duplicate", connection.id) else 1
        try:
            for _ in range(copies):
                self._meter.message(len(body))
                connection.deliver(body)
        except BufferFull:
            return _failure(*_limited)
        if self._faults.strikes("callback-lost-answer", connection.id):
            raise Abort
        return Response(200, [("Content-Type", "application/json")])


def _described(connection: Connection) -> Response:
    def moment(seconds: float) -> str:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    content = {
        "connectedAt": moment(connection.connected_at),
        "lastActiveAt": moment(connection.last_active),
        "identity": {"sourceIp": connection.source_ip, "userAgent": connection.user_agent},
    }
    return Response(200, [("Content-Type", "application/json")], json.dumps(content).encode())


def _failure(status: int, kind: str, message: str) -> Response:
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", kind)]
    return Response(status, headers, json.dumps({"message": message}).encode() if message else b"")

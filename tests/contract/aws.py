"""The harness of the AWS adapters: DynamoDB, the WebSocket API and its direct route are those of the emulator."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.relay.blobs import FileBlobStore
from backend_lambda.adapters.polling import PollingReplyBox
from backend_lambda.adapters.posting import CallbackPush
from backend_lambda.adapters.tunnel_table import DynamoTunnelStore
from backend_lambda.protocol.codec import decode
from backend_lambda.protocol.limits import AWS_LIMITS
from backend_lambda.protocol.messages import AgentMessage, Message
from backend_lambda.protocol.slots import SlotWriter
from tests.aws.emulator.cloud import Cloud


class AwsHarness:
    """Adapters of backend_lambda/adapters; the function behind the WebSocket API accepts whoever connects."""

    tells_readers = False  # a table does not know of connections

    def __init__(self) -> None:
        self.limits = AWS_LIMITS
        self.blobs = FileBlobStore()  # large bodies do not go by S3 yet
        self.cloud = Cloud(self._function)
        self.opened: asyncio.Queue[str] = asyncio.Queue()
        self.closed: set[str] = set()
        self._loop = asyncio.get_running_loop()

    async def connect(self) -> _Connection:
        socket = await connect(self.cloud.ws_url, proxy=None, compression=None)
        return _Connection(self, socket, await self.opened.get())

    async def __aenter__(self) -> Self:
        self.cloud.start()
        table, name = self._client("dynamodb", None), self.cloud.config.table.name
        self.tunnels = DynamoTunnelStore(table, name)
        self.replies = PollingReplyBox(table, name, self.limits)
        self.push = CallbackPush(self._client("apigatewaymanagementapi", self.cloud.callback_url))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.blobs.close()
        self.cloud.stop()

    def _client(self, service: str, endpoint: str | None) -> Any:
        variables = self.cloud.environment_variables()
        session = boto3.session.Session(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
        endpoint = endpoint or variables["AWS_ENDPOINT_URL_DYNAMODB"]
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        return session.client(service, region_name=variables["AWS_REGION"], endpoint_url=endpoint, config=config)

    def _function(self, event: Any, context: Any) -> dict[str, Any]:
        connection_id = event["requestContext"]["connectionId"]
        if event["requestContext"]["eventType"] == "CONNECT":
            self._loop.call_soon_threadsafe(self.opened.put_nowait, connection_id)
        if event["requestContext"]["eventType"] == "DISCONNECT":
            self.closed.add(connection_id)
        return {"statusCode": 200}


class _Connection:
    def __init__(self, harness: AwsHarness, socket: ClientConnection, connection_id: str) -> None:
        self.id = connection_id
        self._harness = harness
        self._socket = socket
        self._slots = SlotWriter()

    async def receive(self) -> Message:
        try:
            wire = await self._socket.recv()
        except ConnectionClosed:
            raise EOFError from None
        message = decode(wire, max_message=AWS_LIMITS.message, max_body=AWS_LIMITS.message)
        assert message is not None
        return message

    async def send(self, message: AgentMessage) -> None:
        envelope = self._slots.wrap(message)
        if envelope is None:
            return  # for the backend itself: nothing that a port has to do with
        await self._socket.send(envelope)
        fields = json.loads(envelope)
        await _until(lambda: self._is_written(fields["slot"], fields["m"]))

    async def drop(self) -> None:
        await self._socket.close()
        await _until(lambda: self.id in self._harness.closed)

    def _is_written(self, slot: str, m: str) -> bool:
        item = self._harness.cloud.table.read({"pk": {"S": self.id}, "sk": {"S": slot}}, consistent=True)
        return item is not None and item["m"]["S"] == m


async def _until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - another thread's state
            await asyncio.sleep(0.002)

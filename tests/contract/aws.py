"""The harness of the AWS adapters: DynamoDB, the WebSocket API and its direct route are those of the emulator."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from backend_lambda.adapters.bucket import Bucket
from backend_lambda.adapters.polling import PollingReplyBox
from backend_lambda.adapters.posting import CallbackPush
from backend_lambda.adapters.presigning import Presigner
from backend_lambda.adapters.tunnel_table import DynamoTunnelStore
from backend_lambda.protocol.codec import decode
from backend_lambda.protocol.limits import AWS_LIMITS
from backend_lambda.protocol.messages import AgentMessage, Message
from backend_lambda.protocol.slots import SlotWriter
from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import REGION
from tests.aws.emulator.dynamo_table import Table


class SharedCloud:
    """The emulator and boto3's clients, which are slow to start: one for many harnesses. harness: whose turn it is"""

    def __init__(self) -> None:
        self.cloud = Cloud(self._function)
        self.cloud.start()
        self.table_client = self.client("dynamodb", self.cloud.environment_variables()["AWS_ENDPOINT_URL_DYNAMODB"])
        self.posts = self.client("apigatewaymanagementapi", self.cloud.callback_url)
        self.bodies = self.client("s3", self.cloud.s3.server.url)
        self.harness: AwsHarness | None = None

    def client(self, service: str, endpoint: str) -> Any:
        keys = self.cloud.keys
        session = boto3.session.Session(keys.access, keys.secret)
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        return session.client(service, region_name=REGION, endpoint_url=endpoint, config=config)

    def empty(self) -> None:
        """Forget what tests before have stored."""
        config = self.cloud.config
        lags = {"read_lag": config.read_lag, "ttl_lag": config.ttl_lag}
        self.cloud.dynamodb.tables[config.table.name] = Table(config.table, self.cloud.clock, **lags)  # type: ignore[arg-type]
        self.cloud.s3.objects.clear()

    def close(self) -> None:
        for client in (self.table_client, self.posts, self.bodies):
            client.close()
        self.cloud.stop()

    def _function(self, event: Any, context: Any) -> dict[str, Any]:
        if self.harness is not None:
            self.harness.happened(event["requestContext"])
        return {"statusCode": 200}


class AwsHarness:
    """Adapters of backend_lambda/adapters; the function behind the WebSocket API accepts whoever connects."""

    tells_readers = False  # a table does not know of connections

    def __init__(self, shared: SharedCloud) -> None:
        self.limits = AWS_LIMITS
        self.shared = shared
        self.cloud = shared.cloud
        self.opened: asyncio.Queue[str] = asyncio.Queue()
        self.closed: set[str] = set()
        self._sockets: list[ClientConnection] = []
        self._loop = asyncio.get_running_loop()

    async def connect(self) -> _Connection:
        socket = await connect(self.cloud.ws_url, proxy=None, compression=None)
        self._sockets.append(socket)
        return _Connection(self, socket, await self.opened.get())

    async def __aenter__(self) -> Self:
        shared, config = self.shared, self.cloud.config
        shared.empty()
        shared.harness = self
        self.tunnels = DynamoTunnelStore(shared.table_client, config.table.name)
        self.replies = PollingReplyBox(shared.table_client, config.table.name, self.limits)
        self.push = CallbackPush(shared.posts)
        keys = ReadOnlyCredentials(self.cloud.keys.access, self.cloud.keys.secret, None)
        presigner = Presigner(lambda: keys, f"{self.cloud.s3.server.url}/{config.bucket}", REGION)
        self.blobs = Bucket(config.bucket, presigner, lambda: shared.bodies)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.gather(*(socket.close() for socket in self._sockets))
        self.shared.harness = None

    def happened(self, context: dict[str, Any]) -> None:
        """An event of the WebSocket API; called by other threads."""
        if context["eventType"] == "CONNECT":
            self._loop.call_soon_threadsafe(self.opened.put_nowait, context["connectionId"])
        if context["eventType"] == "DISCONNECT":
            self.closed.add(context["connectionId"])


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

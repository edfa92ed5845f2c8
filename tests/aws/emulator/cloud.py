"""The whole cloud: an account with the function, its front doors, the table and the bucket, on ports of 127.0.0.1."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from tests.aws.emulator.callback_api import CallbackApi
from tests.aws.emulator.clock import Clock
from tests.aws.emulator.cloud_config import FUNCTION_ROLE, REGION, CloudConfig
from tests.aws.emulator.direct_route import DirectRoute
from tests.aws.emulator.dynamo_api import DynamoApi
from tests.aws.emulator.dynamo_table import Table
from tests.aws.emulator.dynamodb import DynamoDB
from tests.aws.emulator.faults import Fault, Faults
from tests.aws.emulator.function_url import FunctionUrl
from tests.aws.emulator.http_api import HttpApi
from tests.aws.emulator.lambda_environment import Environment
from tests.aws.emulator.lambda_loops import LoopEnvironment, Runtime
from tests.aws.emulator.lambda_processes import ProcessEnvironment
from tests.aws.emulator.lambda_service import LambdaFunction
from tests.aws.emulator.lambda_threads import Handler, ThreadEnvironment
from tests.aws.emulator.loop_thread import LoopThread
from tests.aws.emulator.meter import Bill, Meter
from tests.aws.emulator.s3 import S3
from tests.aws.emulator.sigv4 import Keys
from tests.aws.emulator.terraform_template import TEMPLATES, template_file
from tests.aws.emulator.throttle import Throttle
from tests.aws.emulator.ws_api import WsApi


class Cloud:
    """handler: a callable, run in threads that share its module's state; `"module.name"`, run in processes by `runtime`
    (default: the emulator's own loop; `[python, "-m", "awslambdaric"]` works too); None with a `runtime` that needs no
    name, such as a custom bootstrap. make_handler: called for each environment, in its thread, for threads with a
    state of their own: `lambda: ModuleCopy("backend_lambda.entry.handler")`. make_loop: the same for threads that run a
    runtime's own loop, `address -> None`.

    Serves between `start` and `stop` (or in `async with`), on its own thread: callers may block their event loop. With
    a handler in threads, the function's environment variables are set in this process for that time.
    """

    def __init__(
        self,
        handler: Handler | str | None = None,
        config: CloudConfig | None = None,
        *,
        make_handler: Callable[[], Handler] | None = None,
        make_loop: Callable[[], Runtime] | None = None,
        runtime: Sequence[str] | None = None,
    ) -> None:
        self.config = config = config or CloudConfig()
        self._handler = handler
        self._make_handler = make_handler
        self._make_loop = make_loop
        self._runtime = runtime
        self.log: list[str] = []
        self.clock = Clock(config.clock_scale)
        self.meter = Meter()
        self.faults = Faults(config.seed)
        self.keys = Keys()
        self.thread = LoopThread()
        self._saved: dict[str, str | None] = {}
        shared: dict[str, Any] = {"meter": self.meter, "faults": self.faults}
        throttle = Throttle(*config.throttle)
        self.dynamodb = DynamoDB(
            [config.table],
            clock=self.clock,
            read_lag=config.read_lag,
            ttl_lag=config.ttl_lag,
            allowed=FUNCTION_ROLE,
            **shared,
        )
        self.s3 = S3(config.bucket, keys=self.keys, clock=Clock(), **shared)
        self.function = LambdaFunction(self._environment, config.function, **shared)
        template = config.reply_template
        if template is None:
            variables = {"table": config.table.name, "seconds": "120"}
            template = template_file(TEMPLATES / "reply.vtl.tftpl", variables)
        self.reply_route = DirectRoute(template, self.dynamodb, self.faults)
        self.websockets = WsApi(
            self.function,
            {"reply": self.reply_route},
            config.websockets,
            unsure=config.unsure,
            clock=self.clock,
            throttle=throttle,
            **shared,
        )
        self.callback = CallbackApi(self.websockets, keys=self.keys, throttle=throttle, **shared)
        self._http = HttpApi(
            self.function,
            clock=self.clock,
            throttle=throttle,
            payload_format=config.payload_format,
            timeout=config.integration_timeout,
            unsure=config.unsure,
            **shared,
        )
        self._url = FunctionUrl(self.function, clock=self.clock, meter=self.meter, invoke_mode=config.invoke_mode)
        self._dynamo_server = DynamoApi(self.dynamodb, self.keys).server
        self._servers = [
            self._dynamo_server,
            self.s3.server,
            self.callback.server,
            self._http.server,
            self._url.server,
        ]

    @property
    def http_url(self) -> str:
        """The HTTP API, for visitors."""
        return self._http.server.url

    @property
    def function_url(self) -> str:
        """The Function URL, for visitors."""
        return self._url.server.url

    @property
    def ws_url(self) -> str:
        """The WebSocket API with its stage, for agents."""
        return f"ws://127.0.0.1:{self.websockets.port}/{self.config.websockets.stage}"

    @property
    def callback_url(self) -> str:
        """For boto3's apigatewaymanagementapi."""
        return f"{self.callback.server.url}/{self.config.websockets.stage}"

    @property
    def table(self) -> Table:
        return self.dynamodb.tables[self.config.table.name]

    def environment_variables(self) -> dict[str, str]:
        """What the function's processes see of the cloud."""
        return {
            "AWS_ENDPOINT_URL_DYNAMODB": self._dynamo_server.url,
            "AWS_ENDPOINT_URL_S3": self.s3.server.url,
            "AWS_ACCESS_KEY_ID": self.keys.access,
            "AWS_SECRET_ACCESS_KEY": self.keys.secret,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_LAMBDA_FUNCTION_NAME": self.config.function.name,
            "HATCHWAY_TABLE": self.config.table.name,
            "HATCHWAY_BUCKET": self.config.bucket,
            "HATCHWAY_CALLBACK_URL": self.callback_url,
            "HATCHWAY_PUBLIC_URL": self.http_url,
            "HATCHWAY_SOCKET_URL": self.ws_url,
            "HATCHWAY_HOST_BASE": "",
            "HATCHWAY_JWT": "",
            "HATCHWAY_LOG_LEVEL": "INFO",
            **self.config.variables,
        }

    def inject(self, fault: Fault, *, times: int | None = 1, rate: float = 1.0, match: str = "") -> None:
        """See Faults.inject."""
        self.faults.inject(fault, times=times, rate=rate, match=match)

    def advance(self, seconds: float) -> None:
        """Let the cloud's time jump: idle connections end, TTL deletes. Handlers keep our time."""
        self.clock.advance(seconds)
        self.table.sweep()

    def bill(self) -> Bill:
        return self.meter.bill()

    def add_token(self, token: str, name: str = "default") -> None:
        """Store an agent's token as deployments do."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        key = {"pk": {"S": f"k#{digest}"}, "sk": {"S": "k"}}
        self.table.write(key, {**key, "name": {"S": name}, "created": {"N": str(int(time.time()))}})

    def start(self) -> None:
        self.thread.start()
        try:
            self.thread.call(self._start())
        except BaseException:
            self.thread.stop()
            raise
        if not self._in_processes:
            for name, value in self.environment_variables().items():
                self._saved[name] = os.environ.get(name)
                os.environ[name] = value

    def stop(self) -> None:
        for name, value in self._saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._saved.clear()
        self.thread.call(self._stop())
        self.thread.stop()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _in_processes(self) -> bool:
        return self._runtime is not None or isinstance(self._handler, str)

    async def _start(self) -> None:
        for server in self._servers:
            await server.start()
        self.s3.cors.rules = [[self.http_url, self.function_url.rstrip("/")], ["*"]]
        await self.websockets.start()

    async def _stop(self) -> None:
        await self.websockets.stop()
        await self.function.settle(1.5)  # what it asks the servers below must not find them gone
        for server in self._servers:
            await server.stop()
        await self.function.stop()

    def _environment(self) -> Environment:
        name, memory = self.config.function.name, self.config.function.memory
        if self._in_processes:
            runtime = self._runtime or [sys.executable, "-m", "tests.aws.emulator.bootstrap"]
            command = [*runtime, self._handler] if isinstance(self._handler, str) else [*runtime]
            return ProcessEnvironment(command, self.environment_variables(), name=name, memory=memory, log=self.log)
        if self._make_loop is not None:
            return LoopEnvironment(self._make_loop, name)
        return ThreadEnvironment(self._make_handler or self._shared, name, memory)

    def _shared(self) -> Handler:
        if not callable(self._handler):
            raise TypeError("a cloud without a handler")
        return self._handler

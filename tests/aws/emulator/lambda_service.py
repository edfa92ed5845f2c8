"""Lambda: environments that take one event each, cold starts, time and size limits, and what it costs."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.tasks import spawn
from tests.aws.emulator.faults import Faults
from tests.aws.emulator.lambda_environment import Environment, FunctionError, Invocation, Streamed
from tests.aws.emulator.meter import Meter

PAYLOAD_LIMIT = 6_291_556


class TooManyRequests(Exception):
    """No environment is free and none may be added."""


class RequestTooLarge(Exception):
    """The event exceeds 6 MB."""


@dataclass(frozen=True, slots=True)
class FunctionConfig:
    """memory: MB. timeout: seconds. concurrency: environments at most. cold_start: seconds that the start of an
    environment takes at least (300 ms is usual for boto3; 0 keeps tests quick)."""

    name: str = "hatchway"
    memory: int = 512
    timeout: float = 29.0
    concurrency: int = 1000
    cold_start: float = 0.0


class LambdaFunction:
    """make_environment: called on the emulator's loop for each cold start."""

    def __init__(
        self, make_environment: Callable[[], Environment], config: FunctionConfig, *, meter: Meter, faults: Faults
    ) -> None:
        self.config = config
        self._make = make_environment
        self._meter = meter
        self._faults = faults
        self._idle: list[Environment] = []
        self._all: set[Environment] = set()
        self._retired: set[Environment] = set()
        self._watches: set[asyncio.Task[None]] = set()
        self._starting = 0  # events that wait for a cold start
        self.last_error: FunctionError | None = None

    @property
    def environments(self) -> int:
        return len(self._all)

    async def invoke(self, payload: bytes) -> bytes:
        """The function's answer. Raises FunctionError, TooManyRequests, RequestTooLarge."""
        invocation, watch = await self._begin(payload)
        try:
            answer = await self._answer(invocation)
            if isinstance(answer, Streamed):
                # Streaming is for InvokeWithResponseStream; the plain call buffers it.
                answer = b"".join([piece async for piece in answer.pieces])
        finally:
            await asyncio.shield(watch)  # so that the bill is complete when the caller looks at it
        if len(answer) > PAYLOAD_LIMIT:
            raise self._noted(
                FunctionError(
                    "Function.ResponseSizeTooLarge",
                    f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).",
                )
            )
        return answer

    async def stream(self, payload: bytes) -> bytes | Streamed:
        """The same with InvokeWithResponseStream: a streamed answer comes as it is made."""
        invocation, _ = await self._begin(payload)
        return await self._answer(invocation)

    async def settle(self, seconds: float) -> None:
        """Wait for events in work, such as agents' farewells, but no longer than so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._watches or self._starting:  # noqa: ASYNC110 - two kinds of things
                    await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End all environments."""
        await asyncio.gather(*(environment.kill() for environment in list(self._all)))
        self._all.clear()
        self._idle.clear()

    async def recycle(self) -> None:
        """No later event meets an environment of now, as after a new deployment: the idle ones end, the busy ones end
        with their event."""
        idle, self._idle = self._idle, []
        self._retired |= self._all - set(idle)
        for environment in idle:
            await self._end(environment)

    async def _begin(self, payload: bytes) -> tuple[Invocation, asyncio.Task[None]]:
        if len(payload) > PAYLOAD_LIMIT:
            raise RequestTooLarge
        if self._faults.strikes("lambda-throttled"):
            raise TooManyRequests
        self._meter.add("lambda_requests")
        self._starting += 1
        try:
            environment = self._idle.pop() if self._idle else await self._cold_start()
        finally:
            self._starting -= 1
        invocation = Invocation(payload, time.time() + self.config.timeout)
        watch = spawn(self._watch(environment, invocation), name=f"lambda-{invocation.id}")
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        environment.run(invocation)
        return invocation, watch

    async def _cold_start(self) -> Environment:
        if len(self._all) >= self.config.concurrency:
            raise TooManyRequests
        started = time.monotonic()
        environment = self._make()
        self._all.add(environment)
        try:
            await environment.start()
        except FunctionError as error:
            await self._end(environment)
            raise self._noted(error) from None
        except asyncio.CancelledError:
            self._all.discard(environment)
            spawn(environment.kill(), name="lambda-kill")
            raise
        if (left := self.config.cold_start - (time.monotonic() - started)) > 0:
            await asyncio.sleep(left)
        self._meter.add("lambda_cold_starts")
        self._charge(time.monotonic() - started)
        return environment

    async def _watch(self, environment: Environment, invocation: Invocation) -> None:
        """Enforce the timeout, charge the time, put the environment back."""
        started = time.monotonic()
        killed = self._faults.strikes("lambda-killed")
        patience = min(0.02, self.config.timeout) if killed else self.config.timeout
        finished, _ = await asyncio.wait([invocation.done], timeout=patience)
        self._charge(time.monotonic() - started)
        if finished:
            if not environment.alive or environment in self._retired:
                await self._end(environment)
            elif environment in self._all:
                self._idle.append(environment)
            return
        message = f"Task timed out after {self.config.timeout:.2f} seconds"
        invocation.fail(FunctionError("Sandbox.Timedout" if not killed else "Runtime.ExitError", message))
        await self._end(environment)

    async def _end(self, environment: Environment) -> None:
        self._all.discard(environment)
        self._retired.discard(environment)
        await environment.kill()

    async def _answer(self, invocation: Invocation) -> bytes | Streamed:
        try:
            return await invocation.answer
        except FunctionError as error:
            raise self._noted(error) from None

    def _noted(self, error: FunctionError) -> FunctionError:
        self._meter.add("lambda_errors")
        self.last_error = error
        return error

    def _charge(self, seconds: float) -> None:
        self._meter.add("lambda_gb_seconds", self.config.memory / 1024 * math.ceil(seconds * 1000) / 1000)

"""What an execution environment is, and one event in it."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Protocol


class FunctionError(Exception):
    """The function failed: `X-Amz-Function-Error: Unhandled` with this payload."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.payload: dict[str, Any] = {"errorMessage": message, "errorType": kind, "stackTrace": trace or []}


class EnvironmentDied(FunctionError):
    """The process ended, or was ended, in mid-event."""

    def __init__(self, message: str) -> None:
        super().__init__("Runtime.ExitError", message)


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer that a custom runtime streams. pieces raises FunctionError if the function fails on the way."""

    content_type: str
    pieces: AsyncIterator[bytes]


@dataclass(slots=True, eq=False)
class Invocation:
    """One event. deadline: epoch seconds. answer: what the function gave; done: the environment has finished with it.

    Both are resolved on the emulator's loop by the environment."""

    payload: bytes
    deadline: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    answer: asyncio.Future[bytes | Streamed] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def succeed(self, answer: bytes | Streamed, *, done: bool = True) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)
        if done:
            self.finish()

    def fail(self, error: FunctionError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # the caller may have given up waiting
        self.finish()

    def finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


class Environment(Protocol):
    """One execution environment: takes one event at a time, its module state survives between them."""

    @property
    def alive(self) -> bool:
        """False when it takes no more events."""
        ...

    async def start(self) -> None:
        """Initialise. Raises FunctionError."""
        ...

    def run(self, invocation: Invocation) -> None:
        """Begin the event; the invocation is resolved later."""
        ...

    async def kill(self) -> None:
        """End it, whatever it does."""
        ...


class Context:
    """The second argument of a Python handler."""

    def __init__(self, invocation: Invocation, name: str, memory: int) -> None:
        self.aws_request_id = invocation.id
        self.function_name = name
        self.function_version = "$LATEST"
        self.memory_limit_in_mb = str(memory)
        self.invoked_function_arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{name}"
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = "2026/11/26/[$LATEST]emulated"
        self._deadline = invocation.deadline

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))


def as_json(result: Any) -> bytes:
    """What the runtime makes of a handler's result. Raises FunctionError."""
    try:
        return json.dumps(result, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise FunctionError("Runtime.MarshalError", f"Unable to marshal response: {error}") from None

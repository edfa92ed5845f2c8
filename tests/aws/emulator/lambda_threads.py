"""Environments that are threads of the test's process: quick, easy to debug, and sharing the modules of the test."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import traceback
from collections.abc import Callable
from typing import Any

from tests.aws.emulator.lambda_environment import Context, EnvironmentDied, FunctionError, Invocation, as_json

Handler = Callable[[Any, Any], Any]


class ThreadEnvironment:
    """make: called once in the new thread, returns the handler (what it closes over is the environment's own state).

    A thread cannot be killed: one that overruns its time goes on unheard, and its environment takes no more events.
    """

    def __init__(self, make: Callable[[], Handler], name: str, memory: int) -> None:
        self._make = make
        self._name = name
        self._memory = memory
        self._events: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._current: Invocation | None = None
        self._dead = False
        self._ended = threading.Event()

    @property
    def alive(self) -> bool:
        return not self._dead

    async def start(self) -> None:
        threading.Thread(target=self._work, name=f"lambda-{self._name}", daemon=True).start()
        await self._ready

    def run(self, invocation: Invocation) -> None:
        self._current = invocation
        self._events.put(invocation)

    async def kill(self) -> None:
        self._dead = True
        self._events.put(None)
        if self._current and not self._current.done.done():
            self._current.fail(EnvironmentDied("RequestId: Error: Runtime exited"))
        else:
            await asyncio.to_thread(self._ended.wait, 5)

    def _work(self) -> None:
        try:
            handler = self._make()
        except Exception as error:
            self._ended.set()
            self._tell(self._started, FunctionError(type(error).__name__, str(error)))
            return
        self._tell(self._started, None)
        while (invocation := self._events.get()) is not None and not self._dead:
            try:
                event = json.loads(invocation.payload)
                answer = as_json(handler(event, Context(invocation, self._name, self._memory)))
            except FunctionError as error:
                self._tell(invocation.fail, error)
            except BaseException as error:
                trace = traceback.format_exception(error)
                self._tell(invocation.fail, FunctionError(type(error).__name__, str(error), trace))
            else:
                self._tell(invocation.succeed, answer)
        if close := getattr(handler, "close", None):
            close()
        self._ended.set()

    def _started(self, error: FunctionError | None) -> None:
        if self._ready.done():
            return  # whoever waited for it has given up
        if error:
            self._ready.set_exception(error)
        else:
            self._ready.set_result(None)

    def _tell(self, what: Callable[[Any], Any], value: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, value)

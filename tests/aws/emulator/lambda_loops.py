"""Environments whose runtime is of this project: its loop in a thread of the test's process, at a real Runtime API."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from tests.aws.emulator.lambda_environment import EnvironmentDied, Invocation
from tests.aws.emulator.runtime_api import RuntimeApi

Runtime = Callable[[str], None]


class LoopEnvironment:
    """make: called in the new thread, gives the loop, which serves the Runtime API at an address until that is gone.

    As other environments that are threads it cannot be killed in mid-event; what it says afterwards nobody hears.
    """

    def __init__(self, make: Callable[[], Runtime], name: str) -> None:
        self._make = make
        self._name = name
        self._api = RuntimeApi(f"arn:aws:lambda:eu-central-1:123456789012:function:{name}", lambda busy: None)
        self._loop = asyncio.get_running_loop()
        self._ended = threading.Event()
        self.alive = True

    async def start(self) -> None:
        await self._api.server.start()
        threading.Thread(target=self._work, name=f"lambda-{self._name}", daemon=True).start()
        await self._api.ready

    def run(self, invocation: Invocation) -> None:
        self._api.put(invocation)

    async def kill(self) -> None:
        self.alive = False
        await self._api.server.stop()
        self._api.fail(EnvironmentDied("RequestId: Error: Runtime exited"))
        await asyncio.to_thread(self._ended.wait, 5)

    def _work(self) -> None:
        try:
            self._make()(self._api.address)
        except Exception as error:
            self._tell(f"Runtime exited with {type(error).__name__}: {error}")
        else:
            self._tell("Runtime exited without providing a reason")
        finally:
            self._ended.set()

    def _tell(self, message: str) -> None:
        self.alive = False
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._api.fail, EnvironmentDied(message))

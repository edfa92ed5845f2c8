"""The relay, as a child process or in this loop, and an agent with any number of tunnels to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from app.agent.connection import Endpoint
from app.agent.supervisor import Supervisor
from app.domain.events import Event, ExchangeFinished, TunnelChanged
from app.domain.exchange import Exchange
from app.domain.tasks import spawn
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus
from app.domain.upstream import Upstream
from app.process.child import ChildProcess
from app.relay.application import AGENT_PATH, RelayConfig
from app.relay.server import RelayServer, bind

T = TypeVar("T")


@dataclass
class Relay:
    """A running relay. process: None if it runs in this loop. token: what its agents need"""

    port: int
    url: str
    process: ChildProcess | None = None
    token: str = ""

    @property
    def agent_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}{AGENT_PATH}"


async def start_relay() -> Relay:
    """The relay as the app starts it."""
    process = ChildProcess.of_module("app.relay", "--port", "0", name="relay")
    ready = await process.start()
    return Relay(ready["port"], ready["url"], process)


@contextlib.asynccontextmanager
async def relay_here(config: RelayConfig) -> AsyncIterator[Relay]:
    """A relay in this loop, for what the command line of the child cannot say."""
    listener = bind(config)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = RelayServer(config, listener, ready.set_result)
    running = spawn(server.run_until_told(), name="relay")
    url = await ready
    try:
        yield Relay(listener.getsockname()[1], url)
    finally:
        server.should_exit = True
        await running


@dataclass
class Tunnel:
    """An open tunnel, by its name."""

    name: str
    spec: TunnelSpec
    relay: Relay

    def path(self, rest: str = "/") -> str:
        """The public path for a path of the service."""
        return f"/{self.name}{rest}"

    def url(self, rest: str = "/", scheme: str = "http") -> str:
        """The public URL, with an address that resolves everywhere."""
        return f"{scheme}://127.0.0.1:{self.relay.port}/{self.name}{rest}"


@dataclass
class Agent:
    """A supervisor in this loop that remembers what it published."""

    relay: Relay
    token: str = ""
    owner: str = "the owner"
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting: list[tuple[Callable[[Event], Any], asyncio.Future[Any]]] = []
        self.supervisor = Supervisor(self.owner, self._endpoint, self._publish)

    async def open(self, port: int, name: str | None = None, **options: Any) -> Tunnel:
        """A tunnel to that port, online."""
        spec = self.start(port, name, **options)
        await self.reaches(spec, TunnelState.ONLINE)
        return Tunnel(spec.name, spec, self.relay)

    def start(self, port: int, name: str | None = None, **options: Any) -> TunnelSpec:
        """A tunnel to that port, whatever becomes of it."""
        spec = TunnelSpec(name or f"t{secrets.token_hex(4)}", Upstream("http", "127.0.0.1", port))
        spec = replace(spec, **options)
        self.supervisor.start(spec)
        return spec

    async def reaches(self, spec: TunnelSpec, state: TunnelState, seconds: float = 10) -> TunnelStatus:
        """Wait until the tunnel is in that state."""
        now = self.supervisor.status(spec.id)
        if now is not None and now.state is state:
            return now

        def wanted(event: Event) -> TunnelStatus | None:
            right = isinstance(event, TunnelChanged) and event.status.spec.id == spec.id and event.status.state is state
            return event.status if right and isinstance(event, TunnelChanged) else None

        return await self._first(wanted, seconds)

    async def finished(self, seconds: float = 5) -> Exchange:
        """The next exchange that ends from now on."""
        return await self._first(lambda event: event.exchange if isinstance(event, ExchangeFinished) else None, seconds)

    def exchanges(self) -> list[Exchange]:
        """All that have ended."""
        return [event.exchange for event in self.events if isinstance(event, ExchangeFinished)]

    async def aclose(self) -> None:
        """Stop every tunnel."""
        await self.supervisor.aclose()

    async def _first(self, wanted: Callable[[Event], T | None], seconds: float) -> T:
        found: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, found))
        async with asyncio.timeout(seconds):
            return await found

    async def _endpoint(self) -> Endpoint:
        return Endpoint(self.relay.agent_url, self.token or self.relay.token)

    def _publish(self, event: Event) -> None:
        self.events.append(event)
        for pair in list(self._waiting):
            wanted, future = pair
            if future.done():
                self._waiting.remove(pair)
            elif (found := wanted(event)) is not None:
                future.set_result(found)
                self._waiting.remove(pair)


_AGENT = """
import asyncio, sys
from tests.e2e.tunnels import Agent, Relay
async def main():
    await Agent(Relay(int(sys.argv[1]), "")).open(int(sys.argv[2]), sys.argv[3])
    print("{}", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def agent_process(relay: Relay, port: int, name: str) -> AsyncIterator[ChildProcess]:
    """An agent in a process of its own, with one tunnel online."""
    process = ChildProcess([sys.executable, "-c", _AGENT, str(relay.port), str(port), name], name="agent")
    await process.start()
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):  # most tests kill it themselves
            kill(process)
        await process.wait()


def kill(process: ChildProcess, how: signal.Signals = signal.SIGKILL) -> None:
    """End it without a goodbye."""
    assert process.pid is not None
    os.kill(process.pid, how)

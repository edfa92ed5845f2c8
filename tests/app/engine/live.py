"""A workspace as it really is, with a listener, a service and visitors, for the tests of this folder."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from dataclasses import replace as edited
from typing import Self

import httpx

from app.domain.events import Event, ExchangeFinished, Notice, TunnelChanged
from app.domain.exchange import Exchange
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus
from app.domain.upstream import Upstream
from app.engine import settings_file
from app.engine.paths import Paths
from app.engine.workspace import LiveWorkspace


@dataclass
class Listener:
    """Everything a workspace published, and a way to wait for more of it."""

    events: list[Event] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.news.set()

    @property
    def notices(self) -> list[str]:
        return [event.problem.code for event in self.events if isinstance(event, Notice)]

    def states(self, tunnel_id: str) -> list[TunnelState]:
        changes = (event.status for event in self.events if isinstance(event, TunnelChanged))
        return [status.state for status in changes if status.spec.id == tunnel_id]

    async def until(self, condition: Callable[[], bool], seconds: float = 8) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self.news.clear()
                await self.news.wait()


@dataclass
class Opened:
    """An open workspace with its listener."""

    workspace: LiveWorkspace
    heard: Listener

    def status(self, spec: TunnelSpec) -> TunnelStatus:
        return next(status for status in self.workspace.tunnels if status.spec.id == spec.id)

    async def reaches(self, spec: TunnelSpec, state: TunnelState) -> TunnelStatus:
        await self.heard.until(lambda: self.status(spec).state is state)
        return self.status(spec)

    async def online(self, spec: TunnelSpec) -> str:
        """Wait for it; its path URL."""
        status = await self.reaches(spec, TunnelState.ONLINE)
        assert status.urls is not None
        return status.urls.path

    async def recorded(self, url: str, **options: object) -> Exchange:
        """One request of a visitor, as the workspace has it then."""
        count = len(self.finished)
        async with httpx.AsyncClient(trust_env=False) as visitor:
            await visitor.request(str(options.pop("method", "GET")), url, **options)  # type: ignore[arg-type]
        await self.heard.until(lambda: len(self.finished) > count)
        return self.finished[-1]

    @property
    def finished(self) -> list[Exchange]:
        return [event.exchange for event in self.heard.events if isinstance(event, ExchangeFinished)]


class Service:
    """Answers with the body it got; keeps the heads."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                self.heads.append(head)
                lengths = [line for line in head.lower().split("\r\n") if line.startswith("content-length")]
                body = await reader.readexactly(int(lengths[0].split(":")[1]) if lengths else 0)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()


async def visit(url: str) -> int:
    """The status of an answer."""
    async with httpx.AsyncClient(trust_env=False) as visitor:
        return (await visitor.get(url)).status_code


async def hang_up_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A service that never answers."""
    with contextlib.suppress(ConnectionError, asyncio.CancelledError):
        await reader.read()
    writer.transport.abort()


Open = Callable[..., AbstractAsyncContextManager[Opened]]


def spec_of(service: Service | int, name: str = "shop", **options: object) -> TunnelSpec:
    port = service if isinstance(service, int) else service.port
    return edited(TunnelSpec(name, Upstream("http", "127.0.0.1", port)), **options)  # type: ignore[arg-type]


def saved(paths: Paths) -> list[TunnelSpec]:
    settings, problem = settings_file.load(paths.settings_file)
    assert problem is None
    return list(settings.tunnels)

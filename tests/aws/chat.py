"""A tunnel on AWS to a WebSocket service, and a page that talks to it: fixture `chat`, in the loop of its module."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response

from tests.aws.backend import Backend
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.ws_api import WsConfig
from tests.aws.threaded import in_threads
from tests.aws.visitor_page import Page
from tests.e2e.service import Sockets
from tests.e2e.tunnels import Agent


async def echo(socket: ServerConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for message in socket:
            await socket.send(message)


@dataclass
class Service(Sockets):
    """refusal: with which every handshake is answered, if one"""

    refusal: HTTPStatus | None = None


@dataclass
class Chat:
    """A tunnel `shop` to a service whose WebSockets do what `serve` says, and a page of it."""

    backend: Backend
    agent: Agent
    service: Service
    page: Page
    serve: Callable[[ServerConnection], Awaitable[None]] = echo


@pytest_asyncio.fixture(name="backend", scope="module", loop_scope="module")
async def backend_of_module() -> AsyncIterator[Backend]:
    """One for all: what tests do to it is over with them."""
    config = CloudConfig(websockets=WsConfig(settle=0.1, jitter=(0.0, 0.03)))
    async with in_threads(config) as backend:
        yield backend


@pytest_asyncio.fixture(name="chat", loop_scope="module")
async def new_chat(request: pytest.FixtureRequest, backend: Backend) -> AsyncIterator[Chat]:
    """Parametrize indirectly with the subprotocols of the service."""

    async def serve(socket: ServerConnection) -> None:
        await found.serve(socket)

    def answer(_: ServerConnection, __: Request) -> Response | None:
        return None if service.refusal is None else Response(service.refusal, "no", Headers())

    service = Service(serve, getattr(request, "param", None), answer)
    async with service:
        agent = backend.agent()
        found = Chat(backend, agent, service, Page(backend))
        await agent.open(service.port, "shop")
        yield found
        await agent.aclose()


def rows(chat: Chat, prefix: str) -> list[Any]:
    """The table's rows whose pk begins so."""
    return [item for item in chat.backend.cloud.table.items() if item["pk"]["S"].startswith(prefix)]


async def forgotten(chat: Chat) -> None:
    """Wait until nothing is left of its WebSockets."""
    for _ in range(200):
        if not rows(chat, "v#"):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(rows(chat, "v#"))


async def status_of(chat: Chat, id: str) -> int:
    """What the handshake with that ticket is answered."""
    with pytest.raises(InvalidStatus) as refused:
        await chat.page.connecting(id)
    return refused.value.response.status_code

"""One connection to a backend: connect, hello, welcome, then messages until either side is done."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, cast
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from app import __version__
from app.agent.blobs import BlobClient
from app.agent.refusals import connect_problem, refusal_problem
from app.agent.resend import RecentReplies, SentReply
from app.agent.usage import ConnectionMeter, TunnelMeter, greeted
from app.domain.hosts import is_loopback_host
from app.domain.problems import HatchwayError, Problem, fail
from app.domain.tasks import spawn
from app.domain.usage import Usage
from backend_lambda.protocol.codec import decode, encode
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import (
    AgentMessage,
    BackendMessage,
    Data,
    End,
    Error,
    Goodbye,
    Hello,
    Message,
    Ping,
    Pong,
    TunnelOptions,
    Welcome,
)
from backend_lambda.protocol.session import AGENT_RECEIVES, ConnectionSession, ConnectionState, Outcome
from backend_lambda.protocol.slots import SlotWriter

_CONNECT_SECONDS = 10.0
_WELCOME_SECONDS = 10.0
_HELLO_AGAIN_SECONDS = 2.0
_PONG_SECONDS = 10.0
_MOST_EARLY = 256  # messages before the welcome
_MOST_RESENT = 64  # complaints of the gateway in work; later ones find nothing that has not been sent again
_CLOSE_SECONDS = 0.3  # for a closing handshake; a dead relay does not answer
# The largest message any backend may announce; the real limit is known from `welcome`.
_MOST_MESSAGE = 32 * 1024 * 1024

FINAL_CODES = frozenset(
    {
        "bad_token", "name_taken", "bad_name", "unsupported_version", "bad_relay_url", "superseded",
        "unknown_backend", "no_backend_token", "keyring_closed",
    }
)  # fmt: skip
"""Failures that trying again cannot mend."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the backend's agent endpoint is (ws:// or wss://) and the token that opens it ("" for none)."""

    url: str
    token: str = ""


class AgentConnection:
    """An established connection; `run` it until it ends."""

    def __init__(
        self,
        socket: ClientConnection,
        session: ConnectionSession,
        welcome: Welcome,
        early: list[Message],
        blobs: BlobClient,
        meter: ConnectionMeter | None = None,
        url: str = "",
    ) -> None:
        """early: what overtook the welcome. meter: counts what this costs on AWS. url: the backend's agent endpoint"""
        self.blobs = blobs
        self._early = early
        self._socket = socket
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._last_heard = self._loop.time()
        self.welcome = welcome
        self._slots = SlotWriter() if welcome.limits.slots else None
        # Such a backend has one WebSocket API for all, which is what its pages are told.
        self.socket_url = url.rstrip("/") if welcome.limits.slots else ""
        self._recent = RecentReplies(self._loop.time)
        self._meter = meter

    @classmethod
    async def open(
        cls, endpoint: Endpoint, tunnel: str, owner: str, options: TunnelOptions, meter: TunnelMeter | None = None
    ) -> AgentConnection:
        """Connect and claim the tunnel. Raises HatchwayError; see FINAL_CODES."""
        headers = {"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else {}
        try:
            socket = await connect(
                endpoint.url, additional_headers=headers, compression=None, max_size=_MOST_MESSAGE,
                open_timeout=_CONNECT_SECONDS, ping_interval=None, close_timeout=2, proxy=_proxy(endpoint.url),
                user_agent_header=f"hatchway/{__version__}", max_queue=(64, 16), write_limit=256 * 1024,
            )  # fmt: skip
        except (OSError, WebSocketException, ValueError) as error:
            raise connect_problem(error, endpoint.url) from error
        try:
            session = ConnectionSession(AGENT_RECEIVES)
            hello = Hello(tunnel, owner, replace(options, blobs=True), f"hatchway/{__version__}", binary=True)
            early: list[Message] = []
            greeting = Usage()
            welcome = await _greet(socket, session, hello, early, greeting)
            counted = meter.connected(welcome, greeting) if meter is not None else None
            return cls(socket, session, welcome, early, BlobClient(endpoint.url), counted, endpoint.url)
        except BaseException:
            socket.transport.abort()  # nothing is open yet that a polite end would save
            raise

    @property
    def limits(self) -> Limits:
        return self.welcome.limits

    async def send(self, message: AgentMessage) -> None:
        """Raises ConnectionClosed, ProtocolError `oversize` (which would cost the connection)."""
        limits = self.limits
        envelope = self._slots.wrap(message) if self._slots is not None else None
        wire = encode(message, binary=self.welcome.binary) if envelope is None else envelope
        if len(wire) > limits.message:
            raise ProtocolError("oversize", f"{len(wire)} > {limits.message}")
        row = 0 if envelope is None or self._slots is None else self._slots.row
        await self._transmit(message, wire, row)
        # Those of an open WebSocket have no envelope, but a number, which makes a second one harmless as well.
        if envelope is not None or (self._slots is not None and isinstance(message, Data | End)):
            self._recent.add(message, cast(str, wire), row)

    async def _transmit(self, message: AgentMessage, wire: str | bytes, row: int) -> None:
        frame = self.limits.frame
        # JSON is ASCII here, so any cut is between characters.
        await self._socket.send(wire if frame is None or len(wire) <= frame else _cut(wire, frame))
        if self._meter is not None:
            self._meter.sent(message, len(wire), row)

    def say_again(self, request_id: str) -> None:
        """Send that reply once more: the backend asks for what it should have by now."""
        if replies := self._recent.of(request_id):
            spawn(self._send_again(replies, 0), name=f"reply again {request_id}")

    async def _send_again(self, replies: list[SentReply], pause: float) -> None:
        await asyncio.sleep(pause)
        with contextlib.suppress(ConnectionClosed):
            for reply in replies:
                await self._transmit(reply.message, reply.wire, reply.row)

    async def run(self, handle: Callable[[BackendMessage], None]) -> Problem | None:
        """Hand every message of an exchange to `handle` until the connection ends; None if it ended in order."""
        heartbeat = spawn(self._heartbeat(), name="agent heartbeat")
        again: deque[asyncio.Task[None]] = deque(maxlen=_MOST_RESENT)
        most = self.limits.message
        meter = self._meter
        try:
            for message in self._early:
                if meter is not None:
                    meter.received(message, 0)
                if self._session.receive(message) is Outcome.ACCEPT:
                    handle(cast(BackendMessage, message))
            async for wire in self._socket:
                self._last_heard = self._loop.time()
                received = decode(wire, max_message=most, max_body=most)
                if meter is not None:
                    meter.received(received, len(wire))
                if received is None and (lost := self._recent.lost(wire)):
                    again.append(spawn(self._send_again(lost, self._recent.pause()), name="replies again"))
                if received is None or self._session.receive(received) is Outcome.IGNORE:
                    continue
                if isinstance(received, Error) and not received.id:
                    return refusal_problem(received)
                if not isinstance(received, Pong | Welcome):
                    handle(cast(BackendMessage, received))  # the table lets nothing else pass
        except ProtocolError as error:
            return Problem("malformed", f"The relay broke the protocol ({error.detail})", "relay", "Update Hatchway.")
        except ConnectionClosed:
            return Problem("relay_lost", "The connection to the relay was lost", "network", "It reconnects by itself.")
        finally:
            for task in (heartbeat, *again):
                task.cancel()
            if meter is not None:
                meter.close()
            await self.close()
            await self.blobs.aclose()
        return None

    async def say_goodbye(self, *, release: bool) -> None:
        """Ask for no more requests. release: give up the name too."""
        with contextlib.suppress(ConnectionClosed):
            await self.send(Goodbye(release))

    async def close(self) -> None:
        """Close now, politely if the other side still answers."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._socket.close()
        except TimeoutError:
            self.abort()
        except asyncio.CancelledError:
            self.abort()
            raise

    def abort(self) -> None:
        """Drop the connection without a closing handshake: the other side does not answer any more."""
        self._socket.transport.abort()

    async def _heartbeat(self) -> None:
        interval = self.limits.ping / 1000
        number = 0
        while True:
            quiet = self._loop.time() - self._last_heard
            if quiet < interval:
                await asyncio.sleep(interval - quiet)
                continue
            number += 1
            asked = self._loop.time()
            try:
                # Sending waits, too, when a dead relay takes nothing any more.
                async with asyncio.timeout(_PONG_SECONDS):
                    await self.send(Ping(str(number)))
            except ConnectionClosed:
                return
            except TimeoutError:
                self.abort()
                return
            await asyncio.sleep(_PONG_SECONDS)
            if self._last_heard < asked:
                self.abort()
                return


def _cut(wire: str | bytes, size: int) -> list[str] | list[bytes]:
    """The parts of a message that is sent in several frames."""
    return [wire[start : start + size] for start in range(0, len(wire), size)]  # type: ignore[return-value]


async def _greet(
    socket: ClientConnection, session: ConnectionSession, hello: Hello, early: list[Message], greeting: Usage
) -> Welcome:
    """Say hello until there is a welcome: a fresh API Gateway connection may miss the first answer."""
    session.state = ConnectionState.GREETED
    wire = encode(hello, binary=False)
    try:
        async with asyncio.timeout(_WELCOME_SECONDS):
            while True:
                await socket.send(wire)
                greeted(greeting, len(wire), is_hello=True)
                try:
                    async with asyncio.timeout(_HELLO_AGAIN_SECONDS):
                        message = await _first(socket, session, early, greeting)
                except TimeoutError:
                    continue
                if isinstance(message, Error):
                    raise HatchwayError(refusal_problem(message))
                assert isinstance(message, Welcome)
                return message
    except TimeoutError:
        raise fail("relay_silent", "The relay accepted the connection but does not answer", "relay") from None
    except ConnectionClosed:
        raise fail("relay_lost", "The relay closed the connection", "relay", "It is tried again.") from None
    except ProtocolError as error:
        raise fail(
            "malformed", f"That is not a Hatchway relay ({error.detail})", "relay", "Check its address."
        ) from error


async def _first(
    socket: ClientConnection, session: ConnectionSession, early: list[Message], greeting: Usage
) -> Message:
    """The welcome or the refusal; what may overtake it is kept in `early`."""
    while True:
        wire = await socket.recv()
        greeted(greeting, len(wire))
        message = decode(wire, max_message=_MOST_MESSAGE, max_body=_MOST_MESSAGE)
        if message is None:
            continue
        outcome = session.receive(message)
        if outcome is Outcome.ACCEPT and isinstance(message, Welcome | Error):
            return message
        if outcome is Outcome.HOLD:
            early.append(message)
            if len(early) > _MOST_EARLY:
                raise ProtocolError("out_of_order", "no welcome")


def _proxy(url: str) -> Literal[True] | None:
    """Proxies of the environment apply to relays elsewhere, never to the one on this computer."""
    return None if is_loopback_host(urlsplit(url).hostname or "") else True

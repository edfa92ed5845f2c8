"""One connection to a backend: connect, hello, welcome, then messages until either side is done."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidHeader,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)

from app import __version__
from app.domain.hosts import is_loopback_host
from app.domain.problems import HatchwayError, Problem, Side, fail
from app.domain.tasks import spawn
from backend_lambda.protocol.codec import decode, encode
from backend_lambda.protocol.errors import FAILURES, ProtocolError
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import (
    AgentMessage,
    BackendMessage,
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
_CLOSE_SECONDS = 0.3  # for a closing handshake; a dead relay does not answer
# The largest message any backend may announce; the real limit is known from `welcome`.
_MOST_MESSAGE = 32 * 1024 * 1024

FINAL_CODES = frozenset({"bad_token", "name_taken", "bad_name", "unsupported_version", "bad_relay_url", "superseded"})
"""Failures that trying again cannot mend."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the backend's agent endpoint is (ws:// or wss://) and the token that opens it ("" for none)."""

    url: str
    token: str = ""


class AgentConnection:
    """An established connection; `run` it until it ends."""

    def __init__(
        self, socket: ClientConnection, session: ConnectionSession, welcome: Welcome, early: list[Message]
    ) -> None:
        """early: what overtook the welcome."""
        self._early = early
        self._socket = socket
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._last_heard = self._loop.time()
        self.welcome = welcome
        self._slots = SlotWriter() if welcome.limits.slots else None

    @classmethod
    async def open(cls, endpoint: Endpoint, tunnel: str, owner: str, options: TunnelOptions) -> AgentConnection:
        """Connect and claim the tunnel. Raises HatchwayError; see FINAL_CODES."""
        headers = {"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else {}
        try:
            socket = await connect(
                endpoint.url, additional_headers=headers, compression=None, max_size=_MOST_MESSAGE,
                open_timeout=_CONNECT_SECONDS, ping_interval=None, close_timeout=2, proxy=_proxy(endpoint.url),
                user_agent_header=f"hatchway/{__version__}", max_queue=(64, 16), write_limit=256 * 1024,
            )  # fmt: skip
        except (OSError, WebSocketException, ValueError) as error:
            raise _connect_problem(error) from error
        try:
            session = ConnectionSession(AGENT_RECEIVES)
            hello = Hello(tunnel, owner, options, f"hatchway/{__version__}", binary=True)
            early: list[Message] = []
            return cls(socket, session, await _greet(socket, session, hello, early), early)
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
        # JSON is ASCII here, so any cut is between characters.
        whole = limits.frame is None or len(wire) <= limits.frame
        await self._socket.send(wire if whole else _cut(wire, limits.frame or 0))

    async def run(self, handle: Callable[[BackendMessage], None]) -> Problem | None:
        """Hand every message of an exchange to `handle` until the connection ends; None if it ended in order."""
        heartbeat = spawn(self._heartbeat(), name="agent heartbeat")
        most = self.limits.message
        try:
            for message in self._early:
                if self._session.receive(message) is Outcome.ACCEPT:
                    handle(cast(BackendMessage, message))
            async for wire in self._socket:
                self._last_heard = self._loop.time()
                received = decode(wire, max_message=most, max_body=most)
                if received is None or self._session.receive(received) is Outcome.IGNORE:
                    continue
                if isinstance(received, Error) and not received.id:
                    return _refusal(received)
                if not isinstance(received, Pong | Welcome):
                    handle(cast(BackendMessage, received))  # the table lets nothing else pass
        except ProtocolError as error:
            return Problem("malformed", f"The relay broke the protocol ({error.detail})", "relay", "Update Hatchway.")
        except ConnectionClosed:
            return Problem("relay_lost", "The connection to the relay was lost", "network", "It reconnects by itself.")
        finally:
            heartbeat.cancel()
            await self.close()
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


async def _greet(socket: ClientConnection, session: ConnectionSession, hello: Hello, early: list[Message]) -> Welcome:
    """Say hello until there is a welcome: a fresh API Gateway connection may miss the first answer."""
    session.state = ConnectionState.GREETED
    wire = encode(hello, binary=False)
    try:
        async with asyncio.timeout(_WELCOME_SECONDS):
            while True:
                await socket.send(wire)
                try:
                    async with asyncio.timeout(_HELLO_AGAIN_SECONDS):
                        message = await _first(socket, session, early)
                except TimeoutError:
                    continue
                if isinstance(message, Error):
                    raise HatchwayError(_refusal(message))
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


async def _first(socket: ClientConnection, session: ConnectionSession, early: list[Message]) -> Message:
    """The welcome or the refusal; what may overtake it is kept in `early`."""
    while True:
        wire = await socket.recv()
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


def _refusal(error: Error) -> Problem:
    known = FAILURES.get(error.code)
    if known is None:
        return Problem(error.code, error.message or "The relay refused the tunnel", "relay")
    side: Side = "you" if error.code in ("name_taken", "bad_name", "bad_token") else "relay"
    return Problem(error.code, known.title.rstrip("."), side, known.hint)


def _connect_problem(error: Exception) -> HatchwayError:
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        if status in (401, 403):
            known = FAILURES["bad_token"]
            return fail("bad_token", known.title.rstrip("."), "you", known.hint)
        return fail(
            "relay_refused", f"The relay answered {status} instead of connecting", "relay", "Check its address."
        )
    if isinstance(error, InvalidURI):
        return fail("bad_relay_url", "The relay's address is not a WebSocket URL", "you", "Use ws:// or wss://.")
    if isinstance(error, TimeoutError):
        return fail("relay_unreachable", "The relay does not answer", "network", "Check your network.")
    if isinstance(error, InvalidHandshake):
        # Of a header only the name: its value may be our token.
        detail = f"header {error.name}" if isinstance(error, InvalidHeader) else error
        return fail("relay_refused", f"That is not a Hatchway relay ({detail})", "relay", "Check its address.")
    if isinstance(error, ConnectionRefusedError):
        return fail("relay_unreachable", "The relay is not running", "relay", "It is tried again.")
    return fail("relay_unreachable", f"The relay cannot be reached ({error})", "network", "Check your network.")


def _proxy(url: str) -> Literal[True] | None:
    """Proxies of the environment apply to relays elsewhere, never to the one on this computer."""
    return None if is_loopback_host(urlsplit(url).hostname or "") else True

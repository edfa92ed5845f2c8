"""Keeps one tunnel online: connects, reconnects with backoff, moves to a fresh connection before the old one ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from app.agent.connection import FINAL_CODES, AgentConnection, Endpoint
from app.agent.context import TunnelContext
from app.agent.exchanges import Exchanges
from app.agent.reconnect import Backoff
from app.agent.usage import TunnelMeter
from app.domain.events import Event, TunnelChanged
from app.domain.problems import HatchwayError, Problem
from app.domain.tasks import spawn
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, TunnelUrls
from app.upstream.api import UpstreamOptions
from app.upstream.client import upstream_client
from backend_lambda.protocol.messages import BackendMessage, Superseded, TunnelOptions

_DRAIN_SECONDS = 30.0  # how long an old connection may finish what runs on it
_REMEMBERED_SECONDS = 15.0
_ROTATE_AT = 0.9  # of the lifetime the backend announces
_GOODBYE_SECONDS = 0.3
# A connection that lasted this long was fine; the next failure starts with a short delay again.
_STABLE_SECONDS = 30.0

_CLOSED = Problem("relay_closed", "The relay closed the connection", "relay", "It reconnects by itself.")
_TAKEN_OVER = Problem(
    "superseded", "Another Hatchway with your settings has taken this tunnel over", "you", "Stop it there, then retry."
)
_OUR_FAULT = Problem("internal", "Hatchway failed to run this tunnel", "Hatchway", "Please report it with the log.")

_log = logging.getLogger(__name__)

EndpointSource = Callable[[], Awaitable[Endpoint]]
"""Where the backend is now; may have to start it. Raises HatchwayError."""


class TunnelRunner:
    """Runs one tunnel until `stop`. Every change of its status is published."""

    def __init__(
        self,
        spec: TunnelSpec,
        owner: str,
        endpoint: EndpointSource,
        publish: Callable[[Event], None],
        *,
        backoff: Backoff | None = None,
        rotate_every: float | None = None,
    ) -> None:
        """owner: secret of this installation. rotate_every: seconds, None to follow the backend's lifetime."""
        self._owner = owner
        self._endpoint = endpoint
        self._publish = publish
        self._backoff = backoff or Backoff()
        self._rotate_every = rotate_every
        options = UpstreamOptions(spec.upstream, spec.verify_tls, spec.connect_timeout, spec.response_timeout)
        self._context = TunnelContext(spec, upstream_client(options), options, publish)
        self._meter = TunnelMeter(spec, publish)
        self._retry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._live: dict[AgentConnection, Exchanges] = {}
        self._carriers: set[asyncio.Task[Problem | None]] = set()
        self._current: AgentConnection | None = None  # the one that carries new requests
        self._stable_at = 0.0
        self._taken_over = asyncio.Event()
        self.status = TunnelStatus(spec)

    def start(self) -> None:
        """Begin to connect."""
        self._task = spawn(self._run(), name=f"tunnel {self.status.spec.name}")

    def retry_now(self) -> None:
        """Skip the rest of a delay; also wakes a tunnel that FAILED."""
        self._retry.set()

    async def stop(self, *, release: bool = False) -> None:
        """Say goodbye, end what runs, close. release: give up the name as well."""
        if self._task is not None:
            self._task.cancel()
            # Not `await self._task`: that could not tell its cancellation from one of the caller.
            await asyncio.wait((self._task,))
        await asyncio.gather(*(_say_goodbye(connection, release) for connection in list(self._live)))
        for carrier in list(self._carriers):
            carrier.cancel()
        await asyncio.gather(*self._carriers, return_exceptions=True)
        await self._context.client.aclose()
        self._meter.close()
        self._set(state=TunnelState.STOPPED, retry_at=None, problem=None)

    async def retire(self) -> None:
        """Give up the name, let what runs come to its end, then stop: the tunnel is served elsewhere already."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        live = dict(self._live)
        await asyncio.gather(*(_say_goodbye(connection, release=True) for connection in live))
        await asyncio.gather(*(_drain(connection, exchanges) for connection, exchanges in live.items()))
        await self.stop()

    async def _run(self) -> None:
        self._set(state=TunnelState.CONNECTING, problem=None)
        while True:
            self._stable_at = float("inf")
            try:
                problem = await self._stay_online()
            except HatchwayError as error:
                problem = error.problem
            except Exception:
                # A tunnel must not end in silence, whatever the fault.
                _log.exception("tunnel failed name=%s", self.status.spec.name)
                problem = _OUR_FAULT
            self._current = None
            # Not as soon as it connects: a relay that accepts and closes at once must not be hammered.
            if time.monotonic() >= self._stable_at:
                self._backoff.reset()
            self._retry.clear()
            if problem.code in FINAL_CODES:
                self._set(state=TunnelState.FAILED, problem=problem, retry_at=None)
                await self._retry.wait()
            else:
                delay = self._backoff.next_delay()
                self._set(state=TunnelState.RECONNECTING, problem=problem, retry_at=time.time() + delay)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await self._retry.wait()
            self._set(state=TunnelState.CONNECTING, retry_at=None)

    async def _stay_online(self) -> Problem:
        """Connect, and stay connected over any number of rotations. Returns why that ended."""
        carrier, connection = await self._connect()
        self._stable_at = time.monotonic() + _STABLE_SECONDS
        due = self._rotation(connection)
        taken_over = spawn(self._taken_over.wait(), name="taken over")
        try:
            while True:
                done, _ = await asyncio.wait((carrier, taken_over), timeout=due, return_when=asyncio.FIRST_COMPLETED)
                if taken_over in done:
                    return _TAKEN_OVER
                if done:
                    return carrier.result() or _CLOSED
                try:
                    # Make before break: the backend sends new requests to the new connection from its welcome on,
                    # tells the old one that it is superseded, and that one finishes what it has.
                    carrier, connection = await self._connect()
                    due = self._rotation(connection)
                except HatchwayError:
                    # Whatever the reason: the old connection still works, so it stays until it ends.
                    due = self._backoff.next_delay()
        finally:
            taken_over.cancel()

    async def _connect(self) -> tuple[asyncio.Task[Problem | None], AgentConnection]:
        spec = self._context.spec
        options = TunnelOptions(
            spec.upstream.origin, spec.host_header, spec.forwarded, spec.mode, rewrite_oauth=spec.rewrite_oauth
        )
        endpoint = await self._endpoint()
        # From here on a takeover may be our own, even if its welcome never reaches us.
        self._current = None
        connection = await AgentConnection.open(endpoint, spec.name, self._owner, options, self._meter)
        self._current = connection
        self._taken_over.clear()
        carrier = spawn(self._carry(connection), name=f"connection {spec.name} {connection.welcome.generation}")
        self._carriers.add(carrier)
        carrier.add_done_callback(self._carriers.discard)
        welcome = connection.welcome
        self._set(
            state=TunnelState.ONLINE,
            urls=TunnelUrls(welcome.path_url, welcome.host_url),
            scope=welcome.scope,
            generation=welcome.generation,
            retry_at=None,
            problem=None,
        )
        return carrier, connection

    async def _carry(self, connection: AgentConnection) -> Problem | None:
        """Serve one connection to its end."""
        exchanges = Exchanges(self._context, connection)
        self._live[connection] = exchanges
        draining: asyncio.Task[None] | None = None

        def handle(message: BackendMessage) -> None:
            nonlocal draining
            if isinstance(message, Superseded):
                if connection is self._current:
                    self._taken_over.set()
                    exchanges.refuse_new()  # else it is our own rotation, and either connection serves
                draining = draining or spawn(_drain(connection, exchanges), name="drain connection")
            else:
                exchanges.handle(message)

        try:
            return await connection.run(handle)
        finally:
            del self._live[connection]
            await exchanges.abandon()
            if draining is not None:
                draining.cancel()

    def _rotation(self, connection: AgentConnection) -> float | None:
        if self._rotate_every is not None:
            return self._rotate_every
        lifetime = connection.limits.lifetime
        return None if lifetime is None else lifetime / 1000 * _ROTATE_AT

    def _set(self, **changes: object) -> None:
        before = self.status
        after = replace(before, **changes)  # type: ignore[arg-type]
        if after.state is not before.state:
            after = replace(after, since=time.time())
        if after != before:
            self.status = after
            self._publish(TunnelChanged(after))


async def _say_goodbye(connection: AgentConnection, release: bool) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await connection.say_goodbye(release=release)


async def _drain(connection: AgentConnection, exchanges: Exchanges) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            if connection.limits.slots:
                # Its processes remember where a tunnel was; what they post to a closed connection may be lost.
                await asyncio.sleep(_REMEMBERED_SECONDS)
            await exchanges.drained()
    await connection.close()

"""Runs any number of tunnels, each on its own connection; one that fails never touches another."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from app.agent.tunnel import EndpointSource, TunnelRunner
from app.domain.events import Event, TunnelChanged
from app.domain.problems import HatchwayError, fail
from app.domain.tasks import spawn
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus

_ENDS = (TunnelState.ONLINE, TunnelState.FAILED, TunnelState.STOPPED)
_MOVE_SECONDS = 10.0  # a backend that was made a moment ago may refuse the first connections


class Supervisor:
    """The running tunnels by id."""

    def __init__(
        self,
        owner: str,
        endpoint: EndpointSource,
        publish: Callable[[Event], None],
        *,
        rotate_every: float | None = None,
    ) -> None:
        """endpoint: of tunnels that are started without one of their own"""
        self._owner = owner
        self._endpoint = endpoint
        self._publish = publish
        self._rotate_every = rotate_every
        self._runners: dict[str, TunnelRunner] = {}
        self._voices: dict[str, _Voice] = {}
        self._moving: set[TunnelRunner] = set()
        self._retiring: dict[TunnelRunner, asyncio.Task[None]] = {}

    def start(self, spec: TunnelSpec, endpoint: EndpointSource | None = None) -> None:
        """Start a tunnel that does not run yet."""
        if spec.id in self._runners:
            return
        self._voices[spec.id] = voice = _Voice(self._publish)
        self._runners[spec.id] = runner = self._runner(spec, endpoint, voice)
        runner.start()

    async def move(self, spec: TunnelSpec, endpoint: EndpointSource) -> None:
        """Bring a tunnel online at another backend, then give up its name at the one before; requests that run there
        are finished. Raises HatchwayError (why the other one refuses); nothing has changed then."""
        voice = _Voice(self._publish, muted=True)
        runner = self._runner(spec, endpoint, voice)
        self._moving.add(runner)
        runner.start()
        try:
            await voice.online(_MOVE_SECONDS)
        except BaseException:
            await runner.stop()
            raise
        finally:
            self._moving.discard(runner)
        if (before := self._runners.get(spec.id)) is not None:
            self._voices[spec.id].muted = True
            self._retire(before)
        self._runners[spec.id], self._voices[spec.id] = runner, voice
        voice.muted = False
        self._publish(TunnelChanged(runner.status))

    async def stop(self, tunnel_id: str, *, release: bool = False) -> None:
        """Stop a tunnel; fine if it does not run."""
        runner = self._runners.pop(tunnel_id, None)
        if runner is not None:
            await runner.stop(release=release)

    def retry_now(self, tunnel_id: str) -> None:
        """Skip the delay of a tunnel that waits to reconnect."""
        if tunnel_id in self._runners:
            self._runners[tunnel_id].retry_now()

    def status(self, tunnel_id: str) -> TunnelStatus | None:
        """The status of a running tunnel."""
        runner = self._runners.get(tunnel_id)
        return None if runner is None else runner.status

    async def aclose(self) -> None:
        """Stop all, at the same time."""
        runners, self._runners = list(self._runners.values()), {}
        retiring, self._retiring = self._retiring, {}
        for task in retiring.values():
            task.cancel()
        await asyncio.gather(*retiring.values(), return_exceptions=True)
        await asyncio.gather(*(runner.stop() for runner in (*runners, *retiring, *self._moving)))

    def _runner(self, spec: TunnelSpec, endpoint: EndpointSource | None, voice: _Voice) -> TunnelRunner:
        return TunnelRunner(spec, self._owner, endpoint or self._endpoint, voice, rotate_every=self._rotate_every)

    def _retire(self, runner: TunnelRunner) -> None:
        task = spawn(runner.retire(), name=f"retire {runner.status.spec.name}")
        self._retiring[runner] = task
        task.add_done_callback(lambda _: self._retiring.pop(runner, None))


class _Voice:
    """What a runner publishes. While it is muted nobody hears of its state: another one speaks for the tunnel."""

    def __init__(self, publish: Callable[[Event], None], *, muted: bool = False) -> None:
        self.muted = muted
        self._publish = publish
        self._last: TunnelStatus | None = None
        self._changed = asyncio.Event()

    def __call__(self, event: Event) -> None:
        if isinstance(event, TunnelChanged):
            self._last = event.status
            self._changed.set()
            if self.muted:
                return
        self._publish(event)

    async def online(self, seconds: float) -> None:
        """Wait for it. Raises HatchwayError with what is in the way if it fails, or tries for longer than this."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (state := self._last and self._last.state) not in _ENDS:
                    self._changed.clear()
                    await self._changed.wait()
                if state is TunnelState.ONLINE:
                    return
        if self._last is not None and self._last.problem is not None:
            raise HatchwayError(self._last.problem)
        raise fail("relay_unreachable", "The backend does not answer", "network", "Check your network.")

"""Runs any number of tunnels, each on its own connection; one that fails never touches another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.agent.tunnel import EndpointSource, TunnelRunner
from app.domain.events import Event
from app.domain.tunnel import TunnelSpec, TunnelStatus


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
        self._owner = owner
        self._endpoint = endpoint
        self._publish = publish
        self._rotate_every = rotate_every
        self._runners: dict[str, TunnelRunner] = {}

    def start(self, spec: TunnelSpec) -> None:
        """Start a tunnel that does not run yet."""
        if spec.id in self._runners:
            return
        runner = TunnelRunner(spec, self._owner, self._endpoint, self._publish, rotate_every=self._rotate_every)
        self._runners[spec.id] = runner
        runner.start()

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
        await asyncio.gather(*(runner.stop() for runner in runners))

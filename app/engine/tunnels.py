"""The tunnels of this process: what the user defined, what runs of it, and the locks on their names."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from app.agent.supervisor import Supervisor
from app.agent.tunnel import EndpointSource
from app.domain.events import Event, TunnelChanged, TunnelRemoved
from app.domain.problems import HatchwayError, fail
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, check_name
from app.engine.paths import Paths
from app.engine.running import NameLock

Prepare = Callable[[TunnelSpec], Awaitable[TunnelSpec]]
"""Called before a tunnel starts; may start its service and returns the tunnel as it is to run."""

EndpointOf = Callable[[TunnelSpec], EndpointSource]

_RUNNING = (TunnelState.CONNECTING, TunnelState.ONLINE)


class Tunnels:
    """Tunnels by id, in the user's order. `remember` must see every TunnelChanged before anybody else does."""

    def __init__(
        self,
        paths: Paths,
        supervisor: Supervisor,
        publish: Callable[[Event], None],
        prepare: Prepare,
        endpoint_of: EndpointOf,
    ) -> None:
        self._paths = paths
        self._supervisor = supervisor
        self._publish = publish
        self._prepare = prepare
        self._endpoint_of = endpoint_of
        self._statuses: dict[str, TunnelStatus] = {}
        self._locks: dict[str, NameLock] = {}
        self._changing = asyncio.Lock()  # one change at a time: each awaits the end of what ran before
        self._closed = False

    @property
    def statuses(self) -> Sequence[TunnelStatus]:
        return list(self._statuses.values())

    def get(self, tunnel_id: str) -> TunnelStatus | None:
        """A tunnel as it is now."""
        return self._statuses.get(tunnel_id)

    def remember(self, status: TunnelStatus) -> None:
        """A tunnel is new or has changed."""
        self._statuses[status.spec.id] = status
        if (lock := self._locks.get(status.spec.id)) is not None:
            lock.describe(status)

    def list_stopped(self, specs: Sequence[TunnelSpec]) -> None:
        """Tunnels of an earlier run; `resume` starts those that ran."""
        for spec in specs:
            self._publish(TunnelChanged(TunnelStatus(spec)))

    async def resume(self) -> None:
        """Start what is enabled; a tunnel that cannot is FAILED and says why."""
        for status in self.statuses:
            if not status.spec.enabled:
                continue
            async with self._changing:
                try:
                    self._lock(status.spec)
                except HatchwayError as error:
                    self._fail(status, error)
                else:
                    await self._start(status.spec)

    async def add(self, spec: TunnelSpec) -> TunnelStatus:
        """Raises HatchwayError `bad_name`, `name_in_use`."""
        async with self._changing:
            spec = replace(spec, name=self._free_name(spec))
            if spec.enabled:
                self._lock(spec)
            self._publish(TunnelChanged(TunnelStatus(spec)))
            if spec.enabled:
                await self._start(spec)
            return self._statuses[spec.id]

    async def edit(self, spec: TunnelSpec) -> None:
        """Another backend is tried first: while it refuses, the tunnel stays where it is.

        Raises HatchwayError `unknown_tunnel`, `bad_name`, `name_in_use`, and what another backend says; nothing has
        changed then.
        """
        async with self._changing:
            before = self._known(spec.id)
            spec = replace(spec, name=self._free_name(spec), enabled=before.spec.enabled)
            if spec == before.spec:
                return
            running = before.state is not TunnelState.STOPPED
            moves = running and spec.backend != before.spec.backend
            renamed = spec.name != before.spec.name
            if running:
                # The new name must be ours before the old one is given up, or a refusal would leave neither.
                lock = (
                    NameLock(self._paths, spec.name) if renamed or spec.id not in self._locks else self._locks[spec.id]
                )
                if moves:
                    await self._move(spec, lock)
                else:
                    await self._supervisor.stop(spec.id, release=renamed)
                if lock is not self._locks.get(spec.id):
                    self._unlock(spec.id)
                    self._locks[spec.id] = lock
            if moves:
                return  # it is online there, and the supervisor has said so
            self._publish(TunnelChanged(TunnelStatus(spec)))
            if running:
                await self._start(spec)

    async def remove(self, tunnel_id: str) -> None:
        """Stop it, give up its name, forget it. Raises HatchwayError `unknown_tunnel`."""
        async with self._changing:
            self._known(tunnel_id)
            await self._supervisor.stop(tunnel_id, release=True)
            self._unlock(tunnel_id)
            self._statuses.pop(tunnel_id, None)
            self._publish(TunnelRemoved(tunnel_id))

    async def start(self, tunnel_id: str) -> None:
        """Raises HatchwayError `unknown_tunnel`, `name_in_use`; fine if it runs already."""
        async with self._changing:
            status = self._known(tunnel_id)
            if status.state in _RUNNING:
                return
            spec = replace(status.spec, enabled=True)
            self._lock(spec)
            self._publish(TunnelChanged(replace(status, spec=spec)))
            await self._start(spec)

    async def stop(self, tunnel_id: str) -> None:
        """Raises HatchwayError `unknown_tunnel`; fine if it is stopped already."""
        async with self._changing:
            self._known(tunnel_id)
            await self._supervisor.stop(tunnel_id)
            self._unlock(tunnel_id)
            status = self._known(tunnel_id)
            # The runner's last words carry the tunnel as it was started.
            spec = replace(status.spec, enabled=False)
            stopped = replace(status, spec=spec, state=TunnelState.STOPPED, retry_at=None, problem=None)
            self._publish(TunnelChanged(stopped))

    async def aclose(self) -> None:
        """Say goodbye to the relay and free the names."""
        self._closed = True
        await self._supervisor.aclose()
        for tunnel_id in list(self._locks):
            self._unlock(tunnel_id)

    async def _start(self, spec: TunnelSpec) -> None:
        # What does not run any more may still be known to the supervisor as FAILED.
        await self._supervisor.stop(spec.id)
        try:
            ready = await self._prepare(spec)
        except HatchwayError as error:
            self._fail(self._known(spec.id), error)
            return
        if not self._closed:
            self._supervisor.start(ready, self._endpoint_of(ready))

    async def _move(self, spec: TunnelSpec, lock: NameLock) -> None:
        try:
            ready = await self._prepare(spec)
            await self._supervisor.move(ready, self._endpoint_of(ready))
        except BaseException:
            if lock is not self._locks.get(spec.id):
                lock.release()
            raise

    def _fail(self, status: TunnelStatus, error: HatchwayError) -> None:
        self._publish(TunnelChanged(replace(status, state=TunnelState.FAILED, problem=error.problem)))

    def _known(self, tunnel_id: str) -> TunnelStatus:
        status = self._statuses.get(tunnel_id)
        if status is None:
            raise fail("unknown_tunnel", "This tunnel does not exist any more", "you")
        return status

    def _free_name(self, spec: TunnelSpec) -> str:
        name = check_name(spec.name)
        if any(other.spec.name == name and other.spec.id != spec.id for other in self._statuses.values()):
            raise fail("name_in_use", f"You already have a tunnel named “{name}”", "you", "Choose another name.")
        return name

    def _lock(self, spec: TunnelSpec) -> None:
        if spec.id not in self._locks:
            self._locks[spec.id] = NameLock(self._paths, spec.name)

    def _unlock(self, tunnel_id: str) -> None:
        lock = self._locks.pop(tunnel_id, None)
        if lock is not None:
            lock.release()

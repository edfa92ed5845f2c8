"""The workspace as it really is: settings file, relay, supervisor, history and replay behind one interface."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from app.agent.connection import Endpoint
from app.agent.supervisor import Supervisor
from app.agent.tunnel import EndpointSource
from app.domain.events import Event, ExchangeFinished, ExchangeStarted, Listener, Notice, TunnelChanged, TunnelRemoved
from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError, Problem, fail
from app.domain.replay import EditedRequest
from app.domain.services import LocalService
from app.domain.settings import Settings, Theme
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, check_name
from app.domain.upstream import Upstream, parse_upstream
from app.engine import settings_file
from app.engine.paths import Paths
from app.engine.relay_launcher import RelayLauncher
from app.engine.running import NameLock
from app.history.store import History
from app.replay.check import check
from app.replay.sender import replay, request_of
from app.services.demo import DemoService
from app.services.discovery import find_services

_log = logging.getLogger(__name__)


class LiveWorkspace:
    """Implements `app.engine.api.Workspace`. Make one with `open_workspace`."""

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        owner: str,
        history: History,
        endpoint: Endpoint | None,
        *,
        remember: bool,
    ) -> None:
        self._paths = paths
        self._settings = settings
        self._history = history
        self._remember = remember
        self._listeners: list[Listener] = []
        self._statuses: dict[str, TunnelStatus] = {}
        self._locks: dict[str, NameLock] = {}
        self._live: dict[str, Exchange] = {}
        self._demo = DemoService()
        self._saving = asyncio.Lock()
        self._relay = RelayLauncher(
            paths.relay_file, settings.relay_port, lambda problem: self._publish(Notice(problem))
        )
        self._supervisor = Supervisor(owner, self._endpoint_source(endpoint), self._publish)

    # What the faces see

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def tunnels(self) -> Sequence[TunnelStatus]:
        return list(self._statuses.values())

    @property
    def dropped_captures(self) -> int:
        """Exchanges that could not be recorded; no request suffers from that."""
        return self._history.dropped

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return end

    async def add_tunnel(self, spec: TunnelSpec) -> TunnelStatus:
        spec = replace(spec, name=self._free_name(spec))
        if spec.enabled:
            self._lock(spec)
        self._publish(TunnelChanged(TunnelStatus(spec)))
        await self._save_tunnels()
        if spec.enabled:
            await self._start(spec)
        return self._statuses[spec.id]

    async def edit_tunnel(self, spec: TunnelSpec) -> None:
        before = self._status(spec.id)
        spec = replace(spec, name=self._free_name(spec), enabled=before.spec.enabled)
        if spec == before.spec:
            return
        running = before.state is not TunnelState.STOPPED
        renamed = spec.name != before.spec.name
        # The new name must be ours before the old one is given up, or a refusal would leave neither.
        lock = NameLock(self._paths, spec.name) if running and renamed else None
        if running:
            await self._supervisor.stop(spec.id, release=renamed)
        if lock is not None:
            self._unlock(spec.id)
            self._locks[spec.id] = lock
        self._publish(TunnelChanged(TunnelStatus(spec)))
        await self._save_tunnels()
        if running:
            await self._start(spec)

    async def remove_tunnel(self, tunnel_id: str) -> None:
        self._status(tunnel_id)
        await self._supervisor.stop(tunnel_id, release=True)
        self._unlock(tunnel_id)
        self._statuses.pop(tunnel_id, None)
        self._publish(TunnelRemoved(tunnel_id))
        await self._save_tunnels()

    async def start_tunnel(self, tunnel_id: str) -> None:
        spec = replace(self._status(tunnel_id).spec, enabled=True)
        self._lock(spec)
        self._set_spec(spec)
        await self._start(spec)
        await self._save_tunnels()

    async def stop_tunnel(self, tunnel_id: str) -> None:
        self._set_spec(replace(self._status(tunnel_id).spec, enabled=False))
        await self._supervisor.stop(tunnel_id)
        self._unlock(tunnel_id)
        status = self._statuses[tunnel_id]
        self._publish(TunnelChanged(replace(status, state=TunnelState.STOPPED, retry_at=None, problem=None)))
        await self._save_tunnels()

    def retry_now(self, tunnel_id: str) -> None:
        self._supervisor.retry_now(tunnel_id)

    async def find_services(self) -> Sequence[LocalService]:
        return await find_services(exclude_ports=frozenset({self._settings.relay_port, self._demo_port}))

    async def start_demo(self) -> Upstream:
        if self._demo.upstream is not None:
            return self._demo.upstream
        try:
            return await self._demo.start(self._demo_port)
        except HatchwayError:
            _log.info("demo port is taken port=%d", self._demo_port)
            self._demo = DemoService()
            return await self._demo.start()

    async def recent_exchanges(
        self, limit: int, *, tunnel_id: str | None = None, before: str | None = None
    ) -> Sequence[Exchange]:
        recorded = await self._history.recent(limit, tunnel_id, before)
        # A live one knows more than its row: its bodies, and what happened in the last moments.
        return [self._live.get(exchange.id, exchange) for exchange in recorded]

    async def exchange(self, exchange_id: str) -> Exchange | None:
        live = self._live.get(exchange_id)
        return live if live is not None else await self._history.get(exchange_id)

    async def last_exchange(self) -> Exchange | None:
        """The newest recorded exchange."""
        return await self._history.last()

    async def replay(self, exchange_id: str, edit: EditedRequest | None = None) -> Exchange:
        original = await self.exchange(exchange_id)
        if original is None:
            raise fail("unknown_exchange", f"There is no exchange {exchange_id}", "you", "See: hatchway list")
        request = edit if edit is not None else request_of(original)
        check(request)
        return await replay(original, request, self._target_of(original), self._publish)

    async def clear_history(self, tunnel_id: str | None = None) -> None:
        await self._history.clear(tunnel_id)

    async def set_theme(self, theme: Theme) -> None:
        self._settings = replace(self._settings, theme=theme)
        await self._save()

    # Opening and closing

    async def restore(self) -> None:
        """Bring back the tunnels of the settings, and start those that were running."""
        for spec in self._settings.tunnels:
            self._publish(TunnelChanged(TunnelStatus(spec)))
        for spec in self._settings.tunnels:
            if not spec.enabled:
                continue
            try:
                if spec.upstream == Upstream("http", "127.0.0.1", self._demo_port):
                    await self.start_demo()
                self._lock(spec)
                await self._start(spec)
            except HatchwayError as error:
                self._publish(TunnelChanged(TunnelStatus(spec, TunnelState.FAILED, problem=error.problem)))

    async def aclose(self) -> None:
        """Say goodbye, end helpers, write what is left."""
        await self._supervisor.aclose()
        for tunnel_id in list(self._locks):
            self._unlock(tunnel_id)
        await asyncio.gather(self._relay.stop(), self._demo.stop(), self._history.close())

    def notify(self, problem: Problem) -> None:
        """Tell the user something that belongs to no single tunnel."""
        self._publish(Notice(problem))

    # Inside

    @property
    def _demo_port(self) -> int:
        return self._settings.relay_port + 1

    def _endpoint_source(self, fixed: Endpoint | None) -> EndpointSource:
        async def source() -> Endpoint:
            if fixed is not None:
                return fixed
            relay = await self._relay.running()
            return Endpoint(relay.agent_url, relay.token)

        return source

    def _publish(self, event: Event) -> None:
        if isinstance(event, TunnelChanged):
            self._remember_status(event.status)
        elif isinstance(event, ExchangeStarted):
            self._live[event.exchange.id] = event.exchange
        elif isinstance(event, ExchangeFinished):
            self._live.pop(event.exchange.id, None)
        self._history.listener(event)
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception:
                # One face that fails must not take the tunnels along.
                _log.exception("listener failed event=%s", type(event).__name__)

    def _remember_status(self, status: TunnelStatus) -> None:
        self._statuses[status.spec.id] = status
        if (lock := self._locks.get(status.spec.id)) is not None:
            lock.describe(status)

    def _status(self, tunnel_id: str) -> TunnelStatus:
        status = self._statuses.get(tunnel_id)
        if status is None:
            raise fail("unknown_tunnel", "This tunnel does not exist any more", "you")
        return status

    def _set_spec(self, spec: TunnelSpec) -> None:
        self._publish(TunnelChanged(replace(self._statuses[spec.id], spec=spec)))

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

    async def _start(self, spec: TunnelSpec) -> None:
        # What does not run any more may still be known to the supervisor as FAILED.
        await self._supervisor.stop(spec.id)
        self._supervisor.start(spec)

    def _target_of(self, original: Exchange) -> TunnelSpec:
        status = self._statuses.get(original.tunnel_id)
        if status is not None:
            return status.spec
        saved = next((spec for spec in self._settings.tunnels if spec.id == original.tunnel_id), None)
        if saved is not None:
            return saved
        # The tunnel is gone; the service it led to is all that is needed.
        return TunnelSpec(original.tunnel, parse_upstream(original.upstream), id=original.tunnel_id)

    async def _save_tunnels(self) -> None:
        self._settings = replace(self._settings, tunnels=tuple(status.spec for status in self._statuses.values()))
        await self._save()

    async def _save(self) -> None:
        if not self._remember:
            return
        async with self._saving:
            try:
                await asyncio.to_thread(settings_file.save, self._paths.settings_file, self._settings)
            except HatchwayError as error:
                self.notify(error.problem)


@asynccontextmanager
async def open_workspace(
    paths: Paths,
    *,
    remember: bool,
    endpoint: Endpoint | None = None,
    listener: Listener | None = None,
) -> AsyncIterator[LiveWorkspace]:
    """Open everything, and close it again however the block ends.

    remember: bring back the tunnels of the settings and save changes (the window); False for one-off tunnels
    endpoint: a relay elsewhere; None for the embedded one
    listener: subscribed before anything happens, so that it misses nothing
    """
    settings, settings_problem = await asyncio.to_thread(settings_file.load, paths.settings_file)
    owner = await asyncio.to_thread(settings_file.installation_key, paths.installation_key_file)
    history, history_problem = await History.open(
        paths.history_file,
        days=settings.history_days,
        megabytes=settings.history_megabytes,
        on_problem=lambda problem: workspace.notify(problem),
    )
    workspace = LiveWorkspace(paths, settings, owner, history, endpoint, remember=remember)
    if listener is not None:
        workspace.subscribe(listener)
    try:
        for problem in (settings_problem, history_problem):
            if problem is not None:
                workspace.notify(problem)
        if remember:
            await workspace.restore()
        yield workspace
    finally:
        await workspace.aclose()

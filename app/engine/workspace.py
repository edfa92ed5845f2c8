"""The workspace as it really is: settings file, relay, supervisor, history and replay behind one interface."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import platform
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from app import __version__
from app.agent.connection import Endpoint
from app.agent.supervisor import Supervisor
from app.domain.events import Event, ExchangeFinished, ExchangeStarted, Listener, Notice, TunnelChanged, UsageChanged
from app.domain.exchange import Exchange
from app.domain.problems import Problem, fail
from app.domain.replay import EditedRequest
from app.domain.services import LocalService
from app.domain.settings import SavedFilter, Settings, Theme
from app.domain.stage import Stage
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus
from app.domain.upstream import Upstream, parse_upstream
from app.domain.usage import UsageReport
from app.engine import settings_file
from app.engine.archive import LiveArchive
from app.engine.backend_tokens import BackendTokens
from app.engine.backends import LiveBackends, live_deployer
from app.engine.demo import Demo
from app.engine.endpoints import Endpoints
from app.engine.installation_key import usable_installation_key
from app.engine.kept_settings import KeptSettings
from app.engine.log_file import log_to
from app.engine.masks_file import MasksFile
from app.engine.paths import Paths
from app.engine.relay_launcher import RelayLauncher
from app.engine.replays import LiveReplays
from app.engine.signing import LiveSigning
from app.engine.stages import stages_of
from app.engine.tunnels import Tunnels
from app.engine.usage import UsageBook
from app.engine.visit import visit
from app.history.store import History
from app.services.discovery import find_services

_log = logging.getLogger(__name__)


class LiveWorkspace:
    """Implements `app.engine.api.Workspace`. Make one with `open_workspace`.

    owner: the secret of this installation, which tells its tunnels from others' at the relay
    """

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
        self.owner = owner
        self._settings = KeptSettings(paths.settings_file, settings, self.notify, remember=remember)
        self._history = history
        self._listeners: list[Listener] = []
        self._live: dict[str, Exchange] = {}
        self.usage_book = UsageBook(history)
        self.signing = LiveSigning()
        self.archive = LiveArchive(history, self._live, self._publish, self.signing.on_arrival)
        self._demo = Demo(settings.relay_port)
        self._relay = RelayLauncher(
            paths.relay_file, settings.relay_port, lambda problem: self._publish(Notice(problem))
        )
        tokens = BackendTokens()
        self.backends = LiveBackends(
            self._settings, tokens, live_deployer(paths), self._publish, self._specs, self.edit_tunnel
        )
        endpoints = Endpoints(endpoint, self._relay, self.backends.profile, tokens)
        self._supervisor = Supervisor(owner, endpoints.embedded, self._publish)
        self._tunnels = Tunnels(paths, self._supervisor, self._publish, self._demo.brought_along, endpoints.of)
        self.replays = LiveReplays(
            self.archive, MasksFile(paths.masks_file), self._publish, self._target_of, self._spec, self.signing
        )

    # What the faces see

    @property
    def settings(self) -> Settings:
        return self._settings.current

    @property
    def tunnels(self) -> Sequence[TunnelStatus]:
        return self._tunnels.statuses

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return end

    async def add_tunnel(self, spec: TunnelSpec) -> TunnelStatus:
        status = await self._tunnels.add(spec)
        await self._save_tunnels()
        return status

    async def edit_tunnel(self, spec: TunnelSpec) -> None:
        await self._tunnels.edit(spec)
        await self._save_tunnels()

    async def remove_tunnel(self, tunnel_id: str) -> None:
        await self._tunnels.remove(tunnel_id)
        await self._save_tunnels()

    async def start_tunnel(self, tunnel_id: str) -> None:
        await self._tunnels.start(tunnel_id)
        await self._save_tunnels()

    async def stop_tunnel(self, tunnel_id: str) -> None:
        await self._tunnels.stop(tunnel_id)
        await self._save_tunnels()

    def retry_now(self, tunnel_id: str) -> None:
        self._supervisor.retry_now(tunnel_id)

    def usage(self, tunnel_id: str) -> UsageReport:
        return self.usage_book.report(tunnel_id)

    async def find_services(self) -> Sequence[LocalService]:
        ours = {self._relay.port, self.settings.relay_port, self._demo.port}
        return await find_services(exclude_ports=frozenset(ours))

    async def start_demo(self) -> Upstream:
        return await self._demo.start()

    async def exchange(self, exchange_id: str) -> Exchange | None:
        return await self.archive.get(exchange_id)

    async def stages(self, exchange: Exchange) -> Sequence[Stage]:
        return await stages_of(exchange, self._target_of(exchange))

    async def replay(
        self,
        exchange_id: str,
        edit: EditedRequest | None = None,
        *,
        verify_tls: bool | None = None,
        response_timeout: float | None = None,
    ) -> Exchange:
        return await self.replays.send(exchange_id, edit, verify_tls=verify_tls, response_timeout=response_timeout)

    async def visit(self, tunnel_id: str) -> None:
        status = self._tunnels.get(tunnel_id)
        if status is None or status.public_url is None or status.state is not TunnelState.ONLINE:
            raise fail("not_online", "This tunnel is not online", "you", "Start it first.")
        await visit(status.public_url)

    async def set_theme(self, theme: Theme) -> None:
        await self._settings.change(theme=theme)

    async def set_filters(self, filters: Sequence[SavedFilter]) -> None:
        await self._settings.change(filters=tuple(filters))

    # Opening and closing

    async def restore(self) -> None:
        """Bring back the tunnels of the settings, and start those that were running."""
        self._tunnels.list_stopped(self.settings.tunnels)
        await self._tunnels.resume()

    async def aclose(self) -> None:
        """Say goodbye, end helpers, write what is left."""
        await self._tunnels.aclose()
        await self.usage_book.close()
        await asyncio.gather(self._relay.stop(), self._demo.stop(), self._history.close())

    def notify(self, problem: Problem) -> None:
        """Tell the user something that belongs to no single tunnel."""
        self._publish(Notice(problem))

    # Inside

    def _publish(self, event: Event) -> None:
        if isinstance(event, TunnelChanged):
            self._tunnels.remember(event.status)
            _log_tunnel(event.status)
        elif isinstance(event, ExchangeStarted):
            self._live[event.exchange.id] = event.exchange
        elif isinstance(event, ExchangeFinished):
            self._live.pop(event.exchange.id, None)
        elif isinstance(event, UsageChanged):
            self.usage_book.add(event)
        elif isinstance(event, Notice):
            _log.info("notice code=%s: %s", event.problem.code, event.problem)
        self._history.listener(event)
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception:
                # One face that fails must not take the tunnels along.
                _log.exception("listener failed event=%s", type(event).__name__)

    def _specs(self) -> list[TunnelSpec]:
        return [status.spec for status in self._tunnels.statuses]

    def _spec(self, tunnel_id: str) -> TunnelSpec | None:
        status = self._tunnels.get(tunnel_id)
        return None if status is None else status.spec

    def _target_of(self, original: Exchange) -> TunnelSpec:
        status = self._tunnels.get(original.tunnel_id)
        if status is not None:
            return status.spec
        saved = next((spec for spec in self.settings.tunnels if spec.id == original.tunnel_id), None)
        if saved is not None:
            return saved
        # The tunnel is gone; the service it led to is all that is needed.
        return TunnelSpec(original.tunnel, parse_upstream(original.upstream), id=original.tunnel_id)

    async def _save_tunnels(self) -> None:
        await self._settings.change(tunnels=self._demo.as_saved(self._specs()))


def _log_tunnel(status: TunnelStatus) -> None:
    problem = "" if status.problem is None else f" problem={status.problem.code}: {status.problem}"
    _log.info("tunnel name=%s state=%s%s", status.spec.name, status.state.value, problem)


@asynccontextmanager
async def open_workspace(
    paths: Paths,
    *,
    remember: bool,
    endpoint: Endpoint | None = None,
    listener: Listener | None = None,
) -> AsyncIterator[LiveWorkspace]:
    """Open everything, the log too, and close it again however the block ends.

    remember: bring back the tunnels of the settings and save changes (the window); False for one-off tunnels
    endpoint: a relay elsewhere; None for the embedded one
    listener: subscribed before anything happens, so that it misses nothing
    """
    with log_to(paths.log_file):
        _log.info("hatchway starts version=%s python=%s", __version__, platform.python_version())
        settings, settings_problem = await asyncio.to_thread(settings_file.load, paths.settings_file)
        owner = await asyncio.to_thread(usable_installation_key, paths.installation_key_file)
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
            await workspace.usage_book.load()
            if remember:
                await workspace.restore()
            yield workspace
        finally:
            await workspace.aclose()

"""From a service to a public URL on the clipboard: makes the tunnel and waits until it is online."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.domain.events import Event, TunnelChanged, TunnelRemoved
from app.domain.hosts import is_loopback_host
from app.domain.services import LocalService
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, suggest_name
from app.domain.upstream import Upstream
from app.engine.api import Workspace

_PATIENCE = 30.0  # seconds; a URL that lands on the clipboard later would surprise
_LONGEST_TITLE = 24


class NewTunnels(QObject):
    """online(TunnelStatus): a tunnel made here has its URL, soon enough that the user still waits for it."""

    online = Signal(object)

    def __init__(
        self, workspace: Workspace, *, clock: Callable[[], float] = time.monotonic, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._clock = clock
        self._awaited: dict[str, float] = {}
        self._unsubscribe = workspace.subscribe(self._on_event)

    def close(self) -> None:
        self._unsubscribe()

    async def create(self, upstream: Upstream, base_name: str) -> TunnelStatus:
        """Add and start a tunnel with a fresh name. Raises HatchwayError."""
        spec = TunnelSpec(
            suggest_name(base_name),
            upstream,
            verify_tls=not _self_signed_is_usual(upstream),
            backend=self._workspace.settings.default_backend,
        )
        self._awaited[spec.id] = self._clock() + _PATIENCE
        try:
            status = await self._workspace.add_tunnel(spec)
        except BaseException:
            self._awaited.pop(spec.id, None)
            raise
        self._look_at(status)
        return status

    async def create_demo(self) -> TunnelStatus:
        """Start the built-in demo service and put it on a tunnel. Raises HatchwayError."""
        return await self.create(await self._workspace.start_demo(), "demo")

    def _on_event(self, event: Event) -> None:
        match event:
            case TunnelChanged(status=status):
                self._look_at(status)
            case TunnelRemoved(tunnel_id=tunnel_id):
                self._awaited.pop(tunnel_id, None)

    def _look_at(self, status: TunnelStatus) -> None:
        deadline = self._awaited.get(status.spec.id)
        if deadline is None:
            return
        if status.state is TunnelState.ONLINE and status.urls is not None:
            del self._awaited[status.spec.id]
            if self._clock() <= deadline:
                self.online.emit(status)
        elif status.state is TunnelState.FAILED:
            del self._awaited[status.spec.id]


def base_name(service: LocalService) -> str:
    """What to name a tunnel after: a short page title, else the framework, else the process."""
    title = service.title if len(service.title) <= _LONGEST_TITLE else ""
    return title or service.framework or service.process


def _self_signed_is_usual(upstream: Upstream) -> bool:
    """https on loopback is a development certificate; nobody sits between it and the agent."""
    return upstream.scheme == "https" and is_loopback_host(upstream.host)

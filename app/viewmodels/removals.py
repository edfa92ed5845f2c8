"""Removing a tunnel so that it can be undone: it goes offline and out of sight at once, and for good later."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from app.domain.tunnel import TunnelState
from app.engine.api import Workspace
from app.viewmodels.tunnels import TunnelListModel


@dataclass(slots=True)
class _Pending:
    was_running: bool
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Removals:
    """One pending removal for each tunnel; each ends with `undo` or `commit`."""

    def __init__(self, workspace: Workspace, model: TunnelListModel) -> None:
        self._workspace = workspace
        self._model = model
        self._pending: dict[str, _Pending] = {}

    def begin(self, tunnel_id: str) -> Coroutine[Any, Any, None]:
        """Hide the tunnel at once; the returned coroutine takes it offline. Raises HatchwayError."""
        status = self._model.status(tunnel_id)
        pending = _Pending(status is not None and status.state is not TunnelState.STOPPED)
        self._pending[tunnel_id] = pending
        self._model.hide(tunnel_id)
        return self._stop(tunnel_id, pending)

    async def undo(self, tunnel_id: str) -> None:
        """Bring the tunnel back as it was, in its old place. Raises HatchwayError."""
        if (pending := self._pending.pop(tunnel_id, None)) is not None:
            self._model.reveal(tunnel_id)
            async with pending.turn:
                if pending.was_running:
                    await self._workspace.start_tunnel(tunnel_id)

    async def commit(self, tunnel_id: str) -> None:
        """Remove the tunnel for good; does nothing if that was undone. Raises HatchwayError."""
        if (pending := self._pending.pop(tunnel_id, None)) is not None:
            async with pending.turn:
                await self._workspace.remove_tunnel(tunnel_id)

    async def flush(self) -> None:
        """Commit everything that is pending: the app ends, or a name must become free."""
        for tunnel_id in list(self._pending):
            await self.commit(tunnel_id)

    async def _stop(self, tunnel_id: str, pending: _Pending) -> None:
        async with pending.turn:
            if pending.was_running and tunnel_id in self._pending:
                await self._workspace.stop_tunnel(tunnel_id)

"""What can be done to the chosen tunnel: copy its addresses, edit it, remove it with a way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.domain.tunnel import TunnelSpec, TunnelStatus
from app.engine.api import Workspace
from app.ui.async_slots import start
from app.ui.copy_button import copy_text
from app.ui.loop import ask
from app.ui.toast import ToastStack
from app.ui.tunnel_editor import TunnelEditor
from app.viewmodels.removals import Removals
from app.viewmodels.tunnels import TunnelListModel


class TunnelCommands(QObject):
    """`chosen` names the tunnel at the moment of each command; without one a command does nothing.

    copied(what): something is on the clipboard. restored(id): a removal was undone.
    """

    copied = Signal(str)
    restored = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        tunnels: TunnelListModel,
        toasts: ToastStack,
        chosen: Callable[[], TunnelStatus | None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._tunnels = tunnels
        self._toasts = toasts
        self._chosen = chosen
        self._window = window
        self._removals = Removals(workspace, tunnels)

    def copy_url(self) -> None:
        if (status := self._chosen()) is not None and status.public_url is not None:
            self._copy(status.public_url, "public URL")

    def copy_host_url(self) -> None:
        if (status := self._chosen()) is not None and status.urls is not None and status.urls.host:
            self._copy(status.urls.host, "host URL")

    def copy_markdown(self) -> None:
        if (status := self._chosen()) is not None and status.public_url is not None:
            self._copy(f"[{status.spec.name}]({status.public_url})", "Markdown link")

    def edit(self) -> None:
        if (status := self._chosen()) is None:
            return
        taken = frozenset(other.spec.name for other in self._tunnels.statuses if other.spec.id != status.spec.id)
        editor = TunnelEditor(status.spec, taken, self._save, self._window, backends=self._workspace.backends.profiles)
        start(ask(editor), name="edit-tunnel", show_problem=self._toasts.show_problem)

    def remove(self) -> None:
        """Offline and out of sight now, gone for good when the toast is; until then it can be undone."""
        if (status := self._chosen()) is None:
            return
        tunnel_id = status.spec.id
        start(self._removals.begin(tunnel_id), name="remove-tunnel", show_problem=self._toasts.show_problem)
        toast = self._toasts.show_text(f"Removed {status.spec.name}")
        toast.add_action("Undo", lambda: self._undo(tunnel_id))
        toast.expired.connect(lambda: self._commit(tunnel_id))

    async def finish(self) -> None:
        """Complete what can no longer be undone."""
        await self._removals.flush()

    def _copy(self, text: str, what: str) -> None:
        copy_text(text)
        self.copied.emit(what)

    async def _save(self, spec: TunnelSpec) -> None:
        await self._removals.flush()  # the name of a tunnel that is being removed is free
        await self._workspace.edit_tunnel(spec)

    def _undo(self, tunnel_id: str) -> None:
        async def undo() -> None:
            await self._removals.undo(tunnel_id)
            self.restored.emit(tunnel_id)

        start(undo(), name="undo-removal", show_problem=self._toasts.show_problem)

    def _commit(self, tunnel_id: str) -> None:
        start(self._removals.commit(tunnel_id), name="commit-removal", show_problem=self._toasts.show_problem)

"""The tunnels of the workspace as a list model that follows every event and counts the seconds to a retry."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from app.domain.events import Event, TunnelChanged, TunnelRemoved
from app.domain.tunnel import TunnelState, TunnelStatus
from app.engine.api import Workspace
from app.viewmodels.tunnel_text import list_words, spoken

_ROOT = QModelIndex()


class TunnelRole(enum.IntEnum):
    """STATUS: the `TunnelStatus`; WORDS: what stands beside the name (`:3000`, `retrying in 8 s`)."""

    STATUS = Qt.ItemDataRole.UserRole + 1
    WORDS = Qt.ItemDataRole.UserRole + 2


class TunnelListModel(QAbstractListModel):
    """One row for each tunnel in the user's order, without those hidden while their removal can be undone.

    changed(TunnelStatus): a tunnel that is not hidden was added or changed
    ticked(): a second passed while some tunnel waits for its retry
    """

    changed = Signal(object)
    ticked = Signal()

    def __init__(
        self, workspace: Workspace, *, clock: Callable[[], float] = time.time, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._statuses = list(workspace.tunnels)
        self._hidden: dict[str, tuple[int, TunnelStatus]] = {}
        self._ticker = QTimer(self, interval=1000)
        self._ticker.timeout.connect(self._tick)
        self._unsubscribe = workspace.subscribe(self._on_event)
        self._pace()

    def close(self) -> None:
        """Stop listening; the model keeps its last rows."""
        self._unsubscribe()
        self._ticker.stop()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._statuses)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._statuses):
            return None
        status = self._statuses[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return status.spec.name
            case TunnelRole.STATUS:
                return status
            case TunnelRole.WORDS:
                return list_words(status, self._clock())
            case Qt.ItemDataRole.ToolTipRole:
                return f"{status.spec.name} → {status.spec.upstream.origin}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(status, self._clock())
        return None

    @property
    def statuses(self) -> tuple[TunnelStatus, ...]:
        return tuple(self._statuses)

    def status(self, tunnel_id: str | None) -> TunnelStatus | None:
        """The tunnel of that id, None if it is unknown or hidden."""
        row = self.row(tunnel_id)
        return None if row is None else self._statuses[row]

    def row(self, tunnel_id: str | None) -> int | None:
        return next((row for row, status in enumerate(self._statuses) if status.spec.id == tunnel_id), None)

    def hide(self, tunnel_id: str) -> None:
        """Take the tunnel out of the list until `reveal` or its removal."""
        if (row := self.row(tunnel_id)) is not None:
            self._hidden[tunnel_id] = (row, self._statuses[row])
            self._take(row)

    def reveal(self, tunnel_id: str) -> None:
        """Put a hidden tunnel back in its old place."""
        if tunnel_id in self._hidden:
            row, status = self._hidden.pop(tunnel_id)
            self._insert(min(row, len(self._statuses)), status)

    def _on_event(self, event: Event) -> None:
        match event:
            case TunnelChanged(status=status):
                self._update(status)
            case TunnelRemoved(tunnel_id=tunnel_id):
                self._hidden.pop(tunnel_id, None)
                if (row := self.row(tunnel_id)) is not None:
                    self._take(row)

    def _update(self, status: TunnelStatus) -> None:
        tunnel_id = status.spec.id
        if tunnel_id in self._hidden:
            self._hidden[tunnel_id] = (self._hidden[tunnel_id][0], status)
        elif (row := self.row(tunnel_id)) is None:
            self._insert(len(self._statuses), status)
        else:
            self._statuses[row] = status
            self.dataChanged.emit(self.index(row), self.index(row))
            self._pace()
            self.changed.emit(status)

    def _insert(self, row: int, status: TunnelStatus) -> None:
        self.beginInsertRows(_ROOT, row, row)
        self._statuses.insert(row, status)
        self.endInsertRows()
        self._pace()
        self.changed.emit(status)

    def _take(self, row: int) -> None:
        self.beginRemoveRows(_ROOT, row, row)
        del self._statuses[row]
        self.endRemoveRows()
        self._pace()

    def _pace(self) -> None:
        waiting = any(status.state is TunnelState.RECONNECTING for status in self._statuses)
        if waiting != self._ticker.isActive():
            self._ticker.start() if waiting else self._ticker.stop()

    def _tick(self) -> None:
        for row, status in enumerate(self._statuses):
            if status.state is TunnelState.RECONNECTING:
                self.dataChanged.emit(self.index(row), self.index(row), [TunnelRole.WORDS])
        self.ticked.emit()

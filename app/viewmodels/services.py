"""The local HTTP services on offer, as a list model that refreshes without disturbing the selection."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.domain.services import LocalService
from app.engine.api import Workspace

_ROOT = QModelIndex()
SERVICE_ROLE = Qt.ItemDataRole.UserRole + 1


class ServiceListModel(QAbstractListModel):
    """Rows are `LocalService`s by port. `refreshed` comes after every look, also if nothing changed."""

    refreshed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._services: list[LocalService] = []
        self._looking = False

    async def refresh(self) -> None:
        """Look again; a call during a look does nothing. Raises HatchwayError."""
        if self._looking:
            return
        self._looking = True
        try:
            found = await self._workspace.find_services()
        finally:
            self._looking = False
        self._merge(sorted(found, key=lambda service: service.upstream.port))
        self.refreshed.emit()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._services)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._services):
            return None
        service = self._services[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return service.label
            case Qt.ItemDataRole.ToolTipRole:
                return f"Put {service.upstream.origin} on a public URL"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"Port {service.label}"
            case _ if role == SERVICE_ROLE:
                return service
        return None

    def service(self, row: int) -> LocalService | None:
        return self._services[row] if 0 <= row < len(self._services) else None

    def _merge(self, found: list[LocalService]) -> None:
        """Rows of the same upstream stay, so that a view keeps its current row and its scroll position."""
        wanted = {service.upstream for service in found}
        for row in range(len(self._services) - 1, -1, -1):
            if self._services[row].upstream not in wanted:
                self.beginRemoveRows(_ROOT, row, row)
                del self._services[row]
                self.endRemoveRows()
        for row, service in enumerate(found):
            if row < len(self._services) and self._services[row].upstream == service.upstream:
                if self._services[row] != service:
                    self._services[row] = service
                    self.dataChanged.emit(self.index(row), self.index(row))
            else:
                self.beginInsertRows(_ROOT, row, row)
                self._services.insert(row, service)
                self.endInsertRows()

"""Requests into HAR files and out of them, with file dialogs that hold nothing up."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.archive_api import Archive
from app.engine.transfer import export_har, import_har, those
from app.filter.filter import Filter

_FILTER = "HAR (*.har)"


class ExchangeFiles(QObject):
    """What is written has no secrets; with them, there is `hatchway har --with-secrets`."""

    status_message = Signal(str)

    def __init__(self, archive: Archive, window: QWidget) -> None:
        super().__init__(window)
        self._archive = archive
        self._window = window

    def save(self, exchange_ids: Sequence[str], tunnel_id: str | None, shown: Filter) -> None:
        """Ask where to write the selected requests; all that the list shows, if at most one is selected."""
        where, scope = (those(exchange_ids), None) if len(exchange_ids) > 1 else (shown, tunnel_id)
        dialog = self._dialog(self.tr("Save requests without secrets"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("har")
        dialog.selectFile("requests.har")
        dialog.fileSelected.connect(lambda path: self._do(self.write(Path(path), scope, where), "write HAR"))
        dialog.open()

    def choose(self) -> None:
        """Ask which file to import."""
        dialog = self._dialog(self.tr("Import requests"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._do(self.read(Path(path)), "import HAR"))
        dialog.open()

    async def write(self, path: Path, tunnel_id: str | None, where: Filter) -> None:
        """Raises HatchwayError."""
        count = await export_har(self._archive, path, tunnel_id=tunnel_id, where=where)
        self.status_message.emit(self.tr("{0} requests written to {1}, without secrets.").format(count, path.name))

    async def read(self, path: Path) -> None:
        """Raises HatchwayError."""
        count = await import_har(self._archive, path)
        self.status_message.emit(self.tr("{0} requests imported; is:imported shows them.").format(count))

    def _dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setNameFilter(_FILTER)
        return dialog

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        spawn(self._told(work), name=name)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))

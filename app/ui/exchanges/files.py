"""Requests into HAR files and out of them, with file dialogs that hold nothing up."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget
from shiboken6 import isValid

from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.archive_api import Archive
from app.engine.transfer import export_har, import_har, secrets_in, those
from app.filter.filter import Filter
from app.ui.exchanges.secrets_banner import SecretsBanner

_FILTER = "HAR (*.har)"


class ExchangeFiles(QObject):
    """What is written has no secrets, unless `banner` was asked and answered so."""

    status_message = Signal(str)

    def __init__(self, archive: Archive, window: QWidget) -> None:
        super().__init__(window)
        self._archive = archive
        self._window = window
        self.banner = SecretsBanner()
        self.banner.accepted.connect(self._on_answer)
        self._asked: tuple[str | None, Filter] | None = None

    def save(self, exchange_ids: Sequence[str], tunnel_id: str | None, shown: Filter) -> None:
        """Ask where to write the selected requests; all that the list shows, if at most one is selected."""
        self._choose_place(*_meant(exchange_ids, tunnel_id, shown), with_secrets=False)

    def save_with_secrets(self, exchange_ids: Sequence[str], tunnel_id: str | None, shown: Filter) -> None:
        """As `save`, but tell first which secrets the file would hold, and ask."""
        self._asked = _meant(exchange_ids, tunnel_id, shown)
        self._do(self._ask(*self._asked), "look for secrets")

    def choose(self) -> None:
        """Ask which file to import."""
        dialog = self._dialog(self.tr("Import requests"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._do(self.read(Path(path)), "import HAR"))
        dialog.open()

    async def write(self, path: Path, tunnel_id: str | None, where: Filter, *, with_secrets: bool = False) -> None:
        """Raises HatchwayError."""
        count = await export_har(self._archive, path, tunnel_id=tunnel_id, where=where, redact=not with_secrets)
        secrets = self.tr("WITH secrets") if with_secrets else self.tr("without secrets")
        self.status_message.emit(self.tr("{0} written to {1}, {2}.").format(self._requests(count), path.name, secrets))

    async def read(self, path: Path) -> None:
        """Raises HatchwayError."""
        count = await import_har(self._archive, path)
        self.status_message.emit(self.tr("{0} imported; is:imported shows them.").format(self._requests(count)))

    async def _ask(self, tunnel_id: str | None, where: Filter) -> None:
        count, secrets = await secrets_in(self._archive, tunnel_id=tunnel_id, where=where)
        if isValid(self) and self._asked == (tunnel_id, where):  # the latest question counts
            self.banner.ask(count, secrets)

    def _on_answer(self, with_secrets: bool) -> None:
        if self._asked is not None:
            self._choose_place(*self._asked, with_secrets=with_secrets)

    def _choose_place(self, tunnel_id: str | None, where: Filter, *, with_secrets: bool) -> None:
        title = self.tr("Save requests WITH secrets") if with_secrets else self.tr("Save requests without secrets")
        dialog = self._dialog(title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("har")
        dialog.selectFile("requests-with-secrets.har" if with_secrets else "requests.har")

        def write(path: str) -> None:
            self._do(self.write(Path(path), tunnel_id, where, with_secrets=with_secrets), "write HAR")

        dialog.fileSelected.connect(write)
        dialog.open()

    def _requests(self, count: int) -> str:
        return self.tr("1 request") if count == 1 else self.tr("{0} requests").format(count)

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


def _meant(exchange_ids: Sequence[str], tunnel_id: str | None, shown: Filter) -> tuple[str | None, Filter]:
    """The tunnel and the filter that stand for the selected requests, or for all that are shown."""
    return (None, those(exchange_ids)) if len(exchange_ids) > 1 else (tunnel_id, shown)

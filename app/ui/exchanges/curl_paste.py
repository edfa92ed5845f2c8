"""A cURL command from the clipboard, as a request that can be edited and sent."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.archive_api import Archive
from app.interchange.curl_import import CurlRequest, parse_curl, pasted_exchange


class CurlPaste(QObject):
    """It becomes a recorded request without an answer, so that its replays have something to belong to."""

    pasted = Signal(Exchange)
    status_message = Signal(str)

    def __init__(self, archive: Archive, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._archive = archive

    def paste(self) -> None:
        """Take what the clipboard has; a text that is no cURL command is explained."""
        try:
            request = parse_curl(QGuiApplication.clipboard().text())
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        spawn(self._record(request), name="paste cURL")

    async def _record(self, request: CurlRequest) -> None:
        exchange = pasted_exchange(request)
        try:
            await self._archive.add([exchange])
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        self.pasted.emit(exchange)
        left_out = self.tr(" Left out: {0}").format(", ".join(request.remarks)) if request.remarks else ""
        self.status_message.emit(self.tr("The command is in the editor; Ctrl+Enter sends it.") + left_out)

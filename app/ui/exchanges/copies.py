"""Requests on the clipboard: their URLs, or cURL commands without secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.interchange.curl_command import curl_command


class ExchangeCopies(QObject):
    """Several are copied in the order in which they came, one a line."""

    curl_copied = Signal()
    status_message = Signal(str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace

    def urls(self, exchanges: Sequence[Exchange]) -> None:
        if exchanges:
            lines = [
                exchange.public_url or exchange.upstream + exchange.target for exchange in _as_they_came(exchanges)
            ]
            QGuiApplication.clipboard().setText("\n".join(lines))
            told = self.tr("URL copied.") if len(lines) == 1 else self.tr("{0} URLs copied.").format(len(lines))
            self.status_message.emit(told)

    def curl(self, exchanges: Sequence[Exchange]) -> None:
        """Commands with their bodies, which may have to be loaded first."""
        if exchanges:
            ids = [exchange.id for exchange in _as_they_came(exchanges)]
            spawn(self._put_curl(ids), name="copy as cURL")

    async def _put_curl(self, exchange_ids: Sequence[str]) -> None:
        commands: list[str] = []
        cut = 0
        try:
            for exchange_id in exchange_ids:
                exchange = await self._workspace.exchange(exchange_id)
                if exchange is not None:
                    commands.append(await asyncio.to_thread(curl_command, exchange))
                    cut += exchange.request_body.truncated
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        if not commands:
            self.status_message.emit(self.tr("The recording of this request is gone."))
            return
        QGuiApplication.clipboard().setText("\n".join(commands))
        self.status_message.emit(self._told(len(commands), cut, gone=len(exchange_ids) - len(commands)))
        self.curl_copied.emit()

    def _told(self, count: int, cut: int, *, gone: int) -> str:
        if count == 1 and not gone:
            if cut:
                return self.tr("Copied as cURL. The body was cut when it was captured.")
            return self.tr("Copied as cURL, secrets as shell variables.")
        told = self.tr("{0} requests copied as cURL, secrets as shell variables.").format(count)
        if cut:
            told += self.tr(" {0} of the bodies were cut when they were captured.").format(cut)
        if gone:
            told += self.tr(" The recordings of {0} are gone.").format(gone)
        return told


def _as_they_came(exchanges: Sequence[Exchange]) -> list[Exchange]:
    return sorted(exchanges, key=lambda exchange: (exchange.started_ns, exchange.id))

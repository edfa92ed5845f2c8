"""Both messages as text, as they went over the wire."""

from __future__ import annotations

import asyncio

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from app.domain.exchange import Exchange
from app.domain.tasks import spawn
from app.ui.exchanges.detail.code_view import CodeView
from app.viewmodels.raw_message import raw_exchange


class RawTab(CodeView):
    """Renders in a thread, when it is looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Raw request and response"))
        self._wanted: tuple[Exchange, bool] | None = None
        self._shown: tuple[object, ...] = ()
        self._task: asyncio.Task[None] | None = None

    def show_exchange(self, exchange: Exchange, *, complete: bool) -> None:
        self._wanted = (exchange, complete)
        if self.isVisible():
            self._start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._start()

    def _start(self) -> None:
        if self._wanted is None:
            return
        exchange, complete = self._wanted
        key = (exchange.id, complete, exchange.status, exchange.request_body.size, exchange.response_body.size)
        if key == self._shown:
            return
        self._shown = key
        if self._task is not None:
            self._task.cancel()
        self._task = spawn(self._render(exchange, complete), name=f"raw {exchange.id}")

    async def _render(self, exchange: Exchange, complete: bool) -> None:
        text = await asyncio.to_thread(raw_exchange, exchange, complete=complete)
        if isValid(self):  # the window may have been closed meanwhile
            self.set_text(text)

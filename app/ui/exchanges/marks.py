"""Pins, notes and deleting with a way back, for the selected requests."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.archive_api import Archive
from app.viewmodels.exchanges import ExchangeTableModel

_REMEMBERED = 20


class ExchangeMarks(QObject):
    """`deleted` tells how many are gone; `undo` brings the latest of them back, and so on backwards."""

    deleted = Signal(int)
    status_message = Signal(str)

    def __init__(self, archive: Archive, model: ExchangeTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._archive = archive
        self._model = model
        self._deletions: list[Sequence[str]] = []

    def pin(self, exchange_ids: Sequence[str]) -> None:
        """Pin them all; if they all are, unpin them."""
        known = [exchange for id_ in exchange_ids if (exchange := self._model.find(id_)) is not None]
        if known:
            pinned = not all(exchange.pinned for exchange in known)
            self._do(self._archive.annotate([exchange.id for exchange in known], pinned=pinned), "pin")

    def write_note(self, exchange_id: str, note: str) -> None:
        """Replace the note; empty removes it."""
        self._do(self._archive.annotate([exchange_id], note=note.strip()), "note")

    def delete(self, exchange_ids: Sequence[str]) -> None:
        """Running ones stay."""
        if exchange_ids:
            self._do(self._delete(exchange_ids), "delete")

    def clear(self, tunnel_id: str | None) -> None:
        """Delete all of the tunnel (or all) that are over and not pinned."""
        self._do(self._clear(tunnel_id), "clear")

    def undo(self) -> None:
        """Take the latest deletion back."""
        if self._deletions:
            self._do(self._archive.restore(self._deletions.pop()), "undo")
        else:
            self.status_message.emit(self.tr("Nothing to undo."))

    async def _delete(self, exchange_ids: Sequence[str]) -> None:
        self._remember(await self._archive.delete(exchange_ids))

    async def _clear(self, tunnel_id: str | None) -> None:
        self._remember(await self._archive.clear(tunnel_id))

    def _remember(self, gone: Sequence[str]) -> None:
        if not gone:
            self.status_message.emit(self.tr("Nothing to delete: running and pinned requests stay."))
            return
        self._deletions = [*self._deletions[1 - _REMEMBERED :], gone]
        self.deleted.emit(len(gone))

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        spawn(self._told(work), name=f"{name} exchanges")

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))

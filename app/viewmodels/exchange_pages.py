"""Fills the list from the archive: older pages as they are scrolled to, and what a filter finds in all of it."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject, Signal

from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.archive_api import Archive
from app.filter.filter import EVERYTHING, Filter
from app.viewmodels.exchanges import PAGE, ExchangeTableModel


class ExchangePages(QObject):
    """One list's scope and filter. `changed` comes when rows were fetched, `found` when a filter's are there.

    A filter that is typed over is not waited for: its query is cancelled, and its rows are never shown.
    """

    changed = Signal()
    found = Signal()
    failed = Signal(str)

    def __init__(self, archive: Archive, model: ExchangeTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._archive = archive
        self._model = model
        self._searching: asyncio.Task[None] | None = None
        self.filter = EVERYTHING
        model.older_wanted.connect(self._fetch_older)

    @property
    def searching(self) -> bool:
        """Whether the rows are still those of the filter before."""
        return self._searching is not None and not self._searching.done()

    def set_scope(self, tunnel_id: str | None) -> None:
        """Show the exchanges of another tunnel, or of all; the filter stays."""
        self._stop()
        self._model.set_scope(tunnel_id)
        if self.filter.active:
            self._search()
        else:
            self._model.fetchMore()

    def set_filter(self, wanted: Filter) -> None:
        """Show what passes. The rows stay until the archive has answered."""
        if wanted == self.filter:
            return
        self._stop()
        self.filter = wanted
        if wanted.active:
            self._search()
        else:
            self._model.clear_filter()
            self._model.fetchMore()
            self.found.emit()

    def reload(self) -> None:
        """Something came (back) into the archive."""
        self.set_scope(self._model.scope)

    def _search(self) -> None:
        self._model.begin_filter(self.filter.matches)
        self._searching = spawn(self._find(self.filter, self._model.scope), name="filter exchanges")

    async def _find(self, wanted: Filter, scope: str | None) -> None:
        try:
            page = await self._archive.page(PAGE, tunnel_id=scope, where=wanted)
        except HatchwayError as error:
            page = []
            self.failed.emit(str(error.problem))
        self._searching = None
        self._model.finish_filter(page, complete=len(page) < PAGE)
        self.found.emit()

    def _fetch_older(self) -> None:
        where = self.filter if self._model.filtered else None
        spawn(self._load_older(self._model.scope, where, self._model.oldest_id()), name="load older exchanges")

    async def _load_older(self, scope: str | None, where: Filter | None, before: str | None) -> None:
        try:
            older = await self._archive.page(PAGE, tunnel_id=scope, before=before, where=where)
        except HatchwayError as error:
            self._model.older_failed()
            self.failed.emit(str(error.problem))
            return
        if scope != self._model.scope or where != (self.filter if self._model.filtered else None):
            return  # the user has gone elsewhere; that list fetches for itself
        self._model.add_older(older, complete=len(older) < PAGE)
        self.changed.emit()

    def _stop(self) -> None:
        if self._searching is not None:
            self._searching.cancel()
            self._searching = None

"""Fills the list from the archive: older pages as they are scrolled to, and what a filter finds in all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.archive_api import Archive
from app.filter.filter import EVERYTHING, Filter, of_tree
from app.filter.tree import And, Equals, Or, Term
from app.viewmodels.exchanges import PAGE, ExchangeTableModel

_ASK_MS = 200


class ExchangePages(QObject):
    """One list's scope and filter. `changed` comes when rows were fetched, `found` when a filter's are there.

    Filters that look into bodies or messages are answered by the archive for new exchanges too, a moment after they
    ended: this loop has no time to decode and parse.

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
        self._unseen: list[str] = []  # ids of what has ended and must be asked about
        self._ask_soon = QTimer(self, singleShot=True, interval=_ASK_MS)
        self._ask_soon.timeout.connect(lambda: spawn(self._ask(self.filter), name="filter new exchanges"))
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

    def arrived(self, exchanges: Iterable[Exchange]) -> None:
        """The model has these now."""
        if self._needs_archive:
            self._unseen += [exchange.id for exchange in exchanges if exchange.finished_ns is not None]
            if self._unseen and not self._ask_soon.isActive():
                self._ask_soon.start()

    def reload(self) -> None:
        """Something came (back) into the archive, perhaps between what is shown."""
        self._stop()
        self._model.forget()
        if self.filter.active:
            self._search()
        else:
            spawn(self._load_older(self._model.scope, None, None), name="reload exchanges")

    def _search(self) -> None:
        self._unseen = []
        self._model.begin_filter(_not_yet if self._needs_archive else self.filter.matches)
        self._searching = spawn(self._find(self.filter, self._model.scope), name="filter exchanges")

    @property
    def _needs_archive(self) -> bool:
        return self.filter.needs_bodies or self.filter.needs_frames

    async def _ask(self, wanted: Filter) -> None:
        asked, self._unseen = self._unseen[:PAGE], self._unseen[PAGE:]
        ids = Or(tuple(Term("id", Equals(exchange_id)) for exchange_id in asked))
        try:
            page = await self._archive.page(PAGE, where=of_tree(And((ids, wanted.tree)), wanted.text))
        except HatchwayError as error:
            self.failed.emit(str(error.problem))
            return
        if wanted == self.filter:
            self._model.accept([exchange.id for exchange in page])
            if self._unseen:
                self._ask_soon.start()

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


def _not_yet(_: Exchange) -> bool:
    return False

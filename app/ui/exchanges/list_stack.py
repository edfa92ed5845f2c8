"""The list, or what stands in its place while there is nothing to list."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.ui.exchanges.empty_state import EmptyState
from app.ui.exchanges.exchange_table import ExchangeTable
from app.viewmodels.exchange_pages import ExchangePages
from app.viewmodels.exchanges import ExchangeTableModel


class ListStack(QStackedWidget):
    """Follows the model; `update_page` for what that does not tell: a search, a filter."""

    test_request_wanted = Signal(str)  # tunnel id
    clear_wanted = Signal()  # of the filter
    list_wanted = Signal()  # the focus was in what the list has replaced

    def __init__(self, table: ExchangeTable, model: ExchangeTableModel, pages: ExchangePages) -> None:
        super().__init__()
        self._table = table
        self._model = model
        self._pages = pages
        self._nothing = EmptyState()
        self._no_match = EmptyState()
        for page in (table, self._nothing, self._no_match):
            self.addWidget(page)
        self._nothing.wanted.connect(self._want_test_request)
        self._no_match.wanted.connect(self.clear_wanted)
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self.update_page)
        self.update_page()

    def update_page(self) -> None:
        """Show what fits the moment."""
        page = self._fitting()
        before = self.currentWidget()
        if page is not before:
            had_focus = before is not None and before.isAncestorOf(self.focusWidget())
            self.setCurrentWidget(page)
            if had_focus and page is self._table:
                self.list_wanted.emit()

    def _fitting(self) -> QWidget:
        if self._model.rowCount() or self._pages.searching:
            return self._table
        if self._pages.filter.active:
            words = self._pages.filter.text.strip()
            self._no_match.set(self.tr("Nothing matches “{0}”.").format(words), self.tr("Clear"))
            return self._no_match
        if self._model.scope is None:
            self._nothing.set(self.tr("No requests yet. Open a public URL to see them here."))
        else:
            self._nothing.set(self.tr("No requests yet. Open the URL or"), self.tr("Send a test request"))
        return self._nothing

    def _want_test_request(self) -> None:
        if self._model.scope is not None:
            self.test_request_wanted.emit(self._model.scope)

"""The list of requests as a view: fixed rows, keyboard first; arriving rows never move what is being read."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.ui.exchanges.column_header import ColumnHeader
from app.ui.exchanges.column_layout import ColumnLayout
from app.ui.exchanges.new_pill import NewPill
from app.ui.exchanges.row_delegate import RowDelegate
from app.ui.theme import theme_signals
from app.viewmodels.exchange_columns import Column
from app.viewmodels.exchanges import ExchangeTableModel

Index = QModelIndex | QPersistentModelIndex


class ExchangeTable(QTableView):
    """Follows the newest request until the user selects or scrolls; the pill or Home brings following back."""

    current_changed = Signal(str)  # exchange id, empty if none
    menu_wanted = Signal(QPoint)  # of the selected rows, and where on the screen
    columns_wanted = Signal(QPoint)  # where the menu of columns is to open

    def __init__(self, model: ExchangeTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._following = True
        self._new_above = 0
        self._silent = False  # the program, not the user, is selecting or scrolling
        self._delegate = RowDelegate(self)
        header = ColumnHeader(Column.PATH, self)
        header.menu_wanted.connect(self.columns_wanted)
        self.setHorizontalHeader(header)
        self.columns = ColumnLayout(self, header, self._delegate)
        self._pill = NewPill(header)
        self._configure()
        self.setModel(model)
        self.columns.begin()
        self._dress()
        theme_signals().changed.connect(self._dress)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        model.modelReset.connect(self.go_to_newest)
        self._pill.clicked.connect(self.go_to_newest)

    @property
    def following(self) -> bool:
        """Whether the view stays at the newest request."""
        return self._following

    @property
    def has_room(self) -> bool:
        """Whether the rows do not fill the view."""
        return self._model.rowCount() * self.verticalHeader().defaultSectionSize() < self.viewport().height()

    def current_id(self) -> str:
        """Id of the selected exchange, empty if there is none."""
        index = self.currentIndex()
        return self._model.at(index.row()).exchange.id if index.isValid() else ""

    def selected_ids(self) -> list[str]:
        """Ids of the selected exchanges, newest first."""
        rows = {row for found in self._selected_ranges() for row in range(found.top(), found.bottom() + 1)}
        return [self._model.at(row).exchange.id for row in sorted(rows)]

    @property
    def selected_count(self) -> int:
        """How many rows are selected."""
        return sum(found.height() for found in self._selected_ranges())

    def select(self, exchange_id: str, *, reveal: bool = True) -> bool:
        """Select by id on behalf of the program; False if the exchange is not in the list."""
        row = self._model.row_of(exchange_id)
        if row < 0:
            return False
        index = self._model.index(row, Column.STATUS)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self._silent = True
        self.executeDelayedItemsLayout()  # scrolling needs the rows where they will be
        self.selectionModel().setCurrentIndex(index, flags)
        if reveal and not (self._following and row == 0):
            self.scrollTo(index)
        self._silent = False
        self._settle()
        return True

    def clear_current(self) -> None:
        self.selectionModel().clear()

    def move_current(self, step: int) -> None:
        """Select the row `step` rows further down (up if negative); the first one if nothing is selected."""
        count = self._model.rowCount()
        if not count:
            return
        index = self.currentIndex()
        row = min(max(index.row() + step, 0), count - 1) if index.isValid() else 0
        self.setCurrentIndex(self._model.index(row, Column.STATUS))

    def go_to_newest(self) -> None:
        """Scroll to the top and follow from there."""
        self._following = True
        self._new_above = 0
        self._pill.set_count(0)
        self.scrollToTop()

    # -- Qt ----------------------------------------------------------------------------------------------------------

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        bar = self.verticalScrollBar()
        height = self.verticalHeader().defaultSectionSize()
        value = bar.value()
        super().rowsInserted(parent, start, end)
        if self._following or start * height > value:
            return
        count = end - start + 1
        self.updateGeometries()  # else the range of the scroll bar is still that of the old rows
        self._silent = True
        bar.setValue(value + count * height)
        self._silent = False
        self._new_above += count
        self._settle()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        if start <= self.currentIndex().row() <= end:
            # Qt would select the neighbour; what is being read in the detail must not change by itself.
            self._silent = True
            self.clear_current()
            self._silent = False
        super().rowsAboutToBeRemoved(parent, start, end)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Home:
            self.move_current(-self._model.rowCount())
            self.go_to_newest()
            return
        if event.key() == Qt.Key.Key_End:
            self.move_current(self._model.rowCount())
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Qt makes the first row current without selecting it; the user must see what the keys act on.
        index = self.currentIndex()
        if index.isValid() and not self.selectionModel().isSelected(index):
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().select(index, flags)

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here, not a search by prefix."""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        current = self.currentIndex()
        was_seen = current.isValid() and self.rowViewportPosition(current.row()) < event.oldSize().height()
        super().resizeEvent(event)
        self.columns.fit()
        if was_seen and event.size().height() < event.oldSize().height():
            self.scrollTo(current)  # the detail has opened below

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            self.scrollTo(index)
            at = self.visualRect(index).center()  # of the row, wherever the pointer is
        if self.indexAt(at).isValid():
            self.menu_wanted.emit(self.viewport().mapToGlobal(at))

    # -- inside ------------------------------------------------------------------------------------------------------

    def _configure(self) -> None:
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(self.tr("Requests, newest first"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def _dress(self) -> None:
        height = self._delegate.row_height
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.columns.fit()
        self.viewport().update()

    def _selected_ranges(self) -> list[QItemSelectionRange]:
        """Not the indexes: everything may be selected, and that is much."""
        selection = self.selectionModel().selection()
        return [selection.at(place) for place in range(selection.count())]

    def _hover(self, row: int) -> None:
        if row != self._delegate.hovered:
            self._delegate.hovered = row
            self.viewport().update()

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if not current.isValid():
            if not self._silent:
                self.current_changed.emit("")
            return
        if not self._silent:
            self._following = False  # the user reads something: hold still
        self.current_changed.emit(self._model.at(current.row()).exchange.id)

    def _on_scrolled(self, value: int) -> None:
        if self._silent:
            return
        if value == 0:
            self._following = True
            self._new_above = 0
        else:
            self._following = False
        self._settle()

    def _settle(self) -> None:
        """Show on the pill how many of the rows above the viewport are new."""
        above = self.verticalScrollBar().value() // max(1, self.verticalHeader().defaultSectionSize())
        self._new_above = min(self._new_above, above)
        self._pill.set_count(self._new_above)

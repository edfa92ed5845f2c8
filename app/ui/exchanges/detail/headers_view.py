"""Header fields in two columns; a click on a value copies it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from app.domain.exchange import Headers
from app.ui.fonts import mono_font
from app.ui.theme import theme_signals
from app.viewmodels.headers_model import HeadersModel

_NAME_SHARE = 0.45
_MOST_ROWS = 9


class HeadersView(QTableView):
    """As high as its rows, up to a limit; read-only, or editable for the replay editor."""

    copied = Signal(str)  # name of the header whose value is on the clipboard

    def __init__(self, model: HeadersModel, parent: QWidget | None = None, *, editable: bool = False) -> None:
        super().__init__(parent)
        self._headers = model
        self._editable = editable
        self.setModel(model)
        self.setAccessibleName(self.tr("Header fields"))
        self.setFont(mono_font())
        self.setShowGrid(False)
        self.setStyleSheet("QTableView::item { padding-left: 9px; }")
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setVisible(editable)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        if editable:
            self.setEditTriggers(
                QAbstractItemView.EditTrigger.DoubleClicked
                | QAbstractItemView.EditTrigger.EditKeyPressed
                | QAbstractItemView.EditTrigger.AnyKeyPressed
                | QAbstractItemView.EditTrigger.SelectedClicked
            )
        else:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
            self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
            self.setToolTip(self.tr("Click a value to copy it"))
            self.clicked.connect(self._copy)
        self._dress()
        theme_signals().changed.connect(self._dress)
        model.modelReset.connect(self._fit)

    def set_headers(self, headers: Headers) -> None:
        self._headers.set_headers(headers)

    def sizeHint(self) -> QSize:
        if self._editable:
            return super().sizeHint()
        rows = min(self._headers.rowCount(), _MOST_ROWS)
        half = self.verticalHeader().defaultSectionSize() // 2 if self._headers.rowCount() > _MOST_ROWS else 0
        return QSize(200, rows * self.verticalHeader().defaultSectionSize() + half + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, min(self.sizeHint().height(), 3 * self.verticalHeader().defaultSectionSize()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.currentIndex().isValid():
            self._copy(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _copy(self, index: QModelIndex) -> None:
        name, value = self._headers.headers[index.row()]
        if index.column() == 1:
            QGuiApplication.clipboard().setText(value)
            self.copied.emit(name)

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(name) for name, _ in self._headers.headers), default=0)
        room = max(self.viewport().width(), 240)
        self.setColumnWidth(0, min(widest + 24, round(room * _NAME_SHARE)))
        self.updateGeometry()

    def _dress(self) -> None:
        height = self.fontMetrics().height() + 6
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self._fit()

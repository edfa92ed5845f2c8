"""One table of the overview with its title: query parameters, cookies or a token; a click on a value copies it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui.fonts import BODY, mono_font, ui_font
from app.ui.labels import label
from app.ui.theme import theme_signals
from app.viewmodels.message_parts import PartTable
from app.viewmodels.parts_model import PartsModel

_NAME_SHARE = 0.3
_VALUE_SHARE = 0.55  # of what the names leave, where there are details


class PartsTable(QWidget):
    """Secrets are masked until the button is pressed, for the shown exchange only."""

    copied = Signal(str)  # words for the status line

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._title.setFont(ui_font(BODY, semibold=True))
        self.reveal = QToolButton()
        self.reveal.setCheckable(True)
        self.reveal.toggled.connect(self._on_reveal)
        self._note = label(tone="muted", wrap=True)
        self.view = _View(PartsModel(self))
        self.view.copied.connect(self.copied)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.reveal)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._note)
        column.addWidget(self.view)
        self._on_reveal(False)

    def show_table(self, table: PartTable | None) -> None:
        """None hides it."""
        self.setVisible(table is not None)
        if table is None:
            self.reveal.setChecked(False)
            self.view.parts.set_lines(())
            return
        self._title.setText(table.title)
        self.view.setAccessibleName(table.title)
        self.reveal.setAccessibleName(self.tr("Show the secrets of {0}").format(table.title))
        self.reveal.setVisible(table.secret)
        self._note.setText(table.note)
        self._note.setVisible(bool(table.note))
        self.view.parts.set_lines(table.lines)
        self.reveal.setChecked(self.view.parts.revealed)

    def _on_reveal(self, wanted: bool) -> None:
        self.reveal.setText(self.tr("Hide values") if wanted else self.tr("Show values"))
        self.view.parts.reveal(wanted)


class _View(QTableView):
    """As high as its rows: the overview scrolls, not the table."""

    copied = Signal(str)

    def __init__(self, model: PartsModel) -> None:
        super().__init__()
        self.parts = model
        self.setModel(model)
        self.setFont(mono_font())
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setStyleSheet("QTableView::item { padding-left: 5px; }")
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(self.tr("Click a value to copy it"))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.clicked.connect(self._copy)
        model.modelReset.connect(self._fit)
        model.dataChanged.connect(self._fit)
        self._dress()
        theme_signals().changed.connect(self._dress)

    def sizeHint(self) -> QSize:
        return QSize(200, self.parts.rowCount() * self.verticalHeader().defaultSectionSize() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.currentIndex().isValid():
            self._copy(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _copy(self, index: QModelIndex) -> None:
        name = self.parts.lines[index.row()].name
        if index.column() != 1:
            return
        if self.parts.masked(index):
            self.copied.emit(self.tr("{0} is masked: press Show values first.").format(name))
            return
        QGuiApplication.clipboard().setText(self.parts.shown(index))
        self.copied.emit(self.tr("{0} copied.").format(name))

    def _fit(self) -> None:
        lines = self.parts.lines
        self.clearSpans()
        for row, line in enumerate(lines):
            if not line.detail:
                self.setSpan(row, 1, 1, 2)
        room = max(self.viewport().width(), 200)
        names = min(self._widest(line.name for line in lines), round(room * _NAME_SHARE))
        shown = (self.parts.shown(self.parts.index(row, 1)) for row, line in enumerate(lines) if line.detail)
        values = min(self._widest(shown), round((room - names) * _VALUE_SHARE))
        for column, width in enumerate((names, values, room - names - values)):
            self.setColumnWidth(column, width)
        self.updateGeometry()

    def _widest(self, texts: Iterable[str]) -> int:
        return max((self.fontMetrics().horizontalAdvance(text[:80]) for text in texts), default=0) + 24

    def _dress(self) -> None:
        height = self.fontMetrics().height() + 6
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.horizontalHeader().setMinimumSectionSize(0)
        self._fit()

"""The messages of a WebSocket, or the events of a stream: live, searchable, one of them in full below."""

from __future__ import annotations

import json

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QSplitter,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.engine.archive_api import Archive
from app.ui.exchanges.detail.code_view import CodeView
from app.ui.fonts import mono_font
from app.ui.icons import set_icon
from app.viewmodels.body_text import Language
from app.viewmodels.exchange_cells import format_size
from app.viewmodels.frame_list import FrameListModel
from app.viewmodels.laid_out import lay_out


class FramesTab(QWidget):
    """Follows the newest message while the list is scrolled to its end."""

    status_message = Signal(str)

    table: QTableView

    def __init__(self, archive: Archive, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exchange: Exchange | None = None
        self.model = FrameListModel(archive, self)
        self.model.failed.connect(self.status_message)
        self._build()

    def applies(self, exchange: Exchange) -> bool:
        """Whether the exchange has messages, or may get some."""
        return exchange.frames > 0 or (exchange.kind == "websocket" and exchange.status in (None, 101))

    def show_exchange(self, exchange: Exchange) -> None:
        self._exchange = exchange
        if self.isVisible():
            self._render()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._render()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _render(self) -> None:
        exchange = self._exchange
        if exchange is None or not self.applies(exchange):
            return
        self.model.show_exchange(exchange.id, self.filter.text())
        lost = self.tr(", {0} not kept").format(exchange.frames_lost) if exchange.frames_lost else ""
        self._count.setText(self.tr("%n messages", "", exchange.frames) + lost)

    def _on_filter(self) -> None:
        self.message.set_text("")
        self._render()

    def _on_pause(self, paused: bool) -> None:
        set_icon(self.pause, "play" if paused else "pause")
        self.pause.setAccessibleName(self.tr("Resume the messages") if paused else self.tr("Pause the messages"))
        self.model.set_paused(paused)

    def _before_insert(self) -> None:
        bar = self.table.verticalScrollBar()
        self._at_end = bar.value() >= bar.maximum() - 2

    def _after_insert(self) -> None:
        if self._at_end:
            self.table.scrollToBottom()

    def _on_current(self, current: QModelIndex) -> None:
        if current.isValid():
            frame = self.model.frame(current.row())
            text, language = frame_text(frame)
            self.message.set_text(lay_out([text]), language)

    def _copy(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            frame = self.model.frame(index.row())
            text = frame.data.hex() if frame.kind == "binary" else frame.data.decode("utf-8", "replace")
            QGuiApplication.clipboard().setText(text)
            self.status_message.emit(self.tr("Message copied."))

    def _build(self) -> None:
        self._at_end = True
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Messages that contain…"))
        self.filter.setAccessibleName(self.tr("Filter messages"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._on_filter)
        self._count = QLabel()
        self._count.setProperty("tone", "muted")
        self.pause = QToolButton()
        self.pause.setCheckable(True)
        self.pause.setToolTip(self.tr("Hold new messages back in this list; the connection goes on"))
        self.pause.toggled.connect(self._on_pause)
        set_icon(self.pause, "pause")
        self.pause.setAccessibleName(self.tr("Pause the messages"))
        copy = QToolButton()
        copy.setText(self.tr("Copy"))
        copy.setToolTip(self.tr("Copy the selected message"))
        copy.clicked.connect(self._copy)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 6, 8, 6)
        bar.setSpacing(8)
        for widget in (self.filter, self._count, copy, self.pause):
            bar.addWidget(widget, 1 if widget is self.filter else 0)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setFont(mono_font())
        self.table.setAccessibleName(self.tr("Messages, oldest first"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        height = self.table.fontMetrics().height() + 8
        self.table.verticalHeader().setMinimumSectionSize(height)
        self.table.verticalHeader().setDefaultSectionSize(height)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(20)
        for column, sample in enumerate(("⇅", "00:00:00.000", "999 kB")):
            width = self.table.fontMetrics().horizontalAdvance(sample) + 18
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, width)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.model.rowsAboutToBeInserted.connect(self._before_insert)
        self.model.rowsInserted.connect(self._after_insert)
        self.table.selectionModel().currentChanged.connect(self._on_current)
        self.message = CodeView()
        self.message.setAccessibleName(self.tr("Message"))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(self.message)
        splitter.setSizes([300, 160])
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(splitter, 1)


def frame_text(frame: Frame) -> tuple[str, Language]:
    """(text to read, `json` or `plain`); at most 64 kB are kept of a message, so this takes no time."""
    if frame.kind == "binary":
        data = frame.data
        lines = [f"{at:06x}  {data[at : at + 16].hex(' ')}" for at in range(0, len(data), 16)]
        return "\n".join([*lines, *_cut(frame)]), "plain"
    text = frame.data.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "\n".join([text, *_cut(frame)]), "plain"
    return json.dumps(value, indent=2, ensure_ascii=False), "json"


def _cut(frame: Frame) -> list[str]:
    return [f"[{len(frame.data)} of {format_size(frame.size)} were kept]"] if frame.truncated else []

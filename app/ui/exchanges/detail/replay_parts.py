"""The parts of a multipart body in the replay editor: a table, and below it the text of the chosen part."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.content.multipart_edit import Layout
from app.domain.tasks import spawn
from app.ui.fonts import mono_font
from app.viewmodels.exchange_cells import format_size
from app.viewmodels.replay_draft import PARTS_BYTES
from app.viewmodels.replay_parts import VALUE, PartsModel

_HEIGHTS = [160, 120]  # of table and text


class PartsPage(QWidget):
    """`edited` follows every change by the user; `refused` says what could not be taken over."""

    edited = Signal()
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._filling = False
        self.model = PartsModel(self)
        self.model.edited.connect(self._on_edited)
        self.model.refused.connect(self.refused)
        self.view = self._table()
        self.text_edit = QPlainTextEdit()
        self.text_edit.setFont(mono_font())
        self.text_edit.setFrameShape(QFrame.Shape.NoFrame)
        self.text_edit.setTabChangesFocus(True)
        self.text_edit.setAccessibleName(self.tr("Text of the chosen part"))
        self.text_edit.textChanged.connect(self._on_text)
        self._binary = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._binary.setProperty("tone", "muted")
        self._binary.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(self.text_edit, 1)
        column.addWidget(self._binary)
        column.addStretch(0)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.view)
        split.addWidget(lower)
        split.setSizes(_HEIGHTS)
        layout.addWidget(split, 1)
        layout.addLayout(self._buttons())
        self._show_part()

    def show_layout(self, layout: Layout) -> None:
        self.model.set_layout(layout)
        self.view.setCurrentIndex(self.model.index(0, VALUE))
        self._show_part()

    async def put_file(self, row: int, path: Path) -> None:
        """Make the file the content of that part."""
        try:
            size = (await asyncio.to_thread(path.stat)).st_size
            if size > PARTS_BYTES:
                self.refused.emit(
                    self.tr("{0} has {1}; at most {2} fit in here.").format(
                        path.name, format_size(size), format_size(PARTS_BYTES)
                    )
                )
                return
            data = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            self.refused.emit(self.tr("{0} cannot be read: {1}").format(path.name, error.strerror or error))
            return
        if isValid(self) and row < self.model.rowCount():
            self.model.set_file(row, path.name, data)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _on_edited(self) -> None:
        if not self._filling:
            self._show_part()
        self.edited.emit()

    def _on_text(self) -> None:
        row = self.view.currentIndex().row()
        if row >= 0 and not self._filling:
            # toPlainText() would turn no-break spaces into spaces.
            text = self.text_edit.document().toRawText().replace("\u2029", "\n")
            self._filling = True
            self.model.set_text(row, text)
            self._filling = False
            if self.model.text(row) != text:  # it was refused
                self._show_part()

    def _show_part(self) -> None:
        row = self.view.currentIndex().row()
        text = self.model.text(row) if row >= 0 else ""
        self._filling = True
        if text is not None and text != self.text_edit.toPlainText():
            self.text_edit.setPlainText(text)
        self._filling = False
        self.text_edit.setVisible(text is not None)
        self.text_edit.setEnabled(row >= 0)
        self._binary.setVisible(text is None)
        if text is None:
            size = format_size(len(self.model.content(row)))
            self._binary.setText(self.tr("The content ({0}) is sent byte for byte as it is.").format(size))
        self._replace.setEnabled(row >= 0)
        self._remove.setEnabled(row >= 0)

    def _add_part(self) -> None:
        index = self.model.index(self.model.add_field(), 0)
        self.view.setCurrentIndex(index)
        self.view.edit(index)

    def _remove_part(self) -> None:
        row = self.view.currentIndex().row()
        if row >= 0:
            self.model.remove(row)
            self._show_part()

    def _choose_file(self) -> None:
        row = self.view.currentIndex().row()
        dialog = QFileDialog(self, self.tr("File to send in this part"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: spawn(self.put_file(row, Path(path)), name="read file of a part"))
        dialog.open()

    def _table(self) -> QTableView:
        view = QTableView()
        view.setModel(self.model)
        view.setAccessibleName(self.tr("Parts of the body"))
        view.setFont(mono_font())
        view.setShowGrid(False)
        view.setStyleSheet("QTableView::item { padding-left: 9px; }")
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + 6)
        view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        view.horizontalHeader().setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)
        view.selectionModel().currentRowChanged.connect(self._on_row)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._remove_part)
        return view

    def _on_row(self, current: QModelIndex, before: QModelIndex) -> None:
        if current.row() != before.row():
            self._show_part()

    def _buttons(self) -> QHBoxLayout:
        adding = QPushButton(self.tr("Add part"))
        adding.clicked.connect(self._add_part)
        self._replace = QPushButton(self.tr("From file…"))
        self._replace.setToolTip(self.tr("Send a file as the content of the chosen part"))
        self._replace.clicked.connect(self._choose_file)
        self._remove = QPushButton(self.tr("Remove"))
        self._remove.setToolTip(self.tr("Remove the chosen part (Delete)"))
        self._remove.clicked.connect(self._remove_part)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for button in (adding, self._replace, self._remove):
            bar.addWidget(button)
        bar.addStretch(1)
        return bar

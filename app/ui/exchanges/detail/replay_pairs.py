"""A page of names and values in the replay editor: query, headers, form."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui.exchanges.detail.headers_view import HeadersView
from app.viewmodels.headers_model import HeadersModel


class PairsPage(QWidget):
    """name: for screen readers; add, note: words of the button and beside it; trims: see HeadersModel"""

    edited = Signal()

    def __init__(self, name: str, add: str, note: str = "", *, trims: bool = True) -> None:
        super().__init__()
        self.model = HeadersModel(self, editable=True, trims=trims)
        self.model.edited.connect(self.edited)
        self.view = HeadersView(self.model, editable=True)
        self.view.setAccessibleName(name)
        adding = QPushButton(add)
        adding.clicked.connect(self._add)
        removing = QPushButton(self.tr("Remove"))
        removing.setToolTip(self.tr("Remove the selected row (Delete)"))
        removing.clicked.connect(self._remove)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._remove)
        words = QLabel(note)
        words.setProperty("tone", "muted")
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(adding)
        bar.addWidget(removing)
        bar.addWidget(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.view, 1)
        layout.addLayout(bar)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        return self.model.headers

    def set_pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Does nothing if they are shown, so that the selection survives."""
        self.model.set_headers(tuple(pairs))

    def _add(self) -> None:
        index = self.model.index(self.model.add_row(), 0)
        self.view.setCurrentIndex(index)
        self.view.edit(index)

    def _remove(self) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            self.model.remove_row(index.row())

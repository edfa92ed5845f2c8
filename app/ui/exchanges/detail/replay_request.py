"""The request in the replay editor: method, path, query, headers and body, written into a draft at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QTabWidget, QVBoxLayout, QWidget

from app.ui.exchanges.detail.replay_body import BodyPage
from app.ui.exchanges.detail.replay_pairs import PairsPage
from app.ui.fonts import mono_font
from app.viewmodels.replay_draft import ReplayDraft
from app.viewmodels.replay_pairs import query_pairs, with_query

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


class RequestForm(QWidget):
    """`edited` follows every change by the user."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft: ReplayDraft | None = None
        self._filling = False
        self._build()
        self.headers.edited.connect(self._on_edited)
        self.query.edited.connect(self._on_query_edited)
        self.method.editTextChanged.connect(self._on_edited)
        self.target.textEdited.connect(self._on_edited)
        self.body.edited.connect(self._on_body_edited)

    def show_draft(self, draft: ReplayDraft) -> None:
        self._draft = draft
        self._filling = True
        self.method.setEditText(draft.method)
        self.target.setText(draft.target)
        self.target.setCursorPosition(0)
        self.headers.set_pairs(draft.headers)
        self.query.set_pairs(query_pairs(draft.target))
        self.body.show_draft(draft)
        self._filling = False
        self._update_titles()

    def take_focus(self) -> None:
        self.target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _on_edited(self) -> None:
        draft = self._draft
        if draft is None or self._filling:
            return
        draft.method = self.method.currentText().strip()
        draft.target = self.target.text().strip()
        draft.headers = list(self.headers.pairs)
        self.query.set_pairs(query_pairs(draft.target))
        self._update_titles()
        self.edited.emit()

    def _on_query_edited(self) -> None:
        if self._draft is not None and not self._filling:
            self._draft.target = with_query(self._draft.target, self.query.pairs)
            self.target.setText(self._draft.target)
            self._update_titles()
            self.edited.emit()

    def _on_body_edited(self) -> None:
        if not self._filling:
            self._update_titles()
            self.edited.emit()

    def _update_titles(self) -> None:
        draft = self._draft
        if draft is None:
            return
        self.tabs.setTabText(0, self.tr("Query ({0})").format(len(self.query.pairs)))
        self.tabs.setTabText(1, self.tr("Headers ({0})").format(len(self.headers.pairs)))
        changed = " •" if draft.body != draft.original.request_body.data else ""
        self.tabs.setTabText(2, self.tr("Body") + changed)
        self.body.refresh()

    def _build(self) -> None:
        self.method = QComboBox()
        self.method.setEditable(True)
        self.method.addItems(_METHODS)
        self.method.setFont(mono_font())
        self.method.setAccessibleName(self.tr("Method"))
        self.target = QLineEdit()
        self.target.setFont(mono_font())
        self.target.setAccessibleName(self.tr("Path and query"))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.method)
        line.addWidget(self.target, 1)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Parts of the request"))
        self.tabs.tabBar().setAccessibleName(self.tr("Parts of the request"))
        self.tabs.tabBar().setExpanding(False)
        self.tabs.tabBar().setDrawBase(False)
        self.query = PairsPage(self.tr("Query parameters"), self.tr("Add parameter"), trims=False)
        self.headers = PairsPage(
            self.tr("Header fields"), self.tr("Add header"), self.tr("Content-Length is set to fit the body.")
        )
        self.body = BodyPage()
        for page in (self.query, self.headers, self.body):
            self.tabs.addTab(page, "")
        self.tabs.setCurrentWidget(self.headers)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(line)
        layout.addWidget(self.tabs, 1)

"""Edit a captured request and send it: inline, never a dialog; shows the original answer beside the new one."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.ui.exchanges.detail.headers_view import HeadersView
from app.ui.exchanges.detail.problem_card import ProblemCard
from app.ui.exchanges.detail.replay_result import ReplayResult
from app.ui.exchanges.detail.replay_target import ReplayTargetBox
from app.ui.fonts import TITLE, mono_font, ui_font
from app.viewmodels.headers_model import HeadersModel
from app.viewmodels.replay_draft import ReplayDraft

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


class ReplayEditor(QWidget):
    """Works on a `ReplayDraft`; sends it through the workspace. Emits `closed` for Esc."""

    closed = Signal()
    exchange_wanted = Signal(str)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._draft: ReplayDraft | None = None
        self._filling = False
        self._sending: asyncio.Task[None] | None = None
        self._headers = HeadersModel(self, editable=True)
        self._build()
        self._headers.edited.connect(self._on_edited)
        self.method.editTextChanged.connect(self._on_edited)
        self.target.textEdited.connect(self._on_edited)
        self.body.textChanged.connect(self._on_body_edited)

    def open(self, draft: ReplayDraft) -> None:
        """Show the draft; what the user changes is written into it at once."""
        self._draft = draft
        self.result.clear()
        self.problem.show_problem(None)
        self._fill()

    def take_focus(self) -> None:
        self.target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def send(self) -> None:
        """Send the draft unless something is wrong with it or one is under way."""
        draft = self._draft
        if draft is None or (self._sending is not None and not self._sending.done()):
            return
        problem = draft.problem()
        self.problem.show_problem(problem)
        if problem is None:
            self._sending = spawn(self._send(draft), name=f"replay edited {draft.original.id}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _send(self, draft: ReplayDraft) -> None:
        self._send_button.setEnabled(False)
        self._stop_button.show()
        self.result.show_sending(draft.original)
        try:
            answer = await self._send_times(draft)
        except HatchwayError as error:
            self.result.clear()
            self.problem.show_problem(error.problem)
        except asyncio.CancelledError:
            self.result.clear()
            raise
        else:
            self.problem.show_problem(answer.problem)
            self.result.show_answer(draft.original, answer)
        finally:
            self._send_button.setEnabled(True)
            self._stop_button.hide()

    async def _send_times(self, draft: ReplayDraft) -> Exchange:
        """The last answer."""
        target, times = self.where.target, self.times.value()
        if times == 1:
            return await self._workspace.replays.send(draft.original.id, draft.request(), target=target)
        last: Exchange | None = None
        sent = 0
        answers = self._workspace.replays.repeat(draft.original.id, draft.request(), times=times, target=target)
        async for answer in answers:
            last, sent = answer, sent + 1
            self.result.show_progress(sent, times)
        assert last is not None
        return last

    def stop(self) -> None:
        """Cancel what is being sent."""
        if self._sending is not None:
            self._sending.cancel()

    def _reset(self) -> None:
        if self._draft is not None:
            self._draft.reset()
            self.problem.show_problem(None)
            self.result.clear()
            self._fill()

    def _fill(self) -> None:
        draft = self._draft
        if draft is None:
            return
        self._filling = True
        self.where.show_targets(draft.original, self._workspace.tunnels)
        self._title.setText(self.tr("Replay of {0} {1}").format(draft.original.method, draft.original.path[:60]))
        self.method.setEditText(draft.method)
        self.target.setText(draft.target)
        self.target.setCursorPosition(0)
        self._headers.set_headers(tuple(draft.headers))
        self.body.setPlainText(draft.body_text or "")
        self._filling = False
        self._update_words()

    def _on_edited(self) -> None:
        draft = self._draft
        if draft is None or self._filling:
            return
        draft.method = self.method.currentText().strip()
        draft.target = self.target.text().strip()
        draft.headers = list(self._headers.headers)
        self._update_words()

    def _on_body_edited(self) -> None:
        if self._draft is None or self._filling:
            return
        # toPlainText() turns no-break spaces into spaces; the raw text keeps every character.
        text = self.body.document().toRawText().replace("\u2029", "\n")
        binary = self._draft.body_text is None
        self._draft.body_text = None if binary and not text else text
        self._update_words()

    def _update_words(self) -> None:
        draft = self._draft
        if draft is None:
            return
        self.tabs.setTabText(0, self.tr("Headers ({0})").format(self._headers.rowCount()))
        changed = " •" if draft.body != draft.original.request_body.data else ""
        self.tabs.setTabText(1, self.tr("Body") + changed)
        self._note.setText(draft.body_note)
        self._note.setVisible(bool(draft.body_note))
        may_change = self.tr("; {0} may change data").format(draft.method) if draft.changes_data else ""
        self._warning.setText(self.tr("Sends a real request to your service{0}.").format(may_change))
        self._reset_button.setEnabled(draft.edited)

    def _add_header(self) -> None:
        row = self._headers.add_row()
        index = self._headers.index(row, 0)
        self.headers_view.setCurrentIndex(index)
        self.headers_view.edit(index)

    def _remove_header(self) -> None:
        index = self.headers_view.currentIndex()
        if index.isValid():
            self._headers.remove_row(index.row())

    def _build(self) -> None:
        self._title = QLabel()
        self._title.setFont(ui_font(TITLE, semibold=True))
        self._title.setTextFormat(Qt.TextFormat.PlainText)
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
        self.where = ReplayTargetBox()
        self.times = QSpinBox()
        self.times.setRange(1, 1000)
        self.times.setPrefix("× ")
        self.times.setToolTip(self.tr("How often it is sent, one after the other"))
        self.times.setAccessibleName(self.tr("How often"))
        to = QHBoxLayout()
        to.setSpacing(8)
        to.addWidget(QLabel(self.tr("To")))
        to.addWidget(self.where, 1)
        to.addWidget(self.times)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Parts of the request"))
        self.tabs.tabBar().setAccessibleName(self.tr("Parts of the request"))
        self.tabs.tabBar().setExpanding(False)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self._headers_page(), "")
        self.tabs.addTab(self._body_page(), "")
        self.problem = ProblemCard()
        self.result = ReplayResult()
        self.result.exchange_wanted.connect(self.exchange_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addLayout(line)
        layout.addLayout(to)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.problem)
        layout.addWidget(self.result)
        layout.addLayout(self._buttons())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.send)

    def _headers_page(self) -> QWidget:
        self.headers_view = HeadersView(self._headers, editable=True)
        add = QPushButton(self.tr("Add header"))
        add.clicked.connect(self._add_header)
        remove = QPushButton(self.tr("Remove"))
        remove.setToolTip(self.tr("Remove the selected header (Delete)"))
        remove.clicked.connect(self._remove_header)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.headers_view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._remove_header)
        note = QLabel(self.tr("Content-Length is set to fit the body."))
        note.setProperty("tone", "muted")
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(add)
        bar.addWidget(remove)
        bar.addWidget(note, 1)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.headers_view, 1)
        layout.addLayout(bar)
        return page

    def _body_page(self) -> QWidget:
        self.body = QPlainTextEdit()
        self.body.setFont(mono_font())
        self.body.setFrameShape(QFrame.Shape.NoFrame)
        self.body.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.body.setTabChangesFocus(True)
        self.body.setAccessibleName(self.tr("Request body"))
        self._note = QLabel(textFormat=Qt.TextFormat.PlainText)  # it quotes a header
        self._note.setWordWrap(True)
        self._note.setProperty("tone", "muted")
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._note)
        layout.addWidget(self.body, 1)
        return page

    def _buttons(self) -> QHBoxLayout:
        self._warning = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._warning.setProperty("tone", "muted")
        self._warning.setWordWrap(True)
        self._reset_button = QPushButton(self.tr("Reset"))
        self._reset_button.clicked.connect(self._reset)
        self._send_button = QPushButton(self.tr("Send"))
        self._send_button.setProperty("look", "primary")
        self._send_button.setToolTip(self.tr("Send the request (Ctrl+Enter)"))
        self._send_button.clicked.connect(self.send)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self._warning, 1)
        bar.addWidget(self._reset_button)
        self._stop_button = QPushButton(self.tr("Stop"))
        self._stop_button.setToolTip(self.tr("Give up waiting for the answer"))
        self._stop_button.clicked.connect(self.stop)
        self._stop_button.hide()
        bar.addWidget(self._stop_button)
        bar.addWidget(self._send_button)
        return bar

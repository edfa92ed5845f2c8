"""Edit a captured request and send it: inline, never a dialog; shows the original answer beside the new one."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.ui.exchanges.detail.problem_card import ProblemCard
from app.ui.exchanges.detail.replay_body import BodyPage
from app.ui.exchanges.detail.replay_pairs import PairsPage
from app.ui.exchanges.detail.replay_repeat import RepeatBox
from app.ui.exchanges.detail.replay_result import ReplayResult
from app.ui.exchanges.detail.replay_target import ReplayTargetBox
from app.ui.exchanges.detail.signature_card import SignatureCard
from app.ui.fonts import TITLE, mono_font, ui_font
from app.viewmodels.replay_draft import ReplayDraft
from app.viewmodels.replay_pairs import query_pairs, with_query

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


class ReplayEditor(QWidget):
    """Works on a `ReplayDraft`; sends it through the workspace. Emits `closed` for Esc."""

    closed = Signal()
    exchange_wanted = Signal(str)
    status_message = Signal(str)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._draft: ReplayDraft | None = None
        self._filling = False
        self._sending: asyncio.Task[None] | None = None
        self._build()
        self.headers.edited.connect(self._on_edited)
        self.query.edited.connect(self._on_query_edited)
        self.method.editTextChanged.connect(self._on_edited)
        self.target.textEdited.connect(self._on_edited)
        self.where.editTextChanged.connect(self._update_words)
        self.body.edited.connect(self._on_body_edited)

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
        target, times, resign = self.where.target, self.repeat.times, self.resign.isChecked()
        replays, id_, request = self._workspace.replays, draft.original.id, draft.request()
        if times == 1:
            return await replays.send(id_, request, target=target, resign=resign)
        last: Exchange | None = None
        sent = 0
        delay = self.repeat.delay
        answers = replays.repeat(id_, request, times=times, delay=delay, target=target, resign=resign)
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
        self.headers.set_pairs(draft.headers)
        self.query.set_pairs(query_pairs(draft.target))
        self.body.show_body(draft.body_text or "", _content_type(draft))
        self._filling = False
        self.resign.hide()
        self.signature.show_exchange(draft.original, complete=True)
        self._update_words()

    def _on_edited(self) -> None:
        draft = self._draft
        if draft is None or self._filling:
            return
        draft.method = self.method.currentText().strip()
        draft.target = self.target.text().strip()
        draft.headers = list(self.headers.pairs)
        self.query.set_pairs(query_pairs(draft.target))
        self.body.show_type(_content_type(draft))
        self._update_words()

    def _on_query_edited(self) -> None:
        if self._draft is not None and not self._filling:
            self._draft.target = with_query(self._draft.target, self.query.pairs)
            self.target.setText(self._draft.target)
            self._update_words()

    def _on_body_edited(self) -> None:
        if self._draft is None or self._filling:
            return
        text = self.body.text
        binary = self._draft.body_text is None
        self._draft.body_text = None if binary and not text else text
        self._update_words()

    def _update_words(self) -> None:
        draft = self._draft
        if draft is None:
            return
        self.tabs.setTabText(0, self.tr("Query ({0})").format(len(self.query.pairs)))
        self.tabs.setTabText(1, self.tr("Headers ({0})").format(len(self.headers.pairs)))
        changed = " •" if draft.body != draft.original.request_body.data else ""
        self.tabs.setTabText(2, self.tr("Body") + changed)
        self.body.show_note(draft.body_note)
        may_change = self.tr("; {0} may change data").format(draft.method) if draft.changes_data else ""
        elsewhere = self.where.elsewhere
        words = self.tr("Sends a real request to your service{0}.").format(may_change)
        if elsewhere:
            words = self.tr("Leaves this computer: {0} gets all of it, its cookies and passwords too{1}.").format(
                elsewhere, may_change
            )
        self._warning.setText(words)
        self._warning.setProperty("tone", "problem" if elsewhere else "muted")
        self._warning.style().polish(self._warning)
        self._reset_button.setEnabled(draft.edited)

    def _offer_signing(self, known: bool) -> None:
        self.resign.setVisible(known)

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
        self.repeat = RepeatBox()
        to = QHBoxLayout()
        to.setSpacing(8)
        to.addWidget(QLabel(self.tr("To")))
        to.addWidget(self.where, 1)
        to.addWidget(self.repeat)
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
        self.signature = SignatureCard(self._workspace.signing)
        self.signature.status_message.connect(self.status_message)
        self.signature.signable.connect(self._offer_signing)
        self.resign = QCheckBox(self.tr("Sign it anew, with the current time"))
        self.resign.setChecked(True)
        self.resign.setToolTip(self.tr("Off: the captured signature is sent, fitting or not"))
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
        layout.addWidget(self.signature)
        layout.addWidget(self.resign)
        layout.addWidget(self.problem)
        layout.addWidget(self.result)
        layout.addLayout(self._buttons())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.send)

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


def _content_type(draft: ReplayDraft) -> str | None:
    return next((value for name, value in draft.headers if name.lower() == "content-type"), None)

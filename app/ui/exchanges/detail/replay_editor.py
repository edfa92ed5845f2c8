"""Edit a captured request and send it: inline, never a dialog; shows the original answer beside the new one."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.ui.exchanges.detail.problem_card import ProblemCard
from app.ui.exchanges.detail.replay_attempts import AttemptRow
from app.ui.exchanges.detail.replay_repeat import RepeatBox
from app.ui.exchanges.detail.replay_request import RequestForm
from app.ui.exchanges.detail.replay_result import ReplayResult
from app.ui.exchanges.detail.replay_target import ReplayTargetBox
from app.ui.exchanges.detail.replay_warning import ReplayWarning
from app.ui.exchanges.detail.signature_card import SignatureCard
from app.ui.fonts import TITLE, ui_font
from app.viewmodels.replay_draft import ReplayDraft

_FOLLOWED = 20
"""Attempts that are shown at once when many are sent: each time, all of them are read."""


class ReplayEditor(QWidget):
    """Works on a `ReplayDraft`; sends it through the workspace. Emits `closed` for Esc."""

    closed = Signal()
    exchange_wanted = Signal(str)
    status_message = Signal(str)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._draft: ReplayDraft | None = None
        self._sending: asyncio.Task[None] | None = None
        self._build()
        self.form.edited.connect(self._update_words)
        self.where.editTextChanged.connect(self._update_words)

    def open(self, draft: ReplayDraft) -> None:
        """Show the draft; what the user changes is written into it at once."""
        self._draft = draft
        self.result.clear()
        self.problem.show_problem(None)
        self.attempts.show_attempts(draft.original)
        self._fill()

    def take_focus(self) -> None:
        self.form.take_focus()

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
            if isValid(self):
                self.result.clear()
            raise
        else:
            self.problem.show_problem(answer.problem)
            self.result.show_answer(draft.original, answer)
        finally:
            if isValid(self):  # the window was not closed meanwhile
                self._send_button.setEnabled(True)
                self._stop_button.hide()
                if self._draft is not None:
                    self.attempts.show_attempts(self._draft.original)

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
            if sent <= _FOLLOWED and draft is self._draft:
                self.attempts.show_attempts(draft.original)
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
        self.where.show_targets(draft.original, self._workspace.tunnels)
        self._title.setText(self.tr("Replay of {0} {1}").format(draft.original.method, draft.original.path[:60]))
        self.form.show_draft(draft)
        self.resign.hide()
        self.signature.show_exchange(draft.original, complete=True)
        self._update_words()

    def _take(self, attempt: Exchange) -> None:
        draft = self._draft
        if draft is None:
            return
        try:
            draft.take(attempt)
        except HatchwayError as error:
            self.problem.show_problem(error.problem)
            return
        self.problem.show_problem(None)
        self.form.show_draft(draft)
        self._update_words()

    def _update_words(self) -> None:
        if (draft := self._draft) is not None:
            self._warning.show_risk(self.where.elsewhere, draft.method if draft.changes_data else "")
            self._reset_button.setEnabled(draft.edited)

    def _offer_signing(self, known: bool) -> None:
        self.resign.setVisible(known)

    def _build(self) -> None:
        self._title = QLabel()
        self._title.setFont(ui_font(TITLE, semibold=True))
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self.form = RequestForm()
        self.where = ReplayTargetBox()
        self.repeat = RepeatBox()
        to = QHBoxLayout()
        to.setSpacing(8)
        to.addWidget(QLabel(self.tr("To")))
        to.addWidget(self.where, 1)
        to.addWidget(self.repeat)
        self.signature = SignatureCard(self._workspace.signing)
        self.signature.status_message.connect(self.status_message)
        self.signature.signable.connect(self._offer_signing)
        self.resign = QCheckBox(self.tr("Sign it anew, with the current time"))
        self.resign.setChecked(True)
        self.resign.setToolTip(self.tr("Off: the captured signature is sent, fitting or not"))
        self.problem = ProblemCard()
        self.result = ReplayResult()
        self.attempts = AttemptRow(self._workspace.archive)
        self.attempts.exchange_wanted.connect(self.exchange_wanted)
        self.attempts.draft_wanted.connect(self._take)
        self.attempts.status_message.connect(self.status_message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addLayout(to)
        layout.addWidget(self.form, 1)
        layout.addWidget(self.signature)
        layout.addWidget(self.resign)
        layout.addWidget(self.problem)
        layout.addWidget(self.result)
        layout.addWidget(self.attempts)
        layout.addLayout(self._buttons())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.send)

    def _buttons(self) -> QHBoxLayout:
        self._warning = ReplayWarning()
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

"""The request as code: cURL, httpx, fetch, pytest. Without secrets, unless the switch says otherwise."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.code import Form, write_code
from app.engine.replays_api import Replays
from app.ui.exchanges.detail.code_view import CodeView

_FORMS: tuple[tuple[str, Form, str], ...] = (
    ("cURL", "curl", "request.sh"),
    ("Python (httpx)", "httpx", "request.py"),
    ("JavaScript (fetch)", "fetch", "request.mjs"),
    ("Test (pytest)", "pytest", "test_request.py"),
)


class CodeTab(QWidget):
    """Written in a thread, when it is looked at."""

    status_message = Signal(str)

    def __init__(self, replays: Replays, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._replays = replays
        self._exchange: Exchange | None = None
        self._complete = False
        self._task: asyncio.Task[None] | None = None
        self.form = QComboBox()
        self.form.addItems([title for title, _, _ in _FORMS])
        self.form.setAccessibleName(self.tr("Language"))
        self.form.currentIndexChanged.connect(lambda _: self._render())
        self.secrets = QCheckBox(self.tr("With secrets"))
        self.secrets.setToolTip(self.tr("Without it, secrets become shell or environment variables"))
        self.secrets.toggled.connect(lambda _: self._render())
        copy = QPushButton(self.tr("Copy"))
        copy.clicked.connect(self._copy)
        save = QPushButton(self.tr("Save…"))
        save.clicked.connect(self._choose_file)
        self.code = CodeView()
        self.code.setAccessibleName(self.tr("Code"))
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 6, 8, 6)
        bar.setSpacing(8)
        bar.addWidget(self.form)
        bar.addWidget(self.secrets)
        bar.addStretch(1)
        bar.addWidget(copy)
        bar.addWidget(save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.code, 1)

    def show_exchange(self, exchange: Exchange, *, complete: bool) -> None:
        new = self._exchange is None or exchange.id != self._exchange.id
        if new:
            self.secrets.setChecked(False)  # for this one request only
        changed = new or complete != self._complete
        self._exchange, self._complete = exchange, complete
        if changed and self.isVisible():
            self._render()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._render()

    def _render(self) -> None:
        if self._exchange is None:
            return
        if not self._complete:
            self.code.set_text(self.tr("Loading…"))
            return
        if self._task is not None:
            self._task.cancel()
        form = _FORMS[self.form.currentIndex()][1]
        self._task = spawn(self._write(self._exchange, form, self.secrets.isChecked()), name="write code")

    async def _write(self, exchange: Exchange, form: Form, with_secrets: bool) -> None:
        try:
            text = await write_code(exchange, form, self._replays, redact=not with_secrets)
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        if isValid(self):  # the window may have been closed meanwhile
            self.code.set_text(text)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code.toPlainText())
        what = self.tr("Code copied, with secrets.") if self.secrets.isChecked() else self.tr("Code copied.")
        self.status_message.emit(what)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Save code"), _FORMS[self.form.currentIndex()][2])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(_FORMS[self.form.currentIndex()][2])
        text = self.code.toPlainText()
        dialog.fileSelected.connect(lambda path: spawn(self._save(path, text), name="save code"))
        dialog.open()

    async def _save(self, path: str, text: str) -> None:
        try:
            await asyncio.to_thread(Path(path).write_text, text, encoding="utf-8")
        except OSError as error:
            self.status_message.emit(self.tr("Not saved: {0}").format(error.strerror or str(error)))
        else:
            self.status_message.emit(self.tr("Saved as {0}.").format(Path(path).name))

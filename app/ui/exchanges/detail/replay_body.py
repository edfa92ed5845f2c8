"""The body in the replay editor: as text, JSON checked and laid out, forms as a table too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.domain.tasks import spawn
from app.ui.exchanges.detail.replay_pairs import PairsPage
from app.ui.fonts import mono_font
from app.viewmodels.replay_json import format_json, json_problem, looks_like_json, minify_json
from app.viewmodels.replay_pairs import join_pairs, split_pairs

_CHECK_AFTER = 200  # ms without a key


class BodyPage(QWidget):
    """`edited` follows every change by the user; the text is the truth, the table of a form only another view of it."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._content_type: str | None = None
        self._filling = False
        self._text = self._text_edit()
        self._form = PairsPage(self.tr("Fields of the form"), self.tr("Add field"), trims=False)
        self._note = QLabel(textFormat=Qt.TextFormat.PlainText)  # it quotes a header
        self._note.setWordWrap(True)
        self._note.setProperty("tone", "muted")
        self._views = QStackedWidget()
        self._views.addWidget(self._text)
        self._views.addWidget(self._form)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._note)
        layout.addWidget(self._views, 1)
        layout.addWidget(self._helpers())
        self._check_timer = QTimer(self, singleShot=True, interval=_CHECK_AFTER)
        self._check_timer.timeout.connect(self._check)
        self._text.textChanged.connect(self._on_text)
        self._form.edited.connect(self._on_form)

    @property
    def text_edit(self) -> QPlainTextEdit:
        return self._text

    @property
    def form(self) -> PairsPage:
        return self._form

    @property
    def text(self) -> str:
        """With LF line ends and every character: toPlainText() would turn no-break spaces into spaces."""
        return self._text.document().toRawText().replace("\u2029", "\n")

    def show_body(self, text: str, content_type: str | None) -> None:
        """A form begins as a table."""
        self._filling = True
        self._text.setPlainText(text)
        self._filling = False
        self._content_type = None
        self.show_type(content_type)
        self._as_form.setChecked(self._is_form and bool(text))
        self._show_form(self._as_form.isChecked())

    def show_type(self, content_type: str | None) -> None:
        """What the request's header says now: it decides which helpers there are."""
        if content_type != self._content_type:
            self._content_type = content_type
            self._check()

    def show_note(self, note: str) -> None:
        self._note.setText(note)
        self._note.setVisible(bool(note))

    # -- inside ------------------------------------------------------------------------------------------------------

    @property
    def _is_form(self) -> bool:
        return (self._content_type or "").lower().startswith("application/x-www-form-urlencoded")

    def _on_text(self) -> None:
        if not self._filling:
            self.edited.emit()
            self._check_timer.start()

    def _on_form(self) -> None:
        self._replace(join_pairs(self._form.pairs, self.text, form=True))

    def _show_form(self, shown: bool) -> None:
        if shown:
            self._form.set_pairs(split_pairs(self.text))
        self._views.setCurrentWidget(self._form if shown else self._text)

    def _check(self) -> None:
        """Show the helpers that fit, and whether the JSON is any."""
        text = self.text
        is_json = not self._is_form and bool(text.strip()) and looks_like_json(text, self._content_type)
        problem = json_problem(text) if is_json else ""
        for button in (self._format, self._minify):
            button.setVisible(is_json)
            button.setEnabled(not problem)
        self._as_form.setVisible(self._is_form)
        if not self._is_form:
            self._as_form.setChecked(False)
        self._state.setVisible(is_json)
        self._state.setText(self.tr("✗ {0}").format(problem) if problem else self.tr("✓ JSON"))
        self._state.setProperty("tone", "problem" if problem else "ok")
        self._state.style().polish(self._state)

    def _lay_out(self, work: Callable[[str], str]) -> None:
        text = self.text
        if not json_problem(text):
            spawn(self._laid_out(text, work), name="lay out JSON")

    async def _laid_out(self, text: str, work: Callable[[str], str]) -> None:
        new = await asyncio.to_thread(work, text)
        if isValid(self) and self.text == text:  # the user has not gone on meanwhile
            self._replace(new)

    def _replace(self, text: str) -> None:
        """As if typed, so that it can be undone."""
        if text != self.text:
            cursor = self._text.textCursor()
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(text)

    def _text_edit(self) -> QPlainTextEdit:
        edit = QPlainTextEdit()
        edit.setFont(mono_font())
        edit.setFrameShape(QFrame.Shape.NoFrame)
        edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        edit.setTabChangesFocus(True)
        edit.setAccessibleName(self.tr("Request body"))
        return edit

    def _helpers(self) -> QWidget:
        self._format = QPushButton(self.tr("Format"))
        self._format.setToolTip(self.tr("Lay the JSON out; values stay as they are"))
        self._format.clicked.connect(lambda: self._lay_out(format_json))
        self._minify = QPushButton(self.tr("Minify"))
        self._minify.setToolTip(self.tr("Remove white space between the values"))
        self._minify.clicked.connect(lambda: self._lay_out(minify_json))
        self._as_form = QPushButton(self.tr("As table"))
        self._as_form.setCheckable(True)
        self._as_form.setToolTip(self.tr("Edit the fields of the form instead of its text"))
        self._as_form.toggled.connect(self._show_form)
        self._state = QLabel(textFormat=Qt.TextFormat.PlainText)
        bar = QWidget()
        layout = QHBoxLayout(bar)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self._format, self._minify, self._as_form):
            layout.addWidget(widget)
        layout.addWidget(self._state, 1)
        return bar

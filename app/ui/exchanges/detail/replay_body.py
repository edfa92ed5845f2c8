"""The body in the replay editor: as text, JSON checked and laid out; forms and multipart bodies as tables too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
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
from app.ui.exchanges.detail.replay_parts import PartsPage
from app.ui.fonts import mono_font
from app.viewmodels.replay_draft import ReplayDraft
from app.viewmodels.replay_json import format_json, json_problem, looks_like_json, minify_json
from app.viewmodels.replay_pairs import join_pairs, split_pairs

_CHECK_AFTER = 200  # ms without a key


class BodyPage(QWidget):
    """Writes what the user changes into the draft at once; `edited` follows.

    The text is the truth, the table of a form only another view of it; a table of parts writes bytes.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._draft: ReplayDraft | None = None
        self._content_type: str | None = None
        self._filling = False
        self._text = self._text_edit()
        self._form = PairsPage(self.tr("Fields of the form"), self.tr("Add field"), trims=False)
        self._parts = PartsPage()
        self._note = QLabel(textFormat=Qt.TextFormat.PlainText)  # it quotes a header
        self._note.setWordWrap(True)
        self._note.setProperty("tone", "muted")
        self._views = QStackedWidget()
        self._views.addWidget(self._text)
        self._views.addWidget(self._form)
        self._views.addWidget(self._parts)
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
        self._parts.edited.connect(self._on_parts)
        self._parts.refused.connect(lambda words: self._show_state(words, wrong=True))

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

    @property
    def parts(self) -> PartsPage:
        return self._parts

    def show_draft(self, draft: ReplayDraft) -> None:
        """A form, or a multipart body, begins as a table."""
        self._draft = draft
        self._fill_text()
        self._content_type = draft.content_type
        self._check()
        tabled = self._is_multipart or (self._is_form and bool(self.text))
        with QSignalBlocker(self._as_table):
            self._as_table.setChecked(tabled)
        self._show_table(tabled)

    def refresh(self) -> None:
        """The draft's headers have changed: its type decides which helpers there are."""
        if self._draft is not None:
            if self._draft.content_type != self._content_type:
                self._content_type = self._draft.content_type
                self._check()
            self._show_note()

    # -- inside ------------------------------------------------------------------------------------------------------

    @property
    def _is_form(self) -> bool:
        return (self._content_type or "").lower().startswith("application/x-www-form-urlencoded")

    @property
    def _is_multipart(self) -> bool:
        return self._draft is not None and self._draft.layout() is not None

    def _show_note(self) -> None:
        """What the text hides; a table of parts tells it of each."""
        tabled = self._views.currentWidget() is self._parts
        note = "" if self._draft is None or tabled else self._draft.body_note
        self._note.setText(note)
        self._note.setVisible(bool(note))

    def _fill_text(self) -> None:
        self._filling = True
        self._text.setPlainText("" if self._draft is None else self._draft.body_text or "")
        self._filling = False

    def _on_text(self) -> None:
        if self._filling or self._draft is None:
            return
        text = self.text
        binary = self._draft.body_text is None
        self._draft.body_text = None if binary and not text else text
        self._check_timer.start()
        self.edited.emit()

    def _on_form(self) -> None:
        self._replace(join_pairs(self._form.pairs, self.text, form=True))

    def _on_parts(self) -> None:
        if self._draft is not None:
            self._draft.set_body(self._parts.model.body)
            self._show_state("")
            self.edited.emit()

    def _show_table(self, shown: bool) -> None:
        layout = None if not shown or self._draft is None else self._draft.layout()
        if layout is not None:
            self._parts.show_layout(layout)
        elif shown:
            self._form.set_pairs(split_pairs(self.text))
        elif self._views.currentWidget() is self._parts:
            self._fill_text()
        wanted = self._text if not shown else self._form if layout is None else self._parts
        self._views.setCurrentWidget(wanted)
        self._as_table.setText(self.tr("As text") if shown else self.tr("As table"))
        self._show_note()

    def _check(self) -> None:
        """Show the helpers that fit, and whether the JSON is any."""
        text = self.text
        tabled = self._is_form or self._is_multipart
        is_json = not tabled and bool(text.strip()) and looks_like_json(text, self._content_type)
        problem = json_problem(text) if is_json else ""
        for button in (self._format, self._minify):
            button.setVisible(is_json)
            button.setEnabled(not problem)
        self._as_table.setVisible(tabled)
        if not tabled:
            self._as_table.setChecked(False)
        words = self.tr("✗ {0}").format(problem) if problem else self.tr("✓ JSON")
        self._show_state(words if is_json else "", wrong=bool(problem))

    def _show_state(self, words: str, *, wrong: bool = False) -> None:
        self._state.setText(words)
        self._state.setProperty("tone", "problem" if wrong else "ok")
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
        self._as_table = QPushButton(self.tr("As table"))
        self._as_table.setCheckable(True)
        self._as_table.setToolTip(self.tr("Edit the fields or parts in a table, or all of it as text"))
        self._as_table.toggled.connect(self._show_table)
        self._state = QLabel(textFormat=Qt.TextFormat.PlainText)
        bar = QWidget()
        layout = QHBoxLayout(bar)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self._format, self._minify, self._as_table):
            layout.addWidget(widget)
        layout.addWidget(self._state, 1)
        return bar

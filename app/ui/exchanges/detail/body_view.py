"""One body: what it is, pretty, raw or hex, searched, copied, saved; decoded and formatted in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.domain.exchange import Body
from app.domain.tasks import spawn
from app.ui.exchanges.detail.body_bar import BodyBar
from app.ui.exchanges.detail.body_save import BodySaver
from app.ui.exchanges.detail.code_view import CodeView
from app.ui.exchanges.detail.find_bar import FindBar, Searchable
from app.ui.exchanges.detail.hex_view import HexView
from app.ui.exchanges.detail.image_view import ImageView, read_picture
from app.ui.exchanges.detail.json_menu import JsonMenu
from app.ui.exchanges.detail.long_text_view import LongTextView
from app.viewmodels.body_text import PREVIEW, BodyView, Mode, open_body, render
from app.viewmodels.exchange_cells import format_size

_LONG = 64 * 1024  # characters; more, or long lines, would take Qt's own widget longer than a frame


class BodyPanel(QWidget):
    """Shows a body; every change cancels the work for the one before."""

    status_message = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[object, ...] = ()
        self._view: BodyView | None = None
        self._name = ""
        self._stop = threading.Event()
        self._task: asyncio.Task[None] | None = None
        self._build()

    def show_body(
        self, body: Body, content_type: str | None, content_encoding: str | None, file_name: str, key: str
    ) -> None:
        """Show the body; nothing happens if it is the one already shown (`key` names exchange and direction)."""
        wanted = (key, body.kept, body.size, content_type, content_encoding)
        if wanted == self._shown:
            return
        self._shown = wanted
        self._name = file_name
        self._set_view(None)
        self._start(self._open(body, content_type, content_encoding))

    def show_waiting(self, words: str) -> None:
        """There is no body to show yet."""
        self._cancel()
        self._shown = ()
        self._set_view(None)
        self._say(words)

    def open_find(self) -> None:
        """Open the search line, if there is something to search; it searches all of the body."""
        target = self._searchable()
        if target is None:
            return
        selected = self.code.textCursor().selectedText() if target is self.code else ""
        self.find_bar.open_bar(target, selected if "\u2029" not in selected else "")
        if not self._load_all.isHidden():
            self._load_all.click()

    @property
    def view(self) -> BodyView | None:
        """What is shown, None while there is nothing."""
        return self._view

    @property
    def at_top(self) -> bool:
        """Whether the beginning is in view, so that a longer body can take its place unnoticed."""
        is_free = not self.busy and self.find_bar.isHidden() and self._stack.currentWidget() is not self.long_text
        return is_free and self.code.verticalScrollBar().value() == 0

    @property
    def busy(self) -> bool:
        """Whether the body is still being decoded, formatted or filled in."""
        return (self._task is not None and not self._task.done()) or self.code.filling

    # -- work --------------------------------------------------------------------------------------------------------

    def _set_view(self, view: BodyView | None) -> None:
        self._view = view
        self._saver.set_body(view, self._name)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._cancel()
        self._stop = threading.Event()
        self._task = spawn(work, name=f"show body {self._name}")

    def _cancel(self) -> None:
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _open(self, body: Body, content_type: str | None, content_encoding: str | None) -> None:
        view = await asyncio.to_thread(open_body, body, content_type, content_encoding, self._stop)
        if not isValid(self):  # the window may have been closed meanwhile
            return
        self._set_view(view)
        self._bar.show_body(view)
        await self._render(PREVIEW)

    async def _render(self, limit: int | None) -> None:
        view = self._view
        if view is None:
            return
        mode = self._bar.mode
        notes = list(view.notes)
        self._load_all.hide()
        if view.kind == "empty":
            self._say(notes[0] if notes else self.tr("No body."))
            self._bar.show_body(view)
            return
        if (data := view.bytes_for(mode)) is not None:
            self.hex.show_bytes(data)
            self._stack.setCurrentWidget(self.hex)
        elif view.kind == "image":
            picture = await asyncio.to_thread(read_picture, view.decoded.data)
            if not isValid(self):
                return
            self.image.show_picture(picture)
            self._stack.setCurrentWidget(self.image)
        else:
            text = await asyncio.to_thread(render, view, mode, limit, self._stop)
            if not isValid(self):
                return
            view_of_text = self.long_text if text.content.size > _LONG else self.code
            view_of_text.set_text(text.content, text.language)
            as_json = view.kind in ("json", "ndjson") and (mode is Mode.RAW or text.language == "json")
            self.json_menu.set_text(text if as_json else None, view.kind)
            self._stack.setCurrentWidget(view_of_text)
            notes += text.notes
            if not text.complete:
                notes.append(self.tr("Showing the first {0}").format(format_size(PREVIEW)))
                self._load_all.show()
        self._note.setText(" · ".join(notes))
        self._footer.setVisible(bool(notes))
        self.find_bar.retarget(self._searchable())

    def _searchable(self) -> Searchable | None:
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, CodeView | LongTextView | HexView) else None

    def _say(self, words: str) -> None:
        self._message.setText(words)
        self._stack.setCurrentWidget(self._message)
        self._footer.hide()
        self._bar.show_nothing()
        self.find_bar.retarget(None)

    def _on_find_closed(self) -> None:
        if (shown := self._stack.currentWidget()) is not None:
            shown.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_bytes(self, first: int, count: int) -> None:
        self.status_message.emit(self.tr("Byte {0} (0x{1}), {2} selected").format(first, f"{first:x}", count))

    # -- construction ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._saver = BodySaver(self)
        self._saver.status_message.connect(self.status_message)
        self.code = CodeView()
        self.code.setAccessibleName(self.tr("Body"))
        self.long_text = LongTextView()
        self.long_text.setAccessibleName(self.tr("Body"))
        self.json_menu = JsonMenu(self)
        self.json_menu.status_message.connect(self.status_message)
        for text_view in (self.code, self.long_text):
            self.json_menu.watch(text_view)
        self.hex = HexView()
        self.hex.setAccessibleName(self.tr("Bytes of the body"))
        self.hex.moved.connect(self._on_bytes)
        self.image = ImageView()
        self._message = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, textFormat=Qt.TextFormat.PlainText)
        self._message.setProperty("tone", "muted")
        self._message.setWordWrap(True)
        self._stack = QStackedWidget()
        for widget in (self._message, self.code, self.long_text, self.hex, self.image):
            self._stack.addWidget(widget)
        self.find_bar = FindBar()
        self.find_bar.closed.connect(self._on_find_closed)
        self._bar = BodyBar(self._saver)
        self._bar.mode_chosen.connect(lambda: self._start(self._render(PREVIEW)))
        self._bar.find_wanted.connect(self.open_find)
        for keys, act in (
            (QKeySequence(QKeySequence.StandardKey.Find), self.open_find),
            (QKeySequence(QKeySequence.StandardKey.Save), self._saver.save),
            (QKeySequence(QKeySequence.StandardKey.FindNext), lambda: self.find_bar.step(1)),
            (QKeySequence(QKeySequence.StandardKey.FindPrevious), lambda: self.find_bar.step(-1)),
        ):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

        self._footer = QWidget()
        # Plain: the notes quote headers of visitors and services.
        self._note = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._note.setProperty("tone", "muted")
        self._note.setWordWrap(True)
        self._load_all = QPushButton(self.tr("Load all"))
        self._load_all.clicked.connect(lambda: self._start(self._render(None)))
        footer = QHBoxLayout(self._footer)
        footer.setContentsMargins(12, 4, 8, 4)
        footer.addWidget(self._note, 1)
        footer.addWidget(self._load_all)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self.find_bar)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._footer)
        self._say("")

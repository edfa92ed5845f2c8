"""One body: what it is, pretty, raw or hex, copied, saved; decoded and formatted in a thread."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.exchange import Body
from app.domain.tasks import spawn
from app.ui.exchanges.detail.code_view import CodeView
from app.ui.exchanges.detail.image_view import ImageView, read_picture
from app.viewmodels.body_text import PREVIEW, BodyView, Mode, open_body, plain_text, render
from app.viewmodels.exchange_cells import format_size

_HINTS = {
    Mode.PRETTY: "Decoded and formatted",
    Mode.RAW: "Decoded, otherwise as it was sent",
    Mode.HEX: "The captured bytes",
}


class BodyPanel(QWidget):
    """Shows a body; every change cancels the work for the one before."""

    status_message = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[object, ...] = ()
        self._view: BodyView | None = None
        self._file_name = "body"
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
        self._file_name = file_name
        self._view = None
        self._start(self._open(body, content_type, content_encoding))

    def show_waiting(self, words: str) -> None:
        """There is no body to show yet."""
        self._cancel()
        self._shown = ()
        self._view = None
        self._label.setText("")
        self._say(words)

    @property
    def at_top(self) -> bool:
        """Whether the beginning is in view, so that a longer body can take its place unnoticed."""
        return not self.busy and self.code.verticalScrollBar().value() == 0

    @property
    def busy(self) -> bool:
        """Whether the body is still being decoded, formatted or filled in."""
        return (self._task is not None and not self._task.done()) or self.code.filling

    # -- work --------------------------------------------------------------------------------------------------------

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._cancel()
        self._stop = threading.Event()
        self._task = spawn(work, name=f"show body {self._file_name}")

    def _cancel(self) -> None:
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _open(self, body: Body, content_type: str | None, content_encoding: str | None) -> None:
        view = await asyncio.to_thread(open_body, body, content_type, content_encoding, self._stop)
        self._view = view
        self._label.setText(view.label)
        has_body = view.kind != "empty"
        for button in self._modes.buttons():
            button.setVisible(has_body)
        self._copy.setVisible(view.textual)
        self._save.setVisible(has_body)
        await self._render(PREVIEW)

    async def _render(self, limit: int | None) -> None:
        view = self._view
        if view is None:
            return
        mode = list(Mode)[self._modes.checkedId()]
        notes = list(view.notes)
        self._load_all.hide()
        if view.kind == "empty":
            self._say(notes[0] if notes else self.tr("No body."))
            return
        if view.kind == "image" and mode is not Mode.HEX:
            picture = await asyncio.to_thread(read_picture, view.decoded.data)
            self.image.show_picture(picture)
            self._stack.setCurrentWidget(self.image)
        else:
            text = await asyncio.to_thread(render, view, mode, limit, self._stop)
            self.code.set_text(text.pieces or text.text, text.language)
            self._stack.setCurrentWidget(self.code)
            notes += text.notes
            if not text.complete:
                notes.append(self.tr("Showing the first {0}").format(format_size(_shown_bytes(view, mode))))
                self._load_all.show()
        self._note.setText(" · ".join(notes))
        self._footer.setVisible(bool(notes))

    def _say(self, words: str) -> None:
        self._message.setText(words)
        self._stack.setCurrentWidget(self._message)
        self._footer.hide()
        for button in (*self._modes.buttons(), self._copy, self._save):
            button.hide()

    async def _put_text(self) -> None:
        if self._view is None:
            return
        text = await asyncio.to_thread(plain_text, self._view)
        if text is not None:
            QGuiApplication.clipboard().setText(text)
            self.status_message.emit(self.tr("Body copied."))

    def _ask_file(self) -> None:
        if self._view is None:
            return
        data = self._view.decoded.data
        dialog = QFileDialog(self, self.tr("Save body"), self._file_name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda name: spawn(self._write(Path(name), data), name="save body"))
        dialog.open()

    async def _write(self, path: Path, data: bytes) -> None:
        try:
            await asyncio.to_thread(path.write_bytes, data)
        except OSError as error:
            self.status_message.emit(self.tr("Not saved: {0}").format(error.strerror or str(error)))
        else:
            self.status_message.emit(self.tr("Saved {0} to {1}.").format(format_size(len(data)), path.name))

    # -- construction ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._label = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._label.setProperty("tone", "muted")
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 4, 8, 4)
        bar.setSpacing(2)
        bar.addWidget(self._label, 1)
        self._modes = QButtonGroup(self)
        for number, mode in enumerate(Mode):
            button = QToolButton()
            button.setText(self.tr(mode.value))
            button.setCheckable(True)
            button.setChecked(number == 0)
            button.setToolTip(self.tr(_HINTS[mode]))
            button.setAccessibleName(f"{mode.value}: {_HINTS[mode]}")
            self._modes.addButton(button, number)
            bar.addWidget(button)
        self._modes.idClicked.connect(lambda: self._start(self._render(PREVIEW)))
        bar.addSpacing(6)
        self._copy = QToolButton()
        self._copy.setText(self.tr("Copy"))
        self._copy.setAccessibleName(self.tr("Copy body"))
        self._copy.clicked.connect(lambda: spawn(self._put_text(), name="copy body"))
        self._save = QToolButton()
        self._save.setText(self.tr("Save…"))
        self._save.setAccessibleName(self.tr("Save body to a file"))
        self._save.clicked.connect(self._ask_file)
        bar.addWidget(self._copy)
        bar.addWidget(self._save)

        self.code = CodeView()
        self.code.setAccessibleName(self.tr("Body"))
        self.image = ImageView()
        self._message = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, textFormat=Qt.TextFormat.PlainText)
        self._message.setProperty("tone", "muted")
        self._message.setWordWrap(True)
        self._stack = QStackedWidget()
        for widget in (self._message, self.code, self.image):
            self._stack.addWidget(widget)

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
        layout.addLayout(bar)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._footer)
        self._say("")


def file_name_for(path: str, content_type: str | None) -> str:
    """A name to save under: the last segment of the path, with an extension if the type is plain."""
    name = re.sub(r"[^\w.-]+", "_", path.rstrip("/").rpartition("/")[2]).strip("._") or "body"
    subtype = (content_type or "").partition(";")[0].strip().rpartition("/")[2].rpartition("+")[2]
    known = {"json": ".json", "html": ".html", "xml": ".xml", "plain": ".txt", "png": ".png", "jpeg": ".jpg"}
    return name if "." in name else name + known.get(subtype, "")


def _shown_bytes(view: BodyView, mode: Mode) -> int:
    in_parts = mode is Mode.PRETTY and view.kind == "multipart"
    return PREVIEW // 5 if mode is Mode.HEX or not (view.textual or in_parts) else PREVIEW

"""Copies a body, and saves it, or a part of it, to a file that the user chooses."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.content.multipart import Part
from app.domain.tasks import spawn
from app.viewmodels.body_text import BodyView, plain_text
from app.viewmodels.exchange_cells import format_size

_MOST_PARTS = 30  # in the menu
_EXTENSIONS = {"json": ".json", "html": ".html", "xml": ".xml", "plain": ".txt", "png": ".png", "jpeg": ".jpg"}


class BodySaver(QObject):
    """Acts on the body given last."""

    status_message = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._view: BodyView | None = None
        self._file_name = "body"
        self.parts_menu = QMenu(parent)
        self.parts_menu.aboutToShow.connect(self._list_parts)

    def set_body(self, view: BodyView | None, file_name: str = "body") -> None:
        """None while there is none."""
        self._view, self._file_name = view, file_name

    @property
    def has_body(self) -> bool:
        return self._view is not None and self._view.kind != "empty"

    def copy(self) -> None:
        """Put the whole decoded text on the clipboard."""
        if self._view is not None:
            spawn(self._put_text(self._view), name="copy body")

    def save(self) -> None:
        """Ask for a file, then write the decoded body."""
        if self._view is not None and self.has_body:
            self._ask(self.tr("Save body"), self._file_name, self._view.decoded.data)

    def _list_parts(self) -> None:
        self.parts_menu.clear()
        self.parts_menu.addAction(self.tr("Save the whole body…"), self.save)
        self.parts_menu.addSeparator()
        parts = self._view.parts if self._view is not None else []
        for number, part in enumerate(parts[:_MOST_PARTS], 1):
            what = part.file_name or part.name or self.tr("no name")
            words = self.tr("Save part {0}: {1} ({2})…").format(number, what, format_size(len(part.data)))
            action = self.parts_menu.addAction(words.replace("&", "&&"))
            action.triggered.connect(lambda _=False, part=part, number=number: self._save_part(part, number))

    def _save_part(self, part: Part, number: int) -> None:
        # The name comes from a stranger: only its last segment, of harmless letters, is suggested.
        name = file_name_for(part.file_name.replace("\\", "/") or part.name or f"part-{number}", part.content_type)
        self._ask(self.tr("Save part"), name, part.data)

    def _ask(self, title: str, name: str, data: bytes) -> None:
        dialog = QFileDialog(self._window, title, name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: spawn(self._write(Path(path), data), name="save body"))
        dialog.open()

    async def _put_text(self, view: BodyView) -> None:
        text = await asyncio.to_thread(plain_text, view)
        if text is not None:
            QGuiApplication.clipboard().setText(text)
            self.status_message.emit(self.tr("Body copied."))

    async def _write(self, path: Path, data: bytes) -> None:
        try:
            await asyncio.to_thread(path.write_bytes, data)
        except OSError as error:
            self.status_message.emit(self.tr("Not saved: {0}").format(error.strerror or str(error)))
        else:
            self.status_message.emit(self.tr("Saved {0} to {1}.").format(format_size(len(data)), path.name))


def file_name_for(path: str, content_type: str | None) -> str:
    """A name to save under: the last segment of the path, with an extension if the type is plain."""
    name = re.sub(r"[^\w.-]+", "_", path.rstrip("/").rpartition("/")[2]).strip("._") or "body"
    subtype = (content_type or "").partition(";")[0].strip().rpartition("/")[2].rpartition("+")[2]
    return name if "." in name else name + _EXTENSIONS.get(subtype, "")

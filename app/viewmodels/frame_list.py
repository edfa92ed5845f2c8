"""The messages of one exchange as a table: what was recorded, and what comes while one looks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from app.domain.events import Event, FrameSeen
from app.domain.frame import Frame
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.archive_api import Archive
from app.viewmodels.exchange_cells import format_size, format_time

MOST = 20_000
_PAGE = 2_000
_FLUSH_MS = 60
_SHOWN = 300  # characters of a message in its row

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_HEADERS = ("", "Time", "Size", "Message")
_KINDS = {"text": "", "binary": "binary", "close": "close", "event": ""}
ARROWS = {"visitor": "↑", "upstream": "↓"}
"""↑ to your service, ↓ to the visitor."""


class FrameListModel(QAbstractTableModel):
    """Oldest first. `text` is looked for in the messages, A to Z in any case; while paused, nothing is added."""

    failed = Signal(str)

    def __init__(self, archive: Archive, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._archive = archive
        self._exchange_id = ""
        self._frames: list[Frame] = []
        self._waiting: list[Frame] = []
        self._needle = b""
        self._paused = False
        self._loading: asyncio.Task[None] | None = None
        self._timer = QTimer(self, singleShot=True, interval=_FLUSH_MS)
        self._timer.timeout.connect(self._flush)

    @property
    def waiting(self) -> int:
        """How many have come since the pause."""
        return len(self._waiting)

    def show_exchange(self, exchange_id: str, text: str = "") -> None:
        """Read what is recorded; later messages come through `on_event`."""
        needle = text.encode("utf-8").lower()
        if (exchange_id, needle) == (self._exchange_id, self._needle):
            return
        if self._loading is not None:
            self._loading.cancel()
        self.beginResetModel()
        self._exchange_id, self._needle = exchange_id, needle
        self._frames, self._waiting = [], []
        self.endResetModel()
        if exchange_id:
            self._loading = spawn(self._load(exchange_id, text), name=f"load messages {exchange_id}")

    def on_event(self, event: Event) -> None:
        """A message that has just passed, of the shown exchange or another."""
        if isinstance(event, FrameSeen) and event.exchange_id == self._exchange_id:
            self._waiting.append(event.frame)
            if len(self._waiting) > MOST:
                del self._waiting[0]
            if not self._paused and not self._timer.isActive():
                self._timer.start()

    def set_paused(self, paused: bool) -> None:
        """The exchange goes on either way."""
        self._paused = paused
        if not paused:
            self._flush()

    def frame(self, row: int) -> Frame:
        return self._frames[row]

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._frames)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        frame = self._frames[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _cell(frame, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            who = "from the visitor" if frame.direction == "visitor" else "from your service"
            return f"{who}, {format_size(frame.size)}: {_brief(frame)}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        horizontal = orientation == Qt.Orientation.Horizontal
        return self.tr(_HEADERS[section]) if horizontal and role == Qt.ItemDataRole.DisplayRole else None

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _load(self, exchange_id: str, text: str) -> None:
        after = -1
        while len(self._frames) < MOST:
            try:
                page = await self._archive.frames(exchange_id, after=after, limit=_PAGE, text=text)
            except HatchwayError as error:
                self.failed.emit(str(error.problem))
                return
            self._add(page)
            if len(page) < _PAGE:
                return
            after = page[-1].number

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._add([frame for frame in waiting if self._needle in frame.data.lower()])

    def _add(self, frames: Sequence[Frame]) -> None:
        """At the end, each once: what passes while the archive is read may come twice."""
        last = self._frames[-1].number if self._frames else -1
        fresh = [frame for frame in frames if frame.number > last]
        if not fresh:
            return
        count = len(self._frames)
        self.beginInsertRows(_NO_PARENT, count, count + len(fresh) - 1)
        self._frames += fresh
        self.endInsertRows()
        if (excess := len(self._frames) - MOST) > 0:
            self.beginRemoveRows(_NO_PARENT, 0, excess - 1)
            del self._frames[:excess]
            self.endRemoveRows()


def _cell(frame: Frame, column: int) -> str:
    match column:
        case 0:
            return ARROWS[frame.direction]
        case 1:
            return f"{format_time(frame.time_ns)}.{frame.time_ns // 1_000_000 % 1000:03}"
        case 2:
            return format_size(frame.size)
    return _brief(frame)


def _brief(frame: Frame) -> str:
    if frame.kind == "binary":
        return frame.data[:48].hex(" ") + (" …" if frame.size > 48 else "")
    text = frame.data[: 4 * _SHOWN].decode("utf-8", "replace")[:_SHOWN]
    line = " ".join(text.split())
    if frame.kind == "close":
        return f"closed {frame.code or ''} {line}".strip()
    return "".join(char if char.isprintable() else "�" for char in line)

"""The parts of a multipart body as a table: names, file names, types, and values where they are short text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.content.kind import is_text
from app.content.multipart_edit import Layout, RawPart
from app.viewmodels.exact_text import exact_bytes, exact_text
from app.viewmodels.exchange_cells import format_size
from app.viewmodels.plain_tip import plain_tip

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
NAME, FILE, TYPE, VALUE = range(4)
_CELL = 1_000  # characters of a value that are edited in its cell
_SHOWN = 200  # bytes of a longer one that are looked at


class PartsModel(QAbstractTableModel):
    """`edited` follows every change by the user; `refused` says why a content could not be taken.

    What is not changed stays byte-exact, and so does the boundary.
    """

    edited = Signal()
    refused = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._layout: Layout | None = None
        self._parts: list[RawPart] = []

    @property
    def body(self) -> bytes:
        """The whole body, as it will be sent."""
        return b"" if self._layout is None else bytes(self._layout.with_parts(self._parts))

    def set_layout(self, layout: Layout | None) -> None:
        self.beginResetModel()
        self._layout = layout
        self._parts = [] if layout is None else list(layout.parts)
        self.endResetModel()

    def content(self, row: int) -> bytes:
        return self._parts[row].data

    def text(self, row: int) -> str | None:
        """The content with LF line ends; None if it is no text, or a text widget would change it."""
        return exact_text(self._parts[row].data)

    def set_text(self, row: int, text: str) -> None:
        """In the line ends that it had; new ones are CRLF, as browsers send them."""
        before = self._parts[row].data
        self._set_content(row, exact_bytes(text, crlf=b"\n" not in before or b"\r\n" in before))

    def set_file(self, row: int, name: str, data: bytes) -> None:
        """Another file instead of the content."""
        if self._set_content(row, data):
            self._set_part(row, self._parts[row].refiled(name))

    def add_field(self) -> int:
        """Append an empty text part and return its row."""
        assert self._layout is not None
        row = len(self._parts)
        self.beginInsertRows(_NO_PARENT, row, row)
        self._parts.append(self._layout.field(""))
        self.endInsertRows()
        self.edited.emit()
        return row

    def remove(self, row: int) -> None:
        self.beginRemoveRows(_NO_PARENT, row, row)
        del self._parts[row]
        self.endRemoveRows()
        self.edited.emit()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._parts)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else 4

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        raw = self._parts[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _shown(raw) if index.column() == VALUE else _HEAD[index.column()](raw)
            case Qt.ItemDataRole.EditRole:
                return exact_text(raw.data) if index.column() == VALUE else _HEAD[index.column()](raw)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip("\n".join(raw.part.head))
            case Qt.ItemDataRole.AccessibleTextRole:
                part = raw.part
                return ", ".join(filter(None, (part.name, part.file_name, part.content_type, _shown(raw))))
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row, text = index.row(), str(value)
        if text == self.data(index, Qt.ItemDataRole.EditRole):
            return True
        raw = self._parts[row]
        match index.column():
            case 0:
                self._set_part(row, raw.renamed(text))
            case 1:
                self._set_part(row, raw.refiled(text))
            case 2:
                self._set_part(row, raw.retyped(text.strip()))
            case _:
                self.set_text(row, text)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        in_cell = index.isValid() and (index.column() != VALUE or _fits_cell(self._parts[index.row()]))
        return flags | Qt.ItemFlag.ItemIsEditable if in_cell else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Name"), self.tr("File name"), self.tr("Type"), self.tr("Value"))[section]
        return None

    def _set_content(self, row: int, data: bytes) -> bool:
        assert self._layout is not None
        if self._layout.breaks(data):
            self.refused.emit(self.tr("This content has the boundary of the parts in it, which would cut it."))
            return False
        self._set_part(row, replace(self._parts[row], data=data))
        return True

    def _set_part(self, row: int, part: RawPart) -> None:
        if part != self._parts[row]:
            self._parts[row] = part
            self.dataChanged.emit(self.index(row, 0), self.index(row, VALUE))
            self.edited.emit()


_HEAD: tuple[Callable[[RawPart], str], ...] = (
    lambda raw: raw.part.name,
    lambda raw: raw.part.file_name,
    lambda raw: raw.part.content_type,
)


def _fits_cell(raw: RawPart) -> bool:
    return len(raw.data) <= _CELL and b"\n" not in raw.data and exact_text(raw.data) is not None


def _shown(raw: RawPart) -> str:
    """A short text as it is; else what it begins with, and its size."""
    if _fits_cell(raw):
        return raw.data.decode("utf-8")
    size = format_size(len(raw.data))
    if not is_text(raw.data, "", declared=False):
        return f"{size}, binary"
    lines = raw.data[:_SHOWN].decode("utf-8", "ignore").splitlines()
    return f"{lines[0][:60] if lines else ''}…  ({size})"

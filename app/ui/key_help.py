"""The list of keys, read from the actions themselves so that it cannot be wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.ui.fonts import TITLE, mono_font, ui_font
from app.ui.labels import DIALOG, GAP, PANEL, label

_NATIVE = QKeySequence.SequenceFormat.NativeText


class KeyHelp(QDialog):
    """Two columns of `keys  what they do`; Esc closes."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Keyboard shortcuts")
        keys = QWidget()
        grid = QGridLayout(keys)
        grid.setContentsMargins(0, 0, PANEL, 0)
        grid.setHorizontalSpacing(PANEL)
        grid.setVerticalSpacing(GAP)
        entries = key_entries(window)
        half = (len(entries) + 1) // 2
        for place, (shortcut, text) in enumerate(entries):
            column = 0 if place < half else 3
            keycap = label(shortcut, font=mono_font())
            keycap.setObjectName("keycap")
            grid.addWidget(keycap, place % half, column, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(label(text), place % half, column + 1)
        grid.setColumnMinimumWidth(2, DIALOG)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(keys)
        area.setWidgetResizable(True)
        area.setMinimumWidth(keys.sizeHint().width() + DIALOG)
        area.setMinimumHeight(min(keys.sizeHint().height(), window.height() * 2 // 3))
        area.setAccessibleName("Keyboard shortcuts")
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(DIALOG, DIALOG, DIALOG, DIALOG)
        outer.setSpacing(PANEL)
        outer.addWidget(label("Keyboard shortcuts", font=ui_font(TITLE, semibold=True)))
        outer.addWidget(area)
        outer.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)


def key_entries(window: QWidget) -> list[tuple[str, str]]:
    """(keys, text) of every action below the window that has keys; the nine tunnel keys are one entry."""
    entries: list[tuple[str, str]] = []
    for action in window.findChildren(QAction):
        shortcuts = [shortcut.toString(_NATIVE) for shortcut in action.shortcuts()]
        text = action.text().replace("&", "").rstrip("…")
        if not shortcuts or not text:
            continue
        if action.objectName() == "tunnel.pick_1":
            entries.append((f"{shortcuts[0]}…9", "Go to tunnel 1 … 9"))
        elif not action.objectName().startswith("tunnel.pick_"):
            entries.append((" / ".join(shortcuts), text))
    return list(dict.fromkeys(entries))

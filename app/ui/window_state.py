"""Remembers size, place and splitter of the window; the only use of QSettings."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QSplitter, QWidget


class WindowState:
    """Below `$HATCHWAY_HOME/config` if that is set, else where the platform keeps such things."""

    def __init__(self) -> None:
        home = os.environ.get("HATCHWAY_HOME")
        if home:
            path = Path(home) / "config" / "window.ini"
            self._settings = QSettings(str(path), QSettings.Format.IniFormat)
        else:
            self._settings = QSettings("hatchway", "window")

    def restore(self, window: QWidget, splitter: QSplitter) -> bool:
        """False if nothing was remembered."""
        geometry = self._settings.value("geometry")
        sizes = self._settings.value("splitter")
        if isinstance(sizes, QByteArray):
            splitter.restoreState(sizes)
        return isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)

    def save(self, window: QWidget, splitter: QSplitter) -> None:
        self._settings.setValue("geometry", window.saveGeometry())
        self._settings.setValue("splitter", splitter.saveState())
        self._settings.sync()

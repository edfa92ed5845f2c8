"""Remembers size, place, splitter and columns of the window; the only place that knows where."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QSplitter, QWidget


def window_settings() -> QSettings:
    """Below `$HATCHWAY_HOME/config` if that is set, else where the platform keeps such things."""
    home = os.environ.get("HATCHWAY_HOME")
    if home:
        return QSettings(str(Path(home) / "config" / "window.ini"), QSettings.Format.IniFormat)
    return QSettings("hatchway", "window")


class WindowState:
    """Size and place of the window, and its splitter."""

    def __init__(self) -> None:
        self._settings = window_settings()

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

"""Lets go of many objects a few at a time: freeing 50 000 rows at once would take longer than a frame."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer

_A_TURN = 1_000


class SlowRelease(QObject):
    """Holds what it is given until the event loop has come round often enough."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held: list[object] = []
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._release)

    @property
    def held(self) -> int:
        """How many objects are still held."""
        return len(self._held)

    def take(self, objects: Iterable[object]) -> None:
        """The caller must not keep them anywhere else."""
        self._held += objects
        if self._held:
            self._timer.start()

    def _release(self) -> None:
        del self._held[-_A_TURN:]
        if not self._held:
            self._timer.stop()

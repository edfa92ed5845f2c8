"""F6: the keyboard focus walks through the panes of the window, in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def focus_next(panes: Sequence[QWidget]) -> None:
    """Focus the pane after the one that has the focus; the first one if none has it. Hidden panes are skipped."""
    visible = [pane for pane in panes if pane.isVisible() and pane.isEnabled()]
    if not visible:
        return
    focused = QApplication.focusWidget()
    inside = [
        place
        for place, pane in enumerate(visible)
        if focused is not None and (pane is focused or pane.isAncestorOf(focused))
    ]
    following = visible[(inside[-1] + 1) % len(visible)] if inside else visible[0]
    following.setFocus(Qt.FocusReason.TabFocusReason)

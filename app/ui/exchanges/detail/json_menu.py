"""What can be done with the JSON value under the mouse: filter by it, copy its path, copy the value."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu
from shiboken6 import isValid

from app.content.kind import BodyKind
from app.domain.tasks import spawn
from app.ui.exchanges.detail.code_view import CodeView
from app.ui.exchanges.detail.long_text_view import LongTextView
from app.viewmodels.body_text import BodyText
from app.viewmodels.json_pick import JsonPick, json_pick

_LONGEST = 60  # characters of a path in the menu


class JsonMenu(QObject):
    """Adds its actions to a context menu; they come to life when the value has been found, in a thread."""

    filter_wanted = Signal(str)  # a condition of the filter language
    status_message = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.side: Literal["req", "resp"] | None = None
        """Of which message the body is; None: there is nothing to filter by."""
        self._text: BodyText | None = None
        self._filterable = False

    def watch(self, view: CodeView | LongTextView) -> None:
        """Extend the context menus of this view."""
        view.menu_opening.connect(self._on_menu)

    def set_text(self, text: BodyText | None, kind: BodyKind = "json") -> None:
        """What the watched views show now; None for what is no JSON. kind: of the body"""
        self._text = text
        self._filterable = kind == "json"  # filters read whole documents, not JSON lines

    def _on_menu(self, menu: QMenu, line: int, column: int) -> None:
        text = self._text
        if text is not None:
            side = self.side if self._filterable else None
            self.extend(menu, partial(_pick, text, line, column, side))

    def extend(self, menu: QMenu, find: Callable[[threading.Event], JsonPick | None]) -> None:
        """find: runs in a thread until the event is set, which is when the menu closes without a choice"""
        stop = threading.Event()
        menu.addSeparator()
        actions = [
            QAction(words, menu)
            for words in (self.tr("Filter by this value"), self.tr("Copy path"), self.tr("Copy value"))
        ]
        for action in actions:
            action.setEnabled(False)
            menu.addAction(action)
        menu.aboutToHide.connect(stop.set)
        spawn(self._fill(actions, find, stop), name="JSON value under the mouse")

    async def _fill(
        self, actions: list[QAction], find: Callable[[threading.Event], JsonPick | None], stop: threading.Event
    ) -> None:
        pick = await asyncio.to_thread(find, stop)
        if pick is None or not isValid(self) or not all(map(isValid, actions)):
            return
        by_value, copy_path, copy_value = actions
        by_value.setEnabled(bool(pick.condition))
        by_value.triggered.connect(lambda: self.filter_wanted.emit(pick.condition))
        if len(pick.path) <= _LONGEST:
            copy_path.setText(self.tr("Copy path {0}").format(pick.path.replace("&", "&&")))
        copy_path.setEnabled(True)
        copy_path.triggered.connect(lambda: self._copy(pick.path, self.tr("Path copied.")))
        copy_value.setEnabled(True)
        copy_value.triggered.connect(lambda: self._copy(pick.value, self.tr("Value copied.")))

    def _copy(self, text: str, words: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.status_message.emit(words)


def _pick(
    text: BodyText, line: int, column: int, side: Literal["req", "resp"] | None, stop: threading.Event
) -> JsonPick | None:
    return json_pick(text.content, line, column, pretty=text.pretty, side=side, stop=stop)

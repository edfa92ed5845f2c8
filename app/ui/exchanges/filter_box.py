"""The line in which a filter is typed: underlines mistakes, and offers what can come next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QInputMethodEvent, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QLineEdit, QWidget

from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.filter.completion import Candidate, Wanted, candidates, wanted
from app.filter.parser import FilterProblem
from app.ui.exchanges.completion_popup import CompletionPopup
from app.ui.theme import tokens

Values = Callable[[str, str], Awaitable[Sequence[tuple[str, int]]]]
"""(field, prefix) → values that were seen, with their counts."""


class FilterBox(QLineEdit):
    """Gives the focus back to the list with ↓, Enter and Esc, unless the popup is open, which takes them first."""

    left = Signal()
    save_wanted = Signal()
    completed = Signal()  # the popup is gone

    def __init__(self, values: Values, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = values
        self._wanted: Wanted | None = None
        self._asking: asyncio.Task[None] | None = None
        self._problems: Sequence[FilterProblem] = ()
        self._composing = False
        self.popup = CompletionPopup(self)
        self.popup.itemClicked.connect(lambda _: self._accept())
        self.textEdited.connect(lambda _: self._suggest())

    def show_problems(self, problems: Sequence[FilterProblem]) -> None:
        """Underline these places; none: everything is fine."""
        if self._composing or (not problems and not self._problems):
            return  # an input method is at work; it would lose what it has
        self._problems = list(problems)
        underline = QTextCharFormat()
        underline.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SpellCheckUnderline)
        underline.setUnderlineColor(tokens().server_error)
        attributes = [
            QInputMethodEvent.Attribute(
                QInputMethodEvent.AttributeType.TextFormat,
                problem.start - self.cursorPosition(),
                problem.end - problem.start,
                underline,
            )
            for problem in problems
        ]
        # The one way in which a line edit takes formats: as an input method would give them.
        QCoreApplication.sendEvent(self, QInputMethodEvent("", attributes))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.popup.isVisible() and self._in_popup(event.key()):
            return
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        match event.key():
            case Qt.Key.Key_Space if held:
                self._suggest(asked=True)
            case Qt.Key.Key_D if held:
                self.save_wanted.emit()
            case Qt.Key.Key_Escape if self.text():
                self.clear()
            case Qt.Key.Key_Escape | Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.left.emit()
            case _:
                super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._close()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._close()
        super().hideEvent(event)

    def event(self, event: QEvent) -> bool:
        # Tab completes while there is something to complete; else it goes to the next widget as ever.
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Tab
            and self.popup.isVisible()
        ):
            self._accept()
            return True
        return super().event(event)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _in_popup(self, key: int) -> bool:
        row = self.popup.currentRow()
        match key:
            case Qt.Key.Key_Down:
                self.popup.setCurrentRow((row + 1) % self.popup.count())
            case Qt.Key.Key_Up if row > 0:
                self.popup.setCurrentRow(row - 1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if row >= 0:
                self._accept()
            case Qt.Key.Key_Escape:
                self._close()
            case _:
                return False
        return True

    def _suggest(self, *, asked: bool = False) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._wanted = wanted(self.text(), self.cursorPosition(), asked=asked)
        if self._wanted is None:
            self._close()
        else:
            self._asking = spawn(self._ask(self._wanted), name="complete filter")

    async def _ask(self, what: Wanted) -> None:
        seen: Sequence[tuple[str, int]] = ()
        if what.field is not None and what.field.counted:
            try:
                seen = await self._values(what.field.name, what.prefix)
            except HatchwayError:
                return  # the list tells that the history cannot be read
        if what == self._wanted and self.hasFocus():
            self._offer(candidates(what, seen))

    def _offer(self, found: Sequence[Candidate]) -> None:
        assert self._wanted is not None
        complete = len(found) == 1 and found[0].text.lower() == self._wanted.prefix.lower()
        if not found or complete:
            self._close()
            return
        self.popup.offer(found)

    def _accept(self) -> None:
        text, what = self.popup.chosen_text(), self._wanted
        if not text or what is None:
            return
        end = what.start + len(what.prefix)
        rest = self.text()[end:]
        space = "" if text.endswith(":") or rest.startswith((" ", ")")) else " "
        self._close()
        self.setText(self.text()[: what.start] + text + space + rest)
        self.setCursorPosition(what.start + len(text) + len(space))
        self.textEdited.emit(self.text())

    def _close(self) -> None:
        self._wanted = None
        if self.popup.isVisible():
            self.popup.hide()
            self.completed.emit()

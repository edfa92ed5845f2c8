"""The line above a body: what it is, how to show it, find, copy, save."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from app.ui.exchanges.detail.body_save import BodySaver
from app.ui.labels import ElidedLabel
from app.viewmodels.body_text import BodyView, Mode

_HINTS = {
    Mode.PRETTY: "Decoded and formatted",
    Mode.RAW: "Decoded, otherwise as it was sent",
    Mode.HEX: "The captured bytes",
}


class BodyBar(QWidget):
    """Offers what can be done with the body shown; copying and saving it does by itself, through `saver`."""

    mode_chosen = Signal()
    find_wanted = Signal()

    def __init__(self, saver: BodySaver, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._saver = saver
        self._has_parts = False
        self._label = ElidedLabel(tone="muted")  # must not make the pane wider from body to body
        bar = QHBoxLayout(self)
        bar.setContentsMargins(12, 4, 8, 4)
        bar.setSpacing(2)
        bar.addWidget(self._label, 1)
        self._modes = QButtonGroup(self)
        for number, mode in enumerate(Mode):
            button = _button(self.tr(mode.value), self.tr(_HINTS[mode]), f"{mode.value}: {_HINTS[mode]}")
            button.setCheckable(True)
            button.setChecked(number == 0)
            self._modes.addButton(button, number)
            bar.addWidget(button)
        self._modes.idClicked.connect(lambda: self.mode_chosen.emit())
        bar.addSpacing(6)
        self._find = _button(self.tr("Find"), self.tr("Find in the body (Ctrl+F)"), self.tr("Find in the body"))
        self._find.clicked.connect(lambda: self.find_wanted.emit())
        self._copy = _button(self.tr("Copy"), self.tr("Copy the decoded text"), self.tr("Copy body"))
        self._copy.clicked.connect(saver.copy)
        self._save = _button(self.tr("Save…"), self.tr("Save to a file (Ctrl+S)"), self.tr("Save body to a file"))
        self._save.clicked.connect(self._on_save)
        for button in (self._find, self._copy, self._save):
            bar.addWidget(button)
        self.show_nothing()

    @property
    def mode(self) -> Mode:
        """The chosen one; it stays from body to body."""
        return list(Mode)[self._modes.checkedId()]

    def show_body(self, view: BodyView) -> None:
        """Offer what fits this body."""
        self._label.setText(view.label)
        self._has_parts = view.kind == "multipart"
        has_body = view.kind != "empty"
        for button in (*self._modes.buttons(), self._save):
            button.setVisible(has_body)
        self._copy.setVisible(view.textual)
        self._find.setVisible(has_body and view.kind != "image")

    def show_nothing(self) -> None:
        """There is no body yet."""
        self._label.setText("")
        for button in (*self._modes.buttons(), self._find, self._copy, self._save):
            button.hide()

    def _on_save(self) -> None:
        if self._has_parts:
            self._saver.parts_menu.popup(self._save.mapToGlobal(self._save.rect().bottomLeft()))
        else:
            self._saver.save()


def _button(text: str, tip: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(name)
    return button

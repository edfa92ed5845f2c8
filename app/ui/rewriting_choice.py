"""How the answers of a tunnel are rewritten: the part of the tunnel editor for that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.domain.tunnel import TunnelSpec
from app.ui.fonts import SECONDARY, ui_font
from app.ui.labels import GAP, label
from app.viewmodels.mode_text import MODES, mode_explanation, mode_name

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "rewriting.md"


class RewritingChoice(QWidget):
    """The mode with its explanation, and what belongs to it."""

    def __init__(self, spec: TunnelSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = QComboBox()
        for mode in MODES:
            self.mode.addItem(mode_name(mode), mode)
            self.mode.setItemData(self.mode.count() - 1, mode_explanation(mode), Qt.ItemDataRole.ToolTipRole)
        self.mode.setCurrentIndex(MODES.index(spec.mode))
        self.mode.setAccessibleName("Rewriting mode")
        self.mode.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.explanation = label(tone="muted", font=ui_font(SECONDARY), wrap=True)
        self.more = QPushButton("What the modes do")
        self.more.setProperty("look", "link")
        self.more.setCursor(Qt.CursorShape.PointingHandCursor)
        self.more.setAutoDefault(False)
        self.more.setToolTip("Open the page about rewriting")
        self.more.setVisible(_PAGE.is_file())  # an installed package comes without the documentation
        self.more.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(_PAGE))))
        self.oauth = QCheckBox("Send sign-in redirects back to the public address")
        self.oauth.setToolTip(
            "Changes redirects to sign-in pages elsewhere that name the service's own address in their query"
        )
        self.oauth.setChecked(spec.rewrite_oauth)
        self.oauth.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        first = QHBoxLayout()
        first.setSpacing(GAP)
        first.addWidget(self.mode)
        first.addWidget(self.more)
        first.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addWidget(self.explanation)
        column.addWidget(self.oauth)
        self.mode.currentIndexChanged.connect(self._explain)
        self._explain()

    def apply_to(self, spec: TunnelSpec) -> TunnelSpec:
        """The spec as the fields say."""
        return replace(spec, mode=MODES[self.mode.currentIndex()], rewrite_oauth=self.oauth.isChecked())

    def _explain(self) -> None:
        words = mode_explanation(MODES[self.mode.currentIndex()])
        self.explanation.setText(words)
        self.mode.setAccessibleDescription(words)

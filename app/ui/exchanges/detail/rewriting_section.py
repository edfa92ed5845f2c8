"""What rewriting did to the answer: the part of the overview for that."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.domain.exchange import Exchange
from app.ui.exchanges.detail.fact_grid import FactGrid
from app.ui.fonts import BODY, ui_font
from app.viewmodels.rewriting_text import rewriting_facts


class RewritingSection(QWidget):
    """Hidden while there is nothing to tell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("Rewriting"))
        title.setFont(ui_font(BODY, semibold=True))
        self._facts = FactGrid()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self._facts)
        self.hide()

    def show_exchange(self, exchange: Exchange) -> None:
        facts = rewriting_facts(exchange)
        self._facts.show_facts(facts)
        self.setVisible(bool(facts))

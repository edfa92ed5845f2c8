"""Query parameters, cookies and tokens of the shown exchange: the tables at the end of the overview."""

from __future__ import annotations

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.exchange import Exchange
from app.ui.exchanges.detail.parts_table import PartsTable
from app.viewmodels.message_parts import part_tables


class PartsSection(QWidget):
    """Hidden while there is nothing to tell; keeps its tables from one exchange to the next."""

    status_message = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tables: list[PartsTable] = []
        self._shown: tuple[object, ...] = ("",)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self.hide()

    def show_exchange(self, exchange: Exchange) -> None:
        # The head of an exchange never changes once it is there, but its overview is shown again and again.
        key = (exchange.id, exchange.status, len(exchange.request_headers), len(exchange.response_headers))
        if key == self._shown:
            return
        if key[0] != self._shown[0]:
            for table in self.tables:
                table.show_table(None)  # what was revealed of one exchange is masked in the next
        self._shown = key
        wanted = part_tables(exchange, time.time())
        while len(self.tables) < len(wanted):
            table = PartsTable()
            table.copied.connect(self.status_message)
            self.tables.append(table)
            self._column.addWidget(table)
        for number, table in enumerate(self.tables):
            table.show_table(wanted[number] if number < len(wanted) else None)
        self.setVisible(bool(wanted))

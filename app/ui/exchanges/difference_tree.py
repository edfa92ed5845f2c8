"""The differences of two exchanges, place by place: those of the requests, then those of the answers."""

from __future__ import annotations

from PySide6.QtGui import QBrush, QFontMetrics
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app.ui.fonts import mono_font
from app.ui.theme import theme_signals, tokens
from app.viewmodels.exchange_comparison import ExchangeComparison, Side
from app.viewmodels.plain_tip import plain_tip

_PLACE, _IGNORED = 0, 3
_PLACE_LEAST, _PLACE_MOST, _INDENT = 10, 28, 6  # characters


class DifferenceTree(QTreeWidget):
    """What means nothing (a date, an identifier) is there too, but muted, with the reason."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[tuple[QTreeWidgetItem, bool]] = []  # and whether they are muted
        self.setColumnCount(4)
        self.setHeaderLabels([self.tr("Place"), self.tr("Before"), self.tr("After"), self.tr("Ignored")])
        self.setAccessibleName(self.tr("Differences of the two requests"))
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_PLACE, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(_IGNORED, QHeaderView.ResizeMode.ResizeToContents)
        self._dress()
        theme_signals().changed.connect(self._dress)

    def show_comparison(self, comparison: ExchangeComparison) -> None:
        """Replace what is shown."""
        self._items = []
        self.clear()
        titles: dict[Side, str] = {"request": self.tr("Request"), "answer": self.tr("Answer")}
        for side, title in titles.items():
            differences = [difference for of, difference in comparison.differences if of == side]
            if not differences:
                continue
            group = QTreeWidgetItem([f"{title} ({len(differences)})"])
            self.addTopLevelItem(group)
            group.setFirstColumnSpanned(True)
            for each in differences:
                cells = [each.place, each.before, each.after, each.ignored]
                item = QTreeWidgetItem(cells)
                for column, cell in enumerate(cells):
                    item.setToolTip(column, plain_tip(cell) if cell else "")
                group.addChild(item)
                self._items.append((item, bool(each.ignored)))
        self.expandAll()
        self.setColumnHidden(_IGNORED, not any(muted for _, muted in self._items))
        widest = max((len(difference.place) for _, difference in comparison.differences), default=0)
        character = QFontMetrics(mono_font()).horizontalAdvance("0")
        self.setColumnWidth(_PLACE, (min(max(widest, _PLACE_LEAST), _PLACE_MOST) + _INDENT) * character)
        self._dress()

    def _dress(self) -> None:
        self.setFont(mono_font())
        now = tokens()
        for item, muted in self._items:
            for column in range(self.columnCount()):
                item.setForeground(column, QBrush(now.muted if muted else now.text))

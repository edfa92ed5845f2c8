"""What a tunnel on AWS costs: one calm line in its head, and what it consists of in a popover."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from app.domain.events import Event, UsageChanged
from app.domain.usage import UsageReport
from app.engine.api import Workspace
from app.ui.fonts import SECONDARY, ui_font
from app.ui.labels import GAP, PANEL, label
from app.ui.popover import Popover
from app.viewmodels.cost_text import CostRow, cost_line, cost_notes, cost_rows

_HEADINGS = ("Service", "In 30 days", "Today", "30 days", "Since start")


class CostLine(QPushButton):
    """Follows the events; hidden for tunnels that never were on AWS."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._tunnel_id = ""
        self._report = UsageReport()
        self.setProperty("look", "quiet")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("What this tunnel uses of your AWS account; press for the details")
        self.clicked.connect(lambda: CostPopover(self._report, self).show_below(self))
        self.hide()
        unsubscribe = workspace.subscribe(self._on_event)
        self.destroyed.connect(lambda: unsubscribe())

    def show_tunnel(self, tunnel_id: str) -> None:
        """Show what this tunnel costs."""
        self._tunnel_id = tunnel_id
        self._refresh()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, UsageChanged) and event.tunnel_id == self._tunnel_id:
            self._refresh()

    def _refresh(self) -> None:
        self._report = self._workspace.usage(self._tunnel_id)
        self.setVisible(bool(self._report))
        if self._report:
            words = cost_line(self._report)
            self.setText(words)
            self.setAccessibleName(f"Cost on AWS: {words}")


class CostPopover(Popover):
    """Service by service."""

    def __init__(self, report: UsageReport, parent: QWidget) -> None:
        super().__init__(parent)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * PANEL)
        grid.setVerticalSpacing(GAP // 2)
        for column, heading in enumerate(_HEADINGS):
            grid.addWidget(_cell(heading, column, tone="muted"), 0, column)
        rows = cost_rows(report)
        for number, row in enumerate(rows, 1):
            last = number == len(rows)
            for column, text in enumerate(_cells(row)):
                cell = _cell(text, column)
                if last:
                    cell.setFont(ui_font(semibold=True))
                grid.addWidget(cell, number, column)
        self.setAccessibleName("Cost on AWS")
        self.setAccessibleDescription(" ".join(f"{row.service}, {row.amount}: {row.month}." for row in rows))
        notes = label(cost_notes(report), tone="muted", font=ui_font(SECONDARY), wrap=True)
        self.column.addLayout(grid)
        self.column.addWidget(notes)


def _cells(row: CostRow) -> tuple[str, ...]:
    amount = row.amount if row.counted else f"≈ {row.amount}"
    return row.service, amount, row.today, row.month, row.start


def _cell(text: str, column: int, *, tone: str = "text") -> QLabel:
    made = label(text, tone="muted" if tone == "muted" else "text")
    if column >= 2:
        made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made

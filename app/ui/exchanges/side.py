"""The part beside the list: the detail of one request, or the comparison of two."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.engine.archive_api import Archive
from app.ui.exchanges.compare_view import CompareView
from app.ui.exchanges.detail.panel import DetailPanel
from app.ui.exchanges.page_stack import PageStack
from app.viewmodels.exchange_detail import ExchangeDetail


class Side(PageStack):
    """Shows the detail again as soon as that has something else to show."""

    back_wanted = Signal()
    status_message = Signal(str)

    def __init__(self, panel: DetailPanel, detail: ExchangeDetail, archive: Archive) -> None:
        super().__init__()
        self._panel = panel
        self.comparison = CompareView(archive)
        self.addWidget(panel)
        self.addWidget(self.comparison)
        detail.replaced.connect(self.show_detail)
        self.comparison.closed.connect(self._close)
        self.comparison.status_message.connect(self.status_message)

    @property
    def comparing(self) -> bool:
        """Whether the comparison is shown."""
        return self.currentWidget() is self.comparison

    def compare(self, before: str, after: str) -> None:
        """Show what is different between these exchanges."""
        self.comparison.compare(before, after)
        self.setCurrentWidget(self.comparison)

    def show_detail(self) -> DetailPanel:
        """Give the place back to the detail."""
        self.setCurrentWidget(self._panel)
        return self._panel

    def forget(self, gone: frozenset[str]) -> None:
        """These exchanges were deleted."""
        if gone.intersection(self.comparison.pair):
            self.show_detail()

    def take_focus(self) -> None:
        (self.comparison if self.comparing else self._panel).take_focus()

    def step_tab(self, step: int) -> None:
        (self.comparison if self.comparing else self._panel).step_tab(step)

    def _close(self) -> None:
        self.show_detail()
        self.back_wanted.emit()

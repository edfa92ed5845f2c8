"""The tabs of the detail: each is filled when it is looked at, and each kind of exchange has the tab chosen last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTabWidget, QWidget

from app.domain.exchange import Exchange, ExchangeState
from app.viewmodels.exchange_detail import ExchangeDetail

Kind = Literal["messages", "failed", "other"]

_FIRST: Final[dict[Kind, str]] = {"messages": "frames", "failed": "overview", "other": "overview"}


def _always(_: Exchange) -> bool:
    return True


def _never(_: Exchange) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Tab:
    """name: never changes, unlike the title
    show: fills the widget (exchange, whether its bodies are there); called only while the tab is looked at
    applies: whether there is such a tab for the exchange
    live: whether what is shown of a running exchange may be shown anew every now and then
    """

    name: str
    title: str
    widget: QWidget
    show: Callable[[Exchange, bool], None]
    applies: Callable[[Exchange], bool] = _always
    live: Callable[[Exchange], bool] = _never


class DetailTabs(QTabWidget):
    """Follows `refresh` (the shown exchange has changed) and `replace` (it is another one)."""

    def __init__(self, detail: ExchangeDetail, tabs: Sequence[Tab], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detail = detail
        self._tabs = tuple(tabs)
        self._chosen = dict(_FIRST)
        self._choosing = True  # what the code does is nobody's choice
        self._stale = True
        self.setDocumentMode(True)
        self.tabBar().setExpanding(False)
        self.setStyleSheet("QTabBar::tab { padding: 6px 5px; }")  # all of them in a window of 1280 px
        self.tabBar().setDrawBase(False)
        self.setAccessibleName(self.tr("Detail"))
        self.tabBar().setAccessibleName(self.tr("Detail"))
        for tab in self._tabs:
            self.addTab(tab.widget, tab.title)
        self._choosing = False
        self.currentChanged.connect(self._on_current)

    def replace(self) -> None:
        """Another exchange is shown: in the tab that its kind was last looked at in."""
        exchange = self._detail.exchange
        if exchange is None:
            return
        self._choosing = True
        self._apply(exchange)
        for name in (self._chosen[kind_of(exchange)], self._chosen["other"], "overview"):
            index = next(index for index, tab in enumerate(self._tabs) if tab.name == name)
            if self.isTabVisible(index):
                self.setCurrentIndex(index)
                break
        self._choosing = False
        self._fill()

    def refresh(self) -> None:
        """The shown exchange is known better."""
        exchange = self._detail.exchange
        if exchange is not None:
            self._choosing = True
            self._apply(exchange)
            self._choosing = False
            self._fill()

    def refresh_live(self) -> None:
        """The shown exchange runs: show what has come so far, where that disturbs nobody."""
        exchange = self._detail.exchange
        if exchange is not None and self._tabs[self.currentIndex()].live(exchange):
            self._fill()

    def show_tab(self, widget: QWidget) -> None:
        """Bring a tab to the front, which is not the user's choice."""
        self._choosing = True
        self.setCurrentWidget(widget)
        self._choosing = False
        self._fill()

    def step(self, step: int) -> None:
        """Show the next (or previous) tab, round and round."""
        index = (self.currentIndex() + step) % self.count()
        while not self.isTabVisible(index):
            index = (index + step) % self.count()
        self.setCurrentIndex(index)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._fill()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _apply(self, exchange: Exchange) -> None:
        for index, tab in enumerate(self._tabs):
            self.setTabVisible(index, tab.applies(exchange))

    def _on_current(self, index: int) -> None:
        if self._choosing or index < 0:
            return
        exchange = self._detail.exchange
        self._chosen["other" if exchange is None else kind_of(exchange)] = self._tabs[index].name
        self._fill()

    def _fill(self) -> None:
        self._stale = not self.isVisible()
        exchange = self._detail.exchange
        if not self._stale and exchange is not None:
            self._tabs[self.currentIndex()].show(exchange, self._detail.complete)


def kind_of(exchange: Exchange) -> Kind:
    """What one wants to see first of it differs: messages, the reason of a failure, or whatever one is after."""
    content_type = (exchange.response_header("content-type") or "").lower()
    if exchange.kind == "websocket" or exchange.frames or content_type.startswith("text/event-stream"):
        return "messages"
    return "failed" if exchange.state is ExchangeState.FAILED else "other"

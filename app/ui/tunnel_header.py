"""The head of a tunnel: its public URL as the hero, what can be done with it, and how it is doing."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from app.domain.tunnel import TunnelState, TunnelStatus
from app.ui.copy_button import CopyButton
from app.ui.fonts import TITLE, ui_font
from app.ui.hero_url import HeroUrl
from app.ui.icons import set_icon
from app.ui.labels import GAP, PANEL, ElidedLabel, label
from app.ui.qr_popover import QrPopover
from app.ui.sparkline import Sparkline
from app.ui.state_glyph import StateGlyph
from app.viewmodels.mode_text import mode_words
from app.viewmodels.tunnel_stats import Traffic
from app.viewmodels.tunnel_text import grouped, header_words, state_words

_RUNNING = (TunnelState.ONLINE, TunnelState.CONNECTING, TunnelState.RECONNECTING)


class TunnelHeader(QWidget):
    """Shows one `TunnelStatus`. toggled(running): [Pause] or [Start] was pressed."""

    toggled = Signal(bool)

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status: TunnelStatus | None = None
        self._traffic = Traffic()
        self._place = ""
        self._glyph = StateGlyph()
        self._name = label(font=ui_font(TITLE, semibold=True))
        self.url = HeroUrl()
        self.copy = CopyButton("public URL")
        self._qr = self._button("qr", "Show the public URL as a QR code")
        self._qr.clicked.connect(self._show_qr)
        self._open = self._button("open", "Open the public URL in the browser")
        self._open.clicked.connect(self._open_url)
        self.toggle = self._button("pause", "")
        self.toggle.clicked.connect(lambda: self.toggled.emit(not self._running()))
        self._more = self._button("more", "More for this tunnel")
        self._menu = menu
        self._more.clicked.connect(self._show_menu)
        self.url.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.url.customContextMenuRequested.connect(lambda at: menu.popup(self.url.mapToGlobal(at)))
        self._facts = ElidedLabel(tone="muted")
        self._sparkline = Sparkline()
        self._lay_out()

    def show_status(self, status: TunnelStatus, now: float, place: str = "") -> None:
        """Take over everything the status says; `now`: Unix time in seconds; `place`: where it runs, in words."""
        self._status = status
        self._place = place
        url = status.public_url or ""
        live = url if self._running() else ""
        self._glyph.set_state(status.state)
        self._glyph.setToolTip(state_words(status, now))
        self._name.setText(status.spec.name)
        self.url.set_url(live, self._without_url(status))
        self.copy.set_text_to_copy(live)
        for button in (self._qr, self._open):
            button.setEnabled(bool(live))
        verb = "Pause" if self._running() else "Start"
        self.toggle.setAccessibleName(f"{verb} tunnel {status.spec.name}")
        self.toggle.setToolTip("Take the tunnel offline; its URL is kept" if self._running() else "Put it online again")
        self._fit()
        self.tick(now)

    def show_traffic(self, traffic: Traffic, now: float) -> None:
        self._traffic = traffic
        self._sparkline.set_bars(traffic.bars)
        self.tick(now)

    def add_fact(self, widget: QWidget) -> None:
        """Put something at the end of the second line."""
        self._second.addWidget(widget)

    def tick(self, now: float) -> None:
        """Refresh what depends on the time."""
        if self._status is not None:
            self._facts.setText(facts(self._status, self._traffic, now, self._place))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Give up the name (it stands in the list too), then the words on the buttons, before the URL is elided."""
        for named, worded in ((True, True), (False, True), (False, False)):
            self._name.setVisible(named)
            self.copy.set_compact(not worded)
            for button, words in ((self._open, "Open"), (self.toggle, "Pause" if self._running() else "Start")):
                button.setText(words if worded else "")
            set_icon(self._open, "open")
            set_icon(self.toggle, "pause" if self._running() else "play")
            self._first.invalidate()
            if self._first.sizeHint().width() <= self.width() - 2 * PANEL:
                return

    def _lay_out(self) -> None:
        first = self._first = QHBoxLayout()
        first.setSpacing(GAP)
        first.addWidget(self._glyph)
        first.addWidget(self._name)
        first.addWidget(self.url)
        for button in (self.copy, self._qr, self._open):
            first.addWidget(button)
        first.addStretch(1)
        first.addWidget(self.toggle)
        first.addWidget(self._more)
        for button in (self.copy, self._qr, self._open, self.toggle, self._more):
            button.setMinimumHeight(self.copy.sizeHint().height())
        second = self._second = QHBoxLayout()
        second.setSpacing(PANEL)
        second.setContentsMargins(self._glyph.sizeHint().width() + GAP, 0, 0, 0)
        second.addWidget(self._facts)
        second.addWidget(self._sparkline)
        second.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(PANEL, GAP, PANEL, GAP)
        column.setSpacing(4)
        column.addLayout(first)
        column.addLayout(second)

    def _button(self, sign: str, tip: str) -> QPushButton:
        button = QPushButton(self)
        set_icon(button, sign)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _running(self) -> bool:
        return self._status is not None and self._status.state in _RUNNING

    def _without_url(self, status: TunnelStatus) -> str:
        match status.state:
            case TunnelState.STOPPED:
                return "Paused"
            case TunnelState.FAILED:
                return "Not online"
            case _:
                return "Connecting…"

    def _show_menu(self) -> None:
        """Right edges in line. popup(), since a menu set on the button would run in a nested event loop."""
        corner = self._more.rect().bottomRight() - QPoint(self._menu.sizeHint().width() - 1, -4)
        self._menu.popup(self._more.mapToGlobal(corner))

    def _show_qr(self) -> None:
        if self._status is not None and self.url.url():
            QrPopover(self.url.url(), self._status.scope, self).show_below(self._qr)

    def _open_url(self) -> None:
        if self.url.url():
            QDesktopServices.openUrl(QUrl(self.url.url()))


def facts(status: TunnelStatus, traffic: Traffic, now: float, place: str = "") -> str:
    """The second line: `→ http://localhost:3000 · up 2 h · 1 204 requests · 48 ms median`."""
    parts = [f"→ {status.spec.upstream.origin}", header_words(status, now)]
    noun = "request" if traffic.requests == 1 else "requests"
    parts.append(f"{grouped(traffic.requests)}{'+' if traffic.more else ''} {noun}")
    if traffic.median_ms is not None:
        parts.append(f"{milliseconds(traffic.median_ms)} median")
    if mode := mode_words(status):
        parts.append(mode)
    if place:
        parts.append(place)
    return " · ".join(parts)


def milliseconds(value: float) -> str:
    """`4.2 ms`, `48 ms`, `1.3 s`."""
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"

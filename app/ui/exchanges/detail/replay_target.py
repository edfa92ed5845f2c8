"""Where a replay goes: the tunnel's service, another tunnel's, or an address typed in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QWidget

from app.domain.exchange import Exchange
from app.domain.hosts import is_loopback_host
from app.domain.problems import HatchwayError
from app.domain.replay import ReplayTarget
from app.domain.tunnel import TunnelStatus
from app.domain.upstream import parse_upstream
from app.ui.fonts import mono_font


class ReplayTargetBox(QComboBox):
    """`target` is None for the service that a plain replay goes to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFont(mono_font())
        self.setAccessibleName(self.tr("Where to"))
        if (line := self.lineEdit()) is not None:
            line.setAccessibleName(self.tr("Where to"))
        self.setToolTip(self.tr("The service of a tunnel, or any address such as 3000 or https://staging.example.com"))

    def show_targets(self, original: Exchange, tunnels: Sequence[TunnelStatus]) -> None:
        """The original's own service first, which is chosen; for an imported request, the address of the file."""
        own = next((status.spec.upstream.origin for status in tunnels if status.spec.id == original.tunnel_id), "")
        first = own or original.upstream
        choices: list[tuple[str, ReplayTarget | None]] = [
            (first, ReplayTarget(url=first) if original.imported else None)
        ]
        self._offer(choices + _others(tunnels, original.tunnel_id))

    def show_services(self, originals: Sequence[Exchange], tunnels: Sequence[TunnelStatus]) -> None:
        """For several requests: the service of each, which is chosen; or one for all."""
        ids = {original.tunnel_id for original in originals}
        own = next((status.spec.upstream.origin for status in tunnels if {status.spec.id} == ids), "")
        first = own or self.tr("the service that each came to")
        self._offer([(first, None), *_others(tunnels, next(iter(ids)) if own else "")])

    def _offer(self, choices: Sequence[tuple[str, ReplayTarget | None]]) -> None:
        self.clear()
        for text, target in choices:
            self.addItem(text, target)
        self.setCurrentIndex(0)

    @property
    def target(self) -> ReplayTarget | None:
        """As it is chosen or typed; errors in an address show when it is used."""
        text = self.currentText().strip()
        index = self.findText(text)
        if index >= 0:
            found = self.itemData(index)
            return found if isinstance(found, ReplayTarget) else None
        return ReplayTarget(url=text) if text else None

    @property
    def elsewhere(self) -> str:
        """The origin that was typed or imported, if it is not on this computer: the request leaves it then."""
        target = self.target
        if target is None or not target.url:
            return ""
        try:
            upstream = parse_upstream(target.url)
        except HatchwayError:
            return ""
        return "" if is_loopback_host(upstream.host) else upstream.origin


def _others(tunnels: Sequence[TunnelStatus], own: str) -> list[tuple[str, ReplayTarget | None]]:
    """The services of all tunnels but that one."""
    specs = [status.spec for status in tunnels if status.spec.id != own]
    return [(f"{spec.upstream.origin}  ({spec.name})", ReplayTarget(tunnel_id=spec.id)) for spec in specs]

"""Where a tunnel runs: the part of the tunnel editor for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from app.domain.backend import EMBEDDED, BackendProfile
from app.domain.tunnel import TunnelSpec
from app.viewmodels.deploy_text import THIS_COMPUTER, backend_words

_REMOVED = "A backend that has been removed"


class BackendChoice(QComboBox):
    """This computer, then the backends in the user's order."""

    def __init__(self, spec: TunnelSpec, profiles: Sequence[BackendProfile], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItem(THIS_COMPUTER, EMBEDDED)
        for profile in profiles:
            self.addItem(profile.name, profile.id)
            words = backend_words(profile)
            self.setItemData(self.count() - 1, words, Qt.ItemDataRole.ToolTipRole)
            self.setItemData(self.count() - 1, f"{profile.name}, {words}", Qt.ItemDataRole.AccessibleTextRole)
        if self.findData(spec.backend) < 0:
            self.addItem(_REMOVED, spec.backend)
        self.currentIndexChanged.connect(self._explain)
        self.setCurrentIndex(self.findData(spec.backend))
        self._explain()
        self.setAccessibleName("Where the tunnel runs")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def _explain(self) -> None:
        words = self.currentData(Qt.ItemDataRole.ToolTipRole) or self.currentText()
        self.setAccessibleDescription(f"Runs on {words}")

    def apply_to(self, spec: TunnelSpec) -> TunnelSpec:
        """The spec as the field says."""
        return replace(spec, backend=self.currentData())

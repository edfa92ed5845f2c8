"""The end: which tunnels move to the new backend, and their URLs there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.domain.backend import EMBEDDED, BackendProfile
from app.domain.tunnel import TunnelStatus
from app.engine.api import Workspace
from app.ui.copy_button import CopyButton
from app.ui.deploy.page import StepPage
from app.ui.labels import GAP, PANEL, RADIUS, ElidedLabel, label
from app.viewmodels.deploy_text import backend_words, tunnels_words
from app.viewmodels.tunnels import TunnelListModel

_WORDS = "They keep their names and their history; each is online at the new place before it leaves the old one."


class MovePage(StepPage):
    """`show_backend` first. The tunnels that run elsewhere are checked."""

    caption = "Done"

    def __init__(self, workspace: Workspace, tunnels: TunnelListModel, parent: QWidget | None = None) -> None:
        super().__init__("Move your tunnels", _WORDS, parent)
        self._workspace = workspace
        self._tunnels = tunnels
        self._profile: BackendProfile | None = None
        self.where = label(wrap=True)
        self.boxes: dict[str, QCheckBox] = {}
        self.default = QCheckBox("New tunnels run there, too")
        self.move_button = QPushButton("Move")
        self.move_button.setAutoDefault(False)
        self._rows = QVBoxLayout()
        self._lay_out()
        self.move_button.clicked.connect(self._on_move)
        self.default.clicked.connect(self._on_default)

    def show_backend(self, profile: BackendProfile) -> None:
        self._profile = profile
        self.where.setText(f"✓ {profile.name}: {backend_words(profile)}\n{profile.public_url}".rstrip())
        self.default.setChecked(self._workspace.settings.default_backend == profile.id)
        self._fill({})

    def first_field(self) -> QWidget | None:
        return self.move_button if self.boxes else None

    def complete(self) -> bool:
        return not self.working

    def _fill(self, refused: dict[str, str]) -> None:
        """refused: why a tunnel stays, by its id"""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.boxes = {}
        for status in self._tunnels.statuses:
            self._rows.addWidget(self._row(status, refused.get(status.spec.id, "")))
        self._rows.addStretch(1)
        self.explanation.setVisible(bool(self.boxes))
        self._count()

    def _row(self, status: TunnelStatus, refusal: str) -> QWidget:
        assert self._profile is not None
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GAP)
        words = ElidedLabel(tone="muted")
        if status.spec.backend == self._profile.id:
            name = label(f"✓ {status.spec.name}")
            name.setIndent(RADIUS)  # in line with the boxes
            line.addWidget(name)
            words.setText(status.public_url or "paused")
            copy = CopyButton(f"public URL of {status.spec.name}")
            copy.setAutoDefault(False)
            copy.set_text_to_copy(status.public_url or "")
            line.addWidget(words, 1)
            line.addWidget(copy)
            return row
        box = QCheckBox(status.spec.name)
        box.setChecked(not refusal)
        box.toggled.connect(self._count)
        self.boxes[status.spec.id] = box
        words.setText(refusal or status.spec.upstream.origin)
        line.addWidget(box)
        line.addWidget(words, 1)
        if refusal:
            words.setProperty("tone", "problem")
            box.setAccessibleDescription(refusal)
        return row

    def _chosen(self) -> list[str]:
        return [tunnel_id for tunnel_id, box in self.boxes.items() if box.isChecked()]

    def _count(self) -> None:
        count = len(self._chosen())
        self.move_button.setText(f"Move {tunnels_words(count)}" if count else "Move")
        self.move_button.setEnabled(count > 0 and not self.working)
        self.move_button.setVisible(bool(self.boxes))
        self.changed.emit()

    def _on_move(self) -> None:
        chosen = self._chosen()
        self.move_button.setEnabled(False)
        self.work(f"Moving {tunnels_words(len(chosen))}…", self._moving(chosen), name="move-tunnels")

    async def _moving(self, chosen: Sequence[str]) -> None:
        assert self._profile is not None
        refusals = await self._workspace.backends.move(chosen, self._profile.id)
        self.busy.hide()
        self._fill({refusal.tunnel_id: f"stays where it is: {refusal.problem}" for refusal in refusals})

    def _on_default(self) -> None:
        if self._profile is not None:
            backend = self._profile.id if self.default.isChecked() else EMBEDDED
            self.work("", self._workspace.backends.set_default(backend), name="default-backend")

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setLayout(self._rows)
        self._rows.setContentsMargins(PANEL, GAP, PANEL, GAP)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setAccessibleName("Tunnels")
        buttons = QHBoxLayout()
        buttons.addWidget(self.default)
        buttons.addStretch(1)
        buttons.addWidget(self.move_button)
        self.column.insertWidget(1, self.where)
        self.column.addWidget(area, 1)
        for part in (self.busy, self.problem):
            self.column.addWidget(part)
        self.column.addLayout(buttons)
        self.problem.again.disconnect()
        self.problem.again.connect(self._on_move)

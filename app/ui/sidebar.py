"""The left column: the tunnels, [+], and from where their URLs can be opened."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.domain.tunnel import Scope
from app.ui.fonts import SECONDARY, ui_font
from app.ui.icons import IconLabel
from app.ui.labels import GAP, PANEL, label
from app.ui.tunnel_list import TunnelList
from app.viewmodels.tunnel_text import scope_explanation, scope_words
from app.viewmodels.tunnels import TunnelListModel

_SCOPE_ICONS: dict[Scope, str] = {"computer": "computer", "network": "network", "internet": "internet"}


class Sidebar(QWidget):
    """`list` is the list of tunnels; the scope line follows the chosen tunnel."""

    def __init__(self, model: TunnelListModel, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = TunnelList(model)
        heading = label("TUNNELS", tone="muted", font=ui_font(SECONDARY, semibold=True))
        heading.setBuddy(self.list)
        top = QHBoxLayout()
        top.setContentsMargins(PANEL, GAP, GAP, GAP)
        top.addWidget(heading, 1)
        top.addWidget(action_button(actions["tunnel.new"]))
        self._scope_icon = IconLabel("computer", "muted")
        self._scope = label(font=ui_font(SECONDARY))
        public = QHBoxLayout()
        public.setContentsMargins(PANEL, GAP, GAP, 0)
        public.addWidget(_text_button(actions["backend.public"]), 1)
        public.addWidget(action_button(actions["backend.list"]))
        bottom = QHBoxLayout()
        bottom.setContentsMargins(PANEL, GAP, GAP, GAP)
        bottom.setSpacing(GAP)
        bottom.addWidget(self._scope_icon)
        bottom.addWidget(self._scope)
        bottom.addStretch(1)
        bottom.addWidget(action_button(actions["window.theme"]))
        bottom.addWidget(action_button(actions["window.keys"]))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addLayout(public)
        column.addLayout(bottom)
        self.show_scope(None)

    def show_scope(self, scope: Scope | None) -> None:
        """Say honestly how far the chosen tunnel's URL reaches; nothing while no tunnel is chosen."""
        for part in (self._scope, self._scope_icon):
            part.setVisible(scope is not None)
        if scope is None:
            return
        self._scope_icon.show_icon(_SCOPE_ICONS[scope])
        self._scope.setText(scope_words(scope))
        self._scope.setToolTip(scope_explanation(scope))


def _text_button(action: QAction) -> QPushButton:
    """A button with the words and the tip of the action."""
    button = QPushButton(action.text())
    button.setToolTip(action.toolTip())
    button.clicked.connect(action.trigger)
    return button


def action_button(action: QAction) -> QToolButton:
    """An icon-only button for the action; its name for screen readers is the action's text."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setAccessibleName(action.text().replace("&", "").rstrip("…"))
    side = round(button.fontMetrics().height() * 1.2)
    button.setIconSize(QSize(side, side))
    return button

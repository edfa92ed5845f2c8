"""The list of tunnels at the left: state, name, and the port or what it waits for."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.domain.tunnel import TunnelState, TunnelStatus
from app.ui.labels import GAP, PANEL, RADIUS
from app.ui.state_glyph import paint_state, state_colour
from app.ui.theme import blend, tokens
from app.viewmodels.tunnels import TunnelListModel, TunnelRole

_TROUBLED = (TunnelState.CONNECTING, TunnelState.RECONNECTING, TunnelState.FAILED)


class TunnelList(QListView):
    """Keeps its choice by tunnel id. chosen(id): the user (or a shortcut) picked a tunnel.

    menu_wanted(id, position): right click or the menu key on a row; the position is global.
    """

    chosen = Signal(str)
    menu_wanted = Signal(str, object)

    def __init__(self, model: TunnelListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self._tunnels = model
        self.setItemDelegate(_TunnelDelegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Tunnels")
        self.viewport().setAutoFillBackground(False)
        self.selectionModel().currentChanged.connect(self._choose)
        # The current row again: it leads back from the first screen.
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def choose(self, tunnel_id: str) -> None:
        """Make the tunnel the current one; unknown ids are ignored."""
        if (row := self._tunnels.row(tunnel_id)) is not None:
            self.setCurrentIndex(self._tunnels.index(row))

    def chosen_id(self) -> str | None:
        status = self.currentIndex().data(TunnelRole.STATUS)
        return status.spec.id if isinstance(status, TunnelStatus) else None

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 32, super().sizeHint().height())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if isinstance(status := index.data(TunnelRole.STATUS), TunnelStatus):
            at = self.visualRect(index).center() if by_key else event.pos()
            self.menu_wanted.emit(status.spec.id, self.viewport().mapToGlobal(at))

    def _choose(self, index: QModelIndex) -> None:
        if isinstance(status := index.data(TunnelRole.STATUS), TunnelStatus):
            self.chosen.emit(status.spec.id)


class _TunnelDelegate(QStyledItemDelegate):
    """Paints a row itself: one rounded selection, no columns to align."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, round(option.fontMetrics.height() * 1.9))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        status = index.data(TunnelRole.STATUS)
        if not isinstance(status, TunnelStatus):
            return
        now = tokens()
        box: QRect = option.rect.adjusted(GAP, 1, -GAP, -1)
        state: QStyle.StateFlag = option.state
        metrics = option.fontMetrics
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(now.selected)
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(blend(now.text, now.window, 0.06))
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(now.accent, 2))
            painter.drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

        glyph = metrics.height() * 0.62
        paint_state(painter, QPointF(box.left() + GAP + glyph / 2, box.center().y() + 0.5), glyph, status.state)
        left = box.left() + GAP + round(glyph) + GAP
        words = str(index.data(TunnelRole.WORDS))
        words_width = metrics.horizontalAdvance(words)
        right = box.right() - GAP
        line = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
        painter.setPen(state_colour(status.state, now) if status.state in _TROUBLED else now.muted)
        painter.drawText(QRect(right - words_width, box.top(), words_width + 1, box.height()), line, words)
        painter.setPen(now.muted if status.state is TunnelState.STOPPED else now.text)
        room = right - words_width - PANEL - left
        name = metrics.elidedText(status.spec.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left, box.top(), room, box.height()), line, name)
        painter.restore()

"""The list of local services on the first screen: one click or Enter puts a row on the web."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.domain.services import LocalService
from app.ui.fonts import mono_font
from app.ui.icons import paint_icon
from app.ui.labels import GAP, PANEL, RADIUS
from app.ui.theme import blend, tokens
from app.viewmodels.services import SERVICE_ROLE, ServiceListModel

_ROWS_AT_MOST = 7
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class ServiceList(QListView):
    """picked(LocalService): the user wants this one on the web. typed(text): the user begins to type something."""

    picked = Signal(object)
    typed = Signal(str)

    def __init__(self, model: ServiceListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_ServiceDelegate(self))
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Local services found")
        self.clicked.connect(self._pick)
        for change in (model.rowsInserted, model.rowsRemoved):
            change.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """As high as its rows, up to seven."""
        rows = min(max(self.model().rowCount(), 1), _ROWS_AT_MOST)
        return QSize(super().sizeHint().width(), rows * row_height(self.fontMetrics()) + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 2 * row_height(self.fontMetrics()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._pick(self.currentIndex())
        elif event.text().isprintable() and event.text() and not event.modifiers() & _COMMANDS:
            self.typed.emit(event.text())  # and no search by keys: Enter would start whatever looks similar
        else:
            super().keyPressEvent(event)

    def _pick(self, index: QModelIndex) -> None:
        service = index.data(SERVICE_ROLE)
        if self.isEnabled() and isinstance(service, LocalService):
            self.picked.emit(service)


class _ServiceDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, row_height(option.fontMetrics))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        service = index.data(SERVICE_ROLE)
        if not isinstance(service, LocalService):
            return
        now = tokens()
        box = option.rect.adjusted(4, 2, -4, -2)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        current = bool(option.state & QStyle.StateFlag.State_Selected)
        if hovered or current:
            painter.setBrush(now.selected if current else blend(now.accent, now.base, 0.1))
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        if focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(now.accent, 2))
            painter.drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        side = option.fontMetrics.height() * 1.15
        sign = QRectF(box.left() + PANEL, box.center().y() - side / 2 + 0.5, side, side)
        paint_icon(painter, sign, "server", now.muted)
        left = round(sign.right()) + PANEL
        right = box.right() - PANEL
        if hovered or current:
            right = self._paint_hint(painter, option, box, right)
        self._paint_words(painter, option, service, QRect(left, box.top(), right - left, box.height()))
        painter.restore()

    def _paint_words(self, painter: QPainter, option: QStyleOptionViewItem, service: LocalService, room: QRect) -> None:
        now = tokens()
        line = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
        port = f":{service.upstream.port}"
        painter.setPen(now.text)
        painter.setFont(mono_font())
        painter.drawText(room, line, port)
        room.setLeft(room.left() + QFontMetrics(mono_font()).horizontalAdvance(":00000") + GAP)
        painter.setFont(option.font)
        kind = service.framework or service.process or service.upstream.scheme
        painter.drawText(room, line, option.fontMetrics.elidedText(kind, Qt.TextElideMode.ElideRight, room.width()))
        room.setLeft(room.left() + option.fontMetrics.horizontalAdvance(kind) + PANEL)
        if service.title and room.width() > 0:
            painter.setPen(now.muted)
            title = option.fontMetrics.elidedText(service.title, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, line, title)

    def _paint_hint(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect, right: int) -> int:
        hint = "Start tunnel ⏎"
        width = option.fontMetrics.horizontalAdvance(hint)
        painter.setPen(tokens().accent)
        painter.drawText(QRect(right - width, box.top(), width + 1, box.height()), Qt.AlignmentFlag.AlignVCenter, hint)
        return right - width - PANEL


def row_height(metrics: QFontMetrics) -> int:
    return round(metrics.height() * 2.5)

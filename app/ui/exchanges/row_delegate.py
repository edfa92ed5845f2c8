"""Paints the rows of the request list: one pass per cell, no style call, colours and fonts cached per theme."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui.exchanges.status_shape import mark_colour, paint_mark, paint_shape, status_colour
from app.ui.fonts import mono_font
from app.ui.theme import theme_signals, tokens
from app.viewmodels.exchange_cells import StatusClass
from app.viewmodels.exchange_columns import RIGHT, Column
from app.viewmodels.exchange_marks import Mark
from app.viewmodels.exchange_row import ExchangeRow
from app.viewmodels.exchanges import ExchangeTableModel

_PADDING = 8
_TOLD = frozenset({Column.STATUS, Column.METHOD, Column.PATH, Column.DURATION, Column.VERDICT})  # the others are muted
_BETWEEN = 6  # px, a mark and what follows
# As ints: combining Qt's flags costs more than drawing the text.
_DRAW_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
_DRAW_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)


class RowDelegate(QStyledItemDelegate):
    """`hovered` is the model row under the mouse, -1 if none; the view keeps it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hovered = -1
        self._elided: dict[tuple[str, int], str] = {}
        self._shapes: dict[tuple[StatusClass | Mark, float], QPixmap] = {}
        self._dress()
        theme_signals().changed.connect(self._dress)

    @property
    def row_height(self) -> int:
        """26 px at 100 %, growing with the font."""
        return self._metrics.height() + 11

    def width_of(self, text: str) -> int:
        """The column width in which `text` just fits."""
        return self._metrics.horizontalAdvance(text) + 2 * _PADDING

    @property
    def shape_side(self) -> float:
        return self._metrics.ascent() * 0.86

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model = index.model()
        assert isinstance(model, ExchangeTableModel)
        row = model.at(index.row())
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(area, self._tokens.selected)
            if index.column() == Column.STATUS and _has_focus(option):
                painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), self._tokens.accent)
        elif index.row() == self.hovered:
            painter.fillRect(area, self._tokens.alternate)
        if index.column() == Column.STATUS:
            self._paint_status(painter, area, row)
        else:
            self._paint_text(painter, area, row, index.column())

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        model: QAbstractItemModel = index.model()
        return QSize(self.width_of(str(model.data(index))), self.row_height)

    def _paint_status(self, painter: QPainter, area: QRect, row: ExchangeRow) -> None:
        colour = status_colour(row.status, self._tokens)
        room = round(_PADDING + 2 + self.shape_side + 7)
        self._draw_shape(painter, area.adjusted(_PADDING + 2, 0, 0, 0), row.status, colour)
        self._draw(painter, area.adjusted(room, 0, 0, 0), row.cells[Column.STATUS], colour)

    def _paint_text(self, painter: QPainter, area: QRect, row: ExchangeRow, column: int) -> None:
        box = area.adjusted(_PADDING, 0, -_PADDING, 0)
        muted = column not in _TOLD or (row.running and column != Column.PATH)
        if column == Column.PATH:
            for mark in row.marks:
                self._draw_shape(painter, box, mark, mark_colour(mark, self._tokens))
                box.setLeft(round(box.left() + self.shape_side + _BETWEEN))
        text = self._fit(row.cells[column], box.width())
        colour = self._tokens.muted if muted else self._tokens.text
        self._draw(painter, box, text, colour, _DRAW_RIGHT if column in RIGHT else _DRAW_LEFT)

    def _draw(self, painter: QPainter, box: QRect, text: str, colour: QColor, flags: int = _DRAW_LEFT) -> None:
        painter.setFont(self._font)
        painter.setPen(colour)
        painter.drawText(box, flags, text)

    def _draw_shape(self, painter: QPainter, box: QRect, shape: StatusClass | Mark, colour: QColor) -> None:
        """The shape at the left of `box`. Cached: an antialiased path costs 0.2 ms."""
        ratio = painter.device().devicePixelRatio()
        key = (shape, ratio)
        pixmap = self._shapes.get(key)
        if pixmap is None:
            pixmap = self._shapes[key] = self._shape(shape, colour, ratio)
        side = pixmap.deviceIndependentSize().height()
        painter.drawPixmap(QPointF(box.left(), QRectF(box).center().y() - side / 2), pixmap)

    def _shape(self, shape: StatusClass | Mark, colour: QColor, ratio: float) -> QPixmap:
        side = round(self.shape_side * ratio)
        pixmap = QPixmap(side, side)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        area = QRectF(0, 0, side / ratio, side / ratio)
        if isinstance(shape, Mark):
            paint_mark(painter, area, shape, colour)
        else:
            paint_shape(painter, area, shape, colour)
        painter.end()
        return pixmap

    def _fit(self, text: str, width: int) -> str:
        # In a monospace face the length tells; only what does not fit is measured and elided, once.
        if len(text) * self._advance <= width:
            return text
        key = (text, width)
        elided = self._elided.get(key)
        if elided is None:
            if len(self._elided) > 4096:
                self._elided.clear()
            elided = self._metrics.elidedText(text[:2000], Qt.TextElideMode.ElideMiddle, width)
            self._elided[key] = elided
        return elided

    def _dress(self) -> None:
        self._tokens = tokens()
        self._font: QFont = mono_font()
        self._metrics = QFontMetrics(self._font)
        self._advance = self._metrics.horizontalAdvance("0") + 0.5
        self._elided.clear()
        self._shapes.clear()


def _has_focus(option: QStyleOptionViewItem) -> bool:
    widget: QWidget | None = option.widget
    return widget is not None and widget.hasFocus()

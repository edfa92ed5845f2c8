"""Paints the rows of the request list: one pass per cell, no style call, colours and fonts cached per theme."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui.exchanges.status_shape import paint_replay_mark, paint_shape, status_colour
from app.ui.fonts import mono_font
from app.ui.theme import theme_signals, tokens
from app.viewmodels.exchange_row import Column, ExchangeRow
from app.viewmodels.exchanges import ExchangeTableModel

_PADDING = 8
_MUTED = frozenset({Column.TIME, Column.TYPE, Column.SIZE})
_RIGHT = frozenset({Column.SIZE, Column.DURATION})


class RowDelegate(QStyledItemDelegate):
    """`hovered` is the model row under the mouse, -1 if none; the view keeps it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hovered = -1
        self._elided: dict[tuple[str, int], str] = {}
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
        side = self.shape_side
        left = area.left() + _PADDING + 2
        paint_shape(painter, QRectF(left, QRectF(area).center().y() - side / 2, side, side), row.status, colour)
        self._draw(painter, area.adjusted(round(_PADDING + 2 + side + 7), 0, 0, 0), row.cells[Column.STATUS], colour)

    def _paint_text(self, painter: QPainter, area: QRect, row: ExchangeRow, column: int) -> None:
        box = area.adjusted(_PADDING, 0, -_PADDING, 0)
        colour = self._tokens.muted if column in _MUTED or row.running else self._tokens.text
        if column == Column.PATH and row.exchange.replay_of:
            side = self.shape_side
            paint_replay_mark(
                painter, QRectF(box.left(), QRectF(box).center().y() - side / 2, side, side), self._tokens.accent
            )
            box.setLeft(round(box.left() + side + 6))
        if column == Column.PATH:
            colour = self._tokens.text
        text = self._fit(row.cells[column], box.width())
        self._draw(painter, box, text, colour, right=column in _RIGHT)

    def _draw(self, painter: QPainter, box: QRect, text: str, colour: QColor, *, right: bool = False) -> None:
        painter.setFont(self._font)
        painter.setPen(colour)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)

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


def _has_focus(option: QStyleOptionViewItem) -> bool:
    widget: QWidget | None = option.widget
    return widget is not None and widget.hasFocus()

"""The shapes that tell a status without colour, drawn as paths: glyphs differ between fonts and may be emoji."""

from __future__ import annotations

import math
from functools import cache, lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from app.ui.theme import Tokens
from app.viewmodels.exchange_cells import StatusClass
from app.viewmodels.exchange_marks import Mark

_TOKEN_NAMES = {
    StatusClass.PENDING: "muted",
    StatusClass.INFORMATION: "muted",
    StatusClass.OK: "ok",
    StatusClass.REDIRECT: "redirect",
    StatusClass.CLIENT_ERROR: "client_error",
    StatusClass.SERVER_ERROR: "server_error",
    StatusClass.NETWORK_ERROR: "network_error",
    StatusClass.CANCELLED: "muted",
    StatusClass.WEBSOCKET: "websocket",
}
_FILLED = (StatusClass.OK, StatusClass.CLIENT_ERROR, StatusClass.SERVER_ERROR)


def status_colour(status: StatusClass, now: Tokens) -> QColor:
    """The token that stands for the class."""
    colour: QColor = getattr(now, _TOKEN_NAMES[status])
    return colour


def paint_shape(painter: QPainter, area: QRectF, status: StatusClass, colour: QColor) -> None:
    """Draw the shape of the class, centred in `area`, as large as its shorter side allows."""
    side = min(area.width(), area.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(area.center().x() - side / 2, area.center().y() - side / 2)
    painter.scale(side, side)
    if status in _FILLED:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
    else:
        pen = QPen(colour, 0.16, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        if status is StatusClass.PENDING:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([0.9, 0.75])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_path(status))
    painter.restore()


def mark_colour(mark: Mark, now: Tokens) -> QColor:
    """The token that stands for the mark: something to look after, something that is not there, the user's own."""
    match mark:
        case Mark.LEAK:
            return now.client_error
        case Mark.CUT:
            return now.muted
    return now.accent


def paint_mark(painter: QPainter, area: QRectF, mark: Mark, colour: QColor) -> None:
    """Draw the mark, centred in `area`: ↻ for a replay, a drop for a leak past the prefix, a star, a pencil, and a
    page with a torn edge for what was not kept."""
    side = min(area.width(), area.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(area.center().x() - side / 2, area.center().y() - side / 2)
    painter.scale(side, side)
    if mark is Mark.LEAK:
        painter.fillPath(_drop_path(), colour)
    elif mark is Mark.PINNED:
        painter.fillPath(_star_path(), colour)
    elif mark is Mark.NOTE:
        painter.fillPath(_pencil_path(), colour)
    elif mark is Mark.CUT:
        painter.fillPath(_torn_path(), colour)
    else:
        painter.setPen(QPen(colour, 0.14, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPath(_replay_path())
    painter.restore()


@cache
def _path(status: StatusClass) -> QPainterPath:
    """The shape in the unit square."""
    path = QPainterPath()
    match status:
        case StatusClass.OK:
            path.addEllipse(QRectF(0.1, 0.1, 0.8, 0.8))
        case StatusClass.PENDING | StatusClass.INFORMATION:
            path.addEllipse(QRectF(0.14, 0.14, 0.72, 0.72))
        case StatusClass.REDIRECT:
            _strokes(path, [(0.06, 0.5), (0.92, 0.5)], [(0.56, 0.16), (0.92, 0.5), (0.56, 0.84)])
        case StatusClass.CLIENT_ERROR:
            path.addPolygon(QPolygonF([QPointF(0.5, 0.06), QPointF(0.98, 0.92), QPointF(0.02, 0.92)]))
            path.closeSubpath()
        case StatusClass.SERVER_ERROR:
            path.addRoundedRect(QRectF(0.12, 0.12, 0.76, 0.76), 0.08, 0.08)
        case StatusClass.NETWORK_ERROR:
            _strokes(path, [(0.16, 0.16), (0.84, 0.84)], [(0.84, 0.16), (0.16, 0.84)])
        case StatusClass.CANCELLED:
            path.addEllipse(QRectF(0.12, 0.12, 0.76, 0.76))
            _strokes(path, [(0.26, 0.74), (0.74, 0.26)])
        case StatusClass.WEBSOCKET:
            _strokes(path, [(0.06, 0.3), (0.94, 0.3)], [(0.72, 0.08), (0.94, 0.3), (0.72, 0.52)])
            _strokes(path, [(0.94, 0.74), (0.06, 0.74)], [(0.28, 0.52), (0.06, 0.74), (0.28, 0.96)])
    return path


@lru_cache(maxsize=1)
def _replay_path() -> QPainterPath:
    path = QPainterPath()
    circle = QRectF(0.12, 0.12, 0.76, 0.76)
    path.arcMoveTo(circle, 30)
    path.arcTo(circle, 30, 300)
    _strokes(path, [(0.86, 0.06), (0.84, 0.33), (0.57, 0.31)])
    return path


@lru_cache(maxsize=1)
def _drop_path() -> QPainterPath:
    path = QPainterPath(QPointF(0.5, 0.02))
    path.cubicTo(QPointF(0.56, 0.24), QPointF(0.84, 0.42), QPointF(0.84, 0.65))
    path.arcTo(QRectF(0.16, 0.31, 0.68, 0.68), 0, -180)
    path.cubicTo(QPointF(0.16, 0.42), QPointF(0.44, 0.24), QPointF(0.5, 0.02))
    return path


@lru_cache(maxsize=1)
def _star_path() -> QPainterPath:
    points = []
    for corner in range(10):
        radius = 0.5 if corner % 2 == 0 else 0.21
        angle = math.pi * (corner / 5 - 0.5)
        points.append(QPointF(0.5 + radius * math.cos(angle), 0.52 + radius * math.sin(angle)))
    path = QPainterPath()
    path.addPolygon(QPolygonF(points))
    path.closeSubpath()
    return path


@lru_cache(maxsize=1)
def _pencil_path() -> QPainterPath:
    path = QPainterPath()
    for corners in (
        [(0.04, 0.96), (0.12, 0.66), (0.34, 0.88)],
        [(0.19, 0.59), (0.66, 0.12), (0.88, 0.34), (0.41, 0.81)],
    ):
        path.addPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        path.closeSubpath()
    return path


@lru_cache(maxsize=1)
def _torn_path() -> QPainterPath:
    path = QPainterPath()
    teeth = [(0.86, 0.7), (0.68, 0.94), (0.5, 0.7), (0.32, 0.94), (0.14, 0.7)]
    path.addPolygon(QPolygonF([QPointF(*corner) for corner in [(0.14, 0.06), (0.86, 0.06), *teeth]]))
    path.closeSubpath()
    return path


def _strokes(path: QPainterPath, *lines: list[tuple[float, float]]) -> None:
    for first, *rest in lines:
        path.moveTo(*first)
        for point in rest:
            path.lineTo(*point)

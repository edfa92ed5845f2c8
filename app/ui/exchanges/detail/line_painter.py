"""Paints and measures single lines of code in a monospace face.

A line of ASCII has one width for all its characters, so the part in view is known without shaping the rest; any other
line (wide characters, tabs, scripts that join) is laid out by Qt, and remembered.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout, QTextOption

from app.ui.exchanges.detail.highlight import spans
from app.ui.theme import tokens
from app.viewmodels.body_text import Language
from app.viewmodels.text_search import characters, utf16_units

_KEPT: Final = 300  # laid-out lines: a few screens of them


class LinePainter:
    """One for each view and font; x and y are in pixels from the beginning of the line."""

    def __init__(self, font: QFont) -> None:
        self._font = font
        metrics = QFontMetricsF(font)
        self._width = metrics.horizontalAdvance("0")
        self._ascent = metrics.ascent()
        self._layout = lru_cache(maxsize=_KEPT)(self._lay_out)

    def paint(
        self,
        painter: QPainter,
        origin: QPointF,
        line: str,
        language: Language,
        continues: bool,
        visible: tuple[int, int],
    ) -> None:
        """Draw the line in its colours. continues: it is the rest of a broken one; visible: x from, to"""
        now = tokens()
        if not _is_even(line):
            layout = self._layout(line)
            formats = []
            for start, length, colour in spans(line, language, continues=continues, now=now):
                part = QTextLayout.FormatRange()
                part.start, part.length = utf16_units(line[:start]), utf16_units(line[start : start + length])
                part.format = QTextCharFormat()
                part.format.setForeground(colour)
                formats.append(part)
            painter.setPen(now.text)
            layout.draw(painter, origin, formats)
            return
        first, last = max(int(visible[0] / self._width), 0), int(visible[1] / self._width) + 1
        at = first
        y = origin.y() + self._ascent
        for start, length, colour in spans(line, language, continues=continues, now=now):
            if start >= last:
                break
            if start + length <= at:
                continue
            if start > at:
                painter.setPen(now.text)
                painter.drawText(QPointF(origin.x() + at * self._width, y), line[at:start])
                at = start
            end = min(start + length, last)
            painter.setPen(colour)
            painter.drawText(QPointF(origin.x() + at * self._width, y), line[at:end])
            at = end
        if at < last:
            painter.setPen(now.text)
            painter.drawText(QPointF(origin.x() + at * self._width, y), line[at:last])

    def x_of(self, line: str, column: int) -> float:
        """Where a character begins."""
        if _is_even(line):
            return column * self._width
        found: Any = self._layout(line).lineAt(0).cursorToX(utf16_units(line[:column]))
        return float(found[0] if isinstance(found, tuple) else found)  # PySide returns both results, its stubs say one

    def column_at(self, line: str, x: float) -> int:
        """The character boundary nearest to x."""
        if _is_even(line):
            return min(max(round(x / self._width), 0), len(line))
        units = self._layout(line).lineAt(0).xToCursor(x)
        return characters(line, units)

    def _lay_out(self, line: str) -> QTextLayout:
        layout = QTextLayout(line, self._font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        option.setTabStopDistance(8 * self._width)
        layout.setTextOption(option)
        layout.setCacheEnabled(True)
        layout.beginLayout()
        layout.createLine().setPosition(QPointF(0, 0))
        layout.endLayout()
        return layout


def _is_even(line: str) -> bool:
    return line.isascii() and "\t" not in line

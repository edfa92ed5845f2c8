"""A captured picture, decoded in a thread within limits and shown no larger than it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui.theme import theme_signals, tokens

_MOST_PIXELS = 64_000_000
_SHOWN_SIDE = 2048
_MARGIN = 12


@dataclass(frozen=True, slots=True)
class Picture:
    """image: None if it cannot be shown; words: what it is, or why it is not shown."""

    image: QImage | None
    words: str


_FORMATS = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "bmp": re.compile(rb"BM"),
    "ico": re.compile(rb"\0\0\x01\0"),
}
_UNKNOWN = Picture(None, "This image format cannot be shown here.")


def read_picture(data: bytes) -> Picture:
    """Decode the first frame, scaled down if it is large. Run it in a thread.

    Only what browsers show everywhere is decoded, by the one decoder its first bytes ask for: Qt has more, and what
    comes from strangers should reach as little code as possible.
    """
    name = next((name for name, start in _FORMATS.items() if start.match(data)), None)
    if name is None:
        return _UNKNOWN
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(name.encode()))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid():
        return _UNKNOWN
    words = f"{name.upper()} · {size.width()} × {size.height()} px"
    if size.width() * size.height() > _MOST_PIXELS:
        return Picture(None, f"{words}: too large to preview.")
    if max(size.width(), size.height()) > _SHOWN_SIDE:
        reader.setScaledSize(size.scaled(_SHOWN_SIDE, _SHOWN_SIDE, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        return Picture(None, f"{words}: damaged or cut off ({reader.errorString()}).")
    return Picture(image, words)


class ImageView(QWidget):
    """Paints the picture centred, scaled down to fit, on a quiet frame that shows where it ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = Picture(None, "")
        theme_signals().changed.connect(self.update)

    def show_picture(self, picture: Picture) -> None:
        self._picture = picture
        self.setAccessibleName(picture.words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 160)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens().base)
        image = self._picture.image
        painter.setPen(tokens().muted)
        line = self.fontMetrics().height() + _MARGIN
        if image is None:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._picture.words)
            return
        room = QSize(self.width() - 2 * _MARGIN, self.height() - 2 * _MARGIN - line)
        size = image.size()
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        box = QRect((self.width() - size.width()) // 2, _MARGIN, size.width(), size.height())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, image)
        painter.drawRect(box.adjusted(-1, -1, 0, 0))
        words = QRect(0, box.bottom() + 4, self.width(), line)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self._picture.words)

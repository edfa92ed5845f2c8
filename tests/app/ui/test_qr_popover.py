from __future__ import annotations

import segno
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.labels import ElidedLabel
from app.ui.qr_popover import QrCode, QrPopover

URL = "http://127.0.0.1:4780/shop-k3x9qd/"


def test_the_drawn_code_is_the_url(qtbot: QtBot) -> None:
    code = QrCode(URL)
    qtbot.addWidget(code)
    code.resize(code.sizeHint())
    image = code.grab().toImage()
    expected = segno.make(URL, error="m", micro=False).matrix
    module = image.width() // (len(expected) + 8)
    for y, row in enumerate(expected):
        for x, dark in enumerate(row):
            centre = image.pixelColor((x + 4) * module + module // 2, (y + 4) * module + module // 2)
            assert centre == QColor("black" if dark else "white"), f"module {x},{y}"


def test_the_quiet_zone_is_white_in_the_dark_theme_too(qtbot: QtBot) -> None:
    code = QrCode(URL)
    qtbot.addWidget(code)
    code.resize(code.sizeHint())
    image = code.grab().toImage()
    assert all(image.pixelColor(x, 2) == QColor("white") for x in range(image.width()))


def test_the_popover_stays_on_the_screen_and_says_how_far_the_url_reaches(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    screen = owner.screen().availableGeometry()
    owner.move(screen.bottomRight())
    owner.show()
    popover = QrPopover(URL, "computer", owner)
    popover.show_below(owner)
    assert screen.contains(popover.geometry())
    texts = [label.text() for label in popover.findChildren(ElidedLabel)]
    assert URL in texts
    popover.close()

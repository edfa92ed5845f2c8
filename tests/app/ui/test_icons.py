from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication

from app.ui.icons import icon
from app.ui.resources import resource_directory
from app.ui.theme import DARK, LIGHT, apply_theme

NAMES = sorted(path.stem for path in (resource_directory() / "icons").glob("*.svg") if path.stem != "hatchway")
# chevron and ticks are drawn by the style sheet in fixed colours; they must be valid drawings all the same.


def strongest(image: QImage) -> QColor:
    """The colour of the most opaque pixel."""
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return max(pixels, key=lambda colour: colour.alpha())


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_draws_something(name: str) -> None:
    assert strongest(icon(name).pixmap(QSize(20, 20)).toImage()).alpha() > 100


def test_an_icon_follows_the_theme(qapp: QApplication) -> None:
    plus = icon("plus", "accent")
    assert strongest(plus.pixmap(QSize(64, 64)).toImage()).name() == LIGHT.accent.name()
    apply_theme(qapp, "dark")
    assert strongest(plus.pixmap(QSize(64, 64)).toImage()).name() == DARK.accent.name()


def test_a_disabled_icon_is_paler() -> None:
    plus = icon("plus")
    assert strongest(plus.pixmap(QSize(64, 64)).toImage()).name() == LIGHT.text.name()
    disabled = strongest(plus.pixmap(QSize(64, 64), QIcon.Mode.Disabled).toImage())
    assert disabled.lightness() > LIGHT.text.lightness() + 50


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_pixmaps_are_sharp_on_dense_screens(ratio: float) -> None:
    pixmap = icon("copy").pixmap(QSize(20, 20), ratio)
    assert pixmap.width() == round(20 * ratio)
    assert pixmap.devicePixelRatio() == ratio


def test_no_size_no_pixmap() -> None:
    assert icon("copy").pixmap(QSize(0, 0)).isNull()

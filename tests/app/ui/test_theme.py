from __future__ import annotations

from dataclasses import fields
from itertools import product

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.ui.fonts import mono_font
from app.ui.theme import DARK, LIGHT, Tokens, apply_theme, blend, is_dark, theme_signals, tokens

FOREGROUNDS = (
    "text",
    "muted",
    "accent",
    "ok",
    "redirect",
    "client_error",
    "server_error",
    "network_error",
    "websocket",
)
GROUNDS = ("window", "base", "alternate", "selected")


def luminance(colour: QColor) -> float:
    """WCAG 2.2, relative luminance."""
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("foreground", "ground"), list(product(FOREGROUNDS, GROUNDS)))
def test_every_foreground_is_readable_on_every_ground(theme: Tokens, foreground: str, ground: str) -> None:
    assert contrast(getattr(theme, foreground), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("colour", ["text", "muted", "ok", "redirect", "client_error", "websocket"])
def test_what_was_found_is_readable_in_every_colour_of_code(theme: Tokens, colour: str) -> None:
    assert contrast(getattr(theme, colour), theme.found) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_borders_buttons_and_banners_are_readable(theme: Tokens) -> None:
    assert contrast(theme.border, theme.base) >= 3
    assert contrast(theme.border, theme.window) >= 3
    assert contrast(theme.accent_text, theme.accent) >= 4.5
    assert contrast(theme.text, theme.diff_added) >= 4.5
    assert contrast(theme.text, theme.diff_removed) >= 4.5
    for tint in (theme.client_error, theme.server_error):
        assert contrast(theme.muted, blend(tint, theme.base, 0.09)) >= 4.5


def test_changing_the_theme_changes_tokens_palette_and_tells(qapp: QApplication, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme_signals().changed):
        apply_theme(qapp, "dark")
    assert is_dark()
    assert tokens() is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == DARK.window
    apply_theme(qapp, "light")
    assert not is_dark()
    assert qapp.palette().color(QPalette.ColorRole.Window) == LIGHT.window


def test_fonts_given_to_widgets_survive_a_change(qapp: QApplication, qtbot: QtBot) -> None:
    early, late = QLabel("early"), QLabel("late")
    early.setFont(mono_font())
    for widget in (early, late):
        qtbot.addWidget(widget)
        widget.show()
    late.setFont(mono_font())
    apply_theme(qapp, "dark")
    assert early.font().family() == late.font().family() == mono_font().family()


def test_style_sheet_is_made_of_the_tokens(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    sheet = qapp.styleSheet()
    assert "$" not in sheet
    assert DARK.accent.name() in sheet
    assert LIGHT.accent.name() not in sheet


def test_all_tokens_are_valid_colours() -> None:
    assert all(getattr(theme, item.name).isValid() for theme in (LIGHT, DARK) for item in fields(Tokens))


def test_blend_goes_from_ground_to_colour() -> None:
    assert blend(QColor("#ffffff"), QColor("#000000"), 0) == QColor("#000000")
    assert blend(QColor("#ffffff"), QColor("#000000"), 1) == QColor("#ffffff")
    assert blend(QColor("#c80000"), QColor("#000064"), 0.5) == QColor(100, 0, 50)

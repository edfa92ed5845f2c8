"""Colours of the window as tokens (light and dark), and how they become a palette and a style sheet."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from app.domain.settings import Theme
from app.ui.fonts import SECONDARY, ui_font
from app.ui.resources import read_text, resource_directory


@dataclass(frozen=True, slots=True)
class Tokens:
    """Every colour the window uses, named for its meaning.

    All foregrounds reach 4.5:1 (WCAG AA) on window, base, alternate and selected of their theme; border reaches 3:1.
    """

    window: QColor
    base: QColor
    alternate: QColor
    selected: QColor
    text: QColor
    muted: QColor
    accent: QColor
    accent_text: QColor
    border: QColor
    ok: QColor
    redirect: QColor
    client_error: QColor
    server_error: QColor
    network_error: QColor
    websocket: QColor
    diff_added: QColor
    diff_removed: QColor
    found: QColor


LIGHT = Tokens(
    window=QColor("#F6F7F9"),
    base=QColor("#FFFFFF"),
    alternate=QColor("#F1F3F6"),
    selected=QColor("#DCE8FF"),
    text=QColor("#1B1F24"),
    muted=QColor("#57606A"),
    accent=QColor("#1D5FD1"),
    accent_text=QColor("#FFFFFF"),
    border=QColor("#7A828C"),
    ok=QColor("#1A7038"),
    redirect=QColor("#0B5EA8"),
    client_error=QColor("#8F4A00"),
    server_error=QColor("#B3261E"),
    network_error=QColor("#A0195B"),
    websocket=QColor("#6B3FA0"),
    diff_added=QColor("#DDF4E4"),
    diff_removed=QColor("#FFE3E0"),
    found=QColor("#FFF3C4"),
)

DARK = Tokens(
    window=QColor("#1B1D22"),
    base=QColor("#15171B"),
    alternate=QColor("#1F2228"),
    selected=QColor("#243A63"),
    text=QColor("#E6E8EB"),
    muted=QColor("#A3ABB6"),
    accent=QColor("#82B1FF"),
    accent_text=QColor("#0B1220"),
    border=QColor("#767E89"),
    ok=QColor("#6FD08C"),
    redirect=QColor("#79B8FF"),
    client_error=QColor("#F0B45B"),
    server_error=QColor("#FF8A80"),
    network_error=QColor("#FF8CC6"),
    websocket=QColor("#C4A3FF"),
    diff_added=QColor("#12351F"),
    diff_removed=QColor("#4A1B1B"),
    found=QColor("#3D340F"),
)

_OWN_FONT = Qt.WidgetAttribute.WA_SetFont
_dark = False
_theme: Theme = "system"


class ThemeSignals(QObject):
    """`changed` comes after palette and style sheet have been replaced; drop cached colours then."""

    changed = Signal()


def tokens() -> Tokens:
    """The tokens of the theme in use."""
    return DARK if _dark else LIGHT


def is_dark() -> bool:
    return _dark


@lru_cache(maxsize=1)
def theme_signals() -> ThemeSignals:
    """The one object that tells of theme changes."""
    return ThemeSignals()


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dress the application; `system` goes on following the desktop's colour scheme."""
    global _theme
    _theme = theme
    hints = app.styleHints()
    if not app.property("hatchway_follows_scheme"):
        app.setProperty("hatchway_follows_scheme", True)
        hints.colorSchemeChanged.connect(_on_scheme_changed)
        app.setStyle("Fusion")
        app.setFont(ui_font())
        QToolTip.setFont(ui_font(SECONDARY))
    # Window frames and native dialogs follow this, where the platform can.
    if theme == "system":
        hints.unsetColorScheme()
    else:
        hints.setColorScheme(Qt.ColorScheme.Dark if theme == "dark" else Qt.ColorScheme.Light)
    _dress(app)


def blend(over: QColor, under: QColor, share: float) -> QColor:
    """`share` (0 … 1) of one colour laid over another: hairlines and hover tints stay inside the tokens."""
    rest = 1 - share
    return QColor(
        round(over.red() * share + under.red() * rest),
        round(over.green() * share + under.green() * rest),
        round(over.blue() * share + under.blue() * rest),
    )


def _on_scheme_changed() -> None:
    app = QApplication.instance()
    if _theme == "system" and isinstance(app, QApplication):
        _dress(app)


def _dress(app: QApplication) -> None:
    global _dark
    scheme = app.styleHints().colorScheme()
    _dark = _theme == "dark" or (_theme == "system" and scheme == Qt.ColorScheme.Dark)
    now = tokens()
    # A new style sheet takes away the fonts that widgets were given after their first polish.
    own_fonts = [(widget, widget.font()) for widget in app.allWidgets() if widget.testAttribute(_OWN_FONT)]
    app.setPalette(_palette(now))
    app.setStyleSheet(_style_sheet(now))
    for widget, font in own_fonts:
        widget.setFont(font)
    theme_signals().changed.emit()


def _palette(now: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for key, colour in (
        (role.Window, now.window),
        (role.WindowText, now.text),
        (role.Base, now.base),
        (role.AlternateBase, now.alternate),
        (role.Text, now.text),
        (role.Button, now.window),
        (role.ButtonText, now.text),
        (role.BrightText, now.server_error),
        (role.Highlight, now.selected),
        (role.HighlightedText, now.text),
        (role.Accent, now.accent),
        (role.Link, now.accent),
        (role.LinkVisited, now.websocket),
        (role.PlaceholderText, now.muted),
        (role.ToolTipBase, now.base),
        (role.ToolTipText, now.text),
        (role.Light, blend(now.text, now.window, 0.04)),
        (role.Midlight, blend(now.text, now.window, 0.08)),
        (role.Mid, blend(now.text, now.window, 0.16)),
        (role.Dark, now.border),
        (role.Shadow, blend(now.text, now.window, 0.3)),
    ):
        palette.setColor(key, colour)
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, blend(now.muted, now.window, 0.7))
    return palette


def _style_sheet(now: Tokens) -> str:
    values = {item.name: getattr(now, item.name).name() for item in fields(now)}
    values["hairline"] = blend(now.border, now.window, 0.35).name()
    values["hover"] = blend(now.accent, now.window, 0.1).name()
    values["pressed"] = blend(now.accent, now.window, 0.2).name()
    values["accent_hover"] = blend(now.text, now.accent, 0.12).name()
    values["warning_tint"] = blend(now.client_error, now.base, 0.09).name()
    values["problem_tint"] = blend(now.server_error, now.base, 0.09).name()
    values["disabled"] = blend(now.muted, now.window, 0.7).name()
    values["shade"] = "dark" if now is DARK else "light"
    values["icons"] = (resource_directory() / "icons").as_posix()
    return Template(read_text("hatchway.qss")).substitute(values)

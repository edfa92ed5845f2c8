"""The two type faces of the window: the system's UI face and a monospace with tabular figures.

Design sizes are CSS pixels at 96 dpi; they are kept in points so that the system's font scale is respected.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QFont, QFontDatabase

BODY = 9.75  # 13 px
SECONDARY = 9.0  # 12 px
TITLE = 11.25  # 15 px
HERO = 15.0  # 20 px
_MONO = 9.375  # 12.5 px

_MONO_FACES = ("Cascadia Mono", "SF Mono", "JetBrains Mono", "DejaVu Sans Mono")
_CJK_FALLBACKS = ("Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC")


def mono_font(delta: float = 0) -> QFont:
    """The monospace face at 12.5 px; `delta` makes it larger or smaller, in points."""
    font = QFont(list(_mono_families()))
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    font.setPointSizeF(_MONO + delta)
    return font


def ui_font(points: float = BODY, *, semibold: bool = False) -> QFont:
    """The system's UI face at that size in points (`BODY`, `SECONDARY`, `TITLE`, `HERO`)."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setFamilies([*font.families(), *_CJK_FALLBACKS])
    font.setPointSizeF(points)
    if semibold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


@lru_cache(maxsize=1)
def _mono_families() -> tuple[str, ...]:
    present = set(QFontDatabase.families())
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    chosen = tuple(face for face in _MONO_FACES if face in present)
    return (*(chosen or (system,)), *_CJK_FALLBACKS)

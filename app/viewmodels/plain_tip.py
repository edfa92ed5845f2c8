"""Tool tips of text that visitors and services choose. Qt renders whatever looks like HTML in them, images of local
files and network shares included, so such text is escaped first."""

from __future__ import annotations

import html

from PySide6.QtGui import Qt

_MOST = 2000  # characters; a longer tip would cover the screen


def plain_tip(text: str) -> str:
    """The text as a tool tip shows it literally; unchanged unless Qt would take it for HTML."""
    if len(text) > _MOST:
        text = f"{text[:_MOST]}…"
    if not Qt.mightBeRichText(text):
        return text
    return f'<p style="white-space:pre-wrap">{html.escape(text)}</p>'

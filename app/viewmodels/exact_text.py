"""Bytes as a text widget shows them, if it gives back exactly the same bytes."""

from __future__ import annotations

import re

EDITABLE_BYTES = 512 * 1024
EDITABLE_LINE = 50_000

# Qt uses these characters for itself: paragraph, line and frame separators, object replacement.
_QT = re.compile("[\0\u2028\u2029\ufdd0\ufdd1\ufffc]")


def exact_text(data: bytes) -> str | None:
    """The text with LF line ends; None if it is no UTF-8, mixes line ends, or is too large for a text widget."""
    if len(data) > EDITABLE_BYTES:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\r" in text:
        unix = text.replace("\r\n", "\n")
        if "\r" in unix or unix.replace("\n", "\r\n") != text:
            return None  # mixed or lone line ends would not survive
        text = unix
    if _QT.search(text):
        return None
    return None if any(len(line) > EDITABLE_LINE for line in text.split("\n")) else text


def exact_bytes(text: str, *, crlf: bool) -> bytes:
    """The opposite; crlf: which line ends there were."""
    return (text.replace("\n", "\r\n") if crlf else text).encode("utf-8", "replace")

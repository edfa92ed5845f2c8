"""A captured body as text and as JSON: without its content codings, in UTF-8."""

from __future__ import annotations

import json
from typing import Any, Final

from app.content.charset import as_utf8
from app.content.codings import decode_body

MISSING: Final = object()
"""No JSON value is this one."""


def body_text(data: bytes, coding: str | None, content_type: str | None) -> bytes:
    """What the tests of bodies see. Bad codings and charsets are no error: what can be read is."""
    if coding and data:
        data = decode_body(data, coding).data
    return as_utf8(data, content_type)


def parse_json(text: bytes) -> Any:
    """The value; MISSING if the text is no JSON (or nested deeper than anybody means)."""
    if not text or text[:1] not in b' \t\r\n{["-0123456789tfn\xef':
        return MISSING
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return MISSING

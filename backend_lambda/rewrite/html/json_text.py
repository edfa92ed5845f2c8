"""JSON inside markup: read, changed and written so that the characters around and outside ASCII stay what they are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_LONGEST = 65_536
# In the latin-1 view a character is a byte; `\u00e9` is a character. Here such escapes pass as placeholders.
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|[\s\S])")
_PLACEHOLDER = re.compile("[\U000f0000-\U000fffff]")


def edit_json(text: str, edit: Callable[[Any], Any]) -> str | None:
    """The text with its value edited; the same text if that changes nothing, None if it is no JSON as browsers take it.

    edit: gets a value of its own to change, returns the new one
    """
    if len(text) > _LONGEST or _PLACEHOLDER.search(text):
        return None
    try:
        value = _load(text)
        edited = edit(_load(text))
        if _same(edited, value):
            return text
        out = json.dumps(edited, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return _PLACEHOLDER.sub(lambda match: f"\\u{ord(match[0]) - 0xF0000:04x}", out).replace("<", "\\u003c")


def _load(text: str) -> Any:
    return json.loads(_ESCAPED.sub(_protect, text), parse_constant=_refuse)


def _protect(match: re.Match[str]) -> str:
    return chr(0xF0000 + int(match[1], 16)) if match[1] and int(match[1], 16) >= 0x7F else match[0]


def _refuse(name: str) -> None:
    raise ValueError(name)


def _same(one: Any, other: Any) -> bool:
    """Equal, in the same order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)

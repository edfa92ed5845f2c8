"""The JSON value under the mouse: its path, its text, and the filter that finds others like it. Run it in a thread."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from typing import Final, Literal

from app.content.json_position import JsonPlace, path_text, place_at
from app.content.pretty_position import pretty_place
from app.viewmodels.laid_out import SOFT_BREAK, LaidOutText

_MARK: Final = SOFT_BREAK.removesuffix("\n")
_LONGEST: Final = 200  # characters of a value in a filter
_BARE: Final = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_WORDS: Final = ("true", "false", "null", "nan", "infinity")


@dataclass(frozen=True, slots=True)
class JsonPick:
    """path: as filters write it, `.items[3].id`
    value: as it is copied: of a text its characters, of a list or object the JSON as it is shown
    condition: of the filter language, for this value at this path; "" for lists, objects and very long texts
    """

    path: str
    value: str
    condition: str


def json_pick(
    content: LaidOutText,
    line: int,
    column: int,
    *,
    pretty: bool,
    side: Literal["req", "resp"] | None,
    stop: threading.Event | None = None,
) -> JsonPick | None:
    """What stands at a place of a body that is shown as JSON; None if there is nothing, or it cannot be known.

    line: number of the line as displayed, from 0, continued ones counted, too; column: in characters
    side: of which message, for the condition; None if no filter can ask for it
    pretty: the text is laid out by `pretty_json`; else it is as it came
    """
    text = "".join(content.pieces)
    offset = _offset(text, line, column)
    if pretty:
        place = pretty_place(text, offset, _MARK, stop)
    else:
        offset -= text.count(SOFT_BREAK, 0, offset) * len(SOFT_BREAK)
        text = text.replace(SOFT_BREAK, "")
        place = place_at(text, offset, stop)
    if place is None:
        return None
    token = text[place.start : place.end].replace(SOFT_BREAK, "")
    path = path_text(place.path)
    condition = "" if side is None else _condition(f"{side}.json:{path}", token, place)
    return JsonPick(path, _copied(token), condition)


def _offset(text: str, line: int, column: int) -> int:
    begin = 0
    for _ in range(line):
        begin = text.find("\n", begin) + 1
        if begin == 0:
            return len(text)
    end = text.find("\n", begin)
    return min(begin + column, len(text) if end < 0 else end)


def _copied(token: str) -> str:
    if token[:1] == '"':
        try:
            return str(json.loads(token, strict=False))
        except ValueError:
            return token
    return token


def _condition(field: str, token: str, place: JsonPlace) -> str:
    if not place.scalar or len(token) > _LONGEST:
        return ""
    try:
        value = json.loads(token)
    except ValueError:
        return ""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return ""
    if isinstance(value, str):
        bare = _BARE.fullmatch(value) and value.lower() not in _WORDS
        token = value if bare else json.dumps(value, ensure_ascii=not value.isprintable())
    return f"{field}={token}"

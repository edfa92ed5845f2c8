"""Reads one JSON field of a message: its value, checked, or ProtocolError with the name of the field.

`malformed` for one that is missing or wrong, `oversize` for heads above the limits. Text that could split a header
or a request line never passes.
"""

from __future__ import annotations

import re
from typing import Any

from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.heads import check_headers, is_method, is_target
from backend_lambda.protocol.limits import (
    MAX_BLOB,
    MAX_BLOB_URL,
    MAX_DELTA,
    MAX_HEADERS,
    MAX_ID,
    MAX_REPORT,
    MAX_TARGET,
)
from backend_lambda.protocol.messages import Blob, Delta, Headers

Fields = dict[str, Any]

_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_ID}}}")
# Machine words of a report; they are looked up, and printed where they are unknown.
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?")
_CODE = re.compile(r"[a-z0-9_]{1,64}")
_SHA256 = re.compile(r"(?:[0-9a-f]{64})?")
_ORIGIN = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff]*")
_URL = re.compile(r"https?://[!-~]+")  # it is shown, opened and copied, so it holds nothing but what a URL can hold
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # JSON can name halves of pairs, UTF-8 cannot


def read_id(f: Fields) -> str:
    """The exchange a message is about."""
    value = f.get("id")
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ProtocolError("malformed", "id")
    return value


def read_code(f: Fields) -> str:
    """The code of a failure; one that this version does not know passes."""
    value = f.get("code")
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise ProtocolError("malformed", "code")
    return value


def read_method(f: Fields) -> str:
    """A request method, as `is_method` says."""
    value = f.get("method")
    if not isinstance(value, str) or not is_method(value):
        raise ProtocolError("malformed", "method")
    return value


def read_target(f: Fields, name: str) -> str:
    """Path and query, as `is_target` says."""
    value = f.get(name)
    if isinstance(value, str) and len(value) > MAX_TARGET:
        raise ProtocolError("oversize", name)
    if not isinstance(value, str) or not is_target(value):
        raise ProtocolError("malformed", name)
    return value


def read_origin(f: Fields, name: str) -> str:
    """What stands for an origin and can be part of a header; empty if it is missing."""
    value = read_text(f, name, 300)
    if not _ORIGIN.fullmatch(value):
        raise ProtocolError("malformed", name)
    return value


def read_word(f: Fields, name: str) -> str:
    """A machine word, or nothing."""
    value = f.get(name, "")
    if not isinstance(value, str) or (value and not _WORD.fullmatch(value)):
        raise ProtocolError("malformed", name)
    return value


def read_words(f: Fields, name: str) -> list[str]:
    """A list of at most MAX_REPORT machine words; empty if it is missing."""
    value = f.get(name, [])
    if not isinstance(value, list) or len(value) > MAX_REPORT or not all(map(_is_word, value)):
        raise ProtocolError("malformed", name)
    return value


def read_counts(f: Fields, name: str) -> dict[str, int]:
    """At most MAX_REPORT machine words, each with a number from 1; empty if it is missing."""
    value = f.get(name, {})
    if not isinstance(value, dict) or len(value) > MAX_REPORT or not all(map(_is_word, value)):
        raise ProtocolError("malformed", name)
    if not all(type(count) is int and 1 <= count <= 1 << 53 for count in value.values()):
        raise ProtocolError("malformed", name)
    return value


def read_int(f: Fields, name: str, least: int, default: int | None = None) -> int:
    """A number from `least` to 2^53; required if there is no default."""
    value = f.get(name, default)
    # bool is an int in Python but not in JSON.
    if type(value) is not int or not least <= value <= 1 << 53:
        raise ProtocolError("malformed", name)
    return value


def read_flag(f: Fields, name: str, default: bool = False) -> bool:
    """True or false."""
    value = f.get(name, default)
    if value is not True and value is not False:
        raise ProtocolError("malformed", name)
    return value


def read_text(f: Fields, name: str, most: int, least: int = 0) -> str:
    """Text of `least` to `most` characters that UTF-8 can carry; empty if it is missing."""
    value = f.get(name, "")
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise ProtocolError("malformed", name)
    if not value.isascii() and _SURROGATE.search(value):
        raise ProtocolError("malformed", name)
    return value


def read_url(f: Fields, name: str) -> str:
    """A public URL in the `urls` of a welcome."""
    value = read_text(f, name, 2000, 1)
    if not _URL.fullmatch(value):
        raise ProtocolError("malformed", f"urls.{name}")
    return value


def read_choice(f: Fields, name: str, allowed: tuple[str, ...], default: str | None = None) -> Any:
    """One of the words of a Literal; required if there is no default."""
    value = f.get(name, default)
    if value not in allowed or not isinstance(value, str):
        raise ProtocolError("malformed", name)
    return value


def read_headers(f: Fields) -> Headers:
    """Header pairs, as `check_headers` says."""
    raw = f.get("headers")
    if not isinstance(raw, list) or not set(map(type, raw)) <= {list}:
        raise ProtocolError("malformed", "headers")
    try:
        pairs = [(name, value) for name, value in raw]
    except ValueError:
        raise ProtocolError("malformed", "headers") from None
    check_headers(pairs)
    return pairs


def read_delta(f: Fields) -> Delta:
    """Headers told by others, as `header_delta` makes them; what an index means shows later."""
    raw = f.get("headers")
    if not isinstance(raw, list) or len(raw) > MAX_HEADERS or not set(map(type, raw)) <= {int, list}:
        raise ProtocolError("malformed", "headers")
    places = [place for place in raw if type(place) is int]
    try:
        own = [(name, value) for name, value in [pair for pair in raw if type(pair) is list]]
    except ValueError:
        raise ProtocolError("malformed", "headers") from None
    if places and min(places) < 0:
        raise ProtocolError("malformed", "headers")
    check_headers(own)
    if sum([len(name) + len(value) for name, value in own]) > MAX_DELTA:
        raise ProtocolError("oversize", "headers")
    pairs = iter(own)
    return [place if type(place) is int else next(pairs) for place in raw]


def read_sha256(f: Fields, name: str) -> str:
    """A digest in hex, or nothing."""
    value = f.get(name, "")
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ProtocolError("malformed", name)
    return value


def read_blob(f: Fields) -> Blob | None:
    """Where a body lies, or None."""
    value = f.get("blob")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ProtocolError("malformed", "blob")
    size = read_int(value, "size", 0)
    if size > MAX_BLOB:
        raise ProtocolError("oversize", "blob")
    return Blob(size, read_flag(value, "z"), read_blob_url(value, "url"))


def read_blob_url(f: Fields, name: str) -> str:
    """A URL of the store, or nothing. It is never shown."""
    value = read_text(f, name, MAX_BLOB_URL)
    if value and not _URL.fullmatch(value):
        raise ProtocolError("malformed", name)
    return value


def _is_word(value: object) -> bool:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None

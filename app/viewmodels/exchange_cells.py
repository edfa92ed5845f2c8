"""How one exchange reads in a few characters: status class, time, duration, size, type, and a spoken sentence."""

from __future__ import annotations

import enum
import re
import time
from urllib.parse import unquote_to_bytes

from app.domain.exchange import Exchange, ExchangeState
from app.domain.verdict import Verdict
from app.signatures.table import recognise


class StatusClass(enum.Enum):
    """What a status means at a glance; the value is its shape in text."""

    PENDING = "◌"
    INFORMATION = "○"
    OK = "●"
    REDIRECT = "➜"
    CLIENT_ERROR = "▲"
    SERVER_ERROR = "■"
    NETWORK_ERROR = "✕"
    CANCELLED = "⊘"
    WEBSOCKET = "⇄"


_BY_HUNDRED = {
    1: StatusClass.INFORMATION,
    2: StatusClass.OK,
    3: StatusClass.REDIRECT,
    4: StatusClass.CLIENT_ERROR,
    5: StatusClass.SERVER_ERROR,
}
_SHORT_TYPES = {
    "javascript": "js",
    "x-javascript": "js",
    "ecmascript": "js",
    "svg+xml": "svg",
    "x-www-form-urlencoded": "form",
    "form-data": "multipart",
    "octet-stream": "binary",
    "event-stream": "sse",
    "x-icon": "ico",
    "vnd.microsoft.icon": "ico",
}


def status_class(exchange: Exchange) -> StatusClass:
    """The class of the exchange as it stands now."""
    match exchange.state:
        case ExchangeState.FAILED:
            return StatusClass.NETWORK_ERROR
        case ExchangeState.CANCELLED:
            return StatusClass.CANCELLED
    if exchange.status is None:
        return StatusClass.PENDING
    if exchange.kind == "websocket" and exchange.status == 101:
        return StatusClass.WEBSOCKET
    return _BY_HUNDRED.get(exchange.status // 100, StatusClass.INFORMATION)


_VERDICTS = {
    Verdict.SAME: "= same",
    Verdict.CHANGED: "≠ changed",
    Verdict.FIXED: "✓ fixed",
    Verdict.STILL_FAILING: "✗ still failing",
    Verdict.REGRESSED: "↓ regressed",
}


def signed_by_text(exchange: Exchange) -> str:
    """The provider whose signature the request carries, as its headers tell; empty if there is none."""
    scheme = recognise(exchange.request_headers)
    return "" if scheme is None else scheme.title


def verdict_text(verdict: Verdict | None) -> str:
    """A sign and a word, empty for none."""
    return "" if verdict is None else _VERDICTS[verdict]


def status_text(exchange: Exchange) -> str:
    """`502`, or a short word where there is no status."""
    if exchange.status is not None:
        return str(exchange.status)
    match exchange.state:
        case ExchangeState.FAILED:
            return "failed"
        case ExchangeState.CANCELLED:
            return "gone"
    return "…"


def duration_ms(exchange: Exchange, now_ns: int) -> float:
    """How long it took, or has been running until `now_ns`; never negative."""
    end = exchange.finished_ns if exchange.finished_ns is not None else now_ns
    return max(0, end - exchange.started_ns) / 1e6


def format_duration(ms: float) -> str:
    """`<0.1 ms`, `0.4 ms`, `31 ms`, `1.24 s`, `2 m 05 s`, `3 h 07 m`."""
    if ms < 0.05:
        return "<0.1 ms"
    if ms < 9.95:
        return f"{ms:.1f} ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    if seconds < 59.995:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} m"


def format_running(ms: float) -> str:
    """Like `format_duration`, but steady to look at while it counts."""
    return f"{ms / 1000:.1f} s" if ms < 60_000 else format_duration(ms)


def format_size(size: int) -> str:
    """`0 B`, `412 B`, `1.2 kB`, `88 kB`, `4.1 MB` (1 kB = 1000 bytes)."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 9.95:
            return f"{value:.1f} {unit}"
        if value < 999.5 or unit == "GB":
            return f"{value:.0f} {unit}"
    raise AssertionError("unreachable")


def format_time(time_ns: int) -> str:
    """Local time of day, `14:03:07`."""
    return time.strftime("%H:%M:%S", time.localtime(time_ns / 1e9))


def short_type(content_type: str | None) -> str:
    """`application/problem+json; charset=utf-8` → `json`; empty if there is no type."""
    if not content_type:
        return ""
    subtype = content_type.partition(";")[0].strip().lower().rpartition("/")[2]
    return _SHORT_TYPES.get(subtype) or subtype.rpartition("+")[2].removeprefix("x-")


_ESCAPED = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


def readable(raw: str) -> str:
    """Bytes kept as latin-1 text, such as a target, as the UTF-8 they mostly are; as they were kept if they are not,
    or if that would show what cannot be seen (a bidirectional override could make one path look like another)."""
    if raw.isascii():
        return raw
    try:
        text = raw.encode("latin-1").decode()
    except UnicodeError:
        return raw
    return text if text.isprintable() else raw


def unescaped(target: str) -> str:
    """A target for reading: letters that were percent-encoded because URLs hold only ASCII are themselves again. All
    other escapes stay, as they mean something else than what they stand for (`%2F` is no slash)."""
    return readable(target) if "%" not in target else _ESCAPED.sub(_letters, readable(target))


def _letters(found: re.Match[str]) -> str:
    try:
        text = unquote_to_bytes(found[0]).decode()
    except UnicodeError:
        return found[0]
    return text if text.isprintable() and not any(map(str.isspace, text)) else found[0]


def spoken(exchange: Exchange, now_ns: int) -> str:
    """`POST /pay, 502, 31 ms` for screen readers."""
    words = [f"{exchange.method} {readable(exchange.target)}"]
    match exchange.state:
        case ExchangeState.RUNNING if exchange.status is None:
            words.append("waiting for the answer")
        case ExchangeState.FAILED:
            words.append("failed" if exchange.problem is None else exchange.problem.title)
        case ExchangeState.CANCELLED:
            words.append("visitor went away")
        case _:
            words.append(str(exchange.status))
    if exchange.kind == "websocket":
        words.append("WebSocket")
    if exchange.finished_ns is not None:
        words.append(format_duration(duration_ms(exchange, now_ns)))
    if exchange.replay_of:
        words.append("replay")
    if exchange.verdict is not None:
        words.append(exchange.verdict.value.replace("-", " "))
    if exchange.leak is not None:
        words.append("came without the prefix")
    if exchange.pinned:
        words.append("pinned")
    if exchange.note:
        words.append(f"note: {exchange.note}")
    return ", ".join(words)

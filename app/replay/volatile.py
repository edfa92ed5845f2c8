"""Values that change from answer to answer and mean nothing: times, identifiers, tokens."""

from __future__ import annotations

import re

IGNORED_HEADERS = frozenset(
    {
        # Framing and connection (RFC 9110 section 7.6.1): the body is compared by itself.
        "connection", "content-length", "keep-alive", "transfer-encoding", "trailer", "content-encoding", "vary",
        # Times and validators.
        "date", "age", "expires", "last-modified", "etag", "server-timing", "x-runtime", "x-response-time",
        "x-process-time",
        # Identifiers of one request.
        "x-request-id", "request-id", "x-correlation-id", "x-trace-id", "traceparent", "x-amzn-requestid",
        "x-amzn-trace-id", "cf-ray", "x-b3-traceid", "nel", "report-to",
    }
)  # fmt: skip

_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
)
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a time", _DATE),
    ("a UUID", re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)),
    ("a token", re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")),  # JWT
    ("an identifier", re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")),  # ULID
    ("a digest", re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)),
    ("a token", re.compile(r"(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{20,}")),
)
_NAMES = re.compile(
    r"(?:^|[_.-])(?:id|uuid|guid|ulid|nonce|csrf|csrf_?token|request_?id|trace_?id|span_?id|correlation_?id|etag)$"
    r"|(?:[a-z0-9])(?:Id|Uuid|UUID|ID)$",
    re.ASCII,
)
_TIMES = re.compile(
    r"(?:^|[_.-])(?:at|on|date|time|timestamp|ts|now|expires|expiry|expires_?in|created|updated|modified|uptime"
    r"|elapsed|took|duration|duration_?ms|latency)$|(?:At|Date|Time|Timestamp|Elapsed|Duration)$",
    re.ASCII | re.IGNORECASE,
)
_NEAR = 10 * 366 * 86400


def reason(name: str, before: object, after: object) -> str:
    """Why the difference means nothing (`a time`, `an identifier` …); empty if it may mean something.

    name: the last key of the JSON path, or the header
    """
    if type(before) is not type(after) and not (_is_number(before) and _is_number(after)):
        return ""
    if isinstance(before, str) and isinstance(after, str):
        if before and after and masked(before) == masked(after):
            return next((what for what, shape in _SHAPES if shape.search(before)), "")
        if _NAMES.search(name) and bool(before) == bool(after):
            return "an identifier"
        return ""
    if _is_number(before) and _is_number(after):
        if _is_epoch(before) and _is_epoch(after):
            return "a time"
        if _TIMES.search(name):
            return "a time"
        if isinstance(before, int) and isinstance(after, int) and _NAMES.search(name):
            return "an identifier"
    return ""


def masked(text: str) -> str:
    """The text with times, identifiers and tokens replaced by what they are."""
    for what, shape in _SHAPES:
        text = shape.sub(f"⟨{what}⟩", text)
    return text


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_epoch(value: object) -> bool:
    """Whether a number can be Unix time of these decades, in seconds, milliseconds, microseconds or nanoseconds."""
    assert isinstance(value, int | float)
    return any(1.4e9 <= value / unit <= 1.4e9 + 3 * _NEAR for unit in (1, 1e3, 1e6, 1e9))

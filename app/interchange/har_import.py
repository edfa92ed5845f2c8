"""Reads HAR files of browsers, proxies and ourselves into exchanges. All or nothing: a bad entry names its place."""

from __future__ import annotations

import base64
import binascii
import os
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from app.domain.exchange import Body, Exchange, ExchangeState, Headers
from app.domain.frame import Direction, Frame, FrameKind
from app.domain.problems import HatchwayError, Problem, fail
from app.domain.verdict import Verdict
from app.interchange.recode import encode_body

MAX_BYTES = 1 << 30
TUNNEL = "import"
"""The id of the tunnel that imported exchanges belong to."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class _Pair(msgspec.Struct):
    name: str = ""
    value: str | int | float | None = ""


class _PostData(msgspec.Struct, rename={"mime_type": "mimeType", "our_encoding": "_encoding"}):
    mime_type: str | None = ""
    text: str | None = None
    params: list[_Pair] | None = None
    encoding: str | None = None
    our_encoding: str | None = None


class _Request(msgspec.Struct, rename={"post_data": "postData", "body_size": "bodySize"}):
    method: str
    url: str
    headers: list[_Pair] = []
    post_data: _PostData | None = None
    body_size: float | None = -1


class _Content(msgspec.Struct, rename={"mime_type": "mimeType"}):
    size: float | None = 0
    mime_type: str | None = ""
    text: str | None = None
    encoding: str | None = None


class _Response(
    msgspec.Struct, rename={"status_text": "statusText", "redirect_url": "redirectURL", "body_size": "bodySize",
                            "error": "_error"}
):  # fmt: skip
    status: float = 0
    status_text: str | None = ""
    headers: list[_Pair] = []
    content: _Content = msgspec.field(default_factory=_Content)
    redirect_url: str | None = ""
    body_size: float | None = -1
    error: Any = None


class _Timings(msgspec.Struct):
    blocked: float | None = -1
    dns: float | None = -1
    connect: float | None = -1
    send: float | None = 0
    wait: float | None = 0
    receive: float | None = 0


class _Entry(
    msgspec.Struct,
    rename={"started": "startedDateTime", "resource_type": "_resourceType", "messages": "_webSocketMessages",
            "own": "_hatchway"},
):  # fmt: skip
    request: _Request
    started: str = ""
    time: float | None = 0
    response: _Response = msgspec.field(default_factory=_Response)
    timings: _Timings = msgspec.field(default_factory=_Timings)
    comment: str | None = ""
    resource_type: str | None = None
    messages: list[dict[str, Any]] | None = None
    own: dict[str, Any] | None = None


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _File(msgspec.Struct):
    log: _Log


_decode_file = msgspec.json.Decoder(_File).decode
_decode_entry = msgspec.json.Decoder(_Entry).decode


def read_har(path: Path) -> list[tuple[Exchange, list[Frame]]]:
    """All entries as exchanges with new ids, in the order of the file. Blocking: call it in a thread.

    Raises HatchwayError `file_not_read`, `not_har` (with the place of the mistake).
    """
    try:
        if os.path.getsize(path) > MAX_BYTES:
            raise fail("not_har", f"{path.name} is larger than 1 GB", "you", "Split it, or export less.")
        data = path.read_bytes()
    except OSError as error:
        raise fail(
            "file_not_read", f"{path.name} cannot be read ({error.strerror})", "you", "Check the path and permissions."
        ) from error
    return parse_har(data, path.stem)


def parse_har(data: bytes, name: str = TUNNEL) -> list[tuple[Exchange, list[Frame]]]:
    """As `read_har`, of the file's content; name: of the tunnel the exchanges seem to come from."""
    try:
        entries = _decode_file(data.removeprefix(b"\xef\xbb\xbf")).log.entries
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_har(str(error)) from error
    found = []
    for number, raw in enumerate(entries):
        try:
            found.append(_exchange(_decode_entry(raw), name))
        except (msgspec.DecodeError, RecursionError) as error:
            raise _not_har(f"entry {number + 1}: {error}") from error
        except _Wrong as wrong:
            raise _not_har(f"entry {number + 1}: {wrong}") from None
    return found


class _Wrong(Exception):
    """What is wrong with one entry."""


def _exchange(entry: _Entry, name: str) -> tuple[Exchange, list[Frame]]:
    request, response, own = entry.request, entry.response, entry.own or {}
    try:
        url = urlsplit(request.url)
        port = url.port
    except ValueError:
        raise _Wrong(f"“{request.url[:80]}” is no URL") from None
    if url.scheme not in ("http", "https", "ws", "wss") or not url.hostname:
        raise _Wrong(f"“{request.url[:80]}” is no URL of a web service")
    websocket = url.scheme in ("ws", "wss") or entry.resource_type == "websocket"
    scheme = {"ws": "http", "wss": "https"}.get(url.scheme, url.scheme)
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    origin = f"{scheme}://{host}" + ("" if port in (None, 443 if scheme == "https" else 80) else f":{port}")
    path = url.path or "/"
    query = f"?{url.query}" if url.query or request.url.endswith("?") else ""
    started, answered = _started(entry), 100 <= response.status <= 999
    request_headers, response_headers = _headers(request.headers), _headers(response.headers)
    exchange = Exchange(
        tunnel=str(own.get("tunnel") or name),
        tunnel_id=TUNNEL,
        method=request.method.upper() if _TOKEN.fullmatch(request.method) else _wrong_method(request.method),
        target=_wire(_text(own.get("target")) or path + query),
        upstream=_text(own.get("upstream")) or origin,
        request_headers=request_headers,
        kind="websocket" if websocket else "http",
        public_url=_wire(request.url),
        visitor=_text(own.get("visitor")),
        request_body=_request_body(request, _coding(request_headers)),
        status=int(response.status) if answered else None,
        reason=_wire(response.status_text or ""),
        response_headers=response_headers,
        response_body=_response_body(response, _coding(response_headers)),
        state=ExchangeState.DONE if answered else ExchangeState.FAILED,
        started_ns=started,
        note=entry.comment or "",
        imported=True,
        replay_of=_text(own.get("replayOf")) or None,
        verdict=_verdict(own.get("verdict")),
        pinned=own.get("pinned") is True,
        leak=_text(own.get("leak")) or None,
    )
    _set_times(exchange, entry)
    if not answered:
        words = str(response.error or "The file has no answer for this request")
        exchange.problem = Problem("imported_without_answer", words[:300], "your service")
    frames = _frames(entry.messages or [])
    exchange.frames = len(frames)
    return exchange, frames


def _request_body(request: _Request, coding: str) -> Body:
    post = request.post_data
    if post is None:
        return Body()
    data = b""
    if post.text:
        coded = "base64" in (post.our_encoding, post.encoding)
        data = _base64(post.text) if coded else post.text.encode("utf-8", "surrogatepass")
    elif post.params and "urlencoded" in (post.mime_type or ""):
        data = urlencode([(pair.name, _value(pair)) for pair in post.params]).encode()
    data = encode_body(data, coding)
    return Body(data, limit=max(len(data), 1), size=_size(data, request.body_size, post.text is None))


def _response_body(response: _Response, coding: str) -> Body:
    content = response.content
    text = content.text or ""
    data = _base64(text) if content.encoding == "base64" else text.encode("utf-8", "surrogatepass")
    data = encode_body(data, coding)
    return Body(data, limit=max(len(data), 1), size=_size(data, content.size, content.text is None))


def _coding(headers: Headers) -> str:
    return ", ".join(value for name, value in headers if name.lower() == "content-encoding")


def _size(data: bytes, told: float | None, missing: bool) -> int:
    """A file may leave bodies out; then they are as large as it says, and not kept."""
    return max(int(told or 0), len(data)) if missing else len(data)


def _headers(pairs: list[_Pair]) -> Headers:
    """Without HTTP/2's pseudo headers, which are no names."""
    kept = []
    for pair in pairs:
        name = _wire(pair.name.strip())
        if not _TOKEN.fullmatch(name):  # `:method` and the like
            continue
        value = _wire(_value(pair)).replace("\r", "").replace("\n", " ")
        kept.append((name, value))
    return tuple(kept)


def _set_times(exchange: Exchange, entry: _Entry) -> None:
    times = entry.timings
    before = sum(max(0.0, part or 0.0) for part in (times.blocked, times.dns, times.connect))
    sent = exchange.started_ns + _ns(before)
    first = sent + _ns(max(0.0, times.send or 0.0) + max(0.0, times.wait or 0.0))
    exchange.sent_ns = sent
    exchange.finished_ns = max(exchange.started_ns + _ns(entry.time or 0.0), sent)
    if exchange.status is not None:
        exchange.first_byte_ns = min(first, exchange.finished_ns)


def _started(entry: _Entry) -> int:
    exact = (entry.own or {}).get("startedNs")
    if isinstance(exact, str) and exact.isdecimal() and len(exact) < 20:
        return int(exact)
    if not entry.started:
        return time.time_ns()
    try:
        moment = datetime.fromisoformat(entry.started)
        whole = int(moment.replace(microsecond=0).timestamp())
    except (ValueError, OverflowError, OSError):
        raise _Wrong(f"“{entry.started[:40]}” is no time") from None
    return max(0, whole * 1_000_000_000 + moment.microsecond * 1000)


def _frames(messages: list[dict[str, Any]]) -> list[Frame]:
    found = []
    for number, message in enumerate(messages):
        text = _text(message.get("data"))
        opcode = message.get("opcode", 1)
        kind: FrameKind = "binary" if opcode == 2 else "close" if opcode == 8 else "text"
        data = _base64(text) if kind == "binary" else text.encode("utf-8", "surrogatepass")
        moment = message.get("time", 0)
        direction: Direction = "visitor" if message.get("type") in ("send", "request") else "upstream"
        time_ns = round(moment * 1e9) if isinstance(moment, int | float) and 0 <= moment < 1e10 else 0
        found.append(Frame(number, direction, kind, time_ns, data, len(data)))
    return found


def _verdict(value: object) -> Verdict | None:
    return next((verdict for verdict in Verdict if verdict.value == value), None)


def _value(pair: _Pair) -> str:
    return "" if pair.value is None else str(pair.value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _wire(text: str) -> str:
    """Text as exchanges keep what came over the wire: its UTF-8 bytes as latin-1."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("latin-1")


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        raise _Wrong("a body is no base64") from None


def _ns(milliseconds: float) -> int:
    return round(min(max(milliseconds, 0.0), 1e12) * 1e6) if milliseconds == milliseconds else 0


def _wrong_method(method: str) -> str:
    raise _Wrong(f"“{method[:40]}” is no method")


def _not_har(reason: str) -> HatchwayError:
    return fail("not_har", f"This is no HAR file that can be read ({reason})", "you", "Export it again as HAR 1.2.")

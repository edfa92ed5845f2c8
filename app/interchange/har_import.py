"""Reads HAR files of browsers, proxies and ourselves into exchanges. All or nothing: a bad entry names its place."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import os
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from app.domain.exchange import Body, Exchange, ExchangeState, HarFacts, Headers, first_header
from app.domain.frame import Frame
from app.domain.problems import HatchwayError, Problem, fail
from app.domain.verdict import Verdict
from app.interchange.har_format import Entry, File, LooseFile, Pair, Request, Response
from app.interchange.har_frames import to_frames
from app.interchange.har_params import to_form
from app.interchange.har_text import to_bytes
from app.interchange.recode import encode_body
from app.interchange.wire_text import exact, wire

MAX_BYTES = 1 << 30
TUNNEL = "import"
"""The id of the tunnel that imported exchanges belong to."""

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_PHASES = ("blocked", "dns", "connect", "ssl", "send", "wait", "receive")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


_decode_file = msgspec.json.Decoder(File).decode
_decode_entry = msgspec.json.Decoder(Entry).decode


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
        entries = _entries(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_har(str(error)) from error
    found = []
    for number, raw in enumerate(entries):
        try:
            entry = _decode_entry(raw) if isinstance(raw, msgspec.Raw) else msgspec.convert(raw, Entry)
            found.append(_exchange(entry, name))
        except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
            raise _not_har(f"entry {number + 1}: {error}") from error
        except _Wrong as wrong:
            raise _not_har(f"entry {number + 1}: {wrong}") from None
    return found


def _entries(data: bytes) -> list[Any]:
    try:
        return _decode_file(data).log.entries
    except msgspec.DecodeError:
        # mitmproxy writes bytes that are no UTF-8 as lone surrogates, which only the standard library reads.
        if _SURROGATE.search(data) is None:
            raise
        try:
            return msgspec.convert(json.loads(data), LooseFile).log.entries
        except ValueError as error:
            raise msgspec.DecodeError(str(error)) from error


class _Wrong(Exception):
    """What is wrong with one entry."""


def _exchange(entry: Entry, name: str) -> tuple[Exchange, list[Frame]]:
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
    request_headers, response_headers = _request_headers(request), _headers(response.headers)
    exchange = Exchange(
        tunnel=str(own.get("tunnel") or name),
        tunnel_id=TUNNEL,
        method=request.method.upper() if _TOKEN.fullmatch(request.method) else _wrong_method(request.method),
        target=_exact(_text(own.get("target")) or path + query, own.get("targetBytes")),
        upstream=_text(own.get("upstream")) or origin,
        request_headers=request_headers,
        kind="websocket" if websocket else "http",
        public_url=_exact(_text(own.get("url")) or request.url, own.get("urlBytes")),
        visitor=_text(own.get("visitor")),
        request_body=_request_body(request, request_headers, own),
        status=int(response.status) if answered else None,
        reason=wire(response.status_text or ""),
        response_headers=response_headers,
        response_body=_response_body(response, response_headers, own),
        state=ExchangeState.DONE if answered else ExchangeState.FAILED,
        started_ns=started,
        note=entry.comment or _damage(request, request_headers),
        imported=True,
        replay_of=_text(own.get("replayOf")) or None,
        verdict=_verdict(own.get("verdict")),
        pinned=own.get("pinned") is True,
        leak=_text(own.get("leak")) or None,
        har=_facts(entry),
    )
    _set_times(exchange, entry)
    if not answered:
        words = str(response.error or "The file has no answer for this request")
        exchange.problem = Problem("imported_without_answer", words[:300], "your service")
    try:
        frames = to_frames(entry.messages or [])
    except ValueError:
        raise _Wrong("a message is no base64") from None
    exchange.frames = len(frames)
    return exchange, frames


def _request_body(request: Request, headers: Headers, own: dict[str, Any]) -> Body:
    """Files leave bodies out, or parts of them; then the body is as large as they say, and not kept."""
    post, length = request.post_data, _length(headers)
    told = max(length, _whole(request.body_size))
    if post is None:
        return Body(size=told)
    content_type, data = first_header(headers, "content-type") or post.mime_type or "", b""
    if post.text:
        coding = _coding(headers)
        coded = "base64" in (post.our_encoding, post.encoding)
        data = _base64(post.text) if coded else to_bytes(post.text, content_type, () if coding else (length,))
        data = encode_body(data, coding)
    elif post.params:
        data = to_form(post.params, content_type)
    return Body(data, limit=max(len(data), 1), size=max(len(data), _cut(own, "request")) if data else told)


def _damage(request: Request, headers: Headers) -> str:
    """What to say of a body that DevTools wrote as text although it was none: a replay would send something else."""
    text = (request.post_data and request.post_data.text) or ""
    length = _length(headers)
    if "\ufffd" not in text or not length or len(text.encode("utf-8", "replace")) == length:
        return ""
    return "The file does not hold the exact body of this request: bytes that are no text are lost (\ufffd)."


def _response_body(response: Response, headers: Headers, own: dict[str, Any]) -> Body:
    content, coding = response.content, _coding(headers)
    text, content_type = content.text or "", first_header(headers, "content-type") or content.mime_type or ""
    data = _base64(text) if content.encoding == "base64" else to_bytes(text, content_type, (_whole(content.size),))
    data = encode_body(data, coding)
    told = _whole(content.size) if content.text is None else _cut(own, "response")
    return Body(data, limit=max(len(data), 1), size=max(told, len(data)))


def _whole(number: float | None) -> int:
    return int(number) if number is not None and -1 <= number < 1 << 60 else -1


def _length(headers: Headers) -> int:
    """What the Content-Length says; 0 if there is none."""
    told = first_header(headers, "content-length") or ""
    return int(told) if told.isdecimal() and len(told) < 16 else 0


def _cut(own: dict[str, Any], which: str) -> int:
    """Bytes of a body of which we wrote only the beginning; 0 if it is whole."""
    cut = own.get("cut")
    size = cut.get(which) if isinstance(cut, dict) else None
    return size if isinstance(size, int) and 0 < size < 1 << 60 else 0


def _coding(headers: Headers) -> str:
    return ", ".join(value for name, value in headers if name.lower() == "content-encoding")


def _request_headers(request: Request) -> Headers:
    headers = _headers(request.headers)
    if not request.cookies or any(name.lower() == "cookie" for name, _ in headers):
        return headers
    # Some programs write them here alone.
    pairs = "; ".join(f"{cookie.name}={_value(cookie)}" for cookie in request.cookies)
    return headers + _headers([Pair("Cookie", pairs)])


def _headers(pairs: list[Pair]) -> Headers:
    """Without HTTP/2's pseudo headers, which are no names."""
    kept = []
    for pair in pairs:
        name = wire(pair.name.strip())
        if not _TOKEN.fullmatch(name):  # `:method` and the like
            continue
        value = _exact(_value(pair), pair.raw).replace("\r", "").replace("\n", " ")
        kept.append((name, value))
    return tuple(kept)


def _facts(entry: Entry) -> HarFacts:
    request, response = entry.request, entry.response
    sizes = (request.head_size, request.body_size, response.head_size, response.body_size)
    return HarFacts(
        versions=(request.version or "", response.version or ""),
        server=_ip_address(entry.server or ""),
        connection="" if entry.connection is None else str(entry.connection),
        sizes=tuple(_whole(size) for size in sizes),  # type: ignore[arg-type]
        timings={phase: _phase(entry, phase) for phase in _PHASES if phase in (entry.timings or {})},
        cache={when: _cached(state) for when, state in (entry.cache or {}).items() if isinstance(state, dict)},
    )


def _ip_address(text: str) -> str:
    """Chromium writes those of version 6 in brackets, which HAR does not allow."""
    address = text.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return ""
    return address


def _cached(state: dict[str, Any]) -> dict[str, str | int]:
    names = ("expires", "lastAccess", "eTag", "hitCount")
    return {name: state[name] for name in names if isinstance(state.get(name), str | int)}


def _phase(entry: Entry, phase: str) -> float:
    value = (entry.timings or {}).get(phase)
    return value if isinstance(value, int | float) else -1


def _set_times(exchange: Exchange, entry: Entry) -> None:
    before = sum(max(0.0, _phase(entry, phase)) for phase in ("blocked", "dns", "connect"))
    sent = exchange.started_ns + _ns(before)
    first = sent + _ns(max(0.0, _phase(entry, "send")) + max(0.0, _phase(entry, "wait")))
    exchange.sent_ns = sent
    exchange.finished_ns = max(exchange.started_ns + _ns(entry.time or 0.0), sent)
    if exchange.status is not None:
        exchange.first_byte_ns = min(first, exchange.finished_ns)


def _started(entry: Entry) -> int:
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


def _verdict(value: object) -> Verdict | None:
    return next((verdict for verdict in Verdict if verdict.value == value), None)


def _value(pair: Pair) -> str:
    return "" if pair.value is None else str(pair.value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _exact(written: str, raw: object) -> str:
    try:
        return exact(written, raw)
    except ValueError:
        raise _Wrong("bytes of a text are no base64") from None


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

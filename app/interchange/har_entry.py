"""One exchange as an entry of a HAR 1.2 log (http://www.softwareishard.com/blog/har-12-spec/).

What HAR has no place for stands in fields that begin with `_`, as the format wants it: WebSocket messages as Chrome
writes them, and `_hatchway` with what only we know.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.content.charset import as_utf8
from app.content.codings import decode_body
from app.domain.exchange import Body, Exchange, Headers
from app.domain.frame import Frame

_KINDS = {"visitor": "send", "upstream": "receive"}
_OPCODES = {"text": 1, "binary": 2, "close": 8, "event": 1}


def to_entry(exchange: Exchange, frames: Sequence[Frame] = ()) -> dict[str, Any]:
    """The entry; bodies without content codings, binary ones in base64."""
    entry: dict[str, Any] = {
        "startedDateTime": _iso(exchange.started_ns),
        "time": _total(exchange),
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": _timings(exchange),
        "comment": exchange.note,
        "_hatchway": _own(exchange),
    }
    if exchange.kind == "websocket":
        entry["_resourceType"] = "websocket"
    if frames:
        entry["_webSocketMessages"] = [_message(frame) for frame in frames]
    return entry


def _request(exchange: Exchange) -> dict[str, Any]:
    url = _url(exchange)
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": _request_cookies(exchange.request_headers),
        "headers": _headers(exchange.request_headers),
        "queryString": [{"name": name, "value": value} for name, value in _pairs(urlsplit_query(url))],
        "headersSize": -1,
        "bodySize": exchange.request_body.size,
    }
    if exchange.request_body.size:
        request["postData"] = _post_data(exchange)
    return request


def _post_data(exchange: Exchange) -> dict[str, Any]:
    content_type = exchange.request_header("content-type") or ""
    data = _plain(exchange.request_body, exchange.request_header("content-encoding"))
    post: dict[str, Any] = {"mimeType": content_type, "params": []}
    text = _text(data, content_type)
    if text is None:
        post |= {"text": base64.b64encode(data).decode(), "_encoding": "base64"}
    else:
        post["text"] = text
        if content_type.lower().startswith("application/x-www-form-urlencoded"):
            post["params"] = [{"name": name, "value": value} for name, value in _pairs(text)]
    if exchange.request_body.truncated:
        post["comment"] = f"cut: {exchange.request_body.kept} of {exchange.request_body.size} bytes were kept"
    return post


def _response(exchange: Exchange) -> dict[str, Any]:
    body, content_type = exchange.response_body, exchange.response_header("content-type") or ""
    data = _plain(body, exchange.response_header("content-encoding"))
    content: dict[str, Any] = {"size": len(data) if not body.truncated else body.size, "mimeType": content_type}
    text = _text(data, content_type)
    if text is None:
        content |= {"text": base64.b64encode(data).decode(), "encoding": "base64"}
    elif text:
        content["text"] = text
    if not body.truncated and len(data) > body.size:
        content["compression"] = len(data) - body.size
    if body.truncated:
        content["comment"] = f"cut: {body.kept} of {body.size} bytes were kept"
    return {
        "status": exchange.status or 0,
        "statusText": exchange.reason,
        "httpVersion": "HTTP/1.1",
        "cookies": _response_cookies(exchange.response_headers),
        "headers": _headers(exchange.response_headers),
        "content": content,
        "redirectURL": exchange.response_header("location") or "",
        "headersSize": -1,
        "bodySize": body.size if exchange.status is not None else -1,
        **({} if exchange.problem is None else {"_error": str(exchange.problem)}),
    }


def _own(exchange: Exchange) -> dict[str, Any]:
    own: dict[str, Any] = {
        "id": exchange.id,
        "tunnel": exchange.tunnel,
        "kind": exchange.kind,
        "target": readable(exchange.target),
        "upstream": exchange.upstream,
        "visitor": exchange.visitor,
        "state": exchange.state.value,
        "startedNs": str(exchange.started_ns),
    }
    if exchange.replay_of:
        own["replayOf"] = exchange.replay_of
    if exchange.verdict is not None:
        own["verdict"] = exchange.verdict.value
    if exchange.pinned:
        own["pinned"] = True
    if exchange.leak is not None:
        own["leak"] = exchange.leak
    return own


def _timings(exchange: Exchange) -> dict[str, Any]:
    start, sent = exchange.started_ns, exchange.sent_ns
    first, end = exchange.first_byte_ns, exchange.finished_ns
    return {
        "blocked": _ms(start, sent) if sent is not None else -1,
        "dns": -1,
        "connect": -1,
        "ssl": -1,
        "send": 0,
        "wait": _ms(sent if sent is not None else start, first) if first is not None else _total(exchange),
        "receive": _ms(first, end) if first is not None and end is not None else 0,
    }


def _message(frame: Frame) -> dict[str, Any]:
    text = frame.kind in ("text", "event", "close")
    return {
        "type": _KINDS[frame.direction],
        "time": frame.time_ns / 1e9,
        "opcode": _OPCODES[frame.kind],
        "data": frame.data.decode("utf-8", "replace") if text else base64.b64encode(frame.data).decode(),
    }


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": readable(value)} for name, value in headers]


def _request_cookies(headers: Headers) -> list[dict[str, str]]:
    lines = [value for name, value in headers if name.lower() == "cookie"]
    pairs = [pair.strip().partition("=") for line in lines for pair in line.split(";")]
    return [{"name": readable(name), "value": readable(value)} for name, sign, value in pairs if sign]


def _response_cookies(headers: Headers) -> list[dict[str, Any]]:
    cookies = []
    for name, value in headers:
        if name.lower() == "set-cookie":
            first, *attributes = value.split(";")
            key, _, secret = first.strip().partition("=")
            cookie: dict[str, Any] = {"name": readable(key), "value": readable(secret)}
            for attribute in attributes:
                option, _, setting = attribute.strip().partition("=")
                match option.lower():
                    case "path" | "domain":
                        cookie[option.lower()] = readable(setting)
                    case "httponly":
                        cookie["httpOnly"] = True
                    case "secure":
                        cookie["secure"] = True
            cookies.append(cookie)
    return cookies


def readable(text: str) -> str:
    """Bytes kept as latin-1 text as the UTF-8 they mostly are; as they were kept if they are not."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def urlsplit_query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return url.partition("?")[2]


def _url(exchange: Exchange) -> str:
    return readable(exchange.public_url or exchange.upstream + exchange.target)


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=10_000)
    except ValueError:
        return []


def _plain(body: Body, coding: str | None) -> bytes:
    return decode_body(body.data, coding).data if coding and body.kept else body.data


def _text(data: bytes, content_type: str) -> str | None:
    if not data:
        return ""
    try:
        return as_utf8(data, content_type).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _iso(time_ns: int) -> str:
    moment = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).replace(microsecond=time_ns // 1000 % 1_000_000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _total(exchange: Exchange) -> float:
    return 0 if exchange.finished_ns is None else _ms(exchange.started_ns, exchange.finished_ns)


def _ms(start: int | None, end: int | None) -> float:
    return 0 if start is None or end is None else max(0, end - start) / 1e6

"""One exchange as an entry of a HAR 1.2 log (http://www.softwareishard.com/blog/har-12-spec/).

What HAR has no place for stands in fields that begin with `_`, as the format wants it: WebSocket messages as Chrome
writes them, and `_hatchway` with what only we know.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from app.content.codings import decode_body
from app.domain.exchange import Body, Exchange, HarFacts, Headers
from app.domain.frame import Frame
from app.interchange.har_cookies import iso_time, request_cookies, response_cookies
from app.interchange.har_frames import to_message
from app.interchange.har_params import query_pairs, to_params
from app.interchange.har_text import to_text
from app.interchange.wire_text import raw_bytes, readable

_NO_FACTS = HarFacts()
_NOT_IN_URLS = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")


def to_entry(exchange: Exchange, frames: Sequence[Frame] = ()) -> dict[str, Any]:
    """The entry; bodies without content codings, binary ones in base64."""
    entry: dict[str, Any] = {
        "startedDateTime": iso_time(exchange.started_ns),
        "time": _total(exchange),
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {} if exchange.har is None else exchange.har.cache,
        "timings": _timings(exchange),
        "comment": exchange.note,
        "_hatchway": _own(exchange),
    }
    if exchange.har is not None and exchange.har.server:
        entry["serverIPAddress"] = exchange.har.server
    if exchange.har is not None and exchange.har.connection:
        entry["connection"] = exchange.har.connection
    if exchange.kind == "websocket":
        entry["_resourceType"] = "websocket"
    if frames:
        entry["_webSocketMessages"] = [to_message(frame) for frame in frames]
    return entry


def _request(exchange: Exchange) -> dict[str, Any]:
    url, har = _url(exchange), exchange.har or _NO_FACTS
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": url,
        "httpVersion": har.versions[0] or "HTTP/1.1",
        "cookies": request_cookies(exchange.request_headers),
        "headers": _headers(exchange.request_headers),
        "queryString": [{"name": name, "value": value} for name, value in query_pairs(_query(url))],
        "headersSize": har.sizes[0],
        "bodySize": har.sizes[1] if har.sizes[1] >= 0 else exchange.request_body.size,
    }
    if exchange.request_body.size:
        request["postData"] = _post_data(exchange)
    return request


def _post_data(exchange: Exchange) -> dict[str, Any]:
    content_type = exchange.request_header("content-type") or ""
    data = _plain(exchange.request_body, exchange.request_header("content-encoding"))
    text = to_text(data, content_type)
    post: dict[str, Any] = {"mimeType": content_type, "params": to_params(data, text, content_type)}
    if text is None:
        post |= {"text": base64.b64encode(data).decode(), "_encoding": "base64"}
    else:
        post["text"] = text
    if exchange.request_body.truncated:
        post["comment"] = f"cut: {exchange.request_body.kept} of {exchange.request_body.size} bytes were kept"
    return post


def _response(exchange: Exchange) -> dict[str, Any]:
    body, content_type = exchange.response_body, exchange.response_header("content-type") or ""
    har = exchange.har or _NO_FACTS
    data = _plain(body, exchange.response_header("content-encoding"))
    content: dict[str, Any] = {"size": len(data) if not body.truncated else body.size, "mimeType": content_type}
    text = to_text(data, content_type)
    if text is None:
        content |= {"text": base64.b64encode(data).decode(), "encoding": "base64"}
    elif text:
        content["text"] = text
    size = har.sizes[3] if har.sizes[3] >= 0 else body.size
    if not body.truncated and 0 < size < len(data):
        content["compression"] = len(data) - size
    if body.truncated:
        content["comment"] = f"cut: {body.kept} of {body.size} bytes were kept"
    return {
        "status": exchange.status or 0,
        "statusText": exchange.reason,
        "httpVersion": har.versions[1] or "HTTP/1.1",
        "cookies": response_cookies(exchange),
        "headers": _headers(exchange.response_headers),
        "content": content,
        "redirectURL": exchange.response_header("location") or "",
        "headersSize": har.sizes[2],
        "bodySize": size if exchange.status is not None else -1,
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
    bodies = (("request", exchange.request_body), ("response", exchange.response_body))
    if cut := {which: body.size for which, body in bodies if body.truncated}:
        own["cut"] = cut
    address = _address(exchange)
    if not exchange.target.isascii() or _NOT_IN_URLS.search(address) is not None:
        own["url"] = readable(address)
        for name, text in (("target", exchange.target), ("url", address)):
            if (raw := raw_bytes(text)) is not None:
                own[f"{name}Bytes"] = raw
    return own


def _timings(exchange: Exchange) -> dict[str, Any]:
    if exchange.har is not None and exchange.har.timings:
        return {"send": 0, "wait": 0, "receive": 0} | exchange.har.timings
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


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} if value.isascii() else _odd_header(name, value) for name, value in headers]


def _odd_header(name: str, value: str) -> dict[str, str]:
    header = {"name": name, "value": readable(value)}
    if (raw := raw_bytes(value)) is not None:
        header["_bytes"] = raw
    return header


def _query(url: str) -> str:
    return url.partition("#")[0].partition("?")[2]


def _address(exchange: Exchange) -> str:
    return exchange.public_url or exchange.upstream + exchange.target


def _url(exchange: Exchange) -> str:
    """What a URL cannot hold (RFC 3986) is percent-encoded, as browsers do it."""
    return _NOT_IN_URLS.sub(lambda found: quote(found[0].encode("latin-1", "replace"), safe=""), _address(exchange))


def _plain(body: Body, coding: str | None) -> bytes:
    return decode_body(body.data, coding).data if coding and body.kept else body.data


def _total(exchange: Exchange) -> float:
    return 0 if exchange.finished_ns is None else _ms(exchange.started_ns, exchange.finished_ns)


def _ms(start: int | None, end: int | None) -> float:
    return 0 if start is None or end is None else max(0, end - start) / 1e6

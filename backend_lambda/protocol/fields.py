"""The JSON fields of every message: one encoder and one validating decoder each, in two tables.

A decoder raises ProtocolError `malformed` with the name of the first field that is missing or wrong, and
`oversize` for heads above the limits. Text that could split a header or a request line never passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, get_args

from backend_lambda.protocol import messages as m
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.heads import check_headers, is_method, is_target
from backend_lambda.protocol.limits import (
    MAX_HEAD,
    MAX_ID,
    MAX_TARGET,
    PROTOCOL_VERSION,
    Limits,
)  # fmt: skip

Fields = dict[str, Any]

_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_ID}}}")
_CODE = re.compile(r"[a-z0-9_]{1,64}")
_ORIGIN = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff]*")
_URL = re.compile(r"https?://[!-~]+")  # it is shown, opened and copied, so it holds nothing but what a URL can hold
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # JSON can name halves of pairs, UTF-8 cannot


def _hello_out(x: m.Hello) -> Fields:
    o = x.options
    return {
        "type": "hello", "version": x.version, "tunnel": x.tunnel, "owner": x.owner, "agent": x.agent,
        "binary": x.binary, "upstream": o.upstream, "host_header": o.host_header,
        "forwarded": o.forwarded, "mode": o.mode,
    }  # fmt: skip


def _hello_in(f: Fields, _: bytes) -> m.Hello:
    version = _int(f, "version", 1)
    if version != PROTOCOL_VERSION:  # before anything that another version may spell otherwise
        raise ProtocolError("unsupported_version", f"{version} != {PROTOCOL_VERSION}")
    tunnel = f.get("tunnel")
    if tunnel is not None and not isinstance(tunnel, str):
        raise ProtocolError("malformed", "tunnel")
    upstream = _text(f, "upstream", 300)
    if not _ORIGIN.fullmatch(upstream):
        raise ProtocolError("malformed", "upstream")
    options = m.TunnelOptions(
        upstream=upstream,
        host_header=_choice(f, "host_header", ("upstream", "public"), "upstream"),
        forwarded=_choice(f, "forwarded", ("localhost", "aware"), "localhost"),
        mode=_choice(f, "mode", ("raw", "static", "app", "spa", "auto", "host"), "auto"),
    )
    return m.Hello(tunnel, _text(f, "owner", 200, 1), options, _text(f, "agent", 200), _flag(f, "binary"), version)


def _welcome_out(x: m.Welcome) -> Fields:
    n = x.limits
    return {
        "type": "welcome", "version": x.version, "tunnel": x.tunnel, "generation": x.generation,
        "urls": {"path": x.path_url, "host": x.host_url}, "scope": x.scope, "binary": x.binary,
        "limits": {
            "message": n.message, "inline": n.inline, "chunk": n.chunk, "window": n.window,
            "deadline": n.deadline, "ping": n.ping, "lifetime": n.lifetime,
        },
    }  # fmt: skip


def _welcome_in(f: Fields, _: bytes) -> m.Welcome:
    urls, limits = f.get("urls"), f.get("limits")
    if not isinstance(urls, dict) or not isinstance(limits, dict):
        raise ProtocolError("malformed", "urls or limits")
    host = urls.get("host")
    return m.Welcome(
        tunnel=_text(f, "tunnel", 63, 1),
        generation=_int(f, "generation", 1),
        path_url=_url(urls, "path"),
        host_url=None if host is None else _url(urls, "host"),
        scope=_choice(f, "scope", ("computer", "network", "internet")),
        limits=Limits(
            message=_int(limits, "message", 1024),
            inline=_int(limits, "inline", 0),
            chunk=_int(limits, "chunk", 1),
            window=None if limits.get("window") is None else _int(limits, "window", 1),
            deadline=_int(limits, "deadline", 1),
            ping=_int(limits, "ping", 1),
            lifetime=None if limits.get("lifetime") is None else _int(limits, "lifetime", 1),
        ),
        binary=_flag(f, "binary"),
        version=_int(f, "version", 1),
    )


def _request_out(x: m.Request) -> Fields:
    fields: Fields = {"type": "request", "id": x.id, "method": x.method, "target": x.target, "headers": x.headers}
    if not x.end:
        fields["end"] = False
    if x.kind != "http":
        fields["kind"] = x.kind
    fields["visitor"] = {"address": x.visitor.address, "url": x.visitor.url}
    fields["deadline"] = x.deadline
    return fields


def _request_in(f: Fields, body: bytes) -> m.Request:
    method, target, visitor = f.get("method"), f.get("target"), f.get("visitor", {})
    if not isinstance(method, str) or not is_method(method):
        raise ProtocolError("malformed", "method")
    if isinstance(target, str) and len(target) > MAX_TARGET:
        raise ProtocolError("oversize", "target")
    if not isinstance(target, str) or not is_target(target):
        raise ProtocolError("malformed", "target")
    if not isinstance(visitor, dict):
        raise ProtocolError("malformed", "visitor")
    return m.Request(
        _id(f), method, target, _headers(f), body, _flag(f, "end", True),
        _choice(f, "kind", get_args(m.Kind), "http"),
        m.Visitor(_text(visitor, "address", 200), _text(visitor, "url", MAX_HEAD)),
        _int(f, "deadline", 0, 0),
    )  # fmt: skip


def _response_out(x: m.Response) -> Fields:
    fields: Fields = {"type": "response", "id": x.id, "status": x.status, "headers": x.headers}
    if not x.end:
        fields["end"] = False
    return fields


def _response_in(f: Fields, body: bytes) -> m.Response:
    status = _int(f, "status", 100)
    if status > 999:  # RFC 9110 section 15: three digits; what is above 599 is the service's own business
        raise ProtocolError("malformed", "status")
    return m.Response(_id(f), status, _headers(f), body, _flag(f, "end", True))


def _data_out(x: m.Data) -> Fields:
    fields: Fields = {"type": "data", "id": x.id, "seq": x.seq}
    if x.text:
        fields["text"] = True
    if x.more:
        fields["more"] = True
    return fields


def _data_in(f: Fields, body: bytes) -> m.Data:
    return m.Data(_id(f), _int(f, "seq", 0), body, _flag(f, "text"), _flag(f, "more"))


def _end_out(x: m.End) -> Fields:
    fields: Fields = {"type": "end", "id": x.id, "seq": x.seq}
    if x.code is not None:
        fields["code"] = x.code
        fields["reason"] = x.reason
    return fields


def _end_in(f: Fields, _: bytes) -> m.End:
    code = f.get("code")
    if code is not None and (type(code) is not int or not 1000 <= code <= 4999):
        raise ProtocolError("malformed", "code")
    return m.End(_id(f), _int(f, "seq", 0), code, _text(f, "reason", 200))


def _plain_out(kind: str, *names: str) -> Callable[[Any], Fields]:
    def out(x: Any) -> Fields:
        fields = {"type": kind}
        for name in names:
            fields[name] = getattr(x, name)
        return fields

    return out


ENCODERS: dict[type, Callable[[Any], Fields]] = {
    m.Hello: _hello_out,
    m.Welcome: _welcome_out,
    m.Ping: _plain_out("ping", "id"),
    m.Pong: _plain_out("pong", "id"),
    m.Request: _request_out,
    m.Response: _response_out,
    m.Data: _data_out,
    m.End: _end_out,
    m.Window: _plain_out("window", "id", "bytes"),
    m.Error: _plain_out("error", "id", "code", "message"),
    m.Cancel: _plain_out("cancel", "id", "reason"),
    m.Goodbye: _plain_out("goodbye", "release", "reason"),
    m.Superseded: _plain_out("superseded", "generation"),
}

DECODERS: dict[str, Callable[[Fields, bytes], m.Message]] = {
    "hello": _hello_in,
    "welcome": _welcome_in,
    "ping": lambda f, _: m.Ping(_text(f, "id", MAX_ID)),
    "pong": lambda f, _: m.Pong(_text(f, "id", MAX_ID)),
    "request": _request_in,
    "response": _response_in,
    "data": _data_in,
    "end": _end_in,
    "window": lambda f, _: m.Window(_id(f), _int(f, "bytes", 1)),
    "error": lambda f, _: m.Error(_text(f, "id", MAX_ID), _code(f), _text(f, "message", 1000)),
    "cancel": lambda f, _: m.Cancel(_id(f), _text(f, "reason", 1000)),
    "goodbye": lambda f, _: m.Goodbye(_flag(f, "release"), _text(f, "reason", 1000)),
    "superseded": lambda f, _: m.Superseded(_int(f, "generation", 1)),
}


def _id(f: Fields) -> str:
    value = f.get("id")
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ProtocolError("malformed", "id")
    return value


def _code(f: Fields) -> str:
    value = f.get("code")
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise ProtocolError("malformed", "code")
    return value


def _int(f: Fields, name: str, least: int, default: int | None = None) -> int:
    value = f.get(name, default)
    # bool is an int in Python but not in JSON.
    if type(value) is not int or not least <= value <= 1 << 53:
        raise ProtocolError("malformed", name)
    return value


def _flag(f: Fields, name: str, default: bool = False) -> bool:
    value = f.get(name, default)
    if value is not True and value is not False:
        raise ProtocolError("malformed", name)
    return value


def _text(f: Fields, name: str, most: int, least: int = 0) -> str:
    value = f.get(name, "")
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise ProtocolError("malformed", name)
    if not value.isascii() and _SURROGATE.search(value):
        raise ProtocolError("malformed", name)
    return value


def _url(f: Fields, name: str) -> str:
    value = _text(f, name, 2000, 1)
    if not _URL.fullmatch(value):
        raise ProtocolError("malformed", f"urls.{name}")
    return value


def _choice(f: Fields, name: str, allowed: tuple[str, ...], default: str | None = None) -> Any:
    value = f.get(name, default)
    if value not in allowed or not isinstance(value, str):
        raise ProtocolError("malformed", name)
    return value


def _headers(f: Fields) -> m.Headers:
    raw = f.get("headers")
    if not isinstance(raw, list) or not set(map(type, raw)) <= {list}:
        raise ProtocolError("malformed", "headers")
    try:
        pairs = [(name, value) for name, value in raw]
    except ValueError:
        raise ProtocolError("malformed", "headers") from None
    check_headers(pairs)
    return pairs

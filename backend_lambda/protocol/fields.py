"""The JSON fields of every message: one encoder and one validating decoder each, in two tables.

A decoder raises ProtocolError `malformed` with the name of the first field that is missing or wrong, and
`oversize` for heads above the limits. Text that could split a header or a request line never passes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from backend_lambda.protocol import messages as m
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import MAX_HEAD, MAX_ID, PROTOCOL_VERSION, Limits
from backend_lambda.protocol.reading import (
    Fields,
    read_blob,
    read_blob_url,
    read_choice,
    read_code,
    read_counts,
    read_delta,
    read_flag,
    read_headers,
    read_id,
    read_int,
    read_method,
    read_origin,
    read_sha256,
    read_target,
    read_text,
    read_url,
    read_word,
    read_words,
)  # fmt: skip


def _hello_out(x: m.Hello) -> Fields:
    o = x.options
    return {
        "type": "hello", "version": x.version, "tunnel": x.tunnel, "owner": x.owner, "agent": x.agent,
        "binary": x.binary, "upstream": o.upstream, "host_header": o.host_header,
        "forwarded": o.forwarded, "mode": o.mode, "rewrite_oauth": o.rewrite_oauth,
        **({"blobs": True} if o.blobs else {}),
    }  # fmt: skip


def _hello_in(f: Fields, _: bytes) -> m.Hello:
    version = read_int(f, "version", 1)
    if version != PROTOCOL_VERSION:  # before anything that another version may spell otherwise
        raise ProtocolError("unsupported_version", f"{version} != {PROTOCOL_VERSION}")
    tunnel = f.get("tunnel")
    if tunnel is not None and not isinstance(tunnel, str):
        raise ProtocolError("malformed", "tunnel")
    options = m.TunnelOptions(
        upstream=read_origin(f, "upstream"),
        host_header=read_choice(f, "host_header", ("upstream", "public"), "upstream"),
        forwarded=read_choice(f, "forwarded", ("localhost", "aware"), "localhost"),
        mode=read_choice(f, "mode", get_args(m.Mode), "auto"),
        rewrite_oauth=read_flag(f, "rewrite_oauth"),
        blobs=read_flag(f, "blobs"),
    )
    return m.Hello(
        tunnel, read_text(f, "owner", 200, 1), options, read_text(f, "agent", 200), read_flag(f, "binary"), version
    )


def _welcome_out(x: m.Welcome) -> Fields:
    n = x.limits
    return {
        "type": "welcome", "version": x.version, "tunnel": x.tunnel, "generation": x.generation,
        "urls": {"path": x.path_url, "host": x.host_url}, "scope": x.scope, "binary": x.binary,
        "limits": {
            "message": n.message, "inline": n.inline, "chunk": n.chunk, "window": n.window,
            "deadline": n.deadline, "ping": n.ping, "lifetime": n.lifetime,
            **({} if n.frame is None else {"frame": n.frame}), **({"slots": True} if n.slots else {}),
            **({} if n.blob is None else {"blob": n.blob}),
            **({} if n.stream is None else {"stream": n.stream}),
        },
    }  # fmt: skip


def _welcome_in(f: Fields, _: bytes) -> m.Welcome:
    urls, limits = f.get("urls"), f.get("limits")
    if not isinstance(urls, dict) or not isinstance(limits, dict):
        raise ProtocolError("malformed", "urls or limits")
    host = urls.get("host")
    return m.Welcome(
        tunnel=read_text(f, "tunnel", 63, 1),
        generation=read_int(f, "generation", 1),
        path_url=read_url(urls, "path"),
        host_url=None if host is None else read_url(urls, "host"),
        scope=read_choice(f, "scope", ("computer", "network", "internet")),
        limits=Limits(
            message=read_int(limits, "message", 1024),
            inline=read_int(limits, "inline", 0),
            chunk=read_int(limits, "chunk", 1),
            window=None if limits.get("window") is None else read_int(limits, "window", 1),
            deadline=read_int(limits, "deadline", 1),
            ping=read_int(limits, "ping", 1),
            lifetime=None if limits.get("lifetime") is None else read_int(limits, "lifetime", 1),
            frame=None if limits.get("frame") is None else read_int(limits, "frame", 128),
            slots=read_flag(limits, "slots"),
            blob=None if limits.get("blob") is None else read_int(limits, "blob", 0),
            stream=None if limits.get("stream") is None else read_int(limits, "stream", 1),
        ),
        binary=read_flag(f, "binary"),
        version=read_int(f, "version", 1),
    )


def _request_out(x: m.Request) -> Fields:
    fields: Fields = {"type": "request", "id": x.id, "method": x.method, "target": x.target, "headers": x.headers}
    if not x.end:
        fields["end"] = False
    if x.kind != "http":
        fields["kind"] = x.kind
    visitor = fields["visitor"] = {"address": x.visitor.address, "url": x.visitor.url}
    if x.visitor.headers is not None:
        visitor["headers"] = x.visitor.headers
    if x.visitor.received:
        visitor["received"] = x.visitor.received
    fields["deadline"] = x.deadline
    if x.blob is not None:
        fields["blob"] = _blob_out(x.blob)
    if x.reply_url:
        fields["reply_url"] = x.reply_url
    return fields


def _request_in(f: Fields, body: bytes) -> m.Request:
    method, target, visitor = read_method(f), read_target(f, "target"), f.get("visitor", {})
    if not isinstance(visitor, dict):
        raise ProtocolError("malformed", "visitor")
    return m.Request(
        read_id(f), method, target, read_headers(f), body, read_flag(f, "end", True),
        read_choice(f, "kind", get_args(m.Kind), "http"),
        m.Visitor(
            read_text(visitor, "address", 200), read_text(visitor, "url", MAX_HEAD),
            None if visitor.get("headers") is None else read_delta(visitor), read_int(visitor, "received", 0, 0),
        ),
        read_int(f, "deadline", 0, 0), read_blob(f), read_blob_url(f, "reply_url"),
    )  # fmt: skip


def _response_out(x: m.Response) -> Fields:
    fields: Fields = {"type": "response", "id": x.id, "status": x.status, "headers": x.headers}
    if not x.end:
        fields["end"] = False
    if x.blob is not None:
        fields["blob"] = _blob_out(x.blob)
    return fields


def _blob_out(x: m.Blob) -> Fields:
    fields: Fields = {"size": x.size}
    if x.deflated:
        fields["z"] = True
    if x.url:
        fields["url"] = x.url
    return fields


def _response_in(f: Fields, body: bytes) -> m.Response:
    status = read_int(f, "status", 100)
    if status > 999:  # RFC 9110 section 15: three digits; what is above 599 is the service's own business
        raise ProtocolError("malformed", "status")
    return m.Response(read_id(f), status, read_headers(f), body, read_flag(f, "end", True), read_blob(f))


def _data_out(x: m.Data) -> Fields:
    fields: Fields = {"type": "data", "id": x.id, "seq": x.seq}
    if x.text:
        fields["text"] = True
    if x.more:
        fields["more"] = True
    if x.blob is not None:
        fields["blob"] = _blob_out(x.blob)
    return fields


def _data_in(f: Fields, body: bytes) -> m.Data:
    return m.Data(read_id(f), read_int(f, "seq", 0), body, read_flag(f, "text"), read_flag(f, "more"), read_blob(f))


def _window_out(x: m.Window) -> Fields:
    fields: Fields = {"type": "window", "id": x.id, "bytes": x.bytes}
    if x.reply_url:
        fields["reply_url"] = x.reply_url
    return fields


def _window_in(f: Fields, _: bytes) -> m.Window:
    url = read_blob_url(f, "reply_url")
    return m.Window(read_id(f), read_int(f, "bytes", 0 if url else 1), url)


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
    return m.End(read_id(f), read_int(f, "seq", 0), code, read_text(f, "reason", 200))


def _report_out(x: m.Report) -> Fields:
    fields: Fields = {
        "type": "report", "id": x.id, "kind": x.kind, "layers": x.layers, "edits": x.edits, "notes": x.notes,
    }  # fmt: skip
    if x.delivered is not None:
        d = x.delivered
        fields["delivered"] = {"status": d.status, "headers": d.headers}
        if d.sha256:
            fields["delivered"] |= {"size": d.size, "sha256": d.sha256}
    return fields


def _report_in(f: Fields, _: bytes) -> m.Report:
    given, delivered = f.get("delivered"), None
    if given is not None:
        if not isinstance(given, dict):
            raise ProtocolError("malformed", "delivered")
        status = read_int(given, "status", 100)
        if status > 999:
            raise ProtocolError("malformed", "status")
        sha256 = read_sha256(given, "sha256")
        delivered = m.Delivered(status, read_delta(given), read_int(given, "size", 0, 0), sha256)
    return m.Report(
        read_id(f), read_word(f, "kind"), read_words(f, "layers"), read_counts(f, "edits"), read_words(f, "notes"),
        delivered,
    )  # fmt: skip


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
    m.Window: _window_out,
    m.Error: _plain_out("error", "id", "code", "message"),
    m.Cancel: _plain_out("cancel", "id", "reason"),
    m.Goodbye: _plain_out("goodbye", "release", "reason"),
    m.Superseded: _plain_out("superseded", "generation"),
    m.Report: _report_out,
    m.Leak: _plain_out("leak", "method", "target", "page"),
}

DECODERS: dict[str, Callable[[Fields, bytes], m.Message]] = {
    "hello": _hello_in,
    "welcome": _welcome_in,
    "ping": lambda f, _: m.Ping(read_text(f, "id", MAX_ID)),
    "pong": lambda f, _: m.Pong(read_text(f, "id", MAX_ID)),
    "request": _request_in,
    "response": _response_in,
    "data": _data_in,
    "end": _end_in,
    "window": _window_in,
    "error": lambda f, _: m.Error(read_text(f, "id", MAX_ID), read_code(f), read_text(f, "message", 1000)),
    "cancel": lambda f, _: m.Cancel(read_id(f), read_text(f, "reason", 1000)),
    "goodbye": lambda f, _: m.Goodbye(read_flag(f, "release"), read_text(f, "reason", 1000)),
    "superseded": lambda f, _: m.Superseded(read_int(f, "generation", 1)),
    "report": _report_in,
    "leak": lambda f, _: m.Leak(read_method(f), read_target(f, "target"), read_target(f, "page")),
}

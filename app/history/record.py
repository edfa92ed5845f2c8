"""An `Exchange` as a row of the history and back; nothing is lost on the way."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import msgspec

from app.domain.exchange import Body, Delivered, Exchange, ExchangeState, HarFacts, Headers, Rewriting, VisitorRequest
from app.domain.frame import Frame
from app.domain.problems import Problem
from app.domain.tunnel import RewriteOptions
from app.domain.verdict import Verdict

Row = tuple[Any, ...]

COLUMNS = (
    "id", "session", "tunnel", "tunnel_id", "kind", "method", "state", "status",
    "started_ns", "sent_ns", "first_byte_ns", "finished_ns",
    "request_size", "request_kept", "request_body", "response_size", "response_kept", "response_body",
    "replay_of", "visitor", "upstream", "reason",
    "problem_code", "problem_title", "problem_side", "problem_hint",
    "target", "public_url", "request_headers", "response_headers", "leak", "rewriting",
    "relay_ns", "visitor_request", "delivered", "frames", "frames_lost", "verdict", "pinned", "note", "imported",
    "har", "options",
)  # fmt: skip

# What is settled when an exchange begins; the rest is written again when it ends.
_FIXED = {
    "id",
    "session",
    "tunnel",
    "tunnel_id",
    "kind",
    "method",
    "started_ns",
    "replay_of",
    "visitor",
    "upstream",
    "leak",
    "relay_ns",
    "visitor_request",
    "imported",
    "har",
    "options",
    # The user's, and set on their own.
    "verdict",
    "pinned",
    "note",
}

# An exchange that ended does not change any more; only a wrong guess that its process had died is corrected.
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in _FIXED)
UPSERT = (
    f"INSERT INTO exchanges ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 (constants)
    f" ON CONFLICT (id) DO UPDATE SET {_CHANGES}"
    " WHERE state = 'running' OR problem_code = 'interrupted'"
)

REWRITTEN = "UPDATE exchanges SET rewriting = ?, delivered = coalesce(?, delivered) WHERE id = ?"

COUNT_FRAMES = "UPDATE exchanges SET frames = max(frames, ?) WHERE id = ?"
FRAME_COLUMNS = "number, direction, kind, time_ns, size, code, data"
ADD_FRAME = f"INSERT OR IGNORE INTO frames (exchange, {FRAME_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608

_STATES = {state.value: state for state in ExchangeState}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Headers).decode
_decode_rewriting = msgspec.json.Decoder(Rewriting).decode
_decode_visitor_request = msgspec.json.Decoder(VisitorRequest).decode
_decode_har = msgspec.json.Decoder(HarFacts).decode
_decode_delivered = msgspec.json.Decoder(Delivered).decode
# Of the same tunnel they are mostly equal, and need not be many objects in a long list.
_decode_options = lru_cache(maxsize=64)(msgspec.json.Decoder(RewriteOptions).decode)
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


def to_row(exchange: Exchange, session: int, *, request_body: int | None, response_body: int | None) -> Row:
    """The row of an exchange that is over; the bodies are given by their row numbers in `bodies`."""
    problem = exchange.problem
    sent, received = exchange.request_body, exchange.response_body
    return (
        exchange.id, session, exchange.tunnel, exchange.tunnel_id, exchange.kind, exchange.method,
        exchange.state.value, exchange.status,
        exchange.started_ns, exchange.sent_ns, exchange.first_byte_ns, exchange.finished_ns,
        sent.size, sent.kept, request_body, received.size, received.kept, response_body,
        exchange.replay_of, exchange.visitor, exchange.upstream, exchange.reason,
        problem and problem.code, problem and problem.title, problem and problem.side, problem and problem.hint,
        exchange.target, exchange.public_url,
        encode_headers(exchange.request_headers), encode_headers(exchange.response_headers),
        exchange.leak, encode(exchange.rewriting), *_later(exchange),
    )  # fmt: skip


def to_running_row(exchange: Exchange, session: int) -> Row:
    """The row of an exchange in flight: heads only, because its bodies still grow on the event loop."""
    return (
        exchange.id, session, exchange.tunnel, exchange.tunnel_id, exchange.kind, exchange.method,
        "running", exchange.status,
        exchange.started_ns, exchange.sent_ns, exchange.first_byte_ns, None,
        exchange.request_body.size, 0, None, exchange.response_body.size, 0, None,
        exchange.replay_of, exchange.visitor, exchange.upstream, exchange.reason,
        None, None, None, None,
        exchange.target, exchange.public_url,
        encode_headers(exchange.request_headers), encode_headers(exchange.response_headers),
        exchange.leak, encode(exchange.rewriting), *_later(exchange),
    )  # fmt: skip


def from_row(row: Row, request_data: bytes | None = None, response_data: bytes | None = None) -> Exchange:
    """The exchange of a row (in the order of COLUMNS); without data its bodies only know their size."""
    (
        id_, _session, tunnel, tunnel_id, kind, method, state, status,
        started_ns, sent_ns, first_byte_ns, finished_ns,
        request_size, request_kept, _request_body, response_size, response_kept, _response_body,
        replay_of, visitor, upstream, reason,
        code, title, side, hint,
        target, public_url, request_headers, response_headers, leak, rewriting,
        relay_ns, visitor_request, delivered, frames, frames_lost, verdict, pinned, note, imported, har,
        options,
    ) = row  # fmt: skip
    return Exchange(
        tunnel=tunnel,
        tunnel_id=tunnel_id,
        method=method,
        target=target,
        upstream=upstream,
        request_headers=decode_headers(request_headers),
        id=id_,
        kind=kind,
        public_url=public_url,
        visitor=visitor,
        replay_of=replay_of,
        request_body=Body(request_data or b"", size=request_size, recorded=request_kept),
        status=status,
        reason=reason,
        response_headers=decode_headers(response_headers),
        response_body=Body(response_data or b"", size=response_size, recorded=response_kept),
        state=_STATES[state],
        problem=None if code is None else Problem(code, title, side, hint),
        started_ns=started_ns,
        sent_ns=sent_ns,
        first_byte_ns=first_byte_ns,
        finished_ns=finished_ns,
        leak=leak,
        rewriting=None if rewriting is None else _decode_rewriting(rewriting),
        relay_ns=relay_ns,
        visitor_request=None if visitor_request is None else _decode_visitor_request(visitor_request),
        delivered=None if delivered is None else _decode_delivered(delivered),
        frames=frames,
        frames_lost=frames_lost,
        verdict=_VERDICTS.get(verdict),
        pinned=bool(pinned),
        note=note,
        imported=bool(imported),
        har=None if har is None else _decode_har(har),
        options=None if options is None else _decode_options(options),
    )


def _later(exchange: Exchange) -> Row:
    """The values of the columns that the third version added, and later ones."""
    verdict = exchange.verdict
    return (
        exchange.relay_ns, encode(exchange.visitor_request), encode(exchange.delivered),
        exchange.frames, exchange.frames_lost, verdict and verdict.value,
        int(exchange.pinned), exchange.note, int(exchange.imported), encode(exchange.har),
        encode(exchange.options),
    )  # fmt: skip


def to_frame_row(exchange_id: str, frame: Frame) -> Row:
    """The values of ADD_FRAME."""
    return (
        exchange_id, frame.number, frame.direction, frame.kind, frame.time_ns, frame.size, frame.code, frame.data,
    )  # fmt: skip


def from_frame_row(row: Row) -> Frame:
    """The frame of a row with FRAME_COLUMNS."""
    number, direction, kind, time_ns, size, code, data = row
    return Frame(number, direction, kind, time_ns, data, size, code)


def encode(value: Rewriting | VisitorRequest | Delivered | HarFacts | RewriteOptions | None) -> str | None:
    """JSON text of an object with the fields of the value; None stays None."""
    return None if value is None else _encode(value).decode()


def encode_headers(headers: Headers) -> str:
    """JSON text `[[name, value], …]`."""
    try:
        return _encode(headers).decode()
    except UnicodeEncodeError:  # lone surrogates: not latin-1, but nothing may be lost
        return json.dumps(headers)


@lru_cache(maxsize=1024)
def decode_headers(text: str) -> Headers:
    """The inverse of `encode_headers`. Clients repeat themselves: equal headers are one object in a long list."""
    try:
        return _decode(text)
    except msgspec.DecodeError:
        return tuple((name, value) for name, value in json.loads(text))

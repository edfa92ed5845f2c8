"""The fields of the filter language: one table for the parser, completion and documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.webhook import SIGNATURE_HEADERS

Kind = Literal["word", "text", "status", "size", "duration", "header", "json", "choice"]


@dataclass(frozen=True, slots=True)
class Field:
    """name: canonical; kind: how its value is read; help: one sentence; aliases: other tools' names for it

    choices: the only values there are; samples: some of many; counted: completion offers what was seen
    """

    name: str
    kind: Kind
    help: str
    example: str
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    counted: bool = False
    samples: tuple[str, ...] = ()


IS = (
    "running", "done", "failed", "cancelled", "error", "replay", "websocket", "http", "sse", "pinned", "imported",
    "rewritten",
)  # fmt: skip
HAS = ("response", "problem", "leak", "note", "verdict", "frames", "req.body", "resp.body")
VERDICTS = ("same", "changed", "fixed", "still-failing", "regressed")
SIGNATURE_STATES: tuple[str, ...] = ("valid", "invalid", "expired", "unchecked")
SIGNATURES = (*SIGNATURE_STATES, "any", *SIGNATURE_HEADERS)
STATUSES = ("2xx", "3xx", "4xx", "5xx", ">=400")
SIZES = (">10kb", ">100kb", ">1mb", "0")
TIMES = (">100ms", ">500ms", ">1s", ">10s")
AGES = ("<5m", "<1h", "<1d", "<7d")

FIELDS: tuple[Field, ...] = (
    Field("method", "word", "Request method", "method:POST", counted=True),
    Field(
        "status",
        "status",
        "Status code, class or range",
        "status:5xx",
        ("status-code",),
        counted=True,
        samples=STATUSES,
    ),
    Field("path", "text", "Path and query", "path:/api/*", ("target",), counted=True),
    Field("host", "text", "Host of the public URL", "host:localhost", ("domain",), counted=True),
    Field("url", "text", "The public URL", "url:/shop/"),
    Field("type", "text", "Content type of the answer", "type:json", ("mime-type",), counted=True),
    Field("req.type", "text", "Content type of the request", "req.type:form", counted=True),
    Field("size", "size", "Size of the answer's body", "size:>1mb", ("resp.size",), samples=SIZES),
    Field("req.size", "size", "Size of the request's body", "req.size:>0", samples=SIZES),
    Field("duration", "duration", "From arrival to the last byte", "duration:>500ms", samples=TIMES),
    Field("age", "duration", "How long ago it arrived", "age:<5m", samples=AGES),
    Field("header", "header", "A header of request or answer", "header:etag", counted=True),
    Field("req.header", "header", "A header of the request", "req.header:user-agent=curl", counted=True),
    Field(
        "resp.header",
        "header",
        "A header of the answer",
        "resp.header:x-cache=hit",
        ("has-response-header",),
        counted=True,
    ),
    Field("body", "text", "Text in either body", "body:card_declined"),
    Field("req.body", "text", "Text in the request's body", 'req.body:"amount"'),
    Field("resp.body", "text", "Text in the answer's body", "resp.body:/error.{0,20}timeout/"),
    Field("text", "text", "Text in URL, headers or bodies", "text:invoice"),
    Field("json", "json", "A value in either JSON body", "json:.error.code=card_declined"),
    Field("req.json", "json", "A value in the request's JSON", "req.json:.amount>100"),
    Field("resp.json", "json", "A value in the answer's JSON", "resp.json:.items[].id=7"),
    Field("tunnel", "text", "Name of the tunnel", "tunnel:shop", counted=True),
    Field("upstream", "text", "Address of the service", "upstream::3000", counted=True),
    Field("visitor", "text", "Address of the visitor", "visitor:127.0.0.1", ("remote-address",), counted=True),
    Field("is", "choice", "What kind of exchange it is", "is:error", choices=IS, counted=True),
    Field("has", "choice", "What there is", "has:leak", choices=HAS, counted=True),
    Field("replay-of", "word", "Replays of that exchange", "replay-of:0rmw3k5t8zq1"),
    Field("verdict", "choice", "What a replay showed", "verdict:regressed", choices=VERDICTS, counted=True),
    Field(
        "sig",
        "choice",
        "A webhook's signature: its provider, or its worth on arrival",
        "sig:invalid",
        ("signature",),
        choices=SIGNATURES,
        counted=True,
    ),
    Field("ws", "text", "Text in a WebSocket message or server-sent event", "ws:subscribe", ("frame",)),
    Field("note", "text", "Text in your note", "note:flaky", ("comment",)),
    Field("problem", "text", "Words of the problem", "problem:refused"),
    Field("id", "word", "The exchange with that id", "id:0rmw3k5t8zq1"),
    Field("any", "text", "Method, URL or status; what a bare word means", "any:pay"),
)

BY_NAME: dict[str, Field] = {name: field for field in FIELDS for name in (field.name, *field.aliases)}

LARGER_THAN = "larger-than"
"""Chrome's word for `size:>…`."""

BODY_FIELDS = frozenset({"body", "req.body", "resp.body", "text", "json", "req.json", "resp.json"})

LONG_TEXTS = frozenset({"any", "body", "req.body", "resp.body", "text", "ws", "note", "problem"})
"""Texts of which nobody gives the whole: wildcards are for a part of them."""

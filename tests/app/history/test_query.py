"""SQL finds exactly what `Filter.matches` accepts."""

from __future__ import annotations

import gzip
import sqlite3
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.exchange import Body, Exchange, ExchangeState, Rewriting
from app.domain.frame import Frame
from app.domain.problems import Problem
from app.domain.verdict import Verdict
from app.domain.webhook import SignatureState, signature_scheme
from app.filter.fields import SIGNATURES
from app.filter.filter import parse
from app.filter.tree import And, Node, Not, Or
from app.history import schema
from app.history.query import compile_query
from app.history.record import ADD_FRAME, UPSERT, to_frame_row, to_row
from tests.app.filter.test_match import MATCHING

REFUSED = Problem("upstream_refused", "Nothing listens", "you")
SSE = ("Content-Type", "text/event-stream")
JSON, HTML = (
    (("Content-Type", "application/json"),),
    (("content-type", "text/html; charset=iso-8859-1"), ("X-Id", 'a"b')),
)


def sample() -> list[Exchange]:
    def make(number: int, **changes: object) -> Exchange:
        values: dict[str, object] = {
            "tunnel": "shop",
            "tunnel_id": "t1",
            "method": "GET",
            "target": f"/api/{number}",
            "upstream": "http://localhost:3000",
            "public_url": f"http://127.0.0.1:4780/shop/api/{number}",
            "visitor": "10.0.0.7",
            "state": ExchangeState.DONE,
            "started_ns": time.time_ns() - number * 60_000_000_000,
        }
        made = Exchange(**values | changes)  # type: ignore[arg-type]
        if made.state is not ExchangeState.RUNNING:
            made.finished_ns = made.started_ns + number * 150_000_000
        return made

    pay = b'{"amount": 100, "items": [{"id": 7}, {"id": "8"}], "ok": true, "none": null, "gr\\u00f6\\u00dfe": 1}'
    return [
        make(0, state=ExchangeState.RUNNING),
        make(1, method="POST", target="/api/pay?id=1", status=502, request_headers=JSON, request_body=Body(pay)),
        make(2, status=200, response_headers=HTML, response_body=Body("<h1>Größe DECLINED</h1>".encode("latin-1"))),
        make(
            3,
            status=404,
            response_headers=(*JSON, ("Content-Encoding", "gzip")),
            response_body=Body(gzip.compress(pay)),
        ),
        make(4, state=ExchangeState.FAILED, problem=REFUSED, note="Größe"),
        make(5, status=200, replay_of="abc", verdict=Verdict.FIXED, pinned=True, leak="/x", rewriting=Rewriting()),
        make(6, kind="websocket", status=101, frames=2, target="/größe".encode().decode("latin-1"), imported=True),
        make(
            7,
            status=200,
            response_headers=(SSE,),
            public_url="http://SHOP.localhost:1/%",
        ),
        make(9, request_headers=(("Stripe-Signature", "t=1"),), request_body=Body(b"right"), method="POST"),
        make(10, request_headers=(("webhook-ID", "1"), ("Webhook-Timestamp", "2"), ("webhook-signature", "svix-id"))),
        make(11, request_headers=(("X-Twilio-Signature", "x"),), request_body=Body(b"ab", size=9), tunnel="50%_"),
        make(12, request_headers=(("svix-id", "half of it"), ("X-A", "x-slack-signature"))),
        make(8, status=301, request_headers=(("X-Id", "Seven"), ("x-id", "50%_\\")), tunnel="50%_", visitor="::1"),
    ]


TEXTS = (
    *MATCHING,
    "50%",
    "_",
    "\\",
    "größe",
    "body:größe",
    "json:.größe",
    "note:Größe",
    "host:shop",
    "host:=shop.localhost:1",
    "type:event",
    "is:sse",
    "is:websocket",
    "is:running",
    "is:failed",
    "is:imported",
    "is:pinned",
    "is:rewritten",
    "has:leak",
    "has:frames",
    "has:req.body",
    "has:resp.body",
    "verdict:fixed",
    "replay-of:abc",
    "duration:150ms-600ms",
    "duration:>0",
    "age:>150s",
    "age:<1h",
    "status:200",
    "status:<300",
    'header:x-id=a"b',
    "req.header:x-id=50%",
    "resp.header:x-id",
    "type:=application/json",
    "type:*json*",
    "req.type:json",
    "path:*",
    "note:*",
    "problem:refused",
    "body:*",
    "json:.",
    "ws:subscribe",
    "tunnel:50%",
    "upstream:=http://localhost:3000",
    "text:gröss",
    "text:seven",
    "header:/json/",
    "size:0",
    "req.size:>5",
    "visitor:/^::/",
    "path:/api.\\d$/",
    "id:x",
    *(f"sig:{choice}" for choice in SIGNATURES),
)


def check(request: Exchange) -> SignatureState:
    """Some answer that needs all that a check looks at."""
    if request.request_body.truncated and request.tunnel == "50%_" and request.tunnel_id == "t1":
        return "unchecked"
    if request.request_body.data == b"right" and request.state is ExchangeState.DONE:
        return "valid"
    named = request.public_url.endswith(request.target) and request.started_ns < time.time_ns()
    return "expired" if named and signature_scheme(request.request_headers) == "webhook" else "invalid"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sqlite3.Connection, list[Exchange]]]:
    connection = schema.connect(tmp_path_factory.mktemp("history") / "h.db")
    schema.migrate(connection)
    exchanges = sample()
    for number, exchange in enumerate(exchanges):
        for place, body in enumerate((exchange.request_body, exchange.response_body)):
            if body.data:
                key = 2 * number + place + 1
                connection.execute(
                    "INSERT INTO bodies (id, hash, data) VALUES (?, ?, ?)", (key, bytes([key]), body.data)
                )
        request = 2 * number + 1 if exchange.request_body.data else None
        response = 2 * number + 2 if exchange.response_body.data else None
        connection.execute(UPSERT, to_row(exchange, 1, request_body=request, response_body=response))
    for frame in FRAMES:
        connection.execute(ADD_FRAME, to_frame_row(exchanges[6].id, frame))
    yield connection, exchanges
    connection.close()


FRAMES = [
    Frame(0, "visitor", "text", 1, b'{"type":"subscribe"}', 20),
    Frame(1, "upstream", "binary", 2, b"\xff\x00", 2),
]


def found(connection: sqlite3.Connection, tree: Node) -> set[str]:
    query = compile_query(tree, check)
    query.prepare(connection)
    return {id_ for (id_,) in connection.execute(f"SELECT id FROM exchanges WHERE {query.sql}", query.values)}


def expected(exchanges: list[Exchange], text: str) -> set[str]:
    wanted = parse(text).checking(check)
    return {each.id for each in exchanges if wanted.matches(each, FRAMES if each.frames else ())}


@pytest.mark.parametrize("text", TEXTS, ids=str)
def test_sql_finds_what_matches(stored: tuple[sqlite3.Connection, list[Exchange]], text: str) -> None:
    connection, exchanges = stored
    assert found(connection, parse(text).tree) == expected(exchanges, text)
    negated = f"NOT ({text or '~all'})"
    assert found(connection, parse(negated).tree) == expected(exchanges, negated)


# A quote that is not closed takes what follows along.
LEAVES = st.sampled_from([text for text in TEXTS if text.count('"') % 2 == 0]).map(lambda text: f"({text or '~all'})")
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map("-{}".format),
        st.tuples(inner, inner).map("({0[0]} OR {0[1]})".format),
        st.tuples(inner, inner).map("({0[0]} {0[1]})".format),
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(text=TREES)
def test_sql_finds_what_any_combination_matches(stored: tuple[sqlite3.Connection, list[Exchange]], text: str) -> None:
    connection, exchanges = stored
    assert found(connection, parse(text).tree) == expected(exchanges, text)


def test_cheap_questions_are_asked_first(stored: tuple[sqlite3.Connection, list[Exchange]]) -> None:
    sql = compile_query(parse("body:x status:5xx type:html").tree).sql
    assert sql.index("status") < sql.index("hw_2(") < sql.index("bodies")


def test_an_empty_or_finds_nothing_and_an_empty_and_everything(
    stored: tuple[sqlite3.Connection, list[Exchange]],
) -> None:
    connection, exchanges = stored
    assert found(connection, Or(())) == set()
    assert found(connection, And(())) == {each.id for each in exchanges} == found(connection, Not(Or(())))

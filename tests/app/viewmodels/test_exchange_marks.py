from __future__ import annotations

import pytest

from app.domain.exchange import Body, Exchange
from app.viewmodels.exchange_marks import Mark, cut_words, marks
from app.viewmodels.exchange_row import ExchangeRow, without_bodies
from tests.app.fake_workspace import an_exchange


def cut(size: int, kept: int) -> Exchange:
    exchange = an_exchange("POST", "/upload")
    exchange.request_body = Body(b"x" * kept, size=size, limit=kept)
    return exchange


def test_an_ordinary_exchange_has_none() -> None:
    assert marks(an_exchange(body=b"a", answer=b"b")) == ()


def test_all_marks_that_apply_stand_side_by_side() -> None:
    exchange = cut(10, 4)
    exchange.pinned, exchange.note, exchange.replay_of, exchange.leak = True, "odd", "x", "/cart"
    assert marks(exchange) == tuple(Mark)
    exchange.note, exchange.leak = "", None
    assert marks(exchange) == (Mark.PINNED, Mark.REPLAY, Mark.CUT)


@pytest.mark.parametrize(
    ("size", "kept", "words"),
    [
        (10, 10, ""),
        (0, 0, ""),
        (5_000_000, 1_000_000, "Kept of the request's body: the first 1.0 MB of 5.0 MB"),
        (412, 0, "Not kept: the body of the request (412 B)"),
    ],
)
def test_what_was_not_kept_is_told_with_and_without_the_bodies(size: int, kept: int, words: str) -> None:
    exchange = cut(size, kept)
    assert cut_words(exchange) == words
    outline = without_bodies(exchange)
    assert outline.request_body.data == b""
    assert cut_words(outline) == words
    row = ExchangeRow(outline, recorded=True)
    assert (Mark.CUT in row.marks) == bool(words)
    assert ("not kept as a whole" in row.accessible) == bool(words)


def test_both_bodies_are_told_each_on_its_line() -> None:
    exchange = cut(10, 4)
    exchange.response_body = Body(size=7)
    assert cut_words(exchange).splitlines() == [
        "Kept of the request's body: the first 4 B of 10 B",
        "Not kept: the body of the answer (7 B)",
    ]


def test_what_still_runs_is_not_judged() -> None:
    exchange = cut(10, 4)
    exchange.finished_ns = None
    assert marks(exchange) == ()


def test_messages_of_a_websocket_are_counted_not_its_bytes() -> None:
    exchange = an_exchange("GET", "/ws", 101)
    exchange.kind, exchange.frames = "websocket", 12
    exchange.response_body = Body(size=4_000)
    assert marks(exchange) == ()
    exchange.frames_lost = 3
    assert cut_words(exchange) == "Not kept: 3 of 12 messages"

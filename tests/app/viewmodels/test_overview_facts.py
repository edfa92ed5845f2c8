from __future__ import annotations

import gzip

import pytest

from app.domain.exchange import Body, Delivered, Exchange, ExchangeState
from app.viewmodels.overview_facts import DecodedSizes, decoded_sizes, has_codings, overview
from tests.app.fake_workspace import an_exchange


def facts(exchange: Exchange) -> dict[str, str]:
    return {fact.label: fact.value for fact in overview(exchange)}


def test_overview_of_a_finished_exchange() -> None:
    exchange = an_exchange("POST", "/pay?x=1", 502, body=b"abc", answer=b"x" * 1500)
    exchange.reason = "Bad Gateway"
    known = facts(exchange)
    assert known["Request"] == "POST /pay?x=1"
    assert known["Public URL"] == "http://shop.localhost:4780/pay?x=1"
    assert known["Answer"] == "502 Bad Gateway"
    assert known["Request body"] == "3 B"
    assert known["Response body"] == "1.5 kB"
    assert known["Received"].endswith("took 31 ms")


def test_overview_of_a_running_replay() -> None:
    exchange = an_exchange(status=None)
    exchange.replay_of = "x"
    known = facts(exchange)
    assert known["State"] == "Waiting for the answer"
    assert known["Visitor"] == "replayed from here"
    assert "Public URL" not in known
    assert "Answer" not in known


def test_the_overview_says_who_answered() -> None:
    exchange = an_exchange()
    assert facts(exchange)["Answered by"] == "your service"
    exchange.imported = True
    assert facts(exchange)["Answered by"] == "imported from a file"
    refused = an_exchange(status=None)
    assert "Answered by" not in facts(refused)
    refused.state = ExchangeState.FAILED
    assert facts(refused)["Answered by"] == "Hatchway, with an error page"
    refused.replay_of = "x"
    assert "Answered by" not in facts(refused)


def gzipped(answer: bytes) -> Exchange:
    exchange = an_exchange(answer=gzip.compress(answer))
    exchange.response_headers = (*exchange.response_headers, ("Content-Encoding", "gzip"))
    return exchange


def test_sizes_are_told_on_the_wire_and_decoded() -> None:
    exchange = gzipped(b"x" * 5000)
    wire = exchange.response_body.size
    assert has_codings(exchange)
    assert facts(exchange)["Response body"] == f"{wire} B on the wire (gzip)"
    decoded = decoded_sizes(exchange)
    assert decoded == DecodedSizes(None, 5000)
    words = {fact.label: fact.value for fact in overview(exchange, decoded)}
    assert words["Response body"] == f"{wire} B on the wire (gzip), 5.0 kB decoded"
    assert words["Request body"] == "none"


def test_the_decoded_size_of_a_broken_or_cut_body_is_unknown() -> None:
    exchange = gzipped(b"x" * 5000)
    whole = exchange.response_body.data
    exchange.response_body = Body(whole[:-5])
    assert decoded_sizes(exchange).response == 5000, "only the check sum is missing, yet all of the data is there"
    exchange.response_body = Body(b"no gzip")
    assert decoded_sizes(exchange) == DecodedSizes()
    exchange.response_body = Body(whole[:20], size=len(whole))
    assert decoded_sizes(exchange) == DecodedSizes()
    assert facts(exchange)["Response body"].endswith("(gzip); 20 B kept")


@pytest.mark.parametrize("coding", ["identity", " Identity ", ""])
def test_identity_is_no_coding(coding: str) -> None:
    exchange = an_exchange(answer=b"abc")
    exchange.response_headers = (("Content-Encoding", coding),)
    assert not has_codings(exchange)
    assert facts(exchange)["Response body"] == "3 B"


def test_what_was_delivered_is_told_where_it_differs() -> None:
    exchange = an_exchange(answer=b"abc")
    assert "Delivered" not in facts(exchange)
    exchange.delivered = Delivered(200, (), 3)
    assert "Delivered" not in facts(exchange)
    exchange.delivered = Delivered(200, (), 5)
    assert facts(exchange)["Delivered"] == "5 B (see Stages)"
    exchange.delivered = Delivered(304, (), 0)
    assert facts(exchange)["Delivered"] == "304 instead of 200, 0 B (see Stages)"

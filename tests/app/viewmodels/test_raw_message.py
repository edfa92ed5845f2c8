from __future__ import annotations

from app.domain.exchange import Body
from app.viewmodels.raw_message import raw_exchange
from tests.app.fake_workspace import an_exchange


def test_both_messages_in_full() -> None:
    exchange = an_exchange("POST", "/pay", 502, body=b"a=1", answer=b"{}", request_headers=(("Host", "x"),))
    exchange.reason = "Bad Gateway"
    assert raw_exchange(exchange, complete=True).text == (
        "POST /pay HTTP/1.1\nHost: x\n\na=1\n\n\nHTTP/1.1 502 Bad Gateway\nContent-Type: application/json\n\n{}"
    )


def test_binary_and_cut_bodies_are_described() -> None:
    exchange = an_exchange(body=b"\x1f\x8b\xff\x00", answer=b"abc")
    exchange.response_body = Body("ü".encode()[:1] and b"ab\xc3", size=9000)
    text = raw_exchange(exchange, complete=True).text
    assert "[4 B of binary data]" in text
    assert text.endswith("ab\n[… 9.0 kB in all]")


def test_a_running_exchange_has_no_answer_yet() -> None:
    assert raw_exchange(an_exchange(status=None), complete=True).text == "GET / HTTP/1.1\n"

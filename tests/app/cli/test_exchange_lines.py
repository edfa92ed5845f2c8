from __future__ import annotations

import pytest

from app.cli.exchange_lines import human_size, outcome_fields, request_fields, request_line, rewritten_event
from app.cli.output import printable
from app.domain.events import ExchangeRewritten
from app.domain.exchange import Body, Exchange, ExchangeState, Rewriting
from app.domain.problems import Problem


def exchange(**changes: object) -> Exchange:
    made = Exchange("shop", "id", "GET", "/a", "http://localhost:1", id="74dy7d3k0m2e", started_ns=10**9)
    made.state, made.status, made.finished_ns = ExchangeState.DONE, 200, 10**9 + 12_345_678
    made.response_body = Body(b"x" * 10, size=4100)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_the_line_of_a_request() -> None:
    line = request_line(exchange(), colour=False)
    assert line[8:] == "  200      12 ms    4.1 kB  74dy7d3k0m2e  GET /a"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"state": ExchangeState.RUNNING, "status": None, "finished_ns": None}, "…"),
        ({"state": ExchangeState.RUNNING, "finished_ns": None}, "200…"),
        ({"state": ExchangeState.CANCELLED}, "gone"),
        ({"state": ExchangeState.FAILED, "status": None}, "fail"),
        ({"state": ExchangeState.FAILED}, "200!"),
        ({"status": 503}, "503"),
    ],
)
def test_the_word_for_its_state(changes: dict[str, object], word: str) -> None:
    assert request_line(exchange(**changes), colour=False).split()[1] == word


def test_a_leak_is_marked_and_says_who_asked() -> None:
    line = request_line(exchange(leak="/cart\x1b[2J"), colour=False)
    assert line.endswith("GET /a  ⚠ came without the prefix, asked by /cart\\x1b[2J")
    assert "\x1b[33m⚠\x1b[0m" in request_line(exchange(leak="/"), colour=True)
    failed = exchange(leak="/", state=ExchangeState.FAILED, problem=Problem("x", "It broke", "relay"))
    first, second = request_line(failed, colour=False).splitlines()
    assert "asked by /" in first
    assert "It broke" in second


def test_what_rewriting_did_as_json() -> None:
    rewriting = Rewriting("html", ("L0", "L1"), {"url": 2}, ("charset",))
    fields = {"kind": "html", "layers": ["L0", "L1"], "edits": {"url": 2}, "notes": ["charset"]}
    assert outcome_fields(exchange(rewriting=rewriting))["rewriting"] == fields
    assert outcome_fields(exchange())["rewriting"] is None
    assert rewritten_event(ExchangeRewritten("e1", "t1", "shop", rewriting)) == {
        "event": "request.rewritten",
        "id": "e1",
        "tunnel": "shop",
        "rewriting": fields,
    }
    assert request_fields(exchange(leak="/cart"))["leak"] == "/cart"


def test_colours_only_where_wanted() -> None:
    assert "\x1b[31m" in request_line(exchange(status=500), colour=True)
    assert "\x1b" not in request_line(exchange(status=500), colour=False)


def test_nothing_of_a_visitor_steers_the_terminal() -> None:
    problem = Problem("upstream_invalid", "odd \x1b[2J answer", "your service")
    line = request_line(
        exchange(target="/\x1b[2J\r\x85\x00", state=ExchangeState.FAILED, problem=problem), colour=False
    )
    assert "/\\x1b[2J\\x0d\\x85\\x00" in line
    assert all(char.isprintable() or char == "\n" for char in line)
    assert printable("/ä?x=%00") == "/ä?x=%00"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_951, "1.0 MB"),
        (2_500_000_000, "2.5 GB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert human_size(size) == text


def test_times_are_seconds_and_durations_milliseconds() -> None:
    assert request_fields(exchange())["time"] == 1.0
    assert outcome_fields(exchange())["duration_ms"] == 12.346
    assert outcome_fields(exchange(finished_ns=None))["duration_ms"] is None
    assert outcome_fields(exchange())["response_bytes"] == 4100

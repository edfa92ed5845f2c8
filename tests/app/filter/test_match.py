from __future__ import annotations

import gzip
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Body, Exchange, ExchangeState, Rewriting
from app.domain.frame import Frame
from app.domain.problems import Problem
from app.domain.verdict import Verdict
from app.filter.filter import EVERYTHING, parse
from app.filter.parser import FilterError


def exchange(**changes: Any) -> Exchange:
    values: dict[str, Any] = {
        "tunnel": "shop",
        "tunnel_id": "t1",
        "method": "POST",
        "target": "/api/pay?id=1",
        "upstream": "http://localhost:3000",
        "public_url": "http://127.0.0.1:4780/shop/api/pay?id=1",
        "visitor": "10.0.0.7",
        "status": 502,
        "request_headers": (("Content-Type", "application/json"), ("X-Id", "Seven")),
        "response_headers": (("Content-Type", "text/html; charset=utf-8"),),
        "request_body": Body(b'{"amount": 100, "items": [{"id": 7}, {"id": "8"}], "ok": true, "none": null}'),
        "response_body": Body(b"<h1>Card DECLINED</h1>"),
        "state": ExchangeState.DONE,
        "problem": Problem("upstream_refused", "Nothing listens", "your service"),
        "note": "Größe prüfen",
    }
    made = Exchange(**values | changes)
    made.finished_ns = made.started_ns + 300_000_000
    return made


FRAMES = (Frame(0, "visitor", "text", 1, b'{"type":"subscribe"}', 20),)
MATCHING = (
    "",
    "pay",
    "PAY",
    "502",
    "post",
    "http://127.0.0.1:4780/shop",
    "-other",
    "method:post",
    "status:5xx",
    "status:>501",
    "path:/api",
    "path:/api/*",
    "path:=/api/pay?id=1",
    "host:127.0.0.1",
    "url:/shop/",
    "type:html",
    "req.type:json",
    "size:22",
    "req.size:>10",
    "duration:>200ms",
    "duration:<1s",
    "age:<1h",
    "header:x-id",
    "req.header:x-id=seven",
    "req.header:x-id==seven",
    "-resp.header:x-id",
    "header:/^x-id: sev/",
    "body:declined",
    "body:AMOUNT",
    "req.body:amount",
    "-resp.body:amount",
    "text:seven",
    "text:declined",
    "text:/shop/",
    "json:.amount=100",
    "req.json:.items[].id=7",
    "json:.items[].id=8",
    "json:.items[0].id=7",
    "json:.items[1].id",
    "-json:.items[2]",
    "json:.amount>99",
    "json:.amount<=100",
    "json:.ok=true",
    "json:.none=null",
    "json:.none",
    "-json:.gone",
    "json:.amount!=5",
    "-resp.json:.amount",
    "tunnel:shop",
    "upstream::3000",
    "visitor:10.0.0",
    "is:error",
    "is:http",
    "is:done",
    "-is:running",
    "has:problem",
    "has:response",
    "has:note",
    "note:größe",
    "problem:listens",
    "ws:subscribe",
    "(a OR pay)",
    "/pa[yz]/",
    "~m post & ~c 502",
    "~b declined",
    "~hq x-id..seven",
    "~s !~q",
    "~all",
)


@pytest.mark.parametrize("text", MATCHING, ids=str)
def test_it_matches_and_its_negation_does_not(text: str) -> None:
    assert parse(text).matches(exchange(), FRAMES)
    assert not parse(f"NOT ({text or '~all'})").matches(exchange(), FRAMES)


@pytest.mark.parametrize(
    "text",
    ["get", "status:4xx", "path:=/api", "json:.amount=1", "body:accepted", "note:GRÖSSE", "is:replay", "age:>1h"],
)
def test_it_does_not_match(text: str) -> None:
    assert not parse(text).matches(exchange(), FRAMES)


def test_bodies_are_searched_without_their_codings_and_charsets() -> None:
    zipped = exchange(
        response_body=Body(gzip.compress(b'{"error": "card_declined"}')),
        response_headers=(("Content-Encoding", "gzip"),),
    )
    assert parse("body:card_declined json:.error=card_declined").matches(zipped)
    latin = exchange(
        response_body=Body("Größe".encode("latin-1")),
        response_headers=(("Content-Type", "text/plain; charset=ISO-8859-1"),),
    )
    assert parse("body:größe").matches(latin)
    assert parse("body:Größe").matches(exchange(response_body=Body("Größe".encode("utf-16"))))


def test_paths_are_found_as_people_read_them() -> None:
    assert parse("path:/größe").matches(exchange(target="/größe".encode().decode("latin-1")))


def test_what_comes_later_is_known() -> None:
    later = exchange(
        verdict=Verdict.FIXED, replay_of="abc", leak="/x", pinned=True, imported=True, rewriting=Rewriting()
    )
    text = "verdict:fixed is:replay replay-of:abc has:leak is:pinned is:imported is:rewritten has:verdict"
    assert parse(text).matches(later)
    assert not any(parse(word).matches(exchange()) for word in text.split())


def test_a_running_exchange_has_no_duration_and_no_status() -> None:
    running = exchange(status=None, state=ExchangeState.RUNNING)
    running.finished_ns = None
    assert parse("is:running -duration:>0 -status:>0 ~q").matches(running)


def test_a_clock_that_was_set_back_makes_nothing_older() -> None:
    assert parse("age:<1s").matches(exchange(started_ns=time.time_ns() + 10**12))


def test_two_filters_become_one() -> None:
    both = parse("pay").also(parse("status:5xx OR x"))
    assert both.matches(exchange())
    assert parse(both.text) == both
    assert parse("pay").also(EVERYTHING).text == "pay"
    assert EVERYTHING.also(parse("pay")).text == "pay"
    assert not EVERYTHING.active


def test_it_says_what_it_needs() -> None:
    assert (parse("pay").needs_bodies, parse("-(json:.a OR pay)").needs_bodies) == (False, True)
    assert (parse("pay").needs_frames, parse("ws:x").needs_frames) == (False, True)


@given(st.text(max_size=40), st.binary(max_size=60), st.text(max_size=20))
def test_nothing_raises_whatever_is_asked_of_whatever(text: str, data: bytes, value: str) -> None:
    odd = exchange(
        request_body=Body(data),
        response_headers=(("Content-Encoding", value), ("Content-Type", f"a; charset={value}")),
        public_url=value,
        note=value,
    )
    for written in (text, f'body:"{text}"', f"path:/{text}/", f"json:.a={text}", f"header:x={text}", f"host:{text}"):
        try:
            wanted = parse(written)
        except FilterError:
            continue
        wanted.matches(odd)


def signed(name: str = "X-Hub-Signature-256") -> Exchange:
    return exchange(request_headers=((name, "sha256=1"),))


@pytest.mark.parametrize("text", ["sig:github", "sig:any", "signature:unchecked", "-sig:stripe", "-sig:valid"])
def test_signatures_are_recognised_but_nothing_is_known_of_secrets(text: str) -> None:
    assert parse(text).matches(signed())
    assert parse("-sig:any -sig:unchecked -sig:invalid").matches(signed("X-Other"))


def test_who_knows_the_secrets_is_asked_about_the_worth_of_a_signature() -> None:
    wanted = parse("sig:invalid").checking(lambda _: "invalid")
    assert wanted.matches(signed())
    assert not wanted.matches(exchange())
    assert wanted == parse("sig:invalid")
    assert (wanted.needs_bodies, parse("sig:stripe").needs_bodies) == (True, False)

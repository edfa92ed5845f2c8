from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.viewmodels.message_parts import PartTable, part_tables, span
from tests.app.fake_workspace import an_exchange

NOW = 1_800_000_000.0


def tables(target: str = "/", request: Any = (), answer: Any = (), *, at: float = NOW) -> dict[str, PartTable]:
    exchange = an_exchange(target=target, request_headers=tuple(request), started_ns=int(at * 1e9))
    exchange.response_headers = tuple(answer)
    return {table.title: table for table in part_tables(exchange, NOW)}


def token(signature: str = "c2ln", **claims: Any) -> str:
    parts = ({"alg": "HS256", "kid": "k1"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, signature])


def test_a_plain_request_has_no_tables() -> None:
    assert tables(request=[("Accept", "*/*"), ("Authorization", "Basic eHl6OmFiYw==")]) == {}


def test_query_parameters_are_decoded() -> None:
    table = tables("/a?q=a+b&access_token=t0p&empty=")["Query parameters (3)"]
    assert [(line.name, line.value, line.secret) for line in table.lines] == [
        ("q", "a b", False),
        ("access_token", "t0p", False),  # the request line shows it as well
        ("empty", "", False),
    ]
    assert not table.secret


def test_cookies_are_masked_and_their_attributes_told() -> None:
    found = tables(
        request=[("Cookie", "sid=abc; theme=")],
        answer=[
            ("Set-Cookie", "sid=; Max-Age=0"),
            ("Set-Cookie", "a=1; Max-Age=3600; Path=/; HttpOnly"),
            ("Set-Cookie", "b=1; SameSite=None"),
        ],
    )
    assert [(line.name, line.value, line.secret) for line in found["Cookies sent (2)"].lines] == [
        ("sid", "abc", True),
        ("theme", "", False),
    ]
    assert [line.detail for line in found["Cookies set (3)"].lines] == [
        "deletes it · Max-Age=0",
        "for 60 min · Max-Age=3600 · Path=/ · HttpOnly",
        "✗ browsers refuse it: SameSite=None needs Secure · for the session · SameSite=None",
    ]


def test_a_token_is_read_wherever_it_stands() -> None:
    jwt = token(sub="u1")
    found = tables(
        f"/?t={jwt}",
        [("Authorization", f"Bearer {jwt}"), ("Cookie", f"s={jwt}")],
        [("Set-Cookie", f"n={jwt}; Path=/")],
    )
    assert [title for title in found if title.startswith("Token")] == [
        "Token in cookie s",
        "Token in Authorization",
        "Token in parameter t",
        "Token in cookie n that is set",
    ]


def test_claims_are_told_and_secret_ones_masked() -> None:
    jwt = token(sub="u1", nonce="xyz", roles=["a", "b"], cfg={"password": "p4ssw0rd"}, iat=NOW - 7200)
    lines = tables(request=[("Authorization", f"Bearer {jwt}")])["Token in Authorization"].lines
    assert [(line.name, line.value, line.secret) for line in lines[:-1]] == [
        ("alg", "HS256", False),
        ("kid", "k1", False),
        ("sub", "u1", False),
        ("nonce", "xyz", True),
        ("roles", '["a", "b"]', False),
        ("cfg", '{"password": "p4ssw0rd"}', True),
    ]
    assert [line.detail for line in lines[:3]] == ["head", "head", ""]
    assert lines[-1].detail.startswith("2 h ago, 20")


@pytest.mark.parametrize(
    ("claims", "at", "words"),
    [
        ({}, NOW, "never expires"),
        ({"exp": NOW + 720}, NOW, "valid for 12 min more"),
        ({"exp": NOW - 3 * 3600}, NOW - 4 * 3600, "valid when the request came, expired 3 h ago"),
        ({"exp": NOW - 300}, NOW, "✗ had expired 5 min before the request came"),
        ({"exp": NOW + 720, "nbf": NOW + 40}, NOW, "✗ valid only 40 s after the request came"),
        ({"exp": "soon"}, NOW, "never expires"),
    ],
)
def test_the_validity_of_a_token_is_told_in_words(claims: dict[str, Any], at: float, words: str) -> None:
    table = tables(request=[("Authorization", f"Bearer {token(**claims)}")], at=at)["Token in Authorization"]
    assert table.note == f"{words} · the signature was not checked"


def test_an_unsigned_token_is_called_so() -> None:
    table = tables(request=[("X-Token", token(""))])["Token in X-Token"]
    assert table.note.endswith("not signed")


def test_milliseconds_are_suspected() -> None:
    jwt = token(exp=NOW * 1000)
    lines = tables(request=[("Authorization", f"Bearer {jwt}")])["Token in Authorization"].lines
    assert "milliseconds" in lines[-1].detail


def test_long_tables_are_cut_and_say_so() -> None:
    table = tables("/?" + "&".join(f"a={number}" for number in range(80)))["Query parameters (80)"]
    assert len(table.lines) == 50
    assert table.note == "The first 50 of 80; all of them are in the request line."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (-40, "40 s"), (90, "2 min"), (5399, "90 min"), (7200, "2 h"), (86400, "24 h"), (200_000, "2 days"),
     (31_556_952, "365 days"), (1e9, "32 years")],
)  # fmt: skip
def test_spans_are_short(seconds: float, words: str) -> None:
    assert span(seconds) == words


@given(st.text(), st.text(), st.dictionaries(st.text(), st.floats() | st.integers() | st.text(), max_size=4))
def test_any_head_is_told(target: str, cookie: str, claims: dict[str, Any]) -> None:
    headers = [("Cookie", cookie), ("Authorization", "Bearer " + token())]
    body = base64.urlsafe_b64encode(json.dumps({"exp": 1, **claims}).encode()).decode().rstrip("=")
    headers.append(("X-Any", f"eyJhbGciOiJub25lIn0.{body}."))
    found = tables(f"/?{target}", headers, [("Set-Cookie", cookie)])
    assert "Token in X-Any" in found or len([title for title in found if title.startswith("Token")]) == 4

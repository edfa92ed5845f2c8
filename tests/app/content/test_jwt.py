from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.jwt import Jwt, decode_jwt, jwts_in

# RFC 7519, section 3.1
RFC = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def token(claims: Any, header: Any = None, signature: str = "c2ln") -> str:
    return f"{encoded({'alg': 'none'} if header is None else header)}.{encoded(claims)}.{signature}"


def test_the_example_of_the_rfc() -> None:
    assert decode_jwt(RFC) == Jwt(
        {"typ": "JWT", "alg": "HS256"},
        {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True},
        signed=True,
    )


def test_an_unsecured_token_has_no_signature() -> None:
    assert decode_jwt(token({}, signature="")) == Jwt({"alg": "none"}, {}, signed=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        "1.2.3",
        RFC + "." + RFC,
        RFC.rpartition(".")[0],
        token([1]),
        token({}, header=[]),
        token({}, header={"typ": "JWT"}),
        token(b"{not json}"),
        token(b"\xff\xfe"),
        token(b"[" * 50_000),
        token({"a": "x" * 70_000}),
    ],
)
def test_what_is_none(text: str) -> None:
    assert decode_jwt(text) is None


def test_tokens_are_found_within_texts() -> None:
    text = f"Bearer {RFC}, next={token({'n': 1})}; v1.2.3 file.tar.gz"
    assert [found.claims.get("iss", found.claims.get("n")) for found in jwts_in(text)] == ["joe", 1]
    assert len(jwts_in(" ".join([RFC] * 9), most=2)) == 2
    assert jwts_in("e.g. nothing") == []


@pytest.mark.parametrize(
    ("value", "date"),
    [(5, 5.0), (1.5, 1.5), ("5", None), (True, None), (None, None), (10**400, None), (float("inf"), None)],
)
def test_dates_are_numbers(value: Any, date: float | None) -> None:
    assert Jwt({}, {"exp": value}, signed=True).date("exp") == date
    assert Jwt({}, {}, signed=True).date("exp") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_any_claims_come_back(claims: dict[str, Any]) -> None:
    found = decode_jwt(token(claims))
    assert found is not None
    assert found.claims == claims
    assert jwts_in(f"Bearer {token(claims)}") == [found]


@given(st.text())
def test_any_text_is_safe(text: str) -> None:
    assert decode_jwt(text) is None
    assert jwts_in(f"{text} {RFC}")[-1] == decode_jwt(RFC)

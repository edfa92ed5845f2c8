"""The compact form, read strictly."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.adapters.tokens.compact import from_base64url, looks_like_jwt, read_object, read_token
from backend_lambda.adapters.tokens.errors import BadToken
from tests.backend_lambda.adapters.tokens.signing import CLAIMS, base64url, token_of


def with_header(header: str) -> str:
    return f"{base64url(header.encode())}.{base64url(b'{}')}.{base64url(b'signature')}"


def test_the_parts_of_a_token() -> None:
    text = token_of("HS256", kid="k1", typ="JWT", x="ü")
    token = read_token(text)
    assert (token.algorithm, token.key_id, token.claims) == ("HS256", "k1", CLAIMS)
    assert token.signed == text.rpartition(".")[0].encode()
    assert len(token.signature) == 32


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "ey.ü.x", "....", "a b.c.d", "e30.e30.\n"])
def test_texts_that_are_no_tokens(text: str) -> None:
    with pytest.raises(BadToken):
        read_token(text)


def test_tokens_are_told_from_hatchways_own_by_their_dots() -> None:
    assert looks_like_jwt(token_of("HS256"))
    assert not looks_like_jwt("mXkOqg2V7hd8b0r6QyDkXvS1WmKq0S0mJ3a8m0aVYb0")
    assert not looks_like_jwt("a.b")


def test_a_token_is_not_longer_than_a_head_allows() -> None:
    text = token_of("HS256", {"x": "y" * 7000})
    with pytest.raises(BadToken, match="8 KB"):
        read_token(text)


@pytest.mark.parametrize(
    "header",
    [
        "{}", '{"alg":null}', '{"alg":7}', '{"alg":["HS256"]}', "[]", '"HS256"', "null", "", "{", '{"alg":"HS256"} x',
        '{"alg":"HS256","alg":"none"}', '{"alg":"none","alg":"HS256"}', '{"alg":"HS256","a":{"b":1,"b":2}}',
        '{"alg":"HS256","crit":["exp"],"exp":1}', '{"alg":"HS256","crit":[]}', '{"alg":"HS256","b64":false}',
        '{"alg":"HS256","kid":7}', '{"alg":"HS256","kid":null}', '{"alg":"HS256","typ":"logout+jwt"}',
        '{"alg":"HS256","typ":1}', '{"alg":"HS256","cty":"JWT"}', '{"alg":"RSA-OAEP","enc":"A128GCM"}',
        '{"alg":"HS256","x":NaN}', '{"alg":"HS256","x":Infinity}', "[" * 3000,
    ],
)  # fmt: skip
def test_headers_that_are_refused(header: str) -> None:
    with pytest.raises(BadToken):
        read_token(with_header(header))


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", "application/JWT"])
def test_types_of_tokens_for_applications(kind: str) -> None:
    assert read_token(token_of("HS256", typ=kind)).algorithm == "HS256"


@pytest.mark.parametrize(
    "claims", [b"", b"[]", b"1", b"{", b"\xff\xfe{}", b'{"exp":1,"exp":2}', b"{}{}", b"\xef\xbb\xbf{}"]
)
def test_claims_that_are_no_object(claims: bytes) -> None:
    with pytest.raises(BadToken):
        read_token(token_of("HS256", claims))


@pytest.mark.parametrize("text", ["YQ==", "YQ=", "YR", "Y", "Y Q", "YQ\n", "+w", "/w", "YW=", "a.b", "ÿ"])
def test_each_value_has_one_text(text: str) -> None:
    with pytest.raises(BadToken):
        from_base64url(text)


@given(st.binary(max_size=70))
def test_base64url_of_any_bytes(data: bytes) -> None:
    assert from_base64url(base64url(data)) == data


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=5))
def test_objects_of_any_content(value: dict[str, Any]) -> None:
    assert read_object(json.dumps(value).encode()) == value


@given(st.text(alphabet="eyJhbGciOiJIUzI1NiJ9.e30-_=ü", max_size=60) | st.text(max_size=60))
def test_nothing_but_bad_token_comes_of_any_text(text: str) -> None:
    with contextlib.suppress(BadToken):
        read_token(text)

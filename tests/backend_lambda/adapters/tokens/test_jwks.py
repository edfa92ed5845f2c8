"""Key sets: what is taken from them, how long they serve, rotation, and providers that are out of reach."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from backend_lambda.adapters.tokens import jwks as module
from backend_lambda.adapters.tokens.errors import KeysUnavailable
from backend_lambda.adapters.tokens.jwks import KeySet
from backend_lambda.adapters.tokens.p256 import EcKey
from backend_lambda.adapters.tokens.rsa import RsaKey
from tests.backend_lambda.adapters.tokens.signing import EC_JWK, RSA_JWK

URL = "https://id.example.com/keys"


class Provider:
    """documents: what it answers with; fails: instead"""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.document = json.dumps({"keys": keys}).encode()
        self.fails = ""
        self.asked = 0
        self.now = 1000.0
        self.keys = KeySet(URL, fetch=self._fetch, clock=lambda: self.now)

    def serve(self, *keys: dict[str, Any]) -> None:
        self.document = json.dumps({"keys": keys}).encode()

    def _fetch(self, url: str) -> bytes:
        assert url == URL
        self.asked += 1
        if self.fails:
            raise KeysUnavailable(self.fails)
        return self.document

    def ids(self, algorithm: str, key_id: str | None) -> list[str | None]:
        return [key.key_id for key in self.keys.find(algorithm, key_id)]


def rsa(kid: str | None = "r1", **changes: Any) -> dict[str, Any]:
    return {**RSA_JWK, **({} if kid is None else {"kid": kid}), **changes}


def ec(kid: str | None = "e1", **changes: Any) -> dict[str, Any]:
    return {**EC_JWK, **({} if kid is None else {"kid": kid}), **changes}


def test_keys_are_found_by_algorithm_and_id() -> None:
    provider = Provider(rsa("r1"), rsa("r2"), ec("e1"), ec(None))
    assert isinstance(provider.keys.find("RS256", "r2")[0].key, RsaKey)
    assert isinstance(provider.keys.find("ES256", "e1")[0].key, EcKey)
    assert provider.ids("RS256", None) == ["r1", "r2"]
    assert provider.ids("ES256", None) == ["e1", None]
    assert provider.ids("ES256", "r1") == []  # another kind of key never counts, whatever its id


@pytest.mark.parametrize(
    "key",
    [
        rsa(use="enc"), rsa(alg="PS256"), rsa(alg="HS256"), rsa(key_ops=["encrypt"]), rsa(n="AQAB"), rsa(n=7),
        rsa(n="not base64!"), {**rsa(), "kid": 7}, rsa(kty="oct", k="c2VjcmV0"), ec(crv="secp256k1"),
        ec(y=EC_JWK["x"]),
        rsa(e="AQ"), ec(crv="P-384"), ec(x="AA", y="AA"), ec(alg="ES384"),
        {"kty": "RSA"}, {"kty": "EC", "crv": "P-256"}, {}, {"kty": ["RSA"]},
    ],
)  # fmt: skip
def test_what_is_no_key_for_signatures_is_passed_over(key: dict[str, Any]) -> None:
    provider = Provider(key, rsa("good", use="sig", alg="RS256", key_ops=["verify"]))
    assert provider.ids("RS256", None) == ["good"]
    assert provider.ids("ES256", None) == []


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys":{}}',
        b'{"keys":[]}',
        b'{"keys":["x",7]}',
        b'{"keys":[],"keys":[]}',
        b"\xff",
    ],
)
def test_documents_that_are_no_key_sets_are_the_providers_fault(
    document: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    provider = Provider()
    provider.document = document
    with caplog.at_level(logging.WARNING), pytest.raises(KeysUnavailable):
        provider.keys.find("RS256", None)


def test_a_set_is_asked_for_once_in_a_while() -> None:
    provider = Provider(rsa("r1"))
    for _ in range(3):
        assert provider.ids("RS256", "r1") == ["r1"]
    assert provider.asked == 1
    provider.now += module._FRESH + 1
    assert provider.ids("RS256", "r1") == ["r1"]
    assert provider.asked == 2


def test_a_new_key_is_found_at_once_and_an_old_one_is_gone_after_the_next_look() -> None:
    provider = Provider(rsa("r1"))
    assert provider.ids("RS256", "r1") == ["r1"]
    provider.serve(rsa("r2"))
    provider.now += module._BETWEEN + 1
    assert provider.ids("RS256", "r2") == ["r2"]
    assert provider.ids("RS256", "r1") == []


def test_invented_key_ids_do_not_make_a_download_each() -> None:
    provider = Provider(rsa("r1"))
    for number in range(50):
        assert provider.ids("RS256", f"invented-{number}") == []
    assert provider.asked == 1
    provider.now += module._BETWEEN + 1
    for number in range(50):
        assert provider.ids("RS256", f"invented-{number}") == []
    assert provider.asked == 2


def test_a_provider_out_of_reach_is_told_as_such_and_not_asked_for_each_token(
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider = Provider(rsa("r1"))
    provider.fails = "id.example.com cannot be reached"
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            with pytest.raises(KeysUnavailable, match=r"id\.example\.com cannot be reached"):
                provider.keys.find("RS256", "r1")
    assert provider.asked == 1
    assert "keys of the identity provider unavailable: id.example.com" in caplog.text
    provider.fails = ""
    provider.now += module._BETWEEN + 1
    assert provider.ids("RS256", "r1") == ["r1"]


def test_known_keys_outlive_a_short_outage_and_no_long_one(caplog: pytest.LogCaptureFixture) -> None:
    provider = Provider(rsa("r1"))
    assert provider.ids("RS256", "r1") == ["r1"]
    provider.fails = "down"
    with caplog.at_level(logging.WARNING):
        provider.now += module._FRESH + 1
        assert provider.ids("RS256", "r1") == ["r1"]
        provider.now += module._STALE
        with pytest.raises(KeysUnavailable):
            provider.keys.find("RS256", "r1")

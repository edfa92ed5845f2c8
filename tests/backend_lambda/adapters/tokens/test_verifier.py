"""Whom a token proves, from its text on; every confusion of algorithms and keys that is known."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from backend_lambda.adapters.settings import NotConfigured
from backend_lambda.adapters.tokens.errors import BadToken
from backend_lambda.adapters.tokens.jwks import KeySet
from backend_lambda.adapters.tokens.jwt_settings import JwtSettings, read_jwt_settings
from backend_lambda.adapters.tokens.secret import SharedSecret
from backend_lambda.adapters.tokens.verifier import JwtVerifier, make_verifier
from tests.backend_lambda.adapters.tokens import signing
from tests.backend_lambda.adapters.tokens.signing import AUDIENCE, CLAIMS, EC_JWK, ISSUER, NOW, RSA_JWK, token_of

KEYS = [{**RSA_JWK, "kid": "r1"}, {**EC_JWK, "kid": "e1"}]


def verifier(*algorithms: str, secret: str = signing.SECRET_TEXT, keys: list[dict[str, Any]] = KEYS) -> JwtVerifier:
    class Ssm:
        def get_parameter(self, **_: Any) -> dict[str, Any]:
            return {"Parameter": {"Value": secret}}

    return JwtVerifier(
        JwtSettings(ISSUER, AUDIENCE, frozenset(algorithms), "https://k", "/s"),
        SharedSecret(Ssm, "/s"),
        KeySet("https://k", fetch=lambda url: json.dumps({"keys": keys}).encode()),
        clock=lambda: NOW,
    )


ALL = ("HS256", "RS256", "ES256")


@pytest.mark.parametrize("algorithm", ALL)
def test_a_good_token_of_each_algorithm(algorithm: str) -> None:
    assert verifier(*ALL).principal(token_of(algorithm)) == "jwt:https://id.example.com alice"
    assert verifier(algorithm).principal(token_of(algorithm, typ="JWT"))


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "r1"), ("ES256", "e1")])
def test_the_key_is_the_one_that_the_header_names(algorithm: str, kid: str) -> None:
    assert verifier(*ALL).principal(token_of(algorithm, kid=kid))
    for other in ("r2", "", "e1" if kid == "r1" else "r1"):
        with pytest.raises(BadToken, match="does not list"):
            verifier(*ALL).principal(token_of(algorithm, kid=other))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "hs256", "HS384", "PS256", "RS1", "ES256K"])
def test_algorithms_that_nobody_takes(algorithm: str) -> None:
    for text in (token_of(algorithm), token_of(algorithm, by="HS256"), token_of(algorithm).rpartition(".")[0] + "."):
        with pytest.raises(BadToken, match="algorithm"):
            verifier(*ALL).principal(text)


@pytest.mark.parametrize(("claimed", "real"), [*itertools.permutations(ALL, 2)])
def test_a_signature_of_one_algorithm_under_the_name_of_another(claimed: str, real: str) -> None:
    with pytest.raises(BadToken):
        verifier(*ALL).principal(token_of(claimed, by=real))


@pytest.mark.parametrize("algorithm", ALL)
def test_an_algorithm_that_the_deployment_does_not_take(algorithm: str) -> None:
    others = [other for other in ALL if other != algorithm]
    with pytest.raises(BadToken, match="algorithm"):
        verifier(*others).principal(token_of(algorithm))


@pytest.mark.parametrize("public", [RSA_JWK["n"], json.dumps(RSA_JWK), json.dumps({"keys": KEYS})])
def test_a_public_key_as_the_secret_of_hs256(public: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "SECRET_TEXT", public)
    forged = token_of("HS256", kid="r1")
    for taken in (("RS256", "ES256"), ALL):
        with pytest.raises(BadToken):
            verifier(*taken, secret="a secret of thirty-two bytes or so").principal(forged)


def test_keys_that_a_token_brings_along_do_not_count() -> None:
    strangers = {**RSA_JWK, "n": RSA_JWK["n"][:-2] + "AQ", "kid": "r1"}
    text = token_of(
        "RS256", kid="r1", jwk=RSA_JWK, jku="https://evil.example/keys", x5c=["AAAA"], x5u="https://e.example"
    )
    with pytest.raises(BadToken, match="another key"):
        verifier(*ALL, keys=[strangers]).principal(text)


@pytest.mark.parametrize("algorithm", ALL)
@pytest.mark.parametrize("part", [0, 1, 2])
def test_no_part_can_be_changed(algorithm: str, part: int) -> None:
    parts = token_of(algorithm).split(".")
    other = token_of(algorithm, CLAIMS | {"sub": "mallory"}, typ="JWT").split(".")
    parts[part] = other[part]
    with pytest.raises(BadToken):
        verifier(*ALL).principal(".".join(parts))
    parts[2] = ""
    with pytest.raises(BadToken):
        verifier(*ALL).principal(".".join(parts))


def test_claims_are_judged_after_the_signature() -> None:
    with pytest.raises(BadToken, match="expired"):
        verifier(*ALL).principal(token_of("HS256", CLAIMS | {"exp": NOW - 3600}))
    with pytest.raises(BadToken, match="another key"):
        verifier(*ALL).principal(token_of("HS256", CLAIMS | {"exp": NOW - 3600}, by="RS256"))


def test_what_is_refused_says_nothing_of_the_token() -> None:
    for text in ("secret.secret.secret", token_of("HS256", by="RS256"), token_of("RS256", kid="alice")):
        with pytest.raises(BadToken) as raised:
            verifier(*ALL).principal(text)
        assert not any(word in str(raised.value) for word in ("secret", "alice", text))


GOOD = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ["RS256"], "jwks_url": "https://id.example.com/keys"}


def test_settings_as_terraform_writes_them() -> None:
    settings = read_jwt_settings(json.dumps(GOOD))
    assert settings == JwtSettings(ISSUER, AUDIENCE, frozenset({"RS256"}), "https://id.example.com/keys", None)
    shared = {"issuer": "i", "audience": "a", "algorithms": ["HS256"], "secret_parameter": "/k"}
    assert read_jwt_settings(json.dumps(shared)).secret_parameter == "/k"
    assert isinstance(make_verifier(json.dumps(shared), lambda: pytest.fail("asked too early")), JwtVerifier)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": ""}, {"issuer": "a b"}, {"audience": ""}, {"algorithms": []}, {"algorithms": ["none"]},
        {"algorithms": 7},
        {"algorithms": ["HS256"]}, {"jwks_url": None}, {"jwks_url": "http://id.example.com/keys"}, {"jwks_url": "https://"},
        {"jwks_url": "https://user:word@id.example.com/keys"}, {"jwks_url": "file:///etc/passwd"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant(changes: dict[str, Any]) -> None:
    with pytest.raises(NotConfigured, match="HATCHWAY_JWT"):
        read_jwt_settings(json.dumps(GOOD | changes))


@pytest.mark.parametrize("text", ["{", "[]", "null", "{}", '"x"'])
def test_settings_that_are_none(text: str) -> None:
    with pytest.raises(NotConfigured, match="HATCHWAY_JWT"):
        read_jwt_settings(text)

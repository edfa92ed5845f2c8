"""What a signed token must say of itself."""

from __future__ import annotations

from typing import Any

import pytest

from backend_lambda.adapters.tokens.claims import LEEWAY, principal_of
from backend_lambda.adapters.tokens.errors import BadToken
from tests.backend_lambda.adapters.tokens.signing import AUDIENCE, CLAIMS, ISSUER, NOW


def principal(**changes: Any) -> str:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    return principal_of(claims, issuer=ISSUER, audience=AUDIENCE, now=NOW)


def test_issuer_and_subject_make_the_principal() -> None:
    assert principal() == "jwt:https://id.example.com alice"
    assert principal(sub="auth0|b ob") == "jwt:https://id.example.com auth0|b ob"


def test_leeway_is_for_clocks_and_no_longer() -> None:
    assert LEEWAY <= 60
    assert principal(exp=NOW - LEEWAY + 1, iat=NOW + LEEWAY - 1, nbf=NOW + LEEWAY - 1)
    for late in ({"exp": NOW - LEEWAY}, {"iat": NOW + LEEWAY + 1}, {"nbf": NOW + LEEWAY + 1}):
        with pytest.raises(BadToken, match=r"expired|not valid yet"):
            principal(**late)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": ...}, {"iss": ISSUER + "/"}, {"iss": [ISSUER]}, {"iss": None}, {"iss": ISSUER.upper()},
        {"aud": ...}, {"aud": None}, {"aud": "other"}, {"aud": []}, {"aud": ["other"]}, {"aud": {AUDIENCE: 1}},
        {"exp": ...}, {"exp": None}, {"exp": True}, {"exp": str(NOW + 60)}, {"exp": [NOW + 60]}, {"exp": 10**400},
        {"aud": 1}, {"exp": 1e300}, {"exp": -(10**400)},
        {"iat": ...}, {"iat": "now"}, {"iat": False}, {"nbf": "now"}, {"nbf": True},
        {"sub": ...}, {"sub": ""}, {"sub": 7}, {"sub": None}, {"sub": "a" * 256}, {"sub": "a\nb"}, {"sub": "a\0"},
        {"sub": "\ud800"},
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong(changes: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        principal(**changes)


@pytest.mark.parametrize("audience", [[AUDIENCE], ["other", AUDIENCE], [1, None, AUDIENCE]])
def test_one_of_several_audiences(audience: list[Any]) -> None:
    assert principal(aud=audience)


def test_times_may_have_fractions_and_more_claims_do_no_harm() -> None:
    assert principal(exp=NOW + 0.5, iat=int(NOW), scope="x", azp="y")

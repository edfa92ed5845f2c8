"""Whom a JWT proves: form, algorithm, signature, claims, in this order."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

from backend_lambda.adapters.tokens.claims import principal_of
from backend_lambda.adapters.tokens.compact import CompactToken, read_token
from backend_lambda.adapters.tokens.errors import BadToken
from backend_lambda.adapters.tokens.jwks import KeySet
from backend_lambda.adapters.tokens.jwt_settings import JwtSettings, read_jwt_settings
from backend_lambda.adapters.tokens.secret import SharedSecret


class JwtVerifier:
    """secret: for HS256; keys: for RS256 and ES256; None for what the settings do not allow. clock: Unix time."""

    def __init__(
        self,
        settings: JwtSettings,
        secret: SharedSecret | None,
        keys: KeySet | None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._keys = keys
        self._clock = clock

    def principal(self, text: str) -> str:
        """Raises BadToken, KeysUnavailable."""
        token = read_token(text)
        # The deployment says which algorithms there are, so neither `none` nor a public key as an HMAC secret can pass.
        if token.algorithm not in self._settings.algorithms:
            raise BadToken("of an algorithm that this deployment does not take")
        if not self._is_signed(token):
            raise BadToken("with a signature of another key, or changed")
        settings = self._settings
        return principal_of(token.claims, issuer=settings.issuer, audience=settings.audience, now=self._clock())

    def _is_signed(self, token: CompactToken) -> bool:
        if token.algorithm == "HS256":
            assert self._secret is not None
            return hmac.compare_digest(hmac.digest(self._secret.key(), token.signed, hashlib.sha256), token.signature)
        assert self._keys is not None
        candidates = self._keys.find(token.algorithm, token.key_id)
        if not candidates:
            raise BadToken("signed by a key that the identity provider does not list")
        return any(each.key.verifies(token.signed, token.signature) for each in candidates)


def make_verifier(text: str, ssm: Callable[[], Any]) -> JwtVerifier:
    """text: of HATCHWAY_JWT; ssm: makes the client, when needed. Raises NotConfigured."""
    settings = read_jwt_settings(text)
    secret = SharedSecret(ssm, settings.secret_parameter) if settings.secret_parameter else None
    return JwtVerifier(settings, secret, KeySet(settings.jwks_url) if settings.jwks_url else None)

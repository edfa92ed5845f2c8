"""Shopify: `X-Shopify-Hmac-Sha256`, base64, over the body (shopify.dev, verify webhooks). No time."""

from __future__ import annotations

import base64

from app.domain.exchange import Headers
from app.signatures.scheme import Check, Signed, State, equal, hmac_sha256

_HEADER = "x-shopify-hmac-sha256"


class Shopify:
    """The key is the app's client secret."""

    key = "shopify"
    title = "Shopify"
    secret_hint = "the client secret of the app"

    def check(self, request: Signed, secret: str, now: float) -> Check:
        return Check(State.VALID if equal(request.header(_HEADER), _value(secret, request.body)) else State.INVALID)

    def sign(self, request: Signed, secret: str, now: float) -> Headers:
        return (("X-Shopify-Hmac-Sha256", _value(secret, request.body)),)


def _value(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac_sha256(secret.encode(), body)).decode()

"""Stripe: `Stripe-Signature: t=…,v1=…` over `t.body` (docs.stripe.com/webhooks/signature)."""

from __future__ import annotations

from app.domain.exchange import Headers
from app.signatures.scheme import Check, Signed, State, equal, hmac_sha256, seconds, timed

_HEADER = "stripe-signature"


class Stripe:
    """The secret, with its `whsec_`, is the key as it is."""

    key = "stripe"
    title = "Stripe"
    secret_hint = "whsec_… of the endpoint"

    def check(self, request: Signed, secret: str, now: float) -> Check:
        pairs = [pair.strip().partition("=") for pair in request.header(_HEADER).split(",")]
        text = next((value for name, _, value in pairs if name == "t"), "")
        timestamp = seconds(text)
        if timestamp is None:
            return Check(State.INVALID)
        expected = _digest(secret, text, request.body)
        return timed(any(name == "v1" and equal(value, expected) for name, _, value in pairs), timestamp, now)

    def sign(self, request: Signed, secret: str, now: float) -> Headers:
        text = str(int(now))
        return (("Stripe-Signature", f"t={text},v1={_digest(secret, text, request.body)}"),)


def _digest(secret: str, timestamp: str, body: bytes) -> str:
    return hmac_sha256(secret.encode(), timestamp.encode() + b"." + body).hex()

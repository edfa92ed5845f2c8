"""Slack: `X-Slack-Signature: v0=…` over `v0:timestamp:body` (docs.slack.dev, verifying requests from Slack)."""

from __future__ import annotations

from app.domain.exchange import Headers
from app.signatures.scheme import Check, Signed, State, equal, hmac_sha256, seconds, timed

_SIGNATURE, _TIMESTAMP = "x-slack-signature", "x-slack-request-timestamp"


class Slack:
    """Commands, events and interactions."""

    key = "slack"
    title = "Slack"
    secret_hint = "the signing secret of the app"

    def check(self, request: Signed, secret: str, now: float) -> Check:
        text = request.header(_TIMESTAMP)
        timestamp = seconds(text)
        if timestamp is None:
            return Check(State.INVALID)
        return timed(equal(request.header(_SIGNATURE), _value(secret, text, request.body)), timestamp, now)

    def sign(self, request: Signed, secret: str, now: float) -> Headers:
        text = str(int(now))
        return (("X-Slack-Request-Timestamp", text), ("X-Slack-Signature", _value(secret, text, request.body)))


def _value(secret: str, timestamp: str, body: bytes) -> str:
    return f"v0={hmac_sha256(secret.encode(), b'v0:' + timestamp.encode() + b':' + body).hex()}"

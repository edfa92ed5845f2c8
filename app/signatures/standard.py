"""Standard Webhooks and Svix: id, timestamp and signatures in headers of their own (standardwebhooks.com, section
“Verifying webhook authenticity”): HMAC-SHA256, base64, over `id.timestamp.body`; several signatures may be listed."""

from __future__ import annotations

import base64
import binascii

from app.domain.exchange import Headers
from app.signatures.scheme import Check, Signed, State, equal, hmac_sha256, seconds, timed


class StandardWebhooks:
    """prefix: of the headers' names, `webhook` or `svix`"""

    secret_hint = "whsec_… of the endpoint"

    def __init__(self, prefix: str, title: str) -> None:
        self.key = prefix
        self.title = title
        self._names = f"{prefix}-id", f"{prefix}-timestamp", f"{prefix}-signature"

    def check(self, request: Signed, secret: str, now: float) -> Check:
        message_id, text, signatures = (request.header(name) for name in self._names)
        timestamp, key = seconds(text), _key(secret)
        if timestamp is None or key is None:
            return Check(State.INVALID)
        expected = _value(key, message_id, text, request.body)
        return timed(any(equal(each, expected) for each in signatures.split(" ")), timestamp, now)

    def sign(self, request: Signed, secret: str, now: float) -> Headers:
        message_id, text = request.header(self._names[0]), str(int(now))
        value = _value(_key(secret) or b"", message_id, text, request.body)
        return ((self._names[1], text), (self._names[2], value))


def _key(secret: str) -> bytes | None:
    """Base64 after `whsec_`."""
    text = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _value(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    content = message_id.encode("latin-1", "replace") + b"." + timestamp.encode() + b"." + body
    return f"v1,{base64.b64encode(hmac_sha256(key, content)).decode()}"

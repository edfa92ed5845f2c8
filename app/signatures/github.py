"""GitHub: `X-Hub-Signature-256: sha256=…` over the body (docs.github.com, validating webhook deliveries). No time."""

from __future__ import annotations

from app.domain.exchange import Headers
from app.signatures.scheme import Check, Signed, State, equal, hmac_sha256

_HEADER = "x-hub-signature-256"


class GitHub:
    """Gitea, Bitbucket and others sign alike."""

    key = "github"
    title = "GitHub"
    secret_hint = "the secret of the webhook"

    def check(self, request: Signed, secret: str, now: float) -> Check:
        return Check(State.VALID if equal(request.header(_HEADER), _value(secret, request.body)) else State.INVALID)

    def sign(self, request: Signed, secret: str, now: float) -> Headers:
        return (("X-Hub-Signature-256", _value(secret, request.body)),)


def _value(secret: str, body: bytes) -> str:
    return f"sha256={hmac_sha256(secret.encode(), body).hex()}"

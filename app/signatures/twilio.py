"""Twilio: `X-Twilio-Signature`, HMAC-SHA1 in base64, over the URL and the sorted form fields; for other bodies over the
URL, whose `bodySHA256` names the body (twilio.com/docs/usage/security). No time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qs, parse_qsl, urlsplit

from app.domain.exchange import Headers
from app.signatures.scheme import Check, Signed, State, equal

_HEADER = "x-twilio-signature"


class Twilio:
    """The key is the account's auth token; the URL is the one that Twilio was told."""

    key = "twilio"
    title = "Twilio"
    secret_hint = "the auth token of the account"

    def check(self, request: Signed, secret: str, now: float) -> Check:
        digest = _body_digest(request.url)
        whole = digest is None or equal(digest, hashlib.sha256(request.body).hexdigest())
        valid = whole and any(
            equal(request.header(_HEADER), _value(secret, url, request)) for url in _spellings(request.url)
        )
        return Check(State.VALID if valid else State.INVALID)

    def sign(self, request: Signed, secret: str, now: float) -> Headers:
        return (("X-Twilio-Signature", _value(secret, request.url, request)),)


def with_body_digest(target: str, body: bytes) -> str:
    """The target, or URL, with what its query says of the body made true; the same if it says nothing."""
    digest = hashlib.sha256(body).hexdigest()
    return re.sub(r"(?<=[?&]bodySHA256=)[0-9A-Fa-f]*(?=&|$)", digest, target)


def _value(secret: str, url: str, request: Signed) -> str:
    message = url
    if request.header("content-type").lower().startswith("application/x-www-form-urlencoded"):
        fields = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        message += "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    digest = hmac.new(secret.encode(), message.encode("utf-8", "replace"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _spellings(url: str) -> list[str]:
    """With and without the default port: Twilio signs either, depending on the protocol."""
    parts = urlsplit(url)
    port = {"https": 443, "http": 80}.get(parts.scheme)
    if parts.netloc.endswith(f":{port}"):
        return [url, url.replace(f":{port}", "", 1)]
    return [url] if re.search(r":\d+$", parts.netloc) else [url, url.replace(parts.netloc, f"{parts.netloc}:{port}", 1)]


def _body_digest(url: str) -> str | None:
    return next(iter(parse_qs(urlsplit(url).query).get("bodySHA256", [])), None)

"""Whose signature a webhook carries, as its headers tell; `app.signatures` checks and makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from app.domain.exchange import Exchange, Headers

SIGNATURE_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "stripe": ("stripe-signature",),
    "github": ("x-hub-signature-256",),
    "slack": ("x-slack-signature", "x-slack-request-timestamp"),
    "shopify": ("x-shopify-hmac-sha256",),
    "svix": ("svix-id", "svix-timestamp", "svix-signature"),
    "webhook": ("webhook-id", "webhook-timestamp", "webhook-signature"),
    "twilio": ("x-twilio-signature",),
}
"""Scheme to the headers (lower case) that it needs; `webhook` is Standard Webhooks."""

SignatureState = Literal["valid", "invalid", "expired", "unchecked"]
SignatureCheck = Callable[[Exchange], SignatureState]
"""What a signature was worth when the request arrived. Asked in threads; the exchange has its request's body."""


def signature_scheme(headers: Headers) -> str:
    """The key of the scheme; empty if there is no signature that is known."""
    found = {name.lower() for name, _ in headers}
    return next((key for key, names in SIGNATURE_HEADERS.items() if found.issuperset(names)), "")


def signed_by(wanted: str, headers: Headers) -> bool:
    """Whether the headers carry a signature of that scheme, or of any."""
    scheme = signature_scheme(headers)
    return bool(scheme) and wanted in ("any", scheme)


def unchecked(_: Exchange) -> SignatureState:
    """The check where no secrets are known."""
    return "unchecked"

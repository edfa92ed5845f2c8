"""All schemes there are, and which one signed a request."""

from __future__ import annotations

from app.domain.exchange import Headers
from app.domain.webhook import signature_scheme
from app.signatures.github import GitHub
from app.signatures.scheme import Scheme
from app.signatures.shopify import Shopify
from app.signatures.slack import Slack
from app.signatures.standard import StandardWebhooks
from app.signatures.stripe import Stripe
from app.signatures.twilio import Twilio

SCHEMES: tuple[Scheme, ...] = (
    Stripe(),
    GitHub(),
    Slack(),
    Shopify(),
    StandardWebhooks("svix", "Svix"),
    StandardWebhooks("webhook", "Standard Webhooks"),
    Twilio(),
)

_BY_KEY = {scheme.key: scheme for scheme in SCHEMES}


def recognise(headers: Headers) -> Scheme | None:
    """The scheme of the request's signature, None if it has none that is known."""
    return _BY_KEY.get(signature_scheme(headers))

"""All schemes there are, and which one signed a request."""

from __future__ import annotations

from app.domain.exchange import Headers
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


def recognise(headers: Headers) -> Scheme | None:
    """The scheme of the request's signature, None if it has none that is known."""
    return next((scheme for scheme in SCHEMES if scheme.recognises(headers)), None)

"""The variable `jwt` of the Terraform module, as JSON in HATCHWAY_JWT (infra/terraform/locals.tf)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from backend_lambda.adapters.settings import NotConfigured

_BY_PUBLIC_KEY: Final = frozenset({"RS256", "ES256"})


@dataclass(frozen=True, slots=True)
class JwtSettings:
    """algorithms: the only ones that count, whatever a token says; jwks_url: for RS256 and ES256; secret_parameter:
    name of the SSM parameter for HS256. None for what is not needed."""

    issuer: str
    audience: str
    algorithms: frozenset[str]
    jwks_url: str | None
    secret_parameter: str | None


def read_jwt_settings(text: str) -> JwtSettings:
    """Raises NotConfigured. Terraform has checked the same, but the variable can be changed by hand."""
    try:
        fields: dict[str, Any] = json.loads(text)
        settings = JwtSettings(
            str(fields["issuer"]),
            str(fields["audience"]),
            frozenset(fields["algorithms"]),
            fields.get("jwks_url"),
            fields.get("secret_parameter"),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotConfigured(f"HATCHWAY_JWT is not what the Terraform module writes ({type(error).__name__}).") from None
    if problem := _problem(settings):
        raise NotConfigured(f"HATCHWAY_JWT: {problem}")
    return settings


def _problem(settings: JwtSettings) -> str | None:
    if not settings.issuer or not settings.audience or any(character.isspace() for character in settings.issuer):
        return "issuer and audience are needed, and an issuer has no spaces."
    if not settings.algorithms or settings.algorithms - _BY_PUBLIC_KEY - {"HS256"}:
        return "algorithms are HS256, RS256 and ES256, nothing else."
    if "HS256" in settings.algorithms and not settings.secret_parameter:
        return "HS256 needs secret_parameter."
    if not settings.algorithms & _BY_PUBLIC_KEY:
        return None
    address = urlsplit(settings.jwks_url or "")
    if address.scheme != "https" or not address.hostname or address.username is not None:
        return "RS256 and ES256 need jwks_url, which begins with https:// and has no user in it."
    return None

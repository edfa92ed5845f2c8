"""Secrets that are known by their looks, wherever they stand."""

from __future__ import annotations

import re

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("jwt", r"eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"),
    ("stripe_key", r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}"),
    ("webhook_secret", r"whsec_[A-Za-z0-9+/=_-]{8,}"),
    ("github_token", r"(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    ("gitlab_token", r"glpat-[A-Za-z0-9_-]{16,}"),
    ("slack_token", r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("slack_webhook", r"hooks\.slack\.com/services/[A-Za-z0-9/]{20,}"),
    ("aws_key_id", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("google_key", r"AIza[0-9A-Za-z_-]{35}"),
    ("google_token", r"ya29\.[0-9A-Za-z_-]{20,}"),
    ("npm_token", r"npm_[A-Za-z0-9]{36}"),
    ("pypi_token", r"pypi-[A-Za-z0-9_-]{32,}"),
    ("sendgrid_key", r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    ("openai_key", r"sk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}"),
    ("twilio_key", r"\bSK[0-9a-f]{32}\b"),
    ("shopify_token", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("mailgun_key", r"\bkey-[0-9a-f]{32}\b"),
    ("private_key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
)
ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS), re.DOTALL)
"""The group that matched is the kind of the secret."""

CREDENTIALS = re.compile(r"(?<=://)([^\s/:@\"'<>]*):([^\s/@\"'<>]+)(?=@)")
"""User and password before the host of a URL."""

_WITH_UNDERSCORE = ("sk_", "rk_", "whsec_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "npm_", "shp")
_WITH_HYPHEN = ("glpat-", "xox", "pypi-", "sk-", "key-")
_OTHERS = ("eyJ", "hooks.slack", "AKIA", "ASIA", "AIza", "ya29.", "SG.", "SK", "PRIVATE KEY")
_BYTES = {"_": [hint.encode() for hint in _WITH_UNDERSCORE], "-": [hint.encode() for hint in _WITH_HYPHEN]}
_CAPITAL_BYTES = [hint.encode() for hint in _OTHERS if not hint.islower()]
_OTHER_BYTES = [hint.encode() for hint in _OTHERS if hint.islower()]


def hinted(text: str) -> bool:
    """Whether one of the shapes can be in the text; much quicker than looking for them."""
    for hint in _OTHERS:
        if hint in text:
            return True
    if "_" in text and any([hint in text for hint in _WITH_UNDERSCORE]):
        return True
    return "-" in text and any([hint in text for hint in _WITH_HYPHEN])


def hinted_bytes(data: bytes) -> bool:
    """`hinted`, of bytes."""
    if not data.islower():  # most data of machines has no capitals, most shapes have
        for hint in _CAPITAL_BYTES:
            if hint in data:
                return True
    if any([hint in data for hint in _OTHER_BYTES]):
        return True
    if b"_" in data and any([hint in data for hint in _BYTES["_"]]):
        return True
    return b"-" in data and any([hint in data for hint in _BYTES["-"]])


def possible(text: str) -> bool:
    """Whether there can be a secret of one of these shapes, or a URL with a password or parameters."""
    return "=" in text or "://" in text or hinted(text)

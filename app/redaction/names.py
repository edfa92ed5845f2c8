"""Which names of headers, fields and parameters say that their value is a secret."""

from __future__ import annotations

import re
from functools import lru_cache

_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "authentication", "x-auth", "sec-websocket-key"}
)
_HEADER_PARTS = re.compile(
    r"token|secret|api-?key|apikey|password|passwd|signature|hmac|credential|session-?id|auth-?key|private-?key"
    r"|access-?key|assertion|jwt|otp",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"pass(?:word|wd|phrase|code)?$|^pass|pwd|secret|token|api[-_]?key|apikey|access[-_]?key|private[-_]?key|auth[-_]?key"
    r"|signing[-_]?key|encryption[-_]?key|credential|^authorization$|^auth$|^bearer$|^jwt$|signature|^sig$|hmac|assertion"
    r"|client[-_]?assertion|session[-_]?id|^sid$|cookie|^otp$|one[-_]?time|^pin$|^cvv2?$|^cvc$|card[-_]?number|^pan$"
    r"|^ssn$|nonce|code[-_]?verifier|code[-_]?challenge$|^x-amz-(?:signature|security-token|credential)$"
    r"|connection[-_]?string|^dsn$",
    re.IGNORECASE,
)
# Words that only look like it: `tokens_used`, `password_policy`, `has_password`, `token_type`, `max_tokens`.
_HARMLESS = re.compile(
    r"token[-_]?type|tokens?[-_]?(?:used|count|limit|remaining)|(?:max|total|prompt|completion)[-_]?tokens"
    r"|password[-_]?(?:policy|length|hint|changed.*|updated.*|reset[-_]?at|strength|required|expires.*|expired)"
    r"|^(?:has|is|need|needs|requires|forgot|reset|show)[-_]?(?:a[-_]?)?(?:password|token|secret|pass)\w*"
    r"|signature[-_]?(?:version|method|algorithm)|secret[-_]?(?:name|arn|id)$|passenger|passport[-_]?country|passed|passes"
    r"|passive|compass|tokeni[sz]e",
    re.IGNORECASE,
)
_QUERY = re.compile(r"^(?:code|key|state|access|ticket|t)$", re.IGNORECASE)

HINTS = (
    b"pass", b"pwd", b"secret", b"token", b"key", b"credential", b"auth", b"bearer", b"jwt",
    b"sig", b"hmac", b"assertion", b"session", b"sid", b"cookie", b"otp", b"one", b"pin",
    b"cv", b"card", b"pan", b"ssn", b"nonce", b"verifier", b"challenge", b"dsn", b"connection",
)  # fmt: skip
"""Every name of a secret field contains one of these, in lower case: most bodies contain none and need no reading."""


@lru_cache(4096)
def is_secret_header(name: str) -> bool:
    """Of requests and answers."""
    lower = name.lower()
    return lower in _HEADERS or (_HEADER_PARTS.search(lower) is not None and _HARMLESS.search(lower) is None)


@lru_cache(4096)
def is_secret_field(name: str) -> bool:
    """Of JSON, forms, multipart parts and query parameters."""
    short = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()).rstrip("[]")
    return _FIELD.search(short) is not None and _HARMLESS.search(short) is None


@lru_cache(4096)
def is_secret_parameter(name: str) -> bool:
    """Of a URL: more names are secrets there, as `code` of a sign-in."""
    return _QUERY.search(name) is not None or is_secret_field(name)

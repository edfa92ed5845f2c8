"""Who may connect an agent: bearer tokens, compared in constant time, kept only as SHA-256."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path

from app.domain.problems import fail

_LEAST = 16  # characters


class Tokens:
    """The tokens of one relay. Empty: everybody on this computer may connect (loopback only)."""

    def __init__(self, tokens: Iterable[tuple[str, str]] = ()) -> None:
        """tokens: (principal, token) pairs."""
        self._hashes = [(principal, _hash(token)) for principal, token in tokens]

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def principal(self, authorization: str | None) -> str | None:
        """Whom the Authorization header proves, "" where no token is asked for, None if it proves nobody."""
        if not self._hashes:
            return ""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        presented = _hash(token.strip())
        found = None
        for principal, expected in self._hashes:
            # No early exit: the time must not tell which token came close.
            if hmac.compare_digest(presented, expected):
                found = principal
        return found


def prove(token: str, nonce: str) -> str:
    """What only somebody who knows the token can answer: HMAC-SHA256 (RFC 2104) of the nonce, in hex."""
    return hmac.new(token.encode(), nonce.encode(), hashlib.sha256).hexdigest()


def read_token_file(path: Path) -> list[tuple[str, str]]:
    """One `token` or `name:token` a line; blank lines and # comments are skipped.

    Raises HatchwayError `bad_token_file`.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise fail("bad_token_file", f"The token file cannot be read: {error}", "you", "Check --token-file.") from None
    tokens = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, colon, token = text.partition(":")
        principal, token = (name.strip(), token.strip()) if colon else (f"token {number}", text)
        if len(token) < _LEAST:
            raise fail(
                "bad_token_file",
                f"The token in line {number} of the token file is shorter than {_LEAST} characters",
                "you",
                "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
        tokens.append((principal, token))
    if not tokens:
        raise fail("bad_token_file", "The token file holds no token", "you", "Write one token a line.")
    return tokens


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()

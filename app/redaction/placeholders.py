"""Names for secrets: the same secret has the same name throughout one export."""

from __future__ import annotations

import re
from base64 import b64encode
from urllib.parse import quote, quote_plus

PLACEHOLDER = re.compile(r"\{\{([a-z][a-z0-9_]*_\d+)\}\}")
_LEAST = 6
"""Characters: shorter secrets are replaced where they are known, not wherever the same letters stand."""


class Placeholders:
    """`{{authorization_1}}`, `{{password_1}}`, `{{password_2}}` …"""

    def __init__(self, remembered: int) -> None:
        """remembered: how many of the latest secrets are looked for in what has no name beside it"""
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._latest: dict[str, list[str]] = {}  # secret → its spellings
        self._remembered = remembered
        self._known: list[tuple[str, str]] | None = None

    def of(self, kind: str, secret: str) -> str:
        """The placeholder of the secret; its first kind names it for good."""
        name = self._names.get(secret)
        if name is None:
            kind = re.sub(r"[^a-z0-9]+", "_", kind.lower()).strip("_") or "secret"
            kind = kind if kind[0].isalpha() else f"x_{kind}"
            self._counts[kind] = number = self._counts.get(kind, 0) + 1
            name = self._names[secret] = f"{{{{{kind}_{number}}}}}"
        if len(secret) >= _LEAST and secret not in self._latest:
            self._latest[secret] = _spellings(secret)
            if len(self._latest) > self._remembered:
                del self._latest[next(iter(self._latest))]
            self._known = None
        return name

    @property
    def counts(self) -> dict[str, int]:
        """Kind → how many different secrets of it were found."""
        return dict(self._counts)

    @property
    def known(self) -> list[tuple[str, str]]:
        """(spelling of a secret, placeholder) of those that are looked for anywhere, longest first."""
        if self._known is None:
            found = {spelling: self._names[secret] for secret, all_ in self._latest.items() for spelling in all_}
            self._known = sorted(found.items(), key=lambda each: -len(each[0]))
        return self._known


def _spellings(secret: str) -> list[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    quoted = quote(secret, safe="", errors="replace"), quote_plus(secret, errors="replace")
    return [secret, *quoted, b64encode(raw).decode().rstrip("="), secret.replace("/", "\\/")]

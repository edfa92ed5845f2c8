"""The public keys of an identity provider: a JSON Web Key Set (RFC 7517) at an address, kept for a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from backend_lambda.adapters.tokens.compact import from_base64url, read_object
from backend_lambda.adapters.tokens.download import download
from backend_lambda.adapters.tokens.errors import BadToken, KeysUnavailable
from backend_lambda.adapters.tokens.p256 import EcKey
from backend_lambda.adapters.tokens.rsa import RsaKey

_FRESH: Final = 600.0  # seconds that a set serves
_STALE: Final = 3600.0  # … while it cannot be had anew: as long as a key lives on that its owner has withdrawn
_BETWEEN: Final = 10.0  # seconds between two downloads: tokens with invented key ids must not make one each
_MOST_KEYS: Final = 32
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """algorithm: RS256 or ES256, which follows from the kind of key and is never taken from a token"""

    algorithm: str
    key_id: str | None
    key: RsaKey | EcKey


class KeySet:
    """fetch: the document at an address, or KeysUnavailable; clock: monotonic, in seconds."""

    def __init__(
        self, url: str, *, fetch: Callable[[str], bytes] = download, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: list[PublicKey] = []
        self._loaded: float | None = None
        self._tried: float | None = None
        self._failure = ""

    def find(self, algorithm: str, key_id: str | None) -> list[PublicKey]:
        """The keys that may have signed it: those of this id, or without an id all. Empty if there is none, also after
        a new look (keys are rotated by adding one). Raises KeysUnavailable."""
        if self._age(self._loaded) > _FRESH:
            self._load()
        found = self._of(algorithm, key_id)
        if not found and self._age(self._tried) > _BETWEEN:
            self._load()
            found = self._of(algorithm, key_id)
        return found

    def _of(self, algorithm: str, key_id: str | None) -> list[PublicKey]:
        fitting = [key for key in self._keys if key.algorithm == algorithm]
        return fitting if key_id is None else [key for key in fitting if key.key_id == key_id]

    def _load(self) -> None:
        """Anew, or what is there if that may serve a little longer. Raises KeysUnavailable."""
        if self._age(self._tried) > _BETWEEN:
            self._tried = self._clock()
            try:
                self._keys, self._failure = _keys_of(self._fetch(self._url)), ""
                self._loaded = self._clock()
            except KeysUnavailable as error:
                _log.warning("keys of the identity provider unavailable: %s", error)
                self._failure = str(error)
        if self._failure and self._age(self._loaded) > _STALE:
            raise KeysUnavailable(self._failure)

    def _age(self, moment: float | None) -> float:
        return float("inf") if moment is None else self._clock() - moment


def _keys_of(document: bytes) -> list[PublicKey]:
    """What of the set can be used; keys of other kinds and for other purposes are passed over (RFC 7517 section 5)."""
    try:
        entries = read_object(document).get("keys")
    except BadToken as error:
        raise KeysUnavailable(f"the key set is {error}") from None
    if not isinstance(entries, list):
        raise KeysUnavailable("the key set has no list of keys")
    keys = [key for entry in entries[:_MOST_KEYS] if isinstance(entry, dict) and (key := _key_of(entry)) is not None]
    if not keys:
        raise KeysUnavailable("the key set has no usable key for RS256 or ES256")
    return keys


def _key_of(entry: dict[str, Any]) -> PublicKey | None:
    if entry.get("use", "sig") != "sig" or "verify" not in (entry.get("key_ops") or ["verify"]):
        return None
    key_id = entry.get("kid")
    if not isinstance(key_id, str | None):
        return None
    try:
        if entry.get("kty") == "RSA" and entry.get("alg", "RS256") == "RS256":
            return PublicKey("RS256", key_id, RsaKey(_number(entry["n"]), _number(entry["e"])))
        if entry.get("kty") == "EC" and entry.get("crv") == "P-256" and entry.get("alg", "ES256") == "ES256":
            return PublicKey("ES256", key_id, EcKey(_number(entry["x"]), _number(entry["y"])))
    except (KeyError, TypeError, ValueError, AttributeError, BadToken):
        return None
    return None


def _number(text: str) -> int:
    return int.from_bytes(from_base64url(text), "big")

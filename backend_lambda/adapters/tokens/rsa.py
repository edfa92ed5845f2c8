"""RS256: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.2), verification only."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

_FEWEST_BITS: Final = 2048  # RFC 7518 section 3.3
_MOST_BITS: Final = 8192  # larger ones only cost time
_MOST_EXPONENT: Final = 1 << 32
_DIGEST_INFO: Final = bytes.fromhex("3031300d060960864801650304020105000420")  # SHA-256, RFC 8017 section 9.2


@dataclass(frozen=True, slots=True)
class RsaKey:
    """modulus, exponent: public. Raises ValueError for a key that is weak or none."""

    modulus: int
    exponent: int

    def __post_init__(self) -> None:
        if not _FEWEST_BITS <= self.modulus.bit_length() <= _MOST_BITS or self.modulus % 2 == 0:
            raise ValueError("modulus")
        if not 3 <= self.exponent < _MOST_EXPONENT or self.exponent % 2 == 0:
            raise ValueError("exponent")

    def verifies(self, signed: bytes, signature: bytes) -> bool:
        """Whether the signature is of these bytes. What must stand in it is built and compared as a whole: to read it
        instead is how signatures get forged (Bleichenbacher 2006)."""
        size = (self.modulus.bit_length() + 7) // 8
        value = int.from_bytes(signature, "big")
        if len(signature) != size or value >= self.modulus:
            return False
        tail = _DIGEST_INFO + hashlib.sha256(signed).digest()
        expected = b"\x00\x01" + b"\xff" * (size - len(tail) - 3) + b"\x00" + tail
        return hmac.compare_digest(pow(value, self.exponent, self.modulus).to_bytes(size, "big"), expected)

"""Tokens as an identity provider makes them, with the keys that RFC 7515 publishes (appendix A.1 to A.3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from backend_lambda.adapters.tokens.compact import from_base64url

NOW = 1_800_000_000.0
ISSUER = "https://id.example.com"
AUDIENCE = "hatchway"
SECRET_TEXT = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
RSA_JWK = {
    "kty": "RSA",
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
    "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg6"
    "65xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp"
    "oQ",
    "e": "AQAB",
}
_RSA_D = (
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0"
    "BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYT"
    "CBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"
)
EC_JWK = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
_EC_D = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
CLAIMS: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": NOW - 60, "exp": NOW + 600}


def number(text: str) -> int:
    return int.from_bytes(from_base64url(text), "big")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def rsa_raw(encoded: bytes) -> bytes:
    """What the private key makes of a message that has been encoded already, rightly or not."""
    modulus = number(RSA_JWK["n"])
    return pow(int.from_bytes(encoded, "big"), number(_RSA_D), modulus).to_bytes(256, "big")


def rsa_encoded(signed: bytes, *, info: bytes = _DIGEST_INFO, padding: int | None = None, rest: bytes = b"") -> bytes:
    """256 bytes, with nothing wrong unless asked for. padding: number of FF; rest: what follows the digest"""
    tail = b"\x00" + info + hashlib.sha256(signed).digest() + rest
    return b"\x00\x01" + b"\xff" * (254 - len(tail) if padding is None else padding) + tail


def sign(algorithm: str, signed: bytes) -> bytes:
    match algorithm:
        case "HS256":
            return hmac.digest(SECRET_TEXT.encode(), signed, hashlib.sha256)
        case "RS256":
            return rsa_raw(rsa_encoded(signed))
        case "ES256":
            key = ec.derive_private_key(number(_EC_D), ec.SECP256R1())
            r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        case _:
            return b""


def token_of(algorithm: str, claims: Any = CLAIMS, *, by: str | None = None, **header: Any) -> str:
    """by: the algorithm that it is really signed with; claims: an object, or the bytes themselves"""
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signed = f"{base64url(json.dumps({'alg': algorithm, **header}).encode())}.{base64url(body)}"
    return f"{signed}.{base64url(sign(by or algorithm, signed.encode()))}"

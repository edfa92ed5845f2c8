"""ES256: ECDSA on P-256 with SHA-256 (FIPS 186-5 section 6.4.2, RFC 7518 section 3.4), verification only.

Everything in a verification is public, so nothing has to take the same time. Points are Jacobian: (X, Y, Z) stands for
(X/Z², Y/Z³), Z = 0 for the point at infinity.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

_P: Final = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_N: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_Point = tuple[int, int, int]
_G: Final = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    1,
)
_INFINITY: Final = (1, 1, 0)
_SIZE: Final = 32  # bytes of a coordinate, and of each half of a signature


@dataclass(frozen=True, slots=True)
class EcKey:
    """x, y: of the public point. Raises ValueError if it is not on the curve; the curve's order is prime, so every
    point on it but infinity, which has no x and y, is a key."""

    x: int
    y: int

    def __post_init__(self) -> None:
        if not (0 <= self.x < _P and 0 <= self.y < _P):
            raise ValueError("coordinate")
        if (self.y * self.y - (self.x * self.x * self.x - 3 * self.x + _B)) % _P:
            raise ValueError("not on the curve")

    def verifies(self, signed: bytes, signature: bytes) -> bool:
        """Whether the signature (r and s, 32 bytes each) is of these bytes."""
        if len(signature) != 2 * _SIZE:
            return False
        r, s = int.from_bytes(signature[:_SIZE], "big"), int.from_bytes(signature[_SIZE:], "big")
        if not (0 < r < _N and 0 < s < _N):
            return False
        digest = int.from_bytes(hashlib.sha256(signed).digest(), "big")
        inverse = pow(s, -1, _N)
        x, _, z = _sum_of_products(digest * inverse % _N, r * inverse % _N, (self.x, self.y, 1))
        if z == 0:
            return False
        return x * pow(z, -2, _P) % _P % _N == r


def _sum_of_products(u: int, v: int, point: _Point) -> _Point:
    """u·G + v·point, both at once: doublings are what it takes longest for."""
    choice = {(1, 0): _G, (0, 1): point, (1, 1): _add(_G, point)}
    total: _Point = _INFINITY
    for bit in range(max(u.bit_length(), v.bit_length()) - 1, -1, -1):
        total = _double(total)
        pair = (u >> bit & 1, v >> bit & 1)
        if pair != (0, 0):
            total = _add(total, choice[pair])
    return total


def _double(point: _Point) -> _Point:
    """For curves with a = -3."""
    x, y, z = point
    if z == 0:
        return _INFINITY  # no point of this curve has y = 0, its order being odd
    z2 = z * z % _P
    slope = 3 * (x - z2) * (x + z2) % _P
    y2 = y * y % _P
    product = 4 * x * y2 % _P
    x3 = (slope * slope - 2 * product) % _P
    return x3, (slope * (product - x3) - 8 * y2 * y2) % _P, 2 * y * z % _P


def _add(one: _Point, other: _Point) -> _Point:
    x1, y1, z1 = one
    x2, y2, z2 = other
    if z1 == 0:
        return other
    if z2 == 0:
        return one
    z1_2, z2_2 = z1 * z1 % _P, z2 * z2 % _P
    u1, u2 = x1 * z2_2 % _P, x2 * z1_2 % _P
    s1, s2 = y1 * z2_2 * z2 % _P, y2 * z1_2 * z1 % _P
    if u1 == u2:
        return _double(one) if s1 == s2 else _INFINITY
    h, slope = u2 - u1, s2 - s1
    h2 = h * h % _P
    h3 = h * h2 % _P
    product = u1 * h2 % _P
    x3 = (slope * slope - h3 - 2 * product) % _P
    return x3, (slope * (product - x3) - s1 * h3) % _P, h * z1 * z2 % _P

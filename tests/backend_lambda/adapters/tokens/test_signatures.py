"""RS256 and ES256 against the examples of RFC 7515, another implementation, and signatures that must not pass."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from backend_lambda.adapters.tokens.compact import from_base64url
from backend_lambda.adapters.tokens.p256 import _B, _G, _INFINITY, _N, _P, EcKey, _add, _double, _sum_of_products
from backend_lambda.adapters.tokens.rsa import RsaKey
from tests.backend_lambda.adapters.tokens.signing import EC_JWK, RSA_JWK, number, rsa_encoded, rsa_raw, sign

PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
RS256_SIGNED = f"eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}".encode()
RS256 = from_base64url(
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcA"
    "cQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHW"
    "EsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)
ES256_SIGNED = f"eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}".encode()
ES256 = from_base64url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
RSA_KEY = RsaKey(number(RSA_JWK["n"]), number(RSA_JWK["e"]))
EC_KEY = EcKey(number(EC_JWK["x"]), number(EC_JWK["y"]))


def test_the_examples_of_rfc_7515() -> None:
    assert RSA_KEY.verifies(RS256_SIGNED, RS256)
    assert EC_KEY.verifies(ES256_SIGNED, ES256)


def test_what_the_tests_sign_is_what_others_take_for_signed() -> None:
    public = rsa.RSAPublicNumbers(RSA_KEY.exponent, RSA_KEY.modulus).public_key()
    public.verify(sign("RS256", b"text"), b"text", padding.PKCS1v15(), hashes.SHA256())
    assert RSA_KEY.verifies(b"text", sign("RS256", b"text"))
    assert EC_KEY.verifies(b"text", sign("ES256", b"text"))


@pytest.mark.parametrize("bit", [0, 7, 300, 511])
def test_a_changed_bit_is_noticed(bit: int) -> None:
    changed = bytearray(ES256)
    changed[bit // 8] ^= 1 << bit % 8
    assert not EC_KEY.verifies(ES256_SIGNED, bytes(changed))
    changed = bytearray(RS256)
    changed[bit // 8] ^= 1 << bit % 8
    assert not RSA_KEY.verifies(RS256_SIGNED, bytes(changed))
    assert not RSA_KEY.verifies(RS256_SIGNED + b"x", RS256)
    assert not EC_KEY.verifies(ES256_SIGNED + b"x", ES256)


@pytest.mark.parametrize(
    "encoded",
    [
        # Bleichenbacher: little padding, and room for what makes the number a cube or so.
        rsa_encoded(b"text", padding=8, rest=b"\x00" * 194),
        rsa_encoded(b"text", padding=200, rest=b"\x00" * 2),
        # No parameters where NULL has to be; the length in a longer form.
        rsa_encoded(b"text", info=bytes.fromhex("302f300b0609608648016503040201" + "0420")),
        rsa_encoded(b"text", info=bytes.fromhex("308131300d060960864801650304020105000420")),
        # SHA-1's name before a digest of SHA-256, no name at all, the block type of encryption, no zero in front.
        rsa_encoded(b"text", info=bytes.fromhex("3021300906052b0e03021a05000414")),
        rsa_encoded(b"text", info=b""),
        b"\x00\x02" + rsa_encoded(b"text")[2:],
        rsa_encoded(b"text").replace(b"\xff\x00", b"\xfe\x00"),
        rsa_encoded(b"other"),
    ],
    ids=[
        "long rest", "short rest", "no parameters", "long length", "SHA-1", "no name", "type 2", "FE", "other text",
    ],
)  # fmt: skip
def test_a_private_key_does_not_help_what_is_encoded_otherwise(encoded: bytes) -> None:
    assert len(encoded) == 256
    assert not RSA_KEY.verifies(b"text", rsa_raw(encoded))


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\x00" * 256,
        b"\x00" + RS256,
        RS256[1:],
        RS256 + b"\x00",
        (number(RSA_JWK["n"])).to_bytes(256, "big"),
        (1).to_bytes(256, "big"),
        (number(RSA_JWK["n"]) - 1).to_bytes(256, "big"),
        b"\xff" * 256,
    ],
    ids=["none", "0", "longer", "shorter", "appended", "modulus", "1", "-1", "largest"],
)
def test_numbers_that_are_no_rsa_signatures(signature: bytes) -> None:
    assert not RSA_KEY.verifies(RS256_SIGNED, signature)


def test_the_same_number_by_another_text_is_no_signature() -> None:
    small = next(text for text in (b"%d" % n for n in range(200)) if sign("RS256", text)[0] < 0x40)
    larger = int.from_bytes(sign("RS256", small), "big") + RSA_KEY.modulus
    assert not RSA_KEY.verifies(small, larger.to_bytes(256, "big"))


R, S = int.from_bytes(ES256[:32], "big"), int.from_bytes(ES256[32:], "big")


@pytest.mark.parametrize(
    ("r", "s"),
    [
        (0, 0), (0, S), (R, 0), (_N, S), (R, _N), (R, _N + 1), (1, 1), (_N - 1, _N - 1), (R, S ^ 1), (S, R),
        (_P % _N, S), (2**256 - 1, 2**256 - 1), (_N - R, S),
    ],
)  # fmt: skip
def test_numbers_that_are_no_ecdsa_signature(r: int, s: int) -> None:
    assert not EC_KEY.verifies(ES256_SIGNED, r.to_bytes(32, "big") + s.to_bytes(32, "big"))


@pytest.mark.parametrize("signature", [b"", ES256[:63], ES256 + b"\x00", b"\x00" + ES256, b"0E\x02!\x00" + ES256])
def test_an_ecdsa_signature_has_64_bytes(signature: bytes) -> None:
    assert not EC_KEY.verifies(ES256_SIGNED, signature)


def test_the_other_s_is_a_signature_too_and_changes_nothing_for_a_token() -> None:
    assert EC_KEY.verifies(ES256_SIGNED, R.to_bytes(32, "big") + (_N - S).to_bytes(32, "big"))


@pytest.mark.parametrize("number_of_key", [1, 2, 3, _N - 1, _N - 2, _N // 2])
def test_keys_that_meet_the_generator_on_the_way(number_of_key: int) -> None:
    # Of private key 1 and n-1 the public points are G and -G, so that sums become doublings, or vanish.
    private = ec.derive_private_key(number_of_key, ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    for text in (b"one", b"two", b"three"):
        r, s = decode_dss_signature(private.sign(text, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        assert EcKey(numbers.x, numbers.y).verifies(text, signature)
        assert not EC_KEY.verifies(text, signature)


def test_r_is_the_remainder_of_a_larger_coordinate() -> None:
    # A point whose x lies between n and p, which chance does not find: x, and from it a key and a signature that fit.
    x = next(x for x in range(_N, _N + 100) if pow(x**3 - 3 * x + _B, (_P - 1) // 2, _P) == 1)
    point = (x, pow(x**3 - 3 * x + _B, (_P + 1) // 4, _P), 1)
    r, s, digest = x - _N, 7, int.from_bytes(hashlib.sha256(b"text").digest(), "big")
    inverse = pow(r, -1, _N)
    a, b, z = _sum_of_products(-digest * inverse % _N, s * inverse % _N, point)
    key = EcKey(a * pow(z, -2, _P) % _P, b * pow(z, -3, _P) % _P)
    public = ec.EllipticCurvePublicNumbers(key.x, key.y, ec.SECP256R1()).public_key()
    public.verify(encode_dss_signature(r, s), b"text", ec.ECDSA(hashes.SHA256()))
    assert key.verifies(b"text", r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    assert not key.verifies(b"text", x.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_sums_that_vanish() -> None:
    x, y, _ = _G
    opposite = (x, _P - y, 1)
    assert _add(_G, opposite)[2] == 0
    assert _add(_INFINITY, _G) == _G == _add(_G, _INFINITY)
    assert _double(_INFINITY)[2] == 0
    assert _sum_of_products(_N, 0, _G)[2] == 0
    assert _sum_of_products(5, 5, opposite)[2] == 0
    assert _sum_of_products(0, 0, _G)[2] == 0


@pytest.mark.parametrize(
    ("x", "y"),
    [(0, 0), (1, 1), (_G[0], _G[1] ^ 1), (_G[0] + _P, _G[1]), (_G[0], _G[1] + _P), (_P, _G[1]), (-1, 1), (_B, 0)],
)
def test_points_that_are_not_on_the_curve_are_no_keys(x: int, y: int) -> None:
    with pytest.raises(ValueError, match=r"coordinate|not on the curve"):
        EcKey(x, y)


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [
        (RSA_KEY.modulus >> 1 | 1, 65537),
        (RSA_KEY.modulus - 1, 65537),
        (1 << 9000 | 1, 65537),
        (0, 65537),
        (RSA_KEY.modulus, 1),
        (RSA_KEY.modulus, 65536),
        (RSA_KEY.modulus, (1 << 32) + 1),
    ],
    ids=["short", "even", "long", "zero", "exponent 1", "exponent even", "exponent long"],
)
def test_weak_and_absurd_rsa_keys_are_none(modulus: int, exponent: int) -> None:
    with pytest.raises(ValueError, match=r"modulus|exponent"):
        RsaKey(modulus, exponent)

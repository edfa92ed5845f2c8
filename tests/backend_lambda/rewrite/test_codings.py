"""Bodies in every content coding, cut anywhere, broken anywhere."""

from __future__ import annotations

import contextlib
import gzip
import random
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.coding_engines import PIECE, available_codings
from backend_lambda.rewrite.codings import (
    BrokenCoding,
    GzipEncoder,
    UnknownCoding,
    accept_encoding,
    decoder,
    known_codings,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_TEXT = b"<a href=/x>" * 20_000


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _gzip_with_name(data: bytes) -> bytes:
    plain = gzip.compress(data, mtime=0)
    return plain[:3] + b"\x08" + plain[4:10] + b"page.html\0" + plain[10:]


def _stored(data: bytes) -> bytes:
    return zlib.compress(data, 0)


def _gzip_members(data: bytes) -> bytes:
    middle = len(data) // 2
    return gzip.compress(data[:middle]) + gzip.compress(data[middle:])


def _zstd_frames(data: bytes) -> bytes:
    skipped = b"\x5a\x2a\x4d\x18\2\0\0\0xx"
    return zstd.compress(data[:7]) + skipped + zstd.compress(data[7:])


# name → (Content-Encoding, how to make such a body)
ENCODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "gzip-with-name": ("gzip", _gzip_with_name),
    "gzip-members": ("gzip", _gzip_members),
    "gzip-empty-members": ("gzip", lambda data: gzip.compress(b"") * 3 + gzip.compress(data) + gzip.compress(b"")),
    "gzip-own": ("gzip", lambda data: _encoded([data])),
    "deflate": ("deflate", zlib.compress),
    "deflate-stored": ("deflate", _stored),
    "deflate-raw": ("deflate", _raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
    "zstd-frames": ("zstd", _zstd_frames),
}
_encodings = st.sampled_from(sorted(ENCODINGS))
every_encoding = pytest.mark.parametrize("encoding", [pytest.param(name, id=f"RH20-{name}") for name in ENCODINGS])


def _encoded(pieces: Iterable[bytes], *, flush: bool = False) -> bytes:
    encoder = GzipEncoder()
    out = b"".join(encoder.feed(piece) + (encoder.flush() if flush else b"") for piece in pieces)
    return out + encoder.close()


def _decoded(coding: str, pieces: Iterable[bytes]) -> bytes:
    undo = decoder(coding)
    assert undo is not None
    out = b""
    for piece in pieces:
        for part in undo.feed(piece):
            assert 0 < len(part) <= PIECE
            out += part
    assert list(undo.close()) == []
    return out


def _cut(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    at = 0
    for size in cuts:
        yield data[at : at + size]
        at += size
    yield data[at:]


@every_encoding
def test_bodies_come_back(encoding: str) -> None:
    coding, encode = ENCODINGS[encoding]
    for data in (b"", b"x", _TEXT, random.Random(1).randbytes(200_000)):
        assert _decoded(coding, [encode(data)]) == data


@every_encoding
def test_bodies_come_back_byte_by_byte(encoding: str) -> None:
    coding, encode = ENCODINGS[encoding]
    body = encode(b"<p>text</p>" * 50)
    assert _decoded(coding, (body[at : at + 1] for at in range(len(body)))) == b"<p>text</p>" * 50


@given(_encodings, st.binary(max_size=300), st.integers(1, 500), st.lists(st.integers(0, 40), max_size=20))
def test_any_cut_gives_the_same(encoding: str, data: bytes, times: int, cuts: list[int]) -> None:
    coding, encode = ENCODINGS[encoding]
    assert _decoded(coding, _cut(encode(data * times), cuts)) == data * times


@every_encoding
def test_a_body_that_breaks_off_is_noticed(encoding: str) -> None:
    coding, encode = ENCODINGS[encoding]
    body = encode(b"some text")
    for size in range(1, len(body)):
        try:
            out = _decoded(coding, [body[:size]])
        except BrokenCoding:
            continue
        # Cut between two members: nothing shows that another one was to come.
        assert "members" in encoding or "frames" in encoding
        assert b"some text".startswith(out)


@every_encoding
def test_an_empty_body_is_fine(encoding: str) -> None:
    assert _decoded(ENCODINGS[encoding][0], []) == _decoded(ENCODINGS[encoding][0], [b"", b""]) == b""


@given(_encodings, st.binary(max_size=200), st.integers(0, 250), st.binary(max_size=5), st.lists(st.integers(0, 20)))
def test_damage_raises_nothing_else(encoding: str, data: bytes, at: int, damage: bytes, cuts: list[int]) -> None:
    coding, encode = ENCODINGS[encoding]
    body = bytearray(encode(data))
    body[at : at + len(damage)] = damage
    outcomes: set[bytes | None] = set()
    for pieces in ([bytes(body)], _cut(bytes(body), cuts)):
        try:
            outcomes.add(_decoded(coding, pieces))
        except BrokenCoding:
            outcomes.add(None)
    assert len(outcomes) == 1


@given(_encodings, st.binary(max_size=100))
def test_noise_raises_nothing_else(encoding: str, noise: bytes) -> None:
    with contextlib.suppress(BrokenCoding):
        _decoded(ENCODINGS[encoding][0], [noise])


@pytest.mark.parametrize(
    ("encoding", "trailing"),
    [
        pytest.param("gzip", b"\n", id="RH20-gzip-line-end"),
        pytest.param("gzip", b"\0" * 512, id="RH20-gzip-padding"),
        pytest.param("gzip", b"\x1f\x8b", id="RH20-gzip-half-a-member"),
        pytest.param("gzip-members", b"\x1f\x8b\x00rest", id="RH20-gzip-no-member"),
        pytest.param("deflate", b"rest", id="RH20-deflate"),
        pytest.param("deflate-raw", b"rest", id="RH20-deflate-raw"),
        pytest.param("zstd", b"rest", id="RH20-zstd"),
    ],
)
def test_what_stands_behind_the_end_is_ignored(encoding: str, trailing: bytes) -> None:
    coding, encode = ENCODINGS[encoding]
    body = encode(b"some text") + trailing
    assert _decoded(coding, [body]) == b"some text"
    assert _decoded(coding, (body[at : at + 1] for at in range(len(body)))) == b"some text"


@pytest.mark.parametrize("at_once", [True, False], ids=["RH20-at-once", "RH20-in-a-piece-of-its-own"])
def test_what_stands_behind_the_end_of_brotli_breaks_it(at_once: bool) -> None:
    body = brotli.compress(b"some text")
    with pytest.raises(BrokenCoding):
        _decoded("br", [body + b"rest"] if at_once else [body, b"rest"])


def test_a_further_member_that_is_broken_is_noticed() -> None:
    with pytest.raises(BrokenCoding):
        _decoded("gzip", [gzip.compress(b"x") + b"\x1f\x8b\x08" + b"\xff" * 20])


def test_checksums_count() -> None:
    body = bytearray(gzip.compress(b"some text"))
    body[-5] ^= 1
    with pytest.raises(BrokenCoding):
        _decoded("gzip", [bytes(body)])


def test_a_window_larger_than_browsers_take_is_refused() -> None:
    options = {zstd.CompressionParameter.window_log: 25, zstd.CompressionParameter.compression_level: 1}
    packer = zstd.ZstdCompressor(options=options)  # says nothing about the size, so the frame states its window
    with pytest.raises(BrokenCoding):
        _decoded("zstd", [packer.compress(b"x" * 100_000) + packer.flush()])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        pytest.param("gzip", gzip.compress, id="RH20-gzip"),
        pytest.param("deflate", zlib.compress, id="RH20-deflate"),
        pytest.param("br", lambda data: brotli.compress(data, quality=3), id="RH20-br"),
        pytest.param("zstd", zstd.compress, id="RH20-zstd"),
    ],
)
def test_a_bomb_is_stopped_and_never_in_memory(coding: str, encode: Callable[[bytes], bytes]) -> None:
    size = 128 * 1024 * 1024
    body = encode(bytes(size))
    assert len(body) < size / 200
    undo = decoder(coding)
    assert undo is not None
    sizes: list[int] = []
    tracemalloc.start()
    try:
        with pytest.raises(BrokenCoding, match="bomb"):
            sizes.extend(map(len, undo.feed(body)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert max(sizes, default=0) <= PIECE
    assert sum(sizes) <= 64 * 1024 * 1024
    assert peak < 16 * 1024 * 1024


def test_a_long_page_that_repeats_itself_is_no_bomb() -> None:
    undo = decoder("gzip")
    assert undo is not None
    page = random.Random(1).randbytes(500) + bytes(60_000)
    body = gzip.compress(page * 1200, 1)
    assert len(body) < len(page) * 1200 / 70
    assert sum(map(len, undo.feed(body))) == len(page) * 1200 > 64 * 1024 * 1024
    undo.close()


@pytest.mark.parametrize("coding", ["", "identity", " Identity , ", ","])
def test_nothing_to_undo(coding: str) -> None:
    assert decoder(coding) is None


@pytest.mark.parametrize(
    "coding",
    [
        pytest.param(name, id=f"RH20-{name}")
        for name in ("dcb", "dcz", "compress", "gzip, gzip", "br, gzip", "aes128gcm", "none", "gzip;q=1")
    ],
)
def test_what_cannot_be_undone_is_named(coding: str) -> None:
    with pytest.raises(UnknownCoding, match=coding):
        decoder(coding)


def test_identity_next_to_a_coding_means_nothing() -> None:
    assert _decoded("identity, gzip", [gzip.compress(b"x")]) == b"x"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("gzip, br, zstd, dcz", "gzip, br, zstd", id="RQ10-dictionary"),
        pytest.param("gzip, deflate, br, zstd", "gzip, deflate, br, zstd", id="RQ10-browsers"),
        pytest.param("GZIP;q=0.8 ,X-gzip,dcb, Br;Q=1", "GZIP;q=0.8, X-gzip, Br;Q=1", id="RQ10-spelling"),
        pytest.param("dcz", "identity", id="RQ10-nothing-left"),
        pytest.param("", "identity", id="RQ10-empty"),
        pytest.param("identity", "identity", id="RQ10-identity"),
        pytest.param("compress, identity;q=0.5", "identity;q=0.5", id="RQ10-identity-left"),
        pytest.param("gzip;q=0, dcz", "identity", id="RQ10-only-refusals"),
        pytest.param("dcz, *;q=0", "identity", id="RQ10-nothing-but-what-is-unknown"),
        pytest.param("gzip, *;q=0", "gzip, *;q=0", id="RQ10-nothing-else"),
        pytest.param("gzip;q=1.0, identity; q=0.5, *;q=0.0", "gzip;q=1.0, identity; q=0.5, *;q=0.0", id="RQ10-rfc"),
        pytest.param("*", "br, deflate, gzip, zstd", id="RQ10-anything"),
        pytest.param("br;q=0, gzip, *;q=0.1", "br;q=0, gzip, deflate;q=0.1, zstd;q=0.1", id="RQ10-anything-else"),
        pytest.param("sdch, gzip;q=bad", "gzip;q=bad", id="RQ10-odd-weight"),
    ],
)
def test_what_the_app_may_choose_from(value: str, expected: str) -> None:
    assert accept_encoding(value) == expected


@given(st.text(alphabet="gzipbrstd*identy;q=.01, ", max_size=40))
def test_asking_twice_is_asking_once(value: str) -> None:
    once = accept_encoding(value)
    assert accept_encoding(once) == once
    names = {item.partition(";")[0].strip().lower() for item in once.split(",")}
    assert names <= known_codings() | {"identity", "*"}


@pytest.mark.parametrize(
    ("absent", "expected"),
    [
        pytest.param(("brotli", "brotlicffi"), "gzip, zstd", id="RQ10-no-brotli"),
        pytest.param(("compression.zstd", "backports.zstd"), "gzip, br", id="RQ10-no-zstd"),
        pytest.param(("brotli", "brotlicffi", "compression.zstd", "backports.zstd"), "gzip", id="RQ10-neither"),
    ],
)
def test_modules_may_be_absent(absent: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in absent:
        monkeypatch.setitem(sys.modules, name, None)
    available_codings.cache_clear()
    try:
        assert accept_encoding("gzip, br, zstd") == expected
        if "br" not in expected:
            with pytest.raises(UnknownCoding):
                decoder("br")
    finally:
        available_codings.cache_clear()


def test_a_brotli_that_cannot_stop_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        class Decompressor:
            def process(self, data: bytes) -> bytes:
                raise AssertionError("must not be used")

    monkeypatch.setitem(sys.modules, "brotli", Old)
    available_codings.cache_clear()
    try:
        assert "br" not in known_codings()
    finally:
        available_codings.cache_clear()


@given(st.lists(st.binary(max_size=50)), st.booleans())
def test_gzip_comes_back_whenever_it_was_flushed(pieces: list[bytes], flush: bool) -> None:
    assert gzip.decompress(_encoded(pieces, flush=flush)) == b"".join(pieces)


def test_what_has_been_fed_can_be_read_after_a_flush() -> None:
    encoder, reader = GzipEncoder(), decoder("gzip")
    assert reader is not None
    for word in (b"first", b"second", b"third"):
        sent = encoder.feed(word) + encoder.flush()
        assert b"".join(reader.feed(sent)) == word
        assert encoder.flush() == b""
        assert encoder.feed(b"") + encoder.flush() == b""
    assert b"".join(reader.feed(encoder.close())) == b""
    reader.close()


def test_the_same_body_gives_the_same_bytes() -> None:
    first = _encoded([_TEXT])
    assert first == _encoded([_TEXT])
    assert first[4:8] == bytes(4)  # the time, RFC 1952 section 2.3.1

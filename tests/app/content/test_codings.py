from __future__ import annotations

import gzip
import sys
import threading
import zlib

import pytest

from app.content.codings import decode_body

TEXT = b"hello world, " * 1000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("data", "coding", "removed"),
    [
        (TEXT, None, ()),
        (TEXT, "identity", ()),
        (gzip.compress(TEXT), "gzip", ("gzip",)),
        (gzip.compress(TEXT), "X-GZIP", ("x-gzip",)),
        (gzip.compress(TEXT[:5000]) + gzip.compress(TEXT[5000:]), "gzip", ("gzip",)),
        (zlib.compress(TEXT), "deflate", ("deflate",)),
        (raw_deflate(TEXT), "deflate", ("deflate",)),
        (gzip.compress(zlib.compress(TEXT)), "deflate, gzip", ("gzip", "deflate")),
    ],
    ids=["none", "identity", "gzip", "x-gzip", "gzip-members", "deflate", "deflate-raw", "chain"],
)
def test_codings_are_removed(data: bytes, coding: str | None, removed: tuple[str, ...]) -> None:
    decoded = decode_body(data, coding)
    assert decoded.data == TEXT
    assert decoded.codings == removed
    assert decoded.problem == ""


def test_a_cut_capture_is_decoded_as_far_as_it_goes() -> None:
    packed = gzip.compress(bytes(range(256)) * 4000, compresslevel=1)
    decoded = decode_body(packed[: len(packed) // 2], "gzip")
    assert len(decoded.data) > 10_000
    assert (bytes(range(256)) * 4000).startswith(decoded.data)


def test_a_bomb_stops_at_the_cap() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    decoded = decode_body(bomb, "gzip", cap=1024 * 1024)
    assert len(decoded.data) == 1024 * 1024
    assert decoded.problem == "only the first 1 MiB are decoded"


def test_a_bomb_inside_a_bomb_stops_at_the_cap() -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    assert len(decode_body(bomb, "gzip, gzip", cap=1024 * 1024).data) == 1024 * 1024


def test_damaged_data_stays_as_it_is_and_the_problem_is_named() -> None:
    decoded = decode_body(b"not gzip", "gzip")
    assert decoded.data == b"not gzip"
    assert decoded.problem.startswith("gzip could not be decoded")


def test_an_unknown_coding_is_named() -> None:
    assert decode_body(b"x", "exi").problem == "unknown content coding “exi”"


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_a_missing_decoder_is_said(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("brotli", "brotlicffi", "compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    decoded = decode_body(b"\x01\x02", coding)
    assert decoded.data == b"\x01\x02"
    assert "no decoder is installed" in decoded.problem


def test_decoding_can_be_stopped() -> None:
    stop = threading.Event()
    stop.set()
    assert decode_body(gzip.compress(TEXT), "gzip", stop=stop).problem.endswith("stopped")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_an_empty_body_needs_no_decoder(coding: str) -> None:
    assert decode_body(b"", coding).problem == ""

"""Puts content codings back on bodies of files that hold them plain, so that they agree with their headers."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 1, mtime=0),
    "x-gzip": lambda data: gzip.compress(data, 1, mtime=0),
    "deflate": lambda data: zlib.compress(data, 1),
    "br": lambda data: bytes(brotli.compress(data, quality=1)),
    "zstd": lambda data: bytes(zstd.compress(data)),
    "identity": lambda data: data,
}


def encode_body(data: bytes, content_encoding: str | None) -> bytes:
    """Apply the codings of a Content-Encoding, the first one first. Unknown ones leave the data as they are: then
    nobody could have removed them."""
    names = [name.strip().lower() for name in (content_encoding or "").split(",") if name.strip()]
    if not data or not all(name in _ENCODERS for name in names):
        return data
    for name in names:
        data = _ENCODERS[name](data)
    return data

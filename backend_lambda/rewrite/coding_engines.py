"""The content codings that can be decoded here: gzip and deflate everywhere, br and zstd where their modules are.

The modules are imported when they are first asked for; backend_lambda works without any of them.
"""

from __future__ import annotations

import importlib
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

PIECE = 64 * 1024
"""Bytes; what an engine gives at a time, more or less (a block of brotli is a little more)."""


class Engine(Protocol):
    """Decodes one gzip member, one zstd frame, one stream. Raises whatever its library raises for broken data.

    is_complete: nothing is missing
    leftover: once the member has ended, the bytes behind it; None before
    rest: what `decode` did not take yet
    """

    is_complete: bool
    leftover: bytes | None
    rest: bytes

    def decode(self, data: bytes) -> bytes:
        """About PIECE bytes at most; nothing if it needs more. data: `rest` of the last call, or new bytes."""


@dataclass(frozen=True, slots=True)
class Coding:
    """start: makes an engine when the first `needed` bytes are there; they are not taken
    follower: what the first `follower_size` bytes of a further member look like; None: nothing is read behind the first
    """

    start: Callable[[bytes], Engine]
    needed: int = 1
    follower: re.Pattern[bytes] | None = None
    follower_size: int = 0


def coding_named(name: str) -> Coding | None:
    """The coding of that lower-case name (RFC 9110, section 8.4.1), None if it cannot be decoded here."""
    return available_codings().get(name)


@cache
def available_codings() -> dict[str, Coding]:
    """Name → coding."""
    gzip = Coding(lambda _: _Inflate(zlib.MAX_WBITS | 16), follower=re.compile(rb"\x1f\x8b\x08"), follower_size=3)
    found = {"gzip": gzip, "x-gzip": gzip, "deflate": Coding(_start_deflate, needed=2)}
    brotli = _first_module("brotli", "brotlicffi")
    if brotli is not None and _can_limit(brotli):
        found["br"] = Coding(lambda _: _Brotli(brotli))
    zstd = _first_module("compression.zstd", "backports.zstd")
    if zstd is not None:
        found["zstd"] = Coding(
            lambda _: _Zstandard(zstd),
            follower=re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", re.DOTALL),
            follower_size=4,
        )
    return found


class _Inflate:
    def __init__(self, window_bits: int) -> None:
        self._decoder = zlib.decompressobj(window_bits)
        self.is_complete = False
        self.leftover: bytes | None = None
        self.rest = b""

    def decode(self, data: bytes) -> bytes:
        out = self._decoder.decompress(data, PIECE)
        if self._decoder.eof:
            self.is_complete = True
            self.leftover, self.rest = self._decoder.unused_data, b""
        else:
            self.rest = self._decoder.unconsumed_tail
        return out


def _start_deflate(first: bytes) -> Engine:
    """`deflate` means zlib (RFC 9110, section 8.4.1.2), yet some servers send it without the wrapper."""
    is_wrapped = first[0] & 0x0F == 8 and int.from_bytes(first[:2], "big") % 31 == 0
    return _Inflate(zlib.MAX_WBITS if is_wrapped else -zlib.MAX_WBITS)


class _Brotli:
    """Its library takes bytes behind the end for an error and does not say where they begin, so they are one."""

    def __init__(self, module: Any) -> None:
        self._decoder = module.Decompressor()
        self.is_complete = False
        self.leftover: bytes | None = None
        self.rest = b""

    def decode(self, data: bytes) -> bytes:
        if self.is_complete and not data:
            return b""
        out: bytes = self._decoder.process(data, output_buffer_limit=PIECE)
        self.is_complete = self._decoder.is_finished()
        return out


class _Zstandard:
    def __init__(self, module: Any) -> None:
        # RFC 9659: for HTTP no window is larger than 8 MiB, and browsers take no larger one.
        self._decoder = module.ZstdDecompressor(options={module.DecompressionParameter.window_log_max: 23})
        self.is_complete = False
        self.leftover: bytes | None = None
        self.rest = b""

    def decode(self, data: bytes) -> bytes:
        out: bytes = self._decoder.decompress(data, PIECE)
        if self._decoder.eof:
            self.is_complete = True
            self.leftover = self._decoder.unused_data
        return out


def _first_module(*names: str) -> Any:
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def _can_limit(brotli: Any) -> bool:
    """Whether its output can be taken piece by piece (brotli 1.2); without that a bomb fills the memory."""
    try:
        brotli.Decompressor().process(b"", output_buffer_limit=1)
    except TypeError:
        return False
    return True

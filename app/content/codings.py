"""Removes content codings (gzip, deflate, br, zstd) from captured bodies, within bounds; also from cut-off captures."""

from __future__ import annotations

import importlib
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DECODED_CAP = 16 * 1024 * 1024
"""Bytes; what a body may grow to when decoded. A 10 kB bomb becomes gigabytes without it."""

_SLICE = 64 * 1024


@dataclass(frozen=True, slots=True)
class DecodedBody:
    """data: decoded as far as it went; codings: those removed; problem: why it is not all, empty if it is."""

    data: bytes
    codings: tuple[str, ...] = ()
    problem: str = ""


def decode_body(
    data: bytes, content_encoding: str | None, *, cap: int = DECODED_CAP, stop: threading.Event | None = None
) -> DecodedBody:
    """Undo `Content-Encoding` (RFC 9110, section 8.4: last coding first). Never raises for bad data."""
    names = [name.strip().lower() for name in (content_encoding or "").split(",")]
    removed: list[str] = []
    for name in reversed([name for name in names if name not in ("", "identity")]):
        make = _DECODERS.get(name)
        if make is None:
            return DecodedBody(data, tuple(removed), f"unknown content coding “{name}”")
        if not data:
            continue
        try:
            step = make()
        except ImportError:
            return DecodedBody(data, tuple(removed), f"{name} cannot be decoded here: no decoder is installed")
        out, problem = _run(step, data, cap, stop)
        if problem and not out:
            return DecodedBody(data, tuple(removed), f"{name} could not be decoded: {problem}")
        data = out
        removed.append(name)
        if problem:
            return DecodedBody(data, tuple(removed), problem)
    return DecodedBody(data, tuple(removed))


# A step takes a piece of input and the room left, and returns the output for it (one byte over the room at most
# tells that there is more).
Step = Callable[[bytes, int], bytes]


def _run(step: Step, data: bytes, cap: int, stop: threading.Event | None) -> tuple[bytes, str]:
    out = bytearray()
    for start in range(0, len(data), _SLICE):
        if stop is not None and stop.is_set():
            return bytes(out), "stopped"
        try:
            out += step(data[start : start + _SLICE], cap - len(out) + 1)
        except Exception as error:  # every decoder has its own exception type
            return bytes(out), str(error) or type(error).__name__
        if len(out) > cap:
            return bytes(out[:cap]), f"only the first {cap // (1024 * 1024)} MiB are decoded"
    return bytes(out), ""


def _gzip() -> Step:
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def step(piece: bytes, room: int) -> bytes:
        nonlocal decoder
        out = b""
        while piece and len(out) < room:
            if decoder.eof:  # several members in a row are one body (RFC 1952, section 2.2)
                decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
            out += decoder.decompress(piece, room - len(out))
            piece = decoder.unused_data if decoder.eof else b""
        return out

    return step


def _deflate() -> Step:
    decoder = None

    def step(piece: bytes, room: int) -> bytes:
        nonlocal decoder
        if decoder is None:
            # "deflate" means zlib (RFC 9110, section 8.4.1.2), yet some servers send it without the wrapper.
            wrapped = len(piece) > 1 and piece[0] & 0x0F == 8 and int.from_bytes(piece[:2]) % 31 == 0
            decoder = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        return b"" if decoder.eof else decoder.decompress(piece, room)

    return step


def _brotli() -> Step:
    decoder = _first_module("brotli", "brotlicffi").Decompressor()

    def step(piece: bytes, room: int) -> bytes:
        out: bytes = decoder.process(piece, output_buffer_limit=room)
        while len(out) < room and not decoder.is_finished() and not decoder.can_accept_more_data():
            out += decoder.process(b"", output_buffer_limit=room - len(out))
        return out

    return step


def _zstandard() -> Step:
    make = _first_module("compression.zstd", "backports.zstd").ZstdDecompressor
    decoder = make()

    def step(piece: bytes, room: int) -> bytes:
        nonlocal decoder
        out = b""
        while piece and len(out) < room:
            if decoder.eof:  # frames in a row are one body (RFC 8878, section 3)
                decoder = make()
            out += decoder.decompress(piece, room - len(out))
            piece = decoder.unused_data if decoder.eof else b""
        return out

    return step


def _first_module(*names: str) -> Any:
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ImportError(names[0])


_DECODERS: dict[str, Callable[[], Step]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstandard,
}

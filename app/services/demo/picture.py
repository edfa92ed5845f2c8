"""A small PNG drawn in code: real binary data for the demo without a binary in the sources."""

from __future__ import annotations

import math
import struct
import zlib
from functools import cache

_TOP, _MIDDLE, _LOW = (29, 95, 209), (196, 163, 255), (255, 196, 140)
_SEA = (18, 40, 92)
_SUN = (255, 244, 214)


@cache
def sunset(width: int, height: int) -> bytes:
    """A PNG (RGB, 8 bit) of a sun over the sea, `width` by `height` pixels."""
    horizon = int(height * 0.68)
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # PNG filter type of the row: none
        for x in range(width):
            rows += bytes(_sky(x, y, width, horizon) if y < horizon else _water(x, y, width, height, horizon))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    )


def _sky(x: int, y: int, width: int, horizon: int) -> tuple[int, int, int]:
    height = y / horizon
    colour = _mix(_TOP, _MIDDLE, height * 1.7) if height < 0.6 else _mix(_MIDDLE, _LOW, (height - 0.6) * 2.5)
    distance = math.hypot(x - width * 0.62, y - horizon * 0.82) / (horizon * 0.26)
    glow = 1.0 if distance < 1 else math.exp(-(distance - 1) * 2.2) * 0.55
    return _mix(colour, _SUN, glow)


def _water(x: int, y: int, width: int, height: int, horizon: int) -> tuple[int, int, int]:
    depth = (y - horizon) / (height - horizon)
    wave = math.sin(y * y * 0.045 + math.sin(x * 0.05 + y) * 1.4)
    path = math.exp(-(((x - width * 0.62) / (width * (0.05 + 0.11 * depth))) ** 2))
    return _mix(_mix(_LOW, _SEA, 0.45 + depth * 0.75), _SUN, max(0.0, path * (0.45 + 0.4 * wave)))


def _mix(start: tuple[int, int, int], end: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    share = min(max(share, 0.0), 1.0)
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

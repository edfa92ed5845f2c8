"""Content codings on the way through (RH20, RQ10): which are asked for, decoded in bounded pieces, and gzip for what
leaves.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from backend_lambda.rewrite.coding_engines import PIECE, Coding, Engine, available_codings, coding_named

_SLICE = 16 * 1024  # libraries copy what they leave, which for many tiny members in one large piece would be quadratic
_BOMB_SIZE = 64 * 1024 * 1024
_BOMB_RATIO = 200  # no page comes near; deflate ends at 1032
# On pages of 0.5 to 3 MB: level 1 130 MB/s and 16 to 20 % of the size, level 4 80 MB/s and 13 to 17 %, level 6 45 MB/s
# and 12 to 16 %. Rewriting itself takes three times as long as level 4.
_LEVEL = 4


class UnknownCoding(Exception):
    """The body has a coding, or several, that cannot be undone here; it has to pass as it is."""


class BrokenCoding(Exception):
    """The body is not what its coding promises: corrupt, cut off, or a bomb."""


class Decoder:
    """One body. Pieces that come out are at most PIECE bytes, so no body can fill the memory."""

    def __init__(self, coding: Coding) -> None:
        self._coding = coding
        self._engine: Engine | None = None
        self._held = b""  # too little to tell what begins there
        self._is_first = True
        self._is_over = False
        self._taken = self._given = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next bytes of the body; the iterator has to be read to its end before the next call.

        What stands behind the end of gzip, zstd and deflate is ignored, as browsers do, unless another member begins
        there. Raises BrokenCoding.
        """
        for start in range(0, len(data), _SLICE):
            if self._is_over:
                return
            piece = data[start : start + _SLICE]
            self._taken += len(piece)
            held, self._held = self._held, b""
            yield from self._decode(held + piece)

    def close(self) -> Iterator[bytes]:
        """The body is over. Raises BrokenCoding if it broke off; an empty one is fine."""
        is_open = self._engine is not None and not self._engine.is_complete
        if is_open or (self._is_first and self._held):
            raise BrokenCoding("cut off")
        return iter(())

    def _decode(self, data: bytes) -> Iterator[bytes]:
        while (engine := self._engine or self._begin(data)) is not None:
            try:
                out = engine.decode(data)
            except Exception as error:  # every library has its own
                raise BrokenCoding(str(error) or type(error).__name__) from error
            yield from self._pieces(out)
            data = engine.rest
            if engine.leftover is not None:
                self._engine, self._is_first = None, False
                data = engine.leftover
            elif not out and not data:
                return

    def _begin(self, data: bytes) -> Engine | None:
        """The engine for what begins here; None if nothing does, or too little is there to tell."""
        coding = self._coding
        needed = coding.needed if self._is_first else coding.follower_size
        if len(data) < needed:
            self._held = data
            return None
        if not self._is_first and (coding.follower is None or not coding.follower.match(data)):
            self._is_over = True
            return None
        self._engine = coding.start(data)
        return self._engine

    def _pieces(self, out: bytes) -> Iterator[bytes]:
        self._given += len(out)
        if self._given > _BOMB_SIZE and self._given > _BOMB_RATIO * self._taken:
            raise BrokenCoding("decompression bomb")
        for start in range(0, len(out), PIECE):
            yield out[start : start + PIECE]


class GzipEncoder:
    """Same input, same output: the header holds no time."""

    def __init__(self) -> None:
        self._encoder = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        self._has_unflushed = False

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes; returns what is ready, often nothing."""
        if data:
            self._has_unflushed = True
        return self._encoder.compress(data)

    def flush(self) -> bytes:
        """All that is needed to read what has been fed so far, so that streams stay timely."""
        if not self._has_unflushed:
            return b""
        self._has_unflushed = False
        return self._encoder.flush(zlib.Z_SYNC_FLUSH)

    def close(self) -> bytes:
        """The end of the stream."""
        return self._encoder.flush()


def known_codings() -> frozenset[str]:
    """Names of the content codings that can be decoded here."""
    return frozenset(available_codings())


def decoder(content_encoding: str) -> Decoder | None:
    """A decoder for a body with this `Content-Encoding`, None if there is nothing to undo.

    Raises UnknownCoding for all that is not one of `known_codings`: `dcb`, `dcz`, `compress`, and codings upon codings.
    """
    names = [name for name in (part.strip().lower() for part in content_encoding.split(",")) if name]
    names = [name for name in names if name != "identity"]
    if not names:
        return None
    coding = coding_named(names[0]) if len(names) == 1 else None
    if coding is None:
        raise UnknownCoding(content_encoding)
    return Decoder(coding)


def accept_encoding(value: str) -> str:
    """A visitor's `Accept-Encoding` for the app, without what cannot be decoded here (RQ10).

    Order, weights and spelling stay. A `*` stands for what is known here and not named. `identity` if nothing is left.
    """
    known = known_codings()
    items = [item.strip() for item in value.split(",")]
    names = [item.partition(";")[0].strip().lower() for item in items]
    kept: list[str] = []
    has_choice = False
    for item, name in zip(items, names, strict=True):
        refused = _is_refused(item)
        if name == "*" and not refused:
            weight = item[1:].lstrip()
            kept += (other + weight for other in sorted(known - set(names) - {"x-gzip"}))
            has_choice = True
        elif name in known or name in ("identity", "*"):
            kept.append(item)
            has_choice = has_choice or not refused
    if not has_choice:
        return "identity"
    return value if kept == items else ", ".join(kept)


def _is_refused(item: str) -> bool:
    """Whether its weight is zero (RFC 9110, section 12.4.2)."""
    key, _, weight = item.partition(";")[2].partition("=")
    weight = weight.strip()
    return key.strip().lower() == "q" and bool(weight) and not weight.strip("0.")

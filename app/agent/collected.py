"""An answer's body as it is collected before it goes on: in memory at first, then in a temporary file."""

from __future__ import annotations

import asyncio
import tempfile
import zlib
from types import TracebackType
from typing import IO, Self

from app.domain.problems import fail
from backend_lambda.protocol.codec import deflated
from backend_lambda.protocol.limits import MAX_BLOB

_MEMORY = 4 * 1024 * 1024  # bytes; also what is deflated at most: beyond, visitors may get the body as it is stored
_AT_ONCE = 64 * 1024  # bytes that are deflated within a frame


class Collected:
    """size: bytes so far"""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        self.size = 0

    async def add(self, piece: bytes) -> None:
        """The next bytes. Raises HatchwayError `answer_too_large`."""
        self.size += len(piece)
        check_size(self.size)
        if self._file is not None:
            await asyncio.to_thread(self._file.write, piece)
            return
        self._pieces.append(piece)
        if self.size > _MEMORY:
            self._file = file = await _opened()
            pieces, self._pieces = self._pieces, []
            await asyncio.to_thread(file.writelines, pieces)

    async def stored(self) -> tuple[bytes | IO[bytes], int, bool]:
        """(the body as it is to be stored, its size there, whether it is deflated). A file is this object's."""
        if self._file is not None:
            return self._file, self.size, False
        body = b"".join(self._pieces)
        smaller, is_deflated = packed(body) if len(body) <= _AT_ONCE else await asyncio.to_thread(packed, body)
        return smaller, len(smaller), is_deflated

    @property
    def body(self) -> bytes | None:
        """All of it; None if it is in a file."""
        return b"".join(self._pieces) if self._file is None else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            # Shielded: a thread that has not begun yet would be cancelled with the exchange, and never close it.
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self._file.close))


async def _opened() -> IO[bytes]:
    """A file that is closed again if nobody waits for it any more."""
    opening = asyncio.get_running_loop().run_in_executor(None, _open)
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(lambda opened: None if opened.exception() else opened.result().close())
        raise


def _open() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="hatchway-")


def check_size(size: int) -> None:
    """Raises HatchwayError `answer_too_large`."""
    if size > MAX_BLOB:
        title = f"The answer is larger than {MAX_BLOB // (1024 * 1024)} MB"
        raise fail("answer_too_large", title, "your service", "Make it smaller, or use the embedded relay.")


def packed(body: bytes) -> tuple[bytes, bool]:
    """As `deflated`, without much work for what is compressed already."""
    sample = body[:_AT_ONCE]
    if len(body) > _AT_ONCE and len(zlib.compress(sample, 1)) > len(sample) * 9 // 10:
        return body, False
    return deflated(body)

"""In-process adapter of `BlobStore`: files in a private temporary folder. The relay streams and offers no blob
transport itself; this is what the same core runs on where a backend cannot stream, without a cloud."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

_PIECE = 256 * 1024  # bytes


class FileBlobStore:
    """Blobs live as long as the store; file access happens in threads."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hatchway-blobs-")

    async def put(self, key: str, pieces: AsyncIterator[bytes]) -> int:
        path = self._path(key)
        handle, draft = await asyncio.to_thread(tempfile.mkstemp, dir=self._folder.name)
        size = 0
        try:
            with os.fdopen(handle, "wb") as file:
                async for piece in pieces:
                    size += await asyncio.to_thread(file.write, piece)
            await asyncio.to_thread(os.replace, draft, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft)
            raise
        return size

    async def get(self, key: str) -> AsyncGenerator[bytes, None]:
        try:
            file = await asyncio.to_thread(self._path(key).open, "rb")
        except FileNotFoundError:
            raise KeyError(key) from None
        with file:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                yield piece

    def close(self) -> None:
        """Remove everything."""
        self._folder.cleanup()

    def _path(self, key: str) -> Path:
        # Keys come from requests; a hash can neither climb out of the folder nor be too long a name.
        return Path(self._folder.name, hashlib.sha256(key.encode()).hexdigest())

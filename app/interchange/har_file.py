"""Writes HAR files piece by piece, so that memory stays flat, and puts them in place only when they are complete."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from app import __version__
from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.domain.problems import HatchwayError, fail
from app.interchange.har_entry import to_entry
from app.redaction.redactor import Redactor

_encode = msgspec.json.Encoder().encode


class HarFile:
    """`add` exchanges, then `commit`; used as a context manager, a file that was not committed leaves nothing behind.

    redactor: takes secrets out first; None writes everything as it is. Blocking: call it in a thread.
    """

    def __init__(self, path: Path, redactor: Redactor | None) -> None:
        """Raises HatchwayError `file_not_written`."""
        self._path = path
        self._redactor = redactor
        self.count = 0
        try:
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        except OSError as error:
            raise _not_written(path, error) from error
        self._draft: Path | None = Path(name)
        self._file: BinaryIO = os.fdopen(handle, "wb", buffering=1 << 20)
        self._write(b'{"log":{"version":"1.2","creator":' + _encode({"name": "Hatchway", "version": __version__}))
        self._write(b',"entries":[')

    def __enter__(self) -> HarFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if self._draft is not None:
            with contextlib.suppress(OSError):
                self._draft.unlink(missing_ok=True)

    def add(self, exchanges: Iterable[tuple[Exchange, Sequence[Frame]]]) -> None:
        """Exchanges with their bodies and messages, oldest first. Raises HatchwayError `file_not_written`."""
        pieces = []
        for exchange, frames in exchanges:
            pieces.append(b",\n" if self.count else b"\n")
            pieces.append(_encode(self._entry(exchange, frames)))
            self.count += 1
        self._write(b"".join(pieces))

    def commit(self) -> None:
        """Complete the file and put it in place. Raises HatchwayError `file_not_written`."""
        self._write(b"\n]}}\n")
        assert self._draft is not None
        try:
            self._file.close()
            # mkstemp gives nobody else a look; whoever exports may decide otherwise, but not by default.
            os.replace(self._draft, self._path)
        except OSError as error:
            raise _not_written(self._path, error) from error
        self._draft = None

    def _entry(self, exchange: Exchange, frames: Sequence[Frame]) -> dict[str, Any]:
        if self._redactor is not None:
            exchange = self._redactor.exchange(exchange)
            frames = [self._redactor.frame(frame) for frame in frames]
        return to_entry(exchange, frames)

    def _write(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise _not_written(self._path, error) from error


def _not_written(path: Path, error: OSError) -> HatchwayError:
    return fail(
        "file_not_written",
        f"The file {path.name} cannot be written ({error.strerror or error})",
        "you",
        "Choose another place, or free some space.",
    )

"""What the file store adds to the contract: where the files are, and that they go away."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.relay.blobs import FileBlobStore


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place where temporary folders go during this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def children(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_close_removes_everything(folder: Path) -> None:
    store = FileBlobStore()
    await store.put("a", pieces(b"x"))
    assert len(files(folder)) == 1
    store.close()
    assert children(folder) == []


async def test_the_folder_is_private(folder: Path) -> None:
    store = FileBlobStore()
    (inside,) = children(folder)
    assert inside.stat().st_mode & 0o777 == 0o700
    store.close()


@pytest.mark.parametrize("key", ["../../escape", "/etc/escape", "a\0b", "x" * 5000, "\\..\\escape", "é"], ids=ascii)
async def test_no_key_leads_out_of_the_folder(folder: Path, key: str) -> None:
    store = FileBlobStore()
    (inside,) = children(folder)
    await store.put(key, pieces(b"x"))
    assert [path.parent for path in files(folder)] == [inside]
    assert [piece async for piece in store.get(key)] == [b"x"]
    store.close()


async def test_a_body_that_breaks_off_leaves_no_file(folder: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    store = FileBlobStore()
    with pytest.raises(ConnectionResetError):
        await store.put("a", broken())
    assert files(folder) == []
    store.close()


async def test_large_blobs_come_in_pieces(folder: Path) -> None:
    store = FileBlobStore()
    assert await store.put("a", pieces(b"x" * 700_000, b"y" * 100_000)) == 800_000
    parts = [part async for part in store.get("a")]
    assert len(parts) > 2
    assert b"".join(parts) == b"x" * 700_000 + b"y" * 100_000
    store.close()

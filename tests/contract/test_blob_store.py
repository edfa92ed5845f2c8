"""The contract of `BlobStore`: whole or not at all, byte for byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from backend_lambda.core.ports import BlobStore
from tests.contract.harness import Harness


@pytest.fixture
def blobs(harness: Harness) -> BlobStore:
    return harness.blobs


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def content(blobs: BlobStore, key: str) -> bytes:
    return b"".join([piece async for piece in blobs.get(key)])


async def is_missing(blobs: BlobStore, key: str) -> bool:
    try:
        await anext(aiter(blobs.get(key)))
    except KeyError:
        return True
    return False


@pytest.mark.parametrize(
    "parts", [(), (b"",), (b"a",), (b"a", b"", b"b"), (bytes(range(256)) * 4096, b"\x00\xff" * 100_000)],
    ids=["nothing", "empty piece", "one byte", "pieces", "large"],
)  # fmt: skip
async def test_what_is_stored_comes_back(blobs: BlobStore, parts: tuple[bytes, ...]) -> None:
    whole = b"".join(parts)
    assert await blobs.put("key", pieces(*parts)) == len(whole)
    assert await content(blobs, "key") == whole
    assert await content(blobs, "key") == whole


@pytest.mark.parametrize("key", ["a/b/c", "..", "a b", "ü", "x" * 500, "%2F", "shop/r1/request"], ids=ascii)
async def test_keys_are_only_names(blobs: BlobStore, key: str) -> None:
    await blobs.put(key, pieces(b"mine"))
    await blobs.put(f"{key}2", pieces(b"other"))
    assert await content(blobs, key) == b"mine"


async def test_storing_again_replaces(blobs: BlobStore) -> None:
    await blobs.put("key", pieces(b"a long one"))
    await blobs.put("key", pieces(b"short"))
    assert await content(blobs, "key") == b"short"


async def test_there_is_none(blobs: BlobStore) -> None:
    assert await is_missing(blobs, "key")


@pytest.mark.parametrize("before", [None, b"old"], ids=["new", "replacing"])
async def test_nothing_is_visible_before_the_end(blobs: BlobStore, before: bytes | None) -> None:
    if before is not None:
        await blobs.put("key", pieces(before))
    more: asyncio.Queue[bytes] = asyncio.Queue()

    async def slow() -> AsyncIterator[bytes]:
        yield b"first "
        yield await more.get()

    storing = asyncio.get_running_loop().create_task(blobs.put("key", slow()))
    await asyncio.sleep(0.02)
    assert (await is_missing(blobs, "key")) if before is None else (await content(blobs, "key") == before)
    more.put_nowait(b"last")
    await storing
    assert await content(blobs, "key") == b"first last"


@pytest.mark.parametrize("before", [None, b"old"], ids=["new", "replacing"])
async def test_a_body_that_breaks_off_changes_nothing(blobs: BlobStore, before: bytes | None) -> None:
    if before is not None:
        await blobs.put("key", pieces(before))

    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await blobs.put("key", broken())
    assert (await is_missing(blobs, "key")) if before is None else (await content(blobs, "key") == before)


async def test_many_at_once(blobs: BlobStore) -> None:
    keys = [f"key{number}" for number in range(10)]
    await asyncio.gather(*(blobs.put(key, pieces(key.encode(), b"!" * 1000)) for key in keys))
    assert await asyncio.gather(*(content(blobs, key) for key in keys)) == [key.encode() + b"!" * 1000 for key in keys]

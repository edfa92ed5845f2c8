from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

import pytest

from app.agent import collected as module
from app.agent.collected import Collected


@pytest.fixture
async def busy() -> Any:
    """The loop's only thread is busy until `busy()` is left."""
    executor = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(executor)

    @contextlib.contextmanager
    def block() -> Iterator[None]:
        free = threading.Event()
        executor.submit(free.wait)
        try:
            yield
        finally:
            free.set()

    return block


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[IO[bytes]]:
    """All that were opened."""
    opened: list[IO[bytes]] = []
    native = module._open

    def record() -> IO[bytes]:
        opened.append(native())
        return opened[-1]

    monkeypatch.setattr(module, "_open", record)
    monkeypatch.setattr(module, "_MEMORY", 10)
    return opened


async def cancelled(task: asyncio.Task[None]) -> None:
    for _ in range(3):  # until it waits for the thread
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def idle() -> None:
    """All that was given to the thread is done, and the loop knows."""
    await asyncio.to_thread(bool)
    await asyncio.sleep(0)


async def test_a_large_body_is_in_a_file_as_it_came(files: list[IO[bytes]]) -> None:
    async with Collected() as collected:
        for piece in (b"12345", b"67890", b"x", b"yz"):
            await collected.add(piece)
        stored, size, is_deflated = await collected.stored()
        assert collected.body is None
        assert not isinstance(stored, bytes)
        stored.seek(0)
        assert (stored.read(), size, is_deflated) == (b"1234567890xyz", 13, False)
    assert [file.closed for file in files] == [True]


async def test_an_exchange_that_is_cancelled_while_it_closes_its_file_has_closed_it(
    files: list[IO[bytes]], busy: Any
) -> None:
    async def run() -> None:
        async with Collected() as collected:
            await collected.add(bytes(11))
            entered.set()
            await leave.wait()

    entered, leave = asyncio.Event(), asyncio.Event()
    task = asyncio.get_running_loop().create_task(run())
    await entered.wait()
    with busy():
        leave.set()
        await cancelled(task)
    await idle()
    assert [file.closed for file in files] == [True]


async def test_an_exchange_that_is_cancelled_while_it_opens_its_file_leaves_none_open(
    files: list[IO[bytes]], busy: Any
) -> None:
    async def run() -> None:
        async with Collected() as collected:
            await collected.add(bytes(11))

    with busy():
        await cancelled(asyncio.get_running_loop().create_task(run()))
    await idle()
    assert [file.closed for file in files] == [True]

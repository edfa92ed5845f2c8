"""Answers that stream where messages are dear: what goes in messages, what by the store."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agent import parts
from app.agent.connection import AgentConnection
from app.agent.parts import PartSender, gathered
from app.domain.problems import HatchwayError, fail
from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.limits import AWS_STREAM_LIMITS, Limits
from backend_lambda.protocol.messages import Data, End

LIMITS = AWS_STREAM_LIMITS
RANDOM = bytes(range(256)) * 500


class Backend:
    """A connection and its store. stored: by URL"""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self.sent: list[Any] = []
        self.stored: dict[str, bytes] = {}
        self.blobs = self

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def put(self, url: str, body: bytes, size: int) -> None:
        assert len(body) == size
        self.stored[url] = body

    def sender(self, url: str = "first", credit: int | None = None) -> PartSender:
        return PartSender(cast(AgentConnection, self), "r1", Credit(credit), url)

    def body(self) -> bytes:
        """What the other side makes of it."""
        urls = iter(self.stored.values())
        out = b""
        for number, message in enumerate(self.sent):
            assert message.seq == number
            if message.blob is None:
                out += message.body
            else:
                stored = next(urls)
                piece = zlib.decompress(stored) if message.blob.deflated else stored
                assert len(piece) == message.blob.size
                out += piece
        return out


async def test_small_pieces_are_messages_and_large_ones_parts_each_with_a_url_of_its_own() -> None:
    backend = Backend()
    sender = backend.sender()
    await sender.send(b"data: 1\n\n")
    await sender.send(RANDOM)
    sender.offer("second")
    sender.offer("again")  # a message that came twice
    await sender.send(b"x" * 60_000)  # small once it is packed
    await sender.send(RANDOM)
    assert [message.blob is not None for message in backend.sent] == [False, True, False, True]
    assert list(backend.stored) == ["first", "second"]
    assert backend.body() == b"data: 1\n\n" + RANDOM + b"x" * 60_000 + RANDOM
    await sender.end()
    assert backend.sent[-1] == End("r1", 4)


async def test_a_part_waits_until_the_one_before_has_been_seen() -> None:
    backend = Backend()
    sender = backend.sender()
    await sender.send(RANDOM)
    second = asyncio.get_running_loop().create_task(sender.send(RANDOM))
    assert not (await asyncio.wait((second,), timeout=0.1))[0]
    sender.offer("second")
    await second
    assert list(backend.stored) == ["first", "second"]


async def test_a_url_that_was_left_lying_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_GOOD", -1.0)
    monkeypatch.setattr(parts, "_ROWS", 1e12)
    backend = Backend()
    await backend.sender().send(RANDOM)
    assert backend.stored == {}
    assert [len(message.body) for message in backend.sent] == [LIMITS.chunk, len(RANDOM) - LIMITS.chunk]
    assert backend.body() == RANDOM


async def test_pieces_in_messages_need_credit() -> None:
    backend = Backend()
    sender = backend.sender(credit=5)
    await sender.send(b"12345")
    more = asyncio.get_running_loop().create_task(sender.send(b"6"))
    assert not (await asyncio.wait((more,), timeout=0.05))[0]
    more.cancel()
    assert backend.sent == [Data("r1", 0, b"12345")]


def reading(*pieces: bytes | float | HatchwayError) -> AsyncIterator[bytes]:
    """gathered, of pieces, pauses in seconds, and a failure."""
    left = list(pieces)

    async def read() -> bytes:
        while left:
            piece = left.pop(0)
            if isinstance(piece, float):
                await asyncio.sleep(piece)
            elif isinstance(piece, HatchwayError):
                raise piece
            else:
                return piece
        return b""

    return gathered(read)


async def test_what_comes_close_together_goes_together() -> None:
    assert [piece async for piece in reading(b"a", b"b", 0.2, b"c", b"d")] == [b"ab", b"cd"]
    assert [piece async for piece in reading()] == []


async def test_what_came_before_a_failure_is_not_lost() -> None:
    pieces = reading(b"a", b"b", fail("upstream_cut", "It broke off", "your service"))
    assert await anext(pieces) == b"ab"
    with pytest.raises(HatchwayError, match="broke off"):
        await anext(pieces)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=9), max_size=12), st.integers(1, 20))
def test_nothing_is_lost_and_no_piece_grows_beyond_bounds(pieces: list[bytes], most: int) -> None:
    async def run() -> list[bytes]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parts, "_MOST", most)
            return [piece async for piece in reading(*pieces)]

    out = asyncio.run(run())
    assert b"".join(out) == b"".join(pieces)
    assert all(0 < len(piece) < most + 9 for piece in out)

"""A streamed request body, put together from frames in any order."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agent.body import IncomingBody
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.messages import Data, End


async def nothing(_size: int) -> None:
    raise AssertionError("no credit is due")


async def test_it_waits_for_frames_and_ends() -> None:
    body = IncomingBody(None, nothing)
    reading = asyncio.get_running_loop().create_task(_all(body))
    await asyncio.sleep(0)
    for seq, piece in enumerate((b"a", b"", b"bc")):
        body.push(Data("r", seq, piece))
        await asyncio.sleep(0)
    assert not reading.done()
    body.push(End("r", 3))
    assert await reading == b"abc"


@given(st.permutations(range(8)), st.integers(11, 40))
def test_any_order_gives_the_same_body(order: list[int], window: int) -> None:
    async def scenario() -> None:
        granted: list[int] = []

        async def grant(size: int) -> None:
            granted.append(size)

        body = IncomingBody(window, grant)
        frames = [Data("r", seq, bytes([seq]) * seq) for seq in range(7)]
        for seq in order:
            body.push(End("r", 7) if seq == 7 else frames[seq])
            body.push(frames[0])  # a duplicate
        assert await _all(body) == b"".join(frame.body for frame in frames)
        # All but less than half a window was given back.
        assert 21 - window // 2 - 6 <= sum(granted) <= 21

    asyncio.run(scenario())


async def test_frames_that_make_no_sense_are_reported_after_those_that_did() -> None:
    body = IncomingBody(None, nothing)
    body.push(Data("r", 0, b"a"))
    body.push(Data("r", 1, b"b"))
    body.push(End("r", 1))
    assert await anext(body) == b"a"
    assert await anext(body) == b"b"
    with pytest.raises(ProtocolError):
        await anext(body)


async def test_one_that_waits_is_woken_by_nonsense() -> None:
    body = IncomingBody(None, nothing)
    reading = asyncio.get_running_loop().create_task(_all(body))
    await asyncio.sleep(0)
    body.push(Data("r", 10_000, b"far away"))
    with pytest.raises(ProtocolError):
        await reading


async def _all(body: IncomingBody) -> bytes:
    return b"".join([piece async for piece in body])


async def test_a_sender_that_ignores_its_credit_is_stopped() -> None:
    async def grant(_size: int) -> None:
        """Too late."""

    body = IncomingBody(10, grant)
    for seq in range(3):
        body.push(Data("r", seq, b"x" * 8))
    for _ in range(2):
        assert await anext(body) == b"x" * 8
    with pytest.raises(ProtocolError, match="window"):
        await anext(body)


async def test_where_each_piece_has_a_least_weight_their_number_is_bounded_too() -> None:
    granted: list[int] = []

    async def grant(size: int) -> None:
        granted.append(size)

    body = IncomingBody(10, grant, lambda piece: max(len(piece), 5))
    for seq in range(5):
        body.push(Data("r", seq, b""))
    for _ in range(4):
        assert await anext(body) == b""
    assert granted == [5, 5, 5, 5]
    with pytest.raises(ProtocolError, match="window"):
        await anext(body)

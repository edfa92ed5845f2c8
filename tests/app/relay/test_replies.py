"""The queue of one reply in the relay: waiting, waking, limits, and who is served."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.relay.replies import QueuedReply, QueueReplyBox
from backend_lambda.core.ports import ConnectionGone
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import RELAY_LIMITS
from backend_lambda.protocol.messages import Data, End, Response, Window

LIMITS = replace(RELAY_LIMITS, chunk=10, window=40)
HEAD = Response("r1", 200, [], b"", end=False)


@pytest.fixture
def box() -> QueueReplyBox:
    return QueueReplyBox(LIMITS)


@pytest.fixture
def reply(box: QueueReplyBox) -> QueuedReply:
    return box.expect("c1", "r1")


def data(seq: int, size: int = 10) -> Data:
    return Data("r1", seq, b"x" * size)


async def read_to_the_end(reply: QueuedReply) -> None:
    while True:
        await reply.next(1)


def reading(reply: QueuedReply, timeout: float | None = None) -> asyncio.Task[object]:
    return asyncio.get_running_loop().create_task(reply.next(timeout))


@pytest.mark.parametrize("arrival", [HEAD, data(2), data(0)], ids=["duplicate head", "early data", "duplicate data"])
async def test_a_message_that_makes_no_frame_wakes_nobody(
    box: QueueReplyBox, reply: QueuedReply, arrival: Response | Data
) -> None:
    box.deliver("c1", HEAD)
    box.deliver("c1", data(0))
    assert [await reply.next(1), await reply.next(1)] == [HEAD, data(0)]
    waiting = reading(reply)
    await asyncio.sleep(0)
    box.deliver("c1", arrival)
    await asyncio.sleep(0)
    assert not waiting.done()
    box.deliver("c1", data(1))
    assert await asyncio.wait_for(waiting, 1) == data(1)


async def test_what_arrived_before_the_failure_is_read_first(box: QueueReplyBox, reply: QueuedReply) -> None:
    box.deliver("c1", HEAD)
    box.deliver("c1", data(0))
    box.connection_gone("c1")
    assert [await reply.next(1), await reply.next(1)] == [HEAD, data(0)]
    for _ in range(2):
        with pytest.raises(ConnectionGone):
            await reply.next(1)


async def test_a_frame_that_arrives_with_the_timeout_is_not_lost(box: QueueReplyBox, reply: QueuedReply) -> None:
    waiting = reading(reply, 0.001)
    await asyncio.sleep(0)
    await asyncio.sleep(0.002)
    box.deliver("c1", HEAD)
    with pytest.raises(TimeoutError):
        await waiting
    assert await reply.next(1) == HEAD


async def test_a_cancelled_reader_loses_nothing(box: QueueReplyBox, reply: QueuedReply) -> None:
    waiting = reading(reply)
    await asyncio.sleep(0)
    box.deliver("c1", HEAD)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await reply.next(1) == HEAD


async def test_a_sender_may_overdraw_by_less_than_a_chunk(box: QueueReplyBox, reply: QueuedReply) -> None:
    box.deliver("c1", HEAD)
    for seq in range(4):
        box.deliver("c1", data(seq))
    box.deliver("c1", data(4, 9))
    for _ in range(6):
        await reply.next(1)
    box.deliver("c1", End("r1", 5))
    assert await reply.next(1) == End("r1", 5)


@pytest.mark.parametrize("first", [0, 1], ids=["in order", "held for an earlier one"])
@pytest.mark.parametrize("head", [True, False], ids=["after the head", "before the head"])
async def test_who_ignores_the_window_is_cut_off(
    box: QueueReplyBox, reply: QueuedReply, first: int, head: bool
) -> None:
    if head:
        box.deliver("c1", HEAD)
    for seq in range(first, first + 6):
        box.deliver("c1", data(seq))
    with pytest.raises(ProtocolError) as raised:
        await read_to_the_end(reply)
    assert raised.value.code == "oversize"


async def test_what_comes_after_a_failure_is_not_kept(box: QueueReplyBox, reply: QueuedReply) -> None:
    box.deliver("c1", End("r1", 200))
    for _ in range(3):
        box.deliver("c1", End("r1", 200))
        box.deliver("c1", HEAD)
        with pytest.raises(ProtocolError):
            await reply.next(1)


async def test_only_the_own_connection_fails(box: QueueReplyBox) -> None:
    mine, theirs = box.expect("c1", "r1"), box.expect("c2", "r1")
    box.connection_gone("c2")
    box.deliver("c1", Response("r1", 204, []))
    assert await mine.next(1) == Response("r1", 204, [])
    with pytest.raises(ConnectionGone):
        await theirs.next(1)


async def test_the_end_of_the_connection_frees_an_upload_that_waits_for_credit(
    box: QueueReplyBox, reply: QueuedReply
) -> None:
    await reply.credit.take(40)
    waiting = asyncio.get_running_loop().create_task(reply.credit.take(1))
    await asyncio.sleep(0)
    box.connection_gone("c1")
    await asyncio.wait_for(waiting, 1)


async def test_a_grant_for_a_reply_nobody_waits_for_is_dropped(box: QueueReplyBox, reply: QueuedReply) -> None:
    async with reply:
        pass
    await reply.credit.take(40)
    box.deliver("c1", Window("r1", 40))
    waiting = asyncio.get_running_loop().create_task(reply.credit.take(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()

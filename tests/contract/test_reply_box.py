"""The contract of `ReplyBox`: the frames of one reply, in order, once, to whoever waits for exactly that reply."""

from __future__ import annotations

import asyncio

import pytest

from backend_lambda.core.ports import ConnectionGone, Reply
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.messages import Data, End, Error, Response, Window
from tests.contract.harness import Connection, Harness

PATIENCE = 5.0  # seconds
HEAD = Response("r1", 200, [("X-A", "\xff"), ("X-A", "")], b"", end=False)


@pytest.fixture
async def agent(harness: Harness) -> Connection:
    return await harness.connect()


def data(seq: int) -> Data:
    return Data("r1", seq, b"%d\x00\xff" % seq)


async def frames(reply: Reply, count: int) -> list[object]:
    return [await reply.next(PATIENCE) for _ in range(count)]


@pytest.mark.parametrize(
    "whole",
    [Response("r1", 204, []), Response("r1", 200, [("Set-Cookie", "a"), ("set-cookie", "b")], b"\x00body\xff"),
     Error("r1", "upstream_refused", "words")],
    ids=["empty", "inline body", "error"],
)  # fmt: skip
async def test_a_reply_in_one_message(harness: Harness, agent: Connection, whole: Response | Error) -> None:
    async with harness.replies.expect(agent.id, "r1") as reply:
        await agent.send(whole)
        assert await reply.next(PATIENCE) == whole


async def test_a_reply_in_pieces(harness: Harness, agent: Connection) -> None:
    sent = [HEAD, *map(data, range(5)), End("r1", 5)]
    async with harness.replies.expect(agent.id, "r1") as reply:
        for message in sent:
            await agent.send(message)
        assert await frames(reply, 7) == sent


async def test_pieces_come_as_soon_as_they_are_sent(harness: Harness, agent: Connection) -> None:
    async with harness.replies.expect(agent.id, "r1") as reply:
        await agent.send(HEAD)
        assert await reply.next(PATIENCE) == HEAD
        for seq in range(3):
            await agent.send(data(seq))
            assert await reply.next(PATIENCE) == data(seq)


async def test_who_waits_is_woken(harness: Harness, agent: Connection) -> None:
    async with harness.replies.expect(agent.id, "r1") as reply:
        waiting = asyncio.get_running_loop().create_task(reply.next(PATIENCE))
        await asyncio.sleep(0.01)
        await agent.send(Response("r1", 204, []))
        assert await waiting == Response("r1", 204, [])


@pytest.mark.parametrize("order", [[3, 2, 1, 0], [1, 0, 3, 2], [0, 0, 1, 1, 2, 2, 3, 3], [2, 3, 2, 0, 1]], ids=str)
async def test_order_is_restored_and_duplicates_are_dropped(
    harness: Harness, agent: Connection, order: list[int]
) -> None:
    sent = [HEAD, data(0), data(1), End("r1", 2)]
    async with harness.replies.expect(agent.id, "r1") as reply:
        for index in order:
            await agent.send(sent[index])  # type: ignore[arg-type]
        assert await frames(reply, 4) == sent


async def test_an_error_after_the_head(harness: Harness, agent: Connection) -> None:
    async with harness.replies.expect(agent.id, "r1") as reply:
        for message in (HEAD, data(0), Error("r1", "upstream_cut")):
            await agent.send(message)
        assert await frames(reply, 3) == [HEAD, data(0), Error("r1", "upstream_cut")]


async def test_replies_do_not_mix(harness: Harness, agent: Connection) -> None:
    async with harness.replies.expect(agent.id, "r1") as first, harness.replies.expect(agent.id, "r2") as second:
        await agent.send(Response("r2", 202, []))
        await agent.send(Response("r1", 201, []))
        assert await first.next(PATIENCE) == Response("r1", 201, [])
        assert await second.next(PATIENCE) == Response("r2", 202, [])


async def test_nobody_can_answer_for_another_connection(harness: Harness, agent: Connection) -> None:
    stranger = await harness.connect()
    async with harness.replies.expect(agent.id, "r1") as reply:
        await stranger.send(Response("r1", 200, [], b"forged"))
        await agent.send(Response("r1", 200, [], b"true"))
        assert await reply.next(PATIENCE) == Response("r1", 200, [], b"true")


async def test_no_frame_in_time(harness: Harness, agent: Connection) -> None:
    async with harness.replies.expect(agent.id, "r1") as reply:
        with pytest.raises(TimeoutError):
            await reply.next(0.02)
        await agent.send(Response("r1", 204, []))
        assert await reply.next(PATIENCE) == Response("r1", 204, [])


@pytest.mark.parametrize(
    "broken", [[HEAD, data(1), End("r1", 1)], [HEAD, data(0), End("r1", 0)], [HEAD, End("r1", 2), End("r1", 3)]],
    ids=["end below data", "end too early", "two ends"],
)  # fmt: skip
async def test_a_broken_protocol_fails_this_reply(
    harness: Harness, agent: Connection, broken: list[Response | Data | End]
) -> None:
    async with harness.replies.expect(agent.id, "r1") as reply, harness.replies.expect(agent.id, "r2") as other:
        for message in broken:
            await agent.send(message)
        with pytest.raises(ProtocolError):
            await frames(reply, 5)
        await agent.send(Response("r2", 204, []))
        assert await other.next(PATIENCE) == Response("r2", 204, [])


async def test_what_nobody_waits_for_is_dropped(harness: Harness, agent: Connection) -> None:
    async with harness.replies.expect(agent.id, "r1"):
        pass
    for message in (Response("r1", 204, []), data(0), Window("r1", 1), Error("never", "upstream_cut")):
        await agent.send(message)
    async with harness.replies.expect(agent.id, "r2") as reply:
        await agent.send(Response("r2", 204, []))
        assert await reply.next(PATIENCE) == Response("r2", 204, [])


async def test_a_broken_connection_fails_its_readers(harness: Harness, agent: Connection) -> None:
    if not harness.tells_readers:
        pytest.skip("this adapter learns of it by its deadline")
    async with harness.replies.expect(agent.id, "r1") as reply:
        waiting = asyncio.get_running_loop().create_task(reply.next(PATIENCE))
        await asyncio.sleep(0)
        await agent.drop()
        with pytest.raises(ConnectionGone):
            await waiting


async def test_credit_follows_the_grants(harness: Harness, agent: Connection) -> None:
    window = harness.limits.window
    async with harness.replies.expect(agent.id, "r1") as reply:
        if window is None:
            await asyncio.wait_for(reply.credit.take(1 << 40), PATIENCE)
            return
        await reply.credit.take(window)
        waiting = asyncio.get_running_loop().create_task(reply.credit.take(1))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await agent.send(Window("r1", 1))
        await asyncio.wait_for(waiting, PATIENCE)

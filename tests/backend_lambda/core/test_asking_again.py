"""Where replies may be lost on their way, the agent is asked for them again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from backend_lambda.core import answer as answers
from backend_lambda.core.answer import Answer, NoAnswer
from backend_lambda.core.ports import ConnectionGone, Push, Reply, Throttled
from backend_lambda.core.reply import Frame
from backend_lambda.protocol.limits import AWS_LIMITS
from backend_lambda.protocol.messages import Response


class LateReply:
    """There once the agent has been asked so often."""

    def __init__(self, after: int) -> None:
        self.asked = 1
        self._after = after
        self._news = asyncio.Event()

    async def ask(self) -> None:
        self.asked += 1
        self._news.set()

    async def next(self, timeout: float | None) -> Frame:
        async with asyncio.timeout(timeout):
            while self.asked < self._after:
                self._news.clear()
                await self._news.wait()
        return Response("1", 200, [], b"late")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_SILENCE", (0.005, 0.01))


def answer_of(reply: LateReply, deadline: int = 10_000) -> Answer:
    limits = replace(AWS_LIMITS, deadline=deadline)
    return Answer(cast(Push, None), "c", "1", cast(Reply, reply), limits)


@pytest.mark.parametrize("after", [1, 2, 5])
async def test_until_it_answers(after: int) -> None:
    reply = LateReply(after)
    answer = answer_of(reply)
    answer.ask_again = reply.ask
    assert (await answer.head()).body == b"late"
    assert reply.asked == after


async def test_until_the_deadline() -> None:
    reply = LateReply(10_000)
    answer = answer_of(reply, 50)
    answer.ask_again = reply.ask
    with pytest.raises(NoAnswer, match="deadline"):
        await answer.head()
    assert 2 <= reply.asked <= 7


async def test_never_where_nothing_gets_lost() -> None:
    reply = LateReply(2)
    with pytest.raises(NoAnswer, match="deadline"):
        await answer_of(reply, 40).head()
    assert reply.asked == 1


@pytest.mark.parametrize("failure", [ConnectionGone("c"), Throttled("c")])
async def test_an_agent_that_cannot_be_asked_may_have_answered(failure: Any) -> None:
    reply = LateReply(2)
    answer = answer_of(reply)

    async def ask() -> None:
        await reply.ask()
        raise failure

    answer.ask_again = ask
    assert (await answer.head()).body == b"late"

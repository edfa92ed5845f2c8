"""Pauses in an answer that is read from the table; what else the box does, tests/contract tests."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from backend_lambda.adapters import polling
from backend_lambda.adapters.polling import PollingReplyBox
from backend_lambda.core.ports import ConnectionGone
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import AWS_STREAM_LIMITS
from backend_lambda.protocol.messages import AgentMessage, Data, Response
from backend_lambda.protocol.slots import SlotWriter, slot_of


class Table:
    """The rows of one answer, in the place of boto3's client."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._writer = SlotWriter()

    def write(self, message: AgentMessage) -> None:
        envelope = self._writer.wrap(message)
        assert envelope is not None
        fields = json.loads(envelope)
        row = {"pk": {"S": "c1"}, "sk": {"S": fields["slot"]}, "m": {"S": fields["m"]}}
        self.rows.append({**row, "b": {"B": base64.b64decode(fields["body"])}})
        self.rows.sort(key=lambda row: str(row["sk"]["S"]))

    def get_item(self, *, TableName: str, Key: dict[str, Any]) -> dict[str, Any]:
        found = [row for row in self.rows if row["sk"] == Key["sk"]]
        return {"Item": found[0]} if found else {}

    def query(self, *, ExpressionAttributeValues: dict[str, Any], **_: Any) -> dict[str, Any]:
        first, last = ExpressionAttributeValues[":first"]["S"], ExpressionAttributeValues[":last"]["S"]
        return {"Items": [row for row in self.rows if first <= row["sk"]["S"] <= last]}


class Throttled(Exception):
    response = {"Error": {"Code": "ThrottlingException"}}  # noqa: RUF012 - as boto3's


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr(polling, "_QUIET", 0.0)
    table = Table()
    table.write(Response("r1", 200, [], end=False))
    return table


async def test_an_agent_that_went_away_in_a_pause_ends_the_answer(table: Table) -> None:
    reply = PollingReplyBox(table, "t", AWS_STREAM_LIMITS, lambda _: False).expect("c1", "r1")
    assert isinstance(await reply.next(5), Response)
    with pytest.raises(ConnectionGone):
        await reply.next(None)


async def test_what_it_wrote_at_the_last_moment_is_read(table: Table) -> None:
    def goes(connection_id: str) -> bool:
        table.write(Data("r1", 0, b""))
        return False

    reply = PollingReplyBox(table, "t", AWS_STREAM_LIMITS, goes).expect("c1", "r1")
    await reply.next(5)
    assert await reply.next(None) == Data("r1", 0, b"")
    assert table.rows[-1]["sk"]["S"] == slot_of("r1", 0)


async def test_a_table_that_is_busy_says_nothing_of_the_agent(table: Table) -> None:
    asked = 0

    def busy(connection_id: str) -> bool:
        nonlocal asked
        asked += 1
        if asked == 2:
            table.write(Data("r1", 0, b""))
        raise Throttled

    reply = PollingReplyBox(table, "t", AWS_STREAM_LIMITS, busy).expect("c1", "r1")
    await reply.next(5)
    assert await reply.next(None) == Data("r1", 0, b"")
    assert asked == 2


async def test_a_message_that_got_lost_ends_the_answer_too(table: Table) -> None:
    reply = PollingReplyBox(table, "t", AWS_STREAM_LIMITS).expect("c1", "r1")
    await reply.next(5)
    table.write(Data("r1", 0, b""))
    table.write(Data("r1", 2, b""))
    assert await reply.next(None) == Data("r1", 0, b"")
    with pytest.raises(ProtocolError, match="lost"):
        await reply.next(None)


async def test_one_that_is_only_late_does_not(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "_QUIET", 60.0)
    reply = PollingReplyBox(table, "t", AWS_STREAM_LIMITS).expect("c1", "r1")
    await reply.next(5)
    table.write(Data("r1", 1, b"x"))
    asyncio.get_running_loop().call_later(0.05, table.write, Data("r1", 0, b""))
    assert [await reply.next(None), await reply.next(None)] == [Data("r1", 0, b""), Data("r1", 1, b"x")]

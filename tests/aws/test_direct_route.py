from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.aws.conftest import CloudStage
from tests.aws.emulator.dynamo_errors import Item
from tests.aws.emulator.terraform_template import TEMPLATES, template_file


async def send(stage: CloudStage, message: dict[str, Any]) -> tuple[str, list[Item], list[str]]:
    """The sender's connection id, then the rows and failures that the message led to."""
    async with connect(stage.cloud.ws_url, proxy=None) as socket:
        id = next(iter(stage.cloud.websockets.connections))
        await socket.send(json.dumps(message))
        async with asyncio.timeout(20):
            while not stage.cloud.table.items() and not stage.cloud.reply_route.failures:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        assert "MESSAGE" not in stage.script.kinds()  # the function had no part in it
        with pytest.raises(TimeoutError):  # and the sender learns nothing, neither of success nor of failure
            await asyncio.wait_for(socket.recv(), 0.1)
    return id, stage.cloud.table.items(), stage.cloud.reply_route.failures


def reply(**fields: str) -> dict[str, str]:
    return {"type": "reply", "slot": "r1", "m": '{"status":200}', "body": "", **fields}


async def test_a_reply_becomes_a_row_of_its_connection(stage: CloudStage) -> None:
    body = base64.b64encode(bytes(3000)).decode()
    before = stage.cloud.clock.now()
    id, (row,), _ = await send(stage, reply(m='{"x":"ü\\"\\\\"}', body=body))
    assert row["pk"] == {"S": id}
    assert row["sk"] == {"S": "r1"}
    assert row["m"] == {"S": '{"x":"ü\\"\\\\"}'}
    assert row["b"] == {"B": body}
    assert int(row["ttl"]["N"]) == pytest.approx(before + 120, abs=10)
    assert stage.cloud.bill()["write_units"] == 3  # 3,000 raw bytes; the 4,000 of base64 would be 4


async def test_an_agent_cannot_write_under_another_key(stage: CloudStage) -> None:
    evil = '"},"pk":{"S":"t#victim'
    id, rows, _ = await send(stage, reply(pk="t#victim", slot=evil, m=evil, connectionId="other="))
    assert [row["pk"] for row in rows] == [{"S": id}]
    assert rows[0]["sk"] == {"S": evil}


@pytest.mark.parametrize(
    "message",
    [reply(body="no base64!"), reply(slot=""), {"type": "reply"}, reply(body="A" * 3)],
    ids=["body", "empty slot", "no fields", "padding"],
)
async def test_failures_are_invisible_to_the_agent(stage: CloudStage, message: dict[str, Any]) -> None:
    _, rows, failures = await send(stage, message)
    assert not rows
    assert len(failures) == 1


async def test_throttles_are_invisible_too(stage: CloudStage) -> None:
    stage.cloud.inject("direct-route-throttled")
    _, rows, failures = await send(stage, reply())
    assert (rows, failures) == ([], ["ThrottlingException"])


def test_terraforms_part_of_a_template_is_filled_in() -> None:
    text = template_file(TEMPLATES / "reply.vtl.tftpl", {"table": "mine", "seconds": "60"})
    assert '"TableName": "mine"' in text
    assert "${" not in text
    with pytest.raises(KeyError):
        template_file(TEMPLATES / "reply.vtl.tftpl", {})

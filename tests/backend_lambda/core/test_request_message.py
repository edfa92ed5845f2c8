"""What the service is asked for in place of what the visitor asked for."""

from __future__ import annotations

import pytest

from backend_lambda.core.forward import Forwarder
from backend_lambda.core.front_door import FrontDoor
from backend_lambda.protocol.messages import Request, Response
from tests.backend_lambda.core.stage import Stage


@pytest.mark.parametrize(
    ("destination", "asked", "sent"),
    [
        ("video", "bytes=0-", "bytes=0-99"),
        ("audio", "bytes=1000-", "bytes=1000-1099"),
        ("video", "bytes=50-5000", "bytes=50-149"),
        ("video", "bytes=50-149", "bytes=50-149"),
        ("video", "bytes=0-1", "bytes=0-1"),
        ("video", "bytes=-500", "bytes=-500"),
        ("video", "bytes=0-1, 5-6", "bytes=0-1, 5-6"),
        ("", "bytes=0-", "bytes=0-"),
        ("empty", "bytes=1000-", "bytes=1000-"),
    ],
)
async def test_players_are_served_in_parts(destination: str, asked: str, sent: str) -> None:
    stage = Stage()
    stage.forwarder = Forwarder(stage.ports, FrontDoor(stage.limits, longest_part=100))
    agent = await stage.agent()
    visit = stage.visitor("GET", "/shop/film", [("Range", asked), ("Sec-Fetch-Dest", destination)])
    request = await agent.hears(Request)
    assert dict(request.headers)["Range"] == sent
    agent.says(Response(request.id, 204, []))
    await visit.answer()


async def test_a_door_without_a_limit_asks_for_what_was_asked_for() -> None:
    stage = Stage()
    agent = await stage.agent()
    visit = stage.visitor("GET", "/shop/film", [("Range", "bytes=0-"), ("Sec-Fetch-Dest", "video")])
    request = await agent.hears(Request)
    assert dict(request.headers)["Range"] == "bytes=0-"
    agent.says(Response(request.id, 204, []))
    await visit.answer()

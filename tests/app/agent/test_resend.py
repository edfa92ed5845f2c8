"""What the gateway's complaints make the agent send again, and how often."""

from __future__ import annotations

import json

import pytest

from app.agent import resend as module
from app.agent.resend import RecentReplies
from backend_lambda.protocol.messages import Response

THROTTLED = json.dumps({"message": "Too Many Requests", "connectionId": "c=", "requestId": "r="})
FAILED = json.dumps({"message": "Internal server error", "connectionId": "c=", "requestId": "r="})
REPLY = Response("r1", 200, [], b"", end=True)


class Agent:
    def __init__(self) -> None:
        self.now = 100.0
        self.recent = RecentReplies(lambda: self.now)

    def send(self, *wires: str) -> None:
        for wire in wires:
            self.recent.add(REPLY, wire, 10)

    def lost(self, wire: str | bytes = THROTTLED) -> list[str]:
        return [reply.wire for reply in self.recent.lost(wire)]


def test_the_latest_replies_are_sent_again() -> None:
    agent = Agent()
    agent.send("old")
    agent.now += 2
    agent.send("one", "two")
    assert agent.lost() == ["one", "two"]
    assert agent.lost(FAILED) == ["old", "one", "two"]


@pytest.mark.parametrize(
    "wire",
    [
        b'{"message":"Too Many Requests","connectionId":"c="}', "", "{", '"connectionId"', '["connectionId"]',
        '{"type":"error","message":"Too Many Requests","connectionId":"c="}', '{"message":"Too Many Requests"}',
        '{"message":"Forbidden","connectionId":"c="}', '{"message":["Too Many Requests"],"connectionId":"c="}',
        '{"connectionId":"c="}', json.dumps({"message": "Too Many Requests", "connectionId": "c" * 1000}),
    ],
)  # fmt: skip
def test_what_is_no_complaint_of_the_gateway(wire: str | bytes) -> None:
    agent = Agent()
    agent.send("one")
    assert agent.lost(wire) == []


def test_nothing_is_sent_again_for_ever() -> None:
    agent = Agent()
    agent.send("one")
    assert [agent.lost() for _ in range(5)] == [["one"]] * module._MOST_TIMES + [[]] * 2


def test_little_is_kept() -> None:
    agent = Agent()
    agent.send(*["x" * 100_000] * 50)
    assert len(agent.lost()) == 41
    agent.now += 31
    agent.send("new")
    assert agent.lost(FAILED) == ["new"]
    assert len(agent.recent._sent) == 1


def test_the_pause_grows_while_the_complaints_go_on() -> None:
    agent = Agent()
    pauses = []
    for _ in range(6):
        pauses.append(agent.recent.pause())
        agent.now += 1
    assert pauses == [0.25, 0.5, 1, 2, 4, 4]
    agent.now += 60
    assert agent.recent.pause() == 0.25


def test_the_backend_asks_for_one_answer() -> None:
    agent = Agent()
    agent.recent.add(Response("r0", 200, [], b"", end=True), "another", 10)
    agent.send("head", "rest")
    # At the backend's own times (core/answer.py), with other replies in between and whatever was sent again before.
    asked = []
    for seconds in (2, 4, 5, 5, 5):
        agent.lost(FAILED)
        agent.now += seconds
        agent.recent.add(Response("r3", 200, [], b"", end=True), "later", 10)
        asked.append([reply.wire for reply in agent.recent.of("r1")])
    assert asked == [["head", "rest"]] * 5
    assert agent.recent.of("r2") == []

"""What a refused handshake means, by relay and by gateway."""

from __future__ import annotations

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response

from app.agent.connection import FINAL_CODES
from app.agent.refusals import connect_problem, is_gateway
from app.domain.problems import Problem

RELAY = "wss://relay.example.com/__hw/agent"
GATEWAY = "wss://abc.execute-api.eu-central-1.amazonaws.com/live"


def problem(status: int, url: str) -> Problem:
    return connect_problem(InvalidStatus(Response(status, "", Headers(), b"")), url).problem


def test_a_gateway_is_known_by_its_path() -> None:
    assert is_gateway(GATEWAY)
    assert is_gateway("ws://127.0.0.1:9000/live")
    assert not is_gateway(RELAY)
    assert not is_gateway("wss://example.com/below/__hw/agent")


@pytest.mark.parametrize(
    ("status", "code", "side"),
    [
        (401, "bad_token", "you"),
        (403, "relay_refused", "you"),
        (424, "keys_unavailable", "relay"),
        (429, "aws_throttled", "AWS"),
        (503, "aws_throttled", "AWS"),
        (500, "backend_failed", "AWS"),
        (502, "backend_failed", "AWS"),
        (504, "backend_failed", "AWS"),
        (302, "relay_refused", "AWS"),
    ],
)
def test_statuses_of_a_gateway(status: int, code: str, side: str) -> None:
    found = problem(status, GATEWAY)
    assert (found.code, found.side) == (code, side)
    assert found.title
    assert found.hint
    # Only a bad token is final: all else may mend itself.
    assert (found.code in FINAL_CODES) == (status == 401)


@pytest.mark.parametrize(("status", "code"), [(401, "bad_token"), (403, "bad_token"), (503, "relay_refused")])
def test_statuses_of_a_relay(status: int, code: str) -> None:
    assert problem(status, RELAY).code == code

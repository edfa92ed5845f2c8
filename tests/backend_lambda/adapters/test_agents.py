"""Events of the WebSocket API on AWS's bad moments: what is waited for, what is told, what is nobody's failure."""

from __future__ import annotations

from typing import Any

import pytest

from backend_lambda.adapters import patience
from backend_lambda.adapters.admission import Admission
from backend_lambda.adapters.agents import AgentEvents
from backend_lambda.adapters.connection_table import ConnectionTable
from backend_lambda.core.ports import Throttled
from backend_lambda.protocol.limits import AWS_LIMITS


class AwsError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Table(ConnectionTable):
    """error: raised as often as `times` says, then the connection is unknown."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.calls = error, times, 0

    def read(self, connection_id: str) -> None:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error


class Anything:
    """Stands for ports and visitors: every call of it is awaited and does nothing, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        return self

    async def __call__(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        return {"statusCode": 200}


def events(table: Table, visitors: Anything) -> AgentEvents:
    nothing: Any = Anything()
    others: Any = visitors
    return AgentEvents(nothing, table, others, AWS_LIMITS, nothing, Admission(table, None, "hatchway"))


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {"requestContext": {"connectionId": "c=", "eventType": kind}, **more}


DISCONNECT = event("DISCONNECT")
PING = event("MESSAGE", body='{"type":"ping","id":"1"}')
VISITOR = event("CONNECT", headers={"Origin": "https://page.example"}, queryStringParameters={"hw": "ticket"})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_PAUSES", (0.0, 0.0, 0.0))


@pytest.mark.parametrize("what", [DISCONNECT, PING], ids=["disconnect", "ping"])
async def test_a_bad_moment_is_waited_for(what: dict[str, Any]) -> None:
    table = Table(AwsError("ThrottlingException"), 3)
    assert await events(table, Anything()).serve(what) == {"statusCode": 200}
    assert table.calls == 4


@pytest.mark.expect_log(r"AWS did not take a (disconnect|message) connection=c= reason=ThrottlingException")
@pytest.mark.parametrize("what", [DISCONNECT, PING], ids=["disconnect", "ping"])
async def test_a_bad_day_is_no_failure_of_the_function(what: dict[str, Any]) -> None:
    table = Table(AwsError("ThrottlingException"), 99)
    assert await events(table, Anything()).serve(what) == {"statusCode": 200}


@pytest.mark.expect_log(r"(disconnect|message) failed connection=c=")
@pytest.mark.parametrize("what", [DISCONNECT, PING], ids=["disconnect", "ping"])
async def test_a_failure_of_ours_is_one_with_words(what: dict[str, Any]) -> None:
    table = Table(AwsError("AccessDeniedException"), 1)
    with pytest.raises(AwsError):
        await events(table, Anything()).serve(what)
    assert table.calls == 1


@pytest.mark.expect_log("AWS did not take a visitor's WebSocket")
@pytest.mark.parametrize("error", [Throttled("c="), AwsError("InternalServerError")], ids=repr)
async def test_a_visitors_websocket_on_a_bad_day_is_a_503(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(error, 0)
    assert await events(table, Anything(error)).serve(VISITOR) == {"statusCode": 503}
    assert '"Side":"aws","ConnectErrors":1' in capsys.readouterr().out


@pytest.mark.expect_log("a visitor's WebSocket could not be opened")
async def test_a_visitors_websocket_that_we_fail_is_a_500(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(KeyError(), 0)
    assert await events(table, Anything(KeyError("x"))).serve(VISITOR) == {"statusCode": 500}
    assert '"Side":"relay","ConnectErrors":1' in capsys.readouterr().out


async def test_a_visitors_websocket_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert await events(Table(KeyError(), 0), Anything()).serve(VISITOR) == {"statusCode": 200}
    assert '"Sockets":1' in capsys.readouterr().out

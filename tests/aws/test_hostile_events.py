"""Events that no gateway should send: each is answered with a page, or refused in words, and no other event suffers."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.aws.day import Day, a_day
from tests.aws.emulator.http_results import http_response
from tests.aws.emulator.lambda_environment import FunctionError

Event = dict[str, Any]
Change = Callable[[Event], Any]

EVENT: Event = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/shop/x",
    "rawQueryString": "",
    "headers": {"host": "api.test", "content-length": "0", "x-forwarded-for": "192.0.2.1"},
    "requestContext": {
        "accountId": "123456789012",
        "domainName": "api.test",
        "http": {"method": "GET", "path": "/shop/x", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "a"},
        "stage": "$default",
        "timeEpoch": 1783711145766,
    },
    "isBase64Encoded": False,
}
EVENT_1: Event = {
    "version": "1.0",
    "path": "/shop/x",
    "httpMethod": "GET",
    "headers": {"Host": "api.test"},
    "multiValueHeaders": {"Host": ["api.test"]},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "requestContext": {"domainName": "api.test", "identity": {"sourceIp": "192.0.2.1"}, "requestTimeEpoch": 1},
    "body": None,
    "isBase64Encoded": False,
}


def put(path: str, value: Any) -> Change:
    """The change that sets a value, at a path with dots."""

    def change(event: Event) -> None:
        *steps, last = path.split(".")
        for step in steps:
            event = event[step]
        event[last] = value

    return change


def header(name: str, value: Any) -> Change:
    return lambda event: event["headers"].update({name: value})


# What the service may get of it, besides nothing at all.
ODD: dict[str, Change] = {
    "method in lower case": put("requestContext.http.method", "get"),
    "method with a space": put("requestContext.http.method", "GET /evil HTTP/1.1\r\nX-Evil:"),
    "no method": put("requestContext.http.method", ""),
    "a method of 10 kB": put("requestContext.http.method", "A" * 10_000),
    "path without a slash": put("rawPath", "shop/x"),
    "no path": put("rawPath", ""),
    "path with line breaks": put("rawPath", "/shop/x HTTP/1.1\r\nX-Evil: 1\r\n\r\n"),
    "path with NUL": put("rawPath", "/shop/\0"),
    "path with a lone surrogate": put("rawPath", "/shop/\ud800"),
    "path as a number": put("rawPath", 5),
    "query with line breaks": put("rawQueryString", "a=1 HTTP/1.1\r\nX-Evil: 1"),
    "query with letters": put("rawQueryString", "q=ü&日本"),
    "a query of 30 kB": put("rawQueryString", "q=" + "a" * 30_000),
    "header with a line break": header("x-a", "1\r\nX-Evil: 1"),
    "header with a bare return": header("x-a", "1\rX-Evil: 1"),
    "header with NUL": header("x-a", "a\0b"),
    "header with letters": header("x-a", "größe 日本"),
    "header with a lone surrogate": header("x-a", "\ud800"),
    "header that is a list": header("x-a", ["1", "2"]),
    "header that is null": header("x-a", None),
    "header that is a number": header("x-a", 5),
    "header name with a line break": header("x-a: 1\r\nx-evil", "1"),
    "header name with a space": header("x evil", "1"),
    "empty header name": header("", "1"),
    "header name in capitals": header("X-Forwarded-For", "203.0.113.9"),
    "600 headers": lambda event: event["headers"].update({f"x-{number}": "v" for number in range(600)}),
    "a header of 60 kB": header("x-a", "a" * 60_000),
    "two lengths": header("content-length", "0,5"),
    "length that is none": header("content-length", "five"),
    "transfer-encoding": header("transfer-encoding", "chunked"),
    "transfer-encoding and a length": lambda event: event["headers"].update(
        {"transfer-encoding": "gzip, chunked", "content-length": "3"}
    ),
    "our own headers": lambda event: event["headers"].update({"x-hatchway-error": "x", "x-amzn-trace-id": "y"}),
    "upgrade": lambda event: event["headers"].update({"connection": "upgrade", "upgrade": "websocket"}),
    "no host": lambda event: event["headers"].pop("host"),
    "odd host": header("host", "a b/c@d"),
    "no headers": lambda event: event.pop("headers"),
    "headers that are null": put("headers", None),
    "cookies with line breaks": put("cookies", ["a=1\r\nX-Evil: 1"]),
    "cookies with semicolons": put("cookies", ["a=1; b=2", ";"]),
    "cookies that are numbers": put("cookies", [1]),
    "cookies that are text": put("cookies", "a=1"),
    "body that is no base64": lambda event: event.update(body="%%%", isBase64Encoded=True),
    "body of base64 with the flag of text": put("body", base64.b64encode(b"\xff").decode()),
    "body with a lone surrogate": put("body", "\ud800"),
    "body that is a number": put("body", 5),
    "body of a GET": put("body", "x"),
    "length above the body": lambda event: (event.update(body="x"), event["headers"].update({"content-length": "99"})),
    "time that is none": put("requestContext.timeEpoch", "soon"),
    "no time": lambda event: event["requestContext"].pop("timeEpoch"),
    "no address": lambda event: event["requestContext"]["http"].pop("sourceIp"),
    "address with a line break": put("requestContext.http.sourceIp", "1\r\nX-Evil: 1"),
    "no context but a method": put("requestContext", {"http": {}}),
    "http that is null": put("requestContext", {"http": None}),
    "another version": put("version", "3.0"),
}
ODD_1: dict[str, Change] = {
    "1.0 as it is": lambda event: None,
    "1.0 with null headers": put("multiValueHeaders", None),
    "1.0 with a header of none": put("multiValueHeaders.X-A", []),
    "1.0 with line breaks": put("multiValueHeaders.X-A", ["1\r\nX-Evil: 1"]),
    "1.0 query with anything": put("multiValueQueryStringParameters", {"a\r\nX-Evil: 1": ["b c&d=é", ""]}),
    "1.0 path with line breaks": put("path", "/shop/ HTTP/1.1\r\nX-Evil: 1"),
    "1.0 without a context": put("requestContext", {}),
}
# What is no visitor's event at all.
UNKNOWN: dict[str, Any] = {
    "nothing": {},
    "null": None,
    "a list": [],
    "a text": "event",
    "a number": 5,
    "context that is null": {"requestContext": None},
    "context that is text": {"requestContext": "connectionId"},
    "another service's": {"Records": [{"eventSource": "aws:s3"}]},
}
SOCKET: dict[str, Any] = {
    "connect without headers": {"connectionId": "a=", "eventType": "CONNECT"},
    "message of nobody": {"connectionId": "nobody=", "eventType": "MESSAGE"},
    "disconnect of nobody": {"connectionId": "nobody=", "eventType": "DISCONNECT"},
}


@pytest.fixture
async def day() -> AsyncIterator[Day]:
    async with a_day() as day:
        yield day


async def invoke(day: Day, event: Any) -> bytes:
    """The result, as the gateway gets it. Raises FunctionError."""
    payload = json.dumps(event).encode()
    return await day.cloud.thread.run(day.cloud.function.invoke(payload))


@pytest.mark.expect_log("The HTTP event lacks 'headers'")
@pytest.mark.expect_log("The HTTP event cannot be read")
@pytest.mark.expect_log("The HTTP event lacks")
async def test_odd_requests_are_answered(day: Day) -> None:
    for model, changes in ((EVENT, ODD), (EVENT_1, ODD_1)):
        for name, change in changes.items():
            event = deepcopy(model)
            change(event)
            count = len(day.service.calls)
            answer = http_response(await invoke(day, event))
            words = dict(answer.headers).get("x-hatchway-error")
            assert answer.status == 200 or words, f"{name}: {answer.status}"
            assert words != "relay_failure", name
            assert len(day.service.calls) <= count + 1, name
            for call in day.service.calls[count:]:
                assert call.header("x-evil") is None, name
                assert b"\r" not in call.head.replace(b"\r\n", b""), name
    assert await day.status() == 200


async def test_unknown_events_are_refused_in_words(day: Day) -> None:
    for event in UNKNOWN.values():
        with pytest.raises(FunctionError, match="No event of ours"):
            await invoke(day, event)
    assert await day.status() == 200


async def test_odd_events_of_sockets_open_nothing(day: Day) -> None:
    before = {item["pk"]["S"] for item in day.cloud.table.items()}
    for name, context in SOCKET.items():
        result = json.loads(await invoke(day, {"requestContext": context, "isBase64Encoded": False}))
        assert context["eventType"] != "CONNECT" or result["statusCode"] == 401, name
    assert {item["pk"]["S"] for item in day.cloud.table.items()} == before
    assert await day.status() == 200

"""The texts of events that were captured from live AWS, as `entry` tells them apart and the adapters read them.

What captures left out (`…`) is filled in with a value of the same form.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend_lambda.adapters.agents import AgentEvents
from backend_lambda.adapters.http_event import request_of
from backend_lambda.core.model import PublicRequest
from backend_lambda.entry import UnknownEvent, serve

CONNECT = """
{"headers":{"Host":"abc.execute-api.us-east-1.amazonaws.com","Sec-WebSocket-Key":"dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version":"13","Sec-WebSocket-Extensions":"permessage-deflate","User-Agent":"hatchway/1",
  "X-Amzn-Trace-Id":"Root=1-65d2fa4e-0a0bb9e41f0a5d3e0a0b9e41","X-Forwarded-For":"1.2.3.4",
  "X-Forwarded-Port":"443","X-Forwarded-Proto":"https","Authorization":"Bearer the-token"},
 "multiValueHeaders":{"Host":["abc.execute-api.us-east-1.amazonaws.com"]},
 "queryStringParameters":{"token":"x"}, "multiValueQueryStringParameters":{"token":["x"]},
 "requestContext":{"routeKey":"$connect","eventType":"CONNECT","extendedRequestId":"TXzPWFkkjoEF92g=",
  "requestTime":"19/Feb/2024:07:11:42 +0000","messageDirection":"IN","stage":"prod","connectedAt":1708326702789,
  "requestTimeEpoch":1708326702790,"identity":{"userAgent":"hatchway/1","sourceIp":"1.2.3.4"},
  "requestId":"TXzPWFkkjoEF92g=","domainName":"abc.execute-api.us-east-1.amazonaws.com",
  "connectionId":"TXzPWdnOjoECGjA=","apiId":"abc"}, "isBase64Encoded":false}
"""
MESSAGE = """
{"requestContext":{"routeKey":"resp","eventType":"MESSAGE","messageId":"TXzQ8dWXjoECGjA=","messageDirection":"IN",
  "extendedRequestId":"TXzQ8EkkjoEF92g=","requestTime":"19/Feb/2024:07:11:52 +0000","stage":"prod",
  "connectedAt":1708326702789,"requestTimeEpoch":1708326712790,
  "identity":{"userAgent":"hatchway/1","sourceIp":"1.2.3.4"},"requestId":"TXzQ8EkkjoEF92g=",
  "domainName":"abc.execute-api.us-east-1.amazonaws.com","connectionId":"TXzPWdnOjoECGjA=","apiId":"abc"},
 "body":"{\\"type\\":\\"ping\\",\\"id\\":\\"1\\"}","isBase64Encoded":false}
"""
DISCONNECT = """
{"headers":{"Host":"abc.execute-api.us-east-1.amazonaws.com","x-api-key":"","X-Forwarded-For":"","x-restapi":""},
 "multiValueHeaders":{"Host":["abc.execute-api.us-east-1.amazonaws.com"],"x-api-key":[""],"X-Forwarded-For":[""],
  "x-restapi":[""]},
 "requestContext":{"routeKey":"$disconnect","disconnectStatusCode":1001,"eventType":"DISCONNECT",
  "extendedRequestId":"TXzRaGkkjoEF92g=","requestTime":"19/Feb/2024:07:21:46 +0000","messageDirection":"IN",
  "disconnectReason":"Going away","stage":"prod","connectedAt":1708326702789,"requestTimeEpoch":1708327306790,
  "identity":{"userAgent":"hatchway/1","sourceIp":"1.2.3.4"},"requestId":"TXzRaGkkjoEF92g=",
  "domainName":"abc.execute-api.us-east-1.amazonaws.com","connectionId":"TXzPWdnOjoECGjA=","apiId":"abc"},
 "isBase64Encoded":false}
"""
HTTP_API = """
{"version":"2.0","routeKey":"$default","rawPath":"/capture/space value",
 "rawQueryString":"repeat=one&repeat=two&u=https%3A%2F%2Fe.com&literalPlus=a+b&empty=",
 "cookies":["session=abc123","theme=dark"],
 "headers":{"accept":"*/*","content-length":"66","content-type":"application/json",
  "host":"x.execute-api.us-west-2.amazonaws.com","user-agent":"curl/8.7.1",
  "x-amzn-trace-id":"Root=1-6a50f5a9-1c1b2c3d4e5f60718293a4b5","x-forwarded-for":"68.8.83.18",
  "x-forwarded-port":"443","x-forwarded-proto":"https","x-multi":"first,second"},
 "queryStringParameters":{"repeat":"one,two","u":"https://e.com","literalPlus":"a b","empty":""},
 "requestContext":{"accountId":"123456789012","apiId":"x","domainName":"x.execute-api.us-west-2.amazonaws.com",
  "domainPrefix":"x","http":{"method":"POST","path":"/capture/space value","protocol":"HTTP/1.1",
   "sourceIp":"68.8.83.18","userAgent":"curl/8.7.1"},
  "requestId":"ATfSmjLgPHcESJw=","routeKey":"$default","stage":"$default","time":"10/Jul/2026:19:19:05 +0000",
  "timeEpoch":1783711145766},
 "body":"{\\"a\\":1}","isBase64Encoded":false}
"""


def function_url() -> dict[str, Any]:
    """The same request by a Function URL: the path as it was sent, no account, the cookie header kept, more headers."""
    event: dict[str, Any] = json.loads(HTTP_API)
    event["rawPath"] = "/capture/space%20value"
    event["headers"] |= {
        "cookie": "session=abc123; theme=dark",
        "host": "abcdefgh.lambda-url.us-west-2.on.aws",
        "x-amzn-tls-version": "TLSv1.3",
        "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
    }
    event["requestContext"] |= {"accountId": "anonymous", "domainName": "abcdefgh.lambda-url.us-west-2.on.aws"}
    return event


class Listener(AgentEvents):
    """Says what it was called with instead of doing it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Any]] = []

    async def _connect(self, connection_id: str, event: dict[str, Any]) -> dict[str, Any]:
        headers = {name.lower(): value for name, value in event["headers"].items()}
        self.calls.append(("connect", connection_id, headers["authorization"]))
        return {"statusCode": 200}

    async def _disconnect(self, connection_id: str) -> None:
        self.calls.append(("disconnect", connection_id, None))

    async def _message(self, connection_id: str, text: str) -> None:
        self.calls.append(("message", connection_id, json.loads(text)))


class Service:
    """What `entry.serve` hands events to."""

    def __init__(self) -> None:
        self.agents = Listener()
        self.requests: list[PublicRequest] = []

    async def visitor(self, event: dict[str, Any]) -> dict[str, Any]:
        self.requests.append(request_of(event))
        return {"statusCode": 204}


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (CONNECT, ("connect", "TXzPWdnOjoECGjA=", "Bearer the-token")),
        (MESSAGE, ("message", "TXzPWdnOjoECGjA=", {"type": "ping", "id": "1"})),
        (DISCONNECT, ("disconnect", "TXzPWdnOjoECGjA=", None)),
    ],
    ids=["connect", "message", "disconnect"],
)
async def test_events_of_the_websocket_api(text: str, call: tuple[str, str, Any]) -> None:
    service: Any = Service()
    assert await serve(service, json.loads(text)) == {"statusCode": 200}
    assert service.agents.calls == [call]
    assert service.requests == []


@pytest.mark.parametrize("event", [json.loads(HTTP_API), function_url()], ids=["HTTP API", "Function URL"])
async def test_events_of_both_front_doors(event: dict[str, Any]) -> None:
    service: Any = Service()
    assert await serve(service, event) == {"statusCode": 204}
    (request,) = service.requests
    assert service.agents.calls == []
    assert (request.method, request.client, request.scheme) == ("POST", "68.8.83.18", "https")
    query = "repeat=one&repeat=two&u=https%3A%2F%2Fe.com&literalPlus=a+b&empty="
    assert request.target == f"/capture/space%20value?{query}"
    assert [value for name, value in request.headers if name == "cookie"] == ["session=abc123; theme=dark"]
    assert ("x-multi", "first,second") in request.headers
    assert not {name for name, _ in request.headers} & {"x-amzn-trace-id", "x-forwarded-for", "x-forwarded-proto"}
    assert request.received == 1783711145766 * 1000
    assert request.host == event["headers"]["host"]
    assert await request.body.read() == b'{"a":1}'


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": [{"eventSource": "aws:sqs"}]},
        {"requestContext": None},
        {"requestContext": {"elb": {"targetGroupArn": "arn"}}, "path": "/"},
        {"type": "REQUEST", "methodArn": "arn:aws:execute-api:us-east-1:123456789012:abc/prod/$connect"},
    ],
    ids=["empty", "queue", "null", "load balancer", "authorizer"],
)
async def test_events_of_others_are_refused_by_name(event: dict[str, Any]) -> None:
    service: Any = Service()
    with pytest.raises(UnknownEvent, match="No event of ours"):
        await serve(service, event)
    assert service.agents.calls == service.requests == []

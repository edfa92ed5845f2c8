"""Events as they were captured from live AWS (July 2026), and their readings."""

from __future__ import annotations

from typing import Any

import pytest

from backend_lambda.adapters.http_event import BadEvent, request_of

HTTP_API: dict[str, Any] = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/capture/space value",
    "rawQueryString": "repeat=one&repeat=two&u=https%3A%2F%2Fe.com&literalPlus=a+b&empty=",
    "cookies": ["session=abc123", "theme=dark"],
    "headers": {
        "accept": "*/*",
        "content-length": "9",
        "content-type": "application/json",
        "host": "x.execute-api.us-west-2.amazonaws.com",
        "user-agent": "curl/8.7.1",
        "x-amzn-trace-id": "Root=1-abc",
        "x-forwarded-for": "68.8.83.18",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-multi": "first,second",
    },
    "queryStringParameters": {"repeat": "one,two", "u": "https://e.com", "literalPlus": "a b", "empty": ""},
    "requestContext": {
        "accountId": "123456789012",
        "apiId": "x",
        "domainName": "x.execute-api.us-west-2.amazonaws.com",
        "domainPrefix": "x",
        "http": {
            "method": "POST",
            "path": "/capture/space value",
            "protocol": "HTTP/1.1",
            "sourceIp": "68.8.83.18",
            "userAgent": "curl/8.7.1",
        },
        "requestId": "ATfSmjLgPHcESJw=",
        "routeKey": "$default",
        "stage": "$default",
        "time": "10/Jul/2026:19:19:05 +0000",
        "timeEpoch": 1783711145766,
    },
    "body": '{"a":"ü"}',
    "isBase64Encoded": False,
}


def event(**changes: Any) -> dict[str, Any]:
    return {**HTTP_API, **changes}


async def test_an_event_of_the_http_api() -> None:
    request = request_of(HTTP_API)
    assert (request.method, request.scheme, request.client) == ("POST", "https", "68.8.83.18")
    assert request.host == "x.execute-api.us-west-2.amazonaws.com"
    assert request.target == (
        "/capture/space%20value?repeat=one&repeat=two&u=https%3A%2F%2Fe.com&literalPlus=a+b&empty="
    )
    assert request.headers == [
        ("accept", "*/*"),
        ("content-length", "9"),
        ("content-type", "application/json"),
        ("host", "x.execute-api.us-west-2.amazonaws.com"),
        ("user-agent", "curl/8.7.1"),
        ("x-multi", "first,second"),
        ("cookie", "session=abc123; theme=dark"),
    ]
    assert request.received == 1783711145766_000
    assert request.body is not None
    assert request.body.length == 10
    assert [await request.body.read(), await request.body.read()] == ['{"a":"ü"}'.encode(), b""]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "/"),
        ("/a b/ü", "/a%20b/%C3%BC"),
        ("/100%", "/100%25"),
        ("/a;b=1,2:@!$&'()*+~", "/a;b=1,2:@!$&'()*+~"),
        ('/"<>\\^`{|}#', "/%22%3C%3E%5C%5E%60%7B%7C%7D%23"),
    ],
)
def test_trap_1_the_decoded_path_is_encoded_again(path: str, target: str) -> None:
    assert request_of(event(rawPath=path, rawQueryString="")).target == target


def test_trap_1_a_function_url_keeps_the_path_as_it_was_sent() -> None:
    context = {**HTTP_API["requestContext"], "domainName": "abc.lambda-url.us-west-2.on.aws"}
    headers = {**HTTP_API["headers"], "cookie": "session=abc123; theme=dark"}
    request = request_of(event(rawPath="/a%2Fb%20c", rawQueryString="", requestContext=context, headers=headers))
    assert request.target == "/a%2Fb%20c"
    assert [value for name, value in request.headers if name == "cookie"] == ["session=abc123; theme=dark"]


async def test_a_binary_body_is_decoded_by_its_flag_alone() -> None:
    request = request_of(event(body="AP8K", isBase64Encoded=True))
    assert request.body is not None
    assert await request.body.read() == b"\x00\xff\n"


def test_a_get_without_a_body_has_none_whatever_length_the_gateway_adds() -> None:
    context = {**HTTP_API["requestContext"], "http": {**HTTP_API["requestContext"]["http"], "method": "GET"}}
    bare = event(requestContext=context, headers={"host": "x", "content-length": "0"})
    del bare["body"], bare["cookies"]
    request = request_of(bare)
    assert (request.body, request.headers) == (None, [("host", "x")])


def test_an_event_of_payload_1() -> None:
    request = request_of(
        {
            "version": "1.0",
            "httpMethod": "GET",
            "path": "/a b",
            "headers": {"Host": "x", "X-Two": "2"},
            "multiValueHeaders": {"Host": ["x"], "X-Two": ["1", "2"], "X-Forwarded-For": ["1.2.3.4"]},
            "multiValueQueryStringParameters": {"q": ["1", "a b"], "e": [""]},
            "requestContext": {"identity": {"sourceIp": "1.2.3.4"}, "domainName": "x", "requestTimeEpoch": 5},
            "body": None,
            "isBase64Encoded": False,
        }
    )
    assert request.target == "/a%20b?q=1&q=a%20b&e="
    assert request.headers == [("host", "x"), ("x-two", "1"), ("x-two", "2")]
    assert request.client == "1.2.3.4"


@pytest.mark.parametrize("broken", [{}, {"version": "2.0"}, {"version": "2.0", "requestContext": {"http": {}}}])
def test_what_is_no_event_says_what_it_lacks(broken: dict[str, Any]) -> None:
    with pytest.raises(BadEvent, match="lacks"):
        request_of(broken)

"""Events of the HTTP API (payload formats 2.0 and 1.0) and of Function URLs, from the request as it came."""

from __future__ import annotations

import base64
import random
import string
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.aws.emulator.http_server import Request

_TEXT = ("application/json", "application/xml", "application/javascript")
# The front door ends these; a function never sees them.
_HOP = frozenset(("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect"))
_ids = random.Random(7)


def request_id() -> str:
    return "".join(_ids.choices(string.ascii_letters + string.digits, k=15)) + "="


def is_text(content_type: str | None) -> bool:
    """Whether a request body of this type comes as text. Forms, multipart, `+json` and no type do not."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXT


def encoded_body(request: Request, body: bytes) -> tuple[str, bool]:
    """(body, isBase64Encoded). What claims to be text and is no UTF-8 is damaged, as on AWS."""
    if is_text(request.header("content-type")):
        return body.decode("utf-8", "replace"), False
    return base64.b64encode(body).decode(), True


def http_api_event(request: Request, body: bytes, now: float, *, cuts_paths: bool = True) -> dict[str, Any]:
    """Payload format 2.0. The path is decoded, and what follows a decoded `?` is lost."""
    path = _decoded(request, cuts_paths)
    event = _version_2(request, path, path, now)
    headers = _joined(request, body)
    cookies = headers.pop("cookie", None)
    event["headers"] = headers
    if cookies is not None:
        event["cookies"] = _split_cookies(request)
    return _with_body(event, request, body)


def function_url_event(request: Request, body: bytes, now: float) -> dict[str, Any]:
    """The same format, but rawPath stays encoded, the Cookie header stays, and nobody is `anonymous`."""
    event = _version_2(request, request.path, unquote(request.path), now)
    event["requestContext"]["accountId"] = "anonymous"
    event["headers"] = _joined(request, body) | {
        "x-amzn-tls-version": "TLSv1.3",
        "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
    }
    if request.header("cookie") is not None:
        event["cookies"] = _split_cookies(request)
    return _with_body(event, request, body)


def http_api_event_1(request: Request, body: bytes, now: float, *, cuts_paths: bool = True) -> dict[str, Any]:
    """Payload format 1.0: both single and multiple values; what is absent is null."""
    path = _decoded(request, cuts_paths)
    headers: dict[str, list[str]] = {}
    for name, value in _forwarded(request, body):
        headers.setdefault(name.title(), []).append(value)
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    text, is_base64 = encoded_body(request, body)
    host = _domain(request)
    return {
        "version": "1.0",
        "resource": "$default",
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": host.partition(".")[0],
            "domainName": host,
            "domainPrefix": host.partition(".")[0],
            "extendedRequestId": (identity := request_id()),
            "httpMethod": request.method,
            "identity": {"sourceIp": request.peer, "userAgent": request.header("user-agent") or ""},
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": identity,
            "requestTime": clf(now),
            "requestTimeEpoch": int(now * 1000),
            "resourceId": "$default",
            "resourcePath": "$default",
            "stage": "$default",
        },
        "pathParameters": None,
        "stageVariables": None,
        "body": text if body else None,
        "isBase64Encoded": is_base64 if body else False,
    }


def _decoded(request: Request, cuts: bool) -> str:
    path = unquote(request.path)
    return path.partition("?")[0] if cuts else path


def clf(now: float) -> str:
    """The time as API Gateway writes it: 10/Jul/2026:19:19:05 +0000."""
    return datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def _version_2(request: Request, raw_path: str, path: str, now: float) -> dict[str, Any]:
    host = _domain(request)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": raw_path,
        "rawQueryString": request.query,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": host.partition(".")[0],
            "domainName": host,
            "domainPrefix": host.partition(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.peer,
                "userAgent": request.header("user-agent") or "",
            },
            "requestId": request_id(),
            "routeKey": "$default",
            "stage": "$default",
            "time": clf(now),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if request.query:
        values: dict[str, str] = {}
        for name, value in parse_qsl(request.query, keep_blank_values=True):
            values[name] = f"{values[name]},{value}" if name in values else value
        event["queryStringParameters"] = values
    return event


def _with_body(event: dict[str, Any], request: Request, body: bytes) -> dict[str, Any]:
    if body:
        event["body"], event["isBase64Encoded"] = encoded_body(request, body)
    return event


def _forwarded(request: Request, body: bytes) -> list[tuple[str, str]]:
    """The headers as the function's side of the gateway has them."""
    named = {name.strip().lower() for name in (request.header("connection") or "").split(",")}
    dropped = _HOP | named | {"content-length", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"}
    kept = [(name, value) for name, value in request.headers if name.lower() not in dropped]
    earlier = [value for name, value in request.headers if name.lower() == "x-forwarded-for"]
    return [
        *kept,
        ("content-length", str(len(body))),
        ("x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{_ids.getrandbits(96):024x}"),
        ("x-forwarded-for", ", ".join([*earlier, request.peer])),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ]


def _joined(request: Request, body: bytes) -> dict[str, str]:
    """Names in lower case, values of one name joined with a bare comma."""
    headers: dict[str, str] = {}
    for name, value in _forwarded(request, body):
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    return headers


def _split_cookies(request: Request) -> list[str]:
    lines = [value for name, value in request.headers if name.lower() == "cookie"]
    return [cookie.strip() for line in lines for cookie in line.split(";") if cookie.strip()]


def _domain(request: Request) -> str:
    """The host without a port, which AWS never sees one on."""
    return (request.header("host") or "").rpartition(":")[0] or (request.header("host") or "")

"""Events of the WebSocket API, in the shape captured from the real one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from websockets.datastructures import Headers

from tests.aws.emulator.http_events import clf, request_id
from tests.aws.emulator.vtl_variables import Input, json_path
from tests.aws.emulator.ws_connection import Connection

API_ID = "emulated"
DOMAIN = f"{API_ID}.execute-api.eu-central-1.amazonaws.com"


def context(connection: Connection, route: str, kind: str, stage: str, now: float) -> dict[str, Any]:
    """`requestContext`, which is also `$context` of a template. kind: CONNECT, MESSAGE, DISCONNECT."""
    identity = {"sourceIp": connection.source_ip}
    if connection.user_agent:
        identity["userAgent"] = connection.user_agent
    id = request_id()
    values: dict[str, Any] = {
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": id,
        "requestTime": clf(now),
        "messageDirection": "IN",
        "stage": stage,
        "connectedAt": int(connection.connected_at * 1000),
        "requestTimeEpoch": int(now * 1000),
        "identity": identity,
        "requestId": id,
        "domainName": DOMAIN,
        "connectionId": connection.id,
        "apiId": API_ID,
    }
    if kind == "MESSAGE":
        values["messageId"] = request_id()
    return values


def connect_event(
    connection: Connection, headers: Headers, query: str, stage: str, port: int, now: float
) -> dict[str, Any]:
    """`$connect`. The query maps are absent without a query."""
    pairs = [
        (name, DOMAIN if name.lower() == "host" else value)
        for name, value in headers.raw_items()
        if name.lower() not in ("connection", "upgrade")
    ]
    pairs += [
        ("X-Amzn-Trace-Id", "Root=1-65d2fa4e-0a0bb9e41f0a5d3e0a0b9e41"),
        ("X-Forwarded-For", connection.source_ip),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ]
    event: dict[str, Any] = {"headers": dict(pairs), "multiValueHeaders": _grouped(pairs)}
    if query:
        parameters = parse_qsl(query, keep_blank_values=True)
        event["queryStringParameters"] = dict(parameters)
        event["multiValueQueryStringParameters"] = _grouped(parameters)
    event["requestContext"] = context(connection, "$connect", "CONNECT", stage, now)
    event["isBase64Encoded"] = False
    return event


def message_event(body: str, request_context: dict[str, Any]) -> dict[str, Any]:
    """A message: neither headers nor a query, so no Authorization."""
    return {"requestContext": request_context, "body": body, "isBase64Encoded": False}


def disconnect_event(connection: Connection, code: int, reason: str, stage: str, now: float) -> dict[str, Any]:
    headers = {"Host": DOMAIN, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    return {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "requestContext": context(connection, "$disconnect", "DISCONNECT", stage, now)
        | {"disconnectStatusCode": code, "disconnectReason": reason},
        "isBase64Encoded": False,
    }


def select_route(expression: str, body: str, keys: frozenset[str]) -> str | None:
    """The key of the route for a message; None if there is neither a match nor `$default`."""
    document = Input(body).path("$")

    def value(match: re.Match[str]) -> str:
        found = json_path(document, "$." + match[1])
        return "" if found is None else str(found).lower() if isinstance(found, bool) else str(found)

    key = re.sub(r"\$\{request\.body\.([^}]+)\}|\$request\.body\.([\w.\[\]-]+)", lambda m: value(_one(m)), expression)
    if document != "" and key in keys and not key.startswith("$"):
        return key
    return "$default" if "$default" in keys else None


def _one(match: re.Match[str]) -> re.Match[str]:
    """The same match with the path as its first group."""
    found = re.fullmatch(r"(.*)", match[1] or match[2])
    assert found
    return found


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups

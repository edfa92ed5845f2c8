from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from tests.aws.conftest import CloudStage
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.lambda_service import FunctionConfig
from tests.aws.emulator.unsure import OTHER_WAY
from tests.aws.raw_http import Answer, send


async def visit(stage: CloudStage, target: str = "/", **more: Any) -> tuple[Answer, dict[str, Any]]:
    answer = await send(stage.cloud.http_url, target, **more)
    return answer, stage.script.events[-1] if stage.script.events else {}


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a%2Fb", "/a/b"),
        ("/space%20v", "/space v"),
        ("/gr%C3%BC%C3%9Fe", "/grüße"),
        ("/a%3Fb=c/d", "/a"),  # a decoded `?` even cuts the rest off
        ("//x", "//x"),
    ],
)
async def test_the_raw_path_is_not_raw(stage: CloudStage, target: str, path: str) -> None:
    _, event = await visit(stage, f"{target}?q=%2F+&q=2")
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == path
    assert event["rawQueryString"] == "q=%2F+&q=2"
    assert event["queryStringParameters"] == {"q": "/ ,2"}


async def test_headers_are_lowered_and_joined_and_cookies_taken_out(stage: CloudStage) -> None:
    headers = [("X-Multi", "first"), ("x-multi", "second"), ("Cookie", "a=1; b=2"), ("Upgrade", "h2c")]
    _, event = await visit(stage, headers=headers)
    assert event["headers"]["x-multi"] == "first,second"
    assert event["cookies"] == ["a=1", "b=2"]
    assert not {"cookie", "upgrade", "connection"} & set(event["headers"])
    assert event["headers"]["content-length"] == "0"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"


async def test_what_is_empty_is_absent(stage: CloudStage) -> None:
    _, event = await visit(stage)
    assert not {"body", "queryStringParameters", "cookies", "pathParameters", "stageVariables"} & set(event)
    assert event["rawQueryString"] == ""


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("text/html; charset=utf-8", True),
        ("application/json", True),
        ("application/problem+json", False),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        (None, False),
    ],
)
async def test_which_bodies_come_as_base64(stage: CloudStage, content_type: str | None, text: bool) -> None:
    headers = [("Content-Type", content_type)] if content_type else []
    _, event = await visit(stage, method="POST", headers=headers, body="ü".encode())
    assert event["isBase64Encoded"] is not text
    assert event["body"] == ("ü" if text else base64.b64encode("ü".encode()).decode())


async def test_text_that_is_none_is_damaged(stage: CloudStage) -> None:
    _, event = await visit(stage, method="POST", headers=[("Content-Type", "text/plain")], body=b"caf\xe9")
    assert (event["body"], event["isBase64Encoded"]) == ("caf\ufffd", False)


@pytest.mark.parametrize("stage", [CloudConfig(unsure=OTHER_WAY)], indirect=True)
async def test_what_nobody_has_measured_can_be_otherwise(stage: CloudStage) -> None:
    stage.script.answer = {"statusCode": 401, "headers": {"Server": "s", "WWW-Authenticate": "Basic", "X-A": "1"}}
    answer, event = await visit(stage, "/a%3Fb/c", method="PROPFIND")
    assert (event["rawPath"], event["requestContext"]["http"]["method"]) == ("/a?b/c", "PROPFIND")
    assert answer.all("x-amzn-remapped-server") == ["s"]
    assert answer.all("x-amzn-remapped-www-authenticate") == ["Basic"]
    assert (answer.all("server"), answer.all("x-a")) == ([], ["1"])
    stage.cloud.inject("lambda-throttled")
    assert (await visit(stage))[0].status == 500


async def test_an_answer_with_cookies_and_the_gateways_own_headers(stage: CloudStage) -> None:
    stage.script.answer = {
        "statusCode": 201,
        "headers": {"X-One": "1", "Content-Length": "999", "Connection": "x"},
        "cookies": ["a=1; Path=/", "b=2"],
        "multiValueHeaders": {"x-lost": ["1"]},
        "body": base64.b64encode(b"\xff").decode(),
        "isBase64Encoded": True,
    }
    answer, _ = await visit(stage)
    assert (answer.status, answer.body) == (201, b"\xff")
    assert answer.all("set-cookie") == ["a=1; Path=/", "b=2"]
    assert answer.all("content-length") == ["1"]
    assert answer.all("content-type") == ["text/plain;charset=utf-8"]
    assert answer.all("x-one") == ["1"]
    assert answer.all("apigw-requestid")
    assert not answer.all("x-lost")


async def test_head_has_no_body(stage: CloudStage) -> None:
    stage.script.answer = {"statusCode": 200, "body": "long"}
    answer, _ = await visit(stage, method="HEAD")
    assert answer.body == b""


async def test_a_result_without_a_status_is_the_body(stage: CloudStage) -> None:
    stage.script.answer = {"hello": "world"}
    answer, _ = await visit(stage)
    assert (answer.status, answer.json) == (200, {"hello": "world"})
    assert answer.all("content-type") == ["application/json"]


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "many"},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "headers": {"a": "b\r\nc: d"}},
        {"statusCode": 200, "body": "?", "isBase64Encoded": True},
        {"statusCode": 200, "body": "x" * 6_291_556},
    ],
    ids=["status", "list", "newline", "base64", "6 MB"],
)
async def test_a_bad_result_is_500(stage: CloudStage, result: dict[str, Any]) -> None:
    stage.script.answer = result
    answer, _ = await visit(stage)
    assert (answer.status, answer.json) == (500, {"message": "Internal Server Error"})


async def test_a_failing_function_is_500_and_leaks_nothing(stage: CloudStage) -> None:
    stage.script.answer = lambda event: 1 / 0
    answer, _ = await visit(stage)
    assert (answer.status, answer.json) == (500, {"message": "Internal Server Error"})


async def test_large_heads_and_bodies_never_reach_the_function(stage: CloudStage) -> None:
    answer, _ = await visit(stage, headers=[("X-Large", "x" * 10_240)])
    assert answer.status == 431
    for size in (4_800_000, 10 * 1024 * 1024 + 1):  # binary: 4.8 MB are more than 6 MB of base64
        answer, _ = await visit(stage, method="POST", body=bytes(size))
        assert (answer.status, answer.json) == (413, {"message": "Request Entity Too Large"})
    assert not stage.script.events


@pytest.mark.parametrize("stage", [CloudConfig(integration_timeout=0.2)], indirect=True)
async def test_a_slow_function_is_503(stage: CloudStage) -> None:
    stage.script.answer = lambda event: time.sleep(0.5)
    answer, _ = await visit(stage)
    assert (answer.status, answer.json) == (503, {"message": "Service Unavailable"})


@pytest.mark.parametrize("stage", [CloudConfig(throttle=(0.001, 1))], indirect=True)
async def test_the_accounts_throttle_is_429(stage: CloudStage) -> None:
    assert (await visit(stage))[0].status == 200
    answer, _ = await visit(stage)
    assert (answer.status, answer.json) == (429, {"message": "Too Many Requests"})


@pytest.mark.parametrize("stage", [CloudConfig(function=FunctionConfig(concurrency=0))], indirect=True)
async def test_no_environment_left_is_503(stage: CloudStage) -> None:
    assert (await visit(stage))[0].status == 503


async def test_unusual_methods_do_not_arrive(stage: CloudStage) -> None:
    answer, _ = await visit(stage, method="PROPFIND")
    assert (answer.status, answer.json) == (404, {"message": "Not Found"})


@pytest.mark.parametrize("stage", [CloudConfig(payload_format="1.0")], indirect=True)
async def test_payload_format_1(stage: CloudStage) -> None:
    stage.script.answer = {
        "statusCode": 200,
        "headers": {"x-a": "lost"},
        "multiValueHeaders": {"x-a": ["1", "2"]},
        "body": "ok",
    }
    answer, event = await visit(stage, "/p%20q?a=1&a=2", headers=[("X-B", "1"), ("X-B", "2")])
    assert answer.all("x-a") == ["1", "2"]
    assert (event["version"], event["httpMethod"], event["path"]) == ("1.0", "GET", "/p q")
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert (event["headers"]["X-B"], event["multiValueHeaders"]["X-B"]) == ("2", ["1", "2"])
    assert event["body"] is None


async def test_requests_are_billed_in_steps_of_512_kb(stage: CloudStage) -> None:
    stage.script.answer = {"statusCode": 200, "body": "x" * 600_000}
    await visit(stage)
    assert stage.cloud.bill()["http_requests"] == 2

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.aws.conftest import CloudStage
from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.raw_http import send

# A custom runtime that streams three pieces, as `provided.al2023` would run it. The path says how it ends.
_RUNTIME = """
import http.client, json, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    id, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(answer.read())
    out = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    out.putrequest("POST", f"/2018-06-01/runtime/invocation/{id}/response")
    out.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    out.putheader("Transfer-Encoding", "chunked")
    out.putheader("Content-Type", "application/vnd.awslambda.http-integration-response")
    out.endheaders()
    def piece(data):
        out.send(b"%x\\r\\n%b\\r\\n" % (len(data), data))
    piece(json.dumps({"statusCode": 202, "headers": {"X-Way": "streamed"}, "cookies": ["a=1"]}).encode() + bytes(8))
    piece(b"one,")
    if event["rawPath"] == "/broken":
        out.close()
        continue
    piece(b"two,")
    piece(b"three")
    out.send(b"0\\r\\n\\r\\n")
    out.getresponse().read()
    out.close()
"""


async def test_the_event_keeps_raw_path_and_cookie_header(stage: CloudStage) -> None:
    answer = await send(stage.cloud.function_url, "/a%2Fb%3F?q=1", headers=[("Cookie", "a=1; b=2")])
    (event,) = stage.script.events
    assert answer.status == 200
    assert event["rawPath"] == "/a%2Fb%3F"
    assert event["requestContext"]["http"]["path"] == "/a/b?"
    assert event["requestContext"]["accountId"] == "anonymous"
    assert event["headers"]["cookie"] == "a=1; b=2"
    assert event["cookies"] == ["a=1", "b=2"]
    assert stage.cloud.bill()["http_requests"] == 0


async def test_a_failing_function_is_502(stage: CloudStage) -> None:
    stage.script.answer = lambda event: 1 / 0
    answer = await send(stage.cloud.function_url, "/")
    assert (answer.status, answer.body) == (502, b"Internal Server Error")


@pytest.fixture
def streaming(tmp_path: Path) -> Iterator[Cloud]:
    (tmp_path / "bootstrap.py").write_text(_RUNTIME)
    runtime = [sys.executable, str(tmp_path / "bootstrap.py")]
    cloud = Cloud(None, CloudConfig(invoke_mode="RESPONSE_STREAM"), runtime=runtime)
    cloud.start()
    yield cloud
    cloud.stop()


async def test_a_custom_runtime_streams(streaming: Cloud) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as visitor:
        response = await visitor.get(streaming.function_url + "/fine")
        again = await visitor.get(streaming.function_url + "/fine")
    assert (response.status_code, response.content) == (202, b"one,two,three")
    assert response.headers["x-way"] == "streamed"
    assert response.headers["set-cookie"] == "a=1"
    assert response.headers["transfer-encoding"] == "chunked"
    assert again.content == response.content
    assert streaming.function.environments == 1


async def test_a_stream_that_breaks_is_no_whole_answer(streaming: Cloud) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as visitor:
        with pytest.raises(httpx.RemoteProtocolError):
            await visitor.get(streaming.function_url + "/broken")


@pytest.mark.parametrize("stage", [CloudConfig(invoke_mode="RESPONSE_STREAM")], indirect=True)
async def test_a_buffered_result_works_in_stream_mode_too(stage: CloudStage) -> None:
    stage.script.answer = {"statusCode": 200, "body": json.dumps([1])}
    answer = await send(stage.cloud.function_url, "/")
    assert answer.json == [1]

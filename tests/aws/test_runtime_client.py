"""The deployed handler below AWS' own runtime client; skipped where awslambdaric is not installed."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.aws.backend import TOKEN, Backend
from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.lambda_environment import FunctionError
from tests.e2e.service import Call, Service


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    pytest.importorskip("awslambdaric")
    runtime = [sys.executable, "-m", "awslambdaric"]
    async with (
        Cloud("backend_lambda.entry.handler", runtime=runtime) as cloud,
        httpx.AsyncClient(base_url=cloud.http_url, trust_env=False, timeout=30) as visitor,
    ):
        cloud.add_token(TOKEN)
        yield Backend(cloud, visitor)


async def test_the_handler_runs_below_awslambdaric(backend: Backend) -> None:
    """One start of a process serves all kinds of events, which is what takes the time here."""
    answers = [await backend.visitor.get("/nobody/", headers={"Accept": "application/json"}) for _ in range(2)]
    assert [answer.json()["error"]["code"] for answer in answers] == ["unknown_tunnel"] * 2
    assert backend.cloud.function.environments == 1
    assert backend.cloud.function.last_error is None

    with pytest.raises(FunctionError) as raised:
        await invoke(backend, {"Records": [{"eventSource": "aws:s3"}]})
    assert raised.value.kind == "UnknownEvent"
    assert raised.value.payload["errorMessage"] == "No event of ours: it has Records"
    assert await invoke(backend, {"detail-type": "Scheduled Event", "source": "aws.events"}) == {}

    binary = bytes(range(256)) * 4

    async def script(call: Call) -> None:
        await call.read_body()
        await call.answer(binary if call.target == b"/binary" else call.body, "Content-Type: text/plain; charset=utf-8")

    agent = backend.agent()
    async with Service(script) as service:
        await agent.open(service.port, "shop")
        text = "größe 漢字 \U0001f600 \u2028"
        secrets = {"Cookie": "session=cookie-of-somebody", "Authorization": "Basic password-of-somebody"}
        head = {"Content-Type": "text/plain", **secrets}
        answer = await backend.visitor.post("/shop/text?key=query-of-somebody", content=text, headers=head)
        assert answer.text == text
        assert (await backend.visitor.post("/shop/raw", content=binary)).content == binary
        assert (await backend.visitor.get("/shop/binary")).content == binary
        await agent.aclose()
    assert not any(TOKEN in line or "of-somebody" in line for line in backend.cloud.log)
    cold = [line for line in backend.cloud.log if '"ColdStartMilliseconds":' in line]
    assert 1 <= len(cold) <= backend.cloud.function.environments


async def invoke(backend: Backend, event: object) -> object:
    return json.loads(await backend.cloud.thread.run(backend.cloud.function.invoke(json.dumps(event).encode())))

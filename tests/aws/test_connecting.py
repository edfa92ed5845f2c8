"""Agents that AWS does not let in at once, tokens of an identity provider, and replies that the gateway throttles."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.agent import connection, resend
from app.domain.tunnel import TunnelState
from backend_lambda.adapters import clients
from tests.aws.backend import Backend
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.threaded import in_threads
from tests.backend_lambda.adapters.tokens.signing import AUDIENCE, CLAIMS, ISSUER, SECRET_TEXT, token_of
from tests.e2e.service import Service

JWT = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ["HS256"], "secret_parameter": "/hatchway/jwt"}


@pytest.fixture
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
    async with in_threads(getattr(request, "param", None)) as backend:
        yield backend


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with Service() as service:
        yield service


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ssm:
        def get_parameter(self, **_: Any) -> dict[str, Any]:
            return {"Parameter": {"Value": SECRET_TEXT}}

    # The only module of the adapters that all environments of `in_threads` share.
    monkeypatch.setattr(clients, "parameters", lambda settings: Ssm())


def fresh(subject: str, **changes: Any) -> str:
    now = time.time()
    return token_of("HS256", CLAIMS | {"iat": now, "exp": now + 60, "sub": subject} | changes)


@pytest.mark.parametrize("backend", [CloudConfig(variables={"HATCHWAY_JWT": json.dumps(JWT)})], indirect=True)
async def test_tokens_of_an_identity_provider_tell_owners_apart(ssm: None, backend: Backend, service: Service) -> None:
    alice, mallory, own = backend.agent(fresh("alice")), backend.agent(fresh("mallory")), backend.agent()
    late = backend.agent(fresh("late", exp=1))
    await alice.open(service.port, "shop")
    await own.open(service.port, "own")
    assert (await backend.visitor.get("/shop/")).status_code == 200
    for agent, code in ((mallory, "name_taken"), (late, "bad_token")):
        spec = agent.start(service.port, "shop")
        status = await agent.reaches(spec, TunnelState.FAILED)
        assert status.problem is not None
        assert status.problem.code == code
    for agent in (alice, mallory, late, own):
        await agent.aclose()


async def test_a_throttled_connect_is_waited_for(backend: Backend, service: Service) -> None:
    agent = backend.agent()
    backend.cloud.inject("table-throttled", times=2, match="PutItem {'pk': {'S': 'c#")
    await agent.open(service.port, "shop")
    assert backend.cloud.faults.hits("table-throttled") == 2
    assert (await backend.visitor.get("/shop/")).status_code == 200
    await agent.aclose()


async def test_an_agent_is_told_that_the_backend_failed_and_gets_in_later(backend: Backend, service: Service) -> None:
    agent = backend.agent()
    backend.cloud.inject("lambda-throttled")
    spec = agent.start(service.port, "shop")
    status = await agent.reaches(spec, TunnelState.RECONNECTING)
    assert status.problem is not None
    assert (status.problem.code, status.problem.side) == ("backend_failed", "AWS")
    agent.supervisor.retry_now(spec.id)
    await agent.reaches(spec, TunnelState.ONLINE)
    await agent.aclose()


async def test_a_reply_that_the_gateway_throttles_is_sent_again(
    backend: Backend, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resend, "_FIRST_PAUSE", 0.05)
    agent = backend.agent()
    await agent.open(service.port, "shop")
    backend.cloud.inject("message-429", times=2)
    answer = await backend.visitor.get("/shop/lost")
    assert answer.status_code == 200
    assert backend.cloud.faults.hits("message-429") == 2
    assert [call.target for call in service.calls] == [b"/lost"]
    await agent.aclose()


async def test_a_hello_that_finds_the_table_throttled_is_said_again(
    backend: Backend, service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "_HELLO_AGAIN_SECONDS", 0.3)
    agent = backend.agent()
    backend.cloud.inject("table-throttled", times=None, match="UpdateItem {'pk': {'S': 't#")
    with caplog.at_level(logging.WARNING):
        spec = agent.start(service.port, "shop")
        async with asyncio.timeout(20):
            while "AWS did not take a message" not in caplog.text:  # noqa: ASYNC110 -- a log has no event
                await asyncio.sleep(0.02)
        backend.cloud.faults.clear()
        await agent.reaches(spec, TunnelState.ONLINE, 20)
    assert "reason=ThrottlingException" in caplog.text
    assert (await backend.visitor.get("/shop/")).status_code == 200
    await agent.aclose()

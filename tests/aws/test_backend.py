"""The main job on AWS: the app's agent and the real handler on the emulator, every byte compared."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import random
from collections.abc import AsyncIterator

import pytest

from app.agent.connection import FINAL_CODES
from app.domain.events import ExchangeFinished
from app.domain.tunnel import TunnelState
from tests.aws.backend import Backend, deployed
from tests.aws.emulator.cloud_config import CloudConfig
from tests.e2e.service import Call, Service
from tests.e2e.tunnels import Agent


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    async with deployed() as backend:
        yield backend


@pytest.fixture
async def agent(backend: Backend) -> AsyncIterator[Agent]:
    agent = backend.agent()
    yield agent
    await agent.aclose()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with Service() as service:
        yield service


async def test_a_request_reaches_the_service_and_its_answer_the_visitor(
    backend: Backend, agent: Agent, service: Service
) -> None:
    async def script(call: Call) -> None:
        await call.read_body()
        await call.answer(b'{"id": 7}', "Content-Type: application/json", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2")

    service.script = script
    await agent.open(service.port, "shop")
    answer = await backend.visitor.post(
        "/shop/orders?open=1&x=%2F&empty=", json={"name": "größe"}, headers={"Cookie": "c=3; d=4", "X-Two": "1"}
    )
    assert (answer.status_code, answer.json()) == (200, {"id": 7})
    # Paths of cookies are rewritten to the prefix, as on the relay.
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/shop; Secure", "b=2; Secure"]
    (call,) = service.calls
    assert (call.method, call.target) == ("POST", b"/orders?open=1&x=%2F&empty=")
    assert call.body == '{"name":"größe"}'.encode()
    assert (call.header("cookie"), call.header("x-two"), call.header("host")) == (
        "c=3; d=4",
        "1",
        f"127.0.0.1:{service.port}",
    )


@pytest.mark.parametrize("size", [0, 1, 59_999, 60_001, 90_001, 400_000, 3_000_000])
async def test_bodies_of_every_size_arrive_whole_both_ways(
    backend: Backend, agent: Agent, service: Service, size: int
) -> None:
    data = random.Random(size).randbytes(size)

    async def script(call: Call) -> None:
        await call.answer(await call.read_body(), "Content-Type: application/octet-stream")

    service.script = script
    await agent.open(service.port, "shop")
    answer = await backend.visitor.post("/shop/up", content=data)
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).digest() == hashlib.sha256(data).digest()


async def test_an_answer_that_the_function_cannot_return_is_a_page(
    backend: Backend, agent: Agent, service: Service
) -> None:
    async def script(call: Call) -> None:
        await call.answer(random.Random(1).randbytes(6_000_000), status="404 Not Found")

    service.script = script
    await agent.open(service.port, "shop")
    answer = await backend.visitor.get("/shop/large", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "answer_too_large")


async def test_pages_are_rewritten_below_the_prefix_compressed_ones_too(
    backend: Backend, agent: Agent, service: Service
) -> None:
    page = b'<!doctype html><html><head><title>x</title></head><body><a href="/cart">cart</a></body></html>'

    async def script(call: Call) -> None:
        await call.answer(gzip.compress(page), "Content-Type: text/html; charset=utf-8", "Content-Encoding: gzip")

    service.script = script
    await agent.open(service.port, "shop")
    answer = await backend.visitor.get(
        "/shop/", headers={"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
    )
    assert 'href="/shop/cart"' in answer.text
    assert any(isinstance(event, ExchangeFinished) for event in agent.events)


async def test_a_head_request_has_no_body(backend: Backend, agent: Agent, service: Service) -> None:
    await agent.open(service.port, "shop")
    answer = await backend.visitor.head("/shop/")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_encoded_paths_come_as_near_as_the_gateway_lets_them(
    backend: Backend, agent: Agent, service: Service
) -> None:
    await agent.open(service.port, "shop")
    await backend.visitor.get("/shop/%E4%B8%AD/a%20b/100%25?q=%2F+%20")
    assert service.calls[0].target == b"/%E4%B8%AD/a%20b/100%25?q=%2F+%20"


@pytest.mark.parametrize("token", ["", "another token of nobody"])
async def test_no_token_no_tunnel(backend: Backend, service: Service, token: str) -> None:
    agent = backend.agent(token)
    status = await agent.reaches(agent.start(service.port, "shop"), TunnelState.FAILED)
    assert status.problem is not None
    assert status.problem.code == "bad_token"
    assert status.problem.code in FINAL_CODES
    await agent.aclose()


async def test_a_name_has_one_owner(backend: Backend, agent: Agent, service: Service) -> None:
    await agent.open(service.port, "shop")
    other = backend.agent(owner="somebody else")
    status = await other.reaches(other.start(service.port, "shop"), TunnelState.FAILED)
    assert status.problem is not None
    assert status.problem.code == "name_taken"
    await other.aclose()
    assert (await backend.visitor.get("/shop/")).status_code == 200


async def test_a_newer_connection_of_the_owner_takes_over(backend: Backend, agent: Agent, service: Service) -> None:
    # Who reads or remembers the past sends a request to the older agent, and that one still answers it for a while.
    backend.cloud.table.read_lag = (0.0, 0.0)
    await agent.open(service.port, "shop")
    newer = backend.agent()
    async with Service() as other:
        await newer.open(other.port, "shop")
        await backend.cloud.thread.run(backend.cloud.function.recycle())
        for _ in range(3):
            assert (await backend.visitor.get("/shop/")).status_code == 200
        assert len(other.calls) == 3
    await newer.aclose()


@pytest.mark.parametrize(("code", "name"), [(404, "never"), (503, "shop")])
async def test_a_visitor_is_told_what_is_missing(
    backend: Backend, agent: Agent, service: Service, code: int, name: str
) -> None:
    tunnel = await agent.open(service.port, "shop")
    await agent.supervisor.stop(tunnel.spec.id, release=False)
    wanted = {404: "unknown_tunnel", 503: "agent_offline"}[code]
    async with asyncio.timeout(10):
        while True:  # `goodbye` is handled by an invocation of its own
            answer = await backend.visitor.get(f"/{name}/x", headers={"Accept": "application/json"})
            if answer.status_code == code:
                break
            await asyncio.sleep(0.1)
    assert answer.json()["error"]["code"] == wanted


async def test_a_lost_disconnect_costs_one_answer_in_words_not_a_hanging_visitor(service: Service) -> None:
    async with deployed() as backend:
        backend.cloud.inject("disconnect-lost", times=None)
        agent = backend.agent()
        await agent.open(service.port, "shop")
        await agent.aclose()
        answer = await backend.visitor.get("/shop/", headers={"Accept": "application/json"})
        assert answer.json()["error"]["code"] in ("agent_gone", "agent_offline")


async def test_many_requests_at_once_are_all_answered_once(service: Service) -> None:
    async def script(call: Call) -> None:
        await asyncio.sleep(random.uniform(0, 0.2))
        await call.answer(call.target)

    service.script = script
    async with deployed(CloudConfig(read_lag=(0.0, 0.1))) as backend:
        agent = backend.agent()
        await agent.open(service.port, "shop")
        answers = await asyncio.gather(*(backend.visitor.get(f"/shop/{number}") for number in range(8)))
        assert [answer.text for answer in answers] == [f"/{number}" for number in range(8)]
        # Windows of other tests look at every port that listens, by asking for its root.
        asked = [call.target for call in service.calls if call.target != b"/"]
        assert sorted(asked) == sorted(f"/{number}".encode() for number in range(8))
        await agent.aclose()


async def test_a_small_request_costs_what_the_design_says(backend: Backend, agent: Agent, service: Service) -> None:
    """aws-facts section 7, B-ddb: one invocation, two messages, one write, few reads of half a unit."""
    await agent.open(service.port, "shop")
    await backend.visitor.get("/shop/")  # the look-up is remembered from here on
    before = dict(backend.cloud.bill().units)
    requests = 10
    for _ in range(requests):
        assert (await backend.visitor.get("/shop/")).status_code == 200
    after = backend.cloud.bill().units
    used = {unit: (after[unit] - before.get(unit, 0)) / requests for unit in after}
    assert used["http_requests"] == 1
    assert used["lambda_requests"] == 1
    assert used["write_units"] == 1
    assert used["ws_messages"] == 2
    assert used["read_units"] <= 1.5


async def test_every_request_leaves_its_metrics_and_nothing_of_itself_in_the_log(
    backend: Backend, agent: Agent, service: Service
) -> None:
    await agent.open(service.port, "shop")
    await backend.visitor.post("/shop/secret-path", content=b"12345", headers={"Authorization": "Bearer abc-secret"})
    await backend.visitor.get("/nobody/")
    lines = [json.loads(line) for line in backend.cloud.log if '"_aws"' in line]
    found, missing = lines[-2:]
    assert (found["Requests"], found["RequestBytes"], found["ResponseBytes"]) == (1, 5, 2)
    assert found["Polls"] >= 1
    assert found["WaitMilliseconds"] > 0
    assert "Errors" not in found
    assert (missing["Errors"], missing["Side"], missing["Polls"]) == (1, "visitor", 0)
    assert "secret" not in "".join(backend.cloud.log)


async def test_by_a_function_url_paths_arrive_as_they_were_sent(service: Service) -> None:
    config = CloudConfig(variables={"HATCHWAY_PUBLIC_URL": ""})
    async with deployed(config) as backend:
        key = {"pk": {"S": "settings"}, "sk": {"S": "public_url"}}
        backend.cloud.table.write(key, {**key, "url": {"S": backend.cloud.function_url}})  # as Terraform does
        agent = backend.agent()
        tunnel = await agent.open(service.port, "shop")
        urls = agent.supervisor.status(tunnel.spec.id).urls  # type: ignore[union-attr]
        assert urls is not None
        assert urls.path == f"{backend.cloud.function_url}/shop/"
        answer = await backend.visitor.get(f"{urls.path}a%2Fb?q=%2F")
        assert (answer.status_code, service.calls[0].target) == (200, b"/a%2Fb?q=%2F")
        await agent.aclose()

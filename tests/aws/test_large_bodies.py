"""Bodies that go by the bucket on AWS: which, how they arrive, and what happens when something on that way fails."""

from __future__ import annotations

import gzip
import hashlib
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.agent import connection
from app.agent.blobs import BlobClient
from app.domain.exchange import ExchangeState
from tests.aws.backend import Backend
from tests.aws.threaded import in_threads
from tests.e2e.service import Call, Service
from tests.e2e.tunnels import Agent

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOISE = random.Random(1).randbytes(30_000_000)
DATA = "Content-Type: application/octet-stream"
JSON = {"Accept": "application/json"}


async def noise(call: Call) -> None:
    """As many bytes as the path says, and the digest of what came."""
    digest = hashlib.sha256(await call.read_body()).hexdigest()
    size = int(call.target[1:] or 0)  # windows of other tests look at every port, by asking for its root
    await call.answer(NOISE[:size], DATA, f"X-Digest: {digest}", "Set-Cookie: a=1")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[Backend]:
    """One for all: what tests do to it is over with them."""
    async with in_threads() as backend:
        yield backend


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service() -> AsyncIterator[Service]:
    async with Service(noise) as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agent(backend: Backend, service: Service) -> AsyncIterator[Agent]:
    agent = backend.agent()
    await agent.open(service.port, "shop")
    yield agent
    await agent.aclose()


@pytest.fixture
def visitor(backend: Backend, agent: Agent, service: Service) -> httpx.AsyncClient:
    service.script = noise
    return backend.visitor


def code(answer: httpx.Response) -> str | None:
    return answer.headers.get("x-hatchway-error")


@pytest.mark.parametrize(
    ("size", "puts"), [(8_700, 0), (8_701, 1), (20_000, 1), (100_000, 1), (1_048_576, 1), (4_500_000, 1)]
)
async def test_answers_take_the_cheaper_way(
    backend: Backend, visitor: httpx.AsyncClient, agent: Agent, size: int, puts: int
) -> None:
    before = backend.cloud.bill()
    answer = await visitor.get(f"/shop/{size}")
    assert answer.status_code == 200
    assert answer.content == NOISE[:size]
    bill = backend.cloud.bill() - before
    assert (bill["s3_puts"], bill["s3_gets"]) == (puts, puts)
    record = agent.exchanges()[-1]
    assert (record.state, record.response_body.size) == (ExchangeState.DONE, size)


@pytest.mark.parametrize(("size", "puts"), [(60_000, 0), (90_000, 0), (90_001, 1), (4_400_000, 1)])
async def test_uploads_take_the_cheaper_way(
    backend: Backend, visitor: httpx.AsyncClient, agent: Agent, size: int, puts: int
) -> None:
    before = backend.cloud.bill()
    answer = await visitor.put("/shop/2", content=NOISE[:size])
    assert answer.headers["x-digest"] == hashlib.sha256(NOISE[:size]).hexdigest()
    bill = backend.cloud.bill() - before
    assert (bill["s3_puts"], bill["s3_gets"]) == (puts, puts)
    record = agent.exchanges()[-1]
    assert (record.request_body.size, record.request_body.data[:99]) == (size, NOISE[:99])


@pytest.mark.parametrize(("method", "status"), [("GET", 307), ("POST", 303)])
async def test_what_a_function_cannot_return_the_visitor_fetches(
    backend: Backend, visitor: httpx.AsyncClient, method: str, status: int
) -> None:
    before = backend.cloud.bill()
    answer = await visitor.request(method, "/shop/30000000")
    assert (answer.status_code, answer.content) == (status, b"")
    assert answer.headers["set-cookie"] == "a=1; Secure"
    assert answer.headers["cache-control"] == "no-store"
    url = answer.headers["location"]
    whole = await visitor.get(url)
    assert whole.content == NOISE
    assert whole.headers["content-type"] == "application/octet-stream"
    part = await visitor.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, NOISE[10:20])
    assert (backend.cloud.bill() - before)["s3_gets"] == 2  # the function has fetched nothing
    assert (await visitor.get(url.replace("r/", "q/"))).status_code == 403
    assert (await visitor.put(url, content=b"x")).status_code == 403
    backend.cloud.s3.clock.advance(301)
    assert (await visitor.get(url)).status_code == 403
    backend.cloud.s3.clock.advance(-301)


async def test_a_large_page_is_rewritten_and_packed(visitor: httpx.AsyncClient, service: Service) -> None:
    rows = b"".join(b"<p><a href=/cart/%d>cart</a></p>\n" % number for number in range(130_000))

    async def script(call: Call) -> None:
        await call.answer(b"<!doctype html><title>x</title>" + rows, "Content-Type: text/html")

    service.script = script
    page = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
    answer = await visitor.get("/shop/", headers=page)
    assert (answer.status_code, answer.headers["content-encoding"]) == (200, "gzip")
    assert answer.text.count("<a href=/shop/cart/") == 130_000


async def test_a_packed_answer_of_the_app_is_no_smaller_when_packed_again(
    backend: Backend, visitor: httpx.AsyncClient, service: Service
) -> None:
    packed = gzip.compress(NOISE[:20_000], mtime=0)

    async def script(call: Call) -> None:
        await call.answer(packed, "Content-Type: text/plain", "Content-Encoding: gzip")

    service.script = script
    assert (await visitor.get("/shop/")).content == NOISE[:20_000]
    assert packed in [stored.body for stored in backend.cloud.s3.objects.values()]


async def test_a_busy_bucket_is_asked_again(backend: Backend, visitor: httpx.AsyncClient) -> None:
    for match in ("r/", "q/", "r/"):
        backend.cloud.inject("s3-503", match=match)
    answer = await visitor.put("/shop/20000", content=NOISE[:100_000])
    assert answer.content == NOISE[:20_000]
    backend.cloud.faults.clear()


async def test_a_bucket_that_refuses_is_a_page_that_says_so(
    backend: Backend, visitor: httpx.AsyncClient, agent: Agent
) -> None:
    backend.cloud.inject("s3-503", times=None, match="r/")
    answer = await visitor.get("/shop/20000", headers=JSON)
    assert (answer.status_code, code(answer)) == (502, "blob_failed")
    problem = agent.exchanges()[-1].problem
    assert problem is not None
    assert (problem.code, problem.side) == ("blob_failed", "AWS")
    backend.cloud.faults.clear()


async def test_a_url_that_has_expired_is_a_page_too(backend: Backend, visitor: httpx.AsyncClient) -> None:
    backend.cloud.s3.clock.advance(181)
    assert code(await visitor.get("/shop/20000")) == "blob_failed"
    backend.cloud.s3.clock.advance(-181)


@pytest.mark.parametrize("stored", [None, b"", NOISE[:19_999], NOISE[:20_001]], ids=["lost", "empty", "cut", "longer"])
async def test_a_body_that_is_not_what_the_agent_says_is_no_answer(
    visitor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, stored: bytes | None
) -> None:
    put = BlobClient.put

    async def other(self: BlobClient, url: str, body: Any, size: int) -> None:
        if stored is not None:
            await put(self, url, stored, len(stored))

    monkeypatch.setattr(BlobClient, "put", other)
    answer = await visitor.get("/shop/20000", headers=JSON)
    assert (answer.status_code, code(answer)) == (502, "agent_protocol")


async def test_urls_are_in_no_log_and_no_record(backend: Backend, visitor: httpx.AsyncClient, agent: Agent) -> None:
    await visitor.put("/shop/20000", content=NOISE[:100_000])
    assert "X-Amz" not in "".join(backend.cloud.log)
    assert "X-Amz" not in repr(agent.exchanges()[-1])


async def test_an_agent_that_knows_no_blobs_is_served_by_messages(
    backend: Backend, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "replace", lambda options, **_: options)
    older = backend.agent()
    service.script = noise
    await older.open(service.port, "older")
    before = backend.cloud.bill()
    answer = await backend.visitor.put("/older/100000", content=NOISE[:100_000])
    assert answer.content == NOISE[:100_000]
    assert answer.headers["x-digest"] == hashlib.sha256(NOISE[:100_000]).hexdigest()
    assert (backend.cloud.bill() - before)["s3_puts"] == 0
    await older.aclose()

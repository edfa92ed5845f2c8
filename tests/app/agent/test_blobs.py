"""The agent at the store of large bodies: where it goes, what it sends, when it tries again."""

from __future__ import annotations

import asyncio
import io
import logging
import zlib
from collections.abc import AsyncIterator

import pytest

from app.agent import blobs as module
from app.agent.blobs import BlobClient
from app.domain.problems import HatchwayError
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.messages import Blob
from tests.app.agent.store import Store, status

BODY = bytes(range(256)) * 1000
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 256000\r\n\r\nhalf"  # and nothing more


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSES", (0, 0))


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with Store() as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[BlobClient]:
    client = BlobClient("ws://127.0.0.1:1/live")
    yield client
    await client.aclose()


@pytest.mark.parametrize("in_file", [False, True])
async def test_put_announces_its_length_and_nothing_else(store: Store, client: BlobClient, in_file: bool) -> None:
    await client.put(store.url("/r/1?signature=x"), io.BytesIO(BODY) if in_file else BODY, len(BODY))
    (request,) = store.requests
    assert request.line == b"PUT /r/1?signature=x HTTP/1.1"
    names = [name.lower() for name, _ in request.headers]
    assert sorted(names) == [b"content-length", b"host"]
    assert store.objects == {"/r/1": BODY}


@pytest.mark.parametrize("deflated", [False, True])
async def test_get_brings_the_whole_body(store: Store, client: BlobClient, deflated: bool) -> None:
    store.objects["/q/1"] = zlib.compress(BODY) if deflated else BODY
    assert await client.get(Blob(len(BODY), deflated, store.url("/q/1"))) == BODY


@pytest.mark.parametrize(
    "trouble", [[b"", status(500)], [status(503)], [CUT, b""]], ids=["broken", "busy", "in the middle"]
)
async def test_what_may_go_better_is_tried_again(store: Store, client: BlobClient, trouble: list[bytes]) -> None:
    store.objects["/q/1"] = BODY
    store.trouble += trouble
    assert await client.get(Blob(len(BODY), url=store.url("/q/1"))) == BODY
    store.trouble += [b"", status(500)]
    await client.put(store.url("/r/1"), io.BytesIO(BODY), len(BODY))
    assert store.objects["/r/1"] == BODY


@pytest.mark.parametrize(
    ("trouble", "side", "attempts"),
    [([status(503)] * 3, "AWS", 3), ([b""] * 3, "network", 3), ([status(403)], "AWS", 1), ([status(307)], "AWS", 1)],
    ids=["busy", "broken", "expired", "redirect"],
)
async def test_what_stays_wrong_says_whose_side_it_is(
    store: Store, client: BlobClient, trouble: list[bytes], side: str, attempts: int
) -> None:
    store.trouble += trouble
    with pytest.raises(HatchwayError) as failed:
        await client.put(store.url("/r/1?signature=secret"), BODY, len(BODY))
    assert (failed.value.problem.code, failed.value.problem.side) == ("blob_failed", side)
    assert "secret" not in str(failed.value.problem)
    assert len(store.requests) == attempts


@pytest.mark.parametrize(
    ("backend", "url", "allowed"),
    [
        ("wss://x.execute-api.eu-central-1.amazonaws.com/live", "https://b.s3.eu-central-1.amazonaws.com/q/1", True),
        ("wss://x.execute-api.cn-north-1.amazonaws.com.cn/live", "https://b.s3.cn-north-1.amazonaws.com.cn/q/1", True),
        ("wss://tunnels.example/live", "https://tunnels.example/q/1", True),
        ("ws://127.0.0.1:1/live", "http://127.0.0.1:2/q/1", True),
        ("wss://tunnels.example/live", "https://other.example/q/1", False),
        ("wss://tunnels.example/live", "http://tunnels.example/q/1", False),
        ("wss://tunnels.example/live", "http://127.0.0.1:2/q/1", False),
        ("wss://tunnels.example/live", "https://localhost/q/1", False),
        ("wss://tunnels.example/live", "http://b.s3.eu-central-1.amazonaws.com/q/1", False),
        ("wss://tunnels.example/live", "https://ec2-1-2-3-4.compute.amazonaws.com/q/1", False),
        ("wss://tunnels.example/live", "https://s3.evilamazonaws.com/q/1", False),
        ("wss://tunnels.example/live", "https://me@tunnels.example/q/1", False),
    ],
)
def test_only_the_store_of_the_backend_is_called(backend: str, url: str, allowed: bool) -> None:
    client = BlobClient(backend)
    if allowed:
        client.check(url)
    else:
        with pytest.raises(ProtocolError):
            client.check(url)


async def test_a_url_elsewhere_is_not_called(store: Store) -> None:
    client = BlobClient("wss://tunnels.example/live")
    with pytest.raises(ProtocolError):
        await client.put(store.url("/r/1"), BODY, len(BODY))
    assert store.connections == 0


@pytest.mark.parametrize(
    ("stored", "blob"),
    [(b"ab", Blob(3)), (b"abcd", Blob(3)), (b"abc", Blob(3, True)), (zlib.compress(bytes(100_000)), Blob(500, True))],
    ids=["shorter", "longer", "not deflated", "bomb"],
)
async def test_a_body_that_is_not_what_was_said_is_a_broken_protocol(
    store: Store, client: BlobClient, stored: bytes, blob: Blob
) -> None:
    store.objects["/q/1"] = stored
    with pytest.raises(ProtocolError):
        await client.get(Blob(blob.size, blob.deflated, store.url("/q/1")))


async def test_urls_are_not_logged(store: Store, client: BlobClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await client.put(store.url("/r/1?signature=secret"), BODY, len(BODY))
    assert "secret" not in caplog.text


async def test_connections_are_used_again(store: Store, client: BlobClient) -> None:
    await asyncio.gather(*(client.put(store.url(f"/r/{number}"), BODY, len(BODY)) for number in range(3)))
    for number in range(3):
        await client.put(store.url(f"/r/{number}"), BODY, len(BODY))
    assert store.connections <= 3

"""Bodies by the store: what agents and visitors get of them, and that no agent can cheat or hang a visitor."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from backend_lambda.core.forward import Forwarder
from backend_lambda.core.front_door import FrontDoor
from backend_lambda.core.model import PublicResponse, ResponseCut
from backend_lambda.core.ports import BlobFailed
from backend_lambda.protocol.messages import Blob, Cancel, Data, End, Headers, Report, Request, Response, Window
from tests.backend_lambda.core.stage import Agent, Body, Stage

DATA = [("Content-Type", "application/octet-stream")]
PAGE = [("Content-Type", "text/html")]


class Store:
    """Blobs in a dictionary; `broken` fails everything. fetched: keys that were read"""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.broken = False
        self.fetched: list[str] = []

    async def put(self, key: str, pieces: AsyncIterator[bytes]) -> int:
        if self.broken:
            raise BlobFailed("SlowDown")
        self.blobs[key] = b"".join([piece async for piece in pieces])
        return len(self.blobs[key])

    async def get(self, key: str) -> AsyncGenerator[bytes, None]:
        self.fetched.append(key)
        if self.broken:
            raise BlobFailed("SlowDown")
        body = self.blobs[key]
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    def to_put(self, key: str, size: int | None = None) -> str:
        return f"https://store.test/put/{key}{'' if size is None else f'?size={size}'}"

    def to_get(self, key: str, headers: Headers | None = None) -> str:
        return f"https://store.test/get/{key}{'' if headers is None else f'?{dict(headers)}'}"


@pytest.fixture
async def store() -> Store:
    return Store()


@pytest.fixture
async def stage(store: Store) -> Stage:
    """Requests above 10 bytes go by the store."""
    stage = Stage(inline=5, chunk=10)
    ports = replace(stage.ports, blobs=store, links=store)
    stage.forwarder = Forwarder(ports, FrontDoor(stage.limits))
    return stage


async def asked(stage: Stage, agent: Agent, *args: Any) -> tuple[Request, Any]:
    visit = stage.visitor(*(args or ("GET", "/shop/")))
    return await agent.hears(Request), visit


async def whole(answer: PublicResponse) -> bytes:
    assert not isinstance(answer.body, bytes)
    return b"".join([piece async for piece in answer.body])


async def answered(stage: Stage, store: Store, stored: bytes, blob: Blob, headers: Headers = DATA) -> PublicResponse:
    """What a visitor gets for an answer that lies in the store."""
    agent = await stage.agent(blobs=True)
    request, visit = await asked(stage, agent)
    store.blobs[request.reply_url.removeprefix("https://store.test/put/")] = stored
    agent.says(Response(request.id, 200, headers, blob=blob))
    answer: PublicResponse = await visit.answer()
    assert stage.waiting == 0
    return answer


def code(answer: PublicResponse) -> str | None:
    return dict(answer.headers).get("X-Hatchway-Error")


async def test_a_large_request_lies_in_the_store(stage: Stage, store: Store) -> None:
    agent = await stage.agent(blobs=True)
    request, visit = await asked(stage, agent, "POST", "/shop/", None, Body(b"0123456", b"78901", length=12))
    assert (request.body, request.end) == (b"", True)
    assert request.blob is not None
    assert (request.blob.size, request.blob.deflated) == (12, False)
    key = request.blob.url.removeprefix("https://store.test/get/")
    assert key.startswith("q/")
    assert store.blobs == {key: b"012345678901"}
    agent.says(Response(request.id, 204, []))
    assert (await visit.answer()).status == 204


@pytest.mark.parametrize("length", [10, None])
async def test_smaller_ones_and_those_of_unknown_length_go_as_messages(stage: Stage, length: int | None) -> None:
    agent = await stage.agent(blobs=True)
    request, visit = await asked(stage, agent, "POST", "/shop/", None, Body(b"0123456789", length=length))
    assert (request.blob, request.end) == (None, False)
    await agent.hears(Data)
    await agent.hears(End)
    agent.says(Response(request.id, 204, []))
    await visit.answer()


async def test_an_agent_that_knows_nothing_of_it_gets_messages_and_no_urls(stage: Stage, store: Store) -> None:
    agent = await stage.agent()
    request, visit = await asked(stage, agent, "POST", "/shop/", None, Body(b"0123456789ab", length=12))
    assert (request.blob, request.reply_url, request.end) == (None, "", False)
    agent.says(Response(request.id, 200, DATA, blob=Blob(1)))  # it cannot know what that means
    answer = await visit.answer()
    assert (answer.status, code(answer)) == (502, "agent_protocol")
    assert not store.blobs
    assert not store.fetched


@pytest.mark.expect_log("blob not stored: SlowDown")
async def test_a_store_that_fails_is_a_page(stage: Stage, store: Store) -> None:
    store.broken = True
    await stage.agent(blobs=True)
    answer = await stage.visitor("POST", "/shop/", None, Body(b"0123456789ab", length=12)).answer()
    assert (answer.status, code(answer)) == (502, "blob_failed")


@pytest.mark.parametrize("deflated", [False, True])
async def test_an_answer_comes_out_of_the_store(stage: Stage, store: Store, deflated: bool) -> None:
    body = b"ab" * 300_000
    answer = await answered(stage, store, zlib.compress(body) if deflated else body, Blob(len(body), deflated))
    assert answer.status == 200
    assert not store.fetched  # it passes as it is, so perhaps nobody needs it here
    assert (answer.elsewhere is None) == deflated
    assert await whole(answer) == body
    assert len(store.fetched) == 1


async def test_a_visitor_can_be_sent_to_what_passes_as_it_is(stage: Stage, store: Store) -> None:
    answer = await answered(stage, store, b"abc", Blob(3))
    assert answer.elsewhere is not None
    assert answer.elsewhere.size == 3
    url = answer.elsewhere.url(DATA)
    assert url == f"https://store.test/get/{next(iter(store.blobs))}?{dict(DATA)}"
    assert not isinstance(answer.body, bytes)
    await answer.body.aclose()


async def test_a_page_is_rewritten_and_reported(stage: Stage, store: Store) -> None:
    agent = await stage.agent(blobs=True)
    request, visit = await asked(stage, agent, "GET", "/shop/", [("Sec-Fetch-Dest", "document")])
    body = b"<!doctype html><title>x</title><a href=/cart>cart</a>" + b" " * 5000
    store.blobs[f"r/{request.id}"] = zlib.compress(body)
    agent.says(Response(request.id, 200, PAGE, blob=Blob(len(body), True)))
    answer = await visit.answer()
    assert answer.elsewhere is None
    assert b"href=/shop/cart" in await whole(answer)
    report = await agent.hears(Report)
    assert report.edits["url"] == 1


@pytest.mark.parametrize(
    ("stored", "blob", "wanted"),
    [
        (None, Blob(3), "agent_protocol"),
        (b"ab", Blob(3), "agent_protocol"),
        (b"abcd", Blob(3), "agent_protocol"),
        (b"abc", Blob(3, True), "agent_protocol"),
        (zlib.compress(b"abcd"), Blob(3, True), "agent_protocol"),
        (zlib.compress(b"abcd")[:-5], Blob(4, True), "agent_protocol"),
        (zlib.compress(bytes(10_000_000)), Blob(1000, True), "agent_protocol"),
    ],
    ids=["none", "shorter", "longer", "not deflated", "inflates to more", "broken off", "bomb"],
)
@pytest.mark.parametrize("headers", [DATA, PAGE], ids=["before the head", "after it"])
async def test_a_blob_that_is_not_what_was_said_is_no_answer(
    stage: Stage, store: Store, stored: bytes | None, blob: Blob, wanted: str, headers: Headers
) -> None:
    agent = await stage.agent(blobs=True)
    request, visit = await asked(stage, agent)
    if stored is not None:
        store.blobs[f"r/{request.id}"] = stored
    agent.says(Response(request.id, 200, headers, blob=blob))
    answer: PublicResponse = await visit.answer()
    if isinstance(answer.body, bytes):
        assert code(answer) == wanted
        return
    with pytest.raises(ResponseCut) as cut:
        await whole(answer)
    assert cut.value.code == wanted


async def test_a_store_that_fails_later_cuts_the_answer(stage: Stage, store: Store) -> None:
    answer = await answered(stage, store, b"abc", Blob(3))
    store.broken = True
    with pytest.raises(ResponseCut, match="blob_failed"):
        await whole(answer)


async def test_a_tunnel_that_has_moved_gets_the_stored_body_too(stage: Stage, store: Store) -> None:
    before = await stage.agent(blobs=True)
    stage.tunnels.stale["shop"] = await stage.tunnels.look_up("shop")
    agent = await stage.agent(blobs=True)
    before.vanishes()
    visit = stage.visitor("POST", "/shop/", None, Body(b"0123456789ab", length=12))
    request = await agent.hears(Request)
    assert request.blob is not None
    assert list(store.blobs.values()) == [b"0123456789ab"]
    agent.says(Response(request.id, 204, []))
    assert (await visit.answer()).status == 204


# Parts of answers that stream


async def test_parts_come_in_their_order_among_the_messages_each_from_its_own_place(stage: Stage, store: Store) -> None:
    agent = await stage.agent(blobs=True)
    request, visit = await asked(stage, agent)
    agent.says(Response(request.id, 200, DATA, end=False), Data(request.id, 0, b"one,"))
    _, body = await visit.streams()
    assert await anext(body) == b"one,"
    urls = [request.reply_url]
    for number, stored in enumerate((b"two, in several pieces,", zlib.compress(b"three,"))):
        store.blobs[urls[-1].removeprefix("https://store.test/put/")] = stored
        size, packed = ((len(stored), False), (6, True))[number]
        agent.says(Data(request.id, number + 1, b"", blob=Blob(size, packed)))
        piece = await anext(body)
        window = await agent.hears(Window)
        assert window.bytes == 0
        urls.append(window.reply_url)
        while piece[-1:] != b",":
            piece += await anext(body)
        assert piece == (b"two, in several pieces,", b"three,")[number]
    agent.says(Data(request.id, 3, b"four"), End(request.id, 4))
    assert [piece async for piece in body] == [b"four"]
    assert len(set(urls)) == 3


@pytest.mark.parametrize(
    ("stored", "size", "code"),
    [(b"12345", 4, "agent_protocol"), (b"12345", 6, "agent_protocol"), (None, 5, "agent_protocol")],
)
async def test_a_part_that_is_not_what_was_said_cuts_the_answer(
    stage: Stage, store: Store, stored: bytes | None, size: int, code: str
) -> None:
    agent = await stage.agent(blobs=True)
    request, visit = await asked(stage, agent)
    agent.says(Response(request.id, 200, DATA, end=False), Data(request.id, 0, b"", blob=Blob(size)))
    if stored is not None:
        store.blobs[request.reply_url.removeprefix("https://store.test/put/")] = stored
    _, body = await visit.streams()
    with pytest.raises(ResponseCut, match=code):
        assert [piece async for piece in body]
    await agent.hears(Window)
    await agent.hears(Cancel)


async def test_a_part_of_an_agent_that_was_given_no_place_cuts_the_answer(stage: Stage, store: Store) -> None:
    agent = await stage.agent()
    request, visit = await asked(stage, agent)
    agent.says(Response(request.id, 200, DATA, end=False), Data(request.id, 0, b"", blob=Blob(5)))
    _, body = await visit.streams()
    with pytest.raises(ResponseCut, match="agent_protocol"):
        await anext(body)
    assert store.fetched == []

"""Uploads that a page puts into the store itself: who may, and what the agent gets for the note that comes instead."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.core.blob_bodies import BlobBodies
from backend_lambda.core.forward import Forwarder
from backend_lambda.core.front_door import FrontDoor
from backend_lambda.core.model import PublicRequest, PublicResponse, header
from backend_lambda.core.page_uploads import uploaded
from backend_lambda.protocol.limits import MAX_BLOB
from backend_lambda.protocol.messages import Headers, Request, Response
from tests.backend_lambda.core.stage import Agent, Body, Stage
from tests.backend_lambda.core.test_blob_bodies import Store

ORIGIN = ("Origin", "http://127.0.0.1:4780")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
ID = "0123456789abcdef0123456789abcdef"
MULTIPART = "multipart/form-data; boundary=----x"


@pytest.fixture
async def stage() -> Stage:
    stage, store = Stage(inline=4000, chunk=4000), Store()
    stage.forwarder = Forwarder(replace(stage.ports, blobs=store, links=store), FrontDoor(stage.limits))
    return stage


@pytest.fixture
async def agent(stage: Stage) -> Agent:
    return await stage.agent(blobs=True)


async def asks(
    stage: Stage, *headers: tuple[str, str], size: str = "5000000", method: str = "PUT", path: str = "/shop/a%2Fb"
) -> PublicResponse:
    return await stage.visitor(method, f"{path}/__hw/uploads/{size}", [*headers] if headers else [ORIGIN]).answer()


async def told(stage: Stage, agent: Agent, note: str, *headers: tuple[str, str]) -> Request:
    """What the agent hears when a page sends that."""
    body = note.encode()
    pairs: Headers = [("Content-Length", str(len(body))), *headers]
    visit = stage.visitor("POST", "/shop/a?b", pairs, Body(body, length=len(body)))
    request = await agent.hears(Request)
    agent.says(Response(request.id, 204, []))
    assert (await visit.answer()).status == 204
    return request


async def test_a_page_gets_room_for_just_so_many_bytes(stage: Stage, agent: Agent) -> None:
    answer = await asks(stage)
    assert (answer.status, header(answer.headers, "cache-control")) == (200, "no-store")
    assert isinstance(answer.body, bytes)
    room = json.loads(answer.body)
    assert room["url"] == f"https://store.test/put/q/{room['id']}?size=5000000"
    await agent.hears_nothing()
    request = await told(stage, agent, f"__hw_upload={room['id']}.5000000&default=image%2Fpng", ORIGIN)
    assert request.blob is not None
    assert (request.blob.url, request.blob.size) == (f"https://store.test/get/q/{room['id']}", 5_000_000)
    assert (request.body, request.end, request.target) == (b"", True, "/a?b")
    assert header(request.headers, "content-length") == "5000000"
    assert header(request.headers, "content-type") == "image/png"


@pytest.mark.parametrize(
    ("how", "given", "sent", "heard"),
    [
        ("default", None, MULTIPART, MULTIPART),
        ("default", None, "", None),
        ("default", "text/csv", "text/plain;charset=UTF-8", "text/csv"),
        ("type", FORM[1], MULTIPART, MULTIPART),
        ("type", FORM[1], "", None),
    ],
)
async def test_the_service_hears_the_type_that_was_meant(
    stage: Stage, agent: Agent, how: str, given: str | None, sent: str, heard: str | None
) -> None:
    own = [] if given is None else [("Content-Type", given)]
    note = f"__hw_upload={ID}.5000000&{how}={quote(sent, safe='')}"
    request = await told(stage, agent, note, ORIGIN, *own)
    assert header(request.headers, "content-type") == heard
    assert request.blob is not None


@pytest.mark.parametrize(
    "headers",
    [
        [("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site")],
        [("Origin", "null"), ("Sec-Fetch-Site", "cross-site")],
        [("Origin", "http://127.0.0.1:4780.evil.example")],
        [("Referer", "http://127.0.0.1:4780/shop/")],
    ],
)
async def test_pages_of_other_origins_get_no_room_and_their_notes_are_bodies(
    stage: Stage, agent: Agent, headers: Headers
) -> None:
    assert (await asks(stage, *headers)).status == 403
    note = f"__hw_upload={ID}.5000000&type=application%2Fjson"
    request = await told(stage, agent, note, FORM, *headers)
    assert (request.body, request.blob) == (note.encode(), None)
    assert header(request.headers, "content-type") == FORM[1]


async def test_a_page_that_hides_its_origin_from_forms_is_known_by_what_browsers_add(
    stage: Stage, agent: Agent
) -> None:
    hidden = [("Origin", "null"), ("Sec-Fetch-Site", "same-origin")]
    assert (await told(stage, agent, f"__hw_upload={ID}.5000000&type=a%2Fb", FORM, *hidden)).blob is not None


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "GET"])
async def test_no_other_method_and_so_no_preflight_leads_there(stage: Stage, agent: Agent, method: str) -> None:
    answer = await asks(stage, method=method)
    assert (answer.status, header(answer.headers, "allow")) == (405, "PUT")
    assert header(answer.headers, "access-control-allow-origin") is None


async def test_more_than_a_store_takes_is_refused_at_once(stage: Stage, agent: Agent) -> None:
    answer = await asks(stage, size=str(MAX_BLOB + 1))
    assert (answer.status, header(answer.headers, "x-hatchway-error")) == (413, "body_too_large")
    note = f"__hw_upload={ID}.{MAX_BLOB + 1}&default="
    answer = await stage.visitor("POST", "/shop/", [ORIGIN], Body(note.encode(), length=len(note))).answer()
    assert answer.status == 413
    await agent.hears_nothing()


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/nobody", "5", 404), ("/old", "5", 404), ("/shop", "0", 204), ("/shop", "a", 204), ("/shop", "5/6", 204)],
)
async def test_who_has_no_room(stage: Stage, agent: Agent, path: str, size: str, status: int) -> None:
    await stage.agent("old")  # it knows nothing of blobs
    if status == 204:  # a path of the app's, if anybody's
        visit = stage.visitor("PUT", f"{path}/__hw/uploads/{size}", [ORIGIN])
        agent.says(Response((await agent.hears(Request)).id, 204, []))
        assert (await visit.answer()).status == 204
    else:
        assert (await asks(stage, path=path, size=size)).status == status


@pytest.mark.parametrize(
    "note",
    [
        f"__hw_upload={ID}&default=", f"__hw_upload={ID}.0&default=", f"__hw_upload={ID.upper()}.5&default=",
        f"__hw_upload={ID}.5&default=a\n", f"x__hw_upload={ID}.5&default=", f"__hw_upload=../r/{ID}.5&default=",
    ],
)  # fmt: skip
async def test_what_is_no_note_stays_a_body(stage: Stage, agent: Agent, note: str) -> None:
    request = await told(stage, agent, note, ORIGIN)
    assert (request.body, request.blob) == (note.encode(), None)


@given(st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=50))
def test_no_type_breaks_a_header(text: str) -> None:
    store = Store()
    request = PublicRequest("POST", "/shop/", [ORIGIN], "http", "127.0.0.1:4780", "203.0.113.7")
    note = f"__hw_upload={ID}.5&default={quote(text, safe='', encoding='latin-1')}".encode()
    found = uploaded(request, note, BlobBodies(store, store))
    breaks = any((ord(one) < 32 and one != "\t") or ord(one) == 127 for one in text)
    assert (found is None) == breaks
    assert found is None or header(found.headers, "content-type") == (text or None)

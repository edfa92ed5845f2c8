"""Conversations about request bodies that stream."""

from __future__ import annotations

import asyncio

import pytest

from backend_lambda.core.model import ResponseCut, VisitorGone, header
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Request, Response, Window
from tests.backend_lambda.core.stage import Agent, Body, Stage, settle


async def test_an_upload_goes_out_in_chunks_as_far_as_the_credit_reaches(stage: Stage, agent: Agent) -> None:
    body = Body(b"x" * 25, b"y" * 40)
    visit = stage.visitor("PUT", "/shop/", body=body)
    request = await agent.hears(Request)
    assert (request.body, request.end) == (b"", False)
    heard = [await agent.hears(Data) for _ in range(5)]
    assert [(frame.seq, frame.body) for frame in heard] == [
        (0, b"x" * 10), (1, b"x" * 10), (2, b"x" * 5), (3, b"y" * 10), (4, b"y" * 10),
    ]  # fmt: skip
    await agent.hears_nothing()  # 45 bytes are out, the window is 40
    agent.says(Window(request.id, 5))
    await agent.hears_nothing()  # that paid the debt only
    agent.says(Window(request.id, 20))
    assert [(await agent.hears(Data)).seq for _ in range(2)] == [5, 6]
    assert await agent.hears(End) == End(request.id, 7)
    agent.says(Response(request.id, 201, []))
    assert (await visit.answer()).status == 201
    await agent.hears_nothing()


@pytest.mark.parametrize("length", [None, 200], ids=["chunked", "announced"])
async def test_pieces_go_out_as_the_visitor_sends_them(stage: Stage, agent: Agent, length: int | None) -> None:
    body = Body(length=length, end=False)
    visit = stage.visitor("PUT", "/shop/", body=body)
    request = await agent.hears(Request)
    for seq in range(3):
        body.send(b"piece")
        assert await agent.hears(Data) == Data(request.id, seq, b"piece")
    body.send(b"")
    assert await agent.hears(End) == End(request.id, 3)
    agent.says(Response(request.id, 200, []))
    await visit.answer()


async def test_an_empty_stream(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("PUT", "/shop/", body=Body())
    request = await agent.hears(Request)
    assert await agent.hears(End) == End(request.id, 0)
    agent.says(Response(request.id, 200, []))
    await visit.answer()


async def test_upload_and_answer_at_the_same_time(stage: Stage, agent: Agent) -> None:
    body = Body(end=False)
    visit = stage.visitor("POST", "/shop/echo", body=body)
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, [], b"", end=False))
    _, pieces = await visit.streams()
    for seq in range(10):
        body.send(b"ping%d" % seq)
        frame = await agent.hears(Data)
        agent.says(Window(request.id, len(frame.body)), Data(request.id, seq, frame.body))
        assert await anext(pieces) == b"ping%d" % seq
        if seq in (4, 8):  # half a window is granted when the visitor comes for more
            assert await agent.hears(Window) == Window(request.id, 20)
    body.send(b"")
    await agent.hears(End)
    agent.says(End(request.id, 10))
    assert [piece async for piece in pieces] == []


async def test_an_early_answer_stops_the_upload(stage: Stage, agent: Agent) -> None:
    body = Body(b"x" * 10, end=False)
    visit = stage.visitor("PUT", "/shop/", body=body)
    request = await agent.hears(Request)
    await agent.hears(Data)
    agent.says(Response(request.id, 403, [], b"no"))
    assert (await visit.answer()).status == 403
    body.send(b"more")
    await agent.hears_nothing()


async def test_an_upload_that_waits_for_credit_ends_with_its_agent(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("PUT", "/shop/", body=Body(b"x" * 100, end=False))
    await agent.hears(Request)
    for _ in range(4):
        await agent.hears(Data)
    agent.vanishes()
    assert header((await visit.answer()).headers, "x-hatchway-error") == "agent_gone"


async def test_a_visitor_who_leaves_in_the_middle_of_an_upload_cancels_once(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("PUT", "/shop/", body=Body(b"x" * 10, end=False))
    request = await agent.hears(Request)
    await agent.hears(Data)
    await visit.leaves()
    assert (await agent.hears(Cancel)).id == request.id
    await agent.hears_nothing()


async def test_a_visitor_who_breaks_off_a_short_body_reaches_nobody(stage: Stage, agent: Agent) -> None:
    answer = await stage.visitor("POST", "/shop/", body=Body(b"x", VisitorGone(), length=9)).answer()
    assert answer.status == 400
    await agent.hears_nothing()


# Too large


async def test_an_announced_body_that_is_too_large_is_refused_at_once() -> None:
    stage = Stage(max_body=50)
    agent = await stage.agent()
    answer = await stage.visitor("PUT", "/shop/", body=Body(b"x" * 51, length=51)).answer()
    assert (answer.status, header(answer.headers, "x-hatchway-error")) == (413, "body_too_large")
    await agent.hears_nothing()


async def test_the_largest_body_passes() -> None:
    stage = Stage(max_body=50)
    agent = await stage.agent()
    visit = stage.visitor("PUT", "/shop/", body=Body(b"x" * 25, b"x" * 25))
    request = await agent.hears(Request)
    agent.says(Window(request.id, 100))
    for _ in range(6):
        await agent.hears(Data)
    await agent.hears(End)
    agent.says(Response(request.id, 200, []))
    assert (await visit.answer()).status == 200


async def test_an_upload_that_becomes_too_large_is_stopped_and_answered() -> None:
    stage = Stage(max_body=30)
    agent = await stage.agent()
    visit = stage.visitor("PUT", "/shop/", body=Body(b"x" * 10, b"y" * 21, end=False))
    request = await agent.hears(Request)
    await agent.hears(Data)
    assert await agent.hears(Cancel) == Cancel(request.id, "body too large")
    # The agent was cancelled, so it says nothing any more; the visitor must not wait for it.
    answer = await visit.answer()
    assert (answer.status, header(answer.headers, "x-hatchway-error")) == (413, "body_too_large")
    await agent.hears_nothing()
    assert stage.waiting == 0


async def test_an_upload_that_becomes_too_large_under_its_answer_cuts_it() -> None:
    stage = Stage(max_body=30)
    agent = await stage.agent()
    body = Body(b"x" * 10, end=False)
    visit = stage.visitor("PUT", "/shop/", body=body)
    request = await agent.hears(Request)
    await agent.hears(Data)
    agent.says(Response(request.id, 200, [], b"", end=False), Data(request.id, 0, b"half"))
    _, pieces = await visit.streams()
    assert await anext(pieces) == b"half"
    reading = asyncio.get_running_loop().create_task(anext(pieces))
    await settle()
    body.send(b"y" * 21)
    with pytest.raises(ResponseCut) as cut:
        await asyncio.wait_for(reading, 2)
    assert cut.value.code == "body_too_large"
    await agent.hears(Cancel)
    await agent.hears_nothing()
    assert stage.waiting == 0


async def test_too_large_is_noticed_even_if_nobody_was_waiting_then() -> None:
    stage = Stage(max_body=30)
    agent = await stage.agent()
    body = Body(b"x" * 10, end=False)
    visit = stage.visitor("PUT", "/shop/", body=body)
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, [], b"", end=False))
    _, pieces = await visit.streams()
    body.send(b"y" * 21)
    await settle()
    with pytest.raises(ResponseCut):
        await anext(pieces)
    assert [type(await agent.hears(kind)) for kind in (Data, Cancel)] == [Data, Cancel]


# The deadline


async def test_the_deadline_counts_from_the_last_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    ahead, real = 0.0, loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + ahead)
    stage = Stage(deadline=100_000)
    agent = await stage.agent()
    body = Body(end=False)
    visit = stage.visitor("PUT", "/shop/", body=body)
    request = await agent.hears(Request)
    for _ in range(4):
        ahead += 60
        await settle()
        body.send(b"x")
        await agent.hears(Data)
    assert visit.waits
    ahead += 101
    assert header((await visit.answer()).headers, "x-hatchway-error") == "deadline"
    assert (await agent.hears(Cancel)).id == request.id


@pytest.mark.parametrize("stuck", ["visitor", "service"])
async def test_an_upload_without_progress_ends_at_the_deadline(stuck: str) -> None:
    stage = Stage(deadline=40)
    agent = await stage.agent()
    visit = stage.visitor("PUT", "/shop/", body=Body(*([b"x" * 100] if stuck == "service" else []), end=False))
    request = await agent.hears(Request)
    answer = await visit.answer()
    assert header(answer.headers, "x-hatchway-error") == "deadline"
    for _ in range(4 if stuck == "service" else 0):
        await agent.hears(Data)
    assert (await agent.hears(Cancel)).id == request.id


async def test_an_error_of_the_agent_ends_the_upload(stage: Stage, agent: Agent) -> None:
    body = Body(b"x", end=False)
    visit = stage.visitor("PUT", "/shop/", body=body)
    request = await agent.hears(Request)
    await agent.hears(Data)
    agent.says(Error(request.id, "upstream_refused"))
    assert header((await visit.answer()).headers, "x-hatchway-error") == "upstream_refused"
    body.send(b"y")
    await agent.hears_nothing()

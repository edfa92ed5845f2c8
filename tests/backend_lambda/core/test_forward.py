"""Conversations about requests: how they reach the agent, how answers and failures come back."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing

import pytest

from app.relay import replies
from backend_lambda.core import background
from backend_lambda.core.model import PublicResponse, ResponseCut, header
from backend_lambda.core.ports import Throttled
from backend_lambda.protocol.limits import MAX_HEAD, MAX_HEADERS, MAX_TARGET
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Headers, Request, Response, Visitor, Window
from tests.backend_lambda.core.stage import LIMITS, Agent, Body, Stage, settle


def code(answer: PublicResponse) -> tuple[int, str | None]:
    return answer.status, header(answer.headers, "x-hatchway-error")


# The plain way


async def test_a_request_and_its_answer(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("GET", "/shop/a%2Fb//?q=", [("X-Two", "1"), ("x-two", "2")])
    request = await agent.hears(Request)
    assert (request.method, request.target, request.body) == ("GET", "/a%2Fb//?q=", b"")
    assert (request.end, request.kind) == (True, "http")
    assert [pair for pair in request.headers if pair[0].lower() == "x-two"] == [("X-Two", "1"), ("x-two", "2")]
    assert ("Host", "localhost:3000") in request.headers
    assert request.visitor == Visitor(
        "203.0.113.7", "http://127.0.0.1:4780/shop/a%2Fb//?q=", [("Host", "127.0.0.1:4780"), 1, 2]
    )
    assert request.deadline == LIMITS.deadline
    agent.says(Response(request.id, 418, [("X-A", "1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], b"\x00tea"))
    answer = await visit.answer()
    assert (answer.status, answer.body) == (418, b"\x00tea")
    assert [name for name, _ in answer.headers].count("Set-Cookie") == 2
    await agent.hears_nothing()


async def test_host_mode_keeps_the_target(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("GET", "/shop/x?", host="SHOP.localhost:4780")
    request = await agent.hears(Request)
    assert request.target == "/shop/x?"
    agent.says(Response(request.id, 204, []))
    assert (await visit.answer()).status == 204


async def test_a_missing_slash_is_added_by_the_visitor_rq2(stage: Stage, agent: Agent) -> None:
    answer = await stage.visitor("POST", "/shop?a=b", body=Body(b"x")).answer()
    assert (answer.status, header(answer.headers, "location")) == (308, "/shop/?a=b")
    await agent.hears_nothing()


async def test_a_short_body_rides_along(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("POST", "/shop/", body=Body(b"hello ", b"world", length=11))
    request = await agent.hears(Request)
    assert (request.body, request.end) == (b"hello world", True)
    agent.says(Response(request.id, 200, []))
    assert (await visit.answer()).body == b""
    await agent.hears_nothing()


async def test_answers_find_their_own_requests(stage: Stage, agent: Agent) -> None:
    first, second = stage.visitor("GET", "/shop/1"), stage.visitor("GET", "/shop/2")
    requests = {request.target: request for request in (await agent.hears(Request), await agent.hears(Request))}
    agent.says(Response(requests["/2"].id, 200, [], b"two"))
    assert (await second.answer()).body == b"two"
    assert first.waits
    agent.says(Response(requests["/1"].id, 200, [], b"one"))
    assert (await first.answer()).body == b"one"


async def test_an_agent_cannot_answer_for_another(stage: Stage, agent: Agent) -> None:
    stranger = await stage.agent("blog")
    visit = stage.visitor("GET", "/shop/")
    request = await agent.hears(Request)
    stranger.says(Response(request.id, 200, [], b"forged"), Error(request.id, "upstream_cut"))
    await settle()
    assert visit.waits
    agent.says(Response(request.id, 200, [], b"true"))
    assert (await visit.answer()).body == b"true"


async def test_answers_that_nobody_asked_for_are_dropped(stage: Stage, agent: Agent) -> None:
    agent.says(Response("nobody", 200, []), Data("nobody", 0, b"x"), End("nobody", 1), Window("nobody", 1))
    await agent.hears_nothing()


# Failures, with the side that failed


async def test_unknown_tunnel(stage: Stage) -> None:
    assert code(await stage.visitor("GET", "/nobody/x").answer()) == (404, "unknown_tunnel")
    assert code(await stage.visitor("GET", "/").answer()) == (404, "unknown_tunnel")
    assert code(await stage.visitor("GET", "/x", host="nobody.localhost").answer()) == (404, "unknown_tunnel")


async def test_agent_offline(stage: Stage, agent: Agent) -> None:
    await stage.tunnels.release("shop", agent.connection_id, forget=False)
    answer = await stage.visitor("GET", "/shop/").answer()
    assert code(answer) == (503, "agent_offline")
    assert header(answer.headers, "retry-after") == "5"


@pytest.mark.parametrize("reason", ["upstream_refused", "upstream_tls", "upstream_timeout", "agent_protocol"])
async def test_the_agent_says_why_it_failed(stage: Stage, agent: Agent, reason: str) -> None:
    visit = stage.visitor("GET", "/shop/", [("Accept", "application/json")])
    request = await agent.hears(Request)
    agent.says(Error(request.id, reason, "connect to 10.1.2.3:3000 refused, password=secret"))
    answer = await visit.answer()
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body)["error"]["code"] == reason
    assert b"10.1.2.3" not in answer.body
    assert b"secret" not in answer.body
    await agent.hears_nothing()


@pytest.mark.parametrize("reason", ["name_taken", "of_the_future", "bad_token"])
async def test_reasons_that_are_none_of_an_exchange(stage: Stage, agent: Agent, reason: str) -> None:
    visit = stage.visitor("GET", "/shop/")
    agent.says(Error((await agent.hears(Request)).id, reason))
    assert code(await visit.answer()) == (502, "agent_protocol")


async def test_the_agent_vanishes_before_it_answers(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("GET", "/shop/")
    await agent.hears(Request)
    agent.vanishes()
    assert code(await visit.answer()) == (502, "agent_gone")


async def test_no_answer_in_time() -> None:
    stage = Stage(deadline=30)
    agent = await stage.agent()
    visit = stage.visitor("GET", "/shop/")
    request = await agent.hears(Request)
    assert request.deadline == 30
    assert code(await visit.answer()) == (504, "deadline")
    assert (await agent.hears(Cancel)).id == request.id
    agent.says(Response(request.id, 200, [], b"late"))
    await agent.hears_nothing()
    assert stage.waiting == 0


@pytest.mark.parametrize("status", [100, 101, 103])
async def test_an_interim_status_is_no_answer(stage: Stage, agent: Agent, status: int) -> None:
    visit = stage.visitor("GET", "/shop/")
    agent.says(Response((await agent.hears(Request)).id, status, []))
    assert code(await visit.answer()) == (502, "upstream_invalid")
    await agent.hears_nothing()


async def test_an_agent_that_breaks_the_protocol_fails_this_request_only(stage: Stage, agent: Agent) -> None:
    broken, fine = stage.visitor("GET", "/shop/broken"), stage.visitor("GET", "/shop/fine")
    requests = {request.target: request.id for request in (await agent.hears(Request), await agent.hears(Request))}
    bad = requests["/broken"]
    agent.says(Data(bad, 9, b"x"), End(bad, 3), Response(bad, 200, [], b"", end=False))
    assert code(await broken.answer()) == (502, "agent_protocol")
    assert (await agent.hears(Cancel)).id == bad
    agent.says(Response(requests["/fine"], 200, [], b"ok"))
    assert (await fine.answer()).body == b"ok"


# What the agent's decoder would not take must not reach it: one visitor would end the connection of all


@pytest.mark.parametrize(
    ("target", "headers", "expected"),
    [
        pytest.param("/shop/" + "a" * MAX_TARGET, [], (431, "head_too_large"), id="target"),
        pytest.param("/shop/", [("X", "a" * MAX_HEAD)], (431, "head_too_large"), id="one header"),
        pytest.param("/shop/", [("A", "")] * (MAX_HEADERS - 1), (431, "head_too_large"), id="too many with our own"),
        pytest.param("/shop/", [("Cookie", "a=b; " * 14_000)], (431, "head_too_large"), id="cookies"),
        pytest.param("/shop/a b", [], (400, "bad_request"), id="space in target"),
        pytest.param("/shop/a\x7f", [], (400, "bad_request"), id="control in target"),
        pytest.param("/shop/a\r\nX: y", [], (400, "bad_request"), id="RQ CRLF in target"),
    ],
)
async def test_heads_that_cannot_be_forwarded(
    stage: Stage, agent: Agent, target: str, headers: Headers, expected: tuple[int, str]
) -> None:
    assert code(await stage.visitor("GET", target, headers).answer()) == expected
    await agent.hears_nothing()


async def test_a_host_and_a_target_that_are_too_long_together(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("GET", "/shop/" + "a" * 30_000, host="a" * 40_000)
    assert code(await visit.answer()) == (431, "head_too_large")
    await agent.hears_nothing()


@pytest.mark.parametrize("method", ["GET\r\nX:", "G T", "", "A" * 33])
async def test_methods_that_cannot_be_forwarded(stage: Stage, agent: Agent, method: str) -> None:
    assert code(await stage.visitor(method, "/shop/").answer()) == (400, "bad_request")
    await agent.hears_nothing()


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\0", "a\u0100"])
async def test_headers_that_could_split_the_head_are_left_out(stage: Stage, agent: Agent, value: str) -> None:
    visit = stage.visitor("GET", "/shop/", [("X-Bad", value), ("X-Good", "\x01")])
    request = await agent.hears(Request)
    assert "X-Bad" not in dict(request.headers)
    assert dict(request.headers)["X-Good"] == "\x01"
    agent.says(Response(request.id, 200, []))
    await visit.answer()


# Once more, but never twice


async def test_an_old_look_up_is_repeated_once(stage: Stage, agent: Agent) -> None:
    stage.tunnels.stale["shop"] = await stage.tunnels.look_up("shop")
    agent.vanishes()
    newer = await stage.agent()
    visit = stage.visitor("POST", "/shop/x", body=Body(b"once", length=4))
    request = await newer.hears(Request)
    assert request.body == b"once"
    newer.says(Response(request.id, 200, [], b"hi"))
    assert (await visit.answer()).body == b"hi"
    assert stage.tunnels.fresh == 1
    await newer.hears_nothing()


async def test_no_second_try_on_the_same_dead_connection(stage: Stage, agent: Agent) -> None:
    agent.vanishes()
    assert code(await stage.visitor("GET", "/shop/").answer()) == (502, "agent_gone")
    assert stage.tunnels.fresh == 1


async def test_a_fresh_look_up_may_tell_that_the_agent_is_offline(stage: Stage, agent: Agent) -> None:
    stage.tunnels.stale["shop"] = await stage.tunnels.look_up("shop")
    agent.vanishes()
    await stage.tunnels.release("shop", agent.connection_id, forget=False)
    assert code(await stage.visitor("GET", "/shop/").answer()) == (503, "agent_offline")


async def test_two_dead_connections_are_enough(stage: Stage, agent: Agent) -> None:
    stage.tunnels.stale["shop"] = await stage.tunnels.look_up("shop")
    agent.vanishes()
    (await stage.agent()).vanishes()
    assert code(await stage.visitor("GET", "/shop/").answer()) == (502, "agent_gone")
    assert stage.tunnels.fresh == 1


async def test_what_the_agent_has_seen_is_never_sent_again(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("POST", "/shop/pay")
    await agent.hears(Request)
    newer = await stage.agent()
    agent.vanishes()
    assert code(await visit.answer()) == (502, "agent_gone")
    await newer.hears_nothing()


async def test_a_streamed_body_is_not_sent_again(stage: Stage, agent: Agent) -> None:
    stage.tunnels.stale["shop"] = await stage.tunnels.look_up("shop")
    agent.vanishes()
    newer = await stage.agent()
    assert code(await stage.visitor("POST", "/shop/", body=Body(b"x")).answer()) == (502, "agent_gone")
    await newer.hears_nothing()


# Answers that stream


async def head_of(stage: Stage, agent: Agent) -> tuple[str, PublicResponse, aclosing]:
    visit = stage.visitor("GET", "/shop/events")
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, [("Content-Type", "text/event-stream")], b"", end=False))
    answer, pieces = await visit.streams()
    return request.id, answer, aclosing(pieces)


async def test_pieces_come_as_they_are_sent_and_credit_goes_back(stage: Stage, agent: Agent) -> None:
    request_id, answer, body = await head_of(stage, agent)
    assert answer.status == 200
    async with body as pieces:
        for seq in range(4):
            agent.says(Data(request_id, seq, b"0123456789"))
            assert await anext(pieces) == b"0123456789"
        agent.says(End(request_id, 4))
        assert [piece async for piece in pieces] == []
    # The window is 40 bytes: half of it is granted whenever half of it has been read.
    assert await agent.hears(Window) == Window(request_id, 20)
    assert await agent.hears(Window) == Window(request_id, 20)
    await agent.hears_nothing()


async def test_nothing_is_granted_before_the_visitor_has_read(stage: Stage, agent: Agent) -> None:
    request_id, _, body = await head_of(stage, agent)
    agent.says(*(Data(request_id, seq, b"0123456789") for seq in range(4)), End(request_id, 4))
    await agent.hears_nothing()
    async with body as pieces:
        assert b"".join([piece async for piece in pieces]) == b"0123456789" * 4


async def test_credit_that_cannot_be_sent_ends_the_answer(
    stage: Stage, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def throttled(connection_id: str, message: object) -> None:
        raise Throttled

    request_id, _, body = await head_of(stage, agent)
    async with body as pieces:
        agent.says(Data(request_id, 0, b"x" * 30))
        assert await anext(pieces) == b"x" * 30
        monkeypatch.setattr(stage.push, "send", throttled)
        with pytest.raises(ResponseCut, match="throttled"):  # else it would wait for the agent, and the agent for it
            await anext(pieces)


async def test_data_out_of_order_comes_out_in_order(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("GET", "/shop/")
    request = await agent.hears(Request)
    agent.says(Data(request.id, 1, b"b"), End(request.id, 3), Data(request.id, 2, b"c"))
    await settle()
    agent.says(Response(request.id, 200, [], b"", end=False), Data(request.id, 0, b"a"), Data(request.id, 1, b"b"))
    _, body = await visit.streams()
    assert b"".join([piece async for piece in body]) == b"abc"


@pytest.mark.parametrize(
    ("event", "expected"), [("error", "upstream_cut"), ("unknown error", "agent_protocol"), ("gone", "agent_gone"),
                            ("protocol", "agent_protocol"), ("flood", "agent_protocol")]
)  # fmt: skip
async def test_a_body_that_breaks_off_is_cut_visibly(stage: Stage, agent: Agent, event: str, expected: str) -> None:
    request_id, _, body = await head_of(stage, agent)
    async with body as pieces:
        agent.says(Data(request_id, 0, b"half"))
        assert await anext(pieces) == b"half"
        match event:
            case "error":
                agent.says(Error(request_id, "upstream_cut"))
            case "unknown error":
                agent.says(Error(request_id, "of_the_future"))
            case "gone":
                agent.vanishes()
            case "protocol":
                agent.says(End(request_id, 0))
            case "flood":
                agent.says(*(Data(request_id, seq, b"x" * 10) for seq in range(1, 7)))
        with pytest.raises(ResponseCut) as cut:
            async for _ in pieces:
                pass
        assert cut.value.code == expected
    heard = [] if event in ("error", "unknown error", "gone") else [Cancel]
    for kind in [Window] * 2 * (event == "flood") + heard:
        await agent.hears(kind)
    await agent.hears_nothing()


# Visitors who leave


async def test_a_visitor_who_leaves_while_waiting_cancels_once(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("GET", "/shop/")
    request = await agent.hears(Request)
    await visit.leaves()
    assert (await agent.hears(Cancel)).id == request.id
    agent.says(Response(request.id, 200, [], b"late"))
    await agent.hears_nothing()


async def test_a_visitor_who_leaves_while_the_request_is_being_sent_cancels_it(stage: Stage, agent: Agent) -> None:
    stage.push.open.clear()  # the bytes are out, the network takes no more
    visit = stage.visitor("GET", "/shop/")
    request = await agent.hears(Request)
    stage.push.open.set()
    await visit.leaves()
    assert (await agent.hears(Cancel)).id == request.id
    await agent.hears_nothing()


async def test_a_visitor_who_leaves_in_the_middle_of_the_body_cancels_once(stage: Stage, agent: Agent) -> None:
    request_id, _, body = await head_of(stage, agent)
    async with body as pieces:
        agent.says(Data(request_id, 0, b"half"))
        assert await anext(pieces) == b"half"
    assert (await agent.hears(Cancel)).id == request_id
    await agent.hears_nothing()


async def test_a_visitor_who_leaves_before_the_first_piece_cancels_once(stage: Stage, agent: Agent) -> None:
    request_id, _, body = await head_of(stage, agent)
    async with body:
        pass
    assert (await agent.hears(Cancel)).id == request_id
    await agent.hears_nothing()


async def test_a_visitor_who_read_everything_cancels_nothing(stage: Stage, agent: Agent) -> None:
    request_id, _, body = await head_of(stage, agent)
    async with body as pieces:
        agent.says(End(request_id, 0))
        assert [piece async for piece in pieces] == []
    await agent.hears_nothing()


async def test_leaving_a_failed_answer_cancels_nothing(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("GET", "/shop/")
    agent.says(Error((await agent.hears(Request)).id, "upstream_refused"))
    await visit.answer()
    await agent.hears_nothing()


async def test_hundred_visitors_leave_nothing_behind(stage: Stage, agent: Agent) -> None:
    visits = [stage.visitor("GET", f"/shop/{number}") for number in range(100)]
    for number in range(100):
        request = await agent.hears(Request)
        if number % 3 == 0:
            agent.says(Response(request.id, 200, [], b"ok"))
        elif number % 3 == 1:
            agent.says(Error(request.id, "upstream_refused"))
    await settle()
    agent.vanishes()
    answers = await asyncio.gather(*(visit.answer() for visit in visits))
    assert sorted({answer.status for answer in answers}) == [200, 502]


# Agents that do not take anything, and visitors who want too much


async def test_an_agent_that_takes_nothing_is_waited_for_until_the_deadline_only() -> None:
    stage = Stage(deadline=50)
    await stage.agent()
    stage.push.open.clear()
    answers = [stage.visitor("GET", "/shop/") for _ in range(3)]
    assert [code(await visit.answer()) for visit in answers] == [(504, "deadline")] * 3
    assert stage.waiting == 0
    stage.push.open.set()
    await background.settle()


async def test_more_exchanges_than_a_connection_may_have_are_429(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "MOST_EXCHANGES", 2)
    stage = Stage()
    agent = await stage.agent()
    running = [stage.visitor("GET", "/shop/") for _ in range(2)]
    requests = [await agent.hears(Request) for _ in running]
    assert code(await stage.visitor("GET", "/shop/").answer()) == (429, "throttled")
    agent.says(*(Response(request.id, 204, []) for request in requests))
    assert [(await visit.answer()).status for visit in running] == [204, 204]
    last = stage.visitor("GET", "/shop/")
    agent.says(Response((await agent.hears(Request)).id, 204, []))
    assert (await last.answer()).status == 204


async def test_uploads_wait_for_one_another_but_short_bodies_do_not() -> None:
    stage = Stage(max_uploads=1)
    agent = await stage.agent()
    first = stage.visitor("POST", "/shop/", body=Body(end=False))
    request = await agent.hears(Request)
    second = stage.visitor("POST", "/shop/2", body=Body(b"x"))
    await agent.hears_nothing()
    short = stage.visitor("POST", "/shop/", body=Body(b"x", length=1))
    agent.says(Response((await agent.hears(Request)).id, 204, []))
    assert (await short.answer()).status == 204
    agent.says(Response(request.id, 204, []))
    assert (await first.answer()).status == 204
    request = await agent.hears(Request)
    assert request.target == "/2"
    agent.says(Response(request.id, 204, []))
    assert (await second.answer()).status == 204


@pytest.mark.parametrize("status", [600, 999])
async def test_a_status_that_does_not_exist_is_an_invalid_answer(stage: Stage, agent: Agent, status: int) -> None:
    visit = stage.visitor("GET", "/shop/")
    agent.says(Response((await agent.hears(Request)).id, status, []))
    assert code(await visit.answer()) == (502, "upstream_invalid")

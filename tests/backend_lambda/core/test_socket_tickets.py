"""What a page must say before its WebSocket goes to another API."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_lambda.core.forward import Forwarder
from backend_lambda.core.front_door import FrontDoor
from backend_lambda.core.model import PublicResponse, header
from backend_lambda.core.ports import SocketTicket
from backend_lambda.protocol.messages import Headers, Request, Response
from tests.backend_lambda.core.stage import Agent, Body, Stage

ID = "0123456789abcdef0123456789abcdef"
ORIGIN = ("Origin", "http://127.0.0.1:4780")


class Tickets(dict[str, SocketTicket]):
    def issue(self, id: str, ticket: SocketTicket) -> bool:
        return self.setdefault(id, ticket) is ticket


@pytest.fixture
def tickets(stage: Stage) -> Tickets:
    """The stage as a backend that has them."""
    tickets = Tickets()
    door = FrontDoor(stage.limits, socket_url="wss://sockets.example/live")
    stage.forwarder = Forwarder(replace(stage.ports, tickets=tickets), door)
    return tickets


async def asks(
    stage: Stage, target: str, *headers: tuple[str, str], path: str = f"/shop/ws/__hw/sockets/{ID}", method: str = "PUT"
) -> PublicResponse:
    body = target.encode("latin-1")
    pairs: Headers = [*headers] if headers else [ORIGIN]
    return await stage.visitor(method, path, pairs, Body(*([body] if body else []), length=len(body))).answer()


async def test_a_ticket_has_what_browsers_send_with_a_websocket(stage: Stage, agent: Agent, tickets: Tickets) -> None:
    headers = [ORIGIN, ("Cookie", "a=1"), ("User-Agent", "x"), ("Referer", "http://127.0.0.1:4780/shop/"), ("X-A", "1")]
    answer = await asks(stage, "/shop/ws/a%2Fb?c=", *headers)
    assert (answer.status, header(answer.headers, "cache-control")) == (204, "no-store")
    assert tickets[ID] == SocketTicket("/shop/ws/a%2Fb?c=", "127.0.0.1:4780", "203.0.113.7", headers[:3])
    await agent.hears_nothing()


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:4780.evil.example"]
)
async def test_pages_of_other_origins_get_none(stage: Stage, agent: Agent, tickets: Tickets, origin: str) -> None:
    assert (await asks(stage, "/shop/ws", ("Origin", origin))).status == 403
    assert (await asks(stage, "/shop/ws", ("Cookie", "a=1"))).status == 403
    assert tickets == {}


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "GET"])
async def test_no_other_method_and_so_no_preflight_leads_to_one(
    stage: Stage, agent: Agent, tickets: Tickets, method: str
) -> None:
    answer = await asks(stage, "/shop/ws", method=method)
    assert (answer.status, header(answer.headers, "allow")) == (405, "PUT")
    assert header(answer.headers, "access-control-allow-origin") is None
    await agent.hears_nothing()


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("", 400), ("ws", 400), ("http://evil.example/shop/ws", 400), ("/shop/a b", 400), ("/shop/" + "a" * 9000, 400),
        ("/nobody/ws", 404), ("/other/ws", 400),
    ],
)  # fmt: skip
async def test_only_for_the_tunnel_whose_cookies_come_with_it(
    stage: Stage, agent: Agent, tickets: Tickets, target: str, status: int
) -> None:
    await stage.agent("other")
    assert (await asks(stage, target)).status == status
    assert tickets == {}


async def test_an_id_serves_once(stage: Stage, agent: Agent, tickets: Tickets) -> None:
    assert [(await asks(stage, "/shop/ws")).status for _ in range(2)] == [204, 409]


async def test_a_backend_that_takes_websockets_itself_leaves_such_paths_to_the_app(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("PUT", f"/shop/ws/__hw/sockets/{ID}", [ORIGIN])
    request = await agent.hears(Request)
    agent.says(Response(request.id, 201, []))
    assert (request.target, (await visit.answer()).status) == (f"/ws/__hw/sockets/{ID}", 201)

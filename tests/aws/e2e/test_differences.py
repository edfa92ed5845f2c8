"""What is otherwise on AWS than by the relay, each with what visitors and services get instead."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from backend_lambda.protocol import limits
from tests.aws.day import a_day
from tests.aws.emulator.cloud_config import CloudConfig
from tests.e2e.service import Call, Service, answering, closing
from tests.e2e.tunnels import Tunnel
from tests.e2e.visitor import ask, get, post


@pytest.mark.parametrize("framing", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("how", ["close", "abort"])
async def test_an_answer_that_breaks_off_is_a_page(tunnel: Tunnel, service: Service, framing: str, how: str) -> None:
    """The relay has sent the first half by then, and cuts it."""

    async def dies(call: Call) -> None:
        await call.send(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode() + b"3e8\r\n" + b"x" * 1000 + b"\r\n")
        await asyncio.sleep(0.05)
        call.abort() if how == "abort" else call.writer.close()

    service.script = dies
    answer = await ask(tunnel.relay.port, get(tunnel.path(), "Accept: application/json"))
    assert (answer.status, answer.complete, answer.error["code"]) == (502, True, "upstream_cut")


async def test_an_answer_without_end_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "AWS_LIMITS", replace(limits.AWS_LIMITS, deadline=600))

    async def ticks(call: Call) -> None:
        await call.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await call.send(b"9\r\ndata: 1\n\n\r\n")
            await asyncio.sleep(0.02)

    async with a_day(script=ticks) as day:
        answer = await day.backend.visitor.get("/shop/events", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["error"]["side"]) == (504, "service")


async def test_headers_come_in_lower_case_and_joined(tunnel: Tunnel, service: Service) -> None:
    sent = ["X-b: 1", "x-A: 2", "X-B: 3", "Cookie: a=1; b=2", "X-Empty: ", "Accept: text/html", "Accept: */*;q=0.8"]
    await ask(tunnel.relay.port, get(tunnel.path(), *sent))
    got = [pair for pair in service.last.headers if pair[0].islower()]
    assert sorted(pair for pair in got if not pair[0].startswith("host")) == [
        ("accept", "text/html,*/*;q=0.8"),
        ("cookie", "a=1; b=2"),
        ("x-a", "2"),
        ("x-b", "1,3"),
        ("x-empty", ""),
    ]


async def test_headers_of_answers_are_joined_but_cookies(tunnel: Tunnel, service: Service) -> None:
    service.script = answering(
        b"HTTP/1.1 200 Fine\r\nSet-Cookie: a=1; Path=/\r\nX-One: 1\r\n"
        b"Set-Cookie: b=2; Expires=Wed, 09 Jun 2032 10:18:14 GMT\r\nX-One: 2\r\n"
        b"WWW-Authenticate: Basic realm=a\r\nWWW-Authenticate: Bearer\r\nContent-Length: 2\r\n\r\nok"
    )
    answer = await ask(tunnel.relay.port, get(tunnel.path()))
    assert answer.all("set-cookie") == [
        f"a=1; Path=/{tunnel.name}; Secure",
        "b=2; Expires=Wed, 09 Jun 2032 10:18:14 GMT; Secure",
    ]
    assert answer.all("x-one") == ["1, 2"]
    assert answer.all("www-authenticate") == ["Basic realm=a, Bearer"]


async def test_payload_format_1_carries_the_same() -> None:
    async def script(call: Call) -> None:
        await call.answer(await call.read_body(), "Set-Cookie: a=1", "Set-Cookie: b=2", "X-One: 1", "X-One: 2")

    async with a_day(CloudConfig(payload_format="1.0"), script) as day:
        answer = await day.backend.visitor.post(
            "/shop/a%20b?q=1&q=%2F+&e=", content=b"\xff\0", headers=[("X-Two", "1"), ("X-Two", "2")]
        )
        assert (answer.status_code, answer.content) == (200, b"\xff\0")
        assert answer.headers.get_list("set-cookie") == ["a=1; Secure", "b=2; Secure"]
        assert answer.headers["x-one"] == "1, 2"
        (call,) = day.service.calls
        assert call.target == b"/a%20b?q=1&q=%2F%20&e="  # the query comes decoded
        assert [value for name, value in call.headers if name == "x-two"] == ["1", "2"]


async def test_an_answer_without_a_type_gets_one(tunnel: Tunnel, service: Service) -> None:
    """The gateway would say text/plain, and browsers would believe it."""
    service.script = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\x00\xff\xfe\x01")
    answer = await ask(tunnel.relay.port, get(tunnel.path()))
    assert (answer.header("content-type"), answer.body) == ("application/octet-stream", b"\x00\xff\xfe\x01")


async def test_the_length_that_head_tells_is_lost(tunnel: Tunnel, service: Service) -> None:
    service.script = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: x\r\n\r\n")
    answer = await ask(tunnel.relay.port, get(tunnel.path(), method="HEAD"), "HEAD")
    assert (answer.status, answer.header("etag"), service.last.method) == (200, "x", "HEAD")
    assert answer.header("content-length") == "0"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_usual_methods_pass_and_no_others(tunnel: Tunnel, service: Service, method: str) -> None:
    assert (await ask(tunnel.relay.port, get(tunnel.path(), method=method))).status == 200
    assert service.last.method == method
    count = len(service.calls)
    assert (await ask(tunnel.relay.port, get(tunnel.path(), method="PROPFIND"))).status == 404
    assert len(service.calls) == count


async def test_preflights_are_the_apps(tunnel: Tunnel, service: Service) -> None:
    """CORS is not configured at the gateway, which would answer them itself."""
    service.script = answering(
        b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: https://else.test\r\n"
        b"Access-Control-Allow-Methods: PUT\r\n\r\n"
    )
    wants = ("Origin: https://else.test", "Access-Control-Request-Method: PUT")
    answer = await ask(tunnel.relay.port, get(tunnel.path(), *wants, method="OPTIONS"))
    assert (answer.status, answer.header("access-control-allow-origin")) == (204, "https://else.test")
    assert service.last.header("access-control-request-method") == "PUT"


async def test_an_upgrade_is_an_ordinary_request(tunnel: Tunnel, service: Service) -> None:
    upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA==")
    assert (await ask(tunnel.relay.port, get(tunnel.path(), *upgrade))).status == 200
    assert service.last.header("upgrade") is None


async def test_heads_of_more_than_10_kb_are_refused(tunnel: Tunnel, service: Service) -> None:
    target = tunnel.path("/" + "a" * 6_000)
    assert (await ask(tunnel.relay.port, get(target, "Cookie: " + "b" * 3_500))).status == 200
    assert (await ask(tunnel.relay.port, get(target, "Cookie: " + "b" * 4_500))).status == 431
    assert len(service.calls) == 1


async def test_uploads_of_more_than_an_event_are_refused(tunnel: Tunnel, service: Service) -> None:
    answer = await ask(tunnel.relay.port, post(tunnel.path(), b"x" * 5_000_000))
    assert answer.status == 413
    assert service.calls == []


async def test_statuses_out_of_range_are_pages(tunnel: Tunnel, service: Service) -> None:
    service.script = closing(b"HTTP/1.1 700 Odd\r\nContent-Length: 0\r\n\r\n")
    answer = await ask(tunnel.relay.port, get(tunnel.path()))
    assert (answer.status, answer.header("x-hatchway-error")) == (502, "upstream_invalid")

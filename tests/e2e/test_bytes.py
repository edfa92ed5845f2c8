"""Byte for byte: what the visitor sends is what the service gets, and the other way round."""

from __future__ import annotations

import pytest

from tests.e2e.service import Call, Service, answering
from tests.e2e.tunnels import Tunnel
from tests.e2e.visitor import Visitor, ask, get, post


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/a%2Fb//c",
        "/..%2f",
        "/@host",
        "//host",
        "//host/../x",
        "/;x=1",
        "/a/./b/../c",
        "/%",
        "/%zz",
        "/a+b%20c",
        "/caf\u00c3\u00a9?q=\u00c3\u00bc",
        "/\xff\xfe",
        "/?",
        "/?a",
        "/?a=&a=",
        "/?a=1&a=2&&b",
        "/?x=/../y",
        "/?a=b?c=d#e",
        "/a?u=http://x/",
        "/\"<>^`{|}'\\",
        "/" + "a" * 8000,
    ],
    ids=lambda target: f"RQ1 {target[:16]!r}",
)
async def test_the_target_arrives_as_it_was_sent(tunnel: Tunnel, service: Service, target: str) -> None:
    assert (await ask(tunnel.relay.port, get(tunnel.path(target)))).status == 200
    assert service.last.target == target.encode("latin-1")
    host = f"{tunnel.name}.localhost:{tunnel.relay.port}"
    assert (await ask(tunnel.relay.port, get(target, host=host))).status == 200
    assert service.last.target == target.encode("latin-1")


async def test_request_headers_keep_order_duplicates_case_and_bytes(tunnel: Tunnel, service: Service) -> None:
    sent = [
        "X-b: 1",
        "x-A: 2",
        "X-B: 3",
        "ACCEPT: text/plain",
        "x-utf: \u00c3\u00a4",
        "X!#$%&'*+-.^_`|~9: odd",
        "X-Empty: ",
        "Accept: */*",
        "x-tab: a\tb",
    ]
    await ask(tunnel.relay.port, get(tunnel.path(), *sent))
    lines = service.last.head.decode("latin-1").split("\r\n")[1:]
    assert [line for line in lines if not line.startswith(("Host:", "X-Forwarded-For:", "X-Real-IP:"))] == sent
    assert lines[0] == f"Host: 127.0.0.1:{service.port}"


async def test_answer_headers_keep_order_and_duplicates(tunnel: Tunnel, service: Service) -> None:
    service.script = answering(
        b"HTTP/1.1 200 Fine\r\nSet-Cookie: a=1; Path=/\r\nX-One: 1\r\nSet-Cookie: b=2; Path=/x\r\n"
        b"X-Two: caf\xc3\xa9\r\nSet-Cookie: c=3\r\nX-One: 2\r\nContent-Length: 2\r\n\r\nok"
    )
    answer = await ask(tunnel.relay.port, get(tunnel.path()))
    assert answer.all("set-cookie") == [f"a=1; Path=/{tunnel.name}", f"b=2; Path=/{tunnel.name}/x", "c=3"]
    assert answer.headers[:7] == [
        ("set-cookie", f"a=1; Path=/{tunnel.name}"),
        ("x-one", "1"),
        ("set-cookie", f"b=2; Path=/{tunnel.name}/x"),
        ("x-two", "caf\u00c3\u00a9"),
        ("set-cookie", "c=3"),
        ("x-one", "2"),
        ("content-length", "2"),
    ]


HOP_BY_HOP = [
    "Connection: keep-alive, X-Mine",
    "X-Mine: secret",
    "Keep-Alive: timeout=5",
    "Proxy-Authorization: Basic x",
    "Proxy-Connection: keep-alive",
    "TE: trailers",
    "Trailer: X-End",
    "Upgrade: h2c",
]


async def test_hop_by_hop_headers_end_at_the_relay(tunnel: Tunnel, service: Service) -> None:
    lines = "\r\n".join(("HTTP/1.1 200 OK", *HOP_BY_HOP, "X-Stays: 1", "Content-Length: 0", "", ""))
    service.script = answering(lines.encode())
    answer = await ask(tunnel.relay.port, get(tunnel.path(), *HOP_BY_HOP, "X-Stays: 1"))
    gone = {line.partition(":")[0].lower() for line in HOP_BY_HOP}
    assert gone & {name.lower() for name, _ in service.last.headers} == set()
    assert gone & {name.lower() for name, _ in answer.headers} - {"connection"} == set()
    assert service.last.header("x-stays") == "1"
    assert answer.header("x-stays") == "1"


async def test_head_has_the_headers_and_no_body(tunnel: Tunnel, service: Service) -> None:
    async with Visitor(tunnel.relay.port) as visitor:
        for headers in ("Content-Length: 5", "Transfer-Encoding: chunked", "X-None: 1"):
            service.script = answering(f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode())
            answer = await visitor.ask(get(tunnel.path(), method="HEAD"), "HEAD")
            assert (answer.status, service.last.method) == (200, "HEAD")
            assert answer.header("content-length") == ("5" if headers == "Content-Length: 5" else None)
            assert answer.header("transfer-encoding") is None


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
@pytest.mark.parametrize("length", ["", "Content-Length: 0\r\n", "Content-Length: 5\r\n"])
async def test_answers_that_never_have_a_body(tunnel: Tunnel, service: Service, status: str, length: str) -> None:
    service.script = answering(f"HTTP/1.1 {status}\r\nETag: x\r\n{length}\r\n".encode())
    async with Visitor(tunnel.relay.port) as visitor:
        answer = await visitor.ask(get(tunnel.path()))
        assert (answer.status, answer.header("etag")) == (int(status[:3]), "x")
        assert answer.header("transfer-encoding") is None
        service.script = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext")
        assert (await visitor.ask(get(tunnel.path()))).body == b"next"


@pytest.mark.parametrize("size", [0, 1, 1000, 300_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["sized", "chunked"])
async def test_uploads_arrive_whole(tunnel: Tunnel, service: Service, size: int, chunked: bool) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]
    answer = await ask(tunnel.relay.port, post(tunnel.path(), body, chunked=chunked))
    assert (answer.status, service.last.body) == (200, body)
    framing = [
        name.lower() for name, _ in service.last.headers if name.lower() in ("content-length", "transfer-encoding")
    ]
    assert len(framing) == 1
    assert framing == ["content-length"] if not chunked else True


async def test_chunks_with_extensions_and_trailers_are_read(tunnel: Tunnel, service: Service) -> None:
    request = get(tunnel.path(), "Transfer-Encoding: chunked", "Trailer: X-End", method="POST")
    wire = request + b'3;a=b;c="d"\r\nabc\r\n0002\r\nde\r\n0\r\nX-End: 1\r\n\r\n'
    async with Visitor(tunnel.relay.port) as visitor:
        assert (await visitor.ask(wire)).status == 200
        assert service.last.body == b"abcde"
        assert (await visitor.ask(get(tunnel.path("/2")))).status == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("application/x-www-form-urlencoded", b"next=%2Fx&url=http%3A%2F%2F127.0.0.1%2F", id="RQ15-form"),
        pytest.param("application/json", b'{"url": "/x", "self": "/{name}/x"}', id="RQ15-json"),
        pytest.param("multipart/form-data; boundary=b", b"--b\r\n\r\n<a href=/x>\r\n--b--", id="RQ15-multipart"),
        pytest.param("text/html", b"<a href=/x>", id="RQ15-html"),
    ],
)
async def test_what_visitors_send_is_never_touched(
    tunnel: Tunnel, service: Service, content_type: str, body: bytes
) -> None:
    sent = body.replace(b"{name}", tunnel.name.encode())
    await ask(tunnel.relay.port, post(tunnel.path(), sent, f"Content-Type: {content_type}"))
    assert service.last.body == sent


async def test_keep_alive_and_pipelining_answer_in_order(tunnel: Tunnel, service: Service) -> None:
    async def echo(call: Call) -> None:
        await call.answer(call.target + await call.read_body())

    service.script = echo
    async with Visitor(tunnel.relay.port) as visitor:
        for round_ in range(3):
            assert (await visitor.ask(get(tunnel.path(f"/{round_}")))).body == b"/%d" % round_
        wire = b"".join(
            get(tunnel.path(f"/{number}")) if number % 2 else post(tunnel.path(f"/{number}"), b"=%d" % number)
            for number in range(20)
        )
        await visitor.send(wire)
        bodies = [(await visitor.answer()).body for _ in range(20)]
    assert bodies == [b"/%d" % n if n % 2 else b"/%d=%d" % (n, n) for n in range(20)]


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\nabcde"
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde"


@pytest.mark.parametrize("connection", [(), ("Connection: keep-alive",)], ids=["plain", "ab -k"])
@pytest.mark.parametrize("data", [SIZED, CHUNKED], ids=["sized", "chunked"])
async def test_http_1_0_visitors_understand_every_answer(
    tunnel: Tunnel, service: Service, data: bytes, connection: tuple[str, ...]
) -> None:
    service.script = answering(data)
    async with Visitor(tunnel.relay.port) as visitor:
        answer = await visitor.ask(get(tunnel.path(), *connection, version="1.0"))
        assert (answer.status, answer.body) == (200, b"abcde")
        assert answer.header("transfer-encoding") is None
        assert answer.header("connection") == "close"
        assert await visitor.closed()


async def test_an_http_1_0_visitor_gets_a_stream_until_it_closes(tunnel: Tunnel, service: Service) -> None:
    async def stream(call: Call) -> None:
        await call.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(50):
            await call.send(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
        await call.send(b"0\r\n\r\n")

    service.script = stream
    answer = await ask(tunnel.relay.port, get(tunnel.path(), version="1.0"))
    assert answer.header("transfer-encoding") is None
    assert answer.header("content-length") is None
    assert (answer.complete, answer.body) == (True, b"x" * 500_000)


async def test_an_answer_that_ends_by_closing_is_passed_on_whole(tunnel: Tunnel, service: Service) -> None:
    async def until_close(call: Call) -> None:
        await call.send(UNTIL_CLOSE)
        call.writer.close()

    service.script = until_close
    answer = await ask(tunnel.relay.port, get(tunnel.path()))
    assert (answer.complete, answer.body) == (True, b"abcde")


@pytest.mark.parametrize(
    "method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "PURGE", "REPORT", "QUERY"]
)
async def test_methods_pass_unchanged(tunnel: Tunnel, service: Service, method: str) -> None:
    assert (await ask(tunnel.relay.port, get(tunnel.path(), method=method))).status == 200
    assert service.last.method == method


async def test_absolute_form_counts_more_than_host(tunnel: Tunnel, service: Service) -> None:
    port = tunnel.relay.port
    by_host = f"http://{tunnel.name}.localhost:{port}/a%2Fb?x"
    assert (await ask(port, get(by_host, host="127.0.0.1"))).status == 200
    assert service.last.target == b"/a%2Fb?x"
    by_path = f"HTTP://127.0.0.1:{port}/{tunnel.name}/c"
    assert (await ask(port, get(by_path, host="other.localhost"))).status == 200
    assert service.last.target == b"/c"


async def test_a_tunnel_without_its_slash_redirects_and_keeps_the_query(tunnel: Tunnel, service: Service) -> None:
    answer = await ask(tunnel.relay.port, get(f"/{tunnel.name}?a=%2F&b"))
    assert (answer.status, answer.header("location")) == (308, f"/{tunnel.name}/?a=%2F&b")
    assert service.calls == []


async def test_upgrades_we_do_not_know_are_ignored(tunnel: Tunnel, service: Service) -> None:
    upgrade = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")
    async with Visitor(tunnel.relay.port) as visitor:
        assert (await visitor.ask(get(tunnel.path("/h2"), *upgrade))).status == 200
        assert service.last.target == b"/h2"
        assert service.last.header("upgrade") is None
        for chunked in (False, True):
            for size in (0, 6, 300_000):
                answer = await visitor.ask(post(tunnel.path(), b"x" * size, *upgrade, chunked=chunked))
                assert (answer.status, service.last.body) == (200, b"x" * size)
        await visitor.send(
            get(tunnel.path("/1"), *upgrade) + post(tunnel.path("/2"), b"b", *upgrade) + get(tunnel.path("/3"))
        )
        assert [(await visitor.answer()).status for _ in range(3)] == [200] * 3
    assert [call.target for call in service.calls[-3:]] == [b"/1", b"/2", b"/3"]


class TestExpectContinue:
    async def test_the_body_is_asked_for(self, tunnel: Tunnel, service: Service) -> None:
        async with Visitor(tunnel.relay.port) as visitor:
            await visitor.send(get(tunnel.path(), "Content-Length: 4", "Expect: 100-continue", method="POST"))
            assert await visitor.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            assert (await visitor.ask(b"body")).status == 200
        assert service.last.body == b"body"
        assert service.last.header("expect") is None

    async def test_a_large_body_is_asked_for(self, tunnel: Tunnel, service: Service) -> None:
        async with Visitor(tunnel.relay.port) as visitor:
            await visitor.send(get(tunnel.path(), "Content-Length: 600000", "Expect: 100-continue", method="PUT"))
            assert await visitor.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            assert (await visitor.ask(b"x" * 600_000)).status == 200
        assert len(service.last.body) == 600_000

    @pytest.mark.parametrize("status", ["417 Expectation Failed", "413 Content Too Large"])
    async def test_the_service_may_answer_before_the_body(self, tunnel: Tunnel, service: Service, status: str) -> None:
        async def early(call: Call) -> None:
            await call.answer(b"no", "Connection: close", status=status)
            call.writer.close()

        service.script = early
        async with Visitor(tunnel.relay.port) as visitor:
            await visitor.send(get(tunnel.path(), "Content-Length: 5000000", "Expect: 100-continue", method="PUT"))
            answer = await visitor.answer()
        assert (answer.status, answer.body) == (int(status[:3]), b"no")

    async def test_nothing_is_asked_for_that_nobody_wants(self, tunnel: Tunnel) -> None:
        request = get("/no-such-tunnel/", "Content-Length: 5", "Expect: 100-continue", method="POST")
        answer = await ask(tunnel.relay.port, request)
        assert (answer.status, answer.interim) == (404, [])

    async def test_http_1_0_visitors_get_no_interim_answer(self, tunnel: Tunnel, service: Service) -> None:
        request = get(tunnel.path(), "Content-Length: 4", "Expect: 100-continue", method="POST", version="1.0")
        answer = await ask(tunnel.relay.port, request + b"body")
        assert (answer.status, answer.interim, service.last.body) == (200, [], b"body")

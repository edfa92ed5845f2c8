"""A rewritten body made again from its record is the one that the visitor got: through the core, with real reports."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from app.agent.ends import delivered, visitor_request
from app.domain.exchange import Body, Exchange, Rewriting
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import parse_upstream
from app.history.preview import delivered_body
from backend_lambda.core.model import header
from backend_lambda.protocol.messages import Data, End, Headers, Report, Request, Response
from tests.backend_lambda.core.stage import Stage

PAGE = b'<!doctype html><html><head></head><body><a href="/x">x</a>' + b"<p>Words, <b>many</b>.</p>" * 400 + b"</body>"
SHELL = b'<!doctype html><head><script type=module src="/main.js"></script></head><body><div id="root"></div></body>'
HTML = ("Content-Type", "text/html; charset=utf-8")
NAVIGATION: Headers = [("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Mode", "navigate"), ("Accept-Encoding", "gzip, br")]
SPEC = TunnelSpec("shop", parse_upstream("http://localhost:3000"))


async def exchanged(
    body: bytes, *fields: tuple[str, str], pieces: int = 0, asked: Headers = NAVIGATION, target: str = "/shop/a/b",
    host: str = "127.0.0.1:4780", warm: bytes = b"", socket_url: str = "",
    store_origin: str = "",
) -> tuple[Exchange, bytes]:  # fmt: skip
    """(the record, what the visitor got without its coding). pieces: size of those that it comes in; warm: a page
    that the tunnel has shown before."""
    stage = Stage(inline=1 << 20, chunk=1 << 20, window=1 << 24, socket_url=socket_url, store_origin=store_origin)
    agent = await stage.agent(blobs=bool(store_origin))
    if warm:
        before = stage.visitor("GET", "/shop/", NAVIGATION)
        agent.says(Response((await agent.hears(Request)).id, 200, [HTML], warm))
        await before.answer()
        await agent.hears(Report)
    visit = stage.visitor("GET", target, asked, host=host)
    request = await agent.hears(Request)
    if pieces:
        agent.says(Response(request.id, 200, [*fields], end=False))
        parts = [body[at : at + pieces] for at in range(0, len(body), pieces)]
        agent.says(*(Data(request.id, seq, part) for seq, part in enumerate(parts)), End(request.id, len(parts)))
        answer, stream = await visit.streams()
        got = b"".join([piece async for piece in stream])
    else:
        agent.says(Response(request.id, 200, [*fields], body))
        answer = await visit.answer()
        assert isinstance(answer.body, bytes)
        got = answer.body
    report = await agent.hears(Report)
    record = Exchange(
        "shop", SPEC.id, request.method, request.target, "http://localhost:3000",
        request_headers=tuple(request.headers), public_url=request.visitor.url, visitor=request.visitor.address,
        status=200, response_headers=fields, response_body=Body(body), visitor_request=visitor_request(request),
        rewriting=Rewriting(report.kind, tuple(report.layers), report.edits, tuple(report.notes)),
        delivered=delivered(report, fields, len(body)),
    )  # fmt: skip
    assert record.delivered is not None
    assert record.delivered.headers == tuple(answer.headers)
    assert record.delivered.size == len(got)
    return record, gzip.decompress(got) if header(answer.headers, "content-encoding") == "gzip" else got


@pytest.mark.parametrize("pieces", [0, 7, 1000])
@pytest.mark.parametrize("coded", [False, True], ids=["plain", "gzip"])
async def test_a_page(pieces: int, coded: bool) -> None:
    body, fields = (gzip.compress(PAGE), (HTML, ("Content-Encoding", "gzip"))) if coded else (PAGE, (HTML,))
    record, got = await exchanged(body, *fields, pieces=pieces)
    assert b'href="/shop/x"' in got
    preview = delivered_body(record, SPEC)
    assert (preview.body, preview.verified, preview.note) == (got, True, "")


async def test_a_style_sheet() -> None:
    record, got = await exchanged(b"a{background:url(/a.png)}", ("Content-Type", "text/css"), asked=[])
    assert delivered_body(record, SPEC).body == got == b"a{background:url(/shop/a.png)}"


async def test_a_worker() -> None:
    asked = [("Sec-Fetch-Dest", "worker")]
    record, got = await exchanged(b"importScripts('/a.js')", ("Content-Type", "text/javascript"), asked=asked)
    preview = delivered_body(record, SPEC)
    assert (preview.body, preview.verified) == (got, True)
    assert got != b"importScripts('/a.js')"


@pytest.mark.parametrize("warm", [b"", SHELL], ids=["it shows itself", "it has been shown before"])
async def test_a_page_of_a_single_page_app(warm: bytes) -> None:
    record, got = await exchanged(PAGE if warm else SHELL, HTML, warm=warm)
    assert record.rewriting is not None
    assert "L5" in record.rewriting.layers
    preview = delivered_body(record, SPEC)
    assert (preview.body, preview.verified) == (got, True)


async def test_a_page_whose_sockets_go_elsewhere() -> None:
    url = "wss://sockets.example/live"
    record, got = await exchanged(PAGE, HTML, socket_url=url)
    told = replace(record, options=replace(SPEC.rewrite_options, socket_url=url))
    assert url.encode() in got
    assert delivered_body(told, SPEC).body == got
    assert delivered_body(told, SPEC).verified


async def test_a_page_whose_large_bodies_lie_elsewhere() -> None:
    page = PAGE.replace(b"<head>", b"<head><meta http-equiv=content-security-policy content=\"img-src 'self'\">", 1)
    record, got = await exchanged(page, HTML, store_origin="https://store.example")
    told = replace(record, options=replace(SPEC.rewrite_options, store_origin="https://store.example"))
    assert b"img-src 'self' https://store.example" in got
    assert (delivered_body(told, SPEC).body, delivered_body(told, SPEC).verified) == (got, True)


async def test_marks_in_the_query_are_not_in_the_way() -> None:
    record, got = await exchanged(PAGE, HTML, target="/shop/a?__hw_off=1&b=2")
    assert record.target == "/a?b=2"
    preview = delivered_body(record, SPEC)
    assert (preview.body, preview.verified) == (got, True)


async def test_what_has_changed_since_is_told() -> None:
    record, got = await exchanged(PAGE, HTML)
    preview = delivered_body(replace(record, response_body=Body(PAGE + b" ")), SPEC)
    assert preview.body == got + b" "
    assert not preview.verified
    assert "not byte for byte" in preview.note


async def test_settings_that_were_edited_since_do_not_matter_where_the_record_tells_them() -> None:
    record, got = await exchanged(PAGE, HTML)
    edited = replace(SPEC, host_header="public", forwarded="aware", mode="raw", rewrite_oauth=True)
    told = replace(record, options=SPEC.rewrite_options)
    assert delivered_body(told, edited).verified
    assert delivered_body(told, edited).body == got
    other = delivered_body(replace(told, response_body=Body(PAGE + b" ")), edited)
    assert "Hatchway's version has changed since" in other.note
    assert "settings" not in other.note


async def test_what_was_not_kept_whole_is_not_made_up() -> None:
    record, _ = await exchanged(PAGE, HTML)
    preview = delivered_body(replace(record, response_body=Body(PAGE[:50], size=len(PAGE))), SPEC)
    assert preview.body is None
    assert "not kept whole" in preview.note

"""Rewriting on AWS is that of the relay: the same answers of a service, asked for by both, arrive alike."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass

import pytest

from app.relay.application import RelayConfig
from tests.e2e.service import Call, Service
from tests.e2e.tunnels import Agent, Tunnel, relay_here
from tests.e2e.visitor import Answer, ask, get

NAVIGATION = ("Accept: text/html", "Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: none")
SCRIPT = ("Sec-Fetch-Dest: script", "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: same-origin")
_PAGE = """<!doctype html><html lang=de><head><title>größer</title><base href="/app/">
<link rel=stylesheet href="/style.css" integrity="sha384-x"><link rel=manifest href=/m.json>
<meta http-equiv=refresh content="5; url=/next"><script type=importmap>{"imports":{"a":"/a.js"}}</script>
<script>const there = "/api/x"; fetch('/api')</script></head><body style="background: url(/b.png)">
<a href="/cart?x=1#top">cart</a><a href="http://SERVICE/abs">abs</a><a href="//SERVICE/rel">rel</a>
<img srcset="/1.png 1x, /2.png 2x"><form action="/send" method=post></form>
<svg><use href="/s.svg#i"/></svg><a href="https://elsewhere.test/">else</a></body></html>"""


@dataclass(frozen=True)
class Case:
    """What the service answers and what is asked. SERVICE in texts is the service's address. becomes: type on AWS of
    what has none; that of answers without a body is the gateway's."""

    headers: tuple[str, ...]
    body: bytes = b""
    asks: tuple[str, ...] = NAVIGATION
    status: str = "200 OK"
    target: str = "/x/page"
    becomes: str = "text/plain;charset=utf-8"


HTML = "Content-Type: text/html; charset=utf-8"
CASES = {
    "page": Case((HTML,), _PAGE.encode()),
    "gzip": Case((HTML, "Content-Encoding: gzip", 'ETag: "x"', "Vary: Accept-Encoding"), gzip.compress(_PAGE.encode())),
    "latin-1": Case(("Content-Type: text/html; charset=iso-8859-1",), _PAGE.encode("latin-1")),
    "no charset": Case(("Content-Type: text/html",), _PAGE.encode("latin-1")),
    "utf-16": Case(("Content-Type: text/html; charset=utf-16",), _PAGE.encode("utf-16")),
    "no type": Case((), _PAGE.encode(), becomes="text/html"),
    "no type, text": Case((), b"just text", becomes="text/plain"),
    "no type, bytes": Case((), b"\0\1\2", becomes="application/octet-stream"),
    "large": Case((HTML,), (_PAGE + "<p>Wörter</p>" * 40_000).encode()),
    "csp": Case(
        (
            HTML,
            "Content-Security-Policy: default-src 'self' http://SERVICE; script-src 'nonce-abc'; connect-src 'self'",
        ),
        b"<p>",
    ),
    "style": Case(("Content-Type: text/css",), b'@import "/a.css"; p { background: url(/b.png) }', asks=()),
    "script": Case(("Content-Type: text/javascript",), b"import x from '/a.js'; import('/b.js')", asks=SCRIPT),
    "json": Case(("Content-Type: application/json",), b'{"next": "/page/2"}', asks=("Accept: application/json",)),
    "problem": Case(("Content-Type: application/problem+json",), b'{"type": "/p"}', asks=(), status="422 Odd"),
    "picture": Case(("Content-Type: image/png", "Cache-Control: max-age=60"), bytes(range(256)) * 300, asks=()),
    "part": Case(("Content-Type: video/mp4", "Content-Range: bytes 0-3/9"), b"\0\1\2\3", (), "206 Partial Content"),
    "redirect": Case(("Location: /login?next=%2Fx",), status="302 Found"),
    "redirect to itself": Case(("Location: http://SERVICE/login",), status="301 Moved Permanently"),
    "redirect elsewhere": Case(("Location: https://elsewhere.test/x",), status="307 Temporary Redirect"),
    "cookies": Case(
        (
            "Set-Cookie: a=1; Path=/; HttpOnly",
            "Set-Cookie: b=2; Path=/x; Domain=SERVICE; Expires=Wed, 09 Jun 2032 10:18:14 GMT",
        ),
        b"ok",
        becomes="text/plain",
    ),
    "links": Case((HTML, "Link: </a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script"), b"<p>"),
    "refresh": Case((HTML, "Refresh: 3; url=/later"), b"<p>"),
    "not modified": Case(('ETag: "x"',), status="304 Not Modified"),
    "an event": Case(("Content-Type: text/event-stream",), b"data: /x\n\n", asks=("Accept: text/event-stream",)),
}
# The HTTP API makes these anew.
_RUNTIME = re.compile(r"(?<=/__hw/rt-)[0-9a-f]{16}|(?<=/worker-)[0-9a-f]{16}|(?<=sha256-)[\w+/=]+|(?<=-hw)[0-9a-f]{8}")
_SETTING = re.compile(r',"sockets":"[^"]*"')  # the runtime's: where WebSockets go that the HTTP API does not take
# What a policy must allow for that, and for large bodies, which lie in the bucket.
_ADMITTED = re.compile(
    r"; (?:img|media|font)-src [^;]* http://127\.0\.0\.1:\d+(?=$|;)|(?: (?:ws|http)://127\.0\.0\.1:\d+)+(?=$|;)"
)
_GATEWAYS = frozenset({"content-length", "transfer-encoding", "connection", "date", "apigw-requestid", "server"})


def _plain(value: str | bytes, port: int) -> str:
    """Without what must differ: the origin, which is https on AWS."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    for scheme in ("http", "https", "ws", "wss"):
        text = text.replace(f"{scheme}://127.0.0.1:{port}", "ORIGIN")
    text = text.replace(f"//127.0.0.1:{port}", "//HOST").replace(f"127.0.0.1:{port}", "HOST")
    return _RUNTIME.sub("HASH", _SETTING.sub("", _ADMITTED.sub("", text)))


def _seen(answer: Answer, tunnel: Tunnel) -> tuple[int, dict[str, list[str]], str]:
    port = tunnel.relay.port
    body = answer.body
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        if name.lower() in _GATEWAYS:
            continue
        plain = _plain(value, port)
        if name.lower() == "set-cookie":
            headers.setdefault("set-cookie", []).append(plain.removesuffix("; Secure"))
        else:
            joined = headers.get(name.lower(), [])
            headers[name.lower()] = [", ".join([*joined, plain])]
    if answer.header("content-encoding") == "gzip":
        body = gzip.decompress(body)
    if "utf-16" in (answer.header("content-type") or ""):
        body = body.decode("utf-16").encode()
    return answer.status, headers, _plain(body, port)


@pytest.mark.parametrize("name", CASES)
async def test_as_by_the_relay(agent: Agent, service: Service, name: str) -> None:
    case = CASES[name]
    here = f"127.0.0.1:{service.port}"

    async def script(call: Call) -> None:
        body = case.body.replace(b"SERVICE", here.encode()) if case.body[:2] != b"\x1f\x8b" else case.body
        headers = [line.replace("SERVICE", here) for line in case.headers]
        bare = case.status[:3] in ("204", "304")
        await (call.send(_bare(case.status, headers)) if bare else call.answer(body, *headers, status=case.status))

    service.script = script
    seen = []
    async with relay_here(RelayConfig()) as relay:
        other = Agent(relay)
        for tunnel in (await other.open(service.port, "shop"), await agent.open(service.port, "shop")):
            asks = (*case.asks, "Accept-Encoding: gzip")
            seen.append(
                _seen(
                    await ask(
                        tunnel.relay.port,
                        get(tunnel.path(case.target), *asks, host=tunnel.relay.url.removeprefix("http://")),
                    ),
                    tunnel,
                )
            )
            await (other if tunnel.relay is relay else agent).supervisor.stop(tunnel.spec.id, release=True)
    by_relay, by_aws = seen
    assert by_aws[0] == by_relay[0]
    assert by_aws[2] == by_relay[2]
    added = by_aws[1].pop("content-type", []) if "content-type" not in by_relay[1] else []  # what has none gets one
    assert by_aws[1] == by_relay[1]
    assert added == ([] if any("Content-Type" in line for line in case.headers) else [case.becomes])
    assert by_aws[0] == int(case.status[:3])


def _bare(status: str, headers: list[str]) -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", *headers, "", "")).encode("latin-1")

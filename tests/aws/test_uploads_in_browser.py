"""What a page uploads although the front door cannot carry it: the service gets it as the page sent it."""

from __future__ import annotations

import contextlib
import hashlib
import html
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.aws.backend import Backend
from tests.aws.streamed import streaming
from tests.aws.threaded import in_threads
from tests.e2e.service import Call, Service
from tests.e2e.tunnels import Agent

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZE = 5_000_000  # more than an event of the function
DATA = bytes(range(250)) * (SIZE // 250)
# Without an icon of its own the browser would still ask for one when the test is over.
_HEAD = b"<!doctype html><title>photos</title><link rel=icon href=data:,>"
_HTML = (
    _HEAD
    + b"""
<form action="/form?a=1" method="post" enctype="multipart/form-data" accept-charset="utf-8">
<input name="title" value="a&#10;b"><input type="file" name="photo"><button name="how" value="now">Send</button></form>
<form id="long" action="/long" method="post"><textarea name="text"></textarea><button>Send</button></form>
<form id="other" action="/prevented" method="post"><textarea name="text"></textarea><button>Send</button></form>
<script>other.addEventListener("submit", (event) => event.preventDefault());</script>"""
)
_POLICY = "Content-Security-Policy: default-src 'self' 'unsafe-inline'; img-src data:; worker-src blob:"
_BYTES = "const data = Uint8Array.from({length: 5_000_000}, (_, at) => at % 250);"


async def script(call: Call) -> None:
    body = await call.read_body()
    if call.method == "GET":
        await call.answer(_HTML, "Content-Type: text/html", _POLICY)
        return
    heard = {
        "target": call.target.decode(),
        "type": call.header("content-type"),
        "length": call.header("content-length"),
        "own": call.header("x-own"),
        "body": hashlib.sha256(body).hexdigest(),
        "size": len(body),
        "parts": body.count(b'form-data; name="'),
        "end": body[-200:].decode("latin-1"),
    }
    if call.header("sec-fetch-dest") == "document":
        await call.answer(_HEAD + f"<pre>{html.escape(json.dumps(heard))}</pre>".encode(), "Content-Type: text/html")
        return
    await call.answer(json.dumps(heard).encode(), "Content-Type: application/json")


@pytest_asyncio.fixture
async def backend() -> AsyncIterator[Backend]:
    async with in_threads() as backend:
        yield backend


@pytest_asyncio.fixture
async def service(backend: Backend, page: Page) -> AsyncIterator[Service]:
    """What `shop` is a page of."""
    async with opened(backend, backend.cloud.http_url, page) as service:
        yield service


@pytest.fixture
def shop(service: Service, page: Page) -> Page:
    """The page of a tunnel."""
    return page


@contextlib.asynccontextmanager
async def opened(backend: Backend, front_door: str, page: Page) -> AsyncIterator[Service]:
    async with Service(script) as service:
        agent: Agent = backend.agent()
        await agent.open(service.port, "shop")
        await page.goto(f"{front_door.rstrip('/')}/shop/")
        yield service
        await agent.aclose()


def heard_by(service: Service) -> list[str]:
    """The targets that pages have sent something to, in order."""
    return [call.target.decode() for call in service.calls if call.method != "GET"]


async def test_scripts(shop: Page, backend: Backend) -> None:
    digest = hashlib.sha256(DATA).hexdigest()
    wanted = {"body": digest, "size": SIZE, "length": str(SIZE)}

    async def heard(code: str) -> dict[str, object]:
        answer: dict[str, object] = await shop.evaluate(f"async () => {{ {_BYTES} {code} }}")
        return answer

    got = await heard("return (await fetch('/a%20b?c', {method: 'POST', body: data, headers: {'X-Own': '1'}})).json()")
    assert got | wanted | {"target": "/a%20b?c", "type": None, "own": "1"} == got
    got = await heard(
        "const request = new Request('/put', {method: 'PUT', body: new Blob([data], {type: 'image/png'})});"
        "const answer = await fetch(request.clone()); return {...await answer.json(), url: answer.url};"
    )
    assert got | wanted | {"type": "image/png", "target": "/put"} == got
    assert str(got["url"]).endswith("/put")
    got = await heard(
        "const headers = {'Content-Type': 'text/csv'};"
        "return (await fetch('/x', {method: 'POST', body: 'x'.repeat(5e6), headers})).json()"
    )
    assert (got["type"], got["size"]) == ("text/csv", SIZE)
    got = await heard(
        "const xhr = new XMLHttpRequest(); const seen = [];"
        "xhr.open('POST', '/xhr'); xhr.responseType = 'json'; xhr.setRequestHeader('X-Own', '2');"
        "xhr.upload.onprogress = (event) => seen.push(event.total);"
        "const form = new FormData(); form.append('a', 'b'); form.append('file', new Blob([data]), 'ä.bin');"
        "await new Promise((done) => { xhr.onloadend = done; xhr.send(form); });"
        "return {...xhr.response, status: xhr.status, total: seen[0], state: xhr.readyState};"
    )
    assert (got["parts"], got["own"], got["status"], got["state"]) == (2, "2", 200, 4)
    assert str(got["type"]).startswith("multipart/form-data; boundary=")
    assert got["length"] == str(got["size"]) == str(got["total"])
    bill = backend.cloud.bill()
    assert (bill["s3_puts"], bill["s3_gets"]) == (4, 4)


async def test_behind_a_function_url_and_in_a_worker(page: Page) -> None:
    code = f"""onmessage = async () => {{ {_BYTES}
        const sent = fetch(origin + '/a', {{method: 'POST', body: data.buffer}});
        postMessage(await sent.then((answer) => answer.json()).catch(String));
    }}"""
    async with streaming() as backend, opened(backend, backend.cloud.function_url, page):
        got = await page.evaluate(
            """(code) => new Promise((done) => {
                const worker = new Worker(URL.createObjectURL(new Blob([code])));
                worker.onmessage = (event) => done(event.data);
                worker.onerror = (event) => done(event.message ?? "no worker");
                worker.postMessage(0);
            })""",
            code,
        )
    assert (got["body"], got["target"]) == (hashlib.sha256(DATA).hexdigest(), "/a")


async def test_an_upload_is_aborted_before_the_service_hears_of_it(shop: Page, service: Service) -> None:
    events = await shop.evaluate(
        f"""async () => {{ {_BYTES}
        const xhr = new XMLHttpRequest(), seen = [];
        for (const name of ['abort', 'error', 'load', 'loadend']) xhr.addEventListener(name, () => seen.push(name));
        xhr.open('POST', '/xhr');
        xhr.send(data);
        try {{ xhr.send(data) }} catch (error) {{ seen.push(error.name) }}
        xhr.abort();
        const stop = new AbortController();
        const fetched = fetch('/a', {{method: 'POST', body: data, signal: stop.signal}});
        stop.abort();
        await fetched.catch((error) => seen.push(error.name));
        xhr.open('POST', '/again');
        await new Promise((done) => {{ xhr.onload = done; xhr.send('short'); }});
        return [seen, JSON.parse(xhr.response).target];
    }}"""
    )
    assert events == [["InvalidStateError", "abort", "loadend", "AbortError", "load"], "/again"]
    assert heard_by(service) == ["/again"]


async def test_forms(shop: Page, service: Service, backend: Backend, tmp_path: Path) -> None:
    photo = tmp_path / "photo.bin"
    photo.write_bytes(DATA)
    await shop.set_input_files("input[type=file]", photo)
    await shop.click("button[name=how]")
    await shop.wait_for_url("**/shop/form?a=1")
    got = json.loads(await shop.inner_text("body"))
    assert got["type"].startswith("multipart/form-data; boundary=")
    assert (got["target"], got["parts"], got["length"]) == ("/form?a=1", 3, str(got["size"]))
    assert got["end"].rstrip().endswith(got["type"].partition("boundary=")[2] + "--")
    assert 'name="how"\r\n\r\nnow\r\n' in got["end"]
    await shop.go_back()
    await shop.evaluate("document.querySelector('#long textarea').value = 'ö '.repeat(1_500_000)")
    await shop.evaluate("document.querySelector('#other textarea').value = 'x'.repeat(5_000_000)")
    await shop.click("#other button")
    await shop.click("#long button")
    await shop.wait_for_url("**/shop/long")
    got = json.loads(await shop.inner_text("body"))
    assert (got["type"], got["size"]) == ("application/x-www-form-urlencoded", 5 + 1_500_000 * 7)
    assert heard_by(service) == ["/form?a=1", "/long"]  # and nothing of the one that the app keeps to itself
    assert len(backend.cloud.s3.objects) == 2


async def test_without_room_the_gateway_says_why(shop: Page, service: Service, backend: Backend) -> None:
    backend.cloud.s3.cors.rules = []
    asked: list[str] = []
    shop.on("request", lambda request: asked.append(request.url))
    status = await shop.evaluate(
        f"async () => {{ {_BYTES} return (await fetch('/a', {{method: 'POST', body: data}})).status }}"
    )
    assert status == 413
    assert any("/shop/a/__hw/uploads/5000000" in url for url in asked)
    assert heard_by(service) == []

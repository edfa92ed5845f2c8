"""What the inspector and replay make of exchanges that came through AWS: stages, signatures, verdicts."""

from __future__ import annotations

import contextlib
import gzip
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import keyring
import pytest

from app.agent.connection import Endpoint
from app.domain.events import ExchangeRewritten
from app.domain.exchange import Exchange
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.domain.verdict import Verdict
from app.engine.paths import user_paths
from app.engine.workspace import LiveWorkspace, open_workspace
from app.signatures.scheme import Scheme, Signed, State
from app.signatures.stripe import Stripe
from app.signatures.twilio import Twilio
from tests.app.engine.live import Listener, Opened
from tests.app.engine.memory_keyring import MemoryKeyring
from tests.aws.backend import TOKEN, Backend
from tests.aws.threaded import in_threads
from tests.e2e.service import Call, Script, Service

SECRET = "whsec_a_secret_that_nobody_knows"
PAGE = b'<!doctype html><html><head></head><body><a href="/x">x</a>' + b"<p>Words.</p>" * 20_000 + b"</body></html>"
NAVIGATION = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Accept-Encoding": "gzip"}


@dataclass
class Stage:
    backend: Backend
    workspace: LiveWorkspace
    opened: Opened
    service: Service

    async def recorded(self, method: str, path: str, **more: object) -> tuple[httpx.Response, Exchange]:
        count = len(self.opened.finished)
        answer = await self.backend.visitor.request(method, f"/shop{path}", **more)  # type: ignore[arg-type]
        await self.opened.heard.until(lambda: len(self.opened.finished) > count)
        found = await self.workspace.exchange(self.opened.finished[-1].id)
        assert found is not None
        return answer, found


@contextlib.asynccontextmanager
async def staged(script: Script) -> AsyncIterator[Stage]:
    """A workspace whose tunnel `shop` goes through AWS."""
    heard = Listener()
    paths = user_paths()
    async with in_threads() as backend, Service(script) as service:
        endpoint = Endpoint(backend.cloud.ws_url, TOKEN)
        async with open_workspace(paths, remember=False, endpoint=endpoint, listener=heard) as workspace:
            opened = Opened(workspace, heard)
            spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", service.port))
            await workspace.add_tunnel(spec)
            await opened.online(spec)
            yield Stage(backend, workspace, opened, service)


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    ring = MemoryKeyring()
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(ring, name))
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    return ring


async def test_what_was_rewritten_is_made_again_and_proved() -> None:
    async def page(call: Call) -> None:
        await call.answer(gzip.compress(PAGE, 1), "Content-Type: text/html", "Content-Encoding: gzip")

    async with staged(page) as stage:
        answer, exchange = await stage.recorded("GET", "/page", headers=NAVIGATION)
        await stage.opened.heard.until(
            lambda: any(isinstance(event, ExchangeRewritten) for event in stage.opened.heard.events)
        )
        asked, sent, raw, delivered = await stage.workspace.stages(exchange)
        assert (asked.line, sent.line, raw.line) == ("GET /shop/page", "GET /page", "200 OK")
        assert gzip.decompress(raw.body or b"") == PAGE
        assert (delivered.body, delivered.note, delivered.proved) == (answer.content, "", True)
        assert b'href="/shop/x"' in answer.content


@pytest.mark.parametrize("scheme", [Stripe(), Twilio()], ids=["Stripe", "Twilio"])
async def test_a_signed_webhook_is_checked_and_signed_anew(scheme: Scheme) -> None:
    """The signature of one is over the body's bytes, that of the other over the public URL and a form's fields."""
    broken = True

    async def hook(call: Call) -> None:
        signed = Signed(url, tuple(call.headers), await call.read_body())
        is_valid = scheme.check(signed, SECRET, time.time()).state is State.VALID
        seen.append(is_valid)
        await call.answer(b"{}", status="500 Oh" if broken else "200 OK" if is_valid else "400 Bad")

    seen: list[bool] = []
    async with staged(hook) as stage:
        # An API of AWS is reached by https, whatever the emulator speaks.
        url = stage.backend.cloud.http_url.replace("http", "https") + "/shop/hook?a=%2F+1"
        kind, body = "application/x-www-form-urlencoded", b"From=%2B49&Body=Gr%C3%BC%C3%9Fe+%26+more"
        if isinstance(scheme, Stripe):
            kind, body = "application/json; charset=utf-8", '{"id": "evt_1", "name": "Größe\\u0000"}\n'.encode()
        headers = (("Content-Type", kind),)
        (signature,) = scheme.sign(Signed(url, headers, body), SECRET, time.time())
        _, exchange = await stage.recorded("POST", "/hook?a=%2F+1", content=body, headers=[*headers, signature])
        assert seen == [True]
        assert (exchange.status, exchange.request_body.data) == (500, body)
        assert await stage.workspace.signing.set_secret(exchange, SECRET)
        status = await stage.workspace.signing.status(exchange)
        assert status is not None
        assert (status.state, status.arrived) == (State.VALID, State.VALID)
        broken = False
        again = await stage.workspace.replays.send(exchange.id)
        assert (again.status, again.verdict) == (200, Verdict.FIXED)
        assert seen == [True, True]

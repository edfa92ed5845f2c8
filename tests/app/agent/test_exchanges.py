"""What the backend tells about exchanges beside carrying them: reports that come late, and leaks."""

from __future__ import annotations

import asyncio

import pytest

from app.agent import exchanges as module
from app.domain.events import ExchangeFinished, ExchangeRewritten, ExchangeStarted
from app.domain.exchange import Exchange, Rewriting
from app.domain.tunnel import TunnelState
from backend_lambda.protocol.messages import Leak, Report, Response, Superseded
from tests.app.agent.conftest import Run
from tests.app.agent.fake_backend import FakeBackend, Recorder, request
from tests.app.upstream.raw_server import Peer, RawServer, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REPORT = Report("r1", "html", ["L0", "L1"], {"url": 2, "runtime": 1}, ["charset"])
REWRITING = Rewriting("html", ("L0", "L1"), {"url": 2, "runtime": 1}, ("charset",))


def rewritten(published: Recorder) -> list[ExchangeRewritten]:
    return [event for event in published.events if isinstance(event, ExchangeRewritten)]


def started(published: Recorder) -> list[Exchange]:
    return [event.exchange for event in published.events if isinstance(event, ExchangeStarted)]


async def test_a_report_finds_its_exchange_after_the_end(backend: FakeBackend, run: Run, published: Recorder) -> None:
    async with RawServer(answering(OK)) as server:
        runner = run(server.port, backend.where)
        link = await backend.online()
        await link.whole(request(1))
        await link.whole(request(2))
        first, _ = await published.finished(2)
        await link.send(REPORT)
        await published.until(lambda: rewritten(published))
    spec = runner.status.spec
    assert rewritten(published) == [ExchangeRewritten(first.id, spec.id, "shop", REWRITING)]
    kinds = [type(event) for event in published.events]
    assert kinds.index(ExchangeRewritten) > kinds.index(ExchangeFinished)


async def test_a_report_that_comes_early_is_part_of_the_record(
    backend: FakeBackend, run: Run, published: Recorder
) -> None:
    end = asyncio.Event()

    async def slow(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK[:-1])
        await end.wait()
        await peer.send(OK[-1:])
        await peer.gone()

    async with RawServer(slow) as server:
        run(server.port, backend.where)
        link = await backend.online()
        await link.send(request(1))
        await published.until(lambda: started(published))
        await link.send(REPORT)
        await published.until(lambda: rewritten(published))
        end.set()
        (record,) = await published.finished()
    assert record.rewriting == REWRITING
    assert rewritten(published)[0].exchange_id == record.id


async def test_a_report_about_nothing_known_is_dropped(
    backend: FakeBackend, run: Run, published: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 2)
    async with RawServer(answering(OK)) as server:
        run(server.port, backend.where)
        link = await backend.online()
        for number in (1, 2, 3):
            await link.whole(request(number))
        records = await published.finished(3)
        await link.send(Report("never"), Report("r1", "html"), Report("r3", "css"))
        await published.until(lambda: rewritten(published))
    assert [(event.exchange_id, event.rewriting.kind) for event in rewritten(published)] == [(records[2].id, "css")]


async def test_a_request_that_came_without_the_prefix_is_marked(
    backend: FakeBackend, run: Run, published: Recorder
) -> None:
    async with RawServer(answering(OK)) as server:
        run(server.port, backend.where)
        link = await backend.online()
        await link.send(Leak("GET", "/api?x=1", "/cart"))
        for number, target in enumerate(("/api", "/api?x=1", "/api?x=1")):
            await link.whole(request(number, target))
        await published.finished(3)
    assert [(one.target, one.leak) for one in started(published)] == [
        ("/api", None),
        ("/api?x=1", "/cart"),
        ("/api?x=1", None),
    ]


async def test_a_leak_is_remembered_when_the_tunnel_moves(backend: FakeBackend, run: Run, published: Recorder) -> None:
    async with RawServer(answering(OK)) as server:
        run(server.port, backend.where, rotate_every=0.05)
        old = await backend.online()
        await old.send(Leak("GET", "/api", "/cart"))
        new = await backend.online()
        await old.send(Superseded(2))
        await published.state(TunnelState.ONLINE, 2)
        await new.send(request(1, "/api"))
        await new.expect(Response)
        (record,) = await published.finished()
    assert record.leak == "/cart"


async def test_what_overtakes_the_welcome_counts_too(backend: FakeBackend, run: Run, published: Recorder) -> None:
    async with RawServer(answering(OK)) as server:
        run(server.port, backend.where)
        link = await backend.link()
        await link.send(Leak("GET", "/api", "/cart"))
        await link.greet()
        await link.whole(request(1, "/api"))
        (record,) = await published.finished()
    assert record.leak == "/cart"

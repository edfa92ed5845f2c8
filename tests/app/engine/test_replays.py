"""A toy app with a fault switch on a real socket: captured, replayed, judged."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.events import Event, ExchangeFinished
from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.problems import HatchwayError
from app.domain.replay import EditedRequest, ReplayTarget
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.domain.verdict import Verdict
from app.engine.archive import LiveArchive
from app.engine.masks_file import MasksFile
from app.engine.replays import LiveReplays
from app.engine.signing import LiveSigning
from app.filter.filter import parse
from app.history.store import History
from app.interchange.har_import import TUNNEL


class ToyApp:
    """Answers with the time and a number that rises; `broken` makes it fail."""

    def __init__(self) -> None:
        self.broken = False
        self.total = 100
        self.port = 0
        self.heads: list[str] = []
        self._numbers = itertools.count(1)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next((line[15:] for line in head.lower().split("\r\n") if line.startswith("content-length:")), "0")
            await reader.readexactly(int(length))
            self.heads.append(head)
            body: dict[str, object] = {"id": next(self._numbers), "time": time.time(), "total": self.total}
            if self.broken:
                body = {"error": "card_declined"}
            data = json.dumps(body).encode()
            status = "500 Internal Server Error" if self.broken else "200 OK"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n"
                         f"Connection: close\r\n\r\n".encode() + data)  # fmt: skip
            await writer.drain()
        finally:
            writer.close()


@pytest.fixture
async def toy() -> AsyncIterator[ToyApp]:
    toy = ToyApp()
    async with await asyncio.start_server(toy.serve, "127.0.0.1", 0) as server:
        toy.port = server.sockets[0].getsockname()[1]
        yield toy


class Desk:
    """Archive and replays over a real history, without tunnels."""

    def __init__(self, history: History, toy: ToyApp, masks: Path) -> None:
        self.events: list[Event] = []
        self._history = history
        self.archive = LiveArchive(history, {}, self.publish)
        self.spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", toy.port), id="t1", response_timeout=5)
        self.other: TunnelSpec | None = None
        self.replays = LiveReplays(
            self.archive, MasksFile(masks), self.publish, lambda _: self.spec, lambda id_: self.other, LiveSigning()
        )

    def publish(self, event: Event) -> None:
        self.events.append(event)
        self._history.listener(event)

    async def captured(self, status: int, body: object) -> Exchange:
        """What once came through a tunnel."""
        made = Exchange(
            "shop", "t1", "POST", "/pay", self.spec.upstream.origin, status=status, state=ExchangeState.DONE
        )
        made.request_headers = (("Host", self.spec.upstream.authority), ("Content-Length", "4"))
        made.request_body, made.response_body = Body(b"cash"), Body(json.dumps(body).encode())
        made.response_headers = (("Content-Type", "application/json"),)
        made.finished_ns = made.started_ns + 1
        self.publish(ExchangeFinished(made))
        return made


@pytest.fixture
async def desk(tmp_path: Path, toy: ToyApp) -> AsyncIterator[Desk]:
    history, _ = await History.open(tmp_path / "h.db")
    yield Desk(history, toy, tmp_path / "masks.json")
    await history.close()


async def test_fixed_then_regressed(desk: Desk, toy: ToyApp) -> None:
    failed = await desk.captured(500, {"error": "card_declined"})
    toy.broken = True
    assert (await desk.replays.send(failed.id)).verdict is Verdict.STILL_FAILING
    toy.broken = False
    assert (await desk.replays.send(failed.id)).verdict is Verdict.FIXED
    toy.broken = True
    again = await desk.replays.send(failed.id)
    assert again.verdict is Verdict.REGRESSED
    found = await desk.archive.page(9, where=parse("verdict:regressed"))
    assert [(each.id, each.replay_of) for each in found] == [(again.id, failed.id)]
    judgement = await desk.replays.judgement(again.id)
    assert judgement is not None
    assert judgement.explanation == "500, after an attempt that succeeded"


async def test_only_time_and_id_differ(desk: Desk, toy: ToyApp) -> None:
    fine = await desk.captured(200, {"id": 0, "time": time.time() - 600, "total": 100})
    assert (await desk.replays.send(fine.id)).verdict is Verdict.SAME
    toy.total = 99
    assert (await desk.replays.send(fine.id)).verdict is Verdict.CHANGED


async def test_the_users_masks_are_kept_by_route(desk: Desk, toy: ToyApp, tmp_path: Path) -> None:
    fine = await desk.captured(200, {"id": 0, "time": time.time(), "total": 1})
    await desk.replays.choose_mask(fine.id, "$.total", "ignore")
    assert (await desk.replays.send(fine.id)).verdict is Verdict.SAME
    await desk.replays.choose_mask(fine.id, "$.id", "compare")
    again = await desk.replays.send(fine.id)
    assert again.verdict is Verdict.CHANGED
    assert MasksFile(tmp_path / "masks.json").masks(fine) == MasksFile(tmp_path / "masks.json").masks(again)
    await desk.replays.choose_mask(fine.id, "$.id", None)
    judgement = await desk.replays.judgement(again.id)
    assert judgement is not None
    assert judgement.verdict is Verdict.SAME


async def test_a_replay_of_a_replay_belongs_to_the_original(desk: Desk, toy: ToyApp) -> None:
    failed = await desk.captured(500, {})
    first = await desk.replays.send(failed.id)
    second = await desk.replays.send(first.id)
    assert (first.replay_of, second.replay_of) == (failed.id, failed.id)
    assert [each.id for each in await desk.archive.replays_of(failed.id)] == [first.id, second.id]


async def test_it_is_sent_several_times(desk: Desk, toy: ToyApp) -> None:
    fine = await desk.captured(200, {"id": 0, "time": 1.5e9, "total": 100})
    sent = [each.verdict async for each in desk.replays.repeat(fine.id, times=3, delay=0.01)]
    assert sent == [Verdict.SAME] * 3
    with pytest.raises(HatchwayError, match="0 times"):
        await anext(desk.replays.repeat(fine.id, times=0))


async def test_a_series_goes_in_the_order_of_arrival_with_its_pauses(desk: Desk, toy: ToyApp) -> None:
    first, second = await desk.captured(200, {}), await desk.captured(200, {})
    second.started_ns = first.started_ns + 150_000_000
    desk.publish(ExchangeFinished(second))
    for spacing in (False, True):
        sent = [each async for each in desk.replays.series([second.id, first.id], spacing=spacing)]
        assert [each.replay_of for each in sent] == [first.id, second.id]
    assert sent[1].started_ns - sent[0].started_ns >= (second.started_ns - first.started_ns) * 0.9


async def test_a_series_may_have_a_pause_of_its_own_and_another_target(desk: Desk, toy: ToyApp) -> None:
    ids = [(await desk.captured(200, {})).id for _ in range(2)]
    target = ReplayTarget(url=f"localhost:{toy.port}")
    sent = [each async for each in desk.replays.series(ids, spacing=False, delay=0.15, target=target)]
    assert [each.upstream for each in sent] == [f"http://localhost:{toy.port}"] * 2
    assert sent[0].finished_ns is not None
    assert sent[1].started_ns - sent[0].finished_ns >= 0.15e9 * 0.9


async def test_other_targets_get_a_host_of_their_own(desk: Desk, toy: ToyApp) -> None:
    failed = await desk.captured(500, {})
    desk.spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", 1), id="t1")
    desk.other = TunnelSpec("docs", Upstream("http", "127.0.0.1", toy.port), id="t2")
    assert (await desk.replays.send(failed.id, target=ReplayTarget("t2"))).verdict is Verdict.FIXED
    again = await desk.replays.send(failed.id, target=ReplayTarget(url=f"localhost:{toy.port}"))
    assert again.upstream == f"http://localhost:{toy.port}"
    hosts = [line for head in toy.heads for line in head.split("\r\n") if line.startswith("Host:")]
    assert hosts == [f"Host: 127.0.0.1:{toy.port}", f"Host: localhost:{toy.port}"]
    desk.other = None
    for target, code in ((ReplayTarget("t3"), "unknown_tunnel"), (ReplayTarget(url="ftp://x"), "bad_upstream")):
        with pytest.raises(HatchwayError) as caught:
            await desk.replays.send(failed.id, target=target)
        assert caught.value.problem.code == code


async def test_an_edit_is_judged_too_and_a_dead_service_fails(desk: Desk, toy: ToyApp) -> None:
    failed = await desk.captured(500, {})
    edit = EditedRequest("POST", "/pay?retry=1", failed.request_headers, b"more")
    assert (await desk.replays.send(failed.id, edit)).verdict is Verdict.FIXED
    desk.spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", 1), id="t1")
    dead = await desk.replays.send(failed.id)
    assert (dead.state, dead.verdict) == (ExchangeState.FAILED, Verdict.REGRESSED)


async def test_there_is_no_judgement_of_what_is_no_replay(desk: Desk) -> None:
    failed = await desk.captured(500, {})
    assert await desk.replays.judgement(failed.id) is None
    assert await desk.replays.judgement("unknown") is None
    with pytest.raises(HatchwayError, match="no exchange"):
        await desk.replays.send("unknown")


def test_a_broken_file_of_masks_is_as_good_as_none(tmp_path: Path) -> None:
    path = tmp_path / "masks.json"
    path.write_text("[1]")
    exchange = Exchange("shop", "t1", "GET", "/a?b", "http://x")
    masks = MasksFile(path)
    masks.choose(exchange, "$.a", "ignore")
    assert MasksFile(path).masks(Exchange("shop", "t1", "GET", "/a", "http://x")).ignored == {"$.a"}


async def test_what_came_from_a_file_needs_a_target(desk: Desk, toy: ToyApp) -> None:
    imported = Exchange("shop", TUNNEL, "POST", "/pay", "http://somewhere.example", imported=True, status=500)
    imported.request_headers = (("Host", "somewhere.example"),)
    imported.state, imported.finished_ns = ExchangeState.DONE, imported.started_ns + 1
    await desk.archive.add([imported])
    with pytest.raises(HatchwayError) as caught:
        await desk.replays.send(imported.id)
    assert caught.value.problem.code == "target_needed"
    assert toy.heads == []
    again = await desk.replays.send(imported.id, target=ReplayTarget(url=f"127.0.0.1:{toy.port}"))
    assert again.verdict is Verdict.FIXED

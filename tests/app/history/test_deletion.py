from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.domain.events import ExchangeFinished, ExchangeRewritten, ExchangeStarted, FrameSeen
from app.domain.exchange import Body, Delivered, Exchange, ExchangeState, HarFacts, Rewriting, VisitorRequest
from app.domain.frame import Frame
from app.domain.verdict import Verdict
from app.filter.filter import parse
from app.history.pruning import Quotas
from app.history.store import History

Make = Callable[..., Exchange]
Contents = Callable[[Exchange | None], dict[str, Any] | None]


def record(history: History, *exchanges: Exchange) -> None:
    for one in exchanges:
        history.listener(ExchangeFinished(one))


async def test_everything_an_exchange_knows_comes_back(history: History, exchange: Make, contents: Contents) -> None:
    one = exchange(
        relay_ns=5,
        visitor_request=VisitorRequest("POST", "/shop/orders", (("Host", "x"),)),
        delivered=Delivered(200, (("A", "b"),), 7, "ab"),
        frames=2,
        frames_lost=1,
        verdict=Verdict.STILL_FAILING,
        pinned=True,
        note="Größe",
        imported=True,
        har=HarFacts(("HTTP/2", "h3"), "::1", "443", (1, 2, 3, -1), {"wait": 1.5}, {"afterRequest": {"hitCount": 2}}),
    )
    record(history, one)
    assert contents(await history.get(one.id)) == contents(one)


async def test_marks_survive_the_end_of_the_exchange(history: History, exchange: Make) -> None:
    one = exchange(state=ExchangeState.RUNNING)
    history.listener(ExchangeStarted(one))
    await history.annotate([one.id], pinned=True, note="look")
    one.state, one.finished_ns = ExchangeState.DONE, one.started_ns + 1
    record(history, one)
    await history.annotate([one.id], verdict=Verdict.FIXED)
    found = await history.get(one.id)
    assert found is not None
    assert (found.pinned, found.note, found.verdict, found.state) == (True, "look", Verdict.FIXED, ExchangeState.DONE)


async def test_what_was_delivered_is_learnt_later(history: History, exchange: Make) -> None:
    one = exchange()
    record(history, one)
    history.listener(ExchangeRewritten(one.id, "t1", "shop", Rewriting("html"), Delivered(200, (), 3, "ff")))
    assert await history.count() == 1
    history.listener(ExchangeRewritten(one.id, "t1", "shop", Rewriting("css")))
    found = await history.get(one.id)
    assert found is not None
    assert (found.rewriting, found.delivered) == (Rewriting("css"), Delivered(200, (), 3, "ff"))


async def test_frames_are_read_in_order_and_searched(history: History, exchange: Make) -> None:
    one = exchange(kind="websocket", frames=3)
    record(history, one)
    frames = [
        Frame(0, "visitor", "text", 1, b"Hello", 5),
        Frame(1, "upstream", "binary", 2, b"\xff" * 4, 9),
        Frame(2, "upstream", "close", 3, b"bye", 3, 1000),
    ]
    for frame in frames:
        history.listener(FrameSeen(one.id, "t1", frame))
    assert await history.frames(one.id) == frames
    assert await history.frames(one.id, after=0, limit=1) == frames[1:2]
    assert await history.frames(one.id, text="HELLO") == frames[:1]
    assert [each.id for each in await history.page(9, where=parse("ws:hello"))] == [one.id]


async def test_deleted_ones_are_gone_until_they_are_restored(history: History, exchange: Make) -> None:
    one, two, running = exchange(), exchange(replay_of="x"), exchange(state=ExchangeState.RUNNING)
    record(history, one, two)
    history.listener(ExchangeStarted(running))
    assert await history.hide([one.id, two.id, running.id, "unknown"]) == [one.id, two.id]
    assert (await history.get(one.id), await history.count(), await history.replays_of("x")) == (None, 1, [])
    assert await history.hide([one.id]) == []
    assert await history.restore([one.id, "unknown"]) == [one.id]
    assert {each.id for each in await history.page(9)} == {one.id, running.id}


async def test_clearing_spares_pinned_and_running_ones(history: History, exchange: Make) -> None:
    plain, pinned, other = exchange(), exchange(pinned=True), exchange(tunnel_id="t2")
    running = exchange(state=ExchangeState.RUNNING)
    record(history, plain, pinned, other)
    history.listener(ExchangeStarted(running))
    assert await history.hide_all("t1") == [plain.id]
    assert await history.hide_all() == [other.id]
    assert {each.id for each in await history.page(9)} == {pinned.id, running.id}


async def test_what_nobody_takes_back_is_deleted_for_good_with_its_frames(
    history: History, exchange: Make, path: Path
) -> None:
    one, other = exchange(frames=1, body=b"only here"), exchange(frames=1)
    record(history, one, other)
    for each in (one, other):
        history.listener(FrameSeen(each.id, "t1", Frame(0, "visitor", "text", 1, b"x", 1)))
    await history.hide([one.id])
    assert await history.purge() == 0
    assert await history.purge(older_than=-1) == 1
    assert await history.restore([one.id]) == []
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT exchange FROM frames").fetchall() == [(other.id,)]
    assert (b"only here",) not in connection.execute("SELECT data FROM bodies").fetchall()
    connection.close()


async def test_quotas_spare_what_is_pinned(history: History, exchange: Make) -> None:
    old = exchange(started_ns=1, pinned=True)
    record(history, old, exchange(started_ns=2))
    assert await history.prune(Quotas(30, 100).days, 100) == 1
    assert [each.id for each in await history.page(9)] == [old.id]


async def test_imported_exchanges_are_added_at_once(history: History, exchange: Make) -> None:
    many = [exchange(imported=True, request_body=Body(b"same"), target=f"/{number}") for number in range(2500)]
    assert await history.add(many) == [each.id for each in many]
    assert await history.count(where=parse("is:imported")) == 2500
    batches = [len(batch) async for batch in history.batches(where=parse("path:/1*"), size=500)]
    assert sum(batches) == len([each for each in many if each.target.startswith("/1")])
    assert await history.add(many[:1]) == [], "the id is taken"


async def test_completion_knows_what_was_common(history: History, exchange: Make) -> None:
    record(history, exchange(method="GET"), exchange(method="GET"), exchange(method="POST"), exchange(target="/x?y"))
    assert await history.count() == 4
    assert dict(await history.values("method")) == {"GET": 2, "POST": 2}
    assert await history.values("method", "g") == [("GET", 2)]
    assert ("/x", 1) in await history.values("path")
    assert await history.values("type") == [("text/plain", 4)]
    assert await history.values("note") == []


async def test_messages_of_an_exchange_that_never_ended_are_found_and_go_with_it(path: Path, exchange: Make) -> None:
    history, _ = await History.open(path)
    one = exchange(kind="websocket", state=ExchangeState.RUNNING)
    history.listener(ExchangeStarted(one))
    assert await history.count() == 1
    for number in range(3):
        history.listener(FrameSeen(one.id, "t1", Frame(number, "visitor", "text", 1, b"secret", 6)))
    assert [each.id for each in await history.page(9, where=parse("ws:secret"))] == [one.id]
    await history.close()
    again, _ = await History.open(path)
    (found,) = await again.page(9, where=parse("ws:secret has:frames is:failed"))
    assert (found.id, found.frames) == (one.id, 3)
    await again.hide([one.id])
    await again.purge(older_than=-1)
    await again.close()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM frames").fetchone() == (0,)
    connection.close()

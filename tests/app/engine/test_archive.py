"""What the archive adds to the history: what runs, and events for what changes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.domain.events import Event, ExchangesRemoved, ExchangesRestored, FrameSeen
from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.frame import Frame
from app.domain.problems import HatchwayError
from app.engine.archive import LiveArchive
from app.engine.paths import Paths
from app.history.store import History


def exchange(id_: str, **more: object) -> Exchange:
    made = Exchange("shop", "t1", "GET", f"/{id_}", "http://x", id=id_, state=ExchangeState.DONE, **more)  # type: ignore[arg-type]
    made.finished_ns = made.started_ns + 1
    return made


def frame_of(exchange_id: str) -> FrameSeen:
    return FrameSeen(exchange_id, "t1", Frame(0, "visitor", "text", 1, b"hello", 5))


@pytest.fixture
async def history(paths: Paths) -> AsyncIterator[History]:
    history, _ = await History.open(paths.history_file)
    yield history
    await history.close()


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def archive(history: History, events: list[Event]) -> LiveArchive:
    return LiveArchive(history, {}, events.append)


async def test_only_what_could_be_stored_is_published(archive: LiveArchive, events: list[Event]) -> None:
    assert await archive.add([exchange("a")]) == 1
    assert await archive.add([exchange("b"), exchange("a")], [frame_of("a"), frame_of("b")]) == 1
    assert await archive.add([exchange("a")]) == 0
    assert events == [ExchangesRestored(("a",)), ExchangesRestored(("b",))]
    assert archive.dropped == 0, "nothing was captured"
    assert await archive.frames("a") == [], "they were another exchange's"
    assert [frame.data for frame in await archive.frames("b")] == [b"hello"]


@pytest.mark.expect_log("exchange not recorded id=bad")
async def test_what_no_row_can_hold_is_left_out(archive: LiveArchive, events: list[Event]) -> None:
    assert await archive.add([exchange("bad", reason="\udc80"), exchange("good")]) == 1
    assert events == [ExchangesRestored(("good",))]


async def test_an_error_in_the_middle_leaves_nothing_to_be_seen(
    archive: LiveArchive, events: list[Event], history: History
) -> None:
    await history._write(lambda connection: connection.execute("PRAGMA max_page_count = 2000"))  # of 4 kB: a full disk
    many = [exchange(f"x{number:04}", request_body=Body(b"%04d" % number * 1000)) for number in range(2000)]
    with pytest.raises(HatchwayError) as caught:
        await archive.add(many)
    assert caught.value.problem.code == "history_disk_full"
    assert await archive.count() == 0
    assert events == []


async def test_clearing_tells_what_has_gone(archive: LiveArchive, events: list[Event]) -> None:
    await archive.add([exchange("a"), exchange("b", pinned=True)])
    assert await archive.clear() == ["a"]
    assert await archive.clear() == []
    await archive.restore(["a"])
    await archive.restore(["a"])
    assert events[1:] == [ExchangesRemoved(("a",)), ExchangesRestored(("a",))]

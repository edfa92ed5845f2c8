# ruff: noqa: ASYNC240 (a test may wait for its disk)
from __future__ import annotations

import asyncio
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.events import ExchangeFinished, ExchangeResponded, ExchangeRewritten, ExchangeStarted
from app.domain.exchange import Body, Exchange, ExchangeState, Rewriting
from app.domain.problems import HatchwayError, Problem
from app.history import row_writer
from app.history.record import to_row
from app.history.sessions import INTERRUPTED
from app.history.store import History

Make = Callable[..., Exchange]
Contents = Callable[[Exchange | None], dict[str, Any]]

LATIN_1 = st.text(st.characters(max_codepoint=0xFF))
HEADERS = st.lists(st.tuples(LATIN_1, LATIN_1), max_size=8).map(tuple)
NANOSECONDS = st.none() | st.integers(0, 2**62)


def body(data: bytes, lost: int) -> Body:
    return Body(data, size=len(data) + lost)


REWRITINGS = st.builds(
    Rewriting,
    kind=LATIN_1,
    layers=st.lists(LATIN_1, max_size=4).map(tuple),
    edits=st.dictionaries(LATIN_1, st.integers(1, 2**53), max_size=4),
    notes=st.lists(LATIN_1, max_size=4).map(tuple),
)


EXCHANGES = st.builds(
    Exchange,
    tunnel=LATIN_1,
    tunnel_id=LATIN_1,
    method=st.sampled_from(["GET", "POST", "PROPFIND", "m-search"]),
    target=LATIN_1,
    upstream=LATIN_1,
    request_headers=HEADERS,
    kind=st.sampled_from(["http", "websocket"]),
    public_url=st.text(st.characters(exclude_categories=["Cs"])),
    visitor=LATIN_1,
    replay_of=st.none() | LATIN_1,
    request_body=st.builds(body, st.binary(), st.integers(0, 2**40)),
    status=st.none() | st.integers(100, 999),
    reason=LATIN_1,
    response_headers=HEADERS,
    response_body=st.builds(body, st.binary(), st.integers(0, 2**40)),
    state=st.sampled_from([ExchangeState.DONE, ExchangeState.FAILED, ExchangeState.CANCELLED]),
    problem=st.none() | st.builds(Problem, LATIN_1, LATIN_1, st.sampled_from(["relay", "you"]), LATIN_1),
    started_ns=st.integers(0, 2**62),
    sent_ns=NANOSECONDS,
    first_byte_ns=NANOSECONDS,
    finished_ns=NANOSECONDS,
    leak=st.none() | LATIN_1,
    rewriting=st.none() | REWRITINGS,
)


def run(history: History, *exchanges: Exchange) -> None:
    for one in exchanges:
        history.listener(ExchangeStarted(one))
        history.listener(ExchangeResponded(one))
        history.listener(ExchangeFinished(one))


def ids(exchanges: list[Exchange]) -> list[str]:
    return [one.id for one in exchanges]


def rows(path: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EXCHANGES, min_size=1, max_size=10))
def test_everything_in_an_exchange_comes_back_byte_exact(
    tmp_path: Path, contents: Contents, exchanges: list[Exchange]
) -> None:
    async def scenario() -> None:
        history, problem = await History.open(tmp_path / "history.db")
        assert problem is None
        run(history, *exchanges)
        assert [contents(await history.get(one.id)) for one in exchanges] == [contents(one) for one in exchanges]
        assert history.dropped == 0
        await history.close()

    asyncio.run(scenario())


async def test_bodies_captured_in_pieces_and_cut_come_back(history: History, exchange: Make) -> None:
    captured = Body(limit=10)
    for _ in range(5):
        captured.append(bytes([0, 255, 10, 13]))
    one = exchange(response_body=captured)
    run(history, one)
    stored = await history.get(one.id)
    assert stored is not None
    assert stored.response_body.data == bytes([0, 255, 10, 13, 0, 255, 10, 13, 0, 255])
    assert stored.response_body.size == 20
    assert stored.response_body.truncated


async def test_an_exchange_that_starts_and_ends_in_one_interval_is_one_insert(
    history: History, exchange: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Exchange] = []

    def counted(exchange: Exchange, *args: Any, **names: Any) -> Any:
        written.append(exchange)
        return to_row(exchange, *args, **names)

    monkeypatch.setattr(row_writer, "to_row", counted)
    monkeypatch.setattr(row_writer, "to_running_row", lambda *args: pytest.fail("written before it was over"))
    run(history, exchange())
    assert await history.count() == 1
    assert len(written) == 1


async def test_a_running_exchange_is_there_and_completed_later(
    history: History, exchange: Make, contents: Contents
) -> None:
    one = exchange(state=ExchangeState.RUNNING, status=None, reason="", response_headers=(), body=b"")
    history.listener(ExchangeStarted(one))
    stored = await history.get(one.id)
    assert stored is not None
    assert (stored.state, stored.status, stored.finished_ns) == (ExchangeState.RUNNING, None, None)

    one.status, one.reason, one.response_headers = 502, "Bad Gateway", (("A", "b"),)
    history.listener(ExchangeResponded(one))
    stored = await history.get(one.id)
    assert stored is not None
    assert (stored.state, stored.status, stored.response_headers) == (ExchangeState.RUNNING, 502, (("A", "b"),))

    one.response_body.append(b"late")
    one.state, one.finished_ns = ExchangeState.FAILED, time.time_ns()
    one.problem = Problem("upstream_closed", "The service hung up", "your service", "Look at its log.")
    history.listener(ExchangeFinished(one))
    assert contents(await history.get(one.id)) == contents(one)
    assert await history.count() == 1


REWRITING = Rewriting("html", ("L0", "L1"), {"url": 2}, ("charset",))


def tell(history: History, exchange: Exchange) -> None:
    history.listener(ExchangeRewritten(exchange.id, exchange.tunnel_id, exchange.tunnel, REWRITING))


@pytest.mark.parametrize("written_before", [True, False], ids=["another transaction", "the same transaction"])
async def test_what_rewriting_did_is_added_after_the_end(
    history: History, exchange: Make, contents: Contents, written_before: bool
) -> None:
    one, other = exchange(leak="/cart"), exchange()
    run(history, one, other)
    if written_before:
        assert await history.count() == 2
    tell(history, one)
    stored = await history.get(one.id)
    assert stored is not None
    assert (stored.rewriting, stored.leak) == (REWRITING, "/cart")
    one.rewriting = REWRITING
    assert contents(stored) == contents(one)
    assert [(each.rewriting, each.leak) for each in await history.page(2)] == [(None, None), (REWRITING, "/cart")]


async def test_what_rewriting_did_survives_a_restart_and_the_end_of_its_exchange(path: Path, exchange: Make) -> None:
    running = exchange(state=ExchangeState.RUNNING, finished_ns=None)
    history, _ = await History.open(path)
    history.listener(ExchangeStarted(running))
    running.rewriting = REWRITING  # as the agent does it while an exchange runs
    tell(history, running)
    assert await history.count() == 1
    running.state, running.finished_ns = ExchangeState.DONE, running.started_ns + 1
    history.listener(ExchangeFinished(running))
    await history.close()
    again, _ = await History.open(path)
    stored = await again.last()
    await again.close()
    assert stored is not None
    assert (stored.state, stored.rewriting) == (ExchangeState.DONE, REWRITING)


async def test_a_report_about_an_exchange_that_is_gone_changes_nothing(history: History, exchange: Make) -> None:
    run(history, exchange())
    tell(history, exchange())
    assert [each.rewriting for each in await history.page(5)] == [None]


async def test_recent_is_newest_first_and_pages_back(history: History, exchange: Make) -> None:
    made = [exchange(started_ns=1000 + index // 2, tunnel_id=f"t{index % 2}") for index in range(10)]
    run(history, *made)
    newest = ids(made)[::-1]
    assert ids(await history.page(100)) == newest
    assert ids(await history.page(3)) == newest[:3]
    assert ids(await history.page(3, before=newest[2])) == newest[3:6]
    assert ids(await history.page(100, before=newest[-1])) == []
    assert ids(await history.page(100, before="unknown")) == []
    assert ids(await history.page(2, tunnel_id="t1")) == [newest[0], newest[2]]
    assert ids(await history.page(9, tunnel_id="t1", before=newest[2])) == [newest[4], newest[6], newest[8]]
    assert await history.count("t1") == 5


async def test_paging_uses_the_indexes(history: History, path: Path) -> None:
    for index, where in {
        "exchanges_newest": "(started_ns, seq) < (1, 1)",
        "exchanges_newest_of_tunnel": "tunnel_id = 'a' AND (started_ns, seq) < (1, 1)",
        "exchanges_replays": "replay_of = 'a'",
    }.items():
        order = "" if "replay_of" in where else "ORDER BY started_ns DESC, seq DESC LIMIT 5"
        plan = rows(path, f"EXPLAIN QUERY PLAN SELECT * FROM exchanges WHERE {where} {order}")
        assert [index in step[3] for step in plan] == [True], plan


async def test_the_list_knows_sizes_but_carries_no_bodies(history: History, exchange: Make) -> None:
    run(history, exchange(body=b"x" * 5000))
    (listed,) = await history.page(1)
    assert (listed.response_body.size, listed.response_body.kept, listed.response_body.data) == (5000, 0, b"")
    assert listed.request_body.size == 8


async def test_last_is_the_newest_with_bodies(history: History, exchange: Make) -> None:
    assert await history.last() is None
    run(history, exchange(started_ns=2, body=b"newest"), exchange(started_ns=1))
    newest = await history.last()
    assert newest is not None
    assert newest.response_body.data == b"newest"
    assert await history.get("unknown") is None


async def test_equal_bodies_are_stored_once(history: History, exchange: Make, path: Path) -> None:
    run(history, *[exchange(body=b"x" * 2000, request_body=Body(b"x" * 2000)) for _ in range(3)])
    await history.count()
    run(history, exchange(body=b"x" * 2000, request_body=Body(b"")))
    assert [one.response_body.size for one in await history.page(9)] == [2000] * 4
    assert rows(path, "SELECT count(*), sum(length(data)) FROM bodies") == [(1, 2000)]


async def test_deleting_one_tunnel_leaves_the_others_and_shared_bodies(
    history: History, exchange: Make, path: Path
) -> None:
    mine, other = exchange(tunnel_id="t1", body=b"shared"), exchange(tunnel_id="t2", body=b"shared")
    run(history, mine, exchange(tunnel_id="t1", body=b"only mine"), other)
    await history.hide_all("t1")
    assert await history.purge(older_than=-1) == 2
    assert ids(await history.page(9)) == [other.id]
    stored = await history.get(other.id)
    assert stored is not None
    assert stored.response_body.data == b"shared"
    assert rows(path, "SELECT data FROM bodies ORDER BY id") == [(b"question",), (b"shared",)]


async def test_what_is_deleted_for_good_leaves_no_trace_in_the_files(
    history: History, exchange: Make, path: Path
) -> None:
    secret = b"correct horse battery staple"
    run(history, *[exchange(body=secret * 100 + bytes([index])) for index in range(50)])
    run(history, exchange(state=ExchangeState.DONE, target="/?token=" + secret.decode().replace(" ", "")))
    assert await history.count() == 51
    await history.hide_all()
    assert await history.purge(older_than=-1) == 51
    assert await history.count() == 0
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert secret not in content, file.name
        assert secret.replace(b" ", b"") not in content, file.name


async def test_close_writes_what_waits_and_may_be_called_again(path: Path, exchange: Make, contents: Contents) -> None:
    history, _ = await History.open(path)
    one, unfinished = exchange(), exchange(state=ExchangeState.RUNNING)
    history.listener(ExchangeStarted(unfinished))
    history.listener(ExchangeFinished(one))
    await asyncio.gather(history.close(), history.close())
    await history.close()
    assert not path.with_name("history.db-wal").exists()
    assert rows(path, "SELECT count(*) FROM sessions") == [(0,)]
    with pytest.raises(HatchwayError, match="closed"):
        await history.page(1)
    with pytest.raises(HatchwayError, match="closed"):
        await history.hide_all()

    again, problem = await History.open(path)
    assert problem is None
    assert contents(await again.get(one.id)) == contents(one)
    cut = await again.get(unfinished.id)
    assert cut is not None
    assert (cut.state, cut.problem) == (ExchangeState.FAILED, INTERRUPTED)
    await again.close()


async def test_the_files_are_private(history: History, exchange: Make, path: Path) -> None:
    run(history, exchange())
    await history.count()
    modes = {file.name: oct(stat.S_IMODE(file.stat().st_mode)) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(["history.db", "history.db-wal", "history.db-shm"], "0o600")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_an_older_file_that_others_could_read_becomes_private(path: Path) -> None:
    path.parent.mkdir()
    path.touch(mode=0o644)
    path.chmod(0o644)
    history, _ = await History.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await history.close()


async def test_pruning_by_age_and_by_size(history: History, exchange: Make, path: Path) -> None:
    now, day = time.time_ns(), 86_400 * 10**9
    old = [exchange(started_ns=now - 8 * day + index) for index in range(450)]
    new = [exchange(started_ns=now - day + index, body=index.to_bytes(4, "big") * 5000) for index in range(300)]
    running = exchange(started_ns=now - 30 * day, state=ExchangeState.RUNNING)
    history.listener(ExchangeStarted(running))
    run(history, *old, *new)
    assert await history.count() == 751

    assert await history.prune(7, 1024) == 450
    assert ids(await history.page(1000)) == [*ids(new)[::-1], running.id]

    deleted = await history.prune(7, 3)
    kept = await history.page(1000)
    assert ids(kept) == [*ids(new[deleted:])[::-1], running.id]
    assert 60 <= len(kept) < 200
    await history.close()
    assert path.stat().st_size <= 3 * 2**20
    assert path.stat().st_size > 2 * 2**20, "it deletes no more than needed"
    assert rows(path, "SELECT count(*) FROM bodies") == [(len(kept),)], "one question shared, one answer each"


async def test_quotas_given_at_open_are_applied_at_once(path: Path, exchange: Make) -> None:
    history, _ = await History.open(path)
    run(history, exchange(started_ns=1), exchange())
    await history.close()
    history, _ = await History.open(path, days=1, megabytes=10)
    for _ in range(100):
        if await history.count() == 1:
            break
        await asyncio.sleep(0.02)
    assert await history.count() == 1
    await history.close()


async def test_reads_see_what_was_delivered_just_before(history: History, exchange: Make) -> None:
    for expected in range(1, 300):
        run(history, exchange())
        assert await history.count() == expected

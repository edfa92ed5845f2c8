"""Several processes with one history file, some of which die."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app.domain.events import ExchangeFinished, ExchangeStarted
from app.domain.exchange import Exchange, ExchangeState
from app.history import schema, sessions
from app.history.store import History

Make = Callable[..., Exchange]

ROOT = Path(__file__).resolve().parents[3]

# Prints one line "<id> <time>" for each exchange as soon as the history has heard of it.
RECORD = """
import asyncio, sys, time
from pathlib import Path
from app.domain.events import ExchangeFinished, ExchangeStarted
from app.domain.exchange import Body, Exchange, ExchangeState
from app.history.store import History

async def main(path, count):
    history, problem = await History.open(Path(path))
    assert problem is None, problem
    running = Exchange("shop", "t1", "GET", "/stream", "http://localhost:3000")
    history.listener(ExchangeStarted(running))
    print(running.id, time.time(), flush=True)
    for index in range(int(count)):
        one = Exchange("shop", "t1", "POST", f"/{index}", "http://localhost:3000", id=f"{running.id}-{index}")
        history.listener(ExchangeStarted(one))
        one.request_body = Body(b"question %d" % index)
        one.response_body = Body(b"answer" * 100)
        one.status, one.state, one.finished_ns = 200, ExchangeState.DONE, time.time_ns()
        history.listener(ExchangeFinished(one))
        print(one.id, time.time(), flush=True)
        await asyncio.sleep(0.002)
    assert await history.count() > 0
    print("done", history.dropped, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    running.state, running.finished_ns = ExchangeState.DONE, time.time_ns()
    history.listener(ExchangeFinished(running))
    await history.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def start(path: Path, count: int) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", RECORD, str(path), str(count), cwd=ROOT, stdin=PIPE, stdout=PIPE
    )


async def lines(process: Process, *, until: float) -> list[tuple[str, float]]:
    """The (id, time) lines of the process, to its "done" or for so many seconds."""
    assert process.stdout is not None
    found: list[tuple[str, float]] = []
    end = time.monotonic() + until
    while time.monotonic() < end and (line := (await process.stdout.readline()).decode()):
        word, number = line.split()
        if word == "done":
            assert number == "0", "nothing may be dropped here"
            break
        found.append((word, float(number)))
    return found


async def test_killing_the_process_loses_less_than_a_second(path: Path) -> None:
    process = await start(path, 10_000)
    printed = await lines(process, until=2.5)
    process.kill()
    await process.communicate()
    killed = time.time()
    assert len(printed) > 100

    history, problem = await History.open(path)
    assert problem is None
    stored = {one.id: one for one in await history.page(100_000)}
    missing = [(id_, at) for id_, at in printed if id_ not in stored]
    assert all(killed - at < 1 for _, at in missing), missing
    streaming = stored.pop(printed[0][0])
    assert streaming.state is ExchangeState.FAILED
    assert streaming.problem == sessions.INTERRUPTED
    assert {one.state for one in stored.values()} <= {ExchangeState.DONE, ExchangeState.FAILED}
    whole = await history.get(printed[1][0])
    assert whole is not None
    assert (whole.request_body.data, whole.response_body.data) == (b"question 0", b"answer" * 100)
    await history.close()


async def test_processes_write_at_once_and_leave_each_others_running_exchanges_alone(
    path: Path, exchange: Make
) -> None:
    processes = [await start(path, 200) for _ in range(2)]
    history, problem = await History.open(path)
    assert problem is None
    for _ in range(200):
        history.listener(ExchangeFinished(exchange(body=b"answer" * 100)))
        await asyncio.sleep(0.002)
    printed = await asyncio.gather(*(lines(process, until=20) for process in processes))
    assert await history.count() == 3 * 200 + 2
    assert history.dropped == 0

    another, _ = await History.open(path)  # every opening looks for the dead
    streams = [ids[0][0] for ids in printed]
    for id_ in streams:
        stored = await another.get(id_)
        assert stored is not None
        assert stored.state is ExchangeState.RUNNING
    await another.close()

    for process in processes:
        await process.communicate(b"\n")
        assert process.returncode == 0
    for id_ in streams:
        stored = await history.get(id_)
        assert stored is not None
        assert stored.state is ExchangeState.DONE
    await history.close()
    connection = sqlite3.connect(path)
    assert connection.execute(
        "SELECT count(*) FROM bodies WHERE substr(data, 1, 6) = CAST('answer' AS BLOB)"
    ).fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_processes_that_begin_the_file_together_all_get_it(path: Path) -> None:
    processes = [await start(path, 1) for _ in range(4)]
    for process in processes:
        assert len(await lines(process, until=20)) == 2
        await process.communicate(b"\n")
        assert process.returncode == 0
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM exchanges").fetchone() == (8,)
    connection.close()
    assert list(path.parent.glob("*corrupt*")) == []


async def test_a_process_number_used_again_is_not_the_old_process(path: Path, exchange: Make) -> None:
    history, _ = await History.open(path)
    running = exchange(state=ExchangeState.RUNNING)
    history.listener(ExchangeStarted(running))
    assert await history.count() == 1
    connection = schema.connect(path)
    assert sessions.end_dead(connection) == 0
    connection.execute("UPDATE sessions SET process_started = process_started - 3600")
    assert sessions.end_dead(connection) == 1
    stored = await history.get(running.id)
    assert stored is not None
    assert stored.state is ExchangeState.FAILED

    # The guess was wrong, the owner lives: its own end of the story wins.
    running.state, running.finished_ns = ExchangeState.DONE, time.time_ns()
    history.listener(ExchangeFinished(running))
    stored = await history.get(running.id)
    assert stored is not None
    assert (stored.state, stored.problem) == (ExchangeState.DONE, None)
    connection.close()
    await history.close()


def test_a_process_that_hides_its_start_counts_as_alive(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    connection = schema.connect(path)
    schema.migrate(connection)
    sessions.register(connection)

    def refuse(_: int) -> psutil.Process:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "Process", refuse)
    assert sessions.end_dead(connection) == 0
    connection.close()

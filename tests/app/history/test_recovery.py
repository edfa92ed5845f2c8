# ruff: noqa: ASYNC240 (a test may wait for its disk)
from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.events import ExchangeFinished
from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.history import recovery, schema
from app.history.store import History

Make = Callable[..., Exchange]


def aside(path: Path) -> list[Path]:
    return sorted(path.parent.glob("history.db.corrupt-*"))


async def fill(path: Path, exchange: Make, count: int = 200) -> None:
    history, problem = await History.open(path)
    assert problem is None
    for index in range(count):
        history.listener(ExchangeFinished(exchange(body=bytes([index]) * 3000)))
    await history.close()


async def works(history: History, exchange: Make) -> bool:
    before = await history.count()
    history.listener(ExchangeFinished(exchange()))
    return await history.count() == before + 1


@pytest.mark.parametrize("content", [b"not a database, just some text " * 100, b"SQLite format 3\0" + b"\xff" * 5000])
async def test_a_file_that_is_no_database_is_kept_aside(path: Path, exchange: Make, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    history, problem = await History.open(path)
    assert problem is not None
    assert problem.code == "history_set_aside"
    (kept,) = aside(path)
    assert str(kept) in problem.hint
    assert kept.read_bytes() == content
    assert await works(history, exchange)
    await history.close()


async def test_the_files_beside_a_corrupt_one_go_with_it(path: Path) -> None:
    path.parent.mkdir()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).write_bytes(b"corrupt" + suffix.encode())
    history, problem = await History.open(path)
    assert problem is not None
    kept = aside(path)
    assert [file.read_bytes() for file in kept] == [b"corrupt", b"corrupt-shm", b"corrupt-wal"]
    assert [file.name for file in kept] == [f"{kept[0].name}{suffix}" for suffix in ("", "-shm", "-wal")]
    await history.close()


@pytest.mark.parametrize("empty", [True, False], ids=["empty file", "no file"])
async def test_nothing_is_no_problem(path: Path, exchange: Make, empty: bool) -> None:
    if empty:
        path.parent.mkdir()
        path.touch()
    history, problem = await History.open(path)
    assert problem is None
    assert await works(history, exchange)
    await history.close()


async def test_a_database_damaged_in_the_middle_is_kept_aside(path: Path, exchange: Make) -> None:
    await fill(path, exchange)
    damaged = bytearray(path.read_bytes())
    for page in range(10, 40):
        damaged[page * 4096 : page * 4096 + 8] = os.urandom(8)
    path.write_bytes(damaged)
    history, problem = await History.open(path)
    assert problem is not None
    assert problem.code == "history_set_aside"
    assert aside(path)[0].stat().st_size == len(damaged)
    assert await history.count() == 0
    assert await works(history, exchange)
    await history.close()


async def test_a_file_of_a_newer_version_is_kept_aside(path: Path, exchange: Make) -> None:
    await fill(path, exchange, 3)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    connection.close()
    history, problem = await History.open(path)
    assert problem is not None
    assert "a newer Hatchway wrote it" in problem.hint
    (kept,) = aside(path)
    connection = sqlite3.connect(kept)
    assert connection.execute("SELECT count(*) FROM exchanges").fetchone() == (3,)
    connection.close()
    assert await works(history, exchange)
    await history.close()


async def test_the_database_of_another_program_is_kept_aside(path: Path, exchange: Make) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    history, problem = await History.open(path)
    assert problem is not None
    assert "another program wrote it" in problem.hint
    assert await works(history, exchange)
    await history.close()


async def test_two_corrupt_files_in_one_second_are_both_kept(path: Path) -> None:
    path.parent.mkdir()
    for content in (b"a" * 200, b"b" * 200):
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        history, _ = await History.open(path)
        await history.close()
    assert sorted(file.read_bytes() for file in aside(path)) == [b"a" * 200, b"b" * 200]


async def test_a_new_file_that_another_process_has_begun_meanwhile_is_not_kept_aside(
    path: Path, exchange: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"corrupt" * 100)
    open_ = recovery._open
    calls = 0

    def slow_open(path: Path) -> tuple[sqlite3.Connection, int]:
        nonlocal calls
        calls += 1
        try:
            return open_(path)
        except recovery._Unusable:
            path.rename(path.with_name("moved by the other process"))
            connection, _ = open_(path)
            connection.close()
            raise

    monkeypatch.setattr(recovery, "_open", slow_open)
    history, problem = await History.open(path)
    assert problem is None
    assert calls == 2
    assert aside(path) == []
    assert await works(history, exchange)
    await history.close()


async def test_a_place_that_cannot_be_used_gives_a_temporary_history(tmp_path: Path, exchange: Make) -> None:
    (tmp_path / "file").write_text("")
    history, problem = await History.open(tmp_path / "file" / "history.db")
    assert problem is not None
    assert problem.code == "history_temporary"
    assert await works(history, exchange)
    directory = history.path.parent
    assert directory.is_dir()
    await history.close()
    assert not directory.exists()


async def test_no_place_at_all_raises_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(HatchwayError) as caught:
        await History.open(tmp_path / "file" / "history.db")
    assert caught.value.problem.code == "history_unusable"

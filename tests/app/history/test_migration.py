"""Files that earlier versions wrote are opened, and nothing in them is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.events import ExchangeFinished
from app.domain.exchange import Exchange, ExchangeState
from app.filter.filter import parse
from app.history import schema
from app.history.store import History
from tests.app.history.recordings import HIDDEN, RUNNING, recordings

OLD_FILES = sorted((Path(__file__).parent / "old_files").glob("version_*.sql"))


@pytest.fixture(params=OLD_FILES, ids=[file.stem for file in OLD_FILES])
def version(request: pytest.FixtureRequest, path: Path) -> int:
    """Of the file that is there now."""
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript(request.param.read_text(encoding="utf-8"))
    found = schema.version(connection)
    connection.close()
    assert request.param.stem == f"version_{found}"
    return found


async def test_nothing_is_lost(
    version: int, path: Path, contents: Callable[[Exchange | None], dict[str, Any] | None]
) -> None:
    history, problem = await History.open(path)
    assert problem is None
    for expected in recordings(version):
        assert contents(await history.get(expected.id)) == contents(expected)
    cut = await history.get(RUNNING)
    assert cut is not None
    assert (cut.state, cut.problem and cut.problem.code) == (ExchangeState.FAILED, "interrupted")
    assert await history.count() == len(recordings(version)) + 1
    if version >= 3:
        assert [frame.data for frame in await history.frames("000000000009")] == [b"one", b"two"]
        assert await history.restore([HIDDEN]) == [HIDDEN]
    await history.close()
    connection = sqlite3.connect(path)
    assert schema.version(connection) == len(schema.MIGRATIONS)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


async def test_it_goes_on_as_a_new_file_does(version: int, path: Path, exchange: Callable[..., Exchange]) -> None:
    history, _ = await History.open(path)
    new = exchange(started_ns=1_900_000_000_000_000_000, body=b"<p>Gr\xc3\xbc\xc3\x9fe</p>\x00\xff")
    history.listener(ExchangeFinished(new))
    assert [each.id for each in await history.page(1)] == [new.id]
    found = await history.page(99, where=parse("body:Grüße"))
    assert len(found) == 1 + sum(b"Gr" in each.response_body.data for each in recordings(version))
    await history.annotate([found[-1].id], pinned=True, note="kept")
    hidden = await history.hide_all()
    assert await history.purge(older_than=-1) == len(hidden) + (version >= 3), "one was hidden before"
    assert {each.id for each in await history.page(99)} >= {found[-1].id}
    await history.close()
    fresh = sqlite3.connect(":memory:")
    schema.migrate(fresh)
    migrated = sqlite3.connect(path)
    for table in ("exchanges", "bodies", "frames", "sessions", "usage"):
        told = f"SELECT name, type, [notnull], dflt_value FROM pragma_table_info('{table}') ORDER BY cid"
        assert migrated.execute(told).fetchall() == fresh.execute(told).fetchall()
    migrated.close()
    fresh.close()

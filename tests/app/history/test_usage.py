from __future__ import annotations

import asyncio
import sqlite3
from datetime import date
from pathlib import Path

from app.domain.usage import Usage, UsageOfDay
from app.history.store import History

DAY = date(2026, 11, 26)


def of(requests: int, day: date = DAY, tunnel_id: str = "t1", tunnel: str = "shop") -> UsageOfDay:
    return UsageOfDay(tunnel_id, tunnel, day, Usage(requests=requests, write_units=2 * requests))


async def test_days_add_up_and_survive_a_restart(history: History, path: Path) -> None:
    await history.add_usage([of(3), of(1, date(2026, 11, 25))])
    await history.add_usage([of(4), of(9, tunnel_id="t2", tunnel="docs")])
    await history.close()
    again, _ = await History.open(path)
    assert await again.usage_since(DAY) == [of(7), of(9, tunnel_id="t2", tunnel="docs")]
    assert len(await again.usage_since(date(2026, 11, 1))) == 3
    await again.close()


async def test_processes_add_to_the_same_day(history: History, path: Path) -> None:
    other, _ = await History.open(path)
    await asyncio.gather(*(each.add_usage([of(1)]) for _ in range(10) for each in (history, other)))
    await other.close()
    assert await history.usage_since(DAY) == [of(20)]


async def test_a_tunnel_has_the_name_of_its_newest_use(history: History) -> None:
    await history.add_usage([of(1)])
    await history.add_usage([of(1, tunnel="store")])
    assert await history.usage_since(DAY) == [of(2, tunnel="store")]


async def test_what_is_older_than_a_year_is_forgotten(history: History) -> None:
    await history.add_usage([of(1, date(2025, 10, 1)), of(2, date(2025, 12, 1))])
    await history.add_usage([of(3)])
    assert [row.usage.requests for row in await history.usage_since(date(2020, 1, 1))] == [2, 3]


async def test_a_damaged_row_counts_as_nothing(history: History, path: Path) -> None:
    await history.add_usage([of(1), of(2, tunnel_id="t2"), of(3, tunnel_id="t3")])
    connection = sqlite3.connect(path)
    connection.execute("UPDATE usage SET counters = '[1' WHERE tunnel_id = 't1'")
    connection.execute("""UPDATE usage SET counters = '{"requests":-1,"new":2,"reads":4}' WHERE tunnel_id = 't2'""")
    connection.commit()
    connection.close()
    await history.add_usage([of(5)])
    assert [row.usage for row in await history.usage_since(DAY)] == [
        Usage(requests=5, write_units=10), Usage(reads=4), Usage(requests=3, write_units=6)
    ]  # fmt: skip

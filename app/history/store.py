"""`History`: every exchange of this user, recorded beside the traffic and never in its way."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from datetime import date
from pathlib import Path
from typing import TypeVar

from app.domain.events import Event, FrameSeen
from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.domain.problems import Problem, fail
from app.domain.usage import UsageOfDay
from app.domain.verdict import Verdict
from app.filter.filter import Filter
from app.history import deletion, usage
from app.history.deletion import UNDO_SECONDS
from app.history.inbox import Inbox
from app.history.pruning import Quotas
from app.history.reader import Readers
from app.history.recovery import OpenedFile, open_file
from app.history.writer import Writer

T = TypeVar("T")

_SETTLE_SECONDS = 1.0


class History:
    """Use it on one event loop. Several processes may have the same file open at the same time.

    Reads see every event that this process delivered before, unless the disk is so slow that this takes over a second.
    """

    def __init__(self, opened: OpenedFile, inbox: Inbox, writer: Writer) -> None:
        self._opened = opened
        self._inbox = inbox
        self._writer = writer
        self._readers = Readers(opened.path)
        self._closed: asyncio.Future[None] | None = None

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        days: int | None = None,
        megabytes: int | None = None,
        on_problem: Callable[[Problem], None] | None = None,
    ) -> tuple[History, Problem | None]:
        """Open the file or begin it; the problem, if any, tells that an old file was kept aside.

        days, megabytes: quotas, applied now and every ten minutes if both are given
        on_problem: called on the loop when recording begins to fail (disk full …), once per kind in ten minutes
        Raises HatchwayError `history_unusable` if neither the file nor a temporary one can be opened.
        """
        loop = asyncio.get_running_loop()
        opened = await asyncio.to_thread(open_file, path)

        def report(problem: Problem) -> None:
            if on_problem is not None:
                with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
                    loop.call_soon_threadsafe(on_problem, problem)

        inbox = Inbox()
        quotas = None if days is None or megabytes is None else Quotas(days, megabytes)
        writer = Writer(opened.connection, opened.session, inbox, quotas=quotas, report=report)
        return cls(opened, inbox, writer), opened.problem

    @property
    def path(self) -> Path:
        """The file in use; a temporary one if the wanted one could not be used."""
        return self._opened.path

    @property
    def dropped(self) -> int:
        """How many finished exchanges and frames were not recorded, because of overload or errors."""
        return self._inbox.refused + self._writer.failed

    def listener(self, event: Event) -> None:
        """Subscribe this to the events: it only enqueues, never waits and never raises."""
        self._inbox.offer(event)

    async def page(
        self, limit: int, *, tunnel_id: str | None = None, before: str | None = None, where: Filter | None = None
    ) -> list[Exchange]:
        """Newest first. Bodies know their size only (kept = 0): use `get` for their bytes.

        before: id of an exchange to page back from; if it is gone, so is what is older, and the list is empty
        """
        await self._settle()
        return await self._readers.page(limit, tunnel_id=tunnel_id, before=before, where=where)

    async def get(self, exchange_id: str) -> Exchange | None:
        """One exchange with its bodies; those of a running one are empty as yet."""
        await self._settle()
        return await self._readers.get(exchange_id)

    async def last(self) -> Exchange | None:
        """The newest exchange, with its bodies."""
        await self._settle()
        return await self._readers.last()

    async def count(self, tunnel_id: str | None = None, where: Filter | None = None) -> int:
        """How many exchanges are recorded."""
        await self._settle()
        return await self._readers.count(tunnel_id, where)

    async def replays_of(self, exchange_id: str) -> list[Exchange]:
        """Oldest first, without bodies."""
        await self._settle()
        return await self._readers.replays_of(exchange_id)

    async def frames(self, exchange_id: str, *, after: int = -1, limit: int = 1000, text: str = "") -> list[Frame]:
        """In order, from the one after number `after`; text: only those that contain it (A to Z in any case)."""
        await self._settle()
        return await self._readers.frames(exchange_id, after, limit, text)

    async def values(
        self, field: str, prefix: str = "", *, limit: int = 20, tunnel_id: str | None = None
    ) -> list[tuple[str, int]]:
        """The commonest values of a field of the filter language that begin like this, with their counts."""
        self._require_open()
        return await self._readers.values(field, prefix, limit, tunnel_id)

    async def batches(
        self, *, tunnel_id: str | None = None, where: Filter | None = None, size: int = 2000
    ) -> AsyncIterator[list[Exchange]]:
        """All that match, oldest first, with their bodies: for exports, which must not hold everything at once."""
        await self._settle()
        after = ""
        while batch := await self._readers.batch(size, after=after, tunnel_id=tunnel_id, where=where):
            after = batch[-1].id
            yield batch

    async def annotate(
        self,
        exchange_ids: Sequence[str],
        *,
        pinned: bool | None = None,
        note: str | None = None,
        verdict: Verdict | None = None,
    ) -> None:
        """Set what is given. Raises HatchwayError."""
        await self._write(
            lambda connection: deletion.annotate(connection, exchange_ids, pinned=pinned, note=note, verdict=verdict)
        )

    async def hide(self, exchange_ids: Sequence[str]) -> list[str]:
        """Delete so that `restore` can take it back for ten minutes; returns the ids of those that were there."""
        return await self._write(lambda connection: deletion.hide(connection, exchange_ids))

    async def hide_all(self, tunnel_id: str | None = None) -> list[str]:
        """`hide` for all exchanges of a tunnel (or all) that are over and not pinned; returns their ids."""
        return await self._write(lambda connection: deletion.hide_all(connection, tunnel_id))

    async def restore(self, exchange_ids: Sequence[str]) -> list[str]:
        """Take a deletion back; returns the ids of those that were still there."""
        return await self._write(lambda connection: deletion.restore(connection, exchange_ids))

    async def add(self, exchanges: Sequence[Exchange], frames: Sequence[FrameSeen] = ()) -> list[str]:
        """Record finished exchanges now, however many; returns the ids of those that could be.

        Raises HatchwayError; then nobody sees any of them.
        """
        self._require_open()
        return await asyncio.wrap_future(self._writer.submit(lambda: self._writer.add(exchanges, frames)))

    async def add_usage(self, rows: Sequence[UsageOfDay]) -> None:
        """Count what tunnels have used of an AWS account. Raises HatchwayError."""
        await self._write(lambda connection: usage.add(connection, rows))

    async def usage_since(self, day: date) -> list[UsageOfDay]:
        """What tunnels have used from that day on, oldest first. Raises HatchwayError."""
        self._require_open()
        return await self._readers.usage_since(day)

    async def prune(self, days: int, megabytes: int) -> int:
        """Set the quotas and apply them now; returns how many exchanges were deleted. Raises HatchwayError."""
        self._require_open()
        return await asyncio.wrap_future(self._writer.submit(lambda: self._writer.prune(Quotas(days, megabytes))))

    async def purge(self, older_than: float = UNDO_SECONDS) -> int:
        """Delete for good what was hidden so many seconds ago, as happens every ten minutes; returns how many."""
        self._require_open()
        return await asyncio.wrap_future(self._writer.submit(lambda: self._writer.purge(older_than)))

    async def close(self) -> None:
        """Write what waits and end; later events are dropped. May be called again."""
        if self._closed is None:
            self._closed = asyncio.get_running_loop().create_future()
            self._inbox.closed = True
            try:
                await self._readers.close()
                await asyncio.wrap_future(self._writer.submit(self._writer.close))
                if self._opened.temporary is not None:
                    await asyncio.to_thread(shutil.rmtree, self._opened.temporary, ignore_errors=True)
            finally:
                self._closed.set_result(None)
        await asyncio.shield(self._closed)

    async def _write(self, action: Callable[[sqlite3.Connection], T]) -> T:
        self._require_open()
        return await asyncio.wrap_future(self._writer.submit(lambda: self._writer.run(action)))

    async def _settle(self) -> None:
        self._require_open()
        if self._inbox.idle:
            return
        written: Future[None] = self._writer.submit(lambda: None)
        done, _ = await asyncio.wait([asyncio.wrap_future(written)], timeout=_SETTLE_SECONDS)
        for future in done:
            future.result()

    def _require_open(self) -> None:
        if self._closed is not None:
            raise fail("history_closed", "The history is closed already", "Hatchway")

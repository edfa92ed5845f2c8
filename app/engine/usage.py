"""What the tunnels of this computer have used of AWS accounts: counted in memory, written every few seconds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Final

from app.domain.events import UsageChanged
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.domain.usage import Usage, UsageOfDay, UsageReport
from app.history.store import History

_WRITE_SECONDS: Final = 10.0
_MONTH_DAYS: Final = 30

_log = logging.getLogger(__name__)


class UsageBook:
    """By tunnel and day. today: this computer's calendar"""

    def __init__(
        self, history: History, *, write_seconds: float = _WRITE_SECONDS, today: Callable[[], date] = date.today
    ) -> None:
        self._history = history
        self._write_seconds = write_seconds
        self._today = today
        self._names: dict[str, str] = {}
        self._days: dict[str, dict[date, Usage]] = {}
        self._since_start: dict[str, Usage] = {}
        self._unwritten: dict[tuple[str, date], Usage] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        """Read what was used before. A history that cannot be read has told so already."""
        with contextlib.suppress(HatchwayError):
            for row in await self._history.usage_since(self._today() - timedelta(days=_MONTH_DAYS - 1)):
                self._names[row.tunnel_id] = row.tunnel
                self._days.setdefault(row.tunnel_id, {}).setdefault(row.day, Usage()).add(row.usage)

    def add(self, event: UsageChanged) -> None:
        """Only counts, and returns at once."""
        tunnel_id, today = event.tunnel_id, self._today()
        self._names[tunnel_id] = event.tunnel
        self._days.setdefault(tunnel_id, {}).setdefault(today, Usage()).add(event.spent)
        self._since_start.setdefault(tunnel_id, Usage()).add(event.spent)
        self._unwritten.setdefault((tunnel_id, today), Usage()).add(event.spent)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._write_seconds, self._write_now)

    def report(self, tunnel_id: str) -> UsageReport:
        """Of one tunnel; empty if it was never on AWS."""
        return self._report([tunnel_id])

    def report_of(self, name: str) -> UsageReport:
        """Of all tunnels that had this name at last: one-off tunnels have another id at every start."""
        return self._report([tunnel_id for tunnel_id, known in self._names.items() if known == name])

    async def close(self) -> None:
        """Write the rest; what is counted later is lost."""
        if self._timer is not None:
            self._timer.cancel()
        await self._write()

    def _report(self, tunnel_ids: Iterable[str]) -> UsageReport:
        report, today = UsageReport(), self._today()
        first = today - timedelta(days=_MONTH_DAYS - 1)
        for tunnel_id in tunnel_ids:
            for day, usage in self._days.get(tunnel_id, {}).items():
                if day == today:
                    report.today.add(usage)
                if day >= first:
                    report.month.add(usage)
            report.start.add(self._since_start.get(tunnel_id, Usage()))
        return report

    def _write_now(self) -> None:
        self._timer = None
        spawn(self._write(), name="write usage")

    async def _write(self) -> None:
        async with self._writing:
            unwritten, self._unwritten = self._unwritten, {}
            if not unwritten:
                return
            rows = [UsageOfDay(id_, self._names[id_], day, usage) for (id_, day), usage in unwritten.items()]
            try:
                await self._history.add_usage(rows)
            except HatchwayError as error:
                # It is tried again with what comes next.
                _log.warning("usage not written code=%s", error.problem.code)
                for key, usage in unwritten.items():
                    self._unwritten.setdefault(key, Usage()).add(usage)

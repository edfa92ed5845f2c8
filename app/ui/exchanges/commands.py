"""Sending the shown request, or the selected ones, again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.domain.problems import HatchwayError, Problem
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.ui.exchanges.detail.replay_selection import SeriesPlan
from app.viewmodels.exchange_cells import verdict_text
from app.viewmodels.exchange_detail import ExchangeDetail


class ExchangeCommands(QObject):
    """Acts on the exchange that the detail shows; does nothing if there is none.

    `replaying` holds the ids of originals whose replay the user waits for.
    """

    replay_failed = Signal(Problem)
    status_message = Signal(str)

    def __init__(self, workspace: Workspace, detail: ExchangeDetail, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._detail = detail
        self.replaying: set[str] = set()
        self._single: asyncio.Task[None] | None = None
        self._series: asyncio.Task[None] | None = None

    def replay(self) -> None:
        """Send the captured request again; pressing the key twice while it runs sends it once."""
        exchange = self._detail.exchange
        if exchange is not None and exchange.id not in self.replaying:
            self.replaying.add(exchange.id)
            self._single = spawn(self._send_again(exchange.id), name=f"replay {exchange.id}")

    def replay_all(self, exchange_ids: Sequence[str], *, spacing: bool) -> None:
        """Send the selected requests again in the order in which they came; one alone as `replay` does."""
        if len(exchange_ids) < 2:
            self.replay()
        else:
            self.replay_series(exchange_ids, SeriesPlan(spacing))

    def replay_series(self, exchange_ids: Sequence[str], plan: SeriesPlan) -> None:
        """Send the requests again as it is planned, unless others are on their way."""
        if self._series is None or self._series.done():
            self._series = spawn(self._send_all(exchange_ids, plan), name="replay selection")

    def stop(self) -> None:
        """Cancel what runs of `replay` and `replay_all`."""
        tasks = [task for task in (self._series, self._single) if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        self.status_message.emit(self.tr("Replays stopped.") if tasks else self.tr("No replay runs."))

    async def _send_again(self, exchange_id: str) -> None:
        try:
            again = await self._workspace.replay(exchange_id)
            if again.verdict is not None:
                self.status_message.emit(self.tr("Replayed: {0}").format(verdict_text(again.verdict)))
        except HatchwayError as error:
            self.replay_failed.emit(error.problem)
            self.status_message.emit(str(error.problem))
        finally:
            self.replaying.discard(exchange_id)

    async def _send_all(self, exchange_ids: Sequence[str], plan: SeriesPlan) -> None:
        verdicts: Counter[str] = Counter()
        answers = self._workspace.replays.series(
            exchange_ids, spacing=plan.spacing, delay=plan.delay, target=plan.target, resign=plan.resign
        )
        try:
            async for again in answers:
                verdicts[verdict_text(again.verdict) or self.tr("no verdict")] += 1
                told = ", ".join(f"{count} × {verdict}" for verdict, count in verdicts.items())
                self.status_message.emit(
                    self.tr("Replayed {0} of {1}: {2}").format(verdicts.total(), len(exchange_ids), told)
                )
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))

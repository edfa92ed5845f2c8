"""Replays of a `FakeWorkspace`: sent by it, judged by the real rules."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Literal

from app.domain.exchange import Exchange
from app.domain.replay import EditedRequest, ReplayTarget
from app.replay.comparison import Masks
from app.replay.judgement import Judgement, judge
from app.replay.repair import Repair, find_repair
from tests.app.fake_archive import FakeArchive

Send = Callable[[str, EditedRequest | None], Awaitable[Exchange]]


class FakeReplays:
    """targets: where the replays were to go, as they came; resigned: which were to be signed anew"""

    def __init__(self, archive: FakeArchive, send: Send) -> None:
        self._archive = archive
        self._send = send
        self._ignored: set[str] = set()
        self.targets: list[ReplayTarget | None] = []
        self.resigned: list[bool] = []
        self.delays: list[float] = []
        self.spacings: list[bool] = []

    async def send(
        self,
        exchange_id: str,
        edit: EditedRequest | None = None,
        *,
        target: ReplayTarget | None = None,
        verify_tls: bool | None = None,
        response_timeout: float | None = None,
        resign: bool = True,
    ) -> Exchange:
        self.targets.append(target)
        self.resigned.append(resign)
        return await self._send(exchange_id, edit)

    async def repeat(
        self,
        exchange_id: str,
        edit: EditedRequest | None = None,
        *,
        times: int,
        delay: float = 0.0,
        target: ReplayTarget | None = None,
        resign: bool = True,
    ) -> AsyncIterator[Exchange]:
        self.delays.append(delay)
        for _ in range(times):
            yield await self.send(exchange_id, edit, target=target, resign=resign)

    async def series(
        self,
        exchange_ids: Sequence[str],
        *,
        spacing: bool,
        delay: float = 0.0,
        target: ReplayTarget | None = None,
        resign: bool = True,
    ) -> AsyncIterator[Exchange]:
        self.spacings.append(spacing)
        self.delays.append(delay)
        for exchange_id in sorted(exchange_ids):
            yield await self.send(exchange_id, target=target, resign=resign)

    async def judgement(self, exchange_id: str) -> Judgement | None:
        again = self._archive.exchanges[exchange_id]
        original = self._archive.exchanges.get(again.replay_of or "")
        return None if original is None else judge(original, again, (), Masks(ignored=frozenset(self._ignored)))

    async def repair(self, exchange_id: str) -> Repair | None:
        attempts = [each for each in self._archive.exchanges.values() if each.replay_of == exchange_id]
        attempts.sort(key=lambda each: each.started_ns)
        original = self._archive.exchanges[exchange_id]
        return find_repair(original, attempts, Masks(ignored=frozenset(self._ignored)))

    async def choose_mask(self, exchange_id: str, place: str, choice: Literal["ignore", "compare"] | None) -> None:
        (self._ignored.add if choice == "ignore" else self._ignored.discard)(place)

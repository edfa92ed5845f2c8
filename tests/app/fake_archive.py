"""An in-memory `Archive` over the exchanges of a `FakeWorkspace`: the same answers as the real one, no files."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from app.domain.events import Event, ExchangeAnnotated, ExchangesRemoved, ExchangesRestored, FrameSeen
from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.domain.problems import HatchwayError
from app.domain.verdict import Verdict
from app.filter.filter import EVERYTHING, Filter
from app.filter.match import TEXTS


class FakeArchive:
    """error: raised when exchanges are read; gate: awaited before a filtered page is answered, if set"""

    def __init__(self, exchanges: dict[str, Exchange], publish: Callable[[Event], None]) -> None:
        self.exchanges = exchanges
        self.deleted: dict[str, Exchange] = {}
        self.stored_frames: dict[str, list[Frame]] = {}
        self.error: HatchwayError | None = None
        self.gate: asyncio.Event | None = None
        self.dropped = 0
        self._publish = publish

    async def page(
        self, limit: int, *, tunnel_id: str | None = None, before: str | None = None, where: Filter | None = None
    ) -> Sequence[Exchange]:
        await asyncio.sleep(0)
        if where is not None and self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        found = [exchange for exchange in self._matching(tunnel_id, where) if before is None or exchange.id < before]
        return [_outline(exchange) for exchange in found[:limit]]

    async def count(self, *, tunnel_id: str | None = None, where: Filter | None = None) -> int:
        return len(self._matching(tunnel_id, where))

    async def get(self, exchange_id: str) -> Exchange | None:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return self.exchanges.get(exchange_id)

    async def replays_of(self, exchange_id: str) -> Sequence[Exchange]:
        return [each for each in sorted(self.exchanges.values(), key=_id) if each.replay_of == exchange_id]

    async def frames(self, exchange_id: str, *, after: int = -1, limit: int = 1000, text: str = "") -> Sequence[Frame]:
        needle = text.lower().encode()
        frames = self.stored_frames.get(exchange_id, [])
        return [frame for frame in frames if frame.number > after and needle in frame.data.lower()][:limit]

    async def values(
        self, field: str, prefix: str = "", *, limit: int = 20, tunnel_id: str | None = None
    ) -> Sequence[tuple[str, int]]:
        if field not in TEXTS:
            return []
        counts = Counter(TEXTS[field](exchange) for exchange in self._matching(tunnel_id, None))
        return [(value, count) for value, count in counts.most_common() if value.lower().startswith(prefix)][:limit]

    async def batches(
        self, *, tunnel_id: str | None = None, where: Filter | None = None
    ) -> AsyncIterator[Sequence[Exchange]]:
        yield self._matching(tunnel_id, where)[::-1]

    async def annotate(
        self,
        exchange_ids: Sequence[str],
        *,
        pinned: bool | None = None,
        note: str | None = None,
        verdict: Verdict | None = None,
    ) -> None:
        for exchange_id in exchange_ids:
            exchange = self.exchanges[exchange_id]
            exchange.pinned = exchange.pinned if pinned is None else pinned
            exchange.note = exchange.note if note is None else note
            exchange.verdict = exchange.verdict if verdict is None else verdict
            self._publish(ExchangeAnnotated(exchange_id, pinned, note, verdict))

    async def delete(self, exchange_ids: Sequence[str]) -> Sequence[str]:
        there = [id_ for id_ in exchange_ids if id_ in self.exchanges and self.exchanges[id_].finished_ns is not None]
        for exchange_id in there:
            self.deleted[exchange_id] = self.exchanges.pop(exchange_id)
        self._publish(ExchangesRemoved(tuple(there)))
        return there

    async def clear(self, tunnel_id: str | None = None) -> Sequence[str]:
        return await self.delete([each.id for each in self._matching(tunnel_id, None) if not each.pinned])

    async def restore(self, exchange_ids: Sequence[str]) -> None:
        for exchange_id in exchange_ids:
            self.exchanges[exchange_id] = self.deleted.pop(exchange_id)
        self._publish(ExchangesRestored(tuple(exchange_ids)))

    async def add(self, exchanges: Sequence[Exchange], frames: Sequence[FrameSeen] = ()) -> int:
        for seen in frames:
            self.stored_frames.setdefault(seen.exchange_id, []).append(seen.frame)
        self.exchanges.update((exchange.id, exchange) for exchange in exchanges)
        self._publish(ExchangesRestored(tuple(exchange.id for exchange in exchanges)))
        return len(exchanges)

    def _matching(self, tunnel_id: str | None, where: Filter | None) -> list[Exchange]:
        wanted = where or EVERYTHING
        newest = sorted(self.exchanges.values(), key=_id, reverse=True)
        return [each for each in newest if tunnel_id in (None, each.tunnel_id) and wanted.matches(each)]


def _id(exchange: Exchange) -> str:
    return exchange.id


def _outline(exchange: Exchange) -> Exchange:
    if exchange.finished_ns is None:
        return exchange
    return replace(
        exchange, request_body=exchange.request_body.outline(), response_body=exchange.response_body.outline()
    )

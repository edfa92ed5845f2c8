"""The recorded exchanges for the faces: the history, and what is still running."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from app.domain.events import Event, ExchangeAnnotated, ExchangesRemoved, ExchangesRestored, FrameSeen
from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.domain.verdict import Verdict
from app.domain.webhook import SignatureCheck, unchecked
from app.filter.filter import Filter
from app.history.store import History


class LiveArchive:
    """Implements `app.engine.archive_api.Archive`.

    live: exchanges in flight, by id; publish: delivers events to everyone, the history too; check: of signatures
    """

    def __init__(
        self,
        history: History,
        live: Mapping[str, Exchange],
        publish: Callable[[Event], None],
        check: SignatureCheck = unchecked,
    ) -> None:
        self._history = history
        self._live = live
        self._publish = publish
        self._check = check

    @property
    def dropped(self) -> int:
        return self._history.dropped

    async def page(
        self, limit: int, *, tunnel_id: str | None = None, before: str | None = None, where: Filter | None = None
    ) -> Sequence[Exchange]:
        recorded = await self._history.page(limit, tunnel_id=tunnel_id, before=before, where=self._checking(where))
        # A live one knows more than its row: its bodies, and what happened in the last moments.
        return [self._live.get(exchange.id, exchange) for exchange in recorded]

    async def count(self, *, tunnel_id: str | None = None, where: Filter | None = None) -> int:
        return await self._history.count(tunnel_id, self._checking(where))

    async def get(self, exchange_id: str) -> Exchange | None:
        live = self._live.get(exchange_id)
        return live if live is not None else await self._history.get(exchange_id)

    async def last(self) -> Exchange | None:
        """The newest recorded exchange, with its bodies."""
        return await self._history.last()

    async def replays_of(self, exchange_id: str) -> Sequence[Exchange]:
        return await self._history.replays_of(exchange_id)

    async def frames(self, exchange_id: str, *, after: int = -1, limit: int = 1000, text: str = "") -> Sequence[Frame]:
        return await self._history.frames(exchange_id, after=after, limit=limit, text=text)

    async def values(
        self, field: str, prefix: str = "", *, limit: int = 20, tunnel_id: str | None = None
    ) -> Sequence[tuple[str, int]]:
        return await self._history.values(field, prefix, limit=limit, tunnel_id=tunnel_id)

    def batches(
        self, *, tunnel_id: str | None = None, where: Filter | None = None
    ) -> AsyncIterator[Sequence[Exchange]]:
        return self._history.batches(tunnel_id=tunnel_id, where=self._checking(where))

    async def annotate(
        self,
        exchange_ids: Sequence[str],
        *,
        pinned: bool | None = None,
        note: str | None = None,
        verdict: Verdict | None = None,
    ) -> None:
        for exchange_id in exchange_ids:
            if (live := self._live.get(exchange_id)) is not None:
                live.pinned = live.pinned if pinned is None else pinned
                live.note = live.note if note is None else note
        await self._history.annotate(exchange_ids, pinned=pinned, note=note, verdict=verdict)
        for exchange_id in exchange_ids:
            self._publish(ExchangeAnnotated(exchange_id, pinned, note, verdict))

    async def delete(self, exchange_ids: Sequence[str]) -> Sequence[str]:
        hidden = await self._history.hide(exchange_ids)
        if hidden:
            self._publish(ExchangesRemoved(tuple(hidden)))
        return hidden

    async def clear(self, tunnel_id: str | None = None) -> Sequence[str]:
        hidden = await self._history.hide_all(tunnel_id)
        if hidden:
            self._publish(ExchangesRemoved(tuple(hidden)))
        return hidden

    async def restore(self, exchange_ids: Sequence[str]) -> None:
        restored = await self._history.restore(exchange_ids)
        if restored:
            self._publish(ExchangesRestored(tuple(restored)))

    async def add(self, exchanges: Sequence[Exchange], frames: Sequence[FrameSeen] = ()) -> int:
        added = await self._history.add(exchanges, frames)
        if added:
            self._publish(ExchangesRestored(tuple(added)))
        return len(added)

    def _checking(self, where: Filter | None) -> Filter | None:
        return None if where is None else where.checking(self._check)

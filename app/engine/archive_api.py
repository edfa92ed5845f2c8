"""The seam to the recorded exchanges: pages, search, frames, marks, deletion. `app.engine.archive` implements it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.filter.filter import Filter


class Archive(Protocol):
    """All methods run on the event loop and read in threads. Raise HatchwayError if the file cannot be used."""

    @property
    def dropped(self) -> int:
        """How many captures (exchanges and frames) overload or errors have cost since the start."""
        ...

    async def page(
        self, limit: int, *, tunnel_id: str | None = None, before: str | None = None, where: Filter | None = None
    ) -> Sequence[Exchange]:
        """Newest first, without bodies; `before` is an exchange id to page back from."""
        ...

    async def count(self, *, tunnel_id: str | None = None, where: Filter | None = None) -> int: ...

    async def get(self, exchange_id: str) -> Exchange | None:
        """With its bodies: the live one while it runs."""
        ...

    async def replays_of(self, exchange_id: str) -> Sequence[Exchange]:
        """Oldest first, without bodies."""
        ...

    async def frames(self, exchange_id: str, *, after: int = -1, limit: int = 1000, text: str = "") -> Sequence[Frame]:
        """In order, from the one after number `after`; text: only those that contain it (any case)."""
        ...

    async def values(
        self, field: str, prefix: str = "", *, limit: int = 20, tunnel_id: str | None = None
    ) -> Sequence[tuple[str, int]]:
        """The commonest values of a field of the filter language that begin like this, with their counts."""
        ...

    async def annotate(
        self, exchange_ids: Sequence[str], *, pinned: bool | None = None, note: str | None = None
    ) -> None:
        """Pinned exchanges are not deleted by quotas. Published as ExchangeAnnotated."""
        ...

    async def delete(self, exchange_ids: Sequence[str]) -> None:
        """Hide them now and delete them for good after a while. Published as ExchangesRemoved."""
        ...

    async def clear(self, tunnel_id: str | None = None) -> Sequence[str]:
        """`delete` for all exchanges of a tunnel (or all) that are over and not pinned; returns their ids."""
        ...

    async def restore(self, exchange_ids: Sequence[str]) -> None:
        """Undo a deletion. Published as ExchangesRestored."""
        ...

    async def add(self, exchanges: Sequence[Exchange]) -> None:
        """Record imported exchanges with their bodies; published as ExchangeFinished."""
        ...

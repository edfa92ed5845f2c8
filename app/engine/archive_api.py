"""The seam to the recorded exchanges: pages, search, frames, marks, deletion. `app.engine.archive` implements it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from app.domain.events import FrameSeen
from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.domain.verdict import Verdict
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

    def batches(
        self, *, tunnel_id: str | None = None, where: Filter | None = None
    ) -> AsyncIterator[Sequence[Exchange]]:
        """All that match, oldest first, with their bodies, some hundred at a time."""
        ...

    async def annotate(
        self,
        exchange_ids: Sequence[str],
        *,
        pinned: bool | None = None,
        note: str | None = None,
        verdict: Verdict | None = None,
    ) -> None:
        """Set what is given. Quotas and `clear` spare what is pinned. Published as ExchangeAnnotated."""
        ...

    async def delete(self, exchange_ids: Sequence[str]) -> Sequence[str]:
        """Hide those that are over, and delete them for good ten minutes later; returns their ids.

        Published as ExchangesRemoved.
        """
        ...

    async def clear(self, tunnel_id: str | None = None) -> Sequence[str]:
        """`delete` for all exchanges of a tunnel (or all) that are over and not pinned; returns their ids."""
        ...

    async def restore(self, exchange_ids: Sequence[str]) -> None:
        """Undo a deletion. Published as ExchangesRestored."""
        ...

    async def add(self, exchanges: Sequence[Exchange], frames: Sequence[FrameSeen] = ()) -> int:
        """Record finished exchanges that came from elsewhere, with their messages; returns how many could be.

        Published as ExchangesRestored.
        """
        ...

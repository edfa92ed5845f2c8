"""Recorded exchanges into HAR files and out of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from app.domain.events import FrameSeen
from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.engine.archive_api import Archive
from app.filter.filter import Filter, of_tree
from app.filter.tree import Equals, Or, Term
from app.interchange.har_file import HarFile
from app.interchange.har_import import read_har
from app.redaction.redactor import Redactor

_QUICK = 5_000
"""Exchanges: in larger exports fewer secrets are looked for without their names, and only after they were named."""


async def export_har(
    archive: Archive, path: Path, *, tunnel_id: str | None = None, where: Filter | None = None, redact: bool = True
) -> int:
    """Write what matches, oldest first; returns how many. Raises HatchwayError; the file is there whole or not at all.

    redact: secrets become placeholders
    """
    count = await archive.count(tunnel_id=tunnel_id, where=where)
    redactor = Redactor(remembered=2_000 if count <= _QUICK else 20) if redact else None
    if redactor is not None and count <= _QUICK:
        # A secret may stand somewhere long before a request names it: find all names first.
        async for batch in archive.batches(tunnel_id=tunnel_id, where=where):
            await asyncio.to_thread(_learn, redactor, batch)
    file = await asyncio.to_thread(HarFile, path, redactor)
    with file:
        async for batch in archive.batches(tunnel_id=tunnel_id, where=where):
            with_frames = [(exchange, await _frames(archive, exchange)) for exchange in batch]
            await asyncio.to_thread(file.add, with_frames)
        await asyncio.to_thread(file.commit)
    return file.count


async def secrets_in(
    archive: Archive, *, tunnel_id: str | None = None, where: Filter | None = None
) -> tuple[int, dict[str, int]]:
    """How many requests match, and which kinds of secrets the newest 5000 of them hold, and how many of each.

    Raises HatchwayError.
    """
    count = await archive.count(tunnel_id=tunnel_id, where=where)
    redactor, looked_at = Redactor(), 0
    async for batch in archive.batches(tunnel_id=tunnel_id, where=where):
        # The newest come last; older ones of a large history are not worth minutes.
        late = batch[max(0, count - _QUICK - looked_at) :]
        looked_at += len(batch)
        await asyncio.to_thread(_learn, redactor, late)
    return count, redactor.found


async def import_har(archive: Archive, path: Path) -> int:
    """Record all exchanges of the file; returns how many. Raises HatchwayError; then none of them is recorded."""
    read = await asyncio.to_thread(read_har, path)
    added = await archive.add([exchange for exchange, _ in read], _seen(read))
    return added


def those(exchange_ids: Sequence[str]) -> Filter:
    """The filter that only these pass."""
    terms = tuple(Term("id", Equals(exchange_id)) for exchange_id in exchange_ids)
    return of_tree(Or(terms), " OR ".join(f"id:{exchange_id}" for exchange_id in exchange_ids))


def _learn(redactor: Redactor, exchanges: Sequence[Exchange]) -> None:
    for exchange in exchanges:
        redactor.exchange(exchange)


async def _frames(archive: Archive, exchange: Exchange) -> Sequence[Frame]:
    return await archive.frames(exchange.id, limit=exchange.frames) if exchange.frames else ()


def _seen(read: Sequence[tuple[Exchange, Sequence[Frame]]]) -> list[FrameSeen]:
    return [FrameSeen(exchange.id, exchange.tunnel_id, frame) for exchange, frames in read for frame in frames]

"""Bodies that go by the store of blobs: a visitor's on its way to the agent, an agent's on its way to the visitor.

What a reply lies under is derived from the id of its request, which is random and known to one agent only: no answer
can name another body. That an answer claims a body which nobody has put there is a broken protocol like any other.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing

from backend_lambda.core.model import BodyReader, Elsewhere, ResponseCut
from backend_lambda.core.ports import BlobFailed, BlobLinks, BlobStore
from backend_lambda.protocol.messages import Blob
from backend_lambda.rewrite.codings import BrokenCoding
from backend_lambda.rewrite.policy import ResponsePlan

_PIECE = 256 * 1024


class BlobBodies:
    """One instance serves everything."""

    def __init__(self, store: BlobStore, links: BlobLinks) -> None:
        self._store = store
        self._links = links

    def reply_url(self, request_id: str) -> str:
        """Where the agent may put the body of its answer."""
        return self._links.to_put(_reply_key(request_id))

    def part_url(self, request_id: str, number: int) -> str:
        """Where it may put the piece of that number of an answer that streams."""
        return self._links.to_put(_reply_key(request_id, number))

    def part(self, request_id: str, number: int, blob: Blob) -> AsyncGenerator[bytes, None]:
        """That piece. Raises ResponseCut."""
        return self._pieces(_reply_key(request_id, number), blob)

    async def keep(self, body: BodyReader) -> Blob:
        """Store a visitor's body for the agent. Raises BlobFailed, VisitorGone."""
        key = _request_key(secrets.token_hex(16))
        size = await self._store.put(key, _read(body))
        return Blob(size, url=self._links.to_get(key))

    def room(self, size: int) -> tuple[str, str]:
        """For an upload that a page brings there itself: its id, and where to put exactly so many bytes."""
        id_ = secrets.token_hex(16)
        return id_, self._links.to_put(_request_key(id_), size)

    def uploaded(self, id_: str, size: int) -> Blob:
        """That upload, for the agent; whether it is there and as large as the page says, the agent finds out."""
        return Blob(size, url=self._links.to_get(_request_key(id_)))

    def elsewhere(self, request_id: str, blob: Blob) -> Elsewhere | None:
        """Where a visitor can get an answer's body; None if there it is not as it should be."""
        key = _reply_key(request_id)
        return None if blob.deflated else Elsewhere(blob.size, lambda headers: self._links.to_get(key, headers))

    async def body(
        self, request_id: str, blob: Blob, plan: ResponsePlan, done: Callable[[], None]
    ) -> AsyncGenerator[bytes, None]:
        """The body as the visitor gets it. The first piece is empty and comes when the plan's head is decided; of a
        body that passes as it is, nothing has been fetched then.

        done: called at the end. Raises ResponseCut.
        """
        async with aclosing(self._pieces(_reply_key(request_id), blob)) as pieces:
            try:
                early: list[bytes] = []
                is_over = False
                while not plan.is_decided:
                    piece = await anext(pieces, b"")
                    is_over = not piece
                    early += plan.feed(piece) if piece else plan.close()
                yield b""
                for out in early:
                    yield out
                async for piece in pieces:
                    for out in plan.feed(piece):
                        yield out
                if not is_over:
                    for out in plan.close():
                        yield out
                done()
            except BrokenCoding as error:
                raise ResponseCut("upstream_invalid") from error

    async def _pieces(self, key: str, blob: Blob) -> AsyncGenerator[bytes, None]:
        """Exactly what was announced, inflated; no piece is empty. Raises ResponseCut."""
        inflater = zlib.decompressobj() if blob.deflated else None
        left = blob.size
        try:
            async with aclosing(self._store.get(key)) as stored:
                async for data in stored:
                    for piece in (data,) if inflater is None else _inflated(inflater, data):
                        left -= len(piece)
                        if left < 0:
                            raise ResponseCut("agent_protocol")
                        if piece:
                            yield piece
        except BlobFailed as error:
            raise ResponseCut("blob_failed") from error
        except (KeyError, zlib.error) as error:
            raise ResponseCut("agent_protocol") from error
        if left or (inflater is not None and not inflater.eof):
            raise ResponseCut("agent_protocol")


def _request_key(id_: str) -> str:
    return f"q/{id_}"


def _reply_key(request_id: str, number: int = 0) -> str:
    return f"r/{request_id}/{number}" if number else f"r/{request_id}"


async def _read(body: BodyReader) -> AsyncIterator[bytes]:
    while piece := await body.read():
        yield piece


def _inflated(inflater: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """In pieces, whatever the ratio. Raises zlib.error."""
    while data:
        yield inflater.decompress(data, _PIECE)
        data = inflater.unconsumed_tail

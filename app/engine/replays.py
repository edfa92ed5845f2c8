"""Replays of recorded requests, judged and linked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace as changed
from typing import Literal

from app.domain.events import Event
from app.domain.exchange import Exchange, ExchangeState
from app.domain.problems import fail
from app.domain.replay import EditedRequest, ReplayTarget
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream, parse_upstream
from app.domain.verdict import Verdict
from app.engine.archive_api import Archive
from app.engine.masks_file import MasksFile
from app.engine.replays_api import MAX_TIMES
from app.engine.signing_api import Signing
from app.replay.check import check
from app.replay.judgement import Judgement, judge
from app.replay.repair import Repair, find_repair
from app.replay.sender import addressed, replay, request_of

_EARLIER = 5
"""Attempts before that are looked at: enough to learn what always changes."""


class LiveReplays:
    """Implements `app.engine.replays_api.Replays`.

    spec_of: the tunnel that an exchange came through, also if it is gone; tunnel: one by its id
    """

    def __init__(
        self,
        archive: Archive,
        masks: MasksFile,
        publish: Callable[[Event], None],
        spec_of: Callable[[Exchange], TunnelSpec],
        tunnel: Callable[[str], TunnelSpec | None],
        signing: Signing,
    ) -> None:
        self._archive = archive
        self._masks = masks
        self._publish = publish
        self._spec_of = spec_of
        self._tunnel = tunnel
        self._signing = signing

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
        original = await self._get(exchange_id)
        request = edit if edit is not None else request_of(original)
        if resign:
            request = await self._signing.sign(original, request, _public_url(original, request))
        check(request)
        if original.imported and target is None:
            # A file says where its requests went; that is no reason to send something there.
            raise fail(
                "target_needed",
                "This request came from a file, not through a tunnel",
                "you",
                "Say where it is to go: edit it (E) and choose a target, or use --to.",
            )
        spec = self._spec_of(original)
        if target is not None and (upstream := self._upstream(target)) != spec.upstream:
            request = addressed(request, spec.upstream, upstream)
            spec = changed(spec, upstream=upstream)
        if verify_tls is not None:
            spec = changed(spec, verify_tls=verify_tls)
        if response_timeout is not None:
            spec = changed(spec, response_timeout=response_timeout)
        again = await replay(original, request, spec, self._publish)
        if (found := await self._judge(again)) is not None:
            again.verdict = found.verdict
            await self._archive.annotate([again.id], verdict=found.verdict)
        return again

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
        if not 1 <= times <= MAX_TIMES:
            raise fail("bad_repeat", f"{times} times cannot be sent", "you", f"Choose 1 to {MAX_TIMES}.")
        for number in range(times):
            if number:
                await asyncio.sleep(delay)
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
        originals = [await self._get(exchange_id) for exchange_id in exchange_ids]
        originals.sort(key=lambda exchange: (exchange.started_ns, exchange.id))
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, original in enumerate(originals):
            if spacing:
                due = began + (original.started_ns - originals[0].started_ns) / 1e9
                await asyncio.sleep(max(0.0, due - loop.time()))
            elif number:
                await asyncio.sleep(delay)
            yield await self.send(original.id, target=target, resign=resign)

    async def judgement(self, exchange_id: str) -> Judgement | None:
        again = await self._archive.get(exchange_id)
        return None if again is None else await self._judge(again)

    async def repair(self, exchange_id: str) -> Repair | None:
        original = await self._archive.get(exchange_id)
        if original is None:
            return None
        fixed = [each.id for each in await self._archive.replays_of(exchange_id) if each.verdict is Verdict.FIXED]
        whole = [each for id_ in fixed[-_EARLIER:] if (each := await self._archive.get(id_)) is not None]
        masks = await asyncio.to_thread(self._masks.masks, original)
        return await asyncio.to_thread(find_repair, original, whole, masks)

    async def choose_mask(self, exchange_id: str, place: str, choice: Literal["ignore", "compare"] | None) -> None:
        exchange = await self._get(exchange_id)
        await asyncio.to_thread(self._masks.choose, exchange, place, choice)

    async def _judge(self, again: Exchange) -> Judgement | None:
        if again.replay_of is None or again.state in (ExchangeState.RUNNING, ExchangeState.CANCELLED):
            return None
        original = await self._archive.get(again.replay_of)
        if original is None:
            return None
        attempts = await self._archive.replays_of(original.id)
        before = [each.id for each in attempts if (each.started_ns, each.id) < (again.started_ns, again.id)]
        earlier = [each for id_ in before[-_EARLIER:] if (each := await self._archive.get(id_)) is not None]
        masks = await asyncio.to_thread(self._masks.masks, original)
        return await asyncio.to_thread(judge, original, again, earlier, masks)

    def _upstream(self, target: ReplayTarget) -> Upstream:
        if target.url:
            return parse_upstream(target.url)
        spec = self._tunnel(target.tunnel_id)
        if spec is None:
            raise fail("unknown_tunnel", "The tunnel to replay to is gone", "you", "Choose another target.")
        return spec.upstream

    async def _get(self, exchange_id: str) -> Exchange:
        exchange = await self._archive.get(exchange_id)
        if exchange is None:
            raise fail("unknown_exchange", f"There is no exchange {exchange_id}", "you", "See: hatchway requests")
        return exchange


def _public_url(original: Exchange, request: EditedRequest) -> str:
    """The URL that the sender of the original would have signed for this request."""
    url = original.public_url or original.upstream + original.target
    if request.target == original.target or not url.endswith(original.target):
        return url
    return url[: len(url) - len(original.target)] + request.target

"""The seam to replay: send again, several times, several requests, and judge. `app.engine.replays` implements it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol

from app.domain.exchange import Exchange
from app.domain.replay import EditedRequest, ReplayTarget
from app.replay.judgement import Judgement
from app.replay.repair import Repair

MAX_TIMES = 1000
"""How often `repeat` sends at most."""


class Replays(Protocol):
    """All methods run on the event loop; comparing is done in threads.

    Every attempt is an exchange of its own, linked by `replay_of` to the request that came from outside, also if a
    replay is replayed. Its verdict is stored with it and published as ExchangeAnnotated. Cancelling the caller cancels
    the request.
    """

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
        """Send the captured request, or its edit, and wait for the answer. A failing service is an exchange in state
        FAILED; HatchwayError is raised only if nothing could be sent at all.

        resign: a webhook signature whose secret is known is made anew, with the current time
        target: elsewhere than to the tunnel's service; verify_tls, response_timeout (seconds): instead of the tunnel's
        """
        ...

    def repeat(
        self,
        exchange_id: str,
        edit: EditedRequest | None = None,
        *,
        times: int,
        delay: float = 0.0,
        target: ReplayTarget | None = None,
        resign: bool = True,
    ) -> AsyncIterator[Exchange]:
        """`send` so many times, one after the other, with a pause of `delay` seconds between them."""
        ...

    def series(
        self,
        exchange_ids: Sequence[str],
        *,
        spacing: bool,
        delay: float = 0.0,
        target: ReplayTarget | None = None,
        resign: bool = True,
    ) -> AsyncIterator[Exchange]:
        """`send` each, in the order in which they came.

        spacing: with the pauses there were between them then; delay: or with one of so many seconds
        """
        ...

    async def judgement(self, exchange_id: str) -> Judgement | None:
        """How the replay compares with its original; None if it is none, still runs, or its original is gone."""
        ...

    async def repair(self, exchange_id: str) -> Repair | None:
        """How the captured request is answered since it was repaired; None if no replay of it was `fixed`."""
        ...

    async def choose_mask(self, exchange_id: str, place: str, choice: Literal["ignore", "compare"] | None) -> None:
        """From now on ignore (or compare) that place in answers to requests like this; None: as it seems best."""
        ...

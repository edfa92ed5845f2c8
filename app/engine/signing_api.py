"""The seam to webhook signatures. `app.engine.signing` implements it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.domain.exchange import Exchange
from app.domain.replay import EditedRequest
from app.signatures.scheme import State


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """title: the provider's; secret_hint: what to ask the user for; age: seconds, None if the scheme has no time

    state: as a receiver would say now; arrived: as it said when the request arrived
    """

    scheme: str
    title: str
    secret_hint: str
    state: State
    age: float | None = None
    arrived: State = State.NO_SECRET


class Signing(Protocol):
    """Secrets are kept in the system's keyring, one for each tunnel and scheme."""

    async def status(self, exchange: Exchange) -> SignatureStatus | None:
        """Of the captured request, with its body; None if it has no signature that is known."""
        ...

    async def set_secret(self, exchange: Exchange, secret: str) -> bool:
        """Keep the secret for requests like this one; an empty one is forgotten.

        Returns whether it outlives this run: without a keyring it is kept in memory only.
        """
        ...

    async def sign(self, original: Exchange, request: EditedRequest, url: str) -> EditedRequest:
        """The request signed with the current time, if it has a signature whose secret is known; else as it is."""
        ...

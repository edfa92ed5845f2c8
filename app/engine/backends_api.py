"""The seam to backends: the relays and AWS backends that the user has set up. `app.engine.backends` implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.backends.api import Deployer
from app.domain.backend import BackendProfile
from app.domain.deployment import Deployment
from app.domain.problems import Problem


@dataclass(frozen=True, slots=True)
class Refusal:
    """A tunnel that stays where it was, and why."""

    tunnel_id: str
    name: str
    problem: Problem


class Backends(Protocol):
    """Profiles are in the settings, their tokens in the system's keyring. Every change is a BackendsChanged event.

    Where the keyring cannot be written, a token is kept for this run and a Notice `keyring_unusable` says so.
    """

    @property
    def profiles(self) -> Sequence[BackendProfile]:
        """In the user's order, without this computer's own relay."""
        ...

    @property
    def deployer(self) -> Deployer:
        """Makes, finds and takes down backends in AWS accounts."""
        ...

    def profile(self, backend: str) -> BackendProfile | None:
        """By its id."""
        ...

    async def add_relay(self, name: str, address: str, token: str) -> BackendProfile:
        """A relay elsewhere. Raises HatchwayError `bad_relay_url`, `bad_backend_name`, `backend_name_in_use`."""
        ...

    async def use(self, deployment: Deployment, credentials: str) -> BackendProfile:
        """Mint a token for the deployment and keep its profile, or renew both. Raises HatchwayError."""
        ...

    async def renew_token(self, backend: str, token: str = "") -> None:
        """Keep this token from now on; without one the deployment mints it. Raises HatchwayError."""
        ...

    async def rename(self, backend: str, name: str) -> None:
        """Raises HatchwayError `unknown_backend`, `bad_backend_name`, `backend_name_in_use`."""
        ...

    async def remove(self, backend: str, *, move_back: bool = False) -> None:
        """Forget the profile and its token; what stands in the cloud goes on standing.

        move_back: its tunnels run on this computer's relay from now on; otherwise they must have moved before
        Raises HatchwayError `unknown_backend`, `backend_in_use`.
        """
        ...

    async def set_default(self, backend: str) -> None:
        """Where new tunnels run. Raises HatchwayError `unknown_backend`."""
        ...

    async def move(self, tunnel_ids: Sequence[str], backend: str) -> Sequence[Refusal]:
        """Move tunnels; names, ids and history stay. A running one is online there before it leaves the old backend,
        and stays where it is if that fails. Raises HatchwayError `unknown_backend`."""
        ...

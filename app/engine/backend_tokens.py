"""The tokens of backends, in the system's keyring."""

from __future__ import annotations

import asyncio

from app.domain.backend import BackendProfile
from app.domain.problems import fail
from app.engine.secret_store import KeyringClosed, read_secret, store_secret

_SERVICE = "hatchway backend tokens"


class BackendTokens:
    """By the id of the profile. Without a keyring that can be written a token is kept in memory, for this run."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    async def read(self, profile: BackendProfile) -> str:
        """Raises HatchwayError `no_backend_token`, `keyring_closed`."""
        if token := self._kept.get(profile.id) or await asyncio.to_thread(_read, profile):
            return token
        raise fail(
            "no_backend_token",
            f"The token for “{profile.name}” is not in this computer's keyring",
            "you",
            "Get a new one in Backends…" if profile.kind == "aws" else "Enter it again in Backends…",
        )

    async def store(self, profile_id: str, token: str) -> bool:
        """Returns whether it outlives this run."""
        if await asyncio.to_thread(store_secret, _SERVICE, profile_id, token):
            self._kept.pop(profile_id, None)
            return True
        self._kept[profile_id] = token
        return False

    async def forget(self, profile_id: str) -> None:
        self._kept.pop(profile_id, None)
        await asyncio.to_thread(store_secret, _SERVICE, profile_id, "")


def _read(profile: BackendProfile) -> str:
    try:
        return read_secret(_SERVICE, profile.id)
    except KeyringClosed as error:
        raise fail(
            "keyring_closed",
            f"The token for “{profile.name}” cannot be read: the keyring says {error}",
            "you",
            "Unlock this computer's keyring, then try again.",
        ) from error

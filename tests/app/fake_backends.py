"""The real backends of the engine on a keyring in memory and a deployer without AWS."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from app.domain.backend import BackendProfile
from app.domain.events import Event
from app.domain.problems import Problem
from app.domain.settings import Settings
from app.domain.tunnel import TunnelSpec
from app.engine.backend_tokens import BackendTokens
from app.engine.backends import EditTunnel, LiveBackends
from app.engine.kept_settings import KeptSettings
from tests.app.fake_deployer import FakeDeployer


class FakeTokens(BackendTokens):
    """kept: by the id of the profile"""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}

    async def read(self, profile: BackendProfile) -> str:
        return self.kept[profile.id]

    async def store(self, profile_id: str, token: str) -> bool:
        self.kept[profile_id] = token
        return True

    async def forget(self, profile_id: str) -> None:
        self.kept.pop(profile_id, None)


class FakeBackends(LiveBackends):
    """Nothing is saved."""

    def __init__(
        self, publish: Callable[[Event], None], specs: Callable[[], Sequence[TunnelSpec]], edit: EditTunnel
    ) -> None:
        self.tokens = FakeTokens()
        self.fake_deployer = FakeDeployer()
        self.settings = KeptSettings(Path(os.devnull), Settings(), _nobody, remember=False)
        super().__init__(self.settings, self.tokens, lambda: self.fake_deployer, publish, specs, edit)


def _nobody(_problem: Problem) -> None:
    """Nobody hears of what cannot be saved, since nothing is."""

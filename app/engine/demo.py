"""The built-in demo service: one for the whole workspace, started when its tunnel or a face asks for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from app.domain.problems import HatchwayError
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.services.demo import DemoService

_log = logging.getLogger(__name__)


class Demo:
    """usual: where it listens if it can, which also tells its tunnels from others in the settings"""

    def __init__(self, relay_port: int) -> None:
        self.usual = Upstream("http", "127.0.0.1", relay_port % 65535 + 1)
        self._service = DemoService()
        self._starting = asyncio.Lock()

    @property
    def port(self) -> int:
        """Where it listens, or would."""
        return (self._service.upstream or self.usual).port

    async def start(self) -> Upstream:
        """Start it if it does not run yet, on another port if its own is taken. Raises HatchwayError."""
        async with self._starting:
            if self._service.upstream is not None:
                return self._service.upstream
            try:
                return await self._service.start(self.usual.port)
            except HatchwayError:
                _log.info("demo port is taken port=%d", self.usual.port)
                self._service = DemoService()
                return await self._service.start()

    async def brought_along(self, spec: TunnelSpec) -> TunnelSpec:
        """What is to run: the demo's tunnel starts the demo and leads to it."""
        if spec.upstream in (self.usual, self._service.upstream):
            return replace(spec, upstream=await self.start())
        return spec

    def as_saved(self, specs: Sequence[TunnelSpec]) -> tuple[TunnelSpec, ...]:
        """What is to be remembered: where it had to listen elsewhere, that holds for this run only."""
        running = self._service.upstream
        return tuple(replace(spec, upstream=self.usual) if spec.upstream == running else spec for spec in specs)

    async def stop(self) -> None:
        await self._service.stop()

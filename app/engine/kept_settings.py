"""The settings of a running workspace, saved whenever they change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.domain.problems import HatchwayError, Problem
from app.domain.settings import Settings
from app.engine import settings_file


class KeptSettings:
    """current: as they are now; report: told that they could not be saved; remember: False never saves"""

    def __init__(self, path: Path, current: Settings, report: Callable[[Problem], None], *, remember: bool) -> None:
        self.current = current
        self._path = path
        self._report = report
        self._remember = remember
        self._saving = asyncio.Lock()
        self._on_disk = current  # as far as is known here

    async def change(self, **fields: Any) -> None:
        """Replace these fields of `Settings`."""
        self.current = replace(self.current, **fields)
        if not self._remember:
            return
        async with self._saving:
            await self.take_over_backends()
            try:
                await asyncio.to_thread(settings_file.save, self._path, self.current)
            except HatchwayError as error:
                self._report(error.problem)
            else:
                self._on_disk = self.current

    async def take_over_backends(self) -> None:
        """Follow what `hatchway deploy` or `hatchway backends` in a terminal has done to the backends since."""
        found = await asyncio.to_thread(settings_file.whole, self._path)
        if found is None:
            return
        before, self._on_disk = self._on_disk, replace(self._on_disk, backends=found.backends)
        gone = {each.id for each in before.backends} - {each.id for each in found.backends}
        kept = [each for each in self.current.backends if each.id not in gone]
        taken = {each.id for each in (*before.backends, *kept)}
        names = {each.name for each in kept}
        new = [each for each in found.backends if each.id not in taken and each.name not in names]
        self.current = replace(self.current, backends=(*kept, *new))
        if found.default_backend != before.default_backend:
            self._on_disk = replace(self._on_disk, default_backend=found.default_backend)
            self.current = replace(self.current, default_backend=found.default_backend)

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

    async def change(self, **fields: Any) -> None:
        """Replace these fields of `Settings`."""
        self.current = replace(self.current, **fields)
        if not self._remember:
            return
        async with self._saving:
            try:
                await asyncio.to_thread(settings_file.save, self._path, self.current)
            except HatchwayError as error:
                self._report(error.problem)

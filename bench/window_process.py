"""`python -m bench.window_process`: the real window (`app.ui.start.run_window` on a real workspace) with a probe
beside it on the same loop. Tells when it is usable and how late the loop runs, as JSON lines on stdout."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

from app.domain.tasks import spawn
from app.domain.tunnel import TunnelState
from app.engine.api import Workspace
from app.engine.paths import user_paths
from app.engine.workspace import open_workspace
from app.ui.start import run_window

_BEAT = 0.005  # seconds
_CALM_BEATS = 3  # in a row on time: the start is over


def main() -> int:
    """Run the window until the probe ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lag", type=float, default=0.0, help="seconds to measure, once idle and once under load")
    parser.add_argument("--select", action="store_true", help="with the newest request selected, so details show")
    parser.add_argument("--stay", action="store_true", help="do not end by itself")
    options = parser.parse_args()

    @asynccontextmanager
    async def observed() -> AsyncIterator[Workspace]:
        async with open_workspace(user_paths(), remember=True) as workspace:
            probe = spawn(_probe(workspace, options), name="bench probe")
            try:
                yield workspace
            finally:
                probe.cancel()

    return run_window(observed)


async def _probe(workspace: Workspace, options: argparse.Namespace) -> None:
    try:
        window = await shown()
        tell("shown")
        calm = 0
        while calm < _CALM_BEATS:
            begun = time.perf_counter()
            await asyncio.sleep(_BEAT)
            calm = calm + 1 if time.perf_counter() - begun < _BEAT + 0.008 else 0
        tell("usable")
        if workspace.tunnels:
            while workspace.tunnels[0].state is not TunnelState.ONLINE:  # noqa: ASYNC110 - events would cost the same
                await asyncio.sleep(_BEAT)
            tell("online")
        if options.lag:
            await asyncio.sleep(2)
            tell("idle", lags=await lags(options.lag))
            await asyncio.sleep(2)  # the visitors begin
            table = max(window.findChildren(QTableView), key=lambda view: view.model().rowCount())
            if options.select:
                table.setCurrentIndex(table.model().index(0, 0))
            before, cpu = table.model().rowCount(), time.process_time()
            late = await lags(options.lag)
            tell(
                "loaded",
                lags=late,
                rows=table.model().rowCount() - before,
                visible=table.isVisible(),
                cpu=(time.process_time() - cpu) / options.lag * 100,  # percent of one core
                memory=psutil.Process().memory_info().rss / 1e6,
            )
    finally:
        if not options.stay:
            os.kill(os.getpid(), signal.SIGTERM)


async def shown() -> QMainWindow:
    while True:
        for widget in QApplication.topLevelWidgets():
            handle = widget.windowHandle()
            if isinstance(widget, QMainWindow) and widget.isVisible() and handle is not None and handle.isExposed():
                return widget
        await asyncio.sleep(0.002)


async def lags(seconds: float) -> list[float]:
    """Milliseconds by which each sleep of one beat ended too late."""
    found = []
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        await asyncio.sleep(_BEAT)
        found.append((time.perf_counter() - begun - _BEAT) * 1e3)
    return found


def tell(event: str, **more: object) -> None:
    print(json.dumps({"event": event, "time": time.time(), **more}), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())

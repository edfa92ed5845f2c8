"""Starts the window: application, loop, workspace, main window; and ends them in the reverse order."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.engine.garbage import collecting_when_quiet
from app.engine.paths import user_paths
from app.ui import crash, loop
from app.ui.main_window import MainWindow
from app.ui.resources import resource_directory
from app.ui.single_instance import SingleInstance, claim
from app.ui.start_failed import StartFailed
from app.ui.theme import apply_theme

OpenWorkspace = Callable[[], AbstractAsyncContextManager[Workspace]]


def run_window(open_workspace: OpenWorkspace) -> int:
    """Show the window until it is closed or a signal comes; returns the exit code of the process."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("hatchway")
    app.setDesktopFileName("hatchway")
    app.setWindowIcon(QIcon(str(resource_directory() / "icons" / "hatchway.svg")))
    instance = _claim()
    if instance is None:
        print("Hatchway is open already; its window comes to the front.", file=sys.stderr)
        return 0
    apply_theme(app, "system")
    # Held until the loop is closed: tasks that are cancelled last may still touch their widgets.
    windows: list[MainWindow] = []

    async def main(shutdown: asyncio.Event) -> int:
        interruption = spawn(_cancel_on(shutdown, asyncio.current_task()), name="end-start")
        try:
            async with AsyncExitStack() as stack:
                try:
                    workspace = await stack.enter_async_context(open_workspace())
                except HatchwayError as error:
                    await loop.ask(StartFailed(error.problem))
                    return 1
                interruption.cancel()
                apply_theme(app, workspace.settings.theme)
                windows.append(MainWindow(workspace, shutdown.set))
                instance.called.connect(windows[0].come_to_front)
                await _live(windows[0], workspace, shutdown)
        except asyncio.CancelledError:
            if not shutdown.is_set():
                raise
        return 0

    try:
        return loop.run(main)
    finally:
        instance.close()


def _claim() -> SingleInstance | None:
    try:
        return claim(user_paths().config)
    except HatchwayError:
        # The workspace cannot be opened either, and says why in a dialog.
        return claim(Path())


async def _live(window: MainWindow, workspace: Workspace, shutdown: asyncio.Event) -> None:
    crash.install(window.show_problem, user_paths().log_file)
    try:
        window.show()
        with collecting_when_quiet(workspace):
            await shutdown.wait()
        window.hide()
        await window.finish()
    finally:
        crash.uninstall()


async def _cancel_on(shutdown: asyncio.Event, starting: asyncio.Task[int] | None) -> None:
    """A signal also ends a start that hangs, and the dialog that tells of a failed one."""
    await shutdown.wait()
    if starting is not None:
        starting.cancel()

"""Starts the window: application, loop, workspace, main window; and ends them in the reverse order."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app.domain.problems import HatchwayError
from app.engine.api import Workspace
from app.ui import crash, loop
from app.ui.main_window import MainWindow
from app.ui.resources import resource_directory
from app.ui.start_failed import StartFailed
from app.ui.theme import apply_theme

OpenWorkspace = Callable[[], AbstractAsyncContextManager[Workspace]]


def run_window(open_workspace: OpenWorkspace) -> int:
    """Show the window until it is closed or a signal comes; returns the exit code of the process."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("hatchway")
    app.setDesktopFileName("hatchway")
    app.setWindowIcon(QIcon(str(resource_directory() / "icons" / "hatchway.svg")))
    apply_theme(app, "system")

    async def main(shutdown: asyncio.Event) -> int:
        try:
            await _live(app, open_workspace, shutdown)
        except HatchwayError as error:
            await loop.ask(StartFailed(error.problem))
            return 1
        return 0

    return loop.run(main)


async def _live(app: QApplication, open_workspace: OpenWorkspace, shutdown: asyncio.Event) -> None:
    async with open_workspace() as workspace:
        apply_theme(app, workspace.settings.theme)
        window = MainWindow(workspace, shutdown.set)
        crash.install(window.show_problem)
        try:
            window.show()
            await shutdown.wait()
            window.hide()
            await window.finish()
        finally:
            crash.uninstall()

"""The themed application and the main window on a fake workspace. Tests run on asyncio's own loop: Qt is pumped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.domain.problems import Problem
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.ui.main_window import MainWindow
from app.ui.theme import apply_theme
from tests.app.fake_workspace import FakeWorkspace

Until = Callable[[Callable[[], object]], Awaitable[None]]


@pytest.fixture(autouse=True)
def themed(qapp: QApplication) -> None:
    """Every test starts in the light theme."""
    apply_theme(qapp, "light")


@pytest.fixture
def until(qapp: QApplication) -> Until:
    """Let tasks and Qt run until the condition holds; fails after two seconds."""

    async def wait(condition: Callable[[], object]) -> None:
        for _ in range(400):
            qapp.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            if condition():
                return
            await asyncio.sleep(0.005)
        pytest.fail("the condition did not come true within 2 s")

    return wait


@pytest.fixture
def problems() -> list[Problem]:
    return []


@pytest.fixture
def workspace() -> FakeWorkspace:
    """Three tunnels: two online, the last one paused."""
    return FakeWorkspace(
        TunnelSpec("shop", Upstream("http", "localhost", 3000), id="shop"),
        TunnelSpec("docs", Upstream("http", "localhost", 5173), id="docs"),
        TunnelSpec("hooks", Upstream("http", "localhost", 8000), id="hooks", enabled=False),
    )


@pytest.fixture
async def window(workspace: FakeWorkspace, qapp: QApplication) -> AsyncIterator[MainWindow]:
    """The main window, shown, and taken down as the app does it."""
    made = MainWindow(workspace, lambda: None)
    made.resize(1280, 800)
    made.show()
    made.activateWindow()
    qapp.processEvents()
    yield made
    made.hide()
    await made.finish()
    await _cancel_tasks()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def _cancel_tasks() -> None:
    """As `asyncio.Runner` does it, while the widgets are still there."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)

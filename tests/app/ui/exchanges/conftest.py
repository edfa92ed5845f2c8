"""The exchanges pane on a fake workspace, shown offscreen."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace


@pytest.fixture
async def pane(workspace: FakeWorkspace, qapp: QApplication) -> AsyncIterator[ExchangesPane]:
    """1280 × 800, showing all tunnels, with the focus in the list."""
    made = ExchangesPane(workspace)
    made.resize(1280, 800)
    made.show()
    made.activateWindow()
    made.show_tunnel(None)
    made.table.setFocus()
    qapp.processEvents()
    yield made
    made.hide()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

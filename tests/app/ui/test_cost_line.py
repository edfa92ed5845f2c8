from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.domain.events import UsageChanged
from app.domain.usage import Usage, UsageReport
from app.ui.cost_line import CostLine, CostPopover
from tests.app.fake_workspace import FakeWorkspace

REPORT = UsageReport(Usage(ws_messages=3100), Usage(ws_messages=410_000, busy_ms=1000), Usage(ws_messages=100))


@pytest.fixture
def workspace() -> FakeWorkspace:
    return FakeWorkspace()


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def line(owner: QWidget, workspace: FakeWorkspace) -> CostLine:
    return CostLine(workspace, owner)


def test_a_tunnel_of_this_computer_has_no_line(line: CostLine) -> None:
    line.show_tunnel("t1")
    assert not line.isVisible()


def test_it_follows_the_tunnel_that_is_shown(line: CostLine, workspace: FakeWorkspace) -> None:
    workspace.usages["t1"] = REPORT
    line.show_tunnel("t1")
    assert line.isVisible()
    assert line.text() == "$0.0031 today · $0.41 in 30 days"
    assert line.accessibleName() == f"Cost on AWS: {line.text()}"
    workspace.usages["t1"] = UsageReport(Usage(ws_messages=5000), Usage(ws_messages=500_000))
    workspace.publish(UsageChanged("t2", "docs", Usage()))
    assert line.text() == "$0.0031 today · $0.41 in 30 days"
    workspace.publish(UsageChanged("t1", "shop", Usage()))
    assert line.text() == "$0.0050 today · $0.50 in 30 days"
    line.show_tunnel("t2")
    assert not line.isVisible()


def test_pressing_it_shows_what_it_consists_of(line: CostLine, workspace: FakeWorkspace) -> None:
    workspace.usages["t1"] = REPORT
    line.show_tunnel("t1")
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Space)
    (popover,) = line.findChildren(CostPopover)
    texts = [each.text() for each in popover.findChildren(QLabel)]
    assert "410\u202f000 messages of 32 KB" in texts
    assert "≈ 0.5 GB-seconds" in texts
    assert "Together" in texts
    assert any("Not included" in text for text in texts)
    popover.close()


def test_it_stops_listening_with_its_window(line: CostLine, workspace: FakeWorkspace, qtbot: QtBot) -> None:
    assert workspace.listener_count == 1
    line.deleteLater()
    qtbot.waitUntil(lambda: workspace.listener_count == 0)

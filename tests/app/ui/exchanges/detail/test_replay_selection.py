from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.domain.exchange import Exchange
from app.domain.replay import ReplayTarget
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.signatures.github import GitHub
from app.signatures.scheme import Signed
from app.ui.exchanges.detail.replay_selection import ReplaySelection
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

SIGNED = GitHub().sign(Signed("", (), b""), "key", 0.0)


@pytest.fixture
async def chosen(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> list[Exchange]:
    """Two recorded requests of one tunnel, selected; `staging` is another."""
    await workspace.add_tunnel(TunnelSpec("staging", Upstream("http", "localhost", 8001), id="t2"))
    made = [an_exchange("POST", f"/{n}", 500, request_headers=SIGNED, started_ns=n) for n in (1, 2)]
    for each in made:
        workspace.finish(each)
    await until(lambda: pane.table.model().rowCount() == 2)
    pane.table.setFocus()
    pane.table.selectAll()
    return made


def opened(pane: ExchangesPane) -> ReplaySelection:
    QTest.keyClick(pane.table, Qt.Key.Key_E)
    (dialog,) = pane.findChildren(ReplaySelection)
    return dialog


async def test_several_are_sent_where_and_how_it_is_chosen(
    workspace: FakeWorkspace, pane: ExchangesPane, chosen: list[Exchange], until: Until
) -> None:
    dialog = opened(pane)
    assert dialog.isVisible()
    assert not pane.detail_panel.editing
    dialog.where.setCurrentIndex(dialog.where.findText("http://localhost:8001  (staging)"))
    assert not dialog.delay.isEnabled()
    dialog.with_delay.setChecked(True)
    dialog.delay.setValue(0.3)
    dialog.resign.setChecked(False)
    dialog.send.click()
    await until(lambda: len(workspace.sent) == 2)
    assert workspace.replays.targets == [ReplayTarget(tunnel_id="t2")] * 2
    assert workspace.replays.resigned == [False, False]
    assert (workspace.replays.spacings, workspace.replays.delays) == ([False], [0.3])
    await until(lambda: not pane.findChildren(ReplaySelection))


async def test_without_a_choice_each_goes_to_its_service_at_once_and_is_signed_anew(
    workspace: FakeWorkspace, pane: ExchangesPane, chosen: list[Exchange], until: Until
) -> None:
    opened(pane).send.click()
    await until(lambda: len(workspace.sent) == 2)
    assert workspace.replays.targets == [None, None]
    assert workspace.replays.resigned == [True, True]
    assert (workspace.replays.spacings, workspace.replays.delays) == ([False], [0.0])


async def test_the_pauses_there_were_can_be_kept(
    workspace: FakeWorkspace, pane: ExchangesPane, chosen: list[Exchange], until: Until
) -> None:
    dialog = opened(pane)
    dialog.as_they_came.setChecked(True)
    dialog.send.click()
    await until(lambda: workspace.replays.spacings == [True])


async def test_nothing_is_sent_if_it_is_cancelled(
    workspace: FakeWorkspace, pane: ExchangesPane, chosen: list[Exchange], until: Until
) -> None:
    dialog = opened(pane)
    await until(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await until(lambda: not pane.findChildren(ReplaySelection))
    assert workspace.sent == []


async def test_it_is_said_that_requests_leave_this_computer_and_change_data(
    pane: ExchangesPane, chosen: list[Exchange]
) -> None:
    dialog = opened(pane)

    def words() -> str:
        return "\n".join(label.text() for label in dialog.findChildren(QLabel))

    assert "Sends a real request to your service; POST may change data." in words()
    dialog.where.setEditText("https://staging.example.com")
    assert "Leaves this computer: https://staging.example.com gets all of it" in words()
    assert dialog.plan.target == ReplayTarget(url="https://staging.example.com")


async def test_requests_from_a_file_need_a_target(workspace: FakeWorkspace) -> None:
    imported = an_exchange()
    imported.imported = True
    dialog = ReplaySelection([an_exchange(), imported], workspace.tunnels)
    assert not dialog.send.isEnabled()
    assert any("choose where they are to go" in label.text() for label in dialog.findChildren(QLabel))
    dialog.where.setEditText("3000")
    assert dialog.send.isEnabled()
    dialog.deleteLater()


async def test_signing_is_offered_only_where_there_is_something_to_sign(workspace: FakeWorkspace) -> None:
    plain = ReplaySelection([an_exchange(), an_exchange()], workspace.tunnels)
    signed = ReplaySelection([an_exchange(), an_exchange(request_headers=SIGNED)], workspace.tunnels)
    assert (plain.resign.isHidden(), signed.resign.isHidden()) == (True, False)
    plain.deleteLater()
    signed.deleteLater()


async def test_requests_of_several_tunnels_go_to_the_service_of_each(
    workspace: FakeWorkspace, pane: ExchangesPane, chosen: list[Exchange]
) -> None:
    other = an_exchange()
    other.tunnel_id = "t2"
    dialog = ReplaySelection([chosen[0], other], workspace.tunnels)
    texts = [dialog.where.itemText(index) for index in range(dialog.where.count())]
    assert texts[:2] == ["the service that each came to", "http://localhost:3000  (shop)"]
    assert texts[-1] == "http://localhost:8001  (staging)"
    assert dialog.plan.target is None
    dialog.deleteLater()

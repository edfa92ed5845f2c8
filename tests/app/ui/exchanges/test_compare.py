from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.exchange import Exchange
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
async def two(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> tuple[Exchange, Exchange]:
    """The older one succeeded, the newer one did not; both are selected, and there is a third."""
    older = an_exchange("POST", "/pay?try=1", 200, body=b'{"amount": 100}', answer=b'{"paid": true}', started_ns=2)
    newer = an_exchange("POST", "/pay?try=2", 502, body=b'{"amount": 100}', answer=b'{"paid": false}', started_ns=3)
    for exchange in (an_exchange(started_ns=1), older, newer):
        workspace.begin(exchange)
    await until(lambda: pane._model.rowCount() == 3)
    pane.table.setFocus()
    pane.table.select(newer.id)
    QTest.keyClick(pane.table, Key.Key_Down, SHIFT)
    assert pane.table.selected_ids() == [newer.id, older.id]
    return older, newer


def places(pane: ExchangesPane) -> dict[str, list[tuple[str, str, str]]]:
    """What the tree says: (place, before, after) below each title."""
    tree = pane.side.comparison.tree
    groups = [tree.topLevelItem(place) for place in range(tree.topLevelItemCount())]
    return {
        group.text(0): [
            (group.child(place).text(0), group.child(place).text(1), group.child(place).text(2))
            for place in range(group.childCount())
        ]
        for group in groups
        if group is not None
    }


async def test_two_selected_requests_are_compared_older_to_newer(
    pane: ExchangesPane, until: Until, two: tuple[Exchange, Exchange]
) -> None:
    QTest.keyClick(pane.table, Key.Key_D)
    assert pane.side.comparing
    await until(lambda: places(pane))
    assert places(pane) == {
        "Request (1)": [("query try", "1", "2")],
        "Answer (2)": [("status", "200", "502"), ("$.paid", "true", "false")],
    }
    comparison = pane.side.comparison
    assert comparison.tabs.tabText(0) == "Differences (3)"
    assert "- POST /pay?try=1" in comparison.request.left.toPlainText()
    assert '+   "paid": false' in comparison.answer.left.toPlainText()
    assert comparison.before.path.text() == "/pay?try=1"
    comparison.swap()
    await until(lambda: comparison.before.path.text() == "/pay?try=2")
    assert places(pane)["Answer (2)"][0] == ("status", "502", "200")


async def test_keys_lead_through_the_comparison_and_back(
    pane: ExchangesPane, until: Until, two: tuple[Exchange, Exchange]
) -> None:
    QTest.keyClick(pane.table, Key.Key_D)
    comparison = pane.side.comparison
    await until(lambda: places(pane))
    QTest.keyClick(pane.table, Key.Key_BracketRight)
    assert comparison.tabs.tabText(comparison.tabs.currentIndex()) == "Requests"
    QTest.keyClick(pane.table, Key.Key_BracketLeft)
    QTest.keyClick(pane.table, Key.Key_BracketLeft)
    assert comparison.tabs.tabText(comparison.tabs.currentIndex()) == "Answers"
    QTest.keyClick(pane.table, Key.Key_Return)
    assert comparison.tabs.tabBar().hasFocus()
    QTest.keyClick(comparison.tabs.tabBar(), Key.Key_Escape)
    assert not pane.side.comparing
    assert pane.table.hasFocus()
    QTest.keyClick(pane.table, Key.Key_D)
    assert pane.side.comparing
    QTest.keyClick(pane.table, Key.Key_Escape)
    assert not pane.side.comparing


async def test_looking_elsewhere_closes_the_comparison(
    pane: ExchangesPane, until: Until, two: tuple[Exchange, Exchange]
) -> None:
    QTest.keyClick(pane.table, Key.Key_D)
    QTest.keyClick(pane.table, Key.Key_J)
    assert not pane.side.comparing
    assert pane.detail_panel.isVisible()


async def test_deleting_one_of_them_closes_the_comparison(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, two: tuple[Exchange, Exchange]
) -> None:
    QTest.keyClick(pane.table, Key.Key_D)
    await until(lambda: places(pane))
    await workspace.archive.delete([two[1].id])
    await until(lambda: not pane.side.comparing)


async def test_a_recording_that_is_gone_is_said(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, two: tuple[Exchange, Exchange]
) -> None:
    said: list[str] = []
    pane.status_message.connect(said.append)
    workspace.forget(two[0])
    QTest.keyClick(pane.table, Key.Key_D)
    await until(lambda: not pane.side.comparing)
    assert said == ["The recording of one of them is gone."]


async def test_one_is_compared_with_its_replays_and_three_with_nothing(
    pane: ExchangesPane, until: Until, two: tuple[Exchange, Exchange]
) -> None:
    said: list[str] = []
    pane.status_message.connect(said.append)
    pane.table.setFocus()
    pane.table.selectAll()
    QTest.keyClick(pane.table, Key.Key_D)
    assert said == ["Select two requests to compare them."]
    pane.table.select(two[0].id)
    QTest.keyClick(pane.table, Key.Key_D)
    assert not pane.side.comparing
    panel = pane.detail_panel
    assert panel.tabs.tabText(panel.tabs.currentIndex()) == "Replays"


async def test_the_menu_says_what_it_does_with_the_selection(
    pane: ExchangesPane, two: tuple[Exchange, Exchange]
) -> None:
    def titles() -> list[str]:
        return [pane.table_actions[f"exchange.{name}"].text() for name in ("diff", "curl", "url")]

    def titles_in_menu() -> list[str]:
        pane.table.menu_wanted.emit(pane.mapToGlobal(QPoint(20, 60)))
        menu = next(child for child in pane.findChildren(QMenu) if child.isVisible())
        seen = titles()
        menu.close()
        return seen

    always = titles()
    assert titles_in_menu() == ["Compare the two", "Copy 2 as cURL", "Copy 2 URLs"]
    pane.table.select(two[0].id)
    assert titles_in_menu() == ["Compare with its replays", "Copy as cURL", "Copy URL"]
    assert titles() == always == ["Compare two, or one with its replays", "Copy as cURL", "Copy URL"]


async def test_everything_in_it_that_takes_the_focus_has_a_name(
    pane: ExchangesPane, until: Until, two: tuple[Exchange, Exchange]
) -> None:
    QTest.keyClick(pane.table, Key.Key_D)
    await until(lambda: places(pane))
    comparison = pane.side.comparison
    comparison.request.beside.setChecked(True)
    for page in range(comparison.tabs.count()):
        comparison.tabs.setCurrentIndex(page)
        focusable = [
            widget
            for widget in comparison.findChildren(QWidget)
            if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        assert len(focusable) > 3
        for widget in focusable:
            if not widget.objectName().startswith("qt_"):
                assert widget.property("text") or widget.accessibleName(), type(widget).__name__

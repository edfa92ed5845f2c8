from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.exchange import Body, Exchange
from app.domain.verdict import Verdict
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until
from tests.app.ui.exchanges.test_pane import press, shown_texts

Key = Qt.Key


def failing(started_ns: int = 1) -> Exchange:
    return an_exchange("POST", "/pay", 500, answer=b'{"error": "boom", "id": 1}', started_ns=started_ns)


def repaired(exchange: Exchange) -> None:
    exchange.status = 200
    exchange.response_headers = (("Content-Type", "application/json"),)
    exchange.response_body = Body(json.dumps({"paid": True, "id": 2}).encode())


async def test_a_replay_is_judged_in_list_detail_and_tab(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.answer = repaired
    workspace.finish(failing())
    await until(lambda: pane.table.model().rowCount() == 1)
    press(pane, Key.Key_R)
    await until(lambda: pane.table.model().rowCount() == 2)
    await until(lambda: pane._model.at(0).exchange.verdict is Verdict.FIXED)
    await until(lambda: "✓ fixed" in shown_texts(pane.detail_panel).lower())
    press(pane, Key.Key_D)
    tab = pane.detail_panel.replays
    assert pane.detail_panel.tabs.currentWidget() is tab
    await until(lambda: tab.attempts.count() == 1 and "fixed" in tab.attempts.item(0).text())
    await until(lambda: tab.differences.topLevelItemCount() == 4)
    places = {}
    for row in range(4):
        item = tab.differences.topLevelItem(row)
        assert item is not None
        places[item.text(0)] = item.checkState(0) is Qt.CheckState.Checked
    assert places == {"status": True, "$.error": True, "$.paid": True, "$.id": False}
    await until(lambda: "+ 200" in tab.diff.left.toPlainText())
    assert "- 500" in tab.diff.left.toPlainText()
    tab.diff.beside.click()
    assert "+ 200" not in tab.diff.left.toPlainText()
    assert "+ 200" in tab.diff.right.toPlainText()
    assert tab.diff.step(1)
    assert tab.diff.step(-1)


async def test_a_place_can_be_taken_out_of_the_comparison(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    def changed(exchange: Exchange) -> None:
        exchange.status = 200
        exchange.response_headers = (("Content-Type", "application/json"),)
        exchange.response_body = Body(b'{"total": 2}')

    workspace.answer = changed
    workspace.finish(an_exchange("GET", "/", 200, answer=b'{"total": 1}', started_ns=1))
    await until(lambda: pane.table.model().rowCount() == 1)
    press(pane, Key.Key_R)
    tab = pane.detail_panel.replays
    pane.detail_panel.show_replays()
    await until(lambda: tab.differences.topLevelItemCount() == 1)
    await until(lambda: "Changed" in shown_texts(tab) or "≠ changed" in shown_texts(tab))
    item = tab.differences.topLevelItem(0)
    assert item is not None
    item.setCheckState(0, Qt.CheckState.Unchecked)
    await until(lambda: "= same" in shown_texts(tab).lower())


def answers(body: bytes) -> Callable[[Exchange], None]:
    def answer(exchange: Exchange) -> None:
        exchange.status = 200
        exchange.response_headers = (("Content-Type", "application/json"),)
        exchange.response_body = Body(body)

    return answer


@pytest.mark.parametrize(
    ("body", "words", "views"),
    [
        (b'{"a": 1, "b": 2}', "Status, headers and body are the same in both answers.", False),
        (b'{"b": 2, "a": 1}', "Nothing that is compared differs; as text the answers do.", True),
    ],
)
async def test_equal_answers_are_told_in_a_sentence_without_an_empty_table(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, body: bytes, words: str, views: bool
) -> None:
    workspace.answer = answers(body)
    original = an_exchange("GET", "/", 200, answer=b'{"a": 1, "b": 2}', started_ns=1)
    original.response_headers = (("Content-Type", "application/json"),)
    workspace.finish(original)
    await until(lambda: pane.table.model().rowCount() == 1)
    press(pane, Key.Key_R)
    tab = pane.detail_panel.replays
    pane.detail_panel.show_replays()
    await until(lambda: tab.equal.isVisible())
    assert tab.equal.text() == words
    assert (tab.differences.isVisible(), tab.diff.isVisible()) == (False, views)


async def test_selected_requests_are_replayed_in_order(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    for second in (1, 2, 3):
        workspace.finish(failing(second))
    await until(lambda: pane.table.model().rowCount() == 3)
    said: list[str] = []
    pane.status_message.connect(said.append)
    pane.table.setFocus()
    pane.table.selectAll()
    QTest.keyClick(pane.table, Key.Key_R)
    await until(lambda: bool(said) and said[-1].startswith("Replayed 3 of 3"))
    assert [each for name, each in workspace.calls if name == "replay"] == [f"{n:012}" for n in (1, 2, 3)]


async def test_replays_can_be_stopped(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    workspace.replay_seconds = 60
    for second in (1, 2):
        workspace.finish(failing(second))
    await until(lambda: pane.table.model().rowCount() == 2)
    pane.table.setFocus()
    pane.table.selectAll()
    QTest.keyClick(pane.table, Key.Key_R)
    await until(lambda: ("replay", f"{1:012}") in workspace.calls)
    said: list[str] = []
    pane.status_message.connect(said.append)
    QTest.keyClick(pane.table, Key.Key_X)
    assert said == ["Replays stopped."]
    await until(lambda: pane._commands._series is not None and pane._commands._series.done())
    QTest.keyClick(pane.table, Key.Key_X)
    assert said[-1] == "No replay runs."

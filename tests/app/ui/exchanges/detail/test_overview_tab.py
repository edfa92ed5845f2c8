from __future__ import annotations

import gzip

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.domain.exchange import Exchange, Headers
from app.ui.exchanges.detail.flow_text import FlowText
from app.ui.exchanges.detail.parts_table import PartsTable
from app.ui.exchanges.pane import ExchangesPane
from app.viewmodels.message_parts import MASK
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

COOKIES: Headers = (("Cookie", "sid=s3cret; theme=dark"),)


def tables(pane: ExchangesPane) -> list[PartsTable]:
    return [table for table in pane.detail_panel.overview.parts.tables if table.isVisible()]


def cells(table: PartsTable, column: int) -> list[str]:
    model = table.view.parts
    return [model.index(row, column).data() for row in range(model.rowCount())]


async def shown(workspace: FakeWorkspace, pane: ExchangesPane, until: Until, exchange: Exchange) -> None:
    workspace.finish(workspace.begin(exchange))
    await until(lambda: pane.table.select(exchange.id))
    await until(lambda: pane.detail_panel._detail.complete)


async def test_the_decoded_size_is_told_beside_that_on_the_wire(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    exchange = an_exchange(answer=gzip.compress(b"x" * 5000))
    exchange.response_headers = (("Content-Encoding", "gzip"),)
    await shown(workspace, pane, until, exchange)

    def told() -> bool:
        values = pane.detail_panel.overview.findChildren(FlowText)
        return any(value.text().endswith("on the wire (gzip), 5.0 kB decoded") for value in values)

    await until(told)


async def test_cookies_are_masked_until_they_are_wanted(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    await shown(workspace, pane, until, an_exchange(request_headers=COOKIES))
    [table] = tables(pane)
    assert cells(table, 0) == ["sid", "theme"]
    assert cells(table, 1) == [MASK, MASK]
    QTest.mouseClick(table.reveal, Qt.MouseButton.LeftButton)
    assert cells(table, 1) == ["s3cret", "dark"]
    QTest.mouseClick(table.reveal, Qt.MouseButton.LeftButton)
    assert cells(table, 1) == [MASK, MASK]


async def test_what_was_revealed_is_masked_in_the_next_exchange(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    first, second = (an_exchange(target=path, request_headers=COOKIES) for path in ("/1", "/2"))
    await shown(workspace, pane, until, first)
    tables(pane)[0].reveal.click()
    await shown(workspace, pane, until, second)
    [table] = tables(pane)
    assert not table.reveal.isChecked()
    assert cells(table, 1) == [MASK, MASK]


async def test_an_update_of_the_exchange_masks_nothing_that_was_revealed(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    await shown(workspace, pane, until, an_exchange(request_headers=COOKIES))
    [table] = tables(pane)
    table.reveal.click()
    pane.detail_panel.tabs.refresh()
    assert cells(table, 1) == ["s3cret", "dark"]


async def test_a_click_copies_a_value_but_no_masked_one(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    await shown(workspace, pane, until, an_exchange(request_headers=COOKIES))
    said: list[str] = []
    pane.status_message.connect(said.append)
    QGuiApplication.clipboard().setText("before")
    [table] = tables(pane)
    place = table.view.visualRect(table.view.parts.index(0, 1)).center()
    QTest.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert QGuiApplication.clipboard().text() == "before"
    table.reveal.click()
    QTest.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert QGuiApplication.clipboard().text() == "s3cret"
    assert said == ["sid is masked: press Show values first.", "sid copied."]


async def test_tables_come_and_go_with_the_exchange(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    await shown(workspace, pane, until, an_exchange(target="/a?x=1", request_headers=COOKIES))
    assert [table.view.accessibleName() for table in tables(pane)] == ["Query parameters (1)", "Cookies sent (2)"]
    assert not tables(pane)[0].reveal.isVisible()
    await shown(workspace, pane, until, an_exchange(target="/b"))
    assert tables(pane) == []
    assert pane.detail_panel.overview.parts.isHidden()


async def test_a_long_url_makes_nothing_wider(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    overview = pane.detail_panel.overview
    await shown(workspace, pane, until, an_exchange(target="/" + "x" * 2000))
    await until(lambda: overview.verticalScrollBar().maximum() > 0)
    assert overview.horizontalScrollBar().maximum() == 0
    [path] = [value for value in overview.findChildren(FlowText) if value.text().startswith("GET /xxx")]
    assert path.height() > 5 * path.fontMetrics().height()
    assert path.verticalScrollBar().maximum() == 0, "all of it is shown"
    before = path.height()
    pane.resize(2400, 800)
    await until(lambda: path.height() < before)

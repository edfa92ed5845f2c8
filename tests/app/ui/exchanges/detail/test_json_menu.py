from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from app.ui.exchanges.detail.code_view import CodeView
from app.ui.exchanges.detail.json_menu import JsonMenu
from app.ui.exchanges.pane import ExchangesPane
from app.viewmodels.json_pick import JsonPick
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

PICK = JsonPick(".a&b[0]", "card declined", 'resp.json:.a="card declined"')


def entries(menu: QMenu) -> dict[str, bool]:
    return {action.text(): action.isEnabled() for action in menu.actions() if not action.isSeparator()}


async def test_the_actions_come_to_life_when_the_value_is_found(qapp: QApplication, until: Until) -> None:
    json_menu, menu = JsonMenu(), QMenu()
    gate = threading.Event()

    def find(stop: threading.Event) -> JsonPick:
        gate.wait(10)
        return PICK

    json_menu.extend(menu, find)
    assert entries(menu) == {"Filter by this value": False, "Copy path": False, "Copy value": False}
    gate.set()
    await until(lambda: all(entries(menu).values()))
    filters: list[str] = []
    said: list[str] = []
    json_menu.filter_wanted.connect(filters.append)
    json_menu.status_message.connect(said.append)
    by_value, copy_path, copy_value = [action for action in menu.actions() if not action.isSeparator()]
    assert copy_path.text() == "Copy path .a&&b[0]"
    by_value.trigger()
    assert filters == [PICK.condition]
    copy_path.trigger()
    assert QGuiApplication.clipboard().text() == PICK.path
    copy_value.trigger()
    assert QGuiApplication.clipboard().text() == PICK.value
    assert said == ["Path copied.", "Value copied."]


async def test_a_list_cannot_be_filtered_by(qapp: QApplication, until: Until) -> None:
    json_menu, menu = JsonMenu(), QMenu()
    json_menu.extend(menu, lambda stop: JsonPick(".a", "[1]", ""))
    await until(lambda: entries(menu).get("Copy value"))
    assert entries(menu) == {"Filter by this value": False, "Copy path .a": True, "Copy value": True}


async def test_closing_the_menu_stops_the_search(qapp: QApplication, until: Until) -> None:
    json_menu, menu = JsonMenu(), QMenu()
    stopped = threading.Event()

    def find(stop: threading.Event) -> None:
        if stop.wait(10):
            stopped.set()

    json_menu.extend(menu, find)
    menu.aboutToHide.emit()
    await until(stopped.is_set)
    assert not any(entries(menu).values())


def open_menu(view: CodeView, wanted: str) -> QMenu:
    """The context menu on the first place of that text."""
    cursor = view.document().find(wanted)
    view.setTextCursor(cursor)
    place = view.cursorRect(cursor).center() - QPoint(4, 0)
    menus: list[QMenu] = []
    view.menu_opening.connect(lambda menu, line, column: menus.append(menu))
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(view.viewport(), QContextMenuEvent(reason, place, view.viewport().mapToGlobal(place)))
    assert len(menus) == 1
    return menus[0]


@pytest.mark.parametrize("mode", [0, 1])
async def test_a_value_of_a_body_narrows_the_list(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, mode: int
) -> None:
    exchange = an_exchange(answer=b'{"error": {"code": "card_declined"}}')
    exchange.response_headers = (("Content-Type", "application/json"),)
    workspace.finish(workspace.begin(exchange))
    await until(lambda: pane.table.select(exchange.id))
    pane.detail_panel.step_tab(2)
    body = pane.detail_panel.response.body
    await until(lambda: "declined" in body.code.toPlainText() and not body.busy)
    body._bar._modes.buttons()[mode].click()
    await until(lambda: not body.busy)
    menu = open_menu(body.code, "declined")
    [by_value] = [action for action in menu.actions() if action.text() == "Filter by this value"]
    await until(by_value.isEnabled)
    by_value.trigger()
    menu.close()
    assert pane.toolbar.box.text() == "resp.json:.error.code=card_declined"
    await until(lambda: pane.table.model().rowCount() == 1)


async def test_other_bodies_have_the_plain_menu(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = an_exchange(answer=b"<p>declined</p>")
    exchange.response_headers = (("Content-Type", "text/html"),)
    workspace.finish(workspace.begin(exchange))
    await until(lambda: pane.table.select(exchange.id))
    pane.detail_panel.step_tab(2)
    body = pane.detail_panel.response.body
    await until(lambda: "declined" in body.code.toPlainText() and not body.busy)
    menu = open_menu(body.code, "declined")
    assert not any(action.text().startswith(("Filter", "Copy path")) for action in menu.actions())
    menu.close()

"""Every key of the list, as it comes from the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import SIGNAL, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.ui.exchanges.actions import ACTIONS, make_actions
from app.ui.exchanges.exchange_table import ExchangeTable
from app.ui.exchanges.pane import ExchangesPane
from app.viewmodels.exchange_columns import Column
from app.viewmodels.exchanges import ExchangeTableModel
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

Key = Qt.Key

# What people who know other inspectors expect.
EXPECTED = {
    "Space": "exchange.pause", "/": "exchange.filter", "J": "exchange.next", "K": "exchange.previous",
    "Return": "exchange.detail", "[": "exchange.previous_tab", "]": "exchange.next_tab", "R": "exchange.replay",
    "E": "exchange.edit", "D": "exchange.diff", "C": "exchange.curl", "Ctrl+S": "exchange.har", "P": "exchange.pin",
    "Ctrl+L": "exchange.clear", "Escape": "exchange.back",
}  # fmt: skip


@pytest.fixture
def table(qapp: QApplication) -> Iterator[ExchangeTable]:
    """Three requests, the newest selected, with the focus."""
    model = ExchangeTableModel()
    model.apply([an_exchange(target=f"/{number}", started_ns=number) for number in (1, 2, 3)])
    made = ExchangeTable(model)
    made.resize(900, 300)
    made.show()
    made.activateWindow()
    made.setFocus()
    made.move_current(0)
    qapp.processEvents()
    yield made
    made.hide()
    made.deleteLater()


def press(table: ExchangeTable, keys: str) -> None:
    combination = QKeySequence(keys)[0]
    QTest.keyClick(table, combination.key(), combination.keyboardModifiers())


@pytest.mark.parametrize(("action_id", "keys"), [(spec.id, keys) for spec in ACTIONS for keys in spec.keys])
def test_each_key_does_its_one_thing(table: ExchangeTable, action_id: str, keys: str) -> None:
    done: list[str] = []
    for name, action in make_actions(table).items():
        action.triggered.connect(lambda _, name=name: done.append(name))
    press(table, keys)
    assert done == [action_id]


def test_the_keys_are_those_that_people_know() -> None:
    keys = {each: spec.id for spec in ACTIONS for each in spec.keys}
    assert EXPECTED.items() <= keys.items()
    assert len(keys) == sum(len(spec.keys) for spec in ACTIONS), "no key is taken twice"


async def test_every_action_does_something(pane: ExchangesPane) -> None:
    idle = [spec.id for spec in ACTIONS if not pane.table_actions[spec.id].receivers(SIGNAL("triggered(bool)"))]
    assert idle == []


@pytest.mark.parametrize(
    ("keys", "selected"),
    [
        ("Down", [2]),
        ("Shift+Down", [3, 2]),
        ("End", [1]),
        ("Ctrl+A", [3, 2, 1]),
    ],
)
def test_rows_are_selected_with_the_keyboard(table: ExchangeTable, keys: str, selected: list[int]) -> None:
    press(table, keys)
    assert table.selected_ids() == [f"{number:012}" for number in selected]
    assert table.selected_count == len(selected)
    press(table, "Home")
    assert table.selected_ids() == [f"{3:012}"]
    assert table.following


def test_the_selection_grows_and_shrinks(table: ExchangeTable) -> None:
    for _ in range(2):
        press(table, "Shift+Down")
    press(table, "Shift+Up")
    assert table.selected_ids() == [f"{3:012}", f"{2:012}"]


def test_the_menu_key_opens_the_menu_at_the_selected_row(table: ExchangeTable) -> None:
    opened: list[QPoint] = []
    table.menu_wanted.connect(opened.append)
    table.move_current(1)
    elsewhere = QPoint(5, table.viewport().height() - 5)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, elsewhere, table.mapToGlobal(elsewhere))
    QApplication.sendEvent(table.viewport(), event)
    row = table.visualRect(table.currentIndex())
    assert [row.contains(table.viewport().mapFromGlobal(at)) for at in opened] == [True]
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, elsewhere, table.mapToGlobal(elsewhere))
    QApplication.sendEvent(table.viewport(), event)
    assert len(opened) == 1, "there is no row under the pointer"


async def test_the_menu_has_everything_that_can_be_done_with_a_request(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.begin(an_exchange("POST", "/pay", 502))
    await until(lambda: pane._model.rowCount() == 1)
    pane.table.setFocus()
    pane.table.move_current(0)
    pane.table.menu_wanted.emit(pane.mapToGlobal(QPoint(20, 60)))
    menu = next(child for child in pane.findChildren(QMenu) if child.isVisible())
    titles = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert titles[:-2] == [pane.table_actions[spec.id].text() for spec in ACTIONS if spec.menu]
    assert titles[-2:] == ["Show only those like this", "Columns"]
    columns = menu.actions()[-1].menu()
    assert isinstance(columns, QMenu)
    next(action for action in columns.actions() if action.text() == "Host").trigger()
    assert Column.HOST in pane.table.columns.choice.wanted
    QTest.keyClick(menu, Key.Key_Escape)

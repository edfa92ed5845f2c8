from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.ui.exchanges.column_header import ColumnHeader
from app.ui.exchanges.column_menu import open_column_menu, remember_columns
from app.ui.exchanges.exchange_table import ExchangeTable
from app.viewmodels.column_choice import ColumnChoice
from app.viewmodels.exchange_columns import OPTIONAL, Column
from app.viewmodels.exchanges import ExchangeTableModel

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def table(qapp: QApplication) -> Iterator[ExchangeTable]:
    made = a_table(qapp)
    yield made
    made.hide()
    made.deleteLater()


def a_table(qapp: QApplication) -> ExchangeTable:
    made = ExchangeTable(ExchangeTableModel())
    made.resize(1400, 300)
    made.show()
    qapp.processEvents()
    return made


def header_of(table: ExchangeTable) -> ColumnHeader:
    header = table.horizontalHeader()
    assert isinstance(header, ColumnHeader)
    return header


def shown(table: ExchangeTable) -> list[Column]:
    header = header_of(table)
    order = [Column(header.logicalIndex(place)) for place in range(header.count())]
    return [column for column in order if not table.isColumnHidden(column)]


def draw(table: ExchangeTable, start: int, way: int) -> None:
    """Press on the header `start` px from its left end, move `way` px, let go."""
    header = header_of(table)
    y = header.height() // 2
    QTest.mouseMove(header.viewport(), QPoint(start, y))
    QTest.mousePress(header.viewport(), LEFT, NONE, QPoint(start, y))
    for step in (way // 3, way // 2, way):
        QTest.mouseMove(header.viewport(), QPoint(start + step, y))
    QTest.mouseRelease(header.viewport(), LEFT, NONE, QPoint(start + way, y))


def choose(table: ExchangeTable, title: str) -> None:
    menu = open_column_menu(table, QPoint(0, 0))
    next(action for action in menu.actions() if action.text() == title).trigger()
    menu.close()


def test_by_default_the_optional_ones_are_hidden(table: ExchangeTable) -> None:
    assert shown(table) == [column for column in Column if column not in OPTIONAL]


@pytest.mark.parametrize("title", ["Tunnel", "Request size", "Replay of"])
def test_a_column_is_chosen_in_the_menu_and_hidden_again(table: ExchangeTable, title: str) -> None:
    before = shown(table)
    choose(table, title)
    assert len(shown(table)) == len(before) + 1
    choose(table, title)
    assert shown(table) == before


def test_every_column_but_status_and_path_can_be_hidden(table: ExchangeTable) -> None:
    for column in shown(table):
        table.columns.want(column, False)
    table.columns.want(Column.STATUS, True)
    table.columns.want(Column.PATH, True)
    assert shown(table) == [Column.STATUS, Column.PATH]


def test_a_column_behind_the_path_grows_to_the_left(table: ExchangeTable) -> None:
    header = header_of(table)
    before, path = header.sectionSize(Column.SIZE), header.sectionSize(Column.PATH)
    right = header.sectionViewportPosition(Column.DURATION)
    draw(table, header.sectionViewportPosition(Column.SIZE), -60)
    assert header.sectionSize(Column.SIZE) == pytest.approx(before + 60, abs=1)
    assert header.sectionSize(Column.PATH) == pytest.approx(path - 60, abs=1)
    assert header.sectionViewportPosition(Column.DURATION) == right


def test_a_column_before_the_path_grows_to_the_right(table: ExchangeTable) -> None:
    header = header_of(table)
    before = header.sectionSize(Column.METHOD)
    draw(table, header.sectionViewportPosition(Column.PATH), 40)
    assert header.sectionSize(Column.METHOD) == pytest.approx(before + 40, abs=1)


def test_no_column_takes_the_room_of_the_path(table: ExchangeTable) -> None:
    header = header_of(table)
    columns = shown(table)
    draw(table, header.sectionViewportPosition(Column.TYPE), -1_300)
    assert shown(table) == columns
    assert header.sectionSize(Column.PATH) >= 16 * 6


def test_a_double_click_on_the_edge_gives_the_width_back(table: ExchangeTable) -> None:
    header = header_of(table)
    before = header.sectionSize(Column.SIZE)
    draw(table, header.sectionViewportPosition(Column.SIZE), -60)
    at = QPoint(header.sectionViewportPosition(Column.SIZE), 5)
    QTest.mouseDClick(header.viewport(), LEFT, NONE, at)
    assert header.sectionSize(Column.SIZE) == before
    assert table.columns.choice == ColumnChoice()


def test_a_column_is_moved_by_dragging_it_but_not_before_the_status(table: ExchangeTable) -> None:
    header = header_of(table)
    start = header.sectionViewportPosition(Column.TIME) + 20
    draw(table, start, header.sectionViewportPosition(Column.TYPE) - 20 - start)
    assert shown(table)[:4] == [Column.STATUS, Column.METHOD, Column.PATH, Column.TIME]
    assert table.columns.choice.order[0] is Column.STATUS
    moved = header.sectionViewportPosition(Column.METHOD) + 20
    draw(table, moved, 5 - moved)
    assert shown(table)[0] is Column.STATUS


def test_order_widths_and_choice_are_remembered(table: ExchangeTable, settings: QSettings, qapp: QApplication) -> None:
    remember_columns(table.columns, settings)
    header = header_of(table)
    choose(table, "Note")
    draw(table, header.sectionViewportPosition(Column.NOTE), -80)
    header.moveSection(header.visualIndex(Column.TYPE), header.visualIndex(Column.METHOD))
    again = a_table(qapp)
    remember_columns(again.columns, settings)
    qapp.processEvents()
    assert shown(again) == shown(table)
    assert again.columns.choice == table.columns.choice != ColumnChoice()
    assert header_of(again).sectionSize(Column.NOTE) == pytest.approx(header.sectionSize(Column.NOTE), abs=2)
    choose(again, "Reset columns")
    assert shown(again) == [column for column in Column if column not in OPTIONAL]
    assert again.columns.choice == ColumnChoice()
    third = a_table(qapp)
    remember_columns(third.columns, settings)
    assert third.columns.choice == ColumnChoice()
    for made in (again, third):
        made.hide()
        made.deleteLater()


def test_there_is_nothing_to_reset_in_the_beginning(table: ExchangeTable) -> None:
    menu = open_column_menu(table, QPoint(0, 0))
    assert not next(action for action in menu.actions() if action.text() == "Reset columns").isEnabled()
    menu.close()


def test_a_narrow_list_gives_up_columns_and_takes_them_back(table: ExchangeTable, qapp: QApplication) -> None:
    before = shown(table)
    table.resize(420, 300)
    qapp.processEvents()
    assert Column.TYPE not in shown(table)
    assert header_of(table).sectionSize(Column.PATH) >= 16 * 6
    menu = open_column_menu(table, QPoint(0, 0))
    assert {"Type (no room)", "Method", "Host"} <= {action.text() for action in menu.actions()}
    menu.close()
    table.resize(1400, 300)
    qapp.processEvents()
    assert shown(table) == before


def test_a_column_that_was_asked_for_stays_longer_than_the_usual_ones(table: ExchangeTable, qapp: QApplication) -> None:
    table.resize(580, 300)
    qapp.processEvents()
    choose(table, "Request size")
    assert Column.REQUEST_SIZE in shown(table)

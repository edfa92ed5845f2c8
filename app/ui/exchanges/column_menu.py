"""The menu on the list's header: which columns are shown."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.ui.exchanges.exchange_table import ExchangeTable
from app.viewmodels.exchange_row import Column

_ALWAYS = (Column.STATUS, Column.PATH)
_KEY = "columns"


def open_column_menu(table: ExchangeTable, at: QPoint, settings: QSettings) -> None:
    """At a place on the screen; the choice is remembered."""
    menu = QMenu(table)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for column in Column:
        if column in _ALWAYS:
            continue
        title = table.model().headerData(column, Qt.Orientation.Horizontal)
        action = QAction(str(title), menu, checkable=True, checked=column in table.wanted_columns)
        action.toggled.connect(lambda on, column=column: _choose(table, column, on, settings))
        menu.addAction(action)
    menu.popup(at)


def restore_columns(table: ExchangeTable, settings: QSettings) -> None:
    """As they were chosen last."""
    kept = settings.value(_KEY)
    if not isinstance(kept, str) or not kept:
        return
    names = set(kept.split(","))
    for column in Column:
        if column not in _ALWAYS:
            table.want_column(column, column.name in names)


def _choose(table: ExchangeTable, column: Column, on: bool, settings: QSettings) -> None:
    table.want_column(column, on)
    settings.setValue(_KEY, ",".join(sorted(column.name for column in table.wanted_columns)))
    settings.sync()

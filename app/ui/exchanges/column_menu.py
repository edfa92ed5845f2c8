"""The menu on the list's header: which columns are shown. What the user arranges is remembered."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.ui.exchanges.column_layout import ColumnLayout
from app.ui.exchanges.exchange_table import ExchangeTable
from app.viewmodels.column_choice import ColumnChoice, from_text, to_text
from app.viewmodels.exchange_columns import ALWAYS

_KEY = "columns"


def open_column_menu(table: ExchangeTable, at: QPoint) -> QMenu:
    """At a place on the screen."""
    menu = QMenu(table)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    fill_column_menu(menu, table)
    menu.popup(at)
    return menu


def fill_column_menu(menu: QMenu, table: ExchangeTable) -> None:
    """An entry for each column that can be hidden, in the order in which they stand, and a way back."""
    layout = table.columns
    for column in layout.choice.order:
        if column in ALWAYS:
            continue
        title = str(table.model().headerData(column, Qt.Orientation.Horizontal))
        if layout.crowded_out(column):
            title = menu.tr("{0} (no room)").format(title)
        action = QAction(title, menu, checkable=True, checked=column in layout.choice.wanted)
        action.toggled.connect(lambda on, column=column: layout.want(column, on))
        menu.addAction(action)
    menu.addSeparator()
    reset = menu.addAction(menu.tr("Reset columns"), layout.reset)
    reset.setEnabled(layout.choice != ColumnChoice())


def remember_columns(layout: ColumnLayout, settings: QSettings) -> None:
    """Arrange them as they were left last time, and keep what changes from now on."""
    kept = settings.value(_KEY)
    if isinstance(kept, str):
        layout.show_choice(from_text(kept))

    def keep() -> None:
        settings.setValue(_KEY, to_text(layout.choice))

    layout.changed.connect(keep)

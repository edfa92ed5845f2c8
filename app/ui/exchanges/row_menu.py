"""The context menu of the list's rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.exchange import Exchange
from app.ui.exchanges.actions import ACTIONS
from app.viewmodels.similar import similar_conditions

_FIRST_OF_GROUP = ("exchange.har", "exchange.curl", "exchange.pin")


def open_row_menu(
    owner: QWidget,
    at: QPoint,
    actions: Mapping[str, QAction],
    exchange: Exchange | None,
    narrow: Callable[[str], None],
) -> QMenu:
    """At a place on the screen. exchange: the shown one; narrow: adds a condition to the filter"""
    menu = QMenu(owner)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for spec in ACTIONS:
        if spec.menu:
            if spec.id in _FIRST_OF_GROUP:
                menu.addSeparator()
            menu.addAction(actions[spec.id])
    menu.addSeparator()
    if exchange is not None:
        more = menu.addMenu(owner.tr("Show only those like this"))
        for condition in similar_conditions(exchange):
            more.addAction(condition, partial(narrow, condition))
    menu.popup(at)
    return menu

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.exchange import Body
from app.domain.problems import Problem
from app.viewmodels.exchange_columns import ALWAYS, OPTIONAL, TIPS, TITLES, Column, tool_tip
from app.viewmodels.exchanges import ExchangeTableModel
from tests.app.fake_workspace import an_exchange


def test_every_column_has_a_title() -> None:
    assert len(TITLES) == len(set(TITLES)) == len(Column)
    assert not set(ALWAYS) & set(OPTIONAL)


@pytest.mark.parametrize("column", Column, ids=lambda column: column.name)
def test_the_header_explains_what_its_title_cannot(qtbot: QtBot, column: Column) -> None:
    model = ExchangeTableModel()
    assert model.headerData(column, Qt.Orientation.Horizontal) == TITLES[column]
    assert model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) == TIPS.get(column)


def test_the_tip_of_the_path_explains_each_mark() -> None:
    exchange = an_exchange(target="/pay")
    exchange.replay_of, exchange.note, exchange.leak = "m8c0p1d1znnq", "odd", "/cart"
    exchange.response_body = Body(b"x", size=9)
    assert (tool_tip(exchange, Column.PATH) or "").splitlines() == [
        "/pay",
        "↻ Replay of m8c0p1d1znnq",
        "Came without the prefix; asked by /cart",
        "✂ Kept of the answer's body: the first 1 B of 9 B",
        "✎ odd",
    ]
    assert tool_tip(an_exchange(target="/"), Column.PATH) == "/"


def test_the_tip_of_the_status_says_what_went_wrong() -> None:
    exchange = an_exchange(status=502)
    assert tool_tip(exchange, Column.STATUS) is None
    exchange.reason = "Bad Gateway"
    assert tool_tip(exchange, Column.STATUS) == "502 Bad Gateway"
    exchange.problem = Problem("upstream_refused", "Port 3000 refuses connections", "your service")
    assert "Port 3000 refuses connections" in (tool_tip(exchange, Column.STATUS) or "")

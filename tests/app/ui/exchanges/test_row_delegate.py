from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from app.domain.exchange import Body
from app.ui.exchanges.exchange_table import ExchangeTable
from app.ui.exchanges.status_shape import mark_colour
from app.ui.theme import apply_theme, tokens
from app.viewmodels.exchange_columns import Column
from app.viewmodels.exchange_marks import Mark
from app.viewmodels.exchanges import ExchangeTableModel
from tests.app.fake_workspace import an_exchange

MARKED = {
    Mark.LEAK: {"leak": "/cart"},
    Mark.REPLAY: {"replay_of": "x"},
    Mark.PINNED: {"pinned": True},
    Mark.NOTE: {"note": "odd"},
    Mark.CUT: {"response_body": Body(size=9)},
}


def picture(qapp: QApplication, **changes: object) -> QImage:
    """The cell with the path of one row."""
    exchange = an_exchange(target="/", started_ns=1)
    for name, value in changes.items():
        setattr(exchange, name, value)
    model = ExchangeTableModel()
    table = ExchangeTable(model)
    table.resize(900, 200)
    model.apply([exchange])
    table.show()
    qapp.processEvents()
    cell = table.visualRect(model.index(0, Column.PATH))
    image = table.viewport().grab(cell).toImage()
    table.hide()
    table.deleteLater()
    return image


def has(image: QImage, colour: QColor) -> bool:
    """Whether some pixel is of nothing but this colour."""
    return any(
        image.pixelColor(x, y).rgb() == colour.rgb() for x in range(image.width()) for y in range(image.height())
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("mark", Mark, ids=lambda mark: mark.name)
def test_a_mark_stands_in_front_of_the_path(qapp: QApplication, mark: Mark, theme: str) -> None:
    apply_theme(qapp, theme)  # type: ignore[arg-type]
    assert has(picture(qapp, **MARKED[mark]), mark_colour(mark, tokens()))
    assert not has(picture(qapp), mark_colour(mark, tokens()))


def test_a_pin_does_not_hide_that_it_is_a_replay(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    colours = {Mark.PINNED: QColor("#ff0000"), Mark.REPLAY: QColor("#00ff00")}
    monkeypatch.setattr("app.ui.exchanges.row_delegate.mark_colour", lambda mark, _: colours[mark])
    both = picture(qapp, pinned=True, replay_of="x")
    assert all(has(both, colour) for colour in colours.values())


def test_marks_differ_in_shape_not_only_in_colour(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.exchanges.row_delegate.mark_colour", lambda *_: QColor("#ff0000"))
    pictures = [picture(qapp, **MARKED[mark]) for mark in Mark]
    assert all(one != other for place, one in enumerate(pictures) for other in pictures[:place])

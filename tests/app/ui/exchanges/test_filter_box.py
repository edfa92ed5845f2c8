from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidgetItem

from app.filter.parser import FilterProblem
from app.ui.exchanges.filter_box import FilterBox
from tests.app.ui.conftest import Until

Key = Qt.Key


async def seen(field: str, prefix: str) -> Sequence[tuple[str, int]]:
    await asyncio.sleep(0)
    return {"method": [("POST", 7), ("PUT", 2), ("GET", 1)], "is": [("error", 3)]}.get(field, [])


@pytest.fixture
async def box(qapp: QApplication) -> AsyncIterator[FilterBox]:
    made = FilterBox(seen)
    made.resize(400, 32)
    made.show()
    made.activateWindow()
    made.setFocus()
    qapp.processEvents()
    yield made
    made.hide()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def offered(box: FilterBox) -> list[str]:
    items = [box.popup.item(row) for row in range(box.popup.count())]
    return [item.text() for item in items if isinstance(item, QListWidgetItem)] if box.popup.isVisible() else []


async def test_values_are_offered_with_their_counts_and_taken_with_the_keyboard(box: FilterBox, until: Until) -> None:
    QTest.keyClicks(box, "pay method:p")
    await until(lambda: offered(box) == ["POST   7", "PUT   2"])
    QTest.keyClick(box, Key.Key_Down)
    QTest.keyClick(box, Key.Key_Down)
    QTest.keyClick(box, Key.Key_Return)
    assert box.text() == "pay method:PUT "
    assert box.hasFocus()


async def test_tab_takes_the_first_and_goes_on_with_its_values(box: FilterBox, until: Until) -> None:
    QTest.keyClicks(box, "meth")
    await until(lambda: bool(offered(box)))
    QTest.keyClick(box, Key.Key_Tab)
    assert box.text() == "method:"
    await until(lambda: offered(box) == ["POST   7", "PUT   2", "GET   1"])


async def test_all_fields_are_shown_on_demand(box: FilterBox, until: Until) -> None:
    QTest.keyClick(box, Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: len(offered(box)) > 20)
    QTest.keyClick(box, Key.Key_Escape)
    assert not box.popup.isVisible()
    assert box.text() == ""


async def test_without_a_popup_the_keys_belong_to_the_list(box: FilterBox) -> None:
    left: list[bool] = []
    box.left.connect(lambda: left.append(True))
    for key in (Key.Key_Down, Key.Key_Return, Key.Key_Escape):
        QTest.keyClick(box, key)
    assert len(left) == 3


async def test_enter_leaves_although_the_popup_is_open_as_long_as_nothing_is_chosen(
    box: FilterBox, until: Until
) -> None:
    left: list[bool] = []
    box.left.connect(lambda: left.append(True))
    QTest.keyClicks(box, "me")
    await until(lambda: bool(offered(box)))
    QTest.keyClick(box, Key.Key_Return)
    assert left == [True]
    assert box.text() == "me"


async def test_a_mistake_is_underlined_and_an_input_method_is_not_disturbed(box: FilterBox, qapp: QApplication) -> None:
    box.setText("pay staus:5")
    plain = box.grab().toImage()
    box.show_problems([FilterProblem("no", 4, 9)])
    assert box.grab().toImage() != plain
    box.show_problems([])
    assert box.grab().toImage() == plain
    qapp.sendEvent(box, QInputMethodEvent("ni", []))
    composing = box.grab().toImage()
    box.show_problems([FilterProblem("no", 4, 9)])
    assert box.grab().toImage() == composing

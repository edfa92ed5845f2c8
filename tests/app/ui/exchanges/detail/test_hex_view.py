from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.exchanges.detail.hex_view import HexView
from app.ui.exchanges.detail.long_text_view import LongTextView

NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def view(qtbot: QtBot) -> HexView:
    view = HexView()
    qtbot.addWidget(view)
    view.resize(700, 200)
    view.show()
    view.show_bytes(bytes(range(256)) * 64)
    return view


@pytest.mark.parametrize(
    ("keys", "selection"),
    [
        ([(Qt.Key.Key_Right, None)], (1, 1)),
        ([(Qt.Key.Key_Left, None)], (0, 1)),
        ([(Qt.Key.Key_Down, None), (Qt.Key.Key_Right, SHIFT), (Qt.Key.Key_Right, SHIFT)], (16, 3)),
        ([(Qt.Key.Key_End, CONTROL)], (16383, 1)),
        ([(Qt.Key.Key_End, CONTROL), (Qt.Key.Key_Home, None)], (16368, 1)),
        ([(Qt.Key.Key_End, None), (Qt.Key.Key_Home, SHIFT)], (0, 16)),
        ([(Qt.Key.Key_A, CONTROL)], (0, 16384)),
    ],
)
def test_keys_move_and_select(
    view: HexView, keys: list[tuple[Qt.Key, Qt.KeyboardModifier | None]], selection: tuple[int, int]
) -> None:
    for key, modifier in keys:
        QTest.keyClick(view, key, modifier or Qt.KeyboardModifier.NoModifier)
    assert view.selection == selection


def test_the_cursor_stays_in_view(view: HexView) -> None:
    QTest.keyClick(view, Qt.Key.Key_End, CONTROL)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    QTest.keyClick(view, Qt.Key.Key_Home, CONTROL)
    assert view.verticalScrollBar().value() == 0


@pytest.mark.parametrize("offset", [0, 7, 8, 15, 16, 40])
def test_a_click_takes_the_byte_under_it_as_digits_and_as_letter(view: HexView, offset: int) -> None:
    row, column = divmod(offset, 16)
    y = 6 + row * view.fontMetrics().height()
    for cell in (view._cell(column, y), view._letter(column, y)):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
        assert view.selection == (offset, 1)


def drag(view: HexView | LongTextView, start: QPoint, end: QPoint) -> None:
    """With the button held: QTest's own moves come without one on a platform that has no screen."""
    viewport = view.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    place = QPointF(end)
    held = Qt.MouseButton.LeftButton
    move = QMouseEvent(QEvent.Type.MouseMove, place, viewport.mapToGlobal(place), Qt.MouseButton.NoButton, held, NONE)
    QApplication.sendEvent(viewport, move)
    QTest.mouseRelease(viewport, held, pos=end)


def test_dragging_selects_and_ctrl_c_copies_hex(view: HexView) -> None:
    drag(view, view._cell(2, 6).center(), view._cell(4, 6).center())
    assert view.selection == (2, 3)
    QTest.keyClick(view, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "02 03 04"


def test_keys_of_other_scripts_do_nothing(view: HexView) -> None:
    QApplication.sendEvent(view, QKeyEvent(QEvent.Type.KeyPress, 0x0424, NONE, "ф"))
    assert view.selection == (0, 1)


def test_no_bytes_are_no_trouble(view: HexView) -> None:
    view.show_bytes(b"")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_PageDown):
        QTest.keyClick(view, key)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 30))
    assert (view.selection, view.selected_hex()) == ((0, 0), "")


def test_twenty_megabytes_are_there_at_once(view: HexView) -> None:
    view.show_bytes(b"\xaa" * 20_000_000)
    QTest.keyClick(view, Qt.Key.Key_End, CONTROL)
    view.grab()
    assert view.selection == (19_999_999, 1)

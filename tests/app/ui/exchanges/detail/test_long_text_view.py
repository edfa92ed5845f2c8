from __future__ import annotations

import json
from threading import Event

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.exchanges.detail.long_text_view import LongTextView
from app.viewmodels.laid_out import lay_out
from tests.app.ui.exchanges.detail.test_hex_view import drag

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def view(qtbot: QtBot) -> LongTextView:
    view = LongTextView()
    qtbot.addWidget(view)
    view.resize(500, 200)
    view.show()
    return view


TEXT = "first\n中文 𝄞 wide\n\ttab\n" + "x" * 2_010 + "\nlast"


@pytest.mark.parametrize(
    ("keys", "copied"),
    [
        ([(Qt.Key.Key_End, SHIFT)], "first"),
        ([(Qt.Key.Key_Down, SHIFT)], "first\n"),
        (
            [(Qt.Key.Key_Down, NONE), (Qt.Key.Key_Right, NONE), (Qt.Key.Key_Right, SHIFT), (Qt.Key.Key_Right, SHIFT)],
            "文 ",
        ),
        ([(Qt.Key.Key_End, CONTROL), (Qt.Key.Key_Home, SHIFT)], "last"),
        ([(Qt.Key.Key_End, CONTROL), (Qt.Key.Key_Left, SHIFT), (Qt.Key.Key_Left, SHIFT)], "st"),
        ([(Qt.Key.Key_A, CONTROL)], TEXT),
        ([(Qt.Key.Key_PageDown, NONE), (Qt.Key.Key_Home, CONTROL | SHIFT)], TEXT.rpartition("\n")[0] + "\n"),
    ],
)
def test_keys_select_what_is_copied(
    view: LongTextView, keys: list[tuple[Qt.Key, Qt.KeyboardModifier]], copied: str
) -> None:
    view.set_text(lay_out([TEXT]))
    for key, modifiers in keys:
        QTest.keyClick(view, key, modifiers)
    QTest.keyClick(view, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == copied


@pytest.mark.parametrize("line", ["plain words", "中文 𝄞 wide", "\ta\tb", ""])
def test_every_character_is_where_it_is_painted(view: LongTextView, line: str) -> None:
    view.set_text(lay_out([f"before\n{line}\nafter"]))
    y = 6 + view.fontMetrics().height() + 3
    for column in range(len(line) + 1):
        x = view._left() + round(view._lines_painter.x_of(line, column))
        assert view.place_at(QPoint(x, y)) == (1, column)


def test_a_double_click_takes_the_word(view: LongTextView) -> None:
    view.set_text(lay_out(['  "customer_name": "Zoë Ångström",']))
    x = view._left() + round(view._lines_painter.x_of(view.line(0), 6))
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
    assert view.selected_text() == "customer_name"


def test_dragging_and_shift_with_a_click_select(view: LongTextView) -> None:
    view.set_text(lay_out(["abcdef\nghijkl"]))
    height, width = view.fontMetrics().height(), view.fontMetrics().horizontalAdvance("0")
    start, end = QPoint(view._left() + 2 * width, 8), QPoint(view._left() + 3 * width, 8 + height)
    drag(view, start, end)
    assert view.selected_text() == "cdef\nghi"
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, SHIFT, end + QPoint(width, 0))
    assert view.selected_text() == "cdef\nghij"


def test_keys_of_other_scripts_do_nothing(view: LongTextView) -> None:
    view.set_text(lay_out(["abc"]))
    QApplication.sendEvent(view, QKeyEvent(QEvent.Type.KeyPress, 0x4E2D, NONE, "中"))
    assert view.selected_text() == ""


def test_a_match_is_selected_and_in_view(view: LongTextView) -> None:
    lines = [f"line {number} 𝄞" for number in range(50_000)]
    lines[40_000] += " " + "x" * 3_000 + "needle"
    view.set_text(lay_out(["\n".join(lines)]))
    matches = view.search("needle")(Event())
    view.show_matches(matches, 0)
    view.grab()
    assert view.selected_text() == "needle"
    number = matches[0].line
    first = view.verticalScrollBar().value()
    assert first <= number < first + view.verticalScrollBar().pageStep()
    assert view.horizontalScrollBar().value() > 0


def test_a_match_across_a_soft_break_is_selected_whole(view: LongTextView) -> None:
    view.set_text(lay_out(["𝄞" + "x" * 1_996 + "needle" + "x" * 100]))
    view.show_matches(view.search("needle")(Event()), 0)
    assert view.selected_text() == "needle"


def test_twenty_megabytes_are_painted_as_fast_as_two_lines(view: LongTextView) -> None:
    item = json.dumps({"id": 123456, "name": "Zürich 北京", "text": "x" * 80}, ensure_ascii=False)
    content = lay_out([f"{item}\n"] * 150_000)
    view.set_text(content, "json")
    QTest.keyClick(view, Qt.Key.Key_End, CONTROL)
    image = view.grab().toImage()
    assert view.line_count == 150_001
    assert len({image.pixel(x, y) for x in range(0, 500, 3) for y in range(0, 200, 3)}) > 3  # colours were painted


def test_an_empty_text_is_no_trouble(view: LongTextView) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_Left, Qt.Key.Key_Right):
        QTest.keyClick(view, key)
    view.grab()
    assert (view.selected_text(), view.line_count) == ("", 1)

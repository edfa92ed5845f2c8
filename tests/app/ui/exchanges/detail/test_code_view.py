from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.ui.exchanges.detail.code_view import CodeView
from app.ui.theme import tokens
from app.viewmodels.body_text import soft_split
from tests.app.ui.conftest import Until


@pytest.fixture
def view(qtbot: QtBot) -> CodeView:
    view = CodeView()
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    return view


def test_a_long_text_arrives_in_pieces_and_whole(qtbot: QtBot, view: CodeView) -> None:
    text = "\n".join(f"line {number}" for number in range(30_000))
    view.set_text(text)
    assert view.filling
    qtbot.waitUntil(lambda: not view.filling)
    assert view.toPlainText() == text


def test_a_new_text_ends_the_filling_of_the_old_one(qtbot: QtBot, view: CodeView) -> None:
    view.set_text("old\n" * 100_000)
    view.set_text("new")
    qtbot.wait(30)
    assert view.toPlainText() == "new"


def test_soft_breaks_vanish_when_copied(view: CodeView) -> None:
    line = "x" * 4_100
    view.set_text(soft_split(f"{line}\nend"))
    assert view.blockCount() == 4
    view.selectAll()
    view.copy()
    assert QGuiApplication.clipboard().text() == f"{line}\nend"


def test_only_visible_lines_are_coloured(qtbot: QtBot, view: CodeView) -> None:
    view.set_text("\n".join(f'"key {number}": true,' for number in range(2_000)), "json")
    qtbot.waitUntil(lambda: len(view.extraSelections()) > 4)
    assert len(view.extraSelections()) < 100
    view.verticalScrollBar().setValue(1_000)
    qtbot.wait(30)
    selections = view.extraSelections()  # keeps the cursors alive
    assert selections[0].cursor.block().blockNumber() >= 990
    assert selections[0].format.foreground().color() == tokens().redirect
    assert selections[0].cursor.selectedText().startswith('"key ')


async def test_pieces_are_one_text_with_the_numbers_of_its_lines(qtbot: QtBot, until: Until) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    long_line = soft_split("x" * 5_000)
    view.set_text(["a\nb", "", "c\n" + long_line, "\nd"])
    await until(lambda: not view.filling)
    assert view.toPlainText() == f"a\nbc\n{long_line}\nd"
    assert view._continued == [3, 4]

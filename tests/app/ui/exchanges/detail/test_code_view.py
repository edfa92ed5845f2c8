from __future__ import annotations

from threading import Event

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.ui.exchanges.detail.code_view import CodeView
from app.ui.theme import tokens
from app.viewmodels.laid_out import lay_out
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


def test_soft_breaks_vanish_when_copied(qtbot: QtBot, view: CodeView) -> None:
    line = "x" * 4_100
    view.set_text(lay_out([f"{line}\nend"]))
    qtbot.waitUntil(lambda: not view.filling)
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


async def test_matches_are_marked_and_the_current_one_is_selected(qtbot: QtBot, view: CodeView, until: Until) -> None:
    text = "\n".join(f"line {number} 𝄞 needle" for number in range(20_000))
    view.set_text(lay_out([text]))
    matches = view.search("needle")(Event())
    assert len(matches) == 10_000
    view.show_matches(matches, 9_000)  # not inserted yet: it is gone to when it is
    await until(lambda: not view.filling)
    assert view.textCursor().selectedText() == "needle"
    assert view.textCursor().block().text() == "line 9000 𝄞 needle"
    ground = tokens().found
    await until(lambda: any(mark.format.background().color() == ground for mark in view.extraSelections()))
    view.show_matches((), -1)
    await until(lambda: not any(mark.format.background().color() == ground for mark in view.extraSelections()))


def test_a_match_goes_across_a_soft_break(qtbot: QtBot, view: CodeView) -> None:
    view.set_text(lay_out(["x" * 1_997 + "needle" + "x" * 100]))
    (match,) = view.search("needle")(Event())
    qtbot.waitUntil(lambda: not view.filling)
    view.show_matches([match], 0)
    view.copy()
    assert QGuiApplication.clipboard().text() == "needle"

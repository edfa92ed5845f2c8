from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from app.domain.problems import fail
from app.domain.settings import SavedFilter
from app.ui.exchanges.list_toolbar import ListToolbar
from app.ui.exchanges.pane import ExchangesPane
from app.ui.exchanges.saved_chips import SavedChips
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def chips(pane: ExchangesPane) -> list[QToolButton]:
    return [chip for chip in pane.toolbar.chips.findChildren(QToolButton) if chip.isVisible()]


def keep(pane: ExchangesPane, text: str, name: str) -> None:
    pane.toolbar.box.setText(text)
    QTest.keyClick(pane.toolbar.box, Key.Key_D, CTRL)
    box = pane.toolbar.chips.name_box
    assert box.hasFocus()
    box.clear()
    QTest.keyClicks(box, name)
    QTest.keyClick(box, Key.Key_Return)


async def test_a_filter_is_kept_applied_and_taken_back(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    assert not pane.toolbar.chips.isVisible()
    keep(pane, "status:5xx", "Server & us")
    await until(lambda: workspace.settings.filters == (SavedFilter("Server & us", "status:5xx"),))
    assert pane.toolbar.box.hasFocus()
    (chip,) = chips(pane)
    assert chip.isChecked()
    pane.toolbar.clear()
    assert not chip.isChecked()
    chip.click()
    assert pane.toolbar.filter.text == "status:5xx"
    chip.click()
    assert not pane.toolbar.filter.active


async def test_what_is_kept_already_or_no_filter_cannot_be_kept(pane: ExchangesPane, until: Until) -> None:
    keep(pane, "pay", "pay")
    for text in ("pay", "", "status:x"):
        pane.toolbar.box.setText(text)
        QTest.keyClick(pane.toolbar.box, Key.Key_D, CTRL)
        assert not pane.toolbar.chips.name_box.isVisible()


async def test_the_star_is_there_for_what_can_be_kept(pane: ExchangesPane, until: Until) -> None:
    star = next(action for action in pane.toolbar.box.actions() if "Ctrl+D" in action.text())
    assert not star.isVisible()
    pane.toolbar.box.setText("pay")
    await until(star.isVisible)
    star.trigger()
    assert pane.toolbar.chips.name_box.text() == "pay"
    QTest.keyClick(pane.toolbar.chips.name_box, Key.Key_Escape)
    assert not pane.toolbar.chips.isVisible()
    assert pane.toolbar.box.hasFocus()


async def test_a_name_is_required(pane: ExchangesPane) -> None:
    keep(pane, "pay", " ")
    assert pane.toolbar.chips.problem.isVisible()
    assert pane.toolbar.chips.saved == ()


async def test_renaming_and_removing(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    keep(pane, "one", "first")
    keep(pane, "two", "second")
    first = chips(pane)[0]
    first.customContextMenuRequested.emit(first.rect().center())
    menu = next(menu for menu in first.findChildren(QMenu) if menu.isVisible())
    rename = menu.actions()[0]
    assert isinstance(rename, QAction)
    rename.trigger()
    menu.close()
    pane.activateWindow()
    await until(pane.isActiveWindow)
    box = pane.toolbar.chips.name_box
    box.setText("second")
    QTest.keyClick(box, Key.Key_Return)
    assert "already" in pane.toolbar.chips.problem.text()
    box.setText("renamed")
    QTest.keyClick(box, Key.Key_Return)
    await until(lambda: [each.name for each in workspace.settings.filters] == ["renamed", "second"])
    renamed = chips(pane)[0]
    renamed.setFocus()
    QTest.keyClick(renamed, Key.Key_Delete)
    await until(lambda: workspace.settings.filters == (SavedFilter("second", "two"),))
    (left,) = chips(pane)
    assert left.hasFocus()
    QTest.keyClick(left, Key.Key_Delete)
    assert not pane.toolbar.chips.isVisible()
    assert pane.toolbar.box.hasFocus()


async def test_a_saved_filter_that_is_not_understood_explains_itself(qapp: QApplication, until: Until) -> None:
    async def none(field: str, prefix: str) -> list[tuple[str, int]]:
        return []

    toolbar = ListToolbar(none, (SavedFilter("later", "phase:moon"),))
    toolbar.show()
    (chip,) = [chip for chip in toolbar.chips.findChildren(QToolButton) if chip.isVisible()]
    chip.click()
    assert "phase" in toolbar.mistake.text()
    assert not toolbar.filter.active
    toolbar.hide()
    toolbar.deleteLater()


async def test_chips_go_on_the_next_line_when_there_is_no_room(qapp: QApplication) -> None:
    row = SavedChips(tuple(SavedFilter(f"filter number {n}", f"n{n}") for n in range(12)))
    row.setFixedWidth(300)
    row.show()
    qapp.processEvents()
    tops = {chip.y() for chip in row.findChildren(QToolButton)}
    assert len(tops) > 3
    assert all(chip.geometry().right() < 300 for chip in row.findChildren(QToolButton))
    assert row.heightForWidth(300) > row.heightForWidth(3000)
    row.hide()
    row.deleteLater()


async def test_settings_that_cannot_be_saved_are_told(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    async def refuse(filters: object) -> None:
        raise fail("settings_not_saved", "The settings cannot be saved", "you", "The disk is full.")

    workspace.set_filters = refuse  # type: ignore[method-assign, assignment]
    said: list[str] = []
    pane.status_message.connect(said.append)
    keep(pane, "pay", "pay")
    await until(lambda: bool(said))
    assert "cannot be saved" in said[0]


async def test_what_is_being_completed_is_no_mistake_yet(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.record(an_exchange("POST", "/pay", 502))
    box = pane.toolbar.box
    box.setFocus()
    QTest.keyClicks(box, "method:")
    await until(box.popup.isVisible)
    pane.toolbar._emit_filter()
    assert not pane.toolbar.mistake.isVisible()
    QTest.keyClick(box, Key.Key_Escape)
    assert not box.popup.isVisible()
    await until(pane.toolbar.mistake.isVisible)

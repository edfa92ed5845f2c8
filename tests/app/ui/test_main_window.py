from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.domain.events import Notice
from app.domain.exchange import Exchange, ExchangeState
from app.domain.problems import Problem
from app.domain.services import LocalService
from app.domain.tunnel import TunnelState
from app.domain.upstream import Upstream
from app.ui.key_help import KeyHelp, key_entries
from app.ui.main_window import MainWindow
from app.ui.theme import is_dark
from app.ui.tunnel_editor import TunnelEditor
from tests.app.fake_workspace import FakeWorkspace
from tests.app.ui.conftest import Until

SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
LOST = Problem("lost", "The relay closed the connection", "relay", "Nothing is lost.")


def chosen(window: MainWindow) -> str | None:
    status = window.chosen()
    return None if status is None else status.spec.name


def nameless(root: QWidget) -> list[str]:
    """Widgets that take the focus but say nothing to a screen reader."""
    silent = []
    for widget in root.findChildren(QWidget):
        internal = widget.objectName().startswith("qt_") or widget.focusProxy() is not None
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisibleTo(root) or internal:
            continue
        text = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
        if not (widget.accessibleName() or text):
            silent.append(f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}")
    return silent


async def test_the_first_tunnel_is_shown_at_the_start(window: MainWindow) -> None:
    assert chosen(window) == "shop"
    assert window.page.header.url.url() == "http://127.0.0.1:4780/shop/"
    assert window.windowTitle().startswith("shop")


async def test_ctrl_number_picks_a_tunnel(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_2, CTRL)
    assert chosen(window) == "docs"
    QTest.keyClick(window, Qt.Key.Key_9, CTRL)
    assert chosen(window) == "docs"


async def test_ctrl_shift_c_copies_the_url(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_C, CTRL | SHIFT)
    assert QGuiApplication.clipboard().text() == "http://127.0.0.1:4780/shop/"
    assert window.page.header.copy.text() == "Copied ✓"


@pytest.mark.parametrize(
    ("action", "copied"),
    [
        ("tunnel.copy_host_url", "http://shop.localhost:4780/"),
        ("tunnel.copy_markdown", "[shop](http://127.0.0.1:4780/shop/)"),
    ],
)
async def test_the_menu_copies_other_forms(window: MainWindow, action: str, copied: str) -> None:
    window.actions_by_id[action].trigger()
    assert QGuiApplication.clipboard().text() == copied


async def test_ctrl_shift_d_changes_the_theme_and_remembers_it(
    window: MainWindow, workspace: FakeWorkspace, until: Until
) -> None:
    QTest.keyClick(window, Qt.Key.Key_D, CTRL | SHIFT)
    assert is_dark()
    await until(lambda: workspace.settings.theme == "dark")
    QTest.keyClick(window, Qt.Key.Key_D, CTRL | SHIFT)
    assert not is_dark()


async def test_f6_walks_through_the_panes_and_comes_round(
    window: MainWindow, workspace: FakeWorkspace, qapp: QApplication, until: Until
) -> None:
    workspace.finish(workspace.begin(Exchange("shop", "shop", "GET", "/", "http://localhost:3000", status=200)))
    await until(lambda: any(view.isVisible() for view in window.page.exchanges.findChildren(QAbstractItemView)))
    window.sidebar.list.setFocus()
    seen: list[QWidget | None] = []
    for _ in range(6):
        seen.append(qapp.focusWidget())
        QTest.keyClick(window, Qt.Key.Key_F6)
        if qapp.focusWidget() is window.sidebar.list:
            break
    assert window.page.header.url in seen
    assert any(pane is not None and window.page.exchanges.isAncestorOf(pane) for pane in seen)
    assert qapp.focusWidget() is window.sidebar.list


async def test_pause_and_start(window: MainWindow, workspace: FakeWorkspace, until: Until) -> None:
    QTest.keyClick(window, Qt.Key.Key_P, CTRL | SHIFT)
    await until(lambda: workspace.tunnels[0].state is TunnelState.STOPPED)
    assert window.page.header.url.shown_text() == "Paused"
    assert window.actions_by_id["tunnel.toggle"].text() == "Start tunnel"
    await until(window.page.header.toggle.isEnabled)
    window.page.header.toggle.click()
    await until(lambda: workspace.tunnels[0].state is TunnelState.ONLINE)
    assert window.page.header.url.url()


async def test_a_removed_tunnel_comes_back_by_undo(window: MainWindow, workspace: FakeWorkspace, until: Until) -> None:
    window.actions_by_id["tunnel.remove"].trigger()
    await until(lambda: ("stop_tunnel", "shop") in workspace.calls)
    assert chosen(window) == "docs"
    undo = next(button for button in window.toasts.findChildren(QAbstractButton) if button.text() == "Undo")
    undo.click()
    await until(lambda: chosen(window) == "shop")
    assert workspace.tunnels[0].state is TunnelState.ONLINE
    assert window.toasts.texts() == []


async def test_a_removed_tunnel_is_gone_when_the_toast_is(
    window: MainWindow, workspace: FakeWorkspace, until: Until
) -> None:
    window.actions_by_id["tunnel.remove"].trigger()
    close = next(
        button for button in window.toasts.findChildren(QAbstractButton) if button.accessibleName() == "Close message"
    )
    close.click()
    await until(lambda: ("remove_tunnel", "shop") in workspace.calls)


async def test_a_pending_removal_is_completed_at_the_end(window: MainWindow, workspace: FakeWorkspace) -> None:
    window.actions_by_id["tunnel.remove"].trigger()
    await window.finish()
    assert [status.spec.name for status in workspace.tunnels] == ["docs", "hooks"]


async def test_after_the_last_tunnel_the_first_screen_comes(window: MainWindow, until: Until) -> None:
    for _ in range(3):
        window.actions_by_id["tunnel.remove"].trigger()
    await until(window.first_screen.isVisible)
    assert window.chosen() is None
    assert not window.actions_by_id["tunnel.copy_url"].isEnabled()
    assert window.first_screen.back.isHidden()


async def test_one_enter_from_ctrl_n_to_a_copied_url(
    window: MainWindow, workspace: FakeWorkspace, until: Until
) -> None:
    workspace.services = [LocalService(Upstream("http", "localhost", 5000), "Flask", "Hello")]
    QTest.keyClick(window, Qt.Key.Key_N, CTRL)
    await until(window.first_screen.list.isVisible)
    QTest.keyClick(window.first_screen.list, Qt.Key.Key_Return)
    await until(lambda: (chosen(window) or "").startswith("hello-"))
    assert QGuiApplication.clipboard().text() == f"http://127.0.0.1:4780/{chosen(window)}/"
    assert "Its URL is on the clipboard" in window.toasts.texts()[0]
    assert window.sidebar.list.hasFocus()


async def test_escape_leaves_the_first_screen(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_N, CTRL)
    assert window.chosen() is None
    QTest.keyClick(window.first_screen.other, Qt.Key.Key_Escape)
    assert chosen(window) == "shop"


async def test_a_click_on_the_current_tunnel_leaves_the_first_screen_too(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_N, CTRL)
    view = window.sidebar.list
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(window.tunnels.index(0)).center())
    assert chosen(window) == "shop"


async def test_a_reconnecting_tunnel_has_a_banner_with_retry(
    window: MainWindow, workspace: FakeWorkspace, until: Until
) -> None:
    status = replace(workspace.tunnels[0], state=TunnelState.RECONNECTING, retry_at=4e9, problem=LOST)
    workspace.set_status(status)
    assert window.page.banner.isVisible()
    retry = next(button for button in window.page.banner.findChildren(QAbstractButton) if button.text() == "Retry now")
    retry.click()
    assert ("retry_now", "shop") in workspace.calls
    assert not window.page.banner.isVisible()


async def test_traffic_appears_in_the_header(window: MainWindow, workspace: FakeWorkspace, until: Until) -> None:
    exchange = Exchange("shop", "shop", "GET", "/", "http://localhost:3000", status=200, state=ExchangeState.RUNNING)
    workspace.finish(workspace.begin(exchange))
    facts = window.page.header._facts
    await until(lambda: "1 request" in facts.text())
    assert "median" in facts.text()


async def test_the_editor_opens_on_f2_and_saves(window: MainWindow, workspace: FakeWorkspace, until: Until) -> None:
    QTest.keyClick(window, Qt.Key.Key_F2)
    await until(lambda: window.findChildren(TunnelEditor))
    editor = window.findChildren(TunnelEditor)[0]
    editor.name.setText("renamed")
    editor.save.click()
    await until(lambda: workspace.tunnels[0].spec.name == "renamed")
    assert chosen(window) == "renamed"
    await until(lambda: not window.findChildren(TunnelEditor))


async def test_question_mark_lists_the_keys(window: MainWindow, until: Until) -> None:
    QTest.keyClick(window, Qt.Key.Key_Question)
    dialog = window.findChildren(KeyHelp)[0]
    await until(dialog.isVisible)
    texts = {part.text() for part in dialog.findChildren(QLabel)}
    assert {"Ctrl+N", "New tunnel", "Ctrl+1…9", "F6"} <= texts
    dialog.accept()
    await until(lambda: not window.findChildren(KeyHelp))


async def test_no_two_actions_share_a_key(window: MainWindow) -> None:
    keys = [keys for keys, _text in key_entries(window)]
    assert sorted(keys) == sorted(set(keys))


async def test_every_action_has_an_id_a_text_and_names_its_keys(window: MainWindow) -> None:
    for action in window.actions_by_id.values():
        assert action.objectName()
        assert action.text()
        if not action.shortcut().isEmpty():
            assert action.shortcut().toString() in action.toolTip()


async def test_a_notice_becomes_a_toast(window: MainWindow, workspace: FakeWorkspace) -> None:
    workspace.publish(Notice(Problem("corrupt", "A file was damaged", "Hatchway", "It was kept aside.")))
    assert window.toasts.texts() == ["A file was damaged · Hatchway\nIt was kept aside."]


async def test_closing_asks_for_the_end_and_destroys_nothing(workspace: FakeWorkspace, qtbot: QtBot) -> None:
    ended: list[None] = []
    made = MainWindow(workspace, lambda: ended.append(None))
    qtbot.addWidget(made)
    made.show()
    made.close()
    assert ended == [None]
    assert made.isHidden()
    await made.finish()


async def test_the_window_fits_on_a_small_screen(window: MainWindow) -> None:
    room = window.screen().availableSize()
    assert room.width() < 960, "this screen is no small one"
    assert (window.minimumWidth(), window.minimumHeight()) == (room.width(), min(600, room.height()))


async def test_size_and_splitter_are_remembered(workspace: FakeWorkspace, qtbot: QtBot) -> None:
    first = MainWindow(workspace, lambda: None)
    qtbot.addWidget(first)
    first.show()
    first.resize(800, 666)  # Qt restores no window that is wider than the (offscreen) screen
    first._splitter.setSizes([300, 500])
    await first.finish()
    second = MainWindow(workspace, lambda: None)
    qtbot.addWidget(second)
    second.show()
    assert (second.width(), second.height()) == (800, 666)
    assert second._splitter.sizes()[0] == pytest.approx(300, abs=2)
    await second.finish()


async def test_everything_that_takes_the_focus_has_a_name(window: MainWindow, until: Until) -> None:
    assert nameless(window) == []
    QTest.keyClick(window, Qt.Key.Key_N, CTRL)
    assert nameless(window) == []
    QTest.keyClick(window, Qt.Key.Key_1, CTRL)
    QTest.keyClick(window, Qt.Key.Key_F2)
    await until(lambda: window.findChildren(TunnelEditor))
    assert nameless(window.findChildren(TunnelEditor)[0]) == []
    window.findChildren(TunnelEditor)[0].reject()


async def test_tab_reaches_every_control_of_the_header(window: MainWindow, qapp: QApplication) -> None:
    window.sidebar.list.setFocus()
    reached: set[QWidget | None] = set()
    for _ in range(40):
        QTest.keyClick(qapp.focusWidget() or window, Qt.Key.Key_Tab)
        reached.add(qapp.focusWidget())
    header = window.page.header
    assert {header.url, header.copy, header.toggle} <= reached


async def test_the_window_follows_nobody_after_its_end(window: MainWindow, workspace: FakeWorkspace) -> None:
    during = workspace.listener_count
    await window.finish()
    assert workspace.listener_count < during


def test_actions_of_other_parts_are_in_the_key_list_too(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    action = QAction("&Replay", owner)
    action.setShortcut("R")
    assert key_entries(owner) == [("R", "Replay")]


async def test_the_test_request_of_an_empty_list_shows_up(
    window: MainWindow, workspace: FakeWorkspace, until: Until
) -> None:
    window.page.exchanges.test_request_wanted.emit("shop")
    await until(lambda: ("visit", "shop") in workspace.calls)
    await until(lambda: not window.page.exchanges.is_empty())

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from shiboken6 import isValid

from app.domain.problems import fail
from app.domain.replay import ReplayTarget
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

Key = Qt.Key


def press(pane: ExchangesPane, key: Qt.Key) -> None:
    """A key in the list."""
    pane.table.setFocus()
    QTest.keyClick(pane.table, key)


def paths(pane: ExchangesPane) -> list[str]:
    model = pane.table.model()
    return [model.index(row, 3).data() for row in range(model.rowCount())]


def shown_texts(pane: QWidget) -> str:
    labels = [child for child in pane.findChildren(QWidget) if child.isVisible() and hasattr(child, "text")]
    return "\n".join(child.text() if callable(child.text) else "" for child in labels)


async def test_history_is_shown_newest_first_and_fetched_in_pages(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.record(*(an_exchange(target=f"/{n}", started_ns=n * 10**9) for n in range(450)))
    pane.show_tunnel("shop")
    await until(lambda: len(paths(pane)) == 200)
    assert paths(pane)[:2] == ["/449", "/448"]
    pane.table.scrollToBottom()
    await until(lambda: len(paths(pane)) == 400)
    pane.table.scrollToBottom()
    await until(lambda: len(paths(pane)) == 450)
    assert paths(pane)[-1] == "/0"


async def test_requests_are_visible_while_in_flight(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    exchange = workspace.begin(an_exchange("POST", "/pay", None))
    await until(lambda: paths(pane) == ["/pay"])
    assert pane.table.model().index(0, 0).data() == "…"
    workspace.respond(exchange, 502)
    workspace.finish(exchange)
    await until(lambda: pane.table.model().index(0, 0).data() == "502")


async def test_only_the_shown_tunnel(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    pane.show_tunnel("docs")
    workspace.begin(an_exchange(target="/shop", tunnel="shop"))
    workspace.begin(an_exchange(target="/docs", tunnel="docs"))
    await until(lambda: paths(pane) == ["/docs"])
    pane.show_tunnel("shop")
    assert "/shop" in paths(pane)


async def test_arriving_rows_do_not_move_the_selection_or_what_is_read(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    for n in range(100):
        workspace.begin(an_exchange(target=f"/{n}", started_ns=n + 1))
    await until(lambda: len(paths(pane)) == 100)
    press(pane, Key.Key_J)
    press(pane, Key.Key_J)
    selected = pane.table.current_id()
    assert not pane.table.following
    top = pane.table.visualRect(pane.table.currentIndex()).top()
    for n in range(100, 112):
        workspace.begin(an_exchange(target=f"/{n}", started_ns=n + 1))
    await until(lambda: len(paths(pane)) == 112)
    assert pane.table.current_id() == selected
    assert pane.table.visualRect(pane.table.currentIndex()).top() == top
    pill = pane.table.horizontalHeader().findChild(QPushButton)
    assert isinstance(pill, QPushButton)
    assert pill.isVisible()
    assert pill.text() == "12 new ↑"
    pill.click()
    assert pane.table.following
    assert pane.table.verticalScrollBar().value() == 0
    assert not pill.isVisible()
    assert pane.table.current_id() == selected


async def test_the_newest_is_followed_until_the_user_scrolls(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    for n in range(100):
        workspace.begin(an_exchange(started_ns=n + 1))
    await until(lambda: len(paths(pane)) == 100)
    assert pane.table.following
    assert pane.table.verticalScrollBar().value() == 0
    pane.table.verticalScrollBar().setValue(500)
    workspace.begin(an_exchange(started_ns=1000))
    await until(lambda: len(paths(pane)) == 101)
    assert pane.table.verticalScrollBar().value() == 500 + pane.table.verticalHeader().defaultSectionSize()
    pane.table.verticalScrollBar().setValue(0)
    assert pane.table.following


async def test_the_filter_and_its_empty_state(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    workspace.begin(an_exchange("POST", "/pay", 502, started_ns=2))
    workspace.begin(an_exchange("GET", "/", 200, started_ns=1))
    await until(lambda: len(paths(pane)) == 2)
    press(pane, Key.Key_Slash)
    assert pane.toolbar.box.hasFocus()
    QTest.keyClicks(pane.toolbar.box, "post")
    await until(lambda: paths(pane) == ["/pay"])
    QTest.keyClicks(pane.toolbar.box, "zzz")
    await until(lambda: "Nothing matches “postzzz”." in shown_texts(pane))
    assert not pane.is_empty()
    clear = next(button for button in pane.findChildren(QPushButton) if button.text() == "Clear")
    clear.click()
    assert len(paths(pane)) == 2
    assert pane.toolbar.box.text() == ""


async def test_quick_buttons(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    workspace.begin(an_exchange("POST", "/pay", 502, started_ns=2))
    workspace.begin(an_exchange("GET", "/", 200, started_ns=1))
    await until(lambda: len(paths(pane)) == 2)
    next(b for b in pane.toolbar.findChildren(QWidget) if getattr(b, "text", str)() == "Errors").click()  # type: ignore[attr-defined]
    await until(lambda: paths(pane) == ["/pay"])


async def test_replay_selects_the_new_exchange_when_it_appears(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    original = workspace.begin(an_exchange("POST", "/pay", 502))
    await until(lambda: len(paths(pane)) == 1)
    press(pane, Key.Key_J)
    workspace.replay_seconds = 0.02
    press(pane, Key.Key_R)
    press(pane, Key.Key_R)
    await until(lambda: len(paths(pane)) == 2)
    await until(lambda: pane.table.model().index(0, 0).data() == "200")
    assert workspace.sent == [None]
    assert pane.table.currentIndex().row() == 0
    await until(lambda: "↻ Replay of" in shown_texts(pane.detail_panel))
    link = next(button for button in pane.detail_panel.findChildren(QPushButton) if "Replay of" in button.text())
    link.click()
    assert pane.table.current_id() == original.id
    await until(lambda: "↻ Replayed:" in shown_texts(pane.detail_panel))


async def test_a_replay_elsewhere_does_not_take_the_selection(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    original = workspace.begin(an_exchange())
    await until(lambda: len(paths(pane)) == 1)
    press(pane, Key.Key_J)
    await workspace.replay(original.id)
    await until(lambda: len(paths(pane)) == 2)
    assert pane.table.current_id() == original.id


async def test_a_replay_that_the_filter_hides_is_still_shown(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.begin(an_exchange("POST", "/pay", 502))
    await until(lambda: len(paths(pane)) == 1)
    pane.toolbar.box.setText("502")
    await until(lambda: pane._pages.filter.active and not pane._pages.searching)
    press(pane, Key.Key_J)
    said: list[str] = []
    pane.status_message.connect(said.append)
    press(pane, Key.Key_R)
    await until(lambda: "replayed from here" in shown_texts(pane.detail_panel))
    assert "The filter hides this request in the list." in said


async def test_a_replay_that_cannot_be_sent_is_explained(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.begin(an_exchange())
    await until(lambda: len(paths(pane)) == 1)
    press(pane, Key.Key_J)
    workspace.replay_error = fail("no_tunnel", "The tunnel is gone", "you", "Add it again.")
    press(pane, Key.Key_R)
    await until(lambda: "Add it again." in shown_texts(pane.detail_panel))


async def test_copy_as_curl(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    workspace.begin(an_exchange("POST", "/pay", body=b'{"a":1}', request_headers=(("Authorization", "secret"),)))
    await until(lambda: len(paths(pane)) == 1)
    press(pane, Key.Key_J)
    QGuiApplication.clipboard().clear()
    press(pane, Key.Key_C)
    await until(lambda: "curl" in QGuiApplication.clipboard().text())
    assert "secret" not in QGuiApplication.clipboard().text()
    assert "'{\"a\":1}'" in QGuiApplication.clipboard().text()


async def test_letters_act_only_in_the_list(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    workspace.begin(an_exchange())
    await until(lambda: len(paths(pane)) == 1)
    press(pane, Key.Key_J)
    pane.focus_filter()
    QTest.keyClicks(pane.toolbar.box, "rec")
    assert pane.toolbar.box.text() == "rec"
    assert workspace.sent == []
    QTest.keyClick(pane.toolbar.box, Key.Key_Escape)
    assert pane.toolbar.box.text() == ""
    QTest.keyClick(pane.toolbar.box, Key.Key_Escape)
    assert pane.table.hasFocus()


async def test_tabs_and_the_way_back(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    workspace.begin(an_exchange())
    await until(lambda: len(paths(pane)) == 1)
    press(pane, Key.Key_J)
    tabs = pane.detail_panel.tabs
    press(pane, Key.Key_BracketRight)
    assert tabs.tabText(tabs.currentIndex()) == "Request"
    press(pane, Key.Key_BracketLeft)
    press(pane, Key.Key_BracketLeft)
    assert tabs.tabText(tabs.currentIndex()) == "Raw"
    press(pane, Key.Key_Return)
    assert tabs.tabBar().hasFocus()
    QTest.keyClick(tabs.tabBar(), Key.Key_Escape)
    assert pane.table.hasFocus()


async def test_the_first_empty_state_offers_a_test_request(pane: ExchangesPane) -> None:
    assert pane.is_empty()
    pane.show_tunnel("shop")
    assert "No requests yet." in shown_texts(pane)
    wanted: list[str] = []
    pane.test_request_wanted.connect(wanted.append)
    next(button for button in pane.findChildren(QPushButton) if button.text() == "Send a test request").click()
    assert wanted == ["shop"]


async def test_a_history_that_cannot_be_read_is_said(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.history_error = fail("history_damaged", "The history cannot be read", "Hatchway")
    said: list[str] = []
    pane.status_message.connect(said.append)
    pane.show_tunnel("docs")
    await until(lambda: said == ["The history cannot be read (Hatchway)."])


async def test_the_detail_goes_beneath_the_list_in_a_narrow_window(pane: ExchangesPane, qapp: QApplication) -> None:
    def beside() -> bool:
        return pane.detail_panel.mapTo(pane, pane.detail_panel.rect().topLeft()).x() > 100

    assert beside()
    assert abs(pane.detail_panel.width() / pane.width() - 0.44) < 0.02
    pane.resize(1099, 800)
    qapp.processEvents()
    assert not beside()
    pane.resize(1100, 800)
    qapp.processEvents()
    assert beside()


async def test_every_focusable_widget_has_a_name(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    workspace.begin(an_exchange("POST", "/pay", body=b"x", answer=b"{}"))
    await until(lambda: len(paths(pane)) == 1)
    press(pane, Key.Key_J)
    for widget in pane.findChildren(QWidget):
        if widget.window() is not pane or widget.isHidden():
            continue  # the popup of a combo box; a button without a purpose
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.objectName().startswith("qt_"):
            text = widget.property("text") or widget.accessibleName()
            assert text, f"{type(widget).__name__} in {type(widget.parent()).__name__} has no name"


@pytest.mark.parametrize("state", ["empty", "selected"])
async def test_the_pane_stops_listening_when_it_is_deleted(
    workspace: FakeWorkspace, qapp: QApplication, state: str
) -> None:
    pane = ExchangesPane(workspace)
    assert workspace.listener_count == 1
    if state == "selected":
        pane.show()
        pane.show_tunnel(None)
        workspace.begin(an_exchange(status=None))
    pane.close()
    pane.deleteLater()
    QApplication.sendPostedEvents(pane, 52)
    assert not isValid(pane)
    assert workspace.listener_count == 0
    workspace.begin(an_exchange())


async def test_a_running_answer_grows_in_the_detail(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    exchange = workspace.respond(
        workspace.begin(an_exchange("GET", "/events", None)), 200, ("Content-Type", "text/event-stream")
    )
    await until(lambda: paths(pane) == ["/events"])
    pane.select(exchange.id)
    panel = pane.detail_panel
    panel.tabs.setCurrentWidget(panel.response)
    exchange.response_body.append(b"data: first\n\n")
    await until(lambda: "data: first" in panel.response.body.code.toPlainText())
    exchange.response_body.append(b"data: second\n\n")
    await until(lambda: "data: second" in panel.response.body.code.toPlainText())
    assert "27 B" in shown_texts(panel.header)


async def test_leaks_can_be_filtered(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    leaked = an_exchange(target="/leaked", started_ns=1)
    leaked.leak = "/cart"
    for exchange in (leaked, an_exchange(target="/ordinary", started_ns=2)):
        workspace.finish(workspace.begin(exchange))
    await until(lambda: len(paths(pane)) == 2)
    pane.toolbar.box.setText("has:leak")
    await until(lambda: paths(pane) == ["/leaked"])
    accessible = pane.table.model().index(0, 3).data(Qt.ItemDataRole.AccessibleTextRole)
    assert accessible.endswith("came without the prefix")


async def test_a_mistake_is_explained_and_the_last_filter_stays(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.begin(an_exchange("POST", "/pay", 502, started_ns=2))
    workspace.begin(an_exchange("GET", "/", 200, started_ns=1))
    pane.toolbar.box.setText("status:5xx")
    await until(lambda: paths(pane) == ["/pay"])
    pane.toolbar.box.setText("status:5xx staus:2")
    await until(lambda: pane.toolbar.mistake.isVisible())
    assert "do you mean status" in pane.toolbar.mistake.text()
    assert paths(pane) == ["/pay"]
    pane.toolbar.box.setText("status:2xx")
    await until(lambda: paths(pane) == ["/"])
    assert not pane.toolbar.mistake.isVisible()


async def test_a_filter_finds_what_was_recorded_before(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    for second in range(1, 600):
        workspace.record(an_exchange(target=f"/{second}", answer=b"needle" if second < 3 else b"", started_ns=second))
    pane.toolbar.box.setText("body:needle")
    await until(lambda: paths(pane) == ["/2", "/1"])
    workspace.finish(an_exchange(target="/new", answer=b"a needle", started_ns=700))
    workspace.finish(an_exchange(target="/other", answer=b"nothing", started_ns=701))
    await until(lambda: paths(pane) == ["/new", "/2", "/1"])
    pane.toolbar.clear()
    await until(lambda: len(paths(pane)) >= 200)


async def test_the_answer_to_a_filter_that_was_typed_over_is_not_shown(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.record(an_exchange(target="/one", started_ns=1), an_exchange(target="/two", started_ns=2))
    pane.show_tunnel(None)
    await until(lambda: len(paths(pane)) == 2)
    workspace.archive.gate = asyncio.Event()
    pane.toolbar.box.setText("one")
    await until(lambda: pane._pages.searching)
    assert len(paths(pane)) == 2, "nothing flickers"
    pane.toolbar.box.setText("two")
    await until(lambda: pane._pages.filter.text == "two")
    workspace.archive.gate.set()
    await until(lambda: paths(pane) == ["/two"])


async def test_requests_are_deleted_and_brought_back(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    for second in range(1, 4):
        workspace.finish(an_exchange(target=f"/{second}", started_ns=second))
    await until(lambda: len(paths(pane)) == 3)
    deleted: list[int] = []
    pane.deleted.connect(deleted.append)
    press(pane, Key.Key_Delete)
    await until(lambda: paths(pane) == ["/2", "/1"])
    assert pane.table.current_id() == f"{2:012}", "the next one is selected"
    pane.table.selectAll()
    press(pane, Key.Key_Delete)
    await until(lambda: paths(pane) == [])
    assert deleted == [1, 2]
    pane.undo_delete()
    await until(lambda: paths(pane) == ["/2", "/1"])
    pane.undo_delete()
    await until(lambda: paths(pane) == ["/3", "/2", "/1"])


async def test_pins_are_set_for_all_selected_and_spared_by_clearing(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    for second in range(1, 4):
        workspace.finish(an_exchange(target=f"/{second}", started_ns=second))
    await until(lambda: len(paths(pane)) == 3)
    press(pane, Key.Key_P)
    await until(lambda: pane._model.at(0).exchange.pinned)
    QTest.keyClick(pane.table, Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: paths(pane) == ["/3"])
    QTest.keyClick(pane.table, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: len(paths(pane)) == 3)


async def test_a_note_is_written_below_the_header(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    workspace.finish(an_exchange(started_ns=1))
    await until(lambda: len(paths(pane)) == 1)
    press(pane, Key.Key_J)
    press(pane, Key.Key_N)
    line = pane.detail_panel.note.line
    await until(line.hasFocus)
    QTest.keyClicks(line, "  odd timing ")
    QTest.keyClick(line, Key.Key_Return)
    await until(lambda: workspace.archive.exchanges[f"{1:012}"].note == "odd timing")
    assert pane.table.hasFocus()
    assert pane._model.at(0).exchange.note == "odd timing"


async def test_completion_offers_fields_and_values_with_counts(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.finish(an_exchange("POST", started_ns=1))
    pane.show()
    box = pane.toolbar.box
    box.setFocus()
    QTest.keyClicks(box, "meth")
    await until(lambda: box.popup.isVisible())
    QTest.keyClick(box, Key.Key_Tab)
    assert box.text() == "method:"
    await until(lambda: box.popup.isVisible() and "POST" in box.popup.item(0).text())
    assert "1" in box.popup.item(0).text()
    QTest.keyClick(box, Key.Key_Down)
    QTest.keyClick(box, Key.Key_Return)
    assert box.text() == "method:POST "
    QTest.keyClick(box, Key.Key_Down)
    assert pane.table.hasFocus() or not box.popup.isVisible()


async def test_a_curl_command_is_pasted_into_the_editor(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    workspace.finish(an_exchange(started_ns=1))
    await until(lambda: len(paths(pane)) == 1)
    said: list[str] = []
    pane.status_message.connect(said.append)
    QGuiApplication.clipboard().setText("curl -X PUT http://localhost:3000/items -d a=1 -o x")
    pane.table.setFocus()
    QTest.keyClick(pane.table, Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: pane.detail_panel.editing)
    editor = pane.detail_panel.editor
    assert (editor.form.method.currentText(), editor.form.target.text()) == ("PUT", "/items")
    assert editor.form.body.text == "a=1"
    assert "--output x" in said[-1]
    assert editor.where.target == ReplayTarget(url="http://localhost:3000"), "nothing else says where it goes"
    QGuiApplication.clipboard().setText("no command")
    pane._paste.paste()
    assert "does not begin with curl" in said[-1]


async def test_requests_are_saved_without_secrets_and_read_again(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, tmp_path: Path
) -> None:
    workspace.finish(an_exchange("POST", "/login", body=b"password=hunter2hunter2", content_type="", started_ns=1))
    await until(lambda: len(paths(pane)) == 1)
    said: list[str] = []
    pane.status_message.connect(said.append)
    file = tmp_path / "out.har"
    await pane._files.write(file, None, pane._pages.filter)
    assert "hunter2" not in file.read_text()
    await pane._files.read(file)
    assert said == ["1 request written to out.har, without secrets.", "1 request imported; is:imported shows them."]
    pane.show_tunnel(None)
    await until(lambda: len(paths(pane)) == 2)
    await pane._files._told(pane._files.read(tmp_path / "none.har"))
    assert "cannot be read" in said[-1]

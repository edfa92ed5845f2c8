from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.domain.exchange import Body, Rewriting
from app.domain.problems import Problem
from app.ui.exchanges.detail.flow_text import FlowText
from app.ui.exchanges.detail.headers_view import HeadersView
from app.ui.exchanges.pane import ExchangesPane
from app.ui.theme import apply_theme
from app.viewmodels.draft_shelf import DraftShelf
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until


def texts(pane: ExchangesPane) -> str:
    labels = [*pane.detail_panel.findChildren(QLabel), *pane.detail_panel.findChildren(FlowText)]
    return "\n".join(label.text() for label in labels if label.isVisible())


async def test_a_problem_is_explained_in_words(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = workspace.begin(an_exchange(status=None))
    problem = Problem("upstream_refused", "Port 3000 refuses connections", "your service", "Start your service.")
    workspace.finish(exchange, problem)
    await until(lambda: pane.table.select(exchange.id))
    for words in ("Port 3000 refuses connections", "Whose side: your service", "Start your service."):
        assert words in texts(pane)
    pane.detail_panel.tabs.setCurrentWidget(pane.detail_panel.response)
    await until(lambda: "There was no answer: see Overview." in texts(pane))


async def test_a_running_exchange_is_live(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = workspace.begin(an_exchange(status=None))
    await until(lambda: pane.table.select(exchange.id))
    pane.detail_panel.tabs.setCurrentWidget(pane.detail_panel.response)
    await until(lambda: "Waiting for the answer of your service…" in texts(pane))
    workspace.respond(exchange, 200, ("Content-Type", "application/json"))
    exchange.response_body.append(b'{"a":1}')
    workspace.finish(exchange)
    code = pane.detail_panel.response.body.code
    await until(lambda: code.toPlainText() == '{\n  "a": 1\n}')


async def test_a_click_on_a_header_value_copies_it(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = workspace.begin(an_exchange(request_headers=(("Accept", "*/*"), ("accept", "text/html"))))
    await until(lambda: pane.table.select(exchange.id))
    pane.detail_panel.tabs.setCurrentWidget(pane.detail_panel.request)
    view = pane.detail_panel.request.findChild(HeadersView)
    assert isinstance(view, HeadersView)
    said: list[str] = []
    pane.status_message.connect(said.append)
    place = view.visualRect(view.model().index(1, 1)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert QGuiApplication.clipboard().text() == "text/html"
    assert said == ["accept copied."]


async def test_a_cut_capture_is_said(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = an_exchange(answer=b"")
    exchange.response_body = Body(b'{"a":', size=2_000_000)
    workspace.begin(exchange)
    await until(lambda: pane.table.select(exchange.id))
    pane.detail_panel.tabs.setCurrentWidget(pane.detail_panel.response)
    await until(lambda: "Only the first 5 B of 2.0 MB were captured" in texts(pane))


async def test_messages_of_websockets_are_not_called_a_cut_capture(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    exchange = an_exchange(status=101)
    exchange.kind = "websocket"
    exchange.response_body = Body(size=22)
    workspace.begin(exchange)
    await until(lambda: pane.table.select(exchange.id))
    pane.detail_panel.tabs.setCurrentWidget(pane.detail_panel.response)
    await until(lambda: "22 B in messages: see Frames." in texts(pane))
    assert "captured" not in texts(pane)


async def test_timing_and_raw(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = workspace.begin(an_exchange("POST", "/pay", body=b"a=1", answer=b"{}"))
    await until(lambda: pane.table.select(exchange.id))
    pane.detail_panel.tabs.setCurrentWidget(pane.detail_panel.timing)
    assert "Total 31 ms" in texts(pane)
    pane.detail_panel.tabs.setCurrentWidget(pane.detail_panel.raw)
    await until(lambda: pane.detail_panel.raw.toPlainText().startswith("POST /pay HTTP/1.1\n"))


async def test_a_draft_survives_looking_elsewhere(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    first, second = workspace.begin(an_exchange("POST", "/1")), workspace.begin(an_exchange("POST", "/2"))
    await until(lambda: pane.table.select(first.id))
    pane.detail_panel.edit()
    await until(lambda: pane.detail_panel.editing)
    QTest.keyClick(pane.detail_panel.editor.form.target, Qt.Key.Key_End)
    QTest.keyClicks(pane.detail_panel.editor.form.target, "?x")
    pane.table.select(second.id)
    assert not pane.detail_panel.editing
    pane.table.select(first.id)
    pane.detail_panel.edit()
    await until(lambda: pane.detail_panel.editing)
    assert pane.detail_panel.editor.form.target.text() == "/1?x"


async def test_only_the_latest_edited_drafts_are_kept(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    panel = pane.detail_panel
    panel.drafts = DraftShelf(2)
    exchanges = [workspace.begin(an_exchange("POST", f"/{number}")) for number in range(4)]

    async def edit(number: int, keys: str) -> None:
        await until(lambda: pane.table.select(exchanges[number].id))
        panel.edit()
        await until(lambda: panel.editing)
        QTest.keyClick(panel.editor.form.target, Qt.Key.Key_End)
        QTest.keyClicks(panel.editor.form.target, keys)
        QTest.keyClick(panel.editor, Qt.Key.Key_Escape)

    for number in range(3):
        await edit(number, "?x")
    await edit(3, "")
    assert panel.drafts.ids == [exchanges[1].id, exchanges[2].id]
    await edit(1, "")
    assert panel.editor.form.target.text() == "/1?x"
    assert panel.drafts.ids == [exchanges[2].id, exchanges[1].id]
    await edit(0, "")
    assert panel.editor.form.target.text() == "/0"


async def test_a_recording_that_is_gone_is_said(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = workspace.begin(an_exchange())
    await until(lambda: pane.table.model().rowCount())
    workspace.forget(exchange)
    said: list[str] = []
    pane.status_message.connect(said.append)
    pane.table.select(exchange.id)
    await until(lambda: said and said[0].startswith("The recording of this request is gone"))


async def test_the_theme_can_change_while_it_is_shown(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, qapp: QApplication
) -> None:
    exchange = workspace.begin(an_exchange(answer=b"{}"))
    await until(lambda: pane.table.select(exchange.id))
    before = pane.table.grab().toImage().pixelColor(400, 400)
    apply_theme(qapp, "dark")
    qapp.processEvents()
    after = pane.table.grab().toImage().pixelColor(400, 400)
    assert before.lightness() > 200
    assert after.lightness() < 60


REWRITING = Rewriting("html", ("L0", "L1"), {"url": 12, "runtime": 1}, ("charset",))


async def test_what_rewriting_did_appears_in_what_is_being_read(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    exchange = workspace.finish(workspace.begin(an_exchange(answer=b"<p>")))
    await until(lambda: pane.table.select(exchange.id))
    await until(lambda: "Received" in texts(pane))
    assert "Rewriting" not in texts(pane)
    workspace.rewrite(exchange, REWRITING)
    await until(lambda: "12\u00a0links, runtime inserted" in texts(pane))
    for words in (
        "Rewriting",
        "rewritten as an HTML page",
        "L1\u00a0markup",
        "The character set of the answer",
        "UTF-8",
    ):
        assert words in texts(pane)


async def test_what_rewriting_did_goes_with_its_exchange(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    rewritten, plain = (workspace.finish(workspace.begin(an_exchange(target=path))) for path in ("/a", "/b"))
    workspace.rewrite(rewritten, REWRITING)  # before the list has even shown it
    await until(lambda: pane.table.select(plain.id))
    await until(lambda: "/b" in texts(pane))
    assert "Rewriting" not in texts(pane)
    assert "character set" not in texts(pane)
    pane.table.select(rewritten.id)
    await until(lambda: "rewritten as an HTML page" in texts(pane))
    pane.table.select(plain.id)
    await until(lambda: "rewritten as an HTML page" not in texts(pane))
    assert "character set" not in texts(pane)


async def test_a_leak_is_explained_above_the_facts(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = an_exchange(target="/api/cart")
    exchange.leak = "/cart"
    workspace.finish(workspace.begin(exchange))
    await until(lambda: pane.table.select(exchange.id))
    await until(lambda: "Came without the prefix; asked by /cart" in texts(pane))
    shown = [label for label in pane.detail_panel.overview.findChildren(QLabel) if label.isVisible()]
    shown.sort(key=lambda label: label.mapTo(pane, label.rect().topLeft()).y())
    assert shown[0].text() == "Came without the prefix; asked by /cart"
    assert "Rewriting" not in texts(pane)
